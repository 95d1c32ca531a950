"""The right side of an equation as one piece: formulas typeset line below line, numbers and results set from digits."""

from __future__ import annotations

from ..derivation.depths import NUMBERS, Line
from .in_numbers import result, rows_in_numbers, stacked
from .typeset import Piece, typeset


def line_piece(line: Line, size: float) -> Piece:
    """A line of an equation, which may stand on several lines of its own."""
    if line.rows is None:
        return result(line.value, size)
    if line.depth == NUMBERS:
        return rows_in_numbers(line.rows, size)
    if len(line.rows.rows) == 1:
        return typeset(line.latex[0], line.said, size)
    rows = zip(line.rows.rows, line.rows.latex(moved=False), strict=True)
    return stacked([(row.indent, typeset(latex, "", size)) for row, latex in rows], size)
