"""What stands in a box, and where: headings, formulas, matrices, heat strips, marks. Sizes are exact before layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .digits import numbers
from .looks import LOOKS, level_class
from .scene import Box, Heat, Mark, Row
from .typeset import Outlines, Piece, number, typeset, xml

HEADING, FORMULA, CAPTION, LABEL = 17.0, 14.5, 12.0, 13.0  # sizes of type, in pixels
PAD_X, PAD_HEADING, PAD_ROWS, PAD_LABEL = 12.0, 8.0, 9.0, 4.0  # inside a box
PILL_X, PILL_Y = 8.0, 4.0  # around an operation
GAP_CAPTION, GAP_SAME, GAP_ROWS = 4.0, 9.0, 16.0  # below a caption; between rows of one caption; between captions
NARROWEST = 56.0
DOUBLE, STACK = 4, 5  # from a double border's inner line to its outer one; from one sheet of a stack to the next
CELL = 7.0  # of a heat strip
MARK_HEIGHT = 20.0
WIDEST = 620.0  # a formula wider than that is set smaller, as far as it can still be read
SMALLEST = 0.55


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece, or a heat strip, at its place in a box, from the box's top left corner."""

    piece: Piece | Heat
    x: float
    y: float
    style: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A box laid out: its size, what its border takes outside, how deep its heading's band is, what stands where."""

    width: float
    height: float
    border: float
    band: float
    pieces: tuple[Placed, ...]
    rules: tuple[float, ...]
    pill: tuple[float, float, float, float] | None = None
    """Left, top, width and height of what holds the operation."""
    marks: tuple[tuple[Mark, Piece, float], ...] = ()
    """Each with its word, typeset, and the top of its strip."""


def formula(latex: str, text: str, size: float) -> Piece:
    """A formula: smaller than asked for where it would be too wide for a box; if it is far too wide, its text, cut."""
    made = typeset(latex, text, size)
    if made.width > WIDEST:
        made = typeset(latex, text, round(size * max(WIDEST / made.width, SMALLEST), 1))
    if made.width > WIDEST * 1.6:
        made = typeset("", text.split("\n")[0], size * 0.8)
    return made


def _content(row: Row, size: float) -> list[Piece | Heat]:
    parts: list[Piece | Heat] = [row.heat] if row.heat is not None else []
    if row.numbers:
        several = len(row.numbers) > 1
        parts.append(
            numbers(
                row.numbers,
                size * 0.86 if row.heat else size,
                row.heat is None and (several or len(row.numbers[0]) > 1),
            )
        )
    elif row.latex or row.text:
        parts.append(formula(row.latex, row.text, size * 0.86 if row.heat is not None else size))
    return parts


def _size(part: Piece | Heat) -> tuple[float, float]:
    if isinstance(part, Heat):
        return CELL * max(map(len, part.rows), default=0), CELL * len(part.rows)
    return part.width, part.height


def _rows(rows: Sequence[Row], y: float) -> tuple[list[Placed], list[float], float]:
    """The rows from `y` downward, the rules between them, and where they end."""
    pieces: list[Placed] = []
    rules: list[float] = []
    if len(rows) == 2 and all(_single(row) for row in rows):  # a number and its gradient: side by side
        first, _, end = _rows(rows[:1], y)
        second, _, other = _rows(rows[1:], y)
        x = max(each.x + _size(each.piece)[0] for each in first) + PAD_X
        return [*first, *(replace(each, x=each.x + x) for each in second)], [], max(end, other)
    for index, row in enumerate(rows):
        if row.caption:
            if index:
                y += GAP_ROWS
                rules.append(y - GAP_ROWS / 2)
            caption = typeset("", row.caption, CAPTION)
            pieces.append(Placed(caption, PAD_X, y, "quiet", row.part))
            y += caption.height + GAP_CAPTION
        elif index:
            y += GAP_SAME
        for nth, part in enumerate(_content(row, FORMULA)):
            y += GAP_CAPTION if nth else 0.0
            pieces.append(Placed(part, PAD_X, y, "ink", row.part))
            y += _size(part)[1]
    return pieces, rules, y


def _single(row: Row) -> bool:
    return bool(row.caption) and row.heat is None and len(row.numbers) == 1 == len(row.numbers[0])


