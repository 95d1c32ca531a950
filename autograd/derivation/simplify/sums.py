"""Rules for sums, which are kept as chains that grow to the right: ((a + b) − c) + d."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ...primitives import arithmetic, products
from ..trees import Apply, Expression, Number
from .factors import Factored, factored, product
from .fractions import Fraction, shared, taken_apart
from .rewriting import again, combined, is_number, made, merged

_MOST_TERMS = 12
"""Of a longer sum only the last terms are searched for one like another."""
_OPPOSITE = {arithmetic.add: arithmetic.subtract, arithmetic.subtract: arithmetic.add}


def signs(tree: Apply) -> Expression | None:
    """a + (−b) → a − b,  a − (−2 · b) → a + 2 · b"""
    a, b = tree.operands
    part = factored(b)
    if part.number >= 0:
        return None
    return again(tree, _OPPOSITE[tree.primitive], a, product(Factored(-part.number, part.over, part.rest), b))


def zero(tree: Apply) -> Expression | None:
    """a + 0 → a,  0 + b → b"""
    a, b = tree.operands
    if is_number(b, 0) and a.shape == tree.shape and a.kind != "b":
        return a
    if is_number(a, 0) and b.shape == tree.shape and b.kind != "b" and tree.primitive is arithmetic.add:
        return b
    return None


def chain(tree: Apply) -> Expression | None:
    """a + (b + c) → (a + b) + c,  a + (b − c) → (a + b) − c"""
    a, b = tree.operands
    if tree.primitive is arithmetic.add and isinstance(b, Apply) and b.primitive in _OPPOSITE and b.shape == tree.shape:
        inner = made(arithmetic.add, a, b.operands[0])
        return again(tree, b.primitive, inner, b.operands[1])
    return None


def like_terms(tree: Apply) -> Expression | None:
    """a + a → 2 · a,  u + 3 · a − a → u + 2 · a,  2 · (u + a) − a → 2 · u + a"""
    before, last = tree.operands
    new = factored(last)
    if new.rest is None or last.shape != tree.shape:
        return None
    sign = 1 if tree.primitive is arithmetic.add else -1
    for around, term, sign_of_term in _terms(before):
        old = factored(term)
        if old.rest is None or term.shape != tree.shape or old.rest != new.rest:
            continue
        number = sign_of_term * old.number * new.over + sign * new.number * old.over
        if number == 0:
            return None  # a − a stays as it is: 0 would hide what was computed
        return around(product(Factored(number, old.over * new.over, new.rest), tree))
    spread = _multiplied_out(before)
    return None if spread is None else like_terms(replace(tree, operands=(spread, last)))


def _multiplied_out(tree: Expression) -> Expression | None:
    """2 · (a − b) → 2 · a − 2 · b"""
    part = factored(tree)
    if not isinstance(part.rest, Apply) or part.rest is tree or part.rest.primitive not in _OPPOSITE:
        return None
    a, b = part.rest.operands
    number = Number(part.number, part.over)
    first = made(arithmetic.multiply, number, a)
    return made(part.rest.primitive, _multiplied_out(first) or first, made(arithmetic.multiply, number, b))


def _terms(tree: Expression) -> Iterator[tuple[Callable[[Expression], Expression], Expression, int]]:
    """The terms of a chain of sums, last first: each with its sign, and the chain with another in its place."""

    def put_back(chain: list[Apply], a: Expression) -> Expression:
        for each in reversed(chain):
            a = again(each, each.primitive, a, each.operands[1])
        return a

    outer: list[Apply] = []
    while isinstance(tree, Apply) and tree.primitive in _OPPOSITE and len(outer) < _MOST_TERMS:
        a, b = tree.operands
        sign = 1 if tree.primitive is arithmetic.add else -1
        if tree.shape in (a.shape, b.shape):
            yield (lambda term, a=a, outer=tuple(outer): put_back(list(outer), made(arithmetic.add, a, term))), b, sign  # type: ignore[misc]
        outer.append(tree)
        tree = a
    yield (lambda term: put_back(outer, term)), tree, 1


def positive_first(tree: Apply) -> Expression | None:
    """−a + b → b − a,  −a − b + c → c − a − b"""
    a, b = tree.operands
    if factored(b).number <= 0:
        return None
    *others, (_, first, _) = _terms(a)
    part = factored(first)
    if part.number >= 0:
        return None
    chain = made(arithmetic.subtract, b, product(replace(part, number=-part.number), first))
    for _, term, sign in reversed(others):
        chain = made(arithmetic.add if sign > 0 else arithmetic.subtract, chain, term)
    return chain if chain.shape == tree.shape else None


def common_matrix(tree: Apply) -> Expression | None:
    """A v + B v → (A + B) v,  v A + v B → v (A + B)"""
    a, b = tree.operands
    if not (isinstance(a, Apply) and isinstance(b, Apply) and a.primitive is b.primitive is products.matmul):
        return None
    for i in (0, 1):
        if a.operands[i] == b.operands[i] and a.operands[1 - i].shape == b.operands[1 - i].shape:
            other = made(tree.primitive, a.operands[1 - i], b.operands[1 - i])
            return replace(a, operands=(a.operands[0], other) if i == 0 else (other, a.operands[1]), node=None)
    return None


def common_factor(tree: Apply) -> Expression | None:
    """a · b + a · c → a · (b + c),  a / c − b / c → (a − b) / c,  1/2 · a − 1/2 · b → 1/2 · (a − b)"""
    a, b = map(taken_apart, tree.operands)
    if a is None or b is None or (a.is_number and b.is_number):
        return None
    if (a.is_number or b.is_number) and (abs(a.number), a.over) != (abs(b.number), b.over):
        return None
    front = shared(a, b)
    if front is None or (a.is_number and b.is_number):  # a − a stays as it is: 0 would hide what was computed
        return None
    if _is_polynomial(front, a, b):
        return None
    left, right = (merged(part.whole()) for part in (a, b))
    front.above.add(combined(tree.primitive, left, right), 1)
    return front.whole(tree)


def _is_polynomial(front: Fraction, a: Fraction, b: Fraction) -> bool:
    """Whether all there is are powers of one value."""
    above = [base for part in (front, a, b) for base in part.above]
    below = [base for part in (front, a, b) for base in part.below]
    return len(above) > 1 and not below and len(set(above)) == 1
