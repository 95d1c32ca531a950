"""The paths with the largest products: the k best of a graph that may have billions, exactly, without enumerating it.

Each node keeps the list of its best ways on, as long as was asked for. Its next best is the best of: an edge not taken
yet, with the best way on from there; or an edge taken before, with the next best way on. (Jiménez and Marzal,
"Computing the k shortest paths: a new algorithm and an experimental comparison", WAE 1999; here without recursion,
since a path may be longer than Python's stack.)
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np

from ...tensor import Tensor
from .graph import Block, ScalarGraph

_ZERO, _ENDLESS = -1e15, 1e9
"""In place of the logarithms of 0 and of infinity (and NaN): numbers that can be added and compared."""


class Edge(NamedTuple):
    block: Block
    number: int


class _Way(NamedTuple):
    """A way on to the result: sorted by its size, the largest first, then by the edges' numbers."""

    smallness: float
    block: int
    edge: int
    rank: int


class _Node:
    """An entry: the ways on that are known, in order; the candidates for the next; and what was taken last."""

    __slots__ = ("candidates", "known", "taken")

    def __init__(self, candidates: list[_Way]):
        self.candidates = candidates
        heapify(candidates)
        self.known: list[_Way] = []
        self.taken: _Way | None = None

    @property
    def exhausted(self) -> bool:
        return not self.candidates and self.taken is None


def largest(graph: ScalarGraph, start: Tensor, k: int) -> Iterator[list[Edge]]:
    """The k paths from the one opened entry of `start` to the result whose products are largest in size, in order."""
    if start not in graph.entries or k < 1:
        return
    if start is graph.root:
        yield []
        return
    search = _Search(graph)
    key = (start, 0)
    for rank in range(k):
        if not search.find(key, rank):
            return
        yield search.path(key, rank)


class _Search:
    def __init__(self, graph: ScalarGraph):
        self.graph = graph
        self.sizes = [_logarithms(b.derivatives) for b in graph.blocks]
        self.out: dict[Tensor, list[int]] = {}
        for i, b in enumerate(graph.blocks):
            self.out.setdefault(b.source, []).append(i)
        self.onward = {x: np.full(len(entries), -np.inf) for x, entries in graph.entries.items()}
        self.onward[graph.root][:] = 0.0
        for b, size in zip(reversed(graph.blocks), reversed(self.sizes), strict=True):
            np.maximum.at(self.onward[b.source], b.sources, size + self.onward[b.target][b.targets])
        self.nodes: dict[tuple[Tensor, int], _Node] = {}

    def node(self, key: tuple[Tensor, int]) -> _Node:
        found = self.nodes.get(key)
        if found is None:
            x, entry = key
            ways = []
            for i in self.out.get(x, ()):
                b = self.graph.blocks[i]
                low, high = np.searchsorted(b.sources, (entry, entry + 1)).tolist()
                sizes = self.sizes[i][low:high] + self.onward[b.target][b.targets[low:high]]
                ways += [_Way(-size, i, low + j, 0) for j, size in enumerate(sizes.tolist())]
            found = self.nodes[key] = _Node(ways)
        return found

    def find(self, key: tuple[Tensor, int], rank: int) -> bool:
        """Make the way of this rank (from 0) known; False if there are not so many."""
        stack = [(key, rank)]
        while stack:
            at, wanted = stack[-1]
            node = self.node(at)
            if len(node.known) > wanted:
                stack.pop()
                continue
            taken = node.taken
            if taken is not None:  # the same edge, with the next best way on from its end, is a candidate now
                b = self.graph.blocks[taken.block]
                if b.target is not self.graph.root:
                    end = (b.target, int(b.targets[taken.edge]))
                    beyond = self.node(end)
                    if len(beyond.known) <= taken.rank + 1 and not beyond.exhausted:
                        stack.append((end, taken.rank + 1))
                        continue
                    if len(beyond.known) > taken.rank + 1:
                        size = self.sizes[taken.block][taken.edge] - beyond.known[taken.rank + 1].smallness
                        heappush(node.candidates, _Way(-size, taken.block, taken.edge, taken.rank + 1))
                node.taken = None
            if node.exhausted:
                stack.pop()
                continue
            node.taken = heappop(node.candidates)
            node.known.append(node.taken)
        return len(self.node(key).known) > rank

    def path(self, key: tuple[Tensor, int], rank: int) -> list[Edge]:
        edges = []
        while key[0] is not self.graph.root:
            self.find(key, rank)
            way = self.nodes[key].known[rank]
            b = self.graph.blocks[way.block]
            edges.append(Edge(b, way.edge))
            key, rank = (b.target, int(b.targets[way.edge])), way.rank
        return edges


def _logarithms(derivatives: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        sizes = np.log(np.abs(derivatives))
    return np.nan_to_num(sizes, nan=_ENDLESS, posinf=_ENDLESS, neginf=_ZERO)
