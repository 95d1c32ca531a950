"""A recorded graph opened into scalars: one node for each entry of a Tensor, one edge for each local derivative.

Only what lies between the entries asked for and the result is opened. What can be counted or summed over all paths is
found by dynamic programming, each edge looked at once, however many paths there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...backprop import seed, sweep
from ...graph import ancestors, check_recomputes, check_unchanged
from ...several import Several
from ...tensor import Tensor
from ..names import Name
from ..trees import Expression
from .jacobians import MOST_EDGES, Jacobian, TooLargeError
from .operations import Operation
from .recognised import jacobian

_MOST_NODES = 100_000
"""So many values are opened, at a tenth of a millisecond each."""


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One entry of a Tensor: where it is, what it is called, its value, its gradient, how it is computed."""

    tensor: Tensor = field(repr=False)
    index: tuple[int, ...]
    name: Name
    named: bool
    """Whether the Tensor bears a name that a reader knows; paths are written down by these."""
    value: Any
    gradient: Any
    formula: Expression | None = field(repr=False)
    """None for a leaf, and where scalars do not say it in a line."""


@dataclass(frozen=True, slots=True)
class ScalarEdge:
    """The derivative of one entry by another that it was computed from directly."""

    source: ScalarNode
    target: ScalarNode
    derivative: float
    formula: Expression = field(repr=False)
    position: int
    """Which input of the operation: the two edges of x · x differ in it."""


@dataclass(frozen=True, slots=True)
class Block:
    """The edges from the entries of one Tensor to those of one that it was an input of.

    `sources` and `targets` are positions in the graph's `entries` of the two Tensors; sources ascend.
    """

    source: Tensor
    target: Tensor
    position: int
    sources: np.ndarray
    targets: np.ndarray
    derivatives: np.ndarray


class ScalarGraph:
    """The scalars between some entries and the result, made by `opened`.

    `entries` has, for each Tensor on the way, the opened entries (in C order, ascending); `blocks` the edges, in the
    order of the forward pass.
    """

    def __init__(self, root: Tensor, starts: Mapping[Tensor, np.ndarray]):
        self.root = root
        self.starts = starts
        self.entries: dict[Tensor, np.ndarray] = {}
        self.blocks: list[Block] = []
        self._operations: dict[Tensor, Operation] = {}
        self._jacobians: dict[tuple[Tensor, int], Jacobian] = {}

    def operation(self, node: Tensor) -> Operation:
        if node not in self._operations:
            self._operations[node] = Operation(node)
        return self._operations[node]

    def jacobian(self, node: Tensor, position: int) -> Jacobian:
        key = (node, position)
        if key not in self._jacobians:
            self._jacobians[key] = jacobian(self.operation(node), position)
        return self._jacobians[key]

    @property
    def edges(self) -> int:
        return sum(len(block.derivatives) for block in self.blocks)

    def accumulated(self, derivatives: bool, absolute: bool = False) -> float:
        """The sum over all paths of the products of derivatives (of their sizes), or of ones: their number, rounded.

        From the result backwards, as backpropagation adds them up: what is too small or large for a float is so there.
        """
        totals = {x: np.zeros(len(entries)) for x, entries in self.entries.items()}
        if self.root not in totals:
            return 0.0
        totals[self.root][:] = 1.0
        with np.errstate(all="ignore"):
            for b in reversed(self.blocks):
                weights = totals[b.target][b.targets]
                if derivatives:
                    weights = weights * (np.abs(b.derivatives) if absolute else b.derivatives)
                totals[b.source] += np.bincount(b.sources, weights, len(totals[b.source]))
        return float(sum(totals[x][np.isin(self.entries[x], at)].sum() for x, at in self.starts.items() if x in totals))

    def count(self, live: bool = False) -> Count:
        """The exact number of paths, and of the edges on all of them; `live` leaves out those with a derivative 0."""
        # Integers of 64 bits are quick, and right as long as a float says that they suffice.
        nearly = self.accumulated(derivatives=False) * max(len(self.entries), 1)
        kind = np.int64 if nearly < 2**62 else object
        paths = {x: np.isin(entries, self.starts.get(x, ())).astype(kind) for x, entries in self.entries.items()}
        steps = {x: np.zeros(len(entries), kind) for x, entries in self.entries.items()}
        for b in self.blocks:
            there = np.flatnonzero(b.derivatives) if live else slice(None)
            sources, targets = b.sources[there], b.targets[there]
            np.add.at(paths[b.target], targets, paths[b.source][sources])
            np.add.at(steps[b.target], targets, steps[b.source][sources] + paths[b.source][sources])
        if self.root not in paths:
            return Count(0, 0)
        return Count(int(paths[self.root].sum()), int(steps[self.root].sum()))


