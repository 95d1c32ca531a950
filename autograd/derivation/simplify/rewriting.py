"""How trees are rewritten: by the first rule of the primitive on top that applies. The rules are in the files beside.

A rule looks at the top of a tree whose operands are simplified already, and gives another tree of the same value and
shape, or None. Values differ by rounding at most; verify.py holds every printed formula to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite

import numpy as np

from ...modes import EVERYTHING, record
from ...primitives import arithmetic, elementwise, shapes
from ...primitives.primitive import Primitive
from ..trees import Apply, Expression, Number

HIDDEN = frozenset((shapes.alias, shapes.copy, shapes.astype))
RESHAPING = frozenset((shapes.reshape, shapes.squeeze, shapes.expand_dims, shapes.broadcast_to))
PLUMBING = HIDDEN | RESHAPING

Rule = Callable[[Apply], Expression | None]
RULES: dict[Primitive, tuple[Rule, ...]] = {}
MERGES: dict[Primitive, tuple[Rule, ...]] = {}
"""Rules for gradients, in which it does not matter how often a value is used."""
FACTORS: dict[Primitive, tuple[Rule, ...]] = {}
"""Rules for what was made of gradients, but not for the graph's values in it, which a reader knows as they are."""


def simplified(tree: Apply) -> Expression:
    """The tree by the first rule of its primitive that applies."""
    if tree.kind == "b":
        return tree
    for rule in RULES.get(tree.primitive, ()):
        made = rule(tree)
        if made is not None:
            return made
    return tree


def merged(tree: Expression, factoring: bool = True) -> Expression:
    """What is left to simplify where no use of a value has to be seen by itself: like terms, common factors.

    Without `factoring` sums keep the form in which they were computed, a + a · b and not a · (1 + b).
    """
    if not isinstance(tree, Apply) or tree.kind == "b":
        return tree
    *front, inner = tree.operands
    if isinstance(inner, Apply) and (tree.primitive is elementwise.negative or _is_multiple(tree)):
        within = merged(inner, factoring)
        return tree if within is inner else simplified(replace(tree, operands=(*front, within), node=None))
    further = FACTORS.get(tree.primitive, ()) if factoring else ()
    for rule in (_by_identity, *MERGES.get(tree.primitive, ()), *further):
        made = rule(tree)
        if made is not None:
            return merged(made, factoring)
    return tree


def _is_multiple(tree: Apply) -> bool:
    return tree.primitive is arithmetic.multiply and isinstance(tree.operands[0], Number)


def _by_identity(tree: Apply) -> Expression | None:
    """exp(log_softmax(x)) → softmax(x), where the row of what stands inside says so."""
    inner = tree.operands[0]
    if len(tree.operands) > 1 or inner.shape != tree.shape or not has_simpler_name(tree.primitive, inner):
        return None
    simpler = inner.primitive.identities[tree.primitive.numpy_function]
    with record(EVERYTHING):  # a node of its own, from which its NumPy source is read
        node = simpler(*inner.node.inputs, **inner.options)
    return replace(inner, primitive=simpler, node=node)


def has_simpler_name(primitive: Primitive, inner: Expression) -> bool:
    """Whether the row of what stands inside says what the primitive, applied to it, is by another name."""
    return (
        isinstance(inner, Apply)
        and inner.node is not None
        and inner.node.primitive is inner.primitive
        and primitive.numpy_function in (inner.primitive.identities or ())
    )


def made(primitive: Primitive, *operands: Expression) -> Expression:
    """A primitive applied element by element, simplified."""
    return simplified(applied(primitive, *operands))


def combined(primitive: Primitive, *operands: Expression) -> Expression:
    """A primitive applied element by element, simplified and merged."""
    return merged(made(primitive, *operands))


def applied(primitive: Primitive, *operands: Expression) -> Apply:
    found = {x.shape for x in operands}
    return Apply(primitive, operands, {}, found.pop() if len(found) == 1 else np.broadcast_shapes(*found))


def again(tree: Apply, primitive: Primitive, *operands: Expression) -> Expression:
    """`tree` with another top, simplified in turn."""
    return simplified(replace(tree, primitive=primitive, operands=operands))


def is_real(tree: Number) -> bool:
    return not isinstance(tree.number, (bool, complex)) and isfinite(tree.number)


def is_number(tree: Expression, number: float) -> bool:
    return isinstance(tree, Number) and not isinstance(tree.number, bool) and tree.number == number and tree.over == 1
