"""The picture of a scene as its user holds it: shown by a notebook, printed by a terminal, saved to a file."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable, Container
from functools import cached_property
from html import escape
from pathlib import Path

from ..files import save_by_suffix
from .layout import PAGE, PANE
from .looks import themed
from .network import Network
from .network import text as network_text
from .scene import Row, Scene
from .typeset import plain
from .web import bundle, fitted, head, paper

_STYLE = """
:root {{ color-scheme: light dark }}
body {{ margin: 0; padding: 1.5rem; background: #FFFFFF }}
svg {{ display: block; {style}; margin: 0 auto }}
@page {{ size: {paper}; margin: 1cm }}
@media print {{ body {{ padding: 0 }} svg {{ min-width: 0 !important; max-height: 95vh }} }}
@media (prefers-color-scheme: dark){{
body {{ background: #14171B }}
}}
"""


class Picture:
    """A scene that can be looked at. What it takes is computed when first asked for, and kept."""

    def __init__(self, scene: Scene | Network) -> None:
        self.scene = scene

    def svg(self, theme: str = "auto") -> str:
        """The picture as a self-contained SVG document. RuntimeError where no Graphviz works.

        `theme`, here and below, is "light" or "dark"; "auto" follows what the reader's system prefers.
        """
        return themed(self._svg, theme)

    def dot(self) -> str:
        """The graph as DOT source, for a Graphviz of your own."""
        return self._dot

    def text(self) -> str:
        """What the picture says, line by line: each box's heading, below it, indented, what it holds."""
        return self._text

    def html(self, theme: str = "auto") -> str:
        """A page with the picture in it, that needs nothing else: no script, no network."""
        start = head(self.scene.title, _STYLE.format(style=fitted(self._svg), paper=paper(self._svg)))
        return themed(f"{start}\n<body>\n<main>\n{self._svg}</main>\n</body>\n</html>\n", theme)

    def png(self, scale: float = 2.0, theme: str = "auto") -> bytes:
        """The picture as PNG, `scale` pixels for each of the SVG's; "auto" is light, as a PNG has no choice.

        RuntimeError where CairoSVG, of the extra `export`, is missing; ValueError for a scale that is not above 0.
        """
        if not 0 < scale < float("inf"):
            raise ValueError(f"scale= is a number above 0, not {scale!r}")
        from .export import png

        return png(self.svg(theme), scale)

    def pdf(self, theme: str = "auto") -> bytes:
        """The picture as PDF, a page of its size, all in outlines; "auto" is light.

        RuntimeError where CairoSVG, of the extra `export`, is missing.
        """
        from .export import pdf

        return pdf(self.svg(theme))

    def save(self, path: str | os.PathLike[str], *, theme: str = "auto") -> Path:
        """Write the picture to `path`, by its suffix as SVG, DOT, HTML, PNG, PDF or text, whole or not at all.

        `theme` is "light", "dark" or "auto": as the reader's system prefers, where the format leaves him the choice,
        else light. Returns the path. ValueError for another suffix or theme; for a folder that isn't there or may not
        be written, the system's own error; for PNG and PDF, those of `png` and `pdf`.
        """
        themed("", theme)  # refuses an unknown one also where the format has no colours
        writers: dict[str, Callable[[], str | bytes]] = {
            ".svg": lambda: self.svg(theme),
            ".dot": self.dot,
            ".html": lambda: self.html(theme),
            ".png": lambda: self.png(theme=theme),
            ".pdf": lambda: self.pdf(theme),
            ".txt": self.text,
        }
        return save_by_suffix(path, "a picture", writers)

    def __repr__(self) -> str:
        if isinstance(self.scene, Network):
            return f"<Picture: {self.scene.title}>"
        boxes, arrows = len(self.scene.boxes), sum(not arrow.backward for arrow in self.scene.arrows)
        return f"<Picture: {boxes} {'box' if boxes == 1 else 'boxes'}, {arrows} {'arrow' if arrows == 1 else 'arrows'}>"

    def __str__(self) -> str:
        return self.text()

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """For notebooks: an image, which untrusted notebooks and viewers without scripts keep; and the text."""
        return bundle(self.text, lambda: self._image, include, exclude)

    @cached_property
    def _svg(self) -> str:
        return self._laid_out(PAGE)

    def _laid_out(self, page: tuple[float, float]) -> str:
        if isinstance(self.scene, Network):
            from .network_svg import network_svg

            return network_svg(self.scene)
        from .svg import svg

        return svg(self.scene, page)

    @cached_property
    def _dot(self) -> str:
        from .dot import dot, network_dot

        return network_dot(self.scene) if isinstance(self.scene, Network) else dot(self.scene)

    @cached_property
    def _text(self) -> str:
        if isinstance(self.scene, Network):
            return "\n".join(map(plain, network_text(self.scene).split("\n")))
        lines = []
        for box in self.scene.boxes:
            lines += _lines(Row("", "", box.title), "")
            for row in box.rows:
                lines += _lines(row, "    ")
        return "\n".join(lines)

    @cached_property
    def _image(self) -> str:
        svg = self._laid_out(PANE)
        data = b64encode(svg.encode("utf-8")).decode("ascii")
        said = ". ".join(part for part in (self.scene.title, self.scene.description) if part)
        image = f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(plain(said))}" style="{fitted(svg)}">'
        return f'<div style="overflow-x: auto">{image}</div>'


def _lines(row: Row, indent: str) -> list[str]:
    """A row's text, its further lines below the beginning of the first."""
    caption = plain(row.caption).replace("\n", " ")
    start = indent + (f"{caption}: " if caption else "")
    first, *further = plain(row.text or row.latex).split("\n")
    return [start + first, *(" " * len(start) + line for line in further)]
