"""One recorded operation with its data as NumPy's, ready to run its rules on."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...backprop import fitted
from ...primitives import results
from ...several import Arriving, Several
from ...tensor import Tensor
from ..numbers import as_numpy


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
