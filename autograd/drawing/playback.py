"""A playback as its user holds it: shown by a notebook, printed by a terminal, saved as a page, an animation, a GIF."""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from functools import cached_property
from pathlib import Path

from ..derivation.records import Derived
from ..files import save_by_suffix
from .playback_plan import BACKWARD, END, FORWARD, Plan
from .typeset import plain

MOST = 400
"""Values: a graph of more is no longer followed step by step by anyone, and its page would be too large to open."""


class Playback:
    """Backpropagation step by step, made by `ag.play`. What it takes is computed when first asked for, and kept."""

    def __init__(self, derived: Derived) -> None:
        """ValueError for a graph of more than `MOST` values."""
        if len(derived.values) > MOST:
            raise ValueError(
                f"ag.play() goes through up to {MOST} values step by step; {derived.root.symbol.name.text} depends on "
                f"{len(derived.values)}. Play a smaller model or fewer steps of it; ag.draw() shows large graphs"
            )
        self.plan = Plan(derived)

    def html(self) -> str:
        """A page of its own, to be opened from disk: it needs no network. RuntimeError where no Graphviz works."""
        return self._html

    def svg(self) -> str:
        """An animated SVG document, without script, for slides and pages that show pictures."""
        from .playback_stills import Stills

        return Stills(self.plan).animated()

    def gif(self) -> bytes:
        """An animated GIF. RuntimeError where CairoSVG and Pillow, of the extra `export`, are missing."""
        from .playback_stills import Stills

        return Stills(self.plan).gif()

    def text(self) -> str:
        """Every step in Unicode text: what is computed, from what, who waits for what meanwhile."""
        return self._text

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a page (.html), an animated picture (.svg, .gif) or text (.txt), by the suffix, whole or not at all.

        Returns the path. ValueError for another suffix; for a folder that isn't there or may not be written, the
        system's own error.
        """
        writers: dict[str, Callable[[], str | bytes]] = {
            ".html": self.html,
            ".svg": self.svg,
            ".gif": self.gif,
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
        bundle = {"text/plain": self.text()}
        try:
            bundle["text/html"] = self._cell
        except Exception as problem:  # a notebook's display never fails: without Graphviz, the text is shown
            bundle["text/plain"] += f"\n({problem})"
        return {
            kind: content
            for kind, content in bundle.items()
            if (include is None or kind in include) and (exclude is None or kind not in exclude)
        }

    @cached_property
    def _html(self) -> str:
        from .playback_page import page

        return page(self.plan)

    @cached_property
    def _cell(self) -> str:
        from .playback_notebook import cell

        return cell(self.plan, self._html)

    @cached_property
    def _text(self) -> str:
        from ..derivation.numbers import array_text
        from ..derivation.writing import text

        plan, lines = self.plan, []
        for k, frame in enumerate(plan.frames, 1):
            lines.append(f"{k}. {plan.title(frame)}")
            if frame.phase in (FORWARD, BACKWARD):
                forward = frame.phase == FORWARD
                value = plan.values[frame.node]
                formula = value.formula if forward else plan.steps[frame.node].formula
                symbol = value.symbol if forward else plan.steps[frame.node].gradient
                written = text(formula) if formula is not None else ""
                result = array_text(symbol.value)
                lines.append(f"   {symbol.name.text} = {written}{f' = {result}' if result != written else ''}")
            if frame.phase == BACKWARD:
                for part in plan.steps[frame.node].contributions:
                    if len(plan.steps[frame.node].contributions) > 1:
                        lines.append(f"     from {part.consumer.text}: {text(part.formula)} = {array_text(part.value)}")
            waiting = [
                f"{plan.values[n].symbol.name.text} for "
                + ", ".join(plan.values[m].symbol.name.text for m in plan.missing(frame, n))
                for n, state in enumerate(frame.nodes)
                if state in "wW"
            ]
            if waiting and frame.phase != END:
                more = f"; and {len(waiting) - 6} more" if len(waiting) > 6 else ""
                lines.append(f"   waiting: {'; '.join(waiting[:6])}{more}")
        return "\n".join(map(plain, lines)) + "\n"
