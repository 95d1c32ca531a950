"""Expression trees, read off a recorded graph. From one tree come text, LaTeX and NumPy source (writing.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from math import isfinite
from operator import add
from typing import Any

import numpy as np

from ..modes import EVERYTHING, record
from ..primitives import arithmetic, elementwise, logic, shapes, transcendental
from ..primitives.notation import SUM, Form, Notation
from ..primitives.primitive import Primitive, primitive
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

    @property
    def kind(self) -> str:
        """The letter of the dtype's kind: "b" for conditions, "f" for real numbers, …"""
        return np.asarray(self.value).dtype.kind


@dataclass(frozen=True, slots=True)
class Number:
    """A constant without a name; with `over`, a ratio that is kept as it is read: 2/6 and not 0.333."""

    number: Any
    over: int = 1

    shape = ()
    kind = "f"


@dataclass(frozen=True, slots=True)
class Apply:
    """A primitive applied to operands. `node` is the Tensor that recorded it, where there is one.

    `means` is what a symbol such as σ′(z) stands for.
    """

    primitive: Primitive
    operands: tuple[Expression, ...]
    options: dict[str, Any]
    shape: tuple[int, ...]
    kind: str = "f"
    node: Tensor | None = field(default=None, compare=False, repr=False)
    means: Expression | None = field(default=None, compare=False, repr=False)

    number = None


Expression = Symbol | Number | Apply
Leaf = Callable[[Any], Expression | None]

_MOST_NESTED_TERMS = 12


def _sum_of_terms(operands: tuple[Expression, ...], options: dict[str, Any]) -> Notation:
    form = Form(" + ".join(f"{{{i}}}" for i in range(len(operands))), SUM, (SUM, *[SUM + 1] * (len(operands) - 1)))
    return Notation(form, form, form)


total = primitive(
    lambda terms: reduce(add, terms),
    joint=lambda g, y, *terms: [g] * len(terms),
    name="total",
    notation=_sum_of_terms,
)
"""A long sum, its terms side by side: a value with a thousand consumers is not a thousand brackets deep."""


def expression(value: Any, leaf: Leaf) -> Expression:
    """The tree of how `value` was computed, down to what `leaf` gives an expression for.

    `leaf` gets Tensors, arrays and numbers, and must answer for everything that no primitive recorded.
    """
    found = leaf(value)
    if found is not None:
        return found
    primitive, inputs = value.primitive, value.inputs
    if primitive is arithmetic.add:
        terms = _terms(value, leaf)
        if len(terms) > _MOST_NESTED_TERMS:
            primitive, inputs = total, terms
    operands = tuple(expression(x, leaf) for x in inputs)
    return simplified(Apply(primitive, operands, value.options or {}, value.shape, value.dtype.kind, value))


def _terms(value: Tensor, leaf: Leaf) -> list[Any]:
    """The terms of a sum that grew to the right, ((a + b) + c) + …, as long as it has no name on the way."""
    terms = []
    node: Any = value
    while type(node) is Tensor and node.primitive is arithmetic.add and (node is value or leaf(node) is None):
        node, last = node.inputs
        terms.append(last)
    return [node, *reversed(terms)]


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


_ELEMENTWISE = frozenset(
    value
    for family in (arithmetic, elementwise, transcendental, logic)
    for value in vars(family).values()
    if isinstance(value, Primitive)
) | {total}
_HIDDEN = frozenset((shapes.alias, shapes.copy, shapes.astype))
_RESHAPING = frozenset((shapes.reshape, shapes.squeeze, shapes.expand_dims, shapes.broadcast_to))


def displayed(tree: Expression, outermost: bool = True) -> Expression:
    """The tree as it is printed: without reshapes and broadcasts, where NumPy's broadcasting does the same unasked.

    What remains evaluates to the same value, or, outermost, to one that broadcasts to it: verify.py holds it to that.
    """
    if not isinstance(tree, Apply):
        return tree
    # What broadcasts outermost may do so inside of elementwise operations as well.
    outer = outermost and tree.primitive in _ELEMENTWISE | _HIDDEN
    operands = tuple(displayed(operand, outer) for operand in tree.operands)
    if tree.primitive in _ELEMENTWISE:
        operands = _broadcast_unasked(operands, tree.shape)
    if tree.primitive in _HIDDEN | _RESHAPING:
        inner = operands[0]
        if inner.shape == tree.shape or tree.primitive in _HIDDEN:
            return inner
        spread = inner.shape == () or (isinstance(inner, Apply) and inner.primitive is shapes.expand_dims)
        if outermost and tree.primitive is shapes.broadcast_to and spread:
            return inner
    return replace(tree, operands=operands)


def _broadcast_unasked(operands: tuple[Expression, ...], shape: tuple[int, ...]) -> tuple[Expression, ...]:
    """The operands of an elementwise operation without the reshaping that broadcasting them repeats."""
    found = list(operands)
    for i, operand in enumerate(found):
        while isinstance(operand, Apply) and operand.primitive in _RESHAPING:
            inner = operand.operands[0]
            aligned = operand.primitive is shapes.broadcast_to or _without_ones(inner) == _without_ones(operand)
            others = [x.shape for j, x in enumerate(found) if j != i]
            if not aligned or np.broadcast_shapes(inner.shape, *others) != shape:
                break
            found[i] = operand = inner
    return tuple(found)


def _without_ones(tree: Expression) -> tuple[int, ...]:
    """The shape without leading axes of length 1."""
    shape = tree.shape
    while shape and shape[0] == 1:
        shape = shape[1:]
    return shape


