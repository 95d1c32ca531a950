"""Expression trees, read off a recorded graph. From one tree come text, LaTeX and NumPy source (writing.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np

from ..modes import EVERYTHING, record
from ..primitives import arithmetic, elementwise
from ..primitives.notation import AS_IT_IS
from ..primitives.primitive import Primitive
from ..tensor import Tensor
from .names import Name


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named value."""

    name: Name
    value: Any = field(compare=False, repr=False)

    number = None

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.value)


@dataclass(frozen=True, slots=True)
class Number:
    """A constant without a name; with `over`, a ratio that is kept as it is read: 2/6 and not 0.333."""

    number: Any
    over: int = 1

    shape = ()


@dataclass(frozen=True, slots=True)
class Apply:
    """A primitive applied to operands. `node` is the Tensor that recorded it, where there is one."""

    primitive: Primitive
    operands: tuple[Expression, ...]
    options: dict[str, Any]
    shape: tuple[int, ...]
    node: Tensor | None = field(default=None, compare=False, repr=False)

    number = None


Expression = Symbol | Number | Apply
Leaf = Callable[[Any], Expression | None]


def expression(value: Any, leaf: Leaf) -> Expression:
    """The tree of how `value` was computed, down to what `leaf` gives an expression for.

    `leaf` gets Tensors, arrays and numbers, and must answer for everything that no primitive recorded.
    """
    found = leaf(value)
    if found is not None:
        return found
    operands = tuple(expression(x, leaf) for x in value.inputs)
    return simplified(Apply(value.primitive, operands, value.options or {}, value.shape, value))


def top(value: Tensor, leaf: Leaf) -> Expression:
    """The tree of a value that is itself a leaf: how it was computed from the next ones."""
    return expression(value, lambda x: None if x is value else leaf(x))


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
    data = value.data if type(value) is Tensor and value.primitive is None else value
    if type(data) is not Tensor and np.ndim(data) == 0:
        return Number(data.item() if isinstance(data, (np.generic, np.ndarray)) else data)
    return None


def shown(tree: Expression) -> Expression:
    """The tree without the plumbing (reshapes, broadcasts) that a formula does not show."""
    while isinstance(tree, Apply) and tree.primitive.notation is AS_IT_IS:
        tree = tree.operands[0]
    return tree


def simplified(tree: Apply) -> Expression:
    """The tree as one would write it: numbers and signs in front of a product, no factor 1, no first power."""
    operands = tree.operands
    match tree.primitive:
        case arithmetic.multiply | arithmetic.divide | elementwise.negative:
            factor = _factor(tree)
            return tree if factor is None else _product(factor, tree.shape)
        case arithmetic.power:
            if _is(operands[1], 1) and operands[0].shape == tree.shape:
                return operands[0]
        case arithmetic.add | arithmetic.subtract:
            a, b = operands
            if isinstance(b, Apply) and b.primitive is elementwise.negative:
                other = arithmetic.subtract if tree.primitive is arithmetic.add else arithmetic.add
                return Apply(other, (a, b.operands[0]), {}, tree.shape)
    return tree


@dataclass(frozen=True, slots=True)
class _Factored:
    """number / over · rest; the rest is None for a mere number."""

    number: Any
    over: Any
    rest: Expression | None


def _factored(tree: Expression) -> _Factored:
    """An operand, already simplified, with the number in front of it split off."""
    plain = shown(tree)
    if isinstance(plain, Number) and not isinstance(plain.number, (bool, complex)) and isfinite(plain.number):
        return _Factored(plain.number, plain.over, None)
    if isinstance(tree, Apply):
        if tree.primitive is elementwise.negative:
            inner = _factored(tree.operands[0])
            return _Factored(-inner.number, inner.over, inner.rest)
        if tree.primitive is arithmetic.multiply and isinstance(tree.operands[0], Number):
            inner = _factored(tree.operands[0])
            if inner.rest is None:
                return _Factored(inner.number, inner.over, tree.operands[1])
    return _Factored(1, 1, tree)


def _factor(tree: Apply) -> _Factored | None:
    """A product, quotient or negative with its numbers collected; None where that would lose a shape."""
    parts = [_factored(operand) for operand in tree.operands]
    if tree.primitive is elementwise.negative:
        (a,) = parts
        made = _Factored(-a.number, a.over, a.rest)
    elif tree.primitive is arithmetic.multiply:
        a, b = parts
        rests = tuple(part.rest for part in parts if part.rest is not None)
        rest = rests[0] if len(rests) == 1 else Apply(tree.primitive, rests, {}, tree.shape) if rests else None
        made = _Factored(a.number * b.number, a.over * b.over, rest)
    else:
        a, b = parts
        if b.number == 0:
            return None
        if b.rest is None:
            made = _Factored(a.number * b.over, a.over * b.number, a.rest)
        elif a.rest is None:
            sign = -1 if a.number * b.number < 0 else 1
            number = Number(abs(a.number * b.over), a.over * abs(b.number))
            made = _Factored(sign, 1, Apply(tree.primitive, (number, b.rest), {}, tree.shape))
        else:
            made = _Factored(
                a.number * b.over, a.over * b.number, Apply(tree.primitive, (a.rest, b.rest), {}, tree.shape)
            )
    return made if tree.shape == (() if made.rest is None else made.rest.shape) else None


def _product(factor: _Factored, shape: tuple[int, ...]) -> Expression:
    number, over, rest = factor.number, factor.over, factor.rest
    if over < 0:
        number, over = -number, -over
    size = Number(abs(number), over) if abs(number) != over else Number(1)
    if rest is None:
        return Number(-size.number if number < 0 else size.number, size.over)
    tree = rest if size == Number(1) else Apply(arithmetic.multiply, (size, rest), {}, shape)
    return Apply(elementwise.negative, (tree,), {}, shape) if number < 0 else tree


def _is(tree: Expression, number: float) -> bool:
    return isinstance(tree, Number) and not isinstance(tree.number, bool) and tree.number == number and tree.over == 1


def symbols(tree: Expression) -> Mapping[str, Symbol]:
    """The named values of a tree by identifier, in the order in which they appear."""
    found: dict[str, Symbol] = {}
    stack = [tree]
    while stack:
        part = stack.pop()
        if isinstance(part, Symbol):
            found.setdefault(part.name.identifier, part)
        elif isinstance(part, Apply):
            stack.extend(reversed(part.operands))
    return found
