"""A scene as SVG, typeset and laid out; and as DOT, for other people's Graphviz.

The same scene gives the same bytes. Every id and class begins with a prefix made from the scene's content, so that
several pictures can stand in one page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from math import hypot

from autograd.drawing.layout import Curve, Point, place
from autograd.drawing.scene import ROLES, Arrow, Box, Row, Scene
from autograd.drawing.typeset import Outlines, Piece, number, plain, typeset, xml

HEADING, FORMULA, CAPTION = 17.0, 14.0, 10.5  # sizes of type, in pixels
PAD_X, PAD_HEADING, PAD_ROWS = 14.0, 9.0, 10.0  # inside a box
GAP_CAPTION, GAP_SAME, GAP_ROWS = 5.0, 10.0, 18.0  # below a caption; between rows of one caption; between captions
MARGIN, NARROWEST = 20.0, 56.0
HEAD_LENGTH, HEAD_WIDTH = 9.0, 7.0  # of an arrow's head
DOUBLE = 4  # from a double border's inner line to its outer one


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


# Okabe and Ito's colours, as far as a line of them stands out 3:1 from its ground; their sky blue for blue in the dark.
LOOKS = {
    "parameter": Look("#0072B2", "#56B4E9", 3.2, 2, dot_style="bold"),
    "input": Look("#009E73", "#1FC39A", 1.6, 16, dot_style="rounded"),
    "constant": Look("#A8548A", "#CC79A7", 1.6, 2, dash="6 4", dot_style="dashed"),
    "intermediate": Look("#66707D", "#8D98A6", 1.3, 2),
    "output": Look("#D55E00", "#F0803A", 1.5, 2, double=True),
}
_LIGHT = {
    "page": "#FFFFFF",
    "paper": "#FFFFFF",
    "ink": "#16191D",
    "quiet": "#5B6470",
    "line": "#4B5563",
    "rule": "#E3E6EA",
}
_DARK = {
    "page": "#14171B",
    "paper": "#1B1F25",
    "ink": "#ECEFF3",
    "quiet": "#A3ADB9",
    "line": "#AAB3BE",
    "rule": "#333A43",
}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A piece at its place in a box, from the box's top left corner."""

    piece: Piece
    x: float
    y: float
    style: str


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A box laid out: its size, how deep its heading's band is, what stands where, and the rules between its rows."""

    width: float
    height: float
    band: float
    pieces: tuple[_Placed, ...]
    rules: tuple[float, ...]


def svg(scene: Scene, *, rankdir: str = "") -> str:
    """The scene as a complete SVG document, from left to right ("LR"), from the top ("TB"), or as fits better ("").

    RuntimeError where no Graphviz works.
    """
    prefix = "g" + sha256(f"{rankdir} {scene!r}".encode("utf-8", "replace")).hexdigest()[:8]
    outlines = Outlines(prefix)
    sheets = {box.key: _sheet(box) for box in scene.boxes}
    borders = {box.key: LOOKS[box.role].width + (2 * DOUBLE if LOOKS[box.role].double else 0.0) for box in scene.boxes}
    placement = place(
        {key: (sheet.width + borders[key], sheet.height + borders[key]) for key, sheet in sheets.items()},
        [(arrow.tail, arrow.head) for arrow in scene.arrows],
        rankdir=rankdir,
    )
    legend, legend_width, legend_height = _legend(scene, outlines)
    width = max(placement.width, legend_width) + 2 * MARGIN
    height = placement.height + 2 * MARGIN + (legend_height + MARGIN if legend else 0.0)
    left = (width - placement.width) / 2
    names = {box.key: box.heading.text for box in scene.boxes}
    body = [f'<g transform="translate({number(left)} {number(MARGIN)})">']
    for arrow, curve in zip(scene.arrows, placement.curves, strict=True):
        body.append(_arrow(arrow, curve, names))
    for box in scene.boxes:
        centre, sheet = placement.centres[box.key], sheets[box.key]
        corner = Point(centre.x - sheet.width / 2, centre.y - sheet.height / 2)
        body.append(_box(box, sheet, corner, outlines))
    body.append("</g>")
    if legend:
        body.append(
            f'<g transform="translate({number((width - legend_width) / 2)} {number(height - MARGIN - legend_height)})">'
        )
        body += [legend, "</g>"]
    size = f'width="{number(width)}" height="{number(height)}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {number(width)} {number(height)}" '
            f'class="{prefix}" role="img" aria-labelledby="{prefix}-title {prefix}-desc">',
            f'<title id="{prefix}-title">{xml(scene.title)}</title>',
            f'<desc id="{prefix}-desc">{xml(scene.description)}</desc>',
            _style(prefix, scene),
            outlines.defs(),
            f'<rect class="page" {size}/>',
            *body,
            "</svg>\n",
        ]
    )


