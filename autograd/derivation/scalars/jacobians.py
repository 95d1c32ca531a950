"""The derivatives of one operation's output entries by its input entries, read off the operation's own rules.

A rule carries a gradient g over to an input: it is the transposed Jacobian times g. So the Jacobian need not be
described a second time. Of the usual shapes that a Jacobian can have one is guessed from one or two runs of the rule,
and proved by another run, on a random g: two matrices that agree on a random vector are the same. What has no usual
shape is asked for column by column. Entries are counted in C order, from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ...backprop import fitted, sweep
from ...graph import ancestors
from ...modes import GRADIENTS, record
from ...primitives import products, results
from ...several import Arriving, Several
from ...tensor import Tensor
from ..numbers import as_numpy

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


def plain(value: Any) -> Any:
    """The data as NumPy's, real numbers as float64; other libraries' arrays are copied over."""
    if hasattr(value, "get") and not isinstance(value, (np.ndarray, np.generic)):
        value = value.get()  # CuPy does not copy to the host unasked
    array = as_numpy(value)
    if array.dtype.kind == "c":
        raise TypeError(f"the scalar view is of real numbers; this graph has complex ones, shape {array.shape}")
    return array.astype(np.float64, copy=False)[()] if array.dtype.kind == "f" else array[()]


class Operation:
    """One recorded operation with its data as NumPy's, ready to run its rules on.

    `sources` are its inputs as they were recorded, `inputs` their data. A single result of an operation with several,
    taken out by `part`, is an operation of its own here: of the inputs of the whole.
    """

    def __init__(self, node: Tensor):
        self.node = node
        self._several: Several | None = None
        self._index = 0
        whole = node
        if node.primitive is results.part:
            (whole,) = node.inputs
            self._several, self._index = Several([plain(x) for x in whole._value]), node.options["index"]  # type: ignore[index]
        self.primitive = whole.primitive
        self.options = whole.options or {}
        self.output = plain(node.data)
        self.sources: tuple[Any, ...] = whole.inputs
        self.inputs = [plain(x.data) if type(x) is Tensor else plain(x) if _has_data(x) else x for x in whole.inputs]

    def bearers(self) -> list[int]:
        """The positions of the inputs that gradients flow to."""
        given = self.primitive.joint is not None
        return [
            i
            for i, x in enumerate(self.sources)
            if type(x) is Tensor and x.requires_grad and (given or self.primitive.rules[i] is not None)
        ]

    def forward(self, inputs: list[Any]) -> Any:
        """What the operation's forward function gives for other inputs."""
        made = self.primitive.forward(*([inputs] if self.primitive.joint else inputs), **self.options)
        return made if self._several is None else made.parts[self._index]

    def __call__(self, inputs: list[Any]) -> Any:
        """The operation on other inputs, recorded."""
        made = self.primitive(*([inputs] if self.primitive.joint else inputs), **self.options)
        return made if self._several is None else tuple(made)[self._index]

    def pull(self, g: Any, position: int) -> Any:
        """The gradient at one input that the gradient `g` at the output makes, in the input's shape."""
        with np.errstate(all="ignore"):
            return self._in_shape(self.rule(g, self.output, self.inputs, position), position)

    def rule(self, g: Any, output: Any, inputs: list[Any], position: int) -> Any:
        """What the rule itself gives, before it is brought to the input's shape."""
        if self._several is not None:
            g, output = Arriving(self._several, self._index, g), self._several
        if self.primitive.joint is not None:
            given = list(self.primitive.joint(g, output, *inputs, **self.options))[position]
            return given() if callable(given) else given
        return self.primitive.rules[position](g, output, *inputs, **self.options)

    def _in_shape(self, part: Any, position: int) -> Any:
        like = as_numpy(self.inputs[position])
        return fitted(part if hasattr(part, "shape") else np.float64(part), like)


def _has_data(x: Any) -> bool:
    return isinstance(x, (int, float, complex)) or hasattr(x, "dtype")


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


# Which shape it has ---------------------------------------------------------------------------------------------


