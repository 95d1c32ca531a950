"""A scene as SVG, typeset and laid out; and as DOT, for other people's Graphviz.

The same scene gives the same bytes. Every id and class begins with a prefix made from the scene's content, so that
several pictures can stand in one page.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from math import hypot

from .layout import Curve, Point, place
from .scene import ROLES, Box, Row, Scene
from .typeset import Outlines, Piece, number, plain, typeset, xml

HEADING, FORMULA, CAPTION = 17.0, 14.0, 10.5  # sizes of type, in pixels
PAD_X, PAD_HEADING, PAD_ROWS = 14.0, 9.0, 10.0  # inside a box
GAP_CAPTION, GAP_SAME, GAP_ROWS = 5.0, 10.0, 18.0  # below a caption; between rows of one caption; between captions
MARGIN, NARROWEST, LEGEND_HEIGHT = 20.0, 56.0, 18.0
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
LIGHT = {
    "page": "#FFFFFF",
    "paper": "#FFFFFF",
    "ink": "#16191D",
    "quiet": "#5B6470",
    "head": "#4B5563",
    "shaft": "#4B5563",
    "rule": "#E3E6EA",
}
DARK = {
    "page": "#14171B",
    "paper": "#1B1F25",
    "ink": "#ECEFF3",
    "quiet": "#A3ADB9",
    "head": "#AAB3BE",
    "shaft": "#AAB3BE",
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
    """A box laid out: its size, what its border takes outside, how deep its heading's band is, what stands where."""

    width: float
    height: float
    border: float
    band: float
    pieces: tuple[_Placed, ...]
    rules: tuple[float, ...]


def svg(scene: Scene) -> str:
    """The scene as a complete SVG document, from left to right or from the top, as fits a page better.

    RuntimeError where no Graphviz works.
    """
    prefix = "g" + sha256(repr(scene).encode("utf-8", "replace")).hexdigest()[:8]
    outlines = Outlines(prefix)
    sheets = {box.key: _sheet(box) for box in scene.boxes}
    placement = place(
        {key: (sheet.width + 2 * sheet.border, sheet.height + 2 * sheet.border) for key, sheet in sheets.items()},
        [(arrow.tail, arrow.head) for arrow in scene.arrows],
    )
    roles = tuple(role for role in ROLES if any(box.role == role for box in scene.boxes))
    legend, legend_width = _legend(roles, outlines)
    width = max(placement.width, legend_width) + 2 * MARGIN
    height = placement.height + 2 * MARGIN + (LEGEND_HEIGHT + MARGIN if legend else 0.0)
    names = {box.key: box.heading.text or box.heading.latex for box in scene.boxes}
    size = f'width="{number(width)}" height="{number(height)}"'
    body = [_group(Point((width - placement.width) / 2, MARGIN))]
    for arrow, curve in zip(scene.arrows, placement.curves, strict=True):
        body.append(_arrow(arrow.description or f"{names[arrow.tail]} → {names[arrow.head]}", curve, prefix))
    for box in scene.boxes:
        centre, sheet = placement.centres[box.key], sheets[box.key]
        corner = Point(centre.x - sheet.width / 2, centre.y - sheet.height / 2)
        body.append(_box(box, names[box.key], sheet, corner, outlines))
    body += ["</g>", _group(Point((width - legend_width) / 2, height - MARGIN - LEGEND_HEIGHT)), legend, "</g>"]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {number(width)} {number(height)}" role="img" '
            f'aria-labelledby="{prefix}-title {prefix}-desc">',
            f'<title id="{prefix}-title">{xml(scene.title)}</title>',
            f'<desc id="{prefix}-desc">{xml(scene.description)}</desc>',
            f"<style>\n{_rules(prefix, roles)}\n</style>",
            outlines.defs(),
            f'<rect class="{prefix}-page" {size}/>',
            *body,
            "</svg>\n",
        ]
    )


def dot(scene: Scene) -> str:
    """The scene as DOT source, its formulas as plain text."""
    from graphviz import Digraph
    from graphviz.quoting import NoHtml

    def label(*lines: str) -> NoHtml:
        left_aligned = (plain(line).replace("\\", "\\\\").replace("&", "&amp;") + "\\l" for line in lines)
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
    width = max([NARROWEST, heading.width + 2 * PAD_X, *(each.x + each.piece.width + PAD_X for each in pieces)])
    x = PAD_X if box.rows else (width - heading.width) / 2
    look = LOOKS[box.role]
    return _Sheet(
        width,
        height,
        border=look.width / 2 + (DOUBLE if look.double else 0.0),
        band=band,
        pieces=(_Placed(heading, x, PAD_HEADING + above - heading.baseline, "ink"), *pieces),
        rules=tuple(rules),
    )


def _group(at: Point, attributes: str = "") -> str:
    return f'<g {attributes}transform="translate({_at(at)})">'


