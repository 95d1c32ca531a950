"""Rules for what is linear, for transposes, and for conditions."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from ...primitives import arithmetic, diagonals, linalg, logic, products, shapes
from ...primitives.notation import ATOM, LOOSE, MATRIX, POWER, Form, Notation
from ...primitives.primitive import primitive
from ...primitives.reductions import normalized
from ..numbers import as_numpy
from ..trees import Apply, Expression, Number
from .factors import Factored, factored, product
from .fractions import Fraction, taken_apart
from .known import everywhere_finite, nowhere_nan
from .rewriting import RESHAPING, applied, combined, is_number, merged, simplified


def out_of_linear(tree: Apply) -> Expression | None:
    """Σ(−a) → −Σ(a),  (2 · A) B → 2 · (A B)"""
    parts = [factored(operand) for operand in tree.operands]
    number, over = prod(part.number for part in parts), prod(part.over for part in parts)
    if number == over or not number or (tree.primitive in RESHAPING and parts[0].rest is None):
        return None
    rests = tuple(part.rest or _ones(operand) for part, operand in zip(parts, tree.operands, strict=True))
    if any(rest.shape != operand.shape for rest, operand in zip(rests, tree.operands, strict=True)):
        return None
    rest = merged(replace(tree, operands=rests, node=None))
    if isinstance(rest, Number):  # 2 · Σ(1₃) is 6
        return product(Factored(number * rest.number, over * rest.over, None), tree)
    return product(Factored(number, over, rest), tree)


def _ones(like: Expression) -> Expression:
    one = Number(1)
    return Apply(shapes.broadcast_to, (one,), {"shape": like.shape}, like.shape) if like.shape else one


def out_of_linear_right(tree: Apply) -> Expression | None:
    """A⁻¹ (2 · b) → 2 · A⁻¹ b"""
    a, b = tree.operands
    part = factored(b)
    if part.rest is None or part.number == part.over or part.rest.shape != b.shape:
        return None
    return product(replace(part, rest=merged(replace(tree, operands=(a, part.rest), node=None))), tree)


def over_all(tree: Apply) -> Expression | None:
    """A sum over every axis there is, as one over all entries."""
    if tree.shape or not tree.operands[0].shape or "axis" not in tree.options:
        return None
    return replace(tree, options={name: option for name, option in tree.options.items() if name != "axis"})


def out_of_sum(tree: Apply) -> Expression | None:
    """Σ(a · s) → Σ(a) · s,  Σ(a / s) → Σ(a) / s,  Σ(1₃ · s) → 3 · s, where s is the same all along the axes"""
    (a,) = tree.operands
    if not a.shape or not tree.options.keys() <= {"axis", "dtype", "keepdims"}:
        return None
    ndim, axis = len(a.shape), tree.options.get("axis")
    axes = tuple(range(ndim)) if axis is None else normalized(axis, ndim)
    lengths = [a.shape[i] for i in axes]
    parts = taken_apart(a)
    if parts is None or 0 in lengths or not axes:
        return None
    out = Fraction()
    for within, into in ((parts.above, out.above), (parts.below, out.below)):
        for base, exponent in list(within.items()):
            if _same_along(base.shape, axes, ndim, bool(tree.options.get("keepdims"))):
                within.divide(base, exponent)
                into.add(base, exponent)
    if parts.is_number:
        out.number, out.over = parts.number * prod(lengths), parts.over
        return out.whole(tree)
    left = parts.whole()
    if out.is_number or len(left.shape) < ndim or any(left.shape[i] != a.shape[i] for i in axes):
        return None
    keepdims = bool(tree.options.get("keepdims"))
    kept = (1 if i in axes else n for i, n in enumerate(left.shape) if keepdims or i not in axes)
    out.above.add(merged(replace(tree, operands=(left,), shape=tuple(kept), node=None)), 1)
    return out.whole(tree)


def _same_along(shape: tuple[int, ...], axes: tuple[int, ...], ndim: int, keepdims: bool) -> bool:
    """Whether what broadcasts to `ndim` axes is the same along some of them, and broadcasts to what is left of them."""
    missing = ndim - len(shape)
    return all(i < missing or (keepdims and shape[i - missing] == 1) for i in axes)


def guard(tree: Apply) -> Expression | None:
    """where(a = b, …, rest) → rest, if a = b nowhere: a rule's provision for a case that is not there."""
    condition, _, rest = tree.operands
    node = condition.node if isinstance(condition, Apply) and condition.primitive is logic.equal else None
    return rest if node is not None and rest.shape == tree.shape and not as_numpy(node.data).any() else None


