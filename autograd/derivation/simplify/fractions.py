"""Rules for products and powers, and for fractions of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...primitives import arithmetic, elementwise, reductions, shapes
from ..numbers import as_numpy
from ..trees import Apply, Expression, same
from .rewriting import applied, is_number, made, merged


def one_fraction(tree: Apply) -> Expression | None:
    """a · (b / c) → (a · b) / c,  (a / b) · c → (a · c) / b"""
    for i, fraction in enumerate(tree.operands):
        other = tree.operands[1 - i]
        while isinstance(fraction, Apply) and fraction.primitive is shapes.broadcast_to:
            if np.broadcast_shapes(fraction.operands[0].shape, other.shape) != tree.shape:
                break
            fraction = fraction.operands[0]
        if isinstance(fraction, Apply) and fraction.primitive is arithmetic.divide:
            above, below = fraction.operands
            above = made(arithmetic.multiply, *((above, other) if i == 0 else (other, above)))
            if np.broadcast_shapes(above.shape, below.shape) == tree.shape:
                whole = made(arithmetic.divide, above, below)
                return merged(whole) if isinstance(whole, Apply) else whole
    return None


def squared(tree: Apply) -> Expression | None:
    """a · a → a²,  (a · b) · b → a · b²"""
    a, b = tree.operands
    if same(a, b):
        return merged(Apply(elementwise.square, (a,), {}, tree.shape))
    if isinstance(a, Apply) and a.primitive is arithmetic.multiply and same(a.operands[1], b):
        return applied(arithmetic.multiply, a.operands[0], merged(Apply(elementwise.square, (b,), {}, b.shape)))
    return None


def square_of_root(tree: Apply) -> Expression | None:
    """(√a)² → a"""
    (root,) = tree.operands
    return root.operands[0] if isinstance(root, Apply) and root.primitive is elementwise.sqrt else None


def squared_below(tree: Apply) -> Expression | None:
    """a / (b · b) → a / b²"""
    a, b = tree.operands
    below = squared(b) if isinstance(b, Apply) and b.primitive is arithmetic.multiply else None
    return None if below is None else replace(tree, operands=(a, below), node=None)


def no_ties(tree: Apply) -> Expression | None:
    """a / Σ(1[c]) → a, where the sums are 1: the extreme that a rule provides for is no tie."""
    a, b = tree.operands
    counted = isinstance(b, Apply) and b.primitive is reductions.sum and b.operands[0].kind == "b"
    if (
        counted
        and a.shape == tree.shape
        and isinstance(b, Apply)
        and b.node is not None
        and (as_numpy(b.node.data) == 1).all()
    ):
        return a
    return None


def first_power(tree: Apply) -> Expression | None:
    """a¹ → a"""
    a, b = tree.operands
    return a if is_number(b, 1) and a.shape == tree.shape else None