def dot(scene: Scene) -> str:
    """The scene as DOT source, its formulas as plain text."""
    from graphviz import Digraph
    from graphviz.quoting import NoHtml

    def label(*lines: str) -> NoHtml:
        left_aligned = (plain(line).replace("\\", "\\\\") + "\\l" for line in lines)
        return NoHtml("".join(left_aligned))  # else a name such as <b> would be read as markup

    graph = Digraph(
        graph_attr={"rankdir": "LR", "label": label(scene.title), "labeljust": "l"},
        node_attr={"shape": "box", "fontname": "serif"},
        edge_attr={"arrowsize": "0.8"},
    )
    names = {box.key: f"n{index}" for index, box in enumerate(scene.boxes)}
    for box in scene.boxes:
        look = LOOKS[box.role]
        lines = [line for row in (box.heading, *box.rows) for line in _lines_of(row)]
        graph.node(
            names[box.key],
            label=label(*lines),
            color=look.light,
            style=look.dot_style,
            peripheries="2" if look.double else "1",
        )
    for arrow in scene.arrows:
        graph.edge(names[arrow.tail], names[arrow.head])
    return graph.source


def _lines_of(row: Row) -> list[str]:
    lines = (row.text or row.latex).split("\n")
    return [f"{row.caption}: {lines[0]}" if row.caption else lines[0], *lines[1:]]


def _sheet(box: Box) -> _Sheet:
    heading = typeset(box.heading.latex, box.heading.text, HEADING)
    above, below = max(heading.baseline, 0.74 * HEADING), max(heading.height - heading.baseline, 0.22 * HEADING)
    band = above + below + 2 * PAD_HEADING
    pieces: list[_Placed] = []
    rules: list[float] = []
    y = band + PAD_ROWS
    for index, row in enumerate(box.rows):
        if row.caption:
            if index:
                y += GAP_ROWS
                rules.append(y - GAP_ROWS / 2)
            caption = typeset("", row.caption, CAPTION)
            pieces.append(_Placed(caption, PAD_X, y, "quiet"))
            y += caption.height + GAP_CAPTION
        elif index:
            y += GAP_SAME
        piece = typeset(row.latex, row.text, FORMULA)
        pieces.append(_Placed(piece, PAD_X, y, "ink"))
        y += piece.height
    height = y + PAD_ROWS if box.rows else band
    width = max([NARROWEST, heading.width + 2 * PAD_X, *(at.x + at.piece.width + PAD_X for at in pieces)])
    top = _Placed(heading, PAD_X, PAD_HEADING + above - heading.baseline, "ink")
    return _Sheet(width, height, band, (top, *pieces), tuple(rules))


def _box(box: Box, sheet: _Sheet, at: Point, outlines: Outlines) -> str:
    look = LOOKS[box.role]
    shape = f'width="{number(sheet.width)}" height="{number(sheet.height)}" rx="{number(look.corner)}"'
    words = [box.heading.text, box.role, box.description]
    parts = [
        f'<g class="{box.role}" transform="translate({number(at.x)} {number(at.y)})">',
        f"<title>{xml('. '.join(word for word in words if word))}</title>",
        f'<rect class="paper" {shape}/>',
        f'<path class="tint" d="{_band(sheet, look.corner)}"/>',
        *(f'<path class="rule" d="M{number(PAD_X)} {number(y)}H{number(sheet.width - PAD_X)}"/>' for y in sheet.rules),
    ]
    for placed in sheet.pieces:
        parts.append(f'<g class="{placed.style}">{outlines.draw(placed.piece, placed.x, placed.y)}</g>')
    parts.append(f'<rect class="edge" {shape}/>')
    if look.double:
        size = f'width="{number(sheet.width + 2 * DOUBLE)}" height="{number(sheet.height + 2 * DOUBLE)}"'
        parts.append(f'<rect class="edge" x="{-DOUBLE}" y="{-DOUBLE}" {size} rx="{number(look.corner + DOUBLE)}"/>')
    return "".join([*parts, "</g>"])


