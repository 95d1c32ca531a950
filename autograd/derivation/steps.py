"""The steps of a derivation: each named value's formula, and in the order of the reverse sweep each gradient's.

The gradients' formulas are what the rules record when they are run on Tensors, one named value at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from heapq import heappop, heappush
from operator import add
from typing import Any

import numpy as np

from ..backprop import seed, sweep
from ..graph import ancestors, check_recomputes, check_unchanged
from ..modes import EVERYTHING, record
from ..tensor import Tensor
from .expression import Apply, Expression, Number, Symbol, constant, expression, top
from .names import Name, Names, gradient_name

_DEEPEST = 8
"""An unnamed value this many operations above the named ones gets a name: a formula stays a line long."""


@dataclass(frozen=True, slots=True)
class Value:
    """A named value of the graph. `formula` is None for what nothing computed."""

    symbol: Symbol
    role: str
    tensor: Any
    formula: Expression | None
    inputs: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one consumer of a value hands back to it."""

    consumer: Name
    formula: Expression


@dataclass(frozen=True, slots=True)
class Step:
    """How the gradient with respect to one named value comes about: the sum of its consumers' contributions."""

    value: Value
    gradient: Symbol
    contributions: tuple[Contribution, ...]
    formula: Expression


@dataclass(frozen=True, slots=True)
class Derived:
    """What was derived: the values, inputs first, and the steps to the gradients, output first."""

    root: Value
    values: tuple[Value, ...]
    steps: tuple[Step, ...]


def steps(root: Tensor, variables: Mapping[str, Any] | None = None) -> Derived:
    """Derive the gradients of a scalar with respect to all named values that it was computed from."""
    seed(root, None)  # refuses what has no gradient
    nodes = ancestors(root)
    for node in nodes:
        if node.primitive is not None:
            check_unchanged(node)
            check_recomputes(node)
    named = _Named(root, nodes, Names(variables))
    return Derived(named.values[root], tuple(named.values.values()), _backward(root, named))


class _Named:
    """Which values of a graph bear names, and what they are called."""

    def __init__(self, root: Tensor, nodes: list[Tensor], names: Names):
        uses = Counter(id(x) for node in nodes for x in node.inputs)
        names.reserve(nodes)
        self.values: dict[Any, Value] = {}
        self.symbols: dict[int, Expression] = {}
        self.lifted: dict[int, Tensor] = {}
        self.kept: list[Any] = []  # alive as long as `symbols` knows them by id
        self.names = names
        depth: dict[int, int] = {}
        # Leaves come first in `nodes`, in the order of their age or of the walk: name them where they are first used.
        for node in nodes:
            if node.primitive is None:
                if node is root:
                    self._name(root, root)
                continue
            for x in node.inputs:
                if id(x) not in self.symbols and self._is_leaf(x):
                    self._name(x, root)
            level = 1 + max((depth.get(id(x), 0) for x in node.inputs), default=0)
            if node is root or names.own(node) or uses[id(node)] > 1 or level >= _DEEPEST:
                self._name(node, root)
                level = 0
            depth[id(node)] = level

    @staticmethod
    def _is_leaf(x: Any) -> bool:
        """Arrays and Tensors that nothing computed; single numbers only if they can bear a gradient or a name."""
        if type(x) is Tensor:
            return x.primitive is None and (x.requires_grad or x.name is not None or x.ndim > 0)
        return isinstance(x, np.ndarray) and x.ndim > 0

    def _name(self, x: Any, root: Tensor) -> None:
        tensor = type(x) is Tensor
        name = self.names.name(x)
        symbol = self.symbols[id(x)] = Symbol(name, x.data if tensor else x)
        formula = top(x, self.leaf) if tensor and x.primitive is not None else None
        role = (
            "output"
            if x is root
            else "intermediate"
            if formula is not None
            else "parameter"
            if tensor and x.requires_grad
            else "input"
            if (tensor and x.name is not None) or self.names.own(x)
            else "constant"
        )
        inputs = tuple(_symbols_in_order(formula)) if formula is not None else ()
        key = x if tensor else _Identity(x)
        self.values[key] = Value(symbol, role, x, formula, inputs)
        if not tensor:
            self.lifted[id(x)] = self.stand_in(x, symbol)

    def stand_in(self, data: Any, tree: Expression) -> Tensor:
        """A Tensor for rules to run on that is written as `tree`."""
        made = Tensor(data)
        self.symbols[id(made)] = tree
        self.kept.append(made)
        return made

    def leaf(self, x: Any) -> Expression | None:
        """What the expression trees of this graph end at. An array that a rule brought along is given a name."""
        found = self.symbols.get(id(x)) or constant(x)
        if found is None and (type(x) is not Tensor or x.primitive is None):
            found = self.symbols[id(x)] = Symbol(self.names.name(x), x.data if type(x) is Tensor else x)
            self.kept.append(x)
        return found

    def lift(self, x: Any) -> Any:
        """The Tensor that stands for an array, so that rules which run on it are recorded."""
        return self.lifted.get(id(x), x)


class _Identity:
    """A key for an array: itself, not its values."""

    __slots__ = ("array",)

    def __init__(self, array: Any):
        self.array = array


def _symbols_in_order(tree: Expression) -> list[Name]:
    """The names in a tree, from left to right, each as often as it is used."""
    if isinstance(tree, Symbol):
        return [tree.name]
    if isinstance(tree, Apply):
        return [name for operand in tree.operands for name in _symbols_in_order(operand)]
    return []


def _backward(root: Tensor, named: _Named) -> tuple[Step, ...]:
    """One step a named value, the youngest first, as the engine's own sweep takes them."""
    bearers = {x for x in named.values if type(x) is Tensor and x.requires_grad}
    place = {x: i for i, x in enumerate(named.values)}
    parts: dict[Tensor, list[tuple[Tensor, Tensor]]] = {root: []}
    waiting = [(-root.order, place[root], root)]
    done: list[Step] = []
    while waiting:
        value = heappop(waiting)[2]
        with record(EVERYTHING):
            total = reduce(add, (part for _, part in parts[value])) if parts[value] else Tensor(seed(root, None))
        formula = Number(1) if value is root else expression(total, named.leaf)
        contributions = tuple(
            Contribution(named.values[consumer].symbol.name, expression(part, named.leaf))
            for consumer, part in parts[value]
        )
        name = named.names.unique(gradient_name(named.values[root].symbol.name, named.values[value].symbol.name))
        gradient = Symbol(name, total.data)
        done.append(Step(named.values[value], gradient, contributions, formula))
        if value.primitive is None:
            continue
        arriving = named.stand_in(total.data, Number(1) if value is root else gradient)
        with record(EVERYTHING):
            bearers.discard(value)  # all its consumers are done; it is the start now, and no end
            handed = sweep(value, arriving, ends=bearers, lift=named.lift)
        for x, part in handed.items():
            if x not in parts:
                parts[x] = []
                heappush(waiting, (-x.order, place[x], x))
            parts[x].append((value, part))
    return tuple(done)
