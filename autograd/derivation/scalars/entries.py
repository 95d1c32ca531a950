"""Single entries in symbols: what W₁[0,1] is called, how z₁[0,1] is computed, what ∂z₁[0,1]/∂W₁[0,1] is.

Nothing is written down twice: a formula is what a primitive's forward function or rule records when it is run on the
entries, and it stands only if its value is the entry's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ...graph import ancestors
from ...modes import EVERYTHING, record
from ...primitives import products, reductions
from ...several import Several
from ...tensor import Tensor
from ..expression import constant
from ..names import Name, Names
from ..numbers import as_numpy
from ..trees import Expression, Number, Symbol
from .cells import on_cells
from .formulas import StandIns, is_long, long_sum, number, recorded_formula, times
from .graph import ScalarGraph
from .jacobians import Chain, Gathered, Jacobian, Product, Scattered
from .operations import Operation, plain

_DEEPEST = 6
"""So many operations without a name are written into one formula; below them, a value is called v1, v2, …."""
_MOST_CELLS = 2_000
"""Up to so many entries an operation's rule is run on symbols, to see what a derivative of no simple form is."""


@dataclass(frozen=True, slots=True)
class _Room:
    """How much is written already into a formula: operations one in the other, and whether one is a sum of terms.

    A sum inside of a sum, or of a derivative, gets a name.
    """

    operations: int = 0
    summed: bool = False

    def deeper(self) -> _Room:
        return _Room(self.operations + 1, self.summed)

    def of_a_sum(self) -> _Room:
        return _Room(self.operations, True)


