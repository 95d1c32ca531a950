"""Trees as one would write them: a table of rewriting rules, a few for each primitive.

A rule looks at the top of a tree whose operands are simplified already, and gives another tree of the same value and
shape, or None. Values differ by rounding at most; verify.py holds every printed formula to that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import gcd, isfinite, prod
from typing import Any

import numpy as np

from ..primitives import arithmetic, elementwise, indexing, logic, products, reductions, shapes
from ..primitives.primitive import Primitive
from .numbers import as_numpy
from .trees import Apply, Expression, Number, same

HIDDEN = frozenset((shapes.alias, shapes.copy, shapes.astype))
RESHAPING = frozenset((shapes.reshape, shapes.squeeze, shapes.expand_dims, shapes.broadcast_to))

Rule = Callable[[Apply], Expression | None]
_MOST_TERMS = 12
"""Of a longer sum only the last terms are searched for one like another."""


def simplified(tree: Apply) -> Expression:
    """The tree by the first rule of its primitive that applies."""
    if tree.kind == "b":
        return tree
    for rule in RULES.get(tree.primitive, ()):
        made = rule(tree)
        if made is not None:
            return made
    return tree


def merged(tree: Apply) -> Expression:
    """What is left to simplify where no use of a value has to be seen by itself: like terms and factors."""
    if tree.kind == "b":
        return tree
    *front, inner = tree.operands
    if isinstance(inner, Apply) and (tree.primitive is elementwise.negative or _is_multiple(tree)):
        within = merged(inner)
        return tree if within is inner else simplified(replace(tree, operands=(*front, within), node=None))
    for rule in MERGES.get(tree.primitive, ()):
        made = rule(tree)
        if made is not None:
            return made
    return tree


def _is_multiple(tree: Apply) -> bool:
    return tree.primitive is arithmetic.multiply and isinstance(tree.operands[0], Number)


def made(primitive: Primitive, *operands: Expression) -> Expression:
    """A primitive applied element by element, simplified."""
    return simplified(_applied(primitive, *operands))


def _applied(primitive: Primitive, *operands: Expression) -> Apply:
    return Apply(primitive, operands, {}, np.broadcast_shapes(*(x.shape for x in operands)))


# Sums. They are kept as chains that grow to the right, ((a + b) − c) + d.


def _signs(tree: Apply) -> Expression | None:
    """a + (−b) → a − b,  a − (−2 · b) → a + 2 · b"""
    a, b = tree.operands
    part = _factored(b)
    if part.number >= 0:
        return None
    return _again(tree, _OPPOSITE[tree.primitive], a, _product(_Factored(-part.number, part.over, part.rest), b))


def _zero(tree: Apply) -> Expression | None:
    """a + 0 → a,  0 + b → b"""
    a, b = tree.operands
    if _is(b, 0) and a.shape == tree.shape and a.kind != "b":
        return a
    if _is(a, 0) and b.shape == tree.shape and b.kind != "b" and tree.primitive is arithmetic.add:
        return b
    return None


def _chain(tree: Apply) -> Expression | None:
    """a + (b + c) → (a + b) + c,  a + (b − c) → (a + b) − c"""
    a, b = tree.operands
    if tree.primitive is arithmetic.add and isinstance(b, Apply) and b.primitive in _OPPOSITE and b.shape == tree.shape:
        inner = made(arithmetic.add, a, b.operands[0])
        return _again(tree, b.primitive, inner, b.operands[1])
    return None


def _like_terms(tree: Apply) -> Expression | None:
    """a + a → 2 · a,  u + 3 · a − a → u + 2 · a"""
    before, last = tree.operands
    new = _factored(last)
    if new.rest is None or last.shape != tree.shape:
        return None
    sign = 1 if tree.primitive is arithmetic.add else -1
    for around, term, sign_of_term in _terms(before):
        old = _factored(term)
        if old.rest is None or term.shape != tree.shape or not same(old.rest, new.rest):
            continue
        number = sign_of_term * old.number * new.over + sign * new.number * old.over
        if number == 0:
            return None  # a − a stays as it is: 0 would hide what was computed
        merged = _product(_Factored(number, old.over * new.over, new.rest), tree)
        return around(merged)
    return None


def _terms(tree: Expression) -> Iterator[tuple[Callable[[Expression], Expression], Expression, int]]:
    """The terms of a chain of sums, last first: each with its sign, and the chain with another in its place."""

    def put_back(chain: list[Apply], a: Expression) -> Expression:
        for each in reversed(chain):
            a = _again(each, each.primitive, a, each.operands[1])
        return a

    outer: list[Apply] = []
    while isinstance(tree, Apply) and tree.primitive in _OPPOSITE and len(outer) < _MOST_TERMS:
        a, b = tree.operands
        sign = 1 if tree.primitive is arithmetic.add else -1
        if a.shape == tree.shape:
            yield (lambda term, a=a, outer=tuple(outer): put_back(list(outer), made(arithmetic.add, a, term))), b, sign  # type: ignore[misc]
        outer.append(tree)
        tree = a
    yield (lambda term: put_back(outer, term)), tree, 1


def _positive_first(tree: Apply) -> Expression | None:
    """−a + b → b − a"""
    a, b = tree.operands
    if (
        isinstance(a, Number)
        or _factored(a).number >= 0
        or isinstance(b, Number)
        or tree.shape not in (a.shape, b.shape)
    ):
        return None
    turned = simplified(replace(tree, operands=(b, a), node=None))
    return turned if isinstance(turned, Apply) and turned.primitive is arithmetic.subtract else None


def _common_factor(tree: Apply) -> Expression | None:
    """A v + B v → (A + B) v,  v A + v B → v (A + B)"""
    a, b = tree.operands
    if not (isinstance(a, Apply) and isinstance(b, Apply) and a.primitive is b.primitive is products.matmul):
        return None
    for i in (0, 1):
        if same(a.operands[i], b.operands[i]) and a.operands[1 - i].shape == b.operands[1 - i].shape:
            other = made(tree.primitive, a.operands[1 - i], b.operands[1 - i])
            return replace(a, operands=(a.operands[0], other) if i == 0 else (other, a.operands[1]), node=None)
    return None


def _again(tree: Apply, primitive: Primitive, *operands: Expression) -> Expression:
    """`tree` with another top, simplified in turn."""
    return simplified(replace(tree, primitive=primitive, operands=operands))


# Products: the number in front, the sign in front of that, divisions last.


@dataclass(frozen=True, slots=True)
class _Factored:
    """number / over · rest; the rest is None for a mere number."""

    number: Any
    over: Any
    rest: Expression | None


def _factored(tree: Expression) -> _Factored:
    """An operand, already simplified, with the number in front of it split off."""
    within = tree
    while isinstance(within, Apply) and within.primitive in HIDDEN | RESHAPING:
        within = within.operands[0]
    if isinstance(within, Number) and _is_real(within):
        return _Factored(within.number, within.over, None)
    if isinstance(tree, Apply):
        if tree.primitive is elementwise.negative:
            inner = _factored(tree.operands[0])
            return _Factored(-inner.number, inner.over, inner.rest)
        if tree.primitive is arithmetic.multiply and isinstance(tree.operands[0], Number):
            inner = _factored(tree.operands[0])
            if inner.rest is None:
                return _Factored(inner.number, inner.over, tree.operands[1])
        if tree.primitive is arithmetic.divide:
            above, below = map(_factored, tree.operands)
            if below.rest is None:
                return _Factored(above.number * below.over, above.over * below.number, above.rest)
            if (above.number, above.over, below.number, below.over) != (1, 1, 1, 1):
                top = Number(1) if above.rest is None else above.rest
                return _Factored(
                    above.number * below.over, above.over * below.number, _applied(arithmetic.divide, top, below.rest)
                )
        if tree.primitive in RESHAPING:
            inner = _factored(tree.operands[0])
            if inner.rest is not None:
                return _Factored(inner.number, inner.over, replace(tree, operands=(inner.rest,)))
    return _Factored(1, 1, tree)


def _numbers_in_front(tree: Apply) -> Expression | None:
    """2 · x · (−3) → −6 · x,  x / 2 → 1/2 · x,  (a / b) / c → a / (b · c),  1 · x → x,  −(−x) → x"""
    parts = [_factored(operand) for operand in tree.operands]
    if tree.primitive is elementwise.negative:
        (a,) = parts
        return _product(_Factored(-a.number, a.over, a.rest), tree)
    a, b = parts
    if tree.primitive is arithmetic.multiply:
        rests = [part.rest for part in parts if part.rest is not None]
        rest = rests[0] if len(rests) == 1 else _applied(arithmetic.multiply, *rests) if rests else None
        number, over = a.number * b.number, a.over * b.over
        common = (
            gcd(number, over) if isinstance(number, int) and isinstance(over, int) and 1 not in (a.over, b.over) else 1
        )
        return _product(
            _Factored(number // common, over // common, rest) if common > 1 else _Factored(number, over, rest), tree
        )
    if b.number == 0:
        return None
    number, over = a.number * b.over, a.over * b.number
    if b.rest is None:
        return _product(_Factored(number, over, a.rest), tree)
    above, below = a.rest, b.rest
    if isinstance(above, Apply) and above.primitive is arithmetic.divide:
        above, below = above.operands[0], made(arithmetic.multiply, above.operands[1], below)
    return _product(_Factored(number, over, _applied(arithmetic.divide, above or Number(1), below)), tree)


def _product(factor: _Factored, tree: Expression) -> Expression:
    """number / over · rest in the shape of `tree`, which a number alone may have been broadcast to."""
    number, over, rest = factor.number, factor.over, factor.rest
    if over < 0:
        number, over = -number, -over
    result: Expression
    if rest is None:
        size = _ratio(abs(number), over)
        result = replace(size, number=-size.number) if number < 0 else size
    else:
        if number < 0:
            turned = _turned(rest)
            if turned is not None:
                number, rest = -number, turned
        result = _times(abs(number), over, rest)
        if number < 0:
            result = _applied(elementwise.negative, result)
    if result.shape != tree.shape:
        result = Apply(shapes.broadcast_to, (result,), {"shape": tree.shape}, tree.shape)
    return result


def _times(number: Any, over: Any, rest: Expression) -> Expression:
    """number / over · rest, for positive numbers; where the rest is a fraction, the numbers go into it."""
    if number == over:
        return rest
    if isinstance(rest, Apply) and rest.primitive is arithmetic.divide:
        above, below = rest.operands
        if number != 1:
            above = Number(number) if _is(above, 1) else _applied(arithmetic.multiply, Number(number), above)
        if over != 1:
            below = _applied(arithmetic.multiply, Number(over), below)
        return _applied(arithmetic.divide, above, below)
    if number == 1 and over != int(over):
        return _applied(arithmetic.divide, rest, Number(over))
    return _applied(arithmetic.multiply, _ratio(number, over), rest)


def _turned(tree: Expression) -> Expression | None:
    """−(a − b) as b − a, also where it is one factor of a product: 2 · (b − a)."""
    if isinstance(tree, Apply):
        if tree.primitive is arithmetic.subtract and not isinstance(tree.operands[0], Number):  # 1 − y stays
            return replace(tree, operands=tree.operands[::-1], node=None)
        if tree.primitive in (arithmetic.multiply, arithmetic.divide):
            left, right = tree.operands
            if (turned := _turned(left)) is not None:
                return replace(tree, operands=(turned, right), node=None)
            if tree.primitive is arithmetic.multiply and (turned := _turned(right)) is not None:
                return replace(tree, operands=(left, turned), node=None)
    return None


def _ratio(number: Any, over: Any) -> Number:
    return Number(number, over) if over == int(over) and number != over else Number(number / over)


def _one_fraction(tree: Apply) -> Expression | None:
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


def _squared(tree: Apply) -> Expression | None:
    """a · a → a²,  (a · b) · b → a · b²"""
    a, b = tree.operands
    if same(a, b):
        return merged(Apply(elementwise.square, (a,), {}, tree.shape))
    if isinstance(a, Apply) and a.primitive is arithmetic.multiply and same(a.operands[1], b):
        return _applied(arithmetic.multiply, a.operands[0], merged(Apply(elementwise.square, (b,), {}, b.shape)))
    return None


def _square_of_root(tree: Apply) -> Expression | None:
    """(√a)² → a"""
    (root,) = tree.operands
    return root.operands[0] if isinstance(root, Apply) and root.primitive is elementwise.sqrt else None


def _squared_below(tree: Apply) -> Expression | None:
    """a / (b · b) → a / b²"""
    a, b = tree.operands
    below = _squared(b) if isinstance(b, Apply) and b.primitive is arithmetic.multiply else None
    return None if below is None else replace(tree, operands=(a, below), node=None)


def _out_of_linear(tree: Apply) -> Expression | None:
    """Σ(−a) → −Σ(a),  (2 · A) B → 2 · (A B)"""
    parts = [_factored(operand) for operand in tree.operands]
    rests = tuple(part.rest for part in parts if part.rest is not None)
    number, over = prod(part.number for part in parts), prod(part.over for part in parts)
    if len(rests) < len(parts) or number == over:
        return None
    if any(rest.shape != operand.shape for rest, operand in zip(rests, tree.operands, strict=True)):
        return None
    return _product(_Factored(number, over, merged(replace(tree, operands=rests, node=None))), tree)


def _no_ties(tree: Apply) -> Expression | None:
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


# Everything else.


def _first_power(tree: Apply) -> Expression | None:
    """a¹ → a"""
    a, b = tree.operands
    return a if _is(b, 1) and a.shape == tree.shape else None


def _guard(tree: Apply) -> Expression | None:
    """where(a = b, …, rest) → rest, if a = b nowhere: a rule's provision for a case that is not there."""
    condition, _, rest = tree.operands
    node = condition.node if isinstance(condition, Apply) and condition.primitive is logic.equal else None
    return rest if node is not None and rest.shape == tree.shape and not as_numpy(node.data).any() else None


