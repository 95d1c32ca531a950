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

# Other records are frozen: frozen, these would cost twice as much to make, several hundred thousand for 10,000 nodes.


@dataclass(slots=True, eq=False)
class Symbol:
    """A named value."""

    name: Name
    value: Any = field(repr=False)
    given: bool = False
    """Whether it was given, and not computed nor to be learned: an input or a constant."""

    number = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbol) and self.name.identifier == other.name.identifier

    def __hash__(self) -> int:
        return hash(self.name.identifier)

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] | None = getattr(self.value, "shape", None)
        return np.shape(self.value) if shape is None else shape

    @property
    def kind(self) -> str:
        """The letter of the dtype's kind: "b" for conditions, "f" for real numbers, …"""
        return kind_of(self.value)


@dataclass(slots=True, unsafe_hash=True)
class Number:
    """A constant without a name; with `over`, a ratio that is kept as it is read: 2/6 and not 0.333."""

    number: Any
    over: int = 1

    shape = ()
    kind = "f"


@dataclass(slots=True, eq=False)
class Apply:
    """A primitive applied to operands. `node` is the Tensor that recorded it, where there is one.

    `means` is what a symbol such as σ′(z) stands for.
    """

    primitive: Primitive
    operands: tuple[Expression, ...]
    options: dict[str, Any]
    shape: tuple[int, ...]
    kind: str = "f"
    node: Tensor | None = field(default=None, repr=False)
    means: Expression | None = field(default=None, repr=False)
    _hash: int | None = field(default=None, init=False, repr=False)

    number = None

    def of(self, operands: tuple[Expression, ...]) -> Apply:
        """The same of operands that are worth the same; itself, where they are the same."""
        if operands == self.operands:
            return self
        return Apply(self.primitive, operands, self.options, self.shape, self.kind, self.node, self.means)

    def __eq__(self, other: object) -> bool:
        """Whether they are written alike, and so mean the same."""
        return self is other or (
            isinstance(other, Apply)
            and hash(self) == hash(other)  # which is kept: most trees that differ do so at a glance
            and self.primitive is other.primitive
            and self.shape == other.shape
            and self.operands == other.operands
            and _same_options(self.options, other.options)
        )

    def __hash__(self) -> int:
        if self._hash is None:
            options = [_hashable(self.options[name]) for name in sorted(self.options)]
            self._hash = hash((self.primitive, self.shape, self.operands, *options))
        return self._hash


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


def _hashable(option: Any) -> Any:
    """What alike options share, and most others do not."""
    if isinstance(option, tuple):
        return tuple(map(_hashable, option))
    if isinstance(option, slice):
        return option.start, option.stop, option.step
    return option if isinstance(option, (int, float, str, type)) else None


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
