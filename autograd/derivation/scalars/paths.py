"""One entry of a gradient as the sum over the paths from it to the result, each a product of local derivatives.

What is counted and summed is exact for any number of paths (graph.py); the largest are listed (best_paths.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import index as as_index
from typing import Any

import numpy as np

from ...graph import ancestors
from ...tensor import Tensor, label
from ..names import Name, gradient_name
from ..numbers import as_numpy
from ..trees import Expression, Number
from .best_paths import Edge, largest
from .entries import Entries, index_of
from .graph import ScalarEdge, ScalarGraph, ScalarNode, engine_gradients, opened

_MOST_OTHERS = 20
LISTED = 10
"""So many paths are listed where no other number is asked for."""
_MOST_FORMULAS = 500
"""So many edges of the listed paths get their derivative as a formula, the largest paths' first; others as a number."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way from the entry to the result, and the product of the local derivatives along it."""

    edges: tuple[ScalarEdge, ...]
    product: float

    @property
    def nodes(self) -> tuple[ScalarNode, ...]:
        """The entries that it passes, both ends included."""
        return (*(edge.source for edge in self.edges[:1]), *(edge.target for edge in self.edges))


@dataclass(frozen=True, slots=True)
class PathSum:
    """An entry of a gradient as a sum over paths: what they are, how many, what they cost.

    `paths` lists the largest by size, the largest first; `rest` is the sum of the `rest_count` others. `nodes` and
    `edges` are those on the listed paths; `graph` holds all that was opened.
    """

    start: ScalarNode
    root: ScalarNode
    name: Name
    """Of the gradient's entry."""
    gradient: float
    """What backpropagation gives; the sum over all paths was compared with it."""
    total: float
    """The sum over all paths."""
    count: int
    live: int
    """How many have no derivative of 0 on the way."""
    paths: tuple[Path, ...]
    rest_count: int
    rest: float
    multiplications: int
    """By local derivatives, going path by path: one for each edge of each path."""
    backpropagation: int
    """By local derivatives, going backwards once: one for each edge."""
    nodes: tuple[ScalarNode, ...]
    edges: tuple[ScalarEdge, ...]
    others: tuple[ScalarNode, ...]
    """Entries without a name of their own that the formulas call v1, v2, …; those whose formula `nodes` lacks."""
    namespace: Mapping[str, Any] = field(repr=False)
    """The data that the formulas' NumPy source speaks of, by name."""
    graph: ScalarGraph = field(repr=False)


def path_sum(root: Tensor, wrt: Any, index: Any, k: int, variables: Mapping[str, Any] | None = None) -> PathSum:
    """The sum over paths behind the gradient of the scalar `root` by the entry of `wrt` at `index`.

    Raises what `ag.paths` documents.
    """
    wrt, at = checked_wrt(root, wrt), None
    at = checked_index(wrt, index)
    k = _checked_k(k)
    entry = int(np.ravel_multi_index(at, wrt.shape)) if at else 0
    graph = opened(root, {wrt: np.array([entry])})
    gradients = engine_gradients(root, dict.fromkeys((*graph.entries, wrt, root)))
    gradient = float(np.reshape(as_numpy(gradients.get(wrt, np.zeros(wrt.shape))), -1)[entry])
    total = graph.accumulated(derivatives=True)
    _check_total(graph, total, gradient, wrt, at)

    entries = Entries(graph, variables)
    listed = list(largest(graph, wrt, k))
    if not _told_apart(listed, entries):  # v1, v2, … are names that a reader needs then
        for x in sorted({block.target for edges in listed for block, _ in edges}, key=lambda x: x.order):
            entries.know(x, entries.name(x))
    records = _Records(entries, gradients)
    for edges in listed:
        for edge in edges:
            records.write(edge)
    found = [_path(records, edges) for edges in listed]
    found.sort(key=lambda path: (-_size(path.product), [node.index for node in path.nodes]))
    count = graph.count()
    rest_count = count.paths - len(found)
    start, result = records.node(wrt, entry), records.node(root, 0)
    return PathSum(
        start,
        result,
        gradient_name(result.name, start.name),
        gradient,
        total,
        count.paths,
        graph.count(live=True).paths,
        tuple(found),
        rest_count,
        _rest(total, found) if rest_count else 0.0,
        count.steps,
        graph.edges,
        _in_order(records.nodes.values()),
        tuple(records.edges.values()),
        _referred_to(records),
        entries.namespace(),
        graph,
    )


