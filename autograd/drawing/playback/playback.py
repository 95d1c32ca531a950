"""A playback as its user holds it: shown by a notebook, printed by a terminal, saved as a page, an animation, a GIF."""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from functools import cached_property
from pathlib import Path

from ...derivation.records import Derived
from ...files import save_by_suffix
from ..fold import View
from ..looks import themed
from ..typeset import plain
from ..web import bundle
from .plan import MOST, Plan


class Playback:
    """Backpropagation step by step, made by `ag.play`. What it takes is computed when first asked for, and kept."""

    def __init__(self, derived: Derived, seen: View | None = None) -> None:
        """`seen`: what of it is folded. ValueError for more than `MOST` boxes."""
        self.plan = Plan(derived, seen)
        if len(self.plan.items) > MOST:
            raise ValueError(
                f"a playback goes through up to {MOST} boxes step by step; here {len(self.plan.items):,} of the "
                f"{len(derived.values):,} values that {derived.root.symbol.name.text} depends on would have one each. "
                "Let it fold the others: ag.play(…) without fold=False, with fewer names in open="
            )

    def html(self) -> str:
        """A page of its own, to be opened from disk: it needs no network. RuntimeError where no Graphviz works."""
        return self._html

    def svg(self, theme: str = "auto") -> str:
        """An animated SVG document, without script, for slides and pages that show pictures.

        `theme`, here and in `gif`, is "light" or "dark"; "auto" follows what the reader's system prefers.
        """
        from .stills import Stills

        return themed(Stills(self.plan).animated(), theme)

    def gif(self, theme: str = "auto") -> bytes:
        """An animated GIF; "auto" is light. RuntimeError where CairoSVG and Pillow, of `export`, are missing."""
        from .stills import Stills

        return Stills(self.plan).gif(theme)

    def text(self) -> str:
        """Every step in Unicode text: what is computed, from what, who waits for what meanwhile."""
        return self._text

    def save(self, path: str | os.PathLike[str], *, theme: str = "auto") -> Path:
        """Write a page (.html), an animated picture (.svg, .gif) or text (.txt), by the suffix, whole or not at all.

        `theme` is "light" or "dark" for a picture; "auto" as the reader's system prefers, which a page always follows.
        Returns the path. ValueError for another suffix or theme; for a folder that isn't there or may not be written,
        the system's own error.
        """
        themed("", theme)
        if theme != "auto" and Path(path).suffix.lower() == ".html":
            raise ValueError("a playback's page follows its reader's system: theme= is for .svg and .gif")
        writers: dict[str, Callable[[], str | bytes]] = {
            ".html": self.html,
            ".svg": lambda: self.svg(theme),
            ".gif": lambda: self.gif(theme),
            ".txt": self.text,
        }
        return save_by_suffix(path, "a playback", writers)

    def __repr__(self) -> str:
        name = plain(self.plan.derived.root.symbol.name.text)
        return f"<Playback of {name}: {len(self.plan.frames)} steps>"

    def __str__(self) -> str:
        return self.text()

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """For notebooks: the page where scripts run, a sequence of pictures where they don't; and the text."""
        return bundle(self.text, lambda: self._cell, include, exclude)

    def _mime_(self) -> tuple[str, str]:
        """For marimo, which runs no scripts of an output but in a frame: the page in one."""
        from .notebook import framed

        try:
            return "text/html", framed(self.plan, self._html)
        except Exception as problem:  # a display never fails
            return "text/plain", f"{self.text()}\n({problem})"

    @cached_property
    def _html(self) -> str:
        from .page import page

        return page(self.plan)

    @cached_property
    def _cell(self) -> str:
        from .notebook import cell

        return cell(self.plan, self._html)

    @cached_property
    def _text(self) -> str:
        from .text import text

        return text(self.plan)
