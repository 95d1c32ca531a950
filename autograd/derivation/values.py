"""Which values of a graph bear names, what they are called, and what the formulas of the graph end at."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np

from ..primitives import shapes
from ..several import Several
from ..tensor import Tensor, extra_of
from .expression import constant, expression, top
from .names import Name, Names, memory
from .records import Value
from .trees import Apply, Expression, Number, Symbol

_LONGEST = 8
"""An unnamed value that so many operations computed from named ones gets a name: a formula stays a line long."""


class Named:
    """Which values of a graph bear names, and what they are called."""

    def __init__(self, root: Tensor, nodes: list[Tensor], names: Names, also: AbstractSet[Tensor] = frozenset()):
        uses = Counter(id(x) for node in nodes for x in node.inputs)
        self._gradients = names.name_gradients(nodes)
        names.meet(nodes)
        self._views: dict[Any, Expression] = {}
        self._cut: dict[Any, list[Name]] = {}
        self.values: dict[Any, Value] = {}
        self.symbols: dict[int, Expression] = {}
        self._unnamed: set[Tensor] = set()
        self._trees: dict[Tensor, Expression] = {}
        self._uses: dict[Tensor, Counter[Tensor]] = {}
        self.lifted: dict[int, Tensor] = {}
        self.kept: list[Any] = []  # alive as long as `symbols` knows them by id
        self.names = names
        operations: dict[int, int] = {}
        # Leaves come first in `nodes`, in the order of their age or of the walk: name them where they are first used.
        for node in nodes:
            if node.primitive is None:
                if node is root:
                    self._name(root, root)
                continue
            for x in node.inputs:
                if id(x) not in self.symbols and self._is_leaf(x):
                    self._name(x, root)
            count = 1 + sum(operations.get(id(x), 0) for x in node.inputs)
            several = type(node.data) is Several  # has no formula of its own; its parts have
            own = names.own(node)
            bears = node is root or own or node in also or uses[id(node)] > 1 or count >= _LONGEST
            # A copy under the same name, as functions of functions make of their arguments, says nothing.
            copy = node.primitive is shapes.alias and node is not root and own == names.own(node.inputs[0])
            if bears and not several and not copy:
                self._name(node, root)
                count = 0
            else:
                self._unnamed.add(node)
            operations[id(node)] = count

    @staticmethod
    def _is_leaf(x: Any) -> bool:
        """Arrays and Tensors that nothing computed; single numbers only if they can bear a gradient or a name."""
        if type(x) is Tensor:
            return x.primitive is None and (x.requires_grad or x.name is not None or x.ndim > 0)
        return isinstance(x, np.ndarray) and x.ndim > 0

    def _name(self, x: Any, root: Tensor) -> None:
        tensor = type(x) is Tensor
        data = x.data if tensor else x
        tree = self._by_another_name(x, root)
        if tree is not None:
            self.symbols[id(x)] = tree
            if not tensor:
                self.lifted[id(x)] = self.stand_in(x, tree)
            return
        name = self.names.name(x)
        given = not tensor or (x.primitive is None and not x.requires_grad and x is not root)
        symbol = self.symbols[id(x)] = Symbol(name, data, given)
        formula = top(x, self.leaf, id(x) in self._gradients) if tensor and x.primitive is not None else None
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
        if isinstance(data, np.ndarray) and data.ndim == 2:
            self._views.setdefault(memory(data), symbol)
        if tensor and (beside := extra_of(x)) and beside.source is not None:
            self._cut.setdefault(beside.source(), []).append(name)
        key = x if tensor else _Identity(x)
        self.values[key] = Value(symbol, role, x, formula, inputs)
        if not tensor:
            self.lifted[id(x)] = self.stand_in(x, symbol)

    def _by_another_name(self, x: Any, root: Tensor) -> Expression | None:
        """What a value is by names that there are: the same array; the transpose that a rule took of a matrix without
        gradient; an array of one number."""
        original = self.names.original(x)
        if original is not x:
            if id(original) not in self.symbols:
                self._name(original, root)
            return self.symbols[id(original)]
        data = x.data if type(x) is Tensor else x
        if (
            isinstance(data, np.ndarray)
            and data.ndim == 2
            and not (type(x) is Tensor and x.requires_grad)
            and not self.names.own(x)
            and (flipped := self._views.get(memory(data.T))) is not None
        ):
            return Apply(shapes.transpose, (flipped,), {}, x.shape, data.dtype.kind)
        level = self._level(x) if self._gradients else None
        return None if level is None else Apply(shapes.broadcast_to, (Number(level),), {"shape": x.shape}, x.shape)

    def _level(self, x: Any) -> float | None:
        """The number in all entries of an array without a name, as gradients of sums and means are that were computed
        on the way to the graph of a gradient; None if they differ."""
        data = x.data if type(x) is Tensor else x
        if (type(x) is Tensor and (x.primitive is not None or x.requires_grad)) or self.names.own(x) is not None:
            return None
        if not isinstance(data, np.ndarray) or data.dtype.kind != "f" or not data.size:
            return None
        level = data.flat[0].item()
        return level if math.isfinite(level) and bool((data == level).all()) else None

    def uses(self, node: Tensor) -> Counter[Tensor]:
        """How often an operation uses each Tensor. Counted once: thousands may be stacked into one."""
        found = self._uses.get(node)
        if found is None:
            found = self._uses[node] = Counter(x for x in node.inputs if type(x) is Tensor)
        return found

    def detached(self, x: Tensor) -> list[Name]:
        """The names of values that were detached from `x`: no gradient comes back from them."""
        return self._cut.get(x, [])

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

    def backward_leaf(self, x: Any) -> Expression | None:
        """The same for gradients, which meet the graph's unnamed values again and again: their trees are made once."""
        found = self.leaf(x)
        if found is None and x in self._unnamed:
            found = expression(x, self.leaf, merging=True, known=self._trees)
        return found

    def called(self, x: Any) -> Name | None:
        """The name of a value; None for what bears none."""
        found = self.symbols.get(id(x))
        return found.name if isinstance(found, Symbol) else None

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
