"""Expression trees: named values, numbers, and primitives applied to them. Plain data; nothing here computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from ..primitives.notation import SUM, Form, Notation
from ..primitives.primitive import Primitive, primitive
from ..tensor import Tensor
from .names import Name
from .numbers import kind_of


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named value."""

    name: Name
    value: Any = field(compare=False, repr=False)
    given: bool = field(default=False, compare=False)
    """Whether it was given, and not computed nor to be learned: an input or a constant."""

    number = None

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] | None = getattr(self.value, "shape", None)
        return np.shape(self.value) if shape is None else shape

    @property
    def kind(self) -> str:
        """The letter of the dtype's kind: "b" for conditions, "f" for real numbers, …"""
        return kind_of(self.value)


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


def same(a: Expression, b: Expression) -> bool:
    """Whether two trees are written alike, and so mean the same."""
    if a is b:
        return True
    if isinstance(a, Apply) and isinstance(b, Apply):
        return (
            a.primitive is b.primitive
            and a.shape == b.shape
            and len(a.operands) == len(b.operands)
            and (a.options is b.options or _same_options(a.options, b.options))
            and all(map(same, a.operands, b.operands))
        )
    if isinstance(a, Symbol) and isinstance(b, Symbol):
        return a.name.identifier == b.name.identifier
    return isinstance(a, Number) and isinstance(b, Number) and bool(a.number == b.number) and a.over == b.over


def _same_options(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether options are the same; those that hold arrays only if they are the very same objects."""
    if a.keys() != b.keys():
        return False
    plain = (int, float, str, bool, tuple, type(None), type, np.dtype)
    try:
        return all(
            a[key] is b[key] or (isinstance(a[key], plain) and type(a[key]) is type(b[key]) and bool(a[key] == b[key]))
            for key in a
        )
    except ValueError:  # a tuple with arrays in it
        return False


def parts(tree: Expression) -> Iterator[Expression]:
    """The tree and all that stands in it, also what stands behind its symbols for derivatives."""
    stack = [tree]
    while stack:
        part = stack.pop()
        yield part
        if isinstance(part, Apply):
            stack.extend(reversed(part.operands))
            if part.means is not None:
                stack.append(part.means)


def symbols(tree: Expression) -> Mapping[str, Symbol]:
    """The named values of a tree by identifier."""
    found: dict[str, Symbol] = {}
    for part in parts(tree):
        if isinstance(part, Symbol):
            found.setdefault(part.name.identifier, part)
    return found