def _band(sheet: _Sheet, corner: float) -> str:
    """The heading's ground: rounded with the box above, straight below (unless there is nothing below)."""
    width, depth, r = number(sheet.width), number(sheet.band), min(corner, sheet.band / 2)
    lower = r if sheet.band == sheet.height else 0.0
    arc, low = f"a{number(r)} {number(r)} 0 0 1 ", f"a{number(lower)} {number(lower)} 0 0 1 "
    return (
        f"M0 {number(r)}{arc}{number(r)} {number(-r)}H{number(sheet.width - r)}{arc}{number(r)} {number(r)}"
        f"V{number(sheet.band - lower)}{low}{number(-lower)} {number(lower)}H{number(lower)}"
        f"{low}{number(-lower)} {number(-lower)}Z"
    )


def _arrow(arrow: Arrow, curve: Curve, names: dict[str, str]) -> str:
    start, *rest = curve.points
    path = f"M{number(start.x)} {number(start.y)}C" + " ".join(f"{number(p.x)} {number(p.y)}" for p in rest)
    end, tip = curve.points[-1], curve.tip
    length = hypot(tip.x - end.x, tip.y - end.y) or 1.0
    along = Point((tip.x - end.x) / length, (tip.y - end.y) / length)
    back = Point(tip.x - along.x * HEAD_LENGTH, tip.y - along.y * HEAD_LENGTH)
    side = Point(-along.y * HEAD_WIDTH / 2, along.x * HEAD_WIDTH / 2)
    corners = (tip, Point(back.x + side.x, back.y + side.y), Point(back.x - side.x, back.y - side.y))
    head = "L".join(f"{number(p.x)} {number(p.y)}" for p in corners)
    path += f"L{number(back.x)} {number(back.y)}"
    said = arrow.description or f"{names[arrow.tail]} → {names[arrow.head]}"
    return (
        f'<g class="arrow"><title>{xml(said)}</title>'
        f'<path class="shaft" d="{path}"/><path class="head" d="M{head}Z"/></g>'
    )


def _legend(scene: Scene, outlines: Outlines) -> tuple[str, float, float]:
    """One swatch and word for each role that occurs, side by side; with the width and height they take."""
    parts = []
    x, height = 0.0, 18.0
    present = {box.role for box in scene.boxes}
    for role in (role for role in ROLES if role in present):
        look = LOOKS[role]
        word = typeset("", role, 12.5)
        shape = f'y="2" width="26" height="14" rx="{number(min(look.corner, 7))}"'
        parts.append(f'<g class="{role}"><rect class="paper" x="{number(x)}" {shape}/>')
        parts.append(f'<rect class="tint" x="{number(x)}" {shape}/><rect class="edge" x="{number(x)}" {shape}/>')
        if look.double:
            parts.append(f'<rect class="edge" x="{number(x + 3)}" y="5" width="20" height="8" rx="1"/>')
        parts.append(f'<g class="quiet">{outlines.draw(word, x + 34, 9 + 4 - word.baseline)}</g></g>')
        x += 34 + word.width + 26
    return "".join(parts), max(x - 26, 0.0), height


@lru_cache(maxsize=64)
def _rules(prefix: str, roles: tuple[str, ...]) -> str:
    def colours(palette: dict[str, str], shade: str) -> list[str]:
        return [
            f".page{{fill:{palette['page']}}}",
            f".paper{{fill:{palette['paper']}}}",
            f".ink{{fill:{palette['ink']}}}",
            f".quiet{{fill:{palette['quiet']}}}",
            f".rule{{stroke:{palette['rule']}}}",
            f".shaft{{stroke:{palette['line']}}}",
            f".head{{fill:{palette['line']}}}",
            *(f".{role} .edge{{stroke:{getattr(LOOKS[role], shade)}}}" for role in roles),
            *(f".{role} .tint{{fill:{getattr(LOOKS[role], shade)}}}" for role in roles),
        ]

    fixed = [".edge,.shaft,.rule{fill:none}", ".shaft{stroke-width:1.4}", ".rule{stroke-width:1}"]
    fixed += [".tint{fill-opacity:.13}", "text{font-family:serif}"]
    for role in roles:
        look = LOOKS[role]
        dash = f";stroke-dasharray:{look.dash}" if look.dash else ""
        fixed.append(f".{role} .edge{{stroke-width:{number(look.width)}{dash}}}")
    scoped = [f".{prefix} {rule}".replace(",", f",.{prefix} ") for rule in fixed + colours(_LIGHT, "light")]
    dark = [f".{prefix} {rule}" for rule in [*colours(_DARK, "dark"), ".tint{fill-opacity:.22}"]]
    return "\n".join([*scoped, "@media (prefers-color-scheme: dark){", *dark, "}"])


def _style(prefix: str, scene: Scene) -> str:
    roles = tuple(role for role in ROLES if any(box.role == role for box in scene.boxes))
    return f"<style>\n{_rules(prefix, roles)}\n</style>"