@dataclass(frozen=True, slots=True)
class Count:
    """How many paths there are, and how many edges they have in all: the products to form, going path by path."""

    paths: int
    steps: int


def opened(root: Tensor, starts: Mapping[Tensor, np.ndarray]) -> ScalarGraph:
    """Open the graph of a scalar between `starts`, the entries of some Tensors (ascending, in C order), and the scalar.

    Raises RuntimeError for a graph that was changed after it was recorded, TooLargeError (a ValueError) for one that
    opens into more than millions of derivatives, TypeError for complex numbers.
    """
    seed(root, None)  # refuses what has no gradient
    graph = ScalarGraph(root, starts)
    reached = {x: entries for x, entries in starts.items() if len(entries)}
    blocks: list[Block] = []
    edges = 0
    for node in _checked(root):
        if node.primitive is None or type(node.data) is Several:  # of several results, the parts are the nodes
            continue
        found = [reached[node]] if node in reached else []
        into = []
        operation = graph.operation(node)
        for position in operation.bearers():
            x = operation.sources[position]
            if x in reached:
                made = graph.jacobian(node, position).by_inputs(reached[x])
                edges += len(made.sources)
                if edges > MOST_EDGES:
                    raise TooLargeError(
                        f"this graph opens into more than {MOST_EDGES:,} derivatives. Ask for the paths of a smaller "
                        "batch, or of an entry nearer to the result"
                    )
                if len(made.sources):
                    into.append((x, position, made))
                    found.append(made.targets)
        if not found:
            continue
        reached[node] = np.unique(np.concatenate(found))
        for x, position, made in into:
            order = np.lexsort((made.targets, made.sources))
            sources = np.searchsorted(reached[x], made.sources[order])
            targets = np.searchsorted(reached[node], made.targets[order])
            blocks.append(Block(x, node, position, sources, targets, made.derivatives[order]))
    _prune(graph, reached, blocks)
    return graph


def _checked(root: Tensor) -> Iterator[Tensor]:
    """The nodes of a graph, oldest first, each still what was computed."""
    nodes = ancestors(root)
    if len(nodes) > _MOST_NODES:
        raise TooLargeError(
            f"this graph has {len(nodes):,} values, more than the {_MOST_NODES:,} that are opened. Ask for the paths "
            "of a part of it, e.g. of fewer steps of a loop"
        )
    for node in nodes:
        if node.primitive is not None:
            check_unchanged(node)
            check_recomputes(node)
        yield node


def _prune(graph: ScalarGraph, reached: Mapping[Tensor, np.ndarray], blocks: list[Block]) -> None:
    """Keep what leads on to the result."""
    if graph.root not in reached:
        return
    alive = {x: np.zeros(len(entries), bool) for x, entries in reached.items()}
    alive[graph.root][:] = True
    kept = []
    for b in reversed(blocks):
        there = alive[b.target][b.targets]
        if there.any():
            alive[b.source][b.sources[there]] = True
            kept.append((b, there))
    place = {x: np.cumsum(flags) - 1 for x, flags in alive.items()}
    graph.entries = {x: entries[alive[x]] for x, entries in reached.items() if alive[x].any()}
    graph.blocks = [
        Block(
            b.source,
            b.target,
            b.position,
            place[b.source][b.sources[there]],
            place[b.target][b.targets[there]],
            b.derivatives[there],
        )
        for b, there in reversed(kept)
    ]


def engine_gradients(root: Tensor, wanted: Mapping[Tensor, Any]) -> dict[Tensor, Any]:
    """What backpropagation itself gives for these Tensors; those that no gradient reaches are left out."""
    found: dict[Tensor, Any] = {}

    def notice(node: Tensor, g: Any) -> None:
        if node in wanted:
            found[node] = g

    with np.errstate(all="ignore"):
        ends = sweep({root: seed(root, None)}, notice=notice, hooks=False)
    return found | {x: g for x, g in ends.items() if x in wanted}
