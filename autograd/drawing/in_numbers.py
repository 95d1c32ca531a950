"""A formula with its numbers put in: matrices stand in the line, brackets grow with them. Set from digits, so fast."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from ..derivation.display import displayed
from ..derivation.ellipsis import shortened
from ..derivation.lines import WIDEST, Row, Rows, Sign, set_on_lines
from ..derivation.lines import Piece as Part
from ..derivation.names import Name
from ..derivation.numbers import array_cells, array_text, as_numpy, number_text
from ..derivation.trees import Expression, Symbol
from ..derivation.writing import write
from ..primitives.notation import ATOM, PRODUCT, SUM
from .digits import numbers
from .shown import value_row
from .typeset import Bar, Glyph, Outlines, Piece, Rectangle, Words, assembled, moved, text_line, typeset, xml
from .typeset import number as attribute

_FIRST = 0xE000  # of Unicode's private characters, which no name that is written here holds
_MOST = 999
_RAISED = re.compile("[²³ᵀ⁻⁰¹⁴⁵⁶⁷⁸⁹ˣ⁺]+")
_POWER = re.compile(r"(?<=\d)e([−+]?)0*(\d+)")
_RAISE = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_GAP = 0.08  # on both sides of a matrix or a high bracket, in em
_FEW = 4  # marks that are drawn again wherever they occur
COLUMN, _BETWEEN = 0.5, 0.5  # a column of text, and the room between the lines of a formula, in em
_ROOM = 56
"""Columns: of what is longer, the rest goes on below."""
_PAIRS = {"(": ")", "[": "]"}


def matrix(value: Any, size: float) -> Piece:
    """A value as numbers: a scalar, a small matrix, else its shape and range."""
    row = value_row("", value, digits=3 if np.ndim(value) else 4)
    if row.numbers and row.heat is None:
        return numbers(row.numbers, size, len(row.numbers) > 1 or len(row.numbers[0]) > 1)
    return typeset("", array_text(value, most=1), size)


def formula(tree: Expression, size: float, condition: bool = False, quick: bool = False) -> tuple[Piece, str]:
    """The tree as it is shown, on lines where it is long; and as text. `quick`: the piece is set as text, too."""
    rows = set_on_lines(shortened(tree), _ROOM, condition)
    return on_lines(rows, size, quick), " ".join(line.strip() for line in rows.text)


def on_lines(rows: Rows, size: float, quick: bool = False) -> Piece:
    """A formula's lines as they stand below one another; if `quick`, set as text."""
    latex = [""] * len(rows.rows) if quick else rows.latex(moved=False)
    text = [line.strip() for line in rows.text]
    lines = [(row.indent, typeset(*each, size)) for row, *each in zip(rows.rows, latex, text, strict=True)]
    return stacked(lines, size)


def formula_in_numbers(tree: Expression, size: float, condition: bool = False) -> tuple[Line, str]:
    """The tree as it is shown, with the values put in for the names, as a line and as text."""
    tree = shortened(tree)
    line, found = _placed([Part(displayed(tree), condition)])
    text = re.sub(f"[{chr(_FIRST)}-{chr(_FIRST + _MOST)}]", lambda at: array_text(found[ord(at[0]) - _FIRST]), line)
    made = _set(list(_atoms(line, [matrix(value, size) for value in found])), size)
    if made.width > WIDEST * COLUMN * size:
        made = Line()
        made.put(rows_in_numbers(set_on_lines(tree, condition=condition, numbers=True), size), 0.0)
    return made, text


def _placed(parts: Sequence[Sign | Part]) -> tuple[str, list[Any]]:
    """A line of text in which a private character stands for each value, and the values."""
    found: list[Any] = []

    def place(symbol: Symbol) -> tuple[str, int]:
        if len(found) > _MOST:
            return array_text(symbol.value, most=1), ATOM
        found.append(symbol.value)
        return chr(_FIRST + len(found) - 1), _binding(symbol.value)

    line = "".join(
        part.text if isinstance(part, Sign) else write(part.tree, "text", place, part.condition)[0] for part in parts
    )
    return _POWER.sub(_power, line), found


