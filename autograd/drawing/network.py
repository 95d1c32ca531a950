"""The picture of a network that everyone draws, columns of units with weights on the lines between: what it shows.

A layer is x W + b, whichever operations compute it; what follows it, as a function of it alone, is its activation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..derivation import writing
from ..derivation.expression import traced
from ..derivation.numbers import as_numpy, number_text
from ..derivation.steps import Derived, Value
from ..derivation.trees import Apply, Expression, Symbol, symbols
from ..primitives import arithmetic, elementwise, products
from ..tensor import Tensor
from .local import evaluated
from .scene import LEVELS, Row

MOST_UNITS = 9
"""So many units of a column are shown; of more, the first and the last."""
MOST_LABELS = 24
"""So many weights between two columns bear their number."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One neuron: its number in the column, and what is written in, above and below it, in plain text."""

    index: int
    value: str
    level: int
    gradient: str
    gradient_level: int
    before: str = ""
    """The value before the activation."""
    beside: str = ""
    """What stands on its right: of an output, the target."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One layer's units, those that are shown; `gap` is the place before which others are left out, if `left_out`."""

    heading: tuple[Row, ...]
    units: tuple[Unit, ...]
    left_out: int = 0
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Wire:
    """A weight: from the column of that number to the next, by the places of its shown units."""

    column: int
    source: int
    target: int
    value: str
    strength: float
    """From 0 to 1, of the largest in its matrix."""
    positive: bool
    labelled: bool
    description: str


@dataclass(frozen=True, slots=True)
class Network:
    """The whole picture's content."""

    title: str
    description: str
    columns: tuple[Column, ...]
    wires: tuple[Wire, ...]
    result: Row
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Layer:
    """A layer found in a derivation. `activation` is the tree of what the next layer takes of `value`."""

    value: Value
    weight: Symbol
    bias: Symbol | None
    source: Expression
    activation: Expression | None = None
    activated: Value | None = None


def layer_nodes(nodes: Sequence[Tensor]) -> set[Tensor]:
    """The nodes that are to bear names for layers to be found: each layer's result, what goes in, its activation."""
    found: set[Tensor] = set()
    layers: set[Tensor] = set()
    multiplied: set[Tensor] = set()
    for node in nodes:
        inputs = node.inputs
        if node.primitive is arithmetic.add and inputs[0] in multiplied and _is_parameter(inputs[1], 1):
            layers.remove(inputs[0])
            layers.add(node)
        elif len(inputs) in (2, 3) and _is_parameter(inputs[1], 2):
            layers.add(node)
            if node.primitive is products.matmul:
                multiplied.add(node)
            if type(inputs[0]) is Tensor and inputs[0].primitive is not None:
                found.add(inputs[0])
        elif len(inputs) == 1 and inputs[0] in layers and node.shape == inputs[0].shape:
            if node.primitive is elementwise.square:
                continue  # part of a loss
            found.add(node)
    return found | layers


def _is_parameter(x: Any, axes: int) -> bool:
    return type(x) is Tensor and x.primitive is None and x.requires_grad and x.ndim == axes


def network(derivation: Derived, example: int = 0) -> Network:
    """The picture of a chain of layers, for one example of the batch.

    ValueError where the graph is no such chain, which says what stands in the way; or there is no such example.
    """
    layers = _layers(derivation)
    first = as_numpy(_valued(layers[0].source))
    batch = int(np.prod(first.shape[:-1], dtype=int))
    if not -batch <= example < batch:
        raise ValueError(f"neurons={example}: there are {batch} examples, counted from 0")
    example %= batch
    return _Sketch(derivation, layers, example, batch).network()


def _layers(derivation: Derived) -> list[_Layer]:
    """The chain of layers, first to last."""
    by_name = {value.symbol.name.identifier: value for value in derivation.values}
    layers: list[_Layer] = []
    for value in derivation.values:
        found = _affine(value.formula)
        if found is not None:
            source, weight, bias = found
            layers.append(_Layer(value, weight, bias, source))
    if not layers:
        raise ValueError(
            f"neurons=True draws layers of the form x W + b, with W a parameter of two axes; nothing that "
            f"{derivation.root.symbol.name.text} was computed from has this form. ag.draw(…) draws any graph, "
            "ag.draw(…, scalars=True) its entries"
        )
    for before, after in pairwise(layers):
        _connect(before, after.source, after.value.symbol.name.text, by_name)
    _find_output(layers[-1], derivation, by_name)
    return layers


