"""A picture as PNG and PDF, by CairoSVG, which the extra `export` installs; it needs the system's Cairo library."""

from __future__ import annotations

import re
from typing import Any

MOST_PIXELS = 100e6
"""A PNG is made smaller than asked for rather than larger than that."""


def png(svg: str, scale: float) -> bytes:
    """The SVG document as PNG, `scale` pixels to each of its own; of a choice of colours the light ones."""
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    if found:
        scale = min(scale, (MOST_PIXELS / (float(found[1]) * float(found[2]) or 1.0)) ** 0.5)
    return _cairosvg().svg2png(bytestring=svg.encode(), scale=scale)


def pdf(svg: str) -> bytes:
    """The SVG document as PDF, one page of its size; the same bytes whenever it is made."""
    made: bytes = _cairosvg().svg2pdf(bytestring=svg.encode())
    return re.sub(rb"(/CreationDate \(D:)\d{14}", rb"\g<1>20000101000000", made)


def _cairosvg() -> Any:
    try:
        import cairosvg
    except (ImportError, OSError) as problem:  # OSError: it is there, but finds no Cairo
        raise RuntimeError(
            "PNG and PDF are made by CairoSVG: pip install 'glassgrad[export]', and, where it is missing, the Cairo "
            f"library (Debian: apt install libcairo2; macOS: brew install cairo). SVG needs neither ({problem})"
        ) from problem
    return cairosvg