def simplified(tree: Apply) -> Expression:
    """The tree as one would write it: numbers and signs in front of a product, no factor 1, no first power."""
    operands = tree.operands
    if tree.kind == "b":
        return tree
    match tree.primitive:
        case arithmetic.multiply | arithmetic.divide | elementwise.negative:
            factor = _factor(tree)
            return tree if factor is None else _product(factor, tree)
        case arithmetic.power:
            if _is(operands[1], 1) and operands[0].shape == tree.shape:
                return operands[0]
        case arithmetic.add | arithmetic.subtract:
            return _sum(tree)
        case shapes.astype if isinstance(operands[0], Number):
            return operands[0]
        case shapes.transpose:
            (x,) = operands
            if x.shape == ():
                return x
            if _reverses(tree) and isinstance(x, Apply) and x.primitive is shapes.transpose and _reverses(x):
                return x.operands[0]
    return tree


def _reverses(tree: Apply) -> bool:
    return tree.options.get("axes") in (None, tuple(reversed(range(len(tree.shape)))))


def _sum(tree: Apply) -> Expression:
    """a + (−b) as a − b, and the like; no term 0."""
    a, b = tree.operands
    other = arithmetic.subtract if tree.primitive is arithmetic.add else arithmetic.add
    if isinstance(b, Apply) and b.primitive is elementwise.negative:
        return replace(tree, primitive=other, operands=(a, b.operands[0]))
    if _is_real(b) and b.number < 0:  # type: ignore[union-attr]
        return replace(tree, primitive=other, operands=(a, replace(b, number=-b.number)))  # type: ignore[type-var]
    if _is(b, 0) and a.shape == tree.shape and a.kind != "b":
        return a
    if _is(a, 0) and b.shape == tree.shape and b.kind != "b" and tree.primitive is arithmetic.add:
        return b
    return tree


@dataclass(frozen=True, slots=True)
class _Factored:
    """number / over · rest; the rest is None for a mere number."""

    number: Any
    over: Any
    rest: Expression | None


def _factored(tree: Expression) -> _Factored:
    """An operand, already simplified, with the number in front of it split off."""
    within = tree
    while isinstance(within, Apply) and within.primitive in _HIDDEN | _RESHAPING:
        within = within.operands[0]
    if _is_real(within):
        return _Factored(within.number, within.over, None)  # type: ignore[union-attr]
    if isinstance(tree, Apply):
        if tree.primitive is elementwise.negative:
            inner = _factored(tree.operands[0])
            return _Factored(-inner.number, inner.over, inner.rest)
        if tree.primitive is arithmetic.multiply and isinstance(tree.operands[0], Number):
            inner = _factored(tree.operands[0])
            if inner.rest is None:
                return _Factored(inner.number, inner.over, tree.operands[1])
        if tree.primitive in _RESHAPING:
            inner = _factored(tree.operands[0])
            if inner.rest is not None:
                return _Factored(inner.number, inner.over, replace(tree, operands=(inner.rest,)))
    return _Factored(1, 1, tree)


def _factor(tree: Apply) -> _Factored | None:
    """A product, quotient or negative with its numbers collected; None where there is a division by 0."""
    parts = [_factored(operand) for operand in tree.operands]
    if tree.primitive is elementwise.negative:
        (a,) = parts
        return _Factored(-a.number, a.over, a.rest)
    a, b = parts
    if tree.primitive is arithmetic.multiply:
        rests = tuple(part.rest for part in parts if part.rest is not None)
        rest = rests[0] if len(rests) == 1 else _made(arithmetic.multiply, rests) if rests else None
        return _Factored(a.number * b.number, a.over * b.over, rest)
    if b.number == 0:
        return None
    if b.rest is None:
        return _Factored(a.number * b.over, a.over * b.number, a.rest)
    if a.rest is None:
        sign = -1 if a.number * b.number < 0 else 1
        number = _ratio(abs(a.number * b.over), a.over * abs(b.number))
        return _Factored(sign, 1, _made(arithmetic.divide, (number, b.rest)))
    return _Factored(a.number * b.over, a.over * b.number, _made(arithmetic.divide, (a.rest, b.rest)))


def _product(factor: _Factored, tree: Apply) -> Expression:
    """number / over · rest in the shape of `tree`, which a number alone may have been broadcast to."""
    number, over, rest = factor.number, factor.over, factor.rest
    if over < 0:
        number, over = -number, -over
    size = _ratio(abs(number), over) if abs(number) != over else Number(1)
    made: Expression
    if rest is None:
        made = replace(size, number=-size.number) if number < 0 else size
    else:
        made = rest if size == Number(1) else _made(arithmetic.multiply, (size, rest))
        if number < 0:
            made = _made(elementwise.negative, (made,))
    if made.shape != tree.shape:
        made = Apply(shapes.broadcast_to, (made,), {"shape": tree.shape}, tree.shape)
    return made


def _made(primitive: Primitive, operands: tuple[Expression, ...]) -> Apply:
    return Apply(primitive, operands, {}, np.broadcast_shapes(*(x.shape for x in operands)))


def _ratio(number: Any, over: Any) -> Number:
    return Number(number, over) if over == int(over) else Number(number / over)


def _is_real(tree: Expression) -> bool:
    return isinstance(tree, Number) and not isinstance(tree.number, (bool, complex)) and isfinite(tree.number)


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
