"""Rules run on arrays of symbols: NumPy's own loops over objects show what one entry of a gradient is made of."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ...tensor import Tensor
from .operations import Operation


class Cell:
    """A 0-d Tensor as an entry of an object array. What NumPy does to the entry, it does to the Tensor.

    Comparisons answer for the values: a symbolic run takes the branches that the values took.
    """

    __slots__ = ("tensor",)

    def __init__(self, tensor: Tensor):
        self.tensor = tensor

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(np, name, None)
        if not isinstance(function, np.ufunc):
            raise AttributeError(name)
        return lambda *others: wrapped(function(self.tensor, *map(bare, others)))

    def __neg__(self) -> Any:
        return wrapped(-self.tensor)

    def __abs__(self) -> Any:
        return wrapped(abs(self.tensor))

    def __bool__(self) -> bool:
        return bool(self.tensor.data)

    def __float__(self) -> float:
        raise TypeError("a symbol is no number")


def bare(x: Any) -> Any:
    return x.tensor if type(x) is Cell else x


def wrapped(x: Any) -> Any:
    return Cell(x) if type(x) is Tensor else x


def _arithmetic(name: str) -> None:
    function = getattr(operator, name)

    def forward(self: Cell, other: Any) -> Any:
        return _folded(name, function, self, other)

    def backward(self: Cell, other: Any) -> Any:
        return _folded(name, function, other, self)

    setattr(Cell, f"__{name}__", forward)
    setattr(Cell, f"__r{name}__", backward)


def _folded(name: str, function: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """The operation, without the zeros and ones of a gradient that is 1 at one entry."""
    left, right = (None if type(x) is Cell else x for x in (a, b))
    match name:
        case "mul" if 0 in (left, right):
            return 0
        case "truediv" | "pow" if left == 0:
            return 0
        case "mul" if left == 1:
            return b
        case "mul" | "truediv" if right == 1:
            return a
        case "add" if left == 0:
            return b
        case "add" | "sub" if right == 0:
            return a
        case "sub" if left == 0:
            return -b
    return wrapped(function(bare(a), bare(b)))


def _comparison(name: str) -> None:
    function = getattr(operator, name)

    def compare(self: Cell, other: Any) -> bool:
        other = bare(other)
        return bool(function(self.tensor.data, other.data if type(other) is Tensor else other))

    setattr(Cell, f"__{name}__", compare)


for _name in ("add", "sub", "mul", "truediv", "pow"):
    _arithmetic(_name)
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    _comparison(_name)


def on_cells(operation: Operation, position: int, output: Any, inputs: list[Any], source: int, target: int) -> Any:
    """The derivative of the output's entry `target` by the entry `source` of an input, on Tensors for entries.

    `output` and those of `inputs` that hold real arrays are pairs of a list of 0-d Tensors and a shape. TypeError,
    AttributeError or ValueError where the rule does not run on objects.
    """
    y = _array(*output)
    arrays = [_array(*x) if type(x) is tuple else x for x in inputs]
    g = np.zeros(np.shape(y), dtype=object)
    g.reshape(-1)[target] = 1
    part = operation.rule(g[()], y, arrays, position)
    shape = np.shape(operation.inputs[position])
    found = _in_shape(np.asarray(part, dtype=object), shape)
    return bare(found.reshape(-1)[source])


def _array(tensors: list[Tensor], shape: tuple[int, ...]) -> Any:
    made = np.empty(len(tensors), dtype=object)
    made[:] = [Cell(x) for x in tensors]
    return made.reshape(shape)[()]


def _in_shape(part: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Summed over what was broadcast, spread over what was reduced, as the engine does it."""
    while part.ndim > len(shape):
        part = np.asarray(part.sum(axis=0), dtype=object)
    for axis, wanted in enumerate(shape[len(shape) - part.ndim :]):
        if wanted == 1 and part.shape[axis] != 1:
            part = np.asarray(part.sum(axis=axis, keepdims=True), dtype=object)
    return np.broadcast_to(part, shape)
