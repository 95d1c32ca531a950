"""Rules for products, powers and fractions: taken apart into their factors, and put together again as one fraction."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from math import gcd
from typing import Any

from ...primitives import arithmetic, elementwise, reductions, shapes
from ..numbers import as_numpy
from ..trees import Apply, Expression, Number
from .factors import Factored, factored, product
from .known import is_one, nowhere_negative, nowhere_zero
from .rewriting import RESHAPING, applied, is_number, made

_MOST_FACTORS = 16
"""Longer products are left as they are: each factor is compared with each."""
_ROOTS = (elementwise.sqrt, elementwise.root)
_COMPOUND = RESHAPING | {
    arithmetic.multiply,
    arithmetic.divide,
    arithmetic.power,
    elementwise.square,
    elementwise.negative,
    *_ROOTS,
}


class Powers(dict[Expression, int]):
    """Factors with their exponents, in the order in which they were met."""

    met = 0
    """How many factors were met, of which some may have been alike."""

    def add(self, base: Expression, exponent: int) -> None:
        """One more factor."""
        self.met += 1
        if base not in self:
            self[base] = exponent
        elif base.kind != "b":  # 1[c] · 1[c] is 1[c]
            self[base] += exponent

    def divide(self, base: Expression, exponent: int) -> None:
        """Take a factor out, to some power."""
        self[base] -= exponent
        if not self[base]:
            del self[base]

    def conditions_last(self) -> bool:
        """Put factors that are 1 or 0 behind the others; whether any was elsewhere."""
        conditions = [base for base in self if base.kind == "b"]
        before = list(self)
        for base in conditions:
            self[base] = self.pop(base)
        return list(self) != before

    def product(self) -> Expression | None:
        """The factors multiplied; None where there are none."""
        factors = map(_power, self, self.values())
        return reduce(lambda a, b: applied(arithmetic.multiply, a, b), factors) if self else None


@dataclass(slots=True)
class Fraction:
    """number / over · above / below."""

    number: Any = 1
    over: Any = 1
    above: Powers = field(default_factory=Powers)
    below: Powers = field(default_factory=Powers)
    nested: bool = False
    """Whether it was a fraction within a fraction, or within a product."""

    @property
    def is_number(self) -> bool:
        """Whether there is nothing but a number."""
        return not self.above and not self.below

    def whole(self, like: Expression | None = None) -> Expression:
        """As a tree, in the shape of `like`, or in that of its factors."""
        self._reduce()
        rest, below = self.above.product(), self.below.product()
        if below is not None:
            rest = applied(arithmetic.divide, rest or Number(1), below)
        return product(Factored(self.number, self.over, rest), like or rest or Number(1))

    def _reduce(self) -> None:
        """2 a / (6 b) as a / (3 b); of a mere number in front, 2/6 is kept as it is read."""
        number, over = self.number, self.over
        common = gcd(number, over) if isinstance(number, int) and isinstance(over, int) and self.below else 1
        if common > 1:
            self.number, self.over = number // common, over // common


def taken_apart(tree: Expression) -> Fraction | None:
    """A tree, already simplified, as a fraction of factors; None of a very long one."""
    found = Fraction()
    return found if _collect(tree, 1, found, True) else None


def _collect(tree: Expression, exponent: int, into: Fraction, outermost: bool) -> bool:
    if into.above.met + into.below.met > _MOST_FACTORS:
        return False
    part = factored(tree)
    if exponent > 0:
        into.number, into.over = into.number * part.number**exponent, into.over * part.over**exponent
    else:
        into.number, into.over = into.number * part.over**-exponent, into.over * part.number**-exponent
    rest = part.rest
    if rest is None:
        return True
    while isinstance(rest, Apply) and _is_broadcast(rest):
        rest = rest.operands[0]
    if isinstance(rest, Apply) and rest.kind != "b":
        if rest.primitive is arithmetic.multiply:
            return all(_collect(x, exponent, into, False) for x in rest.operands)
        if rest.primitive is arithmetic.divide:
            into.nested = into.nested or not outermost
            above, below = rest.operands
            return _collect(above, exponent, into, False) and _collect(below, -exponent, into, False)
        base, power = _base(rest)
        if power != 1:
            return _collect(base, exponent * power, into, False)
    (into.above if exponent > 0 else into.below).add(rest, abs(exponent))
    return True


def _is_broadcast(tree: Apply) -> bool:
    """Whether it is a reshape that broadcasting a product repeats unasked."""
    inner = tree.operands[0].shape if tree.primitive in RESHAPING else None
    return inner is not None and (
        tree.primitive is shapes.broadcast_to
        or (
            tree.shape[len(tree.shape) - len(inner) :] == inner
            and set(tree.shape[: len(tree.shape) - len(inner)]) <= {1}
        )
    )


def _base(tree: Apply) -> tuple[Expression, int]:
    """A whole power as its base and exponent."""
    if tree.primitive is elementwise.square:
        return tree.operands[0], 2
    if tree.primitive is arithmetic.power and tree.operands[0].shape == tree.shape:
        exponent = tree.operands[1]
        number = exponent.number if isinstance(exponent, Number) and exponent.over == 1 else None
        if isinstance(number, (int, float)) and not isinstance(number, bool) and 1 < number < 10 and number % 1 == 0:
            return tree.operands[0], int(number)
    return tree, 1


def _power(base: Expression, exponent: int) -> Expression:
    if exponent == 1:
        return base
    root_of = _root_of(base) if exponent % 2 == 0 else None
    if root_of is not None:
        return _power(root_of, exponent // 2)
    if exponent == 2:
        return Apply(elementwise.square, (base,), {}, base.shape)
    return Apply(arithmetic.power, (base, Number(exponent)), {}, base.shape)


def one_fraction(tree: Apply) -> Expression | None:
    """a · (b / c) → a · b / c,  a / (b / c) → a · c / b,  a · b · a → a² · b,  a / (b · a) → 1 / b,  √a · a → √a³"""
    if not any(_is_compound(x) for x in tree.operands) and tree.operands[0] != tree.operands[1]:
        return None  # most products, found out fast
    parts = taken_apart(tree)
    if parts is None or parts.over == 0:
        return None
    changed = parts.nested
    for powers in (parts.above, parts.below):
        changed = _roots(powers, parts) or powers.met > len(powers) or changed
        for base in [base for base in powers if is_one(base) or (powers is parts.below and _no_ties(base))]:
            del powers[base]
            changed = True
        changed = powers.conditions_last() or changed
    return parts.whole(tree) if _cancelled(parts) or changed else None


def _is_compound(tree: Expression) -> bool:
    """Whether what is a factor of a product may itself be more than one factor, or one that has a place of its own."""
    return isinstance(tree, Apply) and (tree.primitive in _COMPOUND or tree.kind == "b" or is_one(tree))


def _roots(powers: Powers, parts: Fraction) -> bool:
    """Beside √a, a is (√a)²."""
    changed = False
    for root in [*parts.above, *parts.below]:
        if isinstance(root, Apply) and root.primitive in _ROOTS and root.operands[0] in powers:
            powers.add(root, 2 * powers.pop(root.operands[0]))
            changed = True
    return changed


def _cancelled(parts: Fraction) -> bool:
    """Cancel what stands above and below, if its values are nowhere 0."""
    changed = False
    for base in list(parts.above):
        if base in parts.below and nowhere_zero(base):
            exponent = min(parts.above[base], parts.below[base])
            parts.above.divide(base, exponent)
            parts.below.divide(base, exponent)
            changed = True
    return changed


def shared(a: Fraction, b: Fraction) -> Fraction | None:
    """The factors that two fractions share, which are taken out of both; None where there are none to speak of."""
    found = Fraction()
    for mine, others, into in ((a.above, b.above, found.above), (a.below, b.below, found.below)):
        for base in list(mine):
            if base in others:
                exponent = min(mine[base], others[base])
                into.add(base, exponent)
                mine.divide(base, exponent)
                others.divide(base, exponent)
    if a.over == b.over and (a.number or b.number):
        alike = abs(a.number) == abs(b.number)
        if alike or (isinstance(a.number, int) is isinstance(b.number, int) is True and not found.is_number):
            found.number = abs(a.number) if alike else gcd(a.number, b.number)
        found.over, a.over, b.over = a.over, 1, 1
    if found.is_number and found.number == found.over:
        return None
    for part in (a, b):
        part.number = part.number // found.number if isinstance(part.number, int) else part.number / found.number
    return found


def square_of_root(tree: Apply) -> Expression | None:
    """(√a)² → a, where a is nowhere negative"""
    return _root_of(tree.operands[0])


def _root_of(tree: Expression) -> Expression | None:
    """What a tree is the square root of, if that has one everywhere."""
    found = isinstance(tree, Apply) and tree.primitive in _ROOTS and nowhere_negative(tree.operands[0])
    return tree.operands[0] if isinstance(tree, Apply) and found else None


def no_ties(tree: Apply) -> Expression | None:
    """a / Σ(1[c]) → a, where the sums are 1: the extreme that a rule provides for is no tie."""
    a, b = tree.operands
    return a if a.shape == tree.shape and _no_ties(b) else None


def _no_ties(count: Expression) -> bool:
    """Whether it counts entries that are alike, and there is but one each time."""
    return (
        isinstance(count, Apply)
        and count.primitive is reductions.sum
        and count.operands[0].kind == "b"
        and count.node is not None
        and bool((as_numpy(count.node.data) == 1).all())
    )


def without_guard(tree: Apply) -> Expression | None:
    """The division by a norm that gives 0 for a norm of 0, where there is none, as a division."""
    return made(arithmetic.divide, *tree.operands) if nowhere_zero(tree.operands[1]) else None


def first_power(tree: Apply) -> Expression | None:
    """a¹ → a"""
    a, b = tree.operands
    return a if is_number(b, 1) and a.shape == tree.shape else None
