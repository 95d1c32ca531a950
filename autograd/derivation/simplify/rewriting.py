"""How trees are rewritten: by the first rule of the primitive on top that applies. The rules are in the files beside.

A rule looks at the top of a tree whose operands are simplified already, and gives another tree of the same value and
shape, or None. Values differ by rounding at most; verify.py holds every printed formula to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite

import numpy as np

from ...primitives import arithmetic, elementwise, shapes
from ...primitives.primitive import Primitive
from ..trees import Apply, Expression, Number

HIDDEN = frozenset((shapes.alias, shapes.copy, shapes.astype))
RESHAPING = frozenset((shapes.reshape, shapes.squeeze, shapes.expand_dims, shapes.broadcast_to))

Rule = Callable[[Apply], Expression | None]
RULES: dict[Primitive, tuple[Rule, ...]] = {}
MERGES: dict[Primitive, tuple[Rule, ...]] = {}
"""Rules for gradients, in which it does not matter how often a value is used."""


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
    return simplified(applied(primitive, *operands))


def applied(primitive: Primitive, *operands: Expression) -> Apply:
    return Apply(primitive, operands, {}, np.broadcast_shapes(*(x.shape for x in operands)))


def again(tree: Apply, primitive: Primitive, *operands: Expression) -> Expression:
    """`tree` with another top, simplified in turn."""
    return simplified(replace(tree, primitive=primitive, operands=operands))


def is_real(tree: Number) -> bool:
    return not isinstance(tree.number, (bool, complex)) and isfinite(tree.number)


def is_number(tree: Expression, number: float) -> bool:
    return isinstance(tree, Number) and not isinstance(tree.number, bool) and tree.number == number and tree.over == 1
