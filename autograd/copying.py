"""Copies and pickles of Tensors with the graphs behind them: `copy.copy`, `copy.deepcopy`, `pickle`.

A graph may be deeper than Python's stack, so it is written as one flat list, oldest first, and made again from that.
"""

from __future__ import annotations

import copy as _copy
from collections.abc import Container
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from .graph import check_unchanged
from .primitives.shapes import alias
from .tensor import Outdated, Tensor, last_change, next_order, recorded

_AS_THEY_ARE = (np.generic, int, float, complex, str, slice, type(None), type(Ellipsis))


def copied(self: Tensor) -> Tensor:
    """`copy.copy(t)`: a leaf of the same value, gradient and name; of a result, one more Tensor of the same graph.

    Memory is shared in either case.
    """
    if self.primitive is not None:
        twin = recorded(self._value, self._requires_grad, alias, (self,), None)
        twin._name = self.name
        return twin
    return _leaf(self._value, self._requires_grad, self.name, self._grad)


def deepcopied(self: Tensor, memo: dict[int, Any]) -> Tensor:
    """`copy.deepcopy(t)`: the value, the gradient, and the whole graph down to leaves of its own.

    What was one Tensor or one array is one in the copy: `copy.deepcopy((net, loss))` gives a loss that runs backward to
    the parameters of that net. Hooks stay behind.
    """

    def inner(x: Any) -> Any:
        if type(x) is Tensor:
            return memo[id(x)]
        return x if isinstance(x, _AS_THEY_ARE) else _copy.deepcopy(x, memo)

    nodes = [node for node in _with_gradients(self, memo) if id(node) not in memo]
    for node in nodes:
        inputs, options = tuple(map(inner, node.inputs)), node.options and _copy.deepcopy(node.options, memo)
        memo[id(node)] = _made(inner(node._value), inputs, options, *_rest(node))
    for node in nodes:
        if node._grad is not None:
            memo[id(node)]._grad = memo[id(node._grad)]
    return memo[id(self)]


def reduced(self: Tensor) -> tuple[Any, ...]:
    """For pickle: the value, the gradient, and the whole graph down to its leaves.

    What was one Tensor is one again after loading, also between Tensors that are pickled together. A primitive is
    found again by its name, one of the user's own by the module-level variable that holds it. Hooks stay behind.
    Unpickle only what you trust: a pickle can run any code.

    >>> import pickle
    >>> w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> loss = pickle.loads(pickle.dumps((w * w).sum()))
    >>> loss.backward()
    >>> loss.inputs[0].inputs[0].grad
    Tensor([2., 4.])
    """
    graph = _being_pickled.get(id(self)) or _Graph(self)
    return _picked, (graph, graph.numbers[self])


class _Graph:
    """What pickle writes in place of Tensors: all that one was made from, as a flat list of records.

    Pickle keeps it for as long as it writes one file, and by that, Tensors written later find those already written.
    """

    __slots__ = ("__weakref__", "numbers", "others")

    def __init__(self, root: Tensor):
        nodes = _with_gradients(root, _being_pickled)
        self.numbers = {node: number for number, node in enumerate(nodes)}
        others = ((node, _being_pickled.setdefault(id(node), self)) for node in nodes)
        self.others = {node: graph for node, graph in others if graph is not self}

    def __reduce__(self) -> tuple[Any, ...]:
        def inner(x: Any) -> Any:
            return _Number(self.numbers[x]) if type(x) is Tensor else x

        entries: list[Any] = []
        for node in self.numbers:
            if node in self.others:
                graph = self.others[node]
                entries.append((graph, graph.numbers[node]))
            else:
                entries.append((node._value, tuple(map(inner, node.inputs)), node.options, *_rest(node)))
        own = ((node, number) for node, number in self.numbers.items() if node not in self.others)
        gradients = {number: self.numbers[node._grad] for node, number in own if node._grad is not None}
        return _loaded, (entries, gradients)


class _Number(int):
    """Stands for a Tensor in a record: its number in the list."""

    __slots__ = ()


_being_pickled: WeakValueDictionary[int, _Graph] = WeakValueDictionary()
"""By the id of a Tensor, which is valid while the graph lives, as that holds the Tensor."""


def _loaded(entries: list[Any], gradients: dict[int, int]) -> list[Tensor]:
    nodes: list[Tensor] = []
    for entry in entries:
        if len(entry) == 2:
            graph, number = entry
            nodes.append(graph[number])
        else:
            data, inputs, *rest = entry
            nodes.append(_made(data, tuple(nodes[x] if type(x) is _Number else x for x in inputs), *rest))
    for number, gradient in gradients.items():
        nodes[number]._grad = nodes[gradient]
    return nodes


def _picked(nodes: list[Tensor], number: int) -> Tensor:
    return nodes[number]


def _rest(node: Tensor) -> tuple[Any, ...]:
    """What a copy has of a Tensor beside value, inputs and options."""
    outdated = False
    if node.primitive is not None:
        try:
            check_unchanged(node)
        except RuntimeError:  # it may be part of something that is worth copying; its copy refuses backward as well
            outdated = True
    return node.primitive, node._requires_grad, node.name, outdated


def _made(data: Any, inputs: Any, options: Any, primitive: Any, requires_grad: bool, name: Any, outdated: bool):
    """A copy of a Tensor. Of a result it is younger than all there is, so that new operations may use old and new."""
    if primitive is None:
        return _leaf(data, requires_grad, name, None)
    binary = len(inputs) == 2 and options is None and type(inputs[0]) is not tuple
    made = recorded(data, requires_grad, primitive, *(inputs if binary else (inputs, options)))
    made._name = name
    if outdated:
        made._changed = now = Outdated(next_order())
        if now > last_change[0]:
            last_change[0] = now
    return made


def _leaf(data: Any, requires_grad: bool, name: str | None, grad: Tensor | None) -> Tensor:
    leaf = Tensor(data, name=name)
    leaf._requires_grad, leaf._grad = requires_grad, grad
    return leaf


def _with_gradients(root: Tensor, known: Container[int] = ()) -> list[Tensor]:
    """All Tensors that `root` or, in turn, a gradient kept by one of them was made from, oldest first.

    Those whose ids are `known` are listed, not looked behind.
    """
    seen = {root}
    found = [root]
    for node in found:  # grows
        if id(node) not in known:
            for x in (*node.inputs, node._grad):
                if type(x) is Tensor and x not in seen:
                    seen.add(x)
                    found.append(x)
    return sorted(found, key=lambda node: node.order)
