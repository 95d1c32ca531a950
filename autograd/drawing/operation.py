"""What computes a value, as lines: a long sum stands in several, so that its box is no wider than need be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np

from ..derivation import writing
from ..derivation.trees import Apply, Expression, total
from ..primitives import arithmetic
from .scene import Row

_LONGEST = 36
"""So many characters stand in a line, if the formula can be broken."""


def operation(formula: Expression | None, truth: bool = False) -> tuple[Row, ...]:
    """The formula in lines, broken between the terms of a sum; none for what nothing computed."""
    if formula is None:
        return ()
    text = writing.text(formula, truth)
    if len(text) > _LONGEST:
        lines = [Row("", writing.latex(line), writing.text(line)) for line in _lines(formula)]
        if len(lines) > 1 and not any(line.text.startswith("−") for line in lines):
            first, *rest = lines
            return first, *(Row("", rf"+\, {line.latex}", f"+ {line.text}") for line in rest)
    return (Row("", writing.latex(formula, truth), text),)


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