def _connect(layer: _Layer, source: Expression, user: str, by_name: dict[str, Value]) -> None:
    """What a later layer takes of this one, through any number of named functions of one argument."""
    tree = source
    name = layer.value.symbol.name
    for _ in range(len(by_name)):
        used = list(symbols(tree))
        if used == [name.identifier]:
            if not isinstance(source, Symbol) or source.name != name:
                layer.activation = source
                layer.activated = by_name.get(source.name.identifier) if isinstance(source, Symbol) else None
            return
        inner = by_name.get(used[0]) if len(used) == 1 else None
        if inner is None or inner.formula is None or inner.symbol.shape != layer.value.symbol.shape:
            break
        tree = inner.formula
    raise ValueError(
        f"neurons=True draws a chain of layers, each taking what the one before it gives; here {user} takes "
        f"{writing.text(source)}, which is no function of {name.text} alone. ag.draw(…) draws any graph"
    )


def _find_output(last: _Layer, derivation: Derived, by_name: dict[str, Value]) -> None:
    """The named activation of the last layer: the first value of its shape that is a function of it alone."""
    for value in derivation.values:
        if value.formula is not None and value.symbol.shape == last.value.symbol.shape and value is not last.value:
            try:
                return _connect(last, value.symbol, value.symbol.name.text, by_name)
            except ValueError:
                continue


def _affine(tree: Expression | None) -> tuple[Expression, Symbol, Symbol | None] | None:
    """x, W and b of x W + b."""
    if not isinstance(tree, Apply):
        return None
    bias = None
    product: Expression | None = tree
    if tree.primitive is arithmetic.add and isinstance(tree.operands[1], Symbol) and len(tree.operands[1].shape) == 1:
        product, bias = tree.operands[0], tree.operands[1]
    elif tree.primitive is not products.matmul:
        inside = traced(tree) if tree.primitive.numpy_function is None and len(tree.operands) in (2, 3) else None
        return _affine(inside) if isinstance(inside, Apply) and inside.primitive is not tree.primitive else None
    if not isinstance(product, Apply) or product.primitive is not products.matmul:
        return None
    source, weight = product.operands
    if not isinstance(weight, Symbol) or len(weight.shape) != 2 or not source.shape:
        return None
    if bias is not None and bias.shape != weight.shape[1:]:
        return None
    return source, weight, bias


def _valued(tree: Expression) -> Any:
    value = evaluated(tree)
    if value is None:
        raise ValueError(f"neurons=True: {writing.text(tree)} can't be computed again")
    return value


