"""Rules for the numbers in products: one in front, the sign in front of that, divisions last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd
from typing import Any

from ...primitives import arithmetic, elementwise, shapes
from ..trees import Apply, Expression, Number, Symbol, parts
from .rewriting import PLUMBING, RESHAPING, applied, is_number, is_real, made

_SEEN_THROUGH = PLUMBING | {elementwise.negative, arithmetic.multiply, arithmetic.divide}
"""What a number may stand behind."""


@dataclass(slots=True)  # frozen would cost twice as much to make, some hundred thousand times for 10,000 nodes
class Factored:
    """number / over · rest; the rest is None for a mere number."""

    number: Any
    over: Any
    rest: Expression | None


def factored(tree: Expression) -> Factored:
    """An operand, already simplified, with the number in front of it split off."""
    if isinstance(tree, Symbol) or (isinstance(tree, Apply) and tree.primitive not in _SEEN_THROUGH):
        return Factored(1, 1, tree)
    within = tree
    while isinstance(within, Apply) and within.primitive in PLUMBING:
        within = within.operands[0]
    if isinstance(within, Number) and is_real(within):
        return Factored(within.number, within.over, None)
    if isinstance(tree, Apply):
        if tree.primitive is elementwise.negative:
            inner = factored(tree.operands[0])
            return Factored(-inner.number, inner.over, inner.rest)
        if tree.primitive is arithmetic.multiply and isinstance(tree.operands[0], Number):
            inner = factored(tree.operands[0])
            if inner.rest is None:
                return Factored(inner.number, inner.over, tree.operands[1])
        if tree.primitive is arithmetic.divide:
            above, below = map(factored, tree.operands)
            if below.rest is None:
                return Factored(above.number * below.over, above.over * below.number, above.rest)
            if (above.number, above.over, below.number, below.over) != (1, 1, 1, 1):
                top = Number(1) if above.rest is None else above.rest
                return Factored(
                    above.number * below.over, above.over * below.number, applied(arithmetic.divide, top, below.rest)
                )
        if tree.primitive in RESHAPING:
            inner = factored(tree.operands[0])
            if inner.rest is not None:
                return Factored(inner.number, inner.over, replace(tree, operands=(inner.rest,), node=None))
    return Factored(1, 1, tree)


def numbers_in_front(tree: Apply) -> Expression | None:
    """2 · x · (−3) → −6 · x,  x / 2 → 1/2 · x,  (a / b) / c → a / (b · c),  1 · x → x,  −(−x) → x"""
    parts = [factored(operand) for operand in tree.operands]
    if tree.primitive is elementwise.negative:
        (a,) = parts
        return product(Factored(-a.number, a.over, a.rest), tree)
    a, b = parts
    if tree.primitive is arithmetic.multiply:
        rests = [part.rest for part in parts if part.rest is not None]
        rest = rests[0] if len(rests) == 1 else applied(arithmetic.multiply, *rests) if rests else None
        number, over = a.number * b.number, a.over * b.over
        common = (
            gcd(number, over) if isinstance(number, int) and isinstance(over, int) and 1 not in (a.over, b.over) else 1
        )
        return product(
            Factored(number // common, over // common, rest) if common > 1 else Factored(number, over, rest), tree
        )
    if b.number == 0:
        return None
    number, over = a.number * b.over, a.over * b.number
    if b.rest is None:
        return product(Factored(number, over, a.rest), tree)
    above, below = a.rest, b.rest
    if isinstance(above, Apply) and above.primitive is arithmetic.divide:
        above, below = above.operands[0], made(arithmetic.multiply, above.operands[1], below)
    return product(Factored(number, over, applied(arithmetic.divide, above or Number(1), below)), tree)


def product(factor: Factored, tree: Expression) -> Expression:
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
            result = applied(elementwise.negative, result)
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
            above = Number(number) if is_number(above, 1) else applied(arithmetic.multiply, Number(number), above)
        if over != 1:
            below = applied(arithmetic.multiply, Number(over), below)
        return applied(arithmetic.divide, above, below)
    if number == 1 and over != int(over):
        return applied(arithmetic.divide, rest, Number(over))
    return applied(arithmetic.multiply, _ratio(number, over), rest)


def _turned(tree: Expression) -> Expression | None:
    """−(a − b) as b − a, also where it is one factor of a product: 2 · (b − a)."""
    if isinstance(tree, Apply):
        if tree.primitive is arithmetic.subtract and not _starts_with_its_own(*tree.operands):
            return replace(tree, operands=tree.operands[::-1], node=None)
        if tree.primitive in (arithmetic.multiply, arithmetic.divide):
            left, right = tree.operands
            if (turned := _turned(left)) is not None:
                return replace(tree, operands=(turned, right), node=None)
            if tree.primitive is arithmetic.multiply and (turned := _turned(right)) is not None:
                return replace(tree, operands=(left, turned), node=None)
    return None


def _starts_with_its_own(a: Expression, b: Expression) -> bool:
    """Whether a difference stays as it is: 1 − y, and x − mean(x)."""
    return isinstance(a, Number) or (isinstance(b, Apply) and a in parts(b))


def _ratio(number: Any, over: Any) -> Number:
    return Number(number, over) if over == int(over) and number != over else Number(number / over)
