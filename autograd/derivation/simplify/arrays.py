"""Rules for what is linear, for transposes, and for conditions."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from ...primitives import logic, products, shapes
from ..numbers import as_numpy
from ..trees import Apply, Expression, Number
from .factors import Factored, factored, product
from .rewriting import is_number, merged, simplified


def out_of_linear(tree: Apply) -> Expression | None:
    """Σ(−a) → −Σ(a),  (2 · A) B → 2 · (A B)"""
    parts = [factored(operand) for operand in tree.operands]
    rests = tuple(part.rest for part in parts if part.rest is not None)
    number, over = prod(part.number for part in parts), prod(part.over for part in parts)
    if len(rests) < len(parts) or number == over:
        return None
    if any(rest.shape != operand.shape for rest, operand in zip(rests, tree.operands, strict=True)):
        return None
    return product(Factored(number, over, merged(replace(tree, operands=rests, node=None))), tree)


def guard(tree: Apply) -> Expression | None:
    """where(a = b, …, rest) → rest, if a = b nowhere: a rule's provision for a case that is not there."""
    condition, _, rest = tree.operands
    node = condition.node if isinstance(condition, Apply) and condition.primitive is logic.equal else None
    return rest if node is not None and rest.shape == tree.shape and not as_numpy(node.data).any() else None


def indicator(tree: Apply) -> Expression | None:
    """where(c, 1, 0) → 1[c]"""
    condition, one, zero = tree.operands
    return condition if is_number(one, 1) and is_number(zero, 0) and condition.kind == "b" else None


def converted_number(tree: Apply) -> Expression | None:
    """A number is the same in another dtype."""
    return tree.operands[0] if isinstance(tree.operands[0], Number) else None


def transposed(tree: Apply) -> Expression | None:
    """aᵀᵀ → a,  aᵀ → a for a scalar"""
    (x,) = tree.operands
    if x.shape == ():
        return x
    twice = isinstance(x, Apply) and x.primitive is shapes.transpose and _reverses(x) and _reverses(tree)
    return x.operands[0] if twice and isinstance(x, Apply) else None


def product_transposed(tree: Apply) -> Expression | None:
    """(A B)ᵀ → Bᵀ Aᵀ"""
    (x,) = tree.operands
    if not isinstance(x, Apply) or x.primitive is not products.matmul or len(x.shape) != 2 or not _reverses(tree):
        return None
    if any(len(operand.shape) != 2 for operand in x.operands):
        return None
    left, right = (simplified(replace(tree, operands=(each,), shape=each.shape[::-1])) for each in x.operands[::-1])
    return replace(x, operands=(left, right), shape=tree.shape, node=None)


def _reverses(tree: Apply) -> bool:
    return tree.options.get("axes") in (None, tuple(reversed(range(len(tree.shape)))))
