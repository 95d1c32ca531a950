"""The widget of a live graph, by anywidget, which the extra `widget` installs: Jupyter, VS Code, Colab and marimo."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

import anywidget  # type: ignore[import-not-found,unused-ignore]
import traitlets  # type: ignore[import-not-found,unused-ignore]

from .live import Live
from .typeset import plain, xml
from .web import or_text


class LiveWidget(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]
    """Sliders on the left, the graph with all its numbers on the right; one slider more goes through the steps."""

    _esm = resources.files(__package__).joinpath("live.js").read_text(encoding="utf-8")
    _css = resources.files(__package__).joinpath("live.css").read_text(encoding="utf-8")

    sliders = traitlets.List().tag(sync=True)
    numbers = traitlets.List(traitlets.CFloat()).tag(sync=True)
    """What the sliders ask for."""
    frame = traitlets.Int(0).tag(sync=True)
    frames = traitlets.Int(1).tag(sync=True)
    svg = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)
    """How many changes were answered: the page sends the next when the last one is."""

    def __init__(self, f: Callable[..., Any], inputs: Mapping[str, Any], ranges: Mapping[str, Any] | None) -> None:
        self.live = Live(f, inputs, ranges)
        super().__init__(
            sliders=[
                {"label": plain(each.label), "low": each.low, "high": each.high, "step": each.step}
                for each in self.live.sliders
            ],
            numbers=[each.value for each in self.live.sliders],
        )
        self.frame = len(self.live.stills.plan.frames) - 1
        self._show()
        self.observe(self._changed, ["numbers"])
        self.observe(self._show, ["frame"])

    def _changed(self, change: Any) -> None:
        at_end = self.frame >= self.frames - 1
        try:
            self.live.set([float(number) for number in self.numbers])
            self.problem = ""
        except (Exception, KeyboardInterrupt) as problem:  # refused, or stopped: say so, and go on
            said = f"{type(problem).__name__}: {problem}".removesuffix(": ")
            self.problem = plain(f"{said} (shown: the numbers before)")
        count = len(self.live.stills.plan.frames)
        self.frame = count - 1 if at_end else min(self.frame, count - 1)
        self._show()

    def _show(self, change: Any = None) -> None:
        stills = self.live.stills
        count = len(stills.plan.frames)
        k = min(max(self.frame, 0), count - 1)
        with self.hold_sync():
            self.frames = count
            self.svg = stills.svg(k)
            self.said = plain(f"{k + 1} of {count}. {stills.plan.title(stills.plan.frames[k])}")
            self.answered += 1

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget; for viewers without widgets, as GitHub, the picture as it was when the cell ran."""
        bundle = super()._repr_mimebundle_(**kwargs)
        shown = bundle[0] if isinstance(bundle, tuple) else bundle
        if shown is not None:
            data = b64encode(self.svg.encode("utf-8")).decode("ascii")
            image = f'alt="{xml(self.said)}" src="data:image/svg+xml;base64,{data}"'
            shown["text/html"] = or_text(f'<img {image} style="max-width:100%;height:auto">', self.said)
        return bundle
