"""Expression trees, read off a recorded graph: how a value was computed, down to the named ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..modes import EVERYTHING, record
from ..primitives import arithmetic
from ..tensor import Tensor
from .simplify import merged, simplified
from .trees import Apply, Expression, Number, Symbol, total

__all__ = ["Apply", "Expression", "Leaf", "Number", "Symbol", "constant", "expression", "top", "traced"]

Leaf = Callable[[Any], Expression | None]

_MOST_NESTED_TERMS = 12


def expression(
    value: Any,
    leaf: Leaf,
    merging: bool = False,
    factoring: bool = False,
    known: dict[Tensor, Expression] | None = None,
) -> Expression:
    """The tree of how `value` was computed, down to what `leaf` gives an expression for.

    `leaf` gets Tensors, arrays and numbers, and must answer for everything that no primitive recorded. `merging` adds
    like terms up, a + a to 2 · a: for gradients, not where each use of a value is to be seen. `factoring` also puts
    common factors in front: for what rules made of gradients. `known` has the trees that were made before, and gets
    those made now.
    """
    found = leaf(value)
    if found is None and known is not None:
        found = known.get(value)
    if found is not None:
        return found
    primitive, inputs = value.primitive, value.inputs
    if primitive is arithmetic.add:
        terms = _terms(value, leaf)
        if len(terms) > _MOST_NESTED_TERMS:
            primitive, inputs = total, terms
    operands = tuple([expression(x, leaf, merging, factoring, known) for x in inputs])
    tree = simplified(Apply(primitive, operands, value.options or {}, value.shape, value.dtype.kind, value))
    if merging:
        tree = merged(tree, factoring)
    if known is not None:
        known[value] = tree
    return tree


def _terms(value: Tensor, leaf: Leaf) -> list[Any]:
    """The terms of a sum that grew to the right, ((a + b) + c) + …, as long as it has no name on the way."""
    terms = []
    node: Any = value
    while type(node) is Tensor and node.primitive is arithmetic.add and (node is value or leaf(node) is None):
        node, last = node.inputs
        terms.append(last)
    return [node, *reversed(terms)]


def top(value: Tensor, leaf: Leaf, gradient: bool = False) -> Expression:
    """The tree of a value that is itself a leaf: how it was computed from the next ones; simplified as a `gradient`."""
    return expression(value, lambda x: None if x is value else leaf(x), merging=gradient, factoring=gradient)


def traced(applied: Apply) -> Expression | None:
    """What the forward function of a primitive computes, as NumPy's own primitives: run it on Tensors, and look.

    None if it cannot be run so, or only leads back to the same primitive.
    """
    if applied.node is None:
        return None
    stand_ins: dict[int, Expression] = {}
    arguments = []
    for x, operand in zip(applied.node.inputs, applied.operands, strict=True):
        if type(x) is not Tensor and not isinstance(x, np.ndarray):
            arguments.append(x)
            continue
        stand_in = Tensor(x.data if type(x) is Tensor else x)
        stand_ins[id(stand_in)] = operand
        arguments.append(stand_in)
    joint = applied.primitive.joint is not None
    try:
        with record(EVERYTHING):
            made = applied.primitive.forward(*([arguments] if joint else arguments), **applied.options)
        if type(made) is not Tensor or made.primitive in (None, applied.primitive):
            return None
        return expression(made, lambda x: stand_ins.get(id(x)) or constant(x))
    except (TypeError, ValueError, AttributeError):
        return None


def constant(value: Any) -> Expression | None:
    """Numbers stand for themselves, also as 0-d arrays and Tensors that nothing computed."""
    if type(value) is Tensor:
        if value.primitive is not None:
            return None
        value = value.data
    if np.ndim(value) == 0:
        return Number(value.item() if isinstance(value, (np.generic, np.ndarray)) else value)
    return None
