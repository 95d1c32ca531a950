"""Which values of a graph bear names, what they are called, and what the formulas of the graph end at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np

from ..primitives.shapes import alias
from ..several import Several
from ..tensor import Tensor
from .expression import constant, top
from .names import Name, Names
from .records import Value
from .trees import Apply, Expression, Symbol

_DEEPEST = 8
"""An unnamed value this many operations above the named ones gets a name: a formula stays a line long."""


class Named:
    """Which values of a graph bear names, and what they are called."""

    def __init__(self, root: Tensor, nodes: list[Tensor], names: Names, also: AbstractSet[Tensor] = frozenset()):
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
            several = type(node.data) is Several  # has no formula of its own; its parts have
            own = names.own(node)
            bears = node is root or own or node in also or uses[id(node)] > 1 or level >= _DEEPEST
            # A copy under the same name, as functions of functions make of their arguments, says nothing.
            copy = node.primitive is alias and node is not root and own == names.own(node.inputs[0])
            if bears and not several and not copy:
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