def _size(product: float) -> float:
    return abs(product) if product == product else np.inf


def _rest(total: float, found: list[Path]) -> float:
    listed = sum(path.product for path in found)
    rest = total - listed
    noise = 4 * np.finfo(float).eps * max(abs(total), sum(abs(path.product) for path in found))
    return 0.0 if abs(rest) <= noise else rest


def _check_total(graph: ScalarGraph, total: float, gradient: float, wrt: Tensor, at: tuple[int, ...]) -> None:
    """RuntimeError where the paths do not add up to what backpropagation gives."""
    if not np.isfinite(total) or not np.isfinite(gradient):
        if np.isfinite(total) == np.isfinite(gradient):
            return
    else:
        precision = max(float(np.finfo(x.dtype).eps) for x in (*graph.entries, wrt))
        size = graph.accumulated(derivatives=True, absolute=True)
        smallest = max(float(np.finfo(x.dtype).tiny) for x in (*graph.entries, wrt))
        near = 1e3 * precision * max(size, abs(gradient)) * (1 + len(graph.entries)) ** 0.5 + smallest
        if abs(total - gradient) <= near:
            return
    raise RuntimeError(
        f"the paths from {label(wrt)}{list(at) or ''} add up to {total!r}, but backpropagation gives {gradient!r}: a "
        "rule on the way is not linear in the gradient that arrives (as one that clips it), or a product is too large "
        "or too small for a float. Only a linear rule is a product with local derivatives"
    )


# Records of what is on the listed paths -------------------------------------------------------------------------


class _Records:
    """The records of the listed paths' nodes and edges, each made once."""

    def __init__(self, entries: Entries, gradients: Mapping[Tensor, Any]):
        self.entries = entries
        self.gradients = gradients
        self.nodes: dict[tuple[int, int], ScalarNode] = {}
        self.edges: dict[tuple[int, int], ScalarEdge] = {}
        self.formulas: dict[tuple[int, int], Expression] = {}
        self.places = {id(b): i for i, b in enumerate(entries.graph.blocks)}

    def node(self, x: Tensor, entry: int) -> ScalarNode:
        key = (id(x), entry)
        if key not in self.nodes:
            named = self.entries.named(x)
            written = x.primitive is not None and named and len(self.nodes) < _MOST_FORMULAS
            gradient = self.gradients.get(x)
            self.nodes[key] = ScalarNode(
                x,
                index_of(entry, x.shape),
                self.entries.entry_name(x, entry),
                named,
                np.reshape(as_numpy(x.data), -1)[entry],
                None if gradient is None else np.reshape(as_numpy(gradient), -1)[entry],
                self.entries.formula(x, entry) if written else None,
            )
        return self.nodes[key]

    def write(self, edge: Edge) -> None:
        """The derivative as a formula; before the nodes are made, so that v1 is one that a formula speaks of."""
        block, number = edge
        key = (self.places[id(block)], number)
        if key not in self.formulas:
            value = float(block.derivatives[number])
            if len(self.formulas) < _MOST_FORMULAS:
                source, target = self._ends(edge)
                written = self.entries.derivative(block.target, block.position, source, target, value)
            else:
                written = Number(value)
            self.formulas[key] = written

    def _ends(self, edge: Edge) -> tuple[int, int]:
        block, number = edge
        entries = self.entries.graph.entries
        return (
            int(entries[block.source][block.sources[number]]),
            int(entries[block.target][block.targets[number]]),
        )

    def edge(self, edge: Edge) -> ScalarEdge:
        block, number = edge
        key = (self.places[id(block)], number)
        if key not in self.edges:
            source, target = self._ends(edge)
            self.edges[key] = ScalarEdge(
                self.node(block.source, source),
                self.node(block.target, target),
                float(block.derivatives[number]),
                self.formulas[key],
                block.position,
            )
        return self.edges[key]


