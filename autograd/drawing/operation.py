"""Formulas in boxes, as lines: a long one stands in several, so that its box is no wider than need be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np

from ..derivation import writing
from ..derivation.ellipsis import shortened
from ..derivation.lines import WIDEST, set_on_lines
from ..derivation.names import Name
from ..derivation.trees import Apply, Expression, total
from ..primitives import arithmetic
from .scene import Row

_LONGEST, _LONGEST_ELSE = 36, 56
"""So many characters of a sum stand in a line, and of a formula that can be broken elsewhere only."""
_MOST_LINES = 6
"""A formula of more would fill a box by itself."""


def operation(formula: Expression | None, truth: bool = False) -> tuple[Row, ...]:
    """What computes a value, a sum broken between its terms; nothing for what nothing computed."""
    if formula is None:
        return ()
    formula = shortened(formula)
    if len(writing.text(formula, truth)) > _LONGEST:
        lines = [Row("", writing.latex(line), writing.text(line)) for line in _lines(formula)]
        if len(lines) > 1 and not any(line.text.startswith("−") for line in lines):
            first, *rest = lines
            return first, *(Row("", rf"+\, {line.latex}", f"+ {line.text}") for line in rest)
    return _on_lines(formula, truth, _LONGEST_ELSE)


def equation(caption: str, name: Name, formula: Expression, truth: bool = False) -> tuple[Row, ...]:
    """name = formula, under a caption; nothing where the formula is too long for a box."""
    lines = _on_lines(shortened(formula), truth, WIDEST)
    if len(lines) > _MOST_LINES:
        return ()
    first, *rest = lines
    return Row(caption, f"{name.latex} = {first.latex}", f"{name.text} = {first.text}"), *rest


def _on_lines(formula: Expression, truth: bool, room: int) -> tuple[Row, ...]:
    rows = set_on_lines(formula, room, truth)
    return tuple(Row("", *each) for each in zip(rows.latex(), rows.text, strict=True))


def _lines(formula: Expression) -> Iterator[Expression]:
    """The terms of a sum, as many together as a line holds."""
    line: list[Expression] = []
    length = 0
    for term in _terms(formula):
        size = len(writing.text(term)) + 3
        if line and length + size > _LONGEST:
            yield reduce(_sum, line)
            line, length = [], 0
        line.append(term)
        length += size
    yield reduce(_sum, line)


def _terms(formula: Expression) -> list[Expression]:
    found: list[Expression] = []
    waiting = [formula]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Apply) and each.primitive in (arithmetic.add, total) and not each.options:
            waiting += reversed(each.operands)
        else:
            found.append(each)
    return found


def _sum(one: Expression, other: Expression) -> Expression:
    return Apply(arithmetic.add, (one, other), {}, np.broadcast_shapes(one.shape, other.shape))
