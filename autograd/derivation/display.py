"""Trees as they are printed: without the reshapes and broadcasts that NumPy's broadcasting does unasked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..primitives import elementwise, shapes
from ..primitives.primitive import Primitive, is_elementwise
from .simplify import HIDDEN, PLUMBING, RESHAPING
from .trees import Apply, Expression, total


def _is_elementwise(primitive: Primitive) -> bool:
    return primitive in _OTHERS or is_elementwise(primitive.numpy_function)


_OTHERS = frozenset((elementwise.where, elementwise.clip, total))


def displayed(tree: Expression, outermost: bool = True) -> Expression:
    """The tree as it is printed: without reshapes and broadcasts, where NumPy's broadcasting does the same unasked.

    What remains evaluates to the same value, or, outermost, to one that broadcasts to it: verify.py holds it to that.
    """
    if not isinstance(tree, Apply):
        return tree
    # What broadcasts outermost may do so inside of elementwise operations as well.
    outer = outermost and (_is_elementwise(tree.primitive) or tree.primitive in HIDDEN)
    operands = tuple(displayed(operand, outer) for operand in tree.operands)
    if _is_elementwise(tree.primitive):
        operands = _broadcast_unasked(operands, tree.shape)
    if tree.primitive in PLUMBING:
        inner = operands[0]
        if inner.shape == tree.shape or tree.primitive in HIDDEN:
            return inner
        spread = len(inner.shape) in (0, len(tree.shape))
        if outermost and tree.primitive is shapes.broadcast_to and spread:
            return inner
    return tree.of(operands)


def _broadcast_unasked(operands: tuple[Expression, ...], shape: tuple[int, ...]) -> tuple[Expression, ...]:
    """The operands of an elementwise operation without the reshaping that broadcasting them repeats."""
    found = list(operands)
    for i, operand in enumerate(found):
        others = [x.shape for j, x in enumerate(found) if j != i]
        inner = _inner(operand)
        while inner is not None and np.broadcast_shapes(inner.shape, *others) == shape:
            found[i] = inner
            inner = _inner(inner)
    return tuple(found)


def _inner(tree: Expression) -> Expression | None:
    """What a tree is when one reshape, or broadcast, is taken away that broadcasting may repeat: one that only puts
    axes of length 1 in front, or spreads."""
    if not isinstance(tree, Apply) or not tree.shape:
        return None
    if tree.primitive in RESHAPING:
        inner = tree.operands[0]
        aligned = tree.primitive is shapes.broadcast_to or _without_ones(inner) == _without_ones(tree)
        return inner if aligned else None
    if not _is_elementwise(tree.primitive):
        return None
    operands = tuple(_inner(x) or x for x in tree.operands)
    shape = np.broadcast_shapes(*(x.shape for x in operands))
    return replace(tree, operands=operands, shape=shape) if shape != tree.shape else None


def _without_ones(tree: Expression) -> tuple[int, ...]:
    """The shape without leading axes of length 1."""
    shape = tree.shape
    while shape and shape[0] == 1:
        shape = shape[1:]
    return shape