def _box(box: Box, name: str, sheet: _Sheet, at: Point, outlines: Outlines) -> str:
    look, prefix = LOOKS[box.role], outlines.prefix
    shape = f'width="{number(sheet.width)}" height="{number(sheet.height)}" rx="{number(look.corner)}"'
    said = ". ".join(part for part in (name, box.role, box.description) if part)
    parts = [
        _group(at, f'class="{prefix}-{box.role}" '),
        f"<title>{xml(said)}</title>",
        f'<rect class="{prefix}-paper" {shape}/>',
        f'<path class="{prefix}-tint" d="{_band(sheet, look.corner)}"/>',
    ]
    for y in sheet.rules:
        parts.append(f'<path class="{prefix}-rule" d="M{number(PAD_X)} {number(y)}H{number(sheet.width - PAD_X)}"/>')
    for each in sheet.pieces:
        parts.append(f'<g class="{prefix}-{each.style}">{outlines.draw(each.piece, each.x, each.y)}</g>')
    parts.append(f'<rect class="{prefix}-edge" {shape}/>')
    if look.double:
        size = f'width="{number(sheet.width + 2 * DOUBLE)}" height="{number(sheet.height + 2 * DOUBLE)}"'
        corner = f'x="{-DOUBLE}" y="{-DOUBLE}" rx="{number(look.corner + DOUBLE)}"'
        parts.append(f'<rect class="{prefix}-edge" {corner} {size}/>')
    return "".join([*parts, "</g>"])


def _band(sheet: _Sheet, corner: float) -> str:
    """The heading's ground: rounded with the box above, and below where the box ends there."""
    upper = min(corner, sheet.band / 2)
    lower = upper if sheet.band == sheet.height else 0.0
    r, s = number(upper), number(lower)
    return (
        f"M0 {r}a{r} {r} 0 0 1 {r} -{r}H{number(sheet.width - upper)}a{r} {r} 0 0 1 {r} {r}"
        f"V{number(sheet.band - lower)}a{s} {s} 0 0 1 -{s} {s}H{s}a{s} {s} 0 0 1 -{s} -{s}Z"
    )


def _arrow(said: str, curve: Curve, prefix: str) -> str:
    start, *rest = curve.points
    end, tip = curve.points[-1], curve.tip
    length = hypot(tip.x - end.x, tip.y - end.y) or 1.0
    along = Point((tip.x - end.x) / length, (tip.y - end.y) / length)
    base = Point(tip.x - along.x * HEAD_LENGTH, tip.y - along.y * HEAD_LENGTH)
    aside = Point(-along.y * HEAD_WIDTH / 2, along.x * HEAD_WIDTH / 2)
    head = (tip, Point(base.x + aside.x, base.y + aside.y), Point(base.x - aside.x, base.y - aside.y))
    return (
        f"<g><title>{xml(said)}</title>"
        f'<path class="{prefix}-shaft" d="M{_at(start)}C{" ".join(map(_at, rest))}L{_at(base)}"/>'
        f'<path class="{prefix}-head" d="M{"L".join(map(_at, head))}Z"/></g>'
    )


def _at(point: Point) -> str:
    return f"{number(point.x)} {number(point.y)}"


def _legend(roles: tuple[str, ...], outlines: Outlines) -> tuple[str, float]:
    """A swatch and a word for each role that occurs, side by side; and the width they take."""
    parts = []
    x, prefix = 0.0, outlines.prefix
    for role in roles:
        look = LOOKS[role]
        word = typeset("", role, 12.5)
        shape = f'x="{number(x)}" y="2" width="26" height="14" rx="{number(min(look.corner, 7))}"'
        parts.append(f'<g class="{prefix}-{role}"><rect class="{prefix}-paper" {shape}/>')
        parts.append(f'<rect class="{prefix}-tint" {shape}/><rect class="{prefix}-edge" {shape}/>')
        if look.double:
            parts.append(f'<rect class="{prefix}-edge" x="{number(x + 3)}" y="5" width="20" height="8" rx="1"/>')
        parts.append(f'<g class="{prefix}-quiet">{outlines.draw(word, x + 34, 13 - word.baseline)}</g></g>')
        x += 34 + word.width + 26
    return "".join(parts), max(x - 26, 0.0)


def _rules(prefix: str, roles: tuple[str, ...]) -> str:
    """The style sheet. Plain classes and colours: what also renderers other than browsers understand."""
    p = f".{prefix}"

    def colours(palette: dict[str, str], shade: str) -> list[str]:
        rules = [f"{p}-{name}{{fill:{palette[name]}}}" for name in ("page", "paper", "ink", "quiet", "head")]
        rules += [f"{p}-{name}{{stroke:{palette[name]}}}" for name in ("shaft", "rule")]
        for role in roles:
            colour = getattr(LOOKS[role], shade)
            rules += [f"{p}-{role} {p}-edge{{stroke:{colour}}}", f"{p}-{role} {p}-tint{{fill:{colour}}}"]
        return rules

    lines = [f"{p}-edge,{p}-shaft,{p}-rule{{fill:none}}", f"{p}-shaft{{stroke-width:1.4}}"]
    lines += [f"{p}-tint{{fill-opacity:.13}}", f"{p}-ink,{p}-quiet{{font-family:serif}}"]
    for role in roles:
        look = LOOKS[role]
        dash = f";stroke-dasharray:{look.dash}" if look.dash else ""
        lines.append(f"{p}-{role} {p}-edge{{stroke-width:{number(look.width)}{dash}}}")
    dark = [*colours(DARK, "dark"), f"{p}-tint{{fill-opacity:.22}}"]
    return "\n".join([*lines, *colours(LIGHT, "light"), "@media (prefers-color-scheme: dark){", *dark, "}"])
