"""The right side of an equation as one piece: formulas typeset line below line, numbers and results set from digits."""

from __future__ import annotations

from collections.abc import Sequence

from ..derivation.depths import NUMBERS, Line
from .in_numbers import COLUMN, on_lines, result, rows_in_numbers, stacked
from .typeset import Piece, Rectangle, assembled, moved, typeset

_GAP = 0.3  # beside an equal sign, in em


def line_piece(line: Line, size: float) -> Piece:
    """A line of an equation, which may stand on several lines of its own."""
    if line.rows is None:
        return result(line.value, size)
    if line.depth == NUMBERS:
        return rows_in_numbers(line.rows, size)
    if len(line.rows.rows) == 1:
        return typeset(line.latex[0], line.said, size)
    return on_lines(line.rows, size)


def equation_piece(left: str, left_text: str, lines: Sequence[Line], size: float) -> Piece:
    """left = the first line, below it = the second, and so on, the equal signs aligned."""
    name, equals = typeset(left, left_text, size), typeset("=", "=", size)
    rows = [
        on_baseline([*([name] if i == 0 else []), equals, line_piece(line, size)], size) for i, line in enumerate(lines)
    ]
    under = (name.width + _GAP * size) / (COLUMN * size)
    return stacked([(0.0 if i == 0 else under, row) for i, row in enumerate(rows)], size)


def on_baseline(pieces: Sequence[Piece], size: float) -> Piece:
    """Pieces side by side, on one baseline."""
    marks, x, below = [], 0.0, 0.0
    above = max(piece.baseline for piece in pieces)
    for piece in pieces:
        marks += [moved(mark, x, -piece.baseline) for mark in piece.marks]
        x, below = x + piece.width + _GAP * size, max(below, piece.height - piece.baseline)
    return assembled(marks, Rectangle(0.0, -above, x - _GAP * size, below))
