"""The derivatives of one operation's output entries by its input entries: a class for each shape that they can have.

Which one an operation has is found out by recognised.py. Entries are counted in C order, from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ...backprop import sweep
from ...modes import GRADIENTS, record
from ...tensor import Tensor
from ..numbers import as_numpy
from .operations import Operation

_MOST_WORK = 300_000_000
"""So many entries of arrays may be computed to look at one operation column by column: some seconds."""
MOST_EDGES = 5_000_000
"""So many derivatives are kept of one opened graph: some 100 MB."""


class TooLargeError(ValueError):
    """A scalar graph too large to open; the message says where, and what to do instead."""


class Edges(NamedTuple):
    """Derivatives that may differ from 0: of the output's entry `targets[i]` by the input's entry `sources[i]`."""

    sources: np.ndarray
    targets: np.ndarray
    derivatives: np.ndarray


class Jacobian:
    """The derivatives of an operation's output by one of its inputs. Each shape of it is a class below."""

    def by_inputs(self, entries: np.ndarray) -> Edges:
        """All derivatives by these entries (ascending) of the input."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Gathered(Jacobian):
    """Each output entry depends on one input entry: elementwise operations, broadcasting, indexing."""

    sources: np.ndarray
    """For each output entry the input entry, or -1."""
    derivatives: np.ndarray
    size: int
    aligned: bool
    """Whether it is an elementwise operation, broadcast as NumPy does it."""

    def by_inputs(self, entries: np.ndarray) -> Edges:
        wanted = np.zeros(self.size + 1, dtype=bool)  # the last is for -1
        wanted[entries] = True
        targets = np.flatnonzero(wanted[self.sources])
        return Edges(self.sources[targets], targets, self.derivatives[targets])

    def pulled(self, g: np.ndarray) -> np.ndarray:
        there = self.sources >= 0
        return np.bincount(self.sources[there], (self.derivatives * g)[there], self.size)


@dataclass(frozen=True, slots=True)
class Scattered(Jacobian):
    """Each input entry goes into one output entry: sums, means, norms, extremes, transposes, joining.

    Where the derivative is 0, as of what is not the largest, it goes nowhere.
    """

    targets: np.ndarray
    """For each input entry the output entry, or -1."""
    derivatives: np.ndarray

    def by_inputs(self, entries: np.ndarray) -> Edges:
        entries = entries[self.targets[entries] >= 0]
        return Edges(entries, self.targets[entries], self.derivatives[entries])

    def pulled(self, g: np.ndarray) -> np.ndarray:
        return np.where(self.targets >= 0, self.derivatives * g[self.targets], 0.0)


@dataclass(frozen=True, slots=True)
class Product(Jacobian):
    """a @ b by a (position 0) or b (1): the derivative by one factor of a term is its other factor."""

    operation: Operation
    position: int

    def by_inputs(self, entries: np.ndarray) -> Edges:
        a, b = (as_numpy(x) for x in self.operation.inputs)
        a = a[None, :] if a.ndim == 1 else a
        b = b[:, None] if b.ndim == 1 else b
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        rows, inner, columns = a.shape[-2], a.shape[-1], b.shape[-1]
        in_a, in_b = (_batch_map(x.shape[:-2], batch) for x in (a, b))
        if self.position == 0:
            stack, row, k = np.unravel_index(entries, (a.size // max(rows * inner, 1), rows, inner))
            which, layer = np.nonzero(stack[:, None] == in_a)
            _check_size(self.operation, len(which) * columns)
            targets = ((layer * rows + row[which]) * columns)[:, None] + np.arange(columns)
            derivatives = b.reshape(-1, inner, columns)[in_b[layer], k[which]]
            sources = np.repeat(entries[which], columns)
        else:
            stack, k, column = np.unravel_index(entries, (b.size // max(inner * columns, 1), inner, columns))
            which, layer = np.nonzero(stack[:, None] == in_b)
            _check_size(self.operation, len(which) * rows)
            targets = (layer * rows * columns + column[which])[:, None] + np.arange(rows) * columns
            derivatives = a.reshape(-1, rows, inner)[in_a[layer], :, k[which]]
            sources = np.repeat(entries[which], rows)
        return Edges(sources, targets.reshape(-1), derivatives.reshape(-1))


def _batch_map(own: tuple[int, ...], batch: tuple[int, ...]) -> np.ndarray:
    """Which matrix of an operand's stack each matrix of the product's stack is made with."""
    return np.broadcast_to(np.arange(int(np.prod(own))).reshape(own), batch).reshape(-1)


@dataclass(frozen=True, slots=True)
class Chain(Jacobian):
    """An operation whose forward function is NumPy's operations one after the other, each value used once."""

    links: tuple[tuple[Operation, int, Jacobian], ...]
    """The way from the input to the output: each operation, and by which of its inputs it is entered."""
    stand_ins: tuple[Any, ...]
    """What the forward function was run on, for each input."""

    def by_inputs(self, entries: np.ndarray) -> Edges:
        made = Edges(entries, entries, np.ones(len(entries)))
        for operation, _, jacobian in self.links:
            made = _composed(made, jacobian.by_inputs(np.unique(made.targets)), operation)
        return made