def _in_order(nodes: Iterable[ScalarNode]) -> tuple[ScalarNode, ...]:
    return tuple(sorted(nodes, key=lambda node: (node.tensor.order, node.index)))


def _referred_to(records: _Records) -> tuple[ScalarNode, ...]:
    """The nodes of the entries that formulas refer to without a name; their own formulas may refer to more."""
    entries, found = records.entries, {}
    written = {key for key, node in records.nodes.items() if node.formula is not None}
    while len(found) < _MOST_OTHERS:
        missing = [(key, at) for key, at in entries.shown.items() if key not in found and key not in written]
        if not missing:
            break
        for key, (x, entry) in missing:
            value = np.reshape(as_numpy(x.data), -1)[entry]
            formula = entries.formula(x, entry)
            found[key] = ScalarNode(
                x, index_of(entry, x.shape), entries.entry_name(x, entry), False, value, None, formula
            )
    return _in_order(found.values())


def _told_apart(listed: list[list[Edge]], entries: Entries) -> bool:
    """Whether the paths differ in the entries with a name that they pass."""
    at = entries.graph.entries
    ways = {
        tuple((id(b.target), int(at[b.target][b.targets[n]])) for b, n in edges if entries.named(b.target))
        for edges in listed
    }
    return len(ways) == len(listed)


def _path(records: _Records, edges: list[Edge]) -> Path:
    made = tuple(records.edge(edge) for edge in edges)
    product = 1.0
    for edge in reversed(made):
        product *= edge.derivative
    return Path(made, product)


# What was asked for ---------------------------------------------------------------------------------------------


def checked_wrt(root: Tensor, wrt: Any) -> Tensor:
    """`wrt`, a Tensor with a gradient in the graph of `root`."""
    if type(wrt) is not Tensor:
        raise TypeError(
            f"a gradient is by a Tensor that the result was computed from; this is {label(wrt)}. Give the Tensor "
            "itself, not its name or data"
        )
    if not wrt.requires_grad:
        way_out = (
            "create it with requires_grad=True, before it is used"
            if wrt.dtype.kind == "f"
            else "only real floating numbers have derivatives"
        )
        raise ValueError(f"{label(wrt)}, {wrt.dtype} {wrt.shape}, requires no gradient: {way_out}")
    if not any(node is wrt for node in ancestors(root)):
        raise ValueError(
            f"{label(wrt)}, shape {wrt.shape}, is not in the graph of {label(root)}: the result was not computed from "
            "it. Give a Tensor that it was computed from (after an update or a copy, the new one)"
        )
    return wrt


def checked_index(wrt: Tensor, index: Any) -> tuple[int, ...]:
    """`index` as the whole numbers from 0 of one entry of `wrt`."""
    given = tuple(index) if isinstance(index, (tuple, list)) else (index,)
    shape = wrt.shape
    example = "()" if not shape else f"({', '.join('0' for _ in shape)}{',' if len(shape) == 1 else ''})"
    if len(given) != len(shape):
        raise IndexError(
            f"{label(wrt)} has shape {shape}: an entry is named by a whole number for each axis, e.g. index={example}; "
            f"index={index!r} has {len(given)} for {len(shape)}"
        )
    found = []
    for axis, (i, length) in enumerate(zip(given, shape, strict=True)):
        try:
            if isinstance(i, (bool, np.bool_)):
                raise TypeError
            number = as_index(i)
        except TypeError:
            raise TypeError(
                f"index={index!r}: an entry of {label(wrt)}, shape {shape}, is named by whole numbers, one an axis, "
                f"e.g. {example}; {i!r} is {label(i)}"
            ) from None
        if not -length <= number < length:
            raise IndexError(
                f"index={index!r} is out of range for {label(wrt)}, shape {shape}: axis {axis} has {length}"
            )
        found.append(number % length)
    return tuple(found)


def _checked_k(k: Any) -> int:
    try:
        number = -1 if isinstance(k, bool) else as_index(k)
    except TypeError:
        number = -1
    if number < 0:
        raise ValueError(f"k={k!r}: the number of paths to list is a whole number from 0")
    return number