def indicator(tree: Apply) -> Expression | None:
    """where(c, 2, 0) → 2 · 1[c],  where(a < b, 0, 2) → 2 · 1[a ≥ b]"""
    condition, *branches = tree.operands
    one, zero = map(factored, branches)
    if one.rest is not None or zero.rest is not None or condition.shape != tree.shape:
        return None
    if one.number == 0 and isinstance(condition, Apply):
        opposite = _opposite(condition)
        if opposite is None:
            return None
        condition, one, zero = opposite, zero, one
    if zero.number != 0 or one.number == 0:
        return None
    return product(Factored(one.number, one.over, condition), tree)


def _opposite(condition: Apply) -> Apply | None:
    """What holds just where the condition does not; None where a NaN makes neither hold."""
    primitive = _OPPOSITES.get(condition.primitive)
    if primitive is None or not nowhere_nan(condition.operands):
        return None
    return replace(condition, primitive=primitive, node=None)


def gate(tree: Apply) -> Expression | None:
    """where(c, a, 0) → a ⊙ 1[c], where a is finite"""
    condition, a, zero = tree.operands
    if not is_number(zero, 0) or tree.shape not in (a.shape, condition.shape) or not everywhere_finite(a):
        return None
    return combined(arithmetic.multiply, a, condition)


def unit_matrix(tree: Apply) -> Expression | None:
    """I A → A,  A I → A"""
    for unit, a in (tree.operands, tree.operands[::-1]):
        if (
            isinstance(unit, Apply)
            and unit.primitive is diagonals.from_diagonal
            and diagonals.on_main_diagonal(unit.options, 2)
            and unit.shape == unit.shape[:1] * 2
            and factored(unit.operands[0]) == Factored(1, 1, None)
            and a.shape == tree.shape
        ):
            return a
    return None


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
    left, right = (
        merged(simplified(replace(tree, operands=(each,), shape=each.shape[::-1], node=None)))
        for each in x.operands[::-1]
    )
    return replace(x, operands=(left, right), shape=tree.shape, node=None)


def reciprocal_spread(tree: Apply) -> Expression | None:
    """(1 / a)[:, None] → 1 / a[:, None]"""
    (x,) = tree.operands
    if not isinstance(x, Apply) or x.primitive is not arithmetic.divide or not isinstance(x.operands[0], Number):
        return None
    below = merged(replace(tree, operands=(x.operands[1],), node=None))
    return applied(arithmetic.divide, x.operands[0], below) if below.shape == tree.shape else None


def inverse_transposed(tree: Apply) -> Expression | None:
    """(A⁻¹)ᵀ → A⁻ᵀ,  (A⁻ᵀ)ᵀ → A⁻¹"""
    (x,) = tree.operands
    turned = {linalg.inv: _inverse_transposed, _inverse_transposed: linalg.inv}
    if isinstance(x, Apply) and x.primitive in turned and _swaps(tree):
        return replace(x, primitive=turned[x.primitive], node=None)
    return None


def by_inverse_transposed(tree: Apply) -> Expression | None:
    """(Aᵀ)⁻¹ b → A⁻ᵀ b"""
    a, b = tree.operands
    if isinstance(a, Apply) and a.primitive is shapes.transpose and _swaps(a):
        return replace(tree, primitive=_by_inverse_transposed, operands=(a.operands[0], b), node=None)
    return None


def _swaps(tree: Apply) -> bool:
    """Whether it turns a matrix, or each of a stack of them."""
    n = len(tree.shape)
    return n > 1 and tree.options.get("axes") in ((*range(n - 2), n - 1, n - 2), *([None] if n == 2 else []))


_inverse_transposed = primitive(
    lambda a: np.linalg.inv(a).mT,
    lambda g, y, a: -(y @ g.mT @ y),
    name="inverse_transposed",
    notation=Notation(
        Form("{0}⁻ᵀ", POWER, (ATOM,)), Form(r"{0}^{{-\top}}", POWER, (ATOM,)), Form("np.linalg.inv({0}).mT")
    ),
)
_by_inverse_transposed = primitive(
    lambda a, b: np.linalg.solve(a.mT, b),
    None,
    lambda g, y, a, b: np.linalg.solve(a, g),
    name="solve_transposed",
    notation=Notation(
        Form("{0}⁻ᵀ {1}", MATRIX, (ATOM, MATRIX)),
        Form(r"{0}^{{-\top}}\,{1}", MATRIX, (ATOM, MATRIX)),
        Form("np.linalg.solve({0}.mT, {1})", ATOM, (ATOM, LOOSE)),
    ),
)


def _reverses(tree: Apply) -> bool:
    return tree.options.get("axes") in (None, tuple(reversed(range(len(tree.shape)))))


_OPPOSITES = {
    logic.less: logic.greater_equal,
    logic.greater: logic.less_equal,
    logic.less_equal: logic.greater,
    logic.greater_equal: logic.less,
    logic.equal: logic.not_equal,
    logic.not_equal: logic.equal,
}
