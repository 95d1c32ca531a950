"""Formulas of scalars: recorded on stand-ins for single entries, and tidied to what one would write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...modes import EVERYTHING, record
from ...primitives.arithmetic import add, multiply
from ...primitives.elementwise import where
from ...primitives.logic import equal
from ...tensor import Tensor
from ..expression import constant, expression
from ..names import Name
from ..numbers import as_numpy
from ..simplify import simplified
from ..trees import Apply, Expression, Number, Symbol, total

_MOST_TERMS = 4
"""A longer sum is written with an ellipsis."""
_MOST_SYMBOLS = 24
"""A formula of more names and numbers than this is no line: a derivative is given as a number then."""


class StandIns:
    """0-d Tensors that primitives run on, each standing for an expression, which is made when it is asked for."""

    def __init__(self) -> None:
        self._trees: dict[int, Callable[[], Expression]] = {}
        self._made: dict[int, Expression] = {}
        self._kept: list[Tensor] = []

    def make(self, value: Any, tree: Callable[[], Expression]) -> Tensor:
        made = Tensor(as_numpy(value)[()])
        self._trees[id(made)] = tree
        self._kept.append(made)
        return made

    def leaf(self, x: Any) -> Expression | None:
        tree = self._trees.get(id(x))
        if tree is None:
            return constant(x)
        if id(x) not in self._made:
            self._made[id(x)] = tree()
        return self._made[id(x)]


def recorded_formula(run: Callable[[], Any], stand_ins: StandIns, value: Any) -> Expression | None:
    """The expression of what `run` records; None if it does not run on scalars, or gives another value."""
    try:
        with record(EVERYTHING), np.errstate(all="ignore"):
            made = run()
        data = as_numpy(made.data if type(made) is Tensor else made)
        if data.shape != () or not _close(data.item(), value):
            return None
        if type(made) is not Tensor:
            return number(float(made))
        return _tidied(expression(made, stand_ins.leaf))
    except (TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RuntimeError):
        return None


def is_long(tree: Expression) -> bool:
    count, stack = 0, [tree]
    while stack and count <= _MOST_SYMBOLS:
        part = stack.pop()
        if isinstance(part, Apply):
            stack.extend(part.operands)
        else:
            count += 1
    return count > _MOST_SYMBOLS


def _close(found: float, value: float) -> bool:
    return found == value or abs(found - value) <= 1e-9 * abs(value) or (found != found and value != value)


def _tidied(tree: Expression) -> Expression:
    """Without the case of a tie that is none here; a choice between 1 and 0 as the condition; sums as one sum."""
    if not isinstance(tree, Apply):
        return tree
    before, tree = tree, tree.of(tuple(map(_tidied, tree.operands)))
    if tree.primitive is where:
        condition, yes, no = tree.operands
        if isinstance(condition, Apply) and condition.primitive is equal and condition.node is not None:
            if not condition.node.data:
                return no
        elif yes == Number(1) and no == Number(0) and condition.kind == "b":
            return condition
    made = tree if tree is before else simplified(tree)
    if isinstance(made, Apply) and made.primitive is add:  # as one sum, in which negative numbers are in brackets
        first, last = made.operands
        terms = first.operands if isinstance(first, Apply) and first.primitive is total else (first,)
        return replace(made, primitive=total, operands=(*terms, last), options={})
    return made


def number(value: float) -> Expression:
    """A number; one over a whole number as that, 1/6 and not 0.1667."""
    over = round(1 / value) if value and np.isfinite(value) and 1e-9 < abs(value) < 0.5 else 0
    if over and abs(value * over - 1) < 1e-14:
        return Number(1, over) if over > 0 else Number(-1, -over)
    return Number(value)


def times(a: Expression, b: Expression) -> Expression:
    return simplified(Apply(multiply, (a, b), {}, ()))


def long_sum(term: Callable[[int], Expression], values: np.ndarray) -> Expression:
    """The sum of the terms, the middle ones of a long one behind an ellipsis."""
    count = len(values)
    if count == 1:
        return term(0)
    if count <= _MOST_TERMS:
        terms = [term(k) for k in range(count)]
    else:
        left_out = Symbol(Name("…", r"{\cdots}", "_"), values[2:-1].sum())
        terms = [term(0), term(1), left_out, term(count - 1)]
    return Apply(total, tuple(terms), {}, ())