class _Sketch:
    """Layers and an example on the way to a picture."""

    def __init__(self, derivation: Derived, layers: list[_Layer], example: int, batch: int) -> None:
        self.derivation, self.layers, self.example, self.batch = derivation, layers, example, batch
        self.gradients = {step.value.symbol.name.identifier: step.gradient.value for step in derivation.steps}

    def network(self) -> Network:
        root = self.derivation.root
        columns = [self._inputs()]
        wires: list[Wire] = []
        for number, layer in enumerate(self.layers):
            columns.append(self._column(layer, last=layer is self.layers[-1]))
            wires += self._wires(number, layer, columns[-2], columns[-1])
        sizes = "-".join(str(layer.weight.shape[0]) for layer in self.layers) + f"-{self.layers[-1].weight.shape[1]}"
        notes = []
        if self.batch > 1:
            notes.append(f"Example {self.example} of 0 … {self.batch - 1}, chosen by neurons=.")
            notes.append("Gradients of units are of this example, those of weights and biases sums over all.")
        if any(column.left_out for column in columns):
            notes.append("Of large layers the first and the last units are shown.")
        if root is self.layers[-1].value or root is self.layers[-1].activated:
            result = Row("", "", "")
        else:
            name = root.symbol.name
            value = number_text(as_numpy(root.symbol.value)[()], 4)
            latex, text = writing.latex(root.formula), writing.text(root.formula)  # type: ignore[arg-type]
            result = Row(value, f"{name.latex} = {latex}", f"{name.text} = {text}")
        title = f"A {sizes} network, and the gradients of {root.symbol.name.text}"
        described = f"{len(self.layers)} layers of the form x W + b, drawn as units and weights."
        return Network(title, described, tuple(columns), tuple(wires), result, tuple(notes))

    def _inputs(self) -> Column:
        source = self.layers[0].source
        values = self._row(_valued(source))
        gradient = self._row(self.gradients.get(source.name.identifier)) if isinstance(source, Symbol) else None
        return self._made((Row("", writing.latex(source), writing.text(source)),), values, gradient)

    def _column(self, layer: _Layer, last: bool) -> Column:
        name = layer.value.symbol.name
        before = self._row(layer.value.symbol.value)
        heading = [_equation(layer.value)]
        values, shown = before, name.identifier
        if layer.activation is not None:
            values = self._row(_valued(layer.activation))
            tree = layer.activation
            heading.append(
                _equation(layer.activated) if layer.activated else Row("", writing.latex(tree), writing.text(tree))
            )
            shown = layer.activated.symbol.name.identifier if layer.activated else shown
        biases = None if layer.bias is None else as_numpy(layer.bias.value)
        targets = self._targets(layer) if last else None
        return self._made(
            tuple(heading), values, self._row(self.gradients.get(shown)),
            before if layer.activation is not None else None, biases, targets, layer,
        )  # fmt: skip

    def _targets(self, layer: _Layer) -> tuple[str, np.ndarray] | None:
        """The name and the row of what the result compares the outputs with."""
        tree = self.derivation.root.formula
        roles = {value.symbol.name.identifier: value.role for value in self.derivation.values}
        for name, symbol in symbols(tree).items() if tree is not None else ():
            if symbol.shape == layer.value.symbol.shape and roles.get(name) in ("input", "constant"):
                return symbol.name.text, self._row(symbol.value)
        return None

    def _row(self, value: Any) -> Any:
        """The example's row of a batch; None for None."""
        if value is None:
            return None
        array = as_numpy(value).astype(float)
        return array.reshape(-1, array.shape[-1])[self.example]

    def _made(
        self,
        heading: tuple[Row, ...],
        values: np.ndarray,
        gradients: np.ndarray | None,
        before: np.ndarray | None = None,
        biases: np.ndarray | None = None,
        targets: tuple[str, np.ndarray] | None = None,
        layer: _Layer | None = None,
    ) -> Column:
        shown, gap = _shown(len(values))
        name = heading[-1].text.split(" = ")[0]
        levels = _levels(values)
        gradient_levels = _levels(gradients) if gradients is not None else [0] * len(values)
        units = []
        for i in shown:
            said = [f"{name}[{i}] = {number_text(values[i], 6)}"]
            if before is not None and layer is not None:
                said.append(f"{layer.value.symbol.name.text}[{i}] = {number_text(before[i], 6)}")
            if biases is not None and layer is not None and layer.bias is not None:
                bias = layer.bias.name
                said.append(f"{bias.text}[{i}] = {number_text(biases[i], 6)}")
                found = self.gradients.get(bias.identifier)
                if found is not None:
                    said.append(f"gradient of {bias.text}[{i}]: {number_text(as_numpy(found)[i], 6)}")
            gradient = "—" if gradients is None else number_text(gradients[i], 3)
            said.append(f"gradient: {gradient}")
            units.append(
                Unit(
                    i,
                    number_text(values[i], 3),
                    levels[i],
                    gradient,
                    gradient_levels[i],
                    "" if before is None else number_text(before[i], 3),
                    "" if targets is None else f"{targets[0]}: {number_text(targets[1][i], 3)}",
                    "; ".join(said),
                )
            )
        return Column(heading, tuple(units), len(values) - len(shown), gap)

    def _wires(self, number: int, layer: _Layer, left: Column, right: Column) -> list[Wire]:
        weights = as_numpy(layer.weight.value).astype(float)
        found = self.gradients.get(layer.weight.name.identifier)
        finite = np.abs(weights[np.isfinite(weights)])
        largest = finite.max(initial=0.0) or 1.0
        labelled = len(left.units) * len(right.units) <= MOST_LABELS
        wires = []
        for i, source in enumerate(left.units):
            for j, target in enumerate(right.units):
                weight = weights[source.index, target.index]
                said = f"{layer.weight.name.text}[{source.index},{target.index}] = {number_text(weight, 6)}"
                if found is not None:
                    said += f"; gradient: {number_text(as_numpy(found)[source.index, target.index], 6)}"
                strength = float(min(abs(weight) / largest, 1.0)) if np.isfinite(weight) else 1.0
                wires.append(Wire(number, i, j, number_text(weight, 3), strength, bool(weight >= 0), labelled, said))
        return wires


def _equation(value: Value) -> Row:
    name = value.symbol.name
    assert value.formula is not None
    return Row("", f"{name.latex} = {writing.latex(value.formula)}", f"{name.text} = {writing.text(value.formula)}")


def _shown(count: int) -> tuple[Sequence[int], int]:
    """The units of a column that are shown, and the place of those left out."""
    if count <= MOST_UNITS:
        return range(count), 0
    half = MOST_UNITS // 2
    return [*range(MOST_UNITS - 1 - half), *range(count - half, count)], MOST_UNITS - 1 - half


def _levels(values: np.ndarray) -> list[int]:
    """Colours on the scale of the column."""
    finite = np.isfinite(values)
    largest = np.abs(values[finite]).max(initial=0.0) or 1.0
    return [
        LEVELS + 1 if not ok else int(np.sign(value) * np.ceil(abs(value) / largest * LEVELS))
        for value, ok in zip(values.tolist(), finite.tolist(), strict=True)
    ]


def text(net: Network) -> str:
    """The network line by line: each column's headings, below them its units; then its weights."""
    lines = []
    for number, column in enumerate(net.columns):
        lines += [row.text for row in column.heading]
        lines += [f"    {unit.description}" for unit in column.units]
        if column.left_out:
            lines.append(f"    and {column.left_out} more")
        lines += [f"        {wire.description}" for wire in net.wires if wire.column == number]
    if net.result.text:
        lines.append(f"{net.result.text} = {net.result.caption}")
    return "\n".join(lines)