class Entries:
    """The entries of a graph's Tensors as expressions."""

    def __init__(self, graph: ScalarGraph, variables: Mapping[str, Any] | None):
        self.graph = graph
        self.names = Names(variables)
        nodes = [node for node in ancestors(graph.root) if type(node.data) is not Several]
        self.names.meet(nodes)
        uses = Counter(id(x) for node in nodes for x in node.inputs)
        self._named: dict[int, Name] = {}
        self._known: set[int] = set()
        self.shown: dict[tuple[int, int], tuple[Tensor, int]] = {}
        """The entries without a name of their own that formulas refer to, as v1[0,1]."""
        self._kept: list[Any] = []
        self._inner: dict[int, Any] = {}
        self._traces: dict[Tensor, Tensor] = {}
        for node in nodes:  # in the order in which a derivation names them, so that primes agree
            for x in node.inputs:
                if self._names_itself(x):
                    self.name(x)
            if node.primitive is not None and (self.names.own(node) or uses[id(node)] > 1):
                self.name(node)
        for x in (*graph.starts, graph.root):
            self.name(x)
        self._known = set(self._named)

    def _names_itself(self, x: Any) -> bool:
        leaf = isinstance(x, np.ndarray) or (type(x) is Tensor and x.primitive is None)
        return bool(leaf and self.names.own(x))

    def know(self, x: Any, name: Name) -> None:
        """Call a Tensor or array, which the caller keeps, so, as a name that a reader knows."""
        x = self.names.original(x)
        self._named[id(x)] = name
        self._known.add(id(x))

    def named(self, x: Any) -> bool:
        """Whether a reader knows `x` by a name."""
        return id(self.names.original(x)) in self._known

    def name(self, x: Any) -> Name:
        """The name of a Tensor or array; v1, v2, … where it has none."""
        x = self.names.original(x)
        if id(x) not in self._named:
            self._named[id(x)] = self.names.name(x)
            self._kept.append(x)
        return self._named[id(x)]

    def namespace(self) -> dict[str, Any]:
        """The data of all that was given a name, by the names' identifiers."""
        return {self._named[id(x)].identifier: x.data if type(x) is Tensor else x for x in self._kept_named()}

    def _kept_named(self) -> list[Any]:
        return [x for x in self._kept if id(x) in self._named]

    def entry_name(self, x: Any, entry: int) -> Name:
        """W₁[0,1]; of a scalar, its name."""
        name, shape = self.name(x), np.shape(x.data if type(x) is Tensor else x)
        if shape == ():
            return name
        index = ",".join(map(str, index_of(entry, shape)))
        return Name(
            f"{name.text}[{index}]",
            f"{name.latex}[{index.replace(',', '{,}')}]",
            f"{name.identifier}[{index.replace(',', ', ')}]",
        )

    def entry(self, x: Any, entry: int, room: _Room | None = None) -> Expression:
        """An entry as it stands in a formula: a name, a number, or how it is computed from named ones."""
        x = self._inner.get(id(x), x)
        room = room or _Room(summed=True)
        if not self.named(x):
            literal = constant(x)
            if literal is not None:
                return literal
            computed = type(x) is Tensor and x.primitive is not None
            found = self.formula(x, entry, room.deeper()) if computed and room.operations < _DEEPEST else None
            if found is not None:
                return found
            if computed:
                self.shown[id(x), entry] = (x, entry)
        value = plain(x.data if type(x) is Tensor else x)
        return Symbol(self.entry_name(x, entry), np.reshape(value, -1)[entry])

    def formula(self, node: Tensor, entry: int, room: _Room | None = None) -> Expression | None:
        """How an entry is computed from the entries of the operation's inputs; None if that is no line."""
        room = room or _Room()
        operation = self.graph.operation(node)
        value = np.reshape(operation.output, -1)[entry]
        found = None
        if self._elementwise(operation):
            found = self._applied(operation, entry, room)
        elif operation.primitive is products.matmul:
            found = None if room.summed else self._products(operation, entry, room.of_a_sum())
        elif operation.primitive in (reductions.sum, reductions.mean):
            found = None if room.summed else self._sum(operation, entry, room.of_a_sum())
        else:
            for position in operation.bearers():
                source = _copied_from(self.graph.jacobian(node, position), entry)
                if source is not None and np.reshape(operation.inputs[position], -1)[source] == value:
                    return self.entry(operation.sources[position], source, room)
        if found is None and not room.summed:
            found = self._traced(operation, entry, room)
        return None if found is None or is_long(found) else found

    def _elementwise(self, operation: Operation) -> bool:
        """Whether each entry of the output is made from one of each input, as NumPy broadcasts them."""
        if isinstance(operation.primitive.forward, np.ufunc):
            return operation.primitive.forward.signature is None
        found = [self.graph.jacobian(operation.node, i) for i in operation.bearers()]
        return bool(found) and all(isinstance(j, Gathered) and j.aligned for j in found)

    def _applied(self, operation: Operation, entry: int, room: _Room) -> Expression | None:
        """An elementwise operation on single entries."""
        stand_ins = StandIns()

        def run() -> Any:
            return operation(self._arguments(operation, entry, room, stand_ins))

        return recorded_formula(run, stand_ins, np.reshape(operation.output, -1)[entry])

    def _arguments(self, operation: Operation, entry: int, room: _Room, stand_ins: StandIns) -> list[Any]:
        shape, made = np.shape(operation.output), []
        for x, data in zip(operation.sources, operation.inputs, strict=True):
            if np.shape(data) == () and constant(x) is not None and not self.named(x):
                made.append(data)
                continue
            source = _aligned_entry(np.shape(data), shape, entry)
            tree = partial(self.entry, x, source, room)
            made.append(stand_ins.make(np.reshape(data, -1)[source], tree))
        return made

    def _products(self, operation: Operation, entry: int, room: _Room) -> Expression | None:
        """Σₖ a[i,k] · b[k,j], its terms written out."""
        a, b = (as_numpy(x) for x in operation.inputs)
        numbers = np.arange(a.size).reshape(a.shape), np.arange(b.size).reshape(b.shape)
        rows = np.atleast_2d(numbers[0])
        columns = numbers[1][:, None] if b.ndim == 1 else numbers[1]
        batch = np.broadcast_shapes(rows.shape[:-2], columns.shape[:-2])
        at = np.unravel_index(entry, (*batch, rows.shape[-2], columns.shape[-1]))
        row = np.broadcast_to(rows, (*batch, *rows.shape[-2:]))[(*at[:-1], slice(None))]
        column = np.broadcast_to(columns, (*batch, *columns.shape[-2:]))[(*at[:-2], slice(None), at[-1])]
        values = a.reshape(-1)[row] * b.reshape(-1)[column]
        left, right = operation.sources

        def term(k: int) -> Expression:
            return times(self.entry(left, int(row[k]), room), self.entry(right, int(column[k]), room))

        return long_sum(term, values)

    def _sum(self, operation: Operation, entry: int, room: _Room) -> Expression | None:
        """The terms of a sum, over their number where it is a mean."""
        (x,) = operation.sources
        if not (type(x) is Tensor and x.requires_grad):
            return None
        found = self.graph.jacobian(operation.node, 0)
        targets = found.targets if isinstance(found, Scattered) else np.arange(np.size(operation.inputs[0]))
        sources = np.flatnonzero(targets == entry)
        if not len(sources):
            return None
        terms = long_sum(lambda k: self.entry(x, int(sources[k]), room), np.reshape(operation.inputs[0], -1)[sources])
        if operation.primitive is reductions.mean and len(sources) > 1:
            return times(Number(1, len(sources)), terms)
        return terms

    def _traced(self, operation: Operation, entry: int, room: _Room) -> Expression | None:
        """By what the forward function itself computes, where that is NumPy's operations one after the other."""
        found = [self.graph.jacobian(operation.node, i) for i in operation.bearers()]
        chain = next((j for j in found if isinstance(j, Chain)), None)
        if chain is None:
            return None
        if operation.node not in self._traces:
            self._traces[operation.node] = self._trace(operation)
        return self.formula(self._traces[operation.node], entry, room)

    def _trace(self, operation: Operation) -> Tensor:
        """What the forward function records on stand-ins, which are written as the inputs that they stand for."""
        inputs = [Tensor(x) if isinstance(x, (np.ndarray, np.generic)) else x for x in operation.inputs]
        for made, x in zip(inputs, operation.sources, strict=True):
            if type(made) is Tensor and _has_entries(x):
                made.requires_grad = type(x) is Tensor and x.requires_grad
                self._inner[id(made)] = x
                self._kept.append(made)
        with record(EVERYTHING), np.errstate(all="ignore"):
            return operation.forward(inputs)

    # Derivatives ----------------------------------------------------------------------------------------------

    def derivative(self, node: Tensor, position: int, source: int, target: int, value: float) -> Expression:
        """The local derivative of an entry by another as an expression; a number where there is no short one."""
        operation = self.graph.operation(node)
        found = self._derivative(operation, position, self.graph.jacobian(node, position), source, target, value)
        return number(value) if found is None or is_long(found) else found

    def _derivative(
        self, operation: Operation, position: int, shape: Jacobian, source: int, target: int, value: float
    ) -> Expression | None:
        if isinstance(shape, Product):
            return self._other_factor(operation, position, source, target)
        if isinstance(shape, Chain):
            for stand_in, x in zip(shape.stand_ins, operation.sources, strict=True):
                self._inner[id(stand_in)] = x
            return self._along(shape, source, target)
        if isinstance(shape, Gathered) and shape.aligned:
            # Not all that leaves each entry in its place is elementwise: a transpose to the same axes is not.
            found = self._by_rule(operation, position, target, value)
            if found is not None:
                return found
        if number(value) != Number(value) or value in (0.0, 1.0, -1.0):
            return number(value)
        if sum(np.size(x) for x in (operation.output, *operation.inputs)) > _MOST_CELLS:
            return None
        return self._on_symbols(operation, position, source, target, value)

    def _other_factor(self, operation: Operation, position: int, source: int, target: int) -> Expression:
        """∂(a[i,k] · b[k,j])/∂a[i,k] is b[k,j]: the one entry of the other that the two have in common."""
        a, b = (as_numpy(x) for x in operation.inputs)
        columns = 1 if b.ndim == 1 else b.shape[-1]
        rows = 1 if a.ndim == 1 else a.shape[-2]
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        *layer, row, column = (int(i) for i in np.unravel_index(target, (*batch, rows, columns)))
        other = (b, a)[position]
        stack = tuple(
            0 if n == 1 else i
            for n, i in zip(other.shape[:-2], layer[len(layer) - max(other.ndim - 2, 0) :], strict=True)
        )
        if position == 0:
            k = source % a.shape[-1]
            index = (k,) if b.ndim == 1 else (*stack, k, column)
        else:
            k = source // columns % b.shape[0 if b.ndim == 1 else -2]
            index = (k,) if a.ndim == 1 else (*stack, row, k)
        return self.entry(operation.sources[1 - position], int(np.ravel_multi_index(index, other.shape)))

    def _along(self, chain: Chain, source: int, target: int) -> Expression | None:
        """The product along an operation that is several of NumPy's, if there is one way through it."""
        ends = np.array([source])
        steps = []
        for _, _, shape in chain.links:
            steps.append(shape.by_inputs(ends))
            ends = np.unique(steps[-1].targets)
        at, made = target, []
        for (operation, position, shape), edges in zip(reversed(chain.links), reversed(steps), strict=True):
            here = np.flatnonzero(edges.targets == at)
            if len(here) != 1:
                return None
            before, value = int(edges.sources[here[0]]), float(edges.derivatives[here[0]])
            made.append(self._derivative(operation, position, shape, before, at, value) or number(value))
            at = before
        result: Expression = Number(1)
        for part in reversed(made):
            result = times(result, part)
        return result

    def _by_rule(self, operation: Operation, position: int, target: int, value: float) -> Expression | None:
        """An elementwise rule, run on single entries and a gradient of 1."""
        stand_ins = StandIns()

        def run() -> Any:
            arguments = self._arguments(operation, target, _Room(summed=True), stand_ins)
            y = stand_ins.make(np.reshape(operation.output, -1)[target], partial(self.entry, operation.node, target))
            given = [Tensor(x) if isinstance(x, (np.generic, int, float)) else x for x in arguments]
            return operation.rule(Tensor(1.0), y, given, position)

        return recorded_formula(run, stand_ins, value)

    def _on_symbols(
        self, operation: Operation, position: int, source: int, target: int, value: float
    ) -> Expression | None:
        stand_ins = StandIns()

        def symbols(x: Any, data: Any) -> Any:
            cells = [
                stand_ins.make(v, lambda i=i: self.entry(x, i))  # type: ignore[misc]
                for i, v in enumerate(np.reshape(data, -1))
            ]
            return cells, np.shape(data)

        def run() -> Any:
            output = symbols(operation.node, operation.output)
            inputs = [
                symbols(x, data) if isinstance(data, np.ndarray) and data.dtype.kind == "f" else data
                for x, data in zip(operation.sources, operation.inputs, strict=True)
            ]
            return on_cells(operation, position, output, inputs, source, target)

        return recorded_formula(run, stand_ins, value)


def index_of(entry: int, shape: Iterable[int]) -> tuple[int, ...]:
    """The index of an entry that is counted in C order."""
    return tuple(int(i) for i in np.unravel_index(entry, tuple(shape)))


def _aligned_entry(own: tuple[int, ...], shape: tuple[int, ...], entry: int) -> int:
    """The entry of an operand of shape `own` that broadcasting to `shape` puts at `entry`."""
    index = index_of(entry, shape)[len(shape) - len(own) :]
    index = tuple(0 if n == 1 else i for n, i in zip(own, index, strict=True))
    return int(np.ravel_multi_index(index, own)) if own else 0


def _copied_from(shape: Jacobian, entry: int) -> int | None:
    """The input entry that an output entry is a copy of, if there is one."""
    if isinstance(shape, Gathered):
        source = int(shape.sources[entry])
        return source if source >= 0 and shape.derivatives[entry] == 1 else None
    if isinstance(shape, Scattered):
        sources = np.flatnonzero(shape.targets == entry)
        return int(sources[0]) if len(sources) == 1 and shape.derivatives[sources[0]] == 1 else None
    return None


def _has_entries(x: Any) -> bool:
    return type(x) is Tensor or isinstance(x, np.ndarray)