def _composed(first: Edges, then: Edges, operation: Operation) -> Edges:
    """The derivatives of one operation after another: for each pair of ends the sum over what lies between."""
    order = np.argsort(then.sources, kind="stable")
    middle = then.sources[order]
    low, high = np.searchsorted(middle, first.targets), np.searchsorted(middle, first.targets, "right")
    counts = high - low
    _check_size(operation, int(counts.sum()))
    left = np.repeat(np.arange(len(counts)), counts)
    right = order[np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(low, counts)]
    sources, targets = first.sources[left], then.targets[right]
    derivatives = first.derivatives[left] * then.derivatives[right]
    key = sources * (int(targets.max(initial=0)) + 1) + targets
    _, once, inverse = np.unique(key, return_index=True, return_inverse=True)
    return Edges(sources[once], targets[once], np.bincount(inverse, derivatives, len(once)))


@dataclass(frozen=True, slots=True)
class Probed(Jacobian):
    """Of no usual shape: asked for column by column, or row by row where there are fewer rows. Zeros are no edges."""

    operation: Operation
    position: int

    def by_inputs(self, entries: np.ndarray) -> Edges:
        operation = self.operation
        outputs, inputs = np.size(operation.output), np.size(operation.inputs[self.position])
        runs = min(len(entries), outputs)
        if runs * (inputs + outputs) > _MOST_WORK:
            raise TooLargeError(
                f"{operation.primitive.__name__} of shape {np.shape(operation.output)} takes {runs} runs of its rule "
                "to open into scalars, too many here. Ask for the paths in a smaller batch, or by a Tensor nearer to "
                "the result"
            )
        found = None
        if len(entries) <= outputs:
            try:
                found = self._columns(entries)
            except (TypeError, ValueError, RuntimeError, AttributeError):  # a rule with a step that has no derivative
                found = None
        return self._rows(entries) if found is None else found

    def _columns(self, entries: np.ndarray) -> Edges:
        """The rule is linear in g: its own derivative by g, pulled back from one entry, is that entry's column."""
        operation = self.operation
        with record(GRADIENTS), np.errstate(all="ignore"):
            g = Tensor(np.ones(np.shape(operation.output))[()], requires_grad=True)
            part = operation.pull(g, self.position)
        if type(part) is not Tensor or not part.requires_grad:
            return _no_edges()

        def column(entry: int) -> np.ndarray:
            with np.errstate(all="ignore"):
                return as_numpy(sweep({part: _one_hot(part.shape, entry)}, hooks=False).get(g, np.zeros(g.shape)))

        return _nonzero(entries, column, by_rows=False)

    def _rows(self, entries: np.ndarray) -> Edges:
        operation = self.operation
        shape = np.shape(operation.output)

        def row(target: int) -> np.ndarray:
            return as_numpy(operation.pull(_one_hot(shape, target), self.position)).reshape(-1)[entries]

        edges = _nonzero(np.arange(np.size(operation.output)), row, by_rows=True)
        return Edges(entries[edges.sources], edges.targets, edges.derivatives)


def _nonzero(asked: np.ndarray, line: Any, by_rows: bool) -> Edges:
    """The entries that are not 0 of the lines of a matrix; `line(i)` is its row or column i."""
    parts = []
    for i in asked.tolist():
        values = line(i).reshape(-1)
        there = np.flatnonzero(values)  # NaN is there, too
        own = np.full(len(there), i)
        parts.append((there, own, values[there]) if by_rows else (own, there, values[there]))
    if not parts:
        return _no_edges()
    return Edges(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _no_edges() -> Edges:
    return Edges(np.zeros(0, int), np.zeros(0, int), np.zeros(0))


def _one_hot(shape: tuple[int, ...], entry: int) -> Any:
    made = np.zeros(shape)
    made.reshape(-1)[entry] = 1.0
    return made[()]


def _check_size(operation: Operation, edges: int) -> None:
    if edges > MOST_EDGES:
        raise TooLargeError(
            f"{operation.primitive.__name__} of shape {np.shape(operation.output)} opens into {edges:,} derivatives, "
            f"more than {MOST_EDGES:,}. Ask for the paths in a smaller batch, or by a Tensor nearer to the result"
        )