def _indicator(tree: Apply) -> Expression | None:
    """where(c, 1, 0) → 1[c]"""
    condition, one, zero = tree.operands
    return condition if _is(one, 1) and _is(zero, 0) and condition.kind == "b" else None


def _converted_number(tree: Apply) -> Expression | None:
    """A number is the same in another dtype."""
    return tree.operands[0] if isinstance(tree.operands[0], Number) else None


def _transposed(tree: Apply) -> Expression | None:
    """aᵀᵀ → a,  aᵀ → a for a scalar"""
    (x,) = tree.operands
    if x.shape == ():
        return x
    twice = isinstance(x, Apply) and x.primitive is shapes.transpose and _reverses(x) and _reverses(tree)
    return x.operands[0] if twice and isinstance(x, Apply) else None


def _product_transposed(tree: Apply) -> Expression | None:
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


def _is_real(tree: Number) -> bool:
    return not isinstance(tree.number, (bool, complex)) and isfinite(tree.number)


def _is(tree: Expression, number: float) -> bool:
    return isinstance(tree, Number) and not isinstance(tree.number, bool) and tree.number == number and tree.over == 1


_OPPOSITE = {arithmetic.add: arithmetic.subtract, arithmetic.subtract: arithmetic.add}

RULES: dict[Primitive, tuple[Rule, ...]] = {
    arithmetic.add: (_signs, _zero, _chain),
    arithmetic.subtract: (_signs, _zero),
    arithmetic.multiply: (_numbers_in_front,),
    arithmetic.divide: (_no_ties, _numbers_in_front),
    elementwise.negative: (_numbers_in_front,),
    arithmetic.power: (_first_power,),
    elementwise.where: (_indicator, _guard),
    shapes.astype: (_converted_number,),
    shapes.transpose: (_transposed,),
}

MERGES: dict[Primitive, tuple[Rule, ...]] = {
    arithmetic.add: (_like_terms, _common_factor, _positive_first),
    arithmetic.subtract: (_like_terms, _common_factor),
    arithmetic.multiply: (_one_fraction, _squared),
    arithmetic.divide: (_squared_below,),
    elementwise.square: (_square_of_root,),
    reductions.sum: (_out_of_linear,),
    products.matmul: (_out_of_linear,),
    products.outer: (_out_of_linear,),
    shapes.transpose: (_out_of_linear, _product_transposed),
    indexing.getitem: (_out_of_linear,),
    indexing.scatter: (_out_of_linear,),
}
"""Rules for gradients, in which it does not matter how often a value is used."""
