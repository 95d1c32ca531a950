"""How things look: the roles' colours, lines and corners, light and dark, and the style sheet made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .scene import LEVELS
from .typeset import number


@dataclass(frozen=True, slots=True)
class Look:
    """How a role looks. The line's style and the corners tell it to those who don't see the colour."""

    light: str
    dark: str
    width: float
    corner: float
    dash: str = ""
    double: bool = False
    dot_style: str = "solid"
    words: str = ""
    """What the legend says, where it is more than the role's name."""


# Okabe and Ito's colours, as far as a line of them stands out 3:1 from its ground; their sky blue for blue in the dark.
LOOKS = {
    "parameter": Look("#0072B2", "#56B4E9", 3.2, 2, dot_style="bold"),
    "input": Look("#009E73", "#1FC39A", 1.6, 16, dot_style="rounded"),
    "constant": Look("#A8548A", "#CC79A7", 1.6, 2, dash="6 4", dot_style="dashed"),
    "intermediate": Look("#66707D", "#8D98A6", 1.3, 2),
    "gradient": Look("#7B4BB3", "#BC98EA", 1.3, 9, dot_style="rounded", words="made by a backward pass"),
    "folded": Look("#66707D", "#8D98A6", 1.6, 6, dash="2 3", dot_style="dashed", words="several values, folded"),
    "output": Look("#D55E00", "#F0803A", 1.5, 2, double=True),
    "sum": Look("#7B4BB3", "#BC98EA", 1.6, 2, dash="9 3", dot_style="dashed", words="the sum over the paths"),
}
LIGHT = {
    "page": "#FFFFFF",
    "paper": "#FFFFFF",
    "ink": "#16191D",
    "quiet": "#5B6470",
    "head": "#4B5563",
    "shaft": "#4B5563",
    "rule": "#E3E6EA",
    "back": "#7B4BB3",
    "alarm": "#A63D00",
    "operation": "#946200",  # no box, but a shape in one: what computes its value
    "ground": "#FFF8E6",
    "frame": "#8A94A0",
    "negative": "#0072B2",
    "positive": "#D55E00",
    "broken": "#16191D",
}
DARK = {
    "page": "#14171B",
    "paper": "#1B1F25",
    "ink": "#ECEFF3",
    "quiet": "#A3ADB9",
    "head": "#AAB3BE",
    "shaft": "#AAB3BE",
    "rule": "#333A43",
    "back": "#BC98EA",
    "alarm": "#FFB36B",
    "operation": "#E69F00",
    "ground": "#2B2413",
    "frame": "#717C89",
    "negative": "#56B4E9",
    "positive": "#F0803A",
    "broken": "#ECEFF3",
}
FILLED = ("page", "paper", "ground", "ink", "quiet", "head", "alarm", "back")
STROKED = ("shaft", "rule", "frame", "backshaft", "backline", "plus", "minus", "result", "labelline", "operation")
_STROKES = {
    "backshaft": "back",
    "backline": "back",
    "plus": "positive",
    "minus": "negative",
    "result": "positive",
    "labelline": "shaft",
}


_DARK_RULES = "@media (prefers-color-scheme: dark){"


def themed(document: str, theme: str) -> str:
    """A document of ours, SVG or HTML, in "light" or "dark" colours whatever its reader prefers; "auto" asks him.

    ValueError for another theme.
    """
    if theme not in ("auto", "light", "dark"):
        raise ValueError(f"theme= is 'light', 'dark' or 'auto', which is the reader's, not {theme!r}")
    if theme == "auto":
        return document
    document = document.replace("color-scheme: light dark", f"color-scheme: {theme}")
    return re.sub(re.escape(_DARK_RULES) + r"\n(.*?)\n\}", r"\1" if theme == "dark" else "", document, flags=re.DOTALL)


def level_class(level: int) -> str:
    """The class of a heat strip's cell."""
    return f"hm{-level}" if level < 0 else f"h{level}"


def level_colour(level: int, palette: dict[str, str]) -> str:
    """The colour of a level: the paper's at 0, the sign's own at ±LEVELS, in between by even steps to look at."""
    if level > LEVELS:
        return palette["broken"]
    end = palette["negative" if level < 0 else "positive"]
    part = (abs(level) / LEVELS) ** 0.8
    channels = [
        round(int(palette["paper"][i : i + 2], 16) * (1 - part) + int(end[i : i + 2], 16) * part) for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{channel:02X}" for channel in channels)


def style_sheet(prefix: str, roles: Iterable[str], levels: Iterable[int]) -> str:
    """Plain classes and colours: what also renderers other than browsers understand."""
    p = f".{prefix}"
    roles, levels = tuple(roles), sorted(levels)

    def colours(palette: dict[str, str], shade: str) -> list[str]:
        rules = [f"{p}-{name}{{fill:{palette[name]}}}" for name in FILLED]
        rules += [f"{p}-{name}{{stroke:{palette[_STROKES.get(name, name)]}}}" for name in STROKED]
        rules += [f"{p}-{level_class(level)}{{fill:{level_colour(level, palette)}}}" for level in levels]
        for role in roles:
            colour = getattr(LOOKS[role], shade)
            rules += [f"{p}-{role} {p}-edge{{stroke:{colour}}}", f"{p}-{role} {p}-tint{{fill:{colour}}}"]
        return rules

    lines = [
        ",".join(f"{p}-{name}" for name in ("edge", *STROKED)) + "{fill:none}",
        f"{p}-shaft,{p}-backshaft{{stroke-width:1.4}}",
        f"{p}-backshaft{{stroke-dasharray:5 3}}",
        f"{p}-heat{{shape-rendering:crispEdges}}",  # no seams between its cells
        f"{p}-reach{{fill:none;stroke-width:8;pointer-events:stroke}}",
        f"{p}-frame{{stroke-width:1.2;stroke-dasharray:7 5}}",
        f"{p}-lit{{stroke-width:3.2}}",
        f"{p}-operation{{stroke-width:1.5}}",
        f"{p}-tint{{fill-opacity:.13}}",
        ",".join(f"{p}-{name}" for name in ("ink", "quiet", "alarm", "back")) + "{font-family:serif}",
    ]
    for role in roles:
        look = LOOKS[role]
        dash = f";stroke-dasharray:{look.dash}" if look.dash else ""
        lines.append(f"{p}-{role} {p}-edge{{stroke-width:{number(look.width)}{dash}}}")
    dark = [*colours(DARK, "dark"), f"{p}-tint{{fill-opacity:.22}}"]
    return "\n".join([*lines, *colours(LIGHT, "light"), _DARK_RULES, *dark, "}"])
