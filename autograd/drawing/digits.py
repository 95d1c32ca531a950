"""Numbers and matrices of numbers, set from the outlines of their digits: far faster than as formulas, and as exact."""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest

from .typeset import Bar, Glyph, Piece, Rectangle, Words, assembled, moved, text_line

_LINE, _GAP = 1.32, 0.8  # from line to line, and between columns, in em
_ASCENT, _DESCENT = 0.72, 0.22  # of a line, in em: all rows are alike, whatever digits they hold
_EXPONENT, _RAISED = 0.68, 0.38  # an exponent's size, and how far it stands above the line
_STROKE, _SERIF, _MARGIN = 0.055, 0.22, 0.2  # a bracket's line, its ends, the space inside of it

Marks = tuple[Glyph | Words, ...]


@lru_cache(maxsize=16384)
def _number(text: str, size: float) -> tuple[Marks, float]:
    """A number's marks, on a line at y = 0 from x = 0, and its width."""
    mantissa, e, exponent = text.partition("e")
    if not (e and mantissa[-1:].isdigit() and exponent.lstrip("−+-").isdigit()):
        return text_line(text, size, 0.0)
    sign = "−" if exponent[0] in "−-" else ""
    power = sign + (exponent.lstrip("−+-0") or "0")
    marks, width = text_line(f"{mantissa} × 10", size, 0.0)
    above, wide = text_line(power, size * _EXPONENT, -_RAISED * size)
    gap = width + 0.04 * size
    return (*marks, *(moved(mark, gap, 0.0) for mark in above)), gap + wide


def numbers(rows: tuple[tuple[str, ...], ...], size: float, brackets: bool = True) -> Piece:
    """Rows of numbers, as `number_text` writes them, their columns flush right; "⋯" and "⋮" stand in the middle."""
    set_rows = [[_number(cell, size) for cell in row] for row in rows]
    widths = [max(width for _, width in column) for column in zip_longest(*set_rows, fillvalue=((), 0.0))]
    edge = (_SERIF + _MARGIN) * size if brackets else 0.0
    marks: list[Glyph | Bar | Words] = []
    for index, row in enumerate(set_rows):
        y, right = index * _LINE * size, edge
        for (found, width), column, cell in zip(row, widths, rows[index], strict=False):
            right += column
            x = right - width - ((column - width) / 2 if cell in ("⋯", "⋮") else 0.0)
            marks += [moved(mark, x, y) for mark in found]
            right += _GAP * size
    inside = sum(widths) + _GAP * size * (len(widths) - 1)
    top, bottom = -_ASCENT * size, ((len(rows) - 1) * _LINE + _DESCENT) * size
    width = inside + 2 * edge
    if brackets:
        marks += _brackets(width, top, bottom, size)
    return assembled(marks, Rectangle(0.0, top, width, bottom))


def _brackets(width: float, top: float, bottom: float, size: float) -> list[Bar]:
    stroke, serif = _STROKE * size, _SERIF * size
    top, bottom = top - 0.06 * size, bottom + 0.06 * size
    bars = []
    for x, start in ((0.0, 0.0), (width - stroke, width - serif)):
        bars.append(Bar(x, top, stroke, bottom - top))
        bars += [Bar(start, y, serif, stroke) for y in (top, bottom - stroke)]
    return bars