def _power(found: re.Match[str]) -> str:
    """Of 1e−05 the factor: × 10⁻⁵."""
    return " × 10" + (found[1].strip("+") + found[2]).translate(_RAISE)


def rows_in_numbers(rows: Rows, size: float) -> Piece:
    """A formula on lines, with the values put in for the names."""
    return stacked([(row.indent, _row_in_numbers(row, size)) for row in rows.rows], size)


def _row_in_numbers(row: Row, size: float) -> Piece:
    line, found = _placed(row.parts)
    return _set(list(_atoms(line, [result(value, size) for value in found])), size).piece()


def result(value: Any, size: float) -> Piece:
    """A value as numbers, long rows and columns cut; with more than two axes its shape and range."""
    cells = array_cells(value)
    if cells is None:
        return typeset("", array_text(value), size)
    if np.ndim(value) == 0:
        cells = ((number_text(as_numpy(value)[()]),),)
    return numbers(cells, size, brackets=np.ndim(value) > 0)


def stacked(rows: Sequence[tuple[float, Piece]], size: float) -> Piece:
    """Lines one below the other, each moved to the right by so many columns; on the first one's baseline."""
    marks: list[Glyph | Bar | Words] = []
    width = y = 0.0
    for indent, piece in rows:
        x = indent * COLUMN * size
        marks += [moved(mark, x, y) for mark in piece.marks]
        width, y = max(width, x + piece.width), y + piece.height + _BETWEEN * size
    first = rows[0][1]
    bottom = y - _BETWEEN * size - first.baseline
    return assembled(
        [moved(mark, 0.0, -first.baseline) for mark in marks], Rectangle(0.0, -first.baseline, width, bottom)
    )


def _binding(value: Any) -> int:
    if np.ndim(value) or as_numpy(value).dtype.kind == "b":
        return ATOM
    text = number_text(as_numpy(value)[()])
    return SUM if text.startswith(("−", "-")) else PRODUCT if "e" in text else ATOM


@dataclass(slots=True)
class Line:
    """Pieces one after the other, each with its place: still apart, so that a page may keep equal ones once."""

    parts: list[tuple[Piece, float, float]] = field(default_factory=list)
    width: float = 0.0
    top: float = 0.0
    bottom: float = 0.0

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def put(self, piece: Piece, y: float) -> None:
        """A piece at the line's end, its top at `y`."""
        self.parts.append((piece, self.width, y))
        self.width += piece.width
        self.top, self.bottom = min(self.top, y), max(self.bottom, y + piece.height)

    def piece(self) -> Piece:
        marks = [moved(mark, x, y) for piece, x, y in self.parts for mark in piece.marks]
        return assembled(marks, Rectangle(0.0, self.top, self.width, self.bottom))


@dataclass(slots=True)
class _Atom:
    """A part of the line: characters, or a piece of its own height."""

    text: str
    piece: Piece | None = None
    height: float = 0.0


def _atoms(line: str, found: list[Piece]) -> Iterator[_Atom]:
    for part in re.findall(rf"[\ue000-\ue3e7]|[()\[\]]|{_RAISED.pattern}|[^\ue000-\ue3e7()\[\]²³ᵀ⁻⁰¹⁴⁵⁶⁷⁸⁹ˣ⁺]+", line):
        if "\ue000" <= part <= "\ue3e7":
            piece = found[ord(part) - _FIRST]
            yield _Atom("", piece, piece.height)
        else:
            yield _Atom(part)