def sheet(box: Box) -> Sheet:
    """The box with all that stands in it."""
    heading, band, pill = _heading(box)
    pieces, rules, y = _rows(box.rows, band + PAD_ROWS)
    height = y + PAD_ROWS if box.rows else band
    marks = []
    for mark in box.marks:
        marks.append((mark, typeset("", mark.word, CAPTION + 1), height))
        height += MARK_HEIGHT
    width = max(
        [
            NARROWEST,
            PAD_X + (pill[0] + pill[2] if pill else heading[0].x + _size(heading[0].piece)[0]),
            *(each.x + _size(each.piece)[0] + PAD_X for each in pieces),
            *(word.width + 2 * PAD_X + 16 for _, word, _ in marks),
        ]
    )
    if not box.rows and not pill:
        heading = [replace(heading[0], x=(width - _size(heading[0].piece)[0]) / 2)]
    look = LOOKS[box.role]
    return Sheet(
        width,
        height,
        border=look.width / 2 + (DOUBLE if look.double else 0.0) + (2 * STACK if box.count > 1 else 0.0),
        band=band,
        pieces=(*heading, *pieces),
        rules=tuple(rules),
        pill=pill,
        marks=tuple(marks),
    )


def _heading(box: Box) -> tuple[list[Placed], float, tuple[float, float, float, float] | None]:
    """The name and, after a sign of equality, what computes it, all on one line; how deep that is; the pill's place."""
    name = formula(box.heading.latex, box.heading.text, HEADING)
    above, below = max(name.baseline, 0.74 * HEADING), max(name.height - name.baseline, 0.22 * HEADING)
    lines = [formula(row.latex, row.text, HEADING - 1) for row in box.operation]
    if not lines:
        y = PAD_HEADING + above - name.baseline
        return [Placed(name, PAD_X, y, "ink")], above + below + 2 * PAD_HEADING, None
    first, *rest = lines
    deep = max(first.height - first.baseline, 0.22 * HEADING) + sum(line.height + 6 for line in rest) + PILL_Y
    above, below = max(above, max(first.baseline, 0.74 * HEADING) + PILL_Y), max(below, deep)
    base = PAD_HEADING - PILL_Y + above
    equals = typeset("=", "=", HEADING)
    x = PAD_X + name.width + 6
    left = x + equals.width + 6
    placed = [Placed(name, PAD_X, base - name.baseline, "ink"), Placed(equals, x, base - equals.baseline, "ink")]
    y = base - first.baseline
    for line in lines:
        placed.append(Placed(line, left + PILL_X, y, "ink"))
        y += line.height + 6
    top = base - max(first.baseline, 0.74 * HEADING) - PILL_Y
    pill = (left, top, max(line.width for line in lines) + 2 * PILL_X, base + deep - top)
    return placed, above + below + 2 * (PAD_HEADING - PILL_Y), pill


def label(rows: Sequence[Row], style: str = "back") -> Sheet:
    """What stands on an arrow: rows without captions, close together, each in the middle."""
    parts = [part for row in rows for part in _content(row, LABEL)]
    width = max(_size(part)[0] for part in parts) + 2 * PAD_LABEL + 2
    pieces, y = [], PAD_LABEL
    for part in parts:
        pieces.append(Placed(part, (width - _size(part)[0]) / 2, y, style))
        y += _size(part)[1] + 4
    return Sheet(width, y - 4 + PAD_LABEL, 0.7, 0.0, tuple(pieces), ())


def draw_placed(placed: Placed, outlines: Outlines) -> str:
    """The markup of one piece."""
    if isinstance(placed.piece, Heat):
        drawn = _heat(placed.piece, placed.x, placed.y, outlines.prefix)
    else:
        drawn = f'<g class="{outlines.prefix}-{placed.style}">{outlines.draw(placed.piece, placed.x, placed.y)}</g>'
    return f'<g class="{outlines.prefix}-part-{placed.part}">{drawn}</g>' if placed.part else drawn


