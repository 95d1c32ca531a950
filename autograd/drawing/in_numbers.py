"""A formula with its numbers put in: matrices stand in the line, brackets grow with them. Set from digits, so fast."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from ..derivation.display import displayed
from ..derivation.numbers import array_text, as_numpy, number_text
from ..derivation.trees import Expression, Symbol
from ..derivation.writing import write
from ..primitives.notation import ATOM, PRODUCT, SUM
from .digits import numbers
from .shown import value_row
from .typeset import Bar, Glyph, Outlines, Piece, Rectangle, Words, assembled, text_line, typeset, xml
from .typeset import number as attribute

_FIRST = 0xE000  # of Unicode's private characters, which no name that is written here holds
_MOST = 999
_RAISED = re.compile("[²³ᵀ⁻⁰¹⁴⁵⁶⁷⁸⁹ˣ⁺]+")
_GAP = 0.08  # on both sides of a matrix or a high bracket, in em
_FEW = 4  # marks that are drawn again wherever they occur
_PAIRS = {"(": ")", "[": "]"}


def matrix(value: Any, size: float) -> Piece:
    """A value as numbers: a scalar, a small matrix, else its shape and range."""
    row = value_row("", value, digits=3 if np.ndim(value) else 4)
    if row.numbers and row.heat is None:
        return numbers(row.numbers, size, len(row.numbers) > 1 or len(row.numbers[0]) > 1)
    return typeset("", array_text(value, most=1), size)


def formula_in_numbers(tree: Expression, size: float, condition: bool = False) -> tuple[Line, str]:
    """The tree with the values put in for the names, as a line and as text."""
    found: list[Symbol] = []
    tree = displayed(tree)

    def place(symbol: Symbol) -> tuple[str, int]:
        if len(found) > _MOST:
            return array_text(symbol.value, most=1), ATOM
        found.append(symbol)
        return chr(_FIRST + len(found) - 1), _binding(symbol.value)

    line = write(tree, "text", place, condition)[0]
    text = re.sub(
        f"[{chr(_FIRST)}-{chr(_FIRST + _MOST)}]", lambda at: array_text(found[ord(at[0]) - _FIRST].value), line
    )
    return _set(list(_atoms(line, found, size)), size), text


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
        marks = [_moved(mark, x, y) for piece, x, y in self.parts for mark in piece.marks]
        return assembled(marks, Rectangle(0.0, self.top, self.width, self.bottom))


@dataclass(slots=True)
class _Atom:
    """A part of the line: characters, or a piece of its own height."""

    text: str
    piece: Piece | None = None
    height: float = 0.0


def _atoms(line: str, found: list[Symbol], size: float) -> Iterator[_Atom]:
    for part in re.findall(rf"[\ue000-\ue3e7]|[()\[\]]|{_RAISED.pattern}|[^\ue000-\ue3e7()\[\]²³ᵀ⁻⁰¹⁴⁵⁶⁷⁸⁹ˣ⁺]+", line):
        if "\ue000" <= part <= "\ue3e7":
            piece = matrix(found[ord(part) - _FIRST].value, size)
            yield _Atom("", piece, piece.height)
        else:
            yield _Atom(part)


def _set(atoms: list[_Atom], size: float) -> Line:
    """The atoms side by side, around one axis; brackets as high as what they hold, exponents at its top."""
    opened: list[int] = []
    for i, atom in enumerate(atoms):
        if atom.text in _PAIRS:
            opened.append(i)
        elif atom.text in _PAIRS.values() and opened and _PAIRS[atoms[opened[-1]].text] == atom.text:
            start = opened.pop()
            inside = max((each.height for each in atoms[start + 1 : i]), default=0.0)
            if inside > 1.8 * size:
                for each in (atoms[start], atom):
                    each.piece = _tall(each.text, round((inside + 0.2 * size) / size * 2) / 2, size)
                    each.height = each.piece.height
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


def _moved(mark: Glyph | Bar | Words, x: float, y: float) -> Glyph | Bar | Words:
    return replace(mark, x=mark.x + x, y=mark.y + y)


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

    def formula(self, latex: str, text: str) -> str:
        return self._piece(typeset("" if self.quick else latex, text, self.size), text)

    def value(self, value: Any) -> str:
        return self._piece(matrix(value, self.size), array_text(value))

    def in_numbers(self, tree: Expression, condition: bool = False) -> str:
        return self.line(*formula_in_numbers(tree, self.size, condition))