def jacobian(operation: Operation, position: int) -> Jacobian:
    """The derivatives of an operation's output by the input at `position`."""
    output, x = operation.output, operation.inputs[position]
    if np.shape(output) == np.shape(x) == ():
        derivative = np.reshape(operation.pull(np.float64(1), position), 1)
        return Gathered(np.zeros(1, int), derivative, 1, True)
    if operation.primitive is products.matmul:
        return Product(operation, position)
    signs = np.random.default_rng(0)
    g = (signs.uniform(0.5, 1.5, np.shape(output)) * signs.choice([-1.0, 1.0], np.shape(output)))[()]
    exact = as_numpy(operation.pull(g, position)).reshape(-1)
    for guess in (_aligned, _scattered, _moved):
        try:
            with np.errstate(all="ignore"):
                guessed = guess(operation, position)
                if guessed is not None and _same(guessed.pulled(np.reshape(g, -1)), exact):
                    return guessed
        except (TypeError, ValueError, IndexError, AttributeError):  # the operation is not of this kind
            continue
    return _chain(operation, position) or Probed(operation, position)


def _same(found: np.ndarray, exact: np.ndarray) -> bool:
    scale = np.max(np.abs(exact[np.isfinite(exact)]), initial=0.0)
    return np.allclose(found, exact, rtol=1e-9, atol=1e-13 * scale, equal_nan=True)


def _aligned(operation: Operation, position: int) -> Gathered | None:
    """As an elementwise operation: on a gradient of ones the rule gives the derivatives themselves."""
    output, x = operation.output, as_numpy(operation.inputs[position])
    shape = np.shape(output)
    if np.broadcast_shapes(x.shape, shape) != shape:
        return None
    wide = [np.broadcast_to(i, shape) if isinstance(i, np.ndarray) else i for i in operation.inputs]
    derivatives = operation.rule(np.ones(shape), output, wide, position)
    sources = np.broadcast_to(np.arange(x.size).reshape(x.shape), shape).reshape(-1)
    return Gathered(sources, np.broadcast_to(derivatives, shape).reshape(-1) * 1.0, x.size, True)


def _scattered(operation: Operation, position: int) -> Scattered | None:
    """As a reduction: a gradient of ones gives the derivatives, one of 1, 2, 3, … the output entry each belongs to."""
    shape, size = np.shape(operation.output), np.size(operation.output)
    derivatives = as_numpy(operation.pull(np.ones(shape)[()], position)).reshape(-1)
    numbered = as_numpy(operation.pull(np.arange(1.0, size + 1).reshape(shape)[()], position)).reshape(-1)
    targets = np.where(derivatives == 0, 0, numbered / derivatives) - 1 if size > 1 else np.zeros(len(derivatives))
    rounded = np.rint(targets)
    if not np.all((rounded >= -1) & (rounded < size)):
        return None
    return Scattered(np.where(derivatives == 0, -1, rounded).astype(int), derivatives)


def _moved(operation: Operation, position: int) -> Gathered | None:
    """As mere copying: the operation run on 1, 2, 3, … shows where each entry comes from."""
    x = as_numpy(operation.inputs[position])
    joint = operation.primitive.joint is not None
    inputs = [np.zeros_like(i) if joint and isinstance(i, np.ndarray) else i for i in operation.inputs]
    inputs[position] = np.arange(1.0, x.size + 1).reshape(x.shape)[()]
    moved = operation.forward(inputs)
    sources = as_numpy(moved).astype(np.float64).reshape(-1) - 1
    here = (sources >= 0) & (sources < x.size) & (sources == np.rint(sources))
    sources = np.where(here, sources, -1).astype(int)
    return Gathered(sources, here.astype(float), x.size, False)


def _chain(operation: Operation, position: int) -> Chain | None:
    """As NumPy's operations one after the other: what the forward function records when it is run on Tensors."""
    if operation.primitive.joint is not None:
        return None
    inputs: list[Any] = [
        Tensor(x) if i != position and isinstance(x, np.ndarray) else x for i, x in enumerate(operation.inputs)
    ]
    start = inputs[position] = Tensor(operation.inputs[position], requires_grad=True)
    try:
        with record(GRADIENTS), np.errstate(all="ignore"):
            made = operation.forward(inputs)
    except (TypeError, ValueError, AttributeError):
        return None
    if type(made) is not Tensor or made.primitive is None or made.primitive is operation.primitive:
        return None
    if not np.allclose(plain(made.data), operation.output, rtol=1e-6, equal_nan=True):
        return None
    links = []
    before = start
    for node in ancestors(made):
        if node.requires_grad and node.primitive is not None:
            if type(node.data) is Several:
                return None
            places = [i for i, x in enumerate(node.inputs) if x is before]
            if len(places) != 1 or sum(type(x) is Tensor and x.requires_grad for x in node.inputs) != 1:
                return None  # a value is used twice
            inner = Operation(node)
            links.append((inner, places[0], jacobian(inner, places[0])))
            before = node
    return Chain(tuple(links), tuple(inputs)) if before is made else None