def _heat(heat: Heat, x: float, y: float, prefix: str) -> str:
    """A rectangle for each run of equal cells of a row."""
    place = f"translate({number(x)} {number(y)})"
    parts = [f'<g class="{prefix}-heat" transform="{place}"><title>{xml(heat.scale)}</title>']
    for i, levels in enumerate(heat.rows):
        start = 0
        for end in range(1, len(levels) + 1):
            if end == len(levels) or levels[end] != levels[start]:
                at = f'x="{number(start * CELL)}" y="{number(i * CELL)}"'
                size = f'width="{number((end - start) * CELL)}" height="{number(CELL)}"'
                parts.append(f'<rect class="{prefix}-{level_class(levels[start])}" {at} {size}/>')
                start = end
    width, height = _size(heat)
    parts.append(f'<rect class="{prefix}-rule" width="{number(width)}" height="{number(height)}"/></g>')
    return "".join(parts)


def draw_sheet(made: Sheet, role: str, count: int, outlines: Outlines) -> str:
    """A box's grounds, lines and content, from its top left corner."""
    look, prefix = LOOKS[role], outlines.prefix
    size = f'width="{number(made.width)}" height="{number(made.height)}"'
    shape = f'{size} rx="{number(look.corner)}"'
    parts = []
    for n in (2, 1) if count > 1 else ():
        at = f'x="{n * STACK}" y="{n * STACK}"'
        parts += [f'<rect class="{prefix}-paper" {at} {shape}/>', f'<rect class="{prefix}-edge" {at} {shape}/>']
    parts += [
        f'<rect class="{prefix}-paper" {shape}/>',
        f'<path class="{prefix}-tint" d="{_band(made, look.corner)}"/>',
    ]
    for y in made.rules:
        parts.append(f'<path class="{prefix}-rule" d="M{number(PAD_X)} {number(y)}H{number(made.width - PAD_X)}"/>')
    if made.pill is not None:
        parts.append(pill(*made.pill, prefix))
    parts += [draw_placed(each, outlines) for each in made.pieces]
    for mark, word, y in made.marks:
        middle = y + MARK_HEIGHT / 2
        parts.append(f"<g><title>{xml(mark.text)}</title>")
        parts.append(f'<path class="{prefix}-rule" d="M{number(PAD_X)} {number(y)}H{number(made.width - PAD_X)}"/>')
        parts.append(warning(PAD_X, middle, prefix))
        top = middle - word.baseline + 0.33 * CAPTION
        parts.append(f'<g class="{prefix}-alarm">{outlines.draw(word, PAD_X + 16, top)}</g></g>')
    parts.append(f'<rect class="{prefix}-edge" {shape}/>')
    if look.double:
        outer = f'width="{number(made.width + 2 * DOUBLE)}" height="{number(made.height + 2 * DOUBLE)}"'
        corner = f'x="{-DOUBLE}" y="{-DOUBLE}" rx="{number(look.corner + DOUBLE)}"'
        parts.append(f'<rect class="{prefix}-edge" {corner} {outer}/>')
    return "".join(parts)


def pill(x: float, y: float, width: float, height: float, prefix: str) -> str:
    """The ground of an operation: round at its ends, unlike any box."""
    shape = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    round_ends = f'rx="{number(min(height / 2, 13))}"'
    return (
        f'<rect class="{prefix}-ground" {shape} {round_ends}/><rect class="{prefix}-operation" {shape} {round_ends}/>'
    )


def warning(x: float, y: float, prefix: str) -> str:
    """A triangle with a stroke in it."""
    return (
        f'<path class="{prefix}-alarm" d="M{number(x)} {number(y + 5)}h12l-6 -11zM{number(x + 5.4)} {number(y - 2)}'
        f'h1.2v3.5h-1.2zm0 4.4h1.2v1.2h-1.2z" fill-rule="evenodd"/>'
    )


def _band(made: Sheet, corner: float) -> str:
    """The heading's ground: rounded with the box above, and below where the box ends there."""
    upper = min(corner, made.band / 2)
    lower = upper if made.band == made.height else 0.0
    r, s = number(upper), number(lower)
    return (
        f"M0 {r}a{r} {r} 0 0 1 {r} -{r}H{number(made.width - upper)}a{r} {r} 0 0 1 {r} {r}"
        f"V{number(made.band - lower)}a{s} {s} 0 0 1 -{s} {s}H{s}a{s} {s} 0 0 1 -{s} -{s}Z"
    )