def _set(atoms: list[_Atom], size: float) -> Line:
    """The atoms side by side, around one axis; brackets as high as what they hold, exponents at its top."""
    opened: list[int] = []

    def grow(first: int, last: int, *ends: _Atom) -> None:
        inside = max((each.height for each in atoms[first:last]), default=0.0)
        if inside > 1.8 * size:
            for each in ends:
                each.piece = _tall(each.text, round((inside + 0.2 * size) / size * 2) / 2, size)
                each.height = each.piece.height

    for i, atom in enumerate(atoms):
        if atom.text in _PAIRS:
            opened.append(i)
        elif atom.text in _PAIRS.values() and not opened:
            grow(0, i, atom)  # it was opened on a line above
        elif atom.text in _PAIRS.values() and _PAIRS[atoms[opened[-1]].text] == atom.text:
            start = opened.pop()
            grow(start + 1, i, atoms[start], atom)
    for start in reversed(opened):  # closed on a line below
        grow(start + 1, len(atoms), atoms[start])
    line = Line()
    axis, before = -0.26 * size, 0.0
    for atom in atoms:
        if atom.piece is not None:
            line.width += _GAP * size
            line.put(atom.piece, axis - atom.piece.height / 2)
            line.width += _GAP * size
        else:
            raised = _RAISED.fullmatch(atom.text) and before > 1.8 * size
            marks, width = text_line(atom.text, size, 0.0)
            words = assembled(marks, Rectangle(0.0, -0.75 * size, width, 0.25 * size))
            line.put(words, (axis - before / 2 + 0.5 * size if raised else 0.0) - words.baseline)
        before = atom.height
    return line


def beside(parts: list[Piece | Line], gap: float) -> Piece:
    """Pieces and lines side by side, around one axis, as one piece."""
    line = Line()
    for part in parts:
        line.put(part.piece() if isinstance(part, Line) else part, -part.height / 2)
        line.width += gap
    return line.piece()


@lru_cache(maxsize=256)
def _tall(bracket: str, height: float, size: float) -> Piece:
    """A bracket of about that height, in em: cut out of a formula in which it had to grow."""
    rows = max(2, round(height / 1.4))
    body = r" \\ ".join(["x"] * rows)
    left, right = (r"\left(", r"\right)") if bracket in "()" else (r"\left[", r"\right]")
    whole = typeset(rf"{left}\begin{{matrix}}{body}\end{{matrix}}{right}", "", size)
    middle = whole.width / 2
    half = 0.45 * size
    kept = [mark for mark in whole.marks if (mark.x < middle - half if bracket in "([" else mark.x > middle + half)]
    return assembled(kept) if kept else typeset("", bracket, size)


class Setter:
    """Formulas as elements of a page: small SVGs that take the text's colour; what is in several is kept once."""

    def __init__(self, prefix: str, size: float, quick: bool = False) -> None:
        """`quick`: formulas are set as text, which takes a tenth of the time."""
        self.outlines, self.size, self.quick = Outlines(prefix), size, quick
        self._kept: dict[Piece, str] = {}

    def defs(self) -> str:
        """What the elements made so far refer to."""
        kept = "".join(f'<g id="{name}">{self.outlines.draw(piece, 0, 0)}</g>' for piece, name in self._kept.items())
        return f"{self.outlines.defs()}<defs>{kept}</defs>"

    def line(self, line: Line, text: str) -> str:
        width, height = attribute(line.width), attribute(line.height)
        drawn = "".join(self._drawn(piece, x, y - line.top) for piece, x, y in line.parts)
        return (
            f'<svg class="formula" role="img" aria-label="{xml(text)}" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">{drawn}</svg>'
        )

    def _drawn(self, piece: Piece, x: float, y: float) -> str:
        if len(piece.marks) < _FEW:
            return self.outlines.draw(piece, x, y)
        name = self._kept.setdefault(piece, f"{self.outlines.prefix}m{len(self._kept)}")
        return f'<use href="#{name}" x="{attribute(x)}" y="{attribute(y)}"/>'

    def _piece(self, piece: Piece, text: str) -> str:
        line = Line()
        line.put(piece, 0.0)
        return self.line(line, text)

    def name(self, name: Name) -> str:
        return self._piece(typeset("" if self.quick else name.latex, name.text, self.size), name.text)

    def formula(self, tree: Expression, condition: bool = False) -> str:
        return self._piece(*formula(tree, self.size, condition, self.quick))

    def value(self, value: Any) -> str:
        return self._piece(matrix(value, self.size), array_text(value))

    def in_numbers(self, tree: Expression, condition: bool = False) -> str:
        return self.line(*formula_in_numbers(tree, self.size, condition))
