"""What is known of values, where a rule may depend on them: the formula then holds for these, as its numbers do."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...primitives import reductions
from ..numbers import as_numpy
from ..trees import Apply, Expression, Number, Symbol, symbols

_MOST_ENTRIES = 100_000
"""Larger arrays are not looked at."""


def nowhere_zero(tree: Expression) -> bool:
    """Whether the values are known, and all finite and not 0, so that one may divide by them."""
    value = _value(tree)
    return value is not None and bool((np.isfinite(value) & (value != 0)).all())


def everywhere_finite(tree: Expression) -> bool:
    """Whether the values are known, and finite: 0 times them is 0."""
    value = _value(tree)
    return value is not None and bool(np.isfinite(value).all())


def nowhere_negative(tree: Expression) -> bool:
    """Whether the values are known, and none is negative or not a number."""
    value = _value(tree)
    return value is not None and bool((value >= 0).all())


def nowhere_nan(trees: tuple[Expression, ...]) -> bool:
    """Whether all values are known to be numbers, so that of a < b and a ≥ b one holds."""
    values = [_value(tree) for tree in trees]
    return all(value is not None and not np.isnan(value).any() for value in values)


def is_one(tree: Expression) -> bool:
    """Whether it is a sum over what was given, such as over the rows of one-hot targets, and each of the sums is 1."""
    if not isinstance(tree, Apply) or tree.primitive is not reductions.sum:
        return False
    if not all(symbol.given for symbol in symbols(tree).values()):
        return False
    value = _value(tree)
    return value is not None and value.size > 0 and bool((value == 1).all())


def _value(tree: Expression) -> np.ndarray | None:
    value = _evaluated(tree)
    return None if value is None or value.dtype.kind not in "fiu" else value


def _evaluated(tree: Expression) -> np.ndarray | None:
    if prod(tree.shape) > _MOST_ENTRIES:  # before another library's array is copied over
        return None
    if isinstance(tree, Number):
        return np.asarray(tree.number / tree.over)
    if isinstance(tree, Symbol):
        return as_numpy(tree.value)
    if tree.node is not None:
        return as_numpy(tree.node.data)
    if tree.means is not None:
        return _evaluated(tree.means)
    operands: list[Any] = [_evaluated(x) for x in tree.operands]
    if any(x is None for x in operands):
        return None
    try:
        with np.errstate(all="ignore"):
            forward = tree.primitive.forward
            made = forward(operands, **tree.options) if tree.primitive.joint else forward(*operands, **tree.options)
    except (TypeError, ValueError, IndexError, np.linalg.LinAlgError):
        return None
    return np.asarray(made)
