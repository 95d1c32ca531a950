"""The Modules to build with: Linear, activations, Sequential, MLP. They name what they make, so that pictures speak."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any

import numpy as np

from autograd import Tensor

from .functional import linear_primitive, relu, sigmoid
from .init import Init, generator, kaiming_uniform
from .module import Module


class Linear(Module):
    """x W + b: `weight` of shape (inputs, outputs), `bias` of shape (outputs,).

    Parameters
    ----------
    inputs, outputs : int
        Lengths of the last axis of what goes in and comes out; 1 or more.
    bias : bool
        Whether b is added; `bias` is None otherwise.
    init : callable
        `init(shape, rng)` gives the weight, then the bias; see nn.init.
    rng : np.random.Generator, np.random.RandomState or int, optional
        Draws the numbers; a seed gives a new Generator, None one seeded afresh.
    dtype : float32 or float64 (or another real floating dtype)

    Raises
    ------
    ValueError
        A size is below 1, `init` gives another shape, or, when called, the last axis of x is not `inputs` long.
    TypeError
        A size is no integer, or the dtype not real floating.

    Examples
    --------
    >>> import nn
    >>> layer = nn.Linear(3, 4, rng=0)
    >>> layer
    Linear(3, 4)  # 16 parameters
    >>> layer(np.ones((5, 3))).shape
    (5, 4)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        bias: bool = True,
        init: Init = kaiming_uniform,
        rng: Any = None,
        dtype: Any = np.float64,
    ):
        self.inputs, self.outputs = _sizes("Linear", (inputs, outputs))
        rng = generator(rng)
        self.weight = _parameter(init, (self.inputs, self.outputs), rng, dtype)
        self.bias = _parameter(init, (self.outputs,), rng, dtype) if bias else None

    def forward(self, x: Any) -> Any:
        """x W + b, or x W without a bias: shape (…, inputs) to (…, outputs)."""
        if type(x) is not Tensor:
            x = Tensor(x, name="x")
        try:
            return x @ self.weight if self.bias is None else linear_primitive(x, self.weight, self.bias)
        except ValueError as error:
            _check_fit(self, self.inputs, x, error)
            raise

    def extra_repr(self) -> str:
        return f"{self.inputs}, {self.outputs}" + (", bias=False" if self.bias is None else "")


class ReLU(Module):
    """max(x, 0), entry by entry: the shape of x, and its dtype if it is floating.

    >>> import nn
    >>> nn.ReLU()(Tensor([-1.0, 2.0]))
    Tensor([0., 2.])
    """

    def forward(self, x: Any) -> Any:
        """The activation's value, of the shape of x."""
        return relu(x)


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ), entry by entry: the shape of x, and its dtype if it is floating.

    >>> import nn
    >>> nn.Sigmoid()(Tensor([0.0, 1000.0]))
    Tensor([0.5, 1. ])
    """

    def forward(self, x: Any) -> Any:
        """The activation's value, of the shape of x."""
        return sigmoid(x)


class Tanh(Module):
    """tanh(x), entry by entry: the shape of x, and its dtype if it is floating.

    >>> import nn
    >>> nn.Tanh()(Tensor([0.0, 1000.0]))
    Tensor([0., 1.])
    """

    def forward(self, x: Any) -> Any:
        """The activation's value, of the shape of x."""
        return np.tanh(x)


class Identity(Module):
    """x itself, whatever its shape and dtype.

    >>> import nn
    >>> nn.Identity()(Tensor([-1.0, 2.0]))
    Tensor([-1., 2.])
    """

    def forward(self, x: Any) -> Any:
        """x."""
        return x


class Sequential(Module):
    """One layer after the other; they are in `layers`.

    An array that goes in becomes a Tensor named x; the results of the n-th Linear and of the activation after it are
    named zn and an. The layers say which shapes fit, and the dtype. TypeError if a layer is not callable.

    >>> import nn
    >>> nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False))
    Sequential(
      (layers.0): Linear(3, 4)
      (layers.1): ReLU()
      (layers.2): Linear(4, 2, bias=False)
    )  # 24 parameters
    """

    def __init__(self, *layers: Callable[[Any], Any]):
        for i, layer in enumerate(layers):
            if not callable(layer):
                raise TypeError(f"Sequential: layer {i} is a {type(layer).__name__}, which cannot be called")
        self.layers = layers
        self._result_names = _result_names(layers)

    def forward(self, x: Any) -> Any:
        """What the last layer makes of what the others made of x."""
        if type(x) is not Tensor:
            x = Tensor(x, name="x")
        for layer, name in zip(self.layers, self._result_names, strict=True):
            before, x = x, layer(x)
            if name is not None and x is not before and _is_nameless_result(x):
                x.name = name
        return x


class MLP(Module):
    """A multilayer perceptron: layers x W + b, an activation after each, in the names that textbooks use.

    Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors" (Nature 323, 1986).

    The parameters are the attributes W1, b1, W2, b2, …. What is computed is named z1 = x W1 + b1, a1 = activation(z1),
    z2, …, and ŷ, the result; an array that goes in becomes a Tensor named x.

    Parameters
    ----------
    *sizes : int
        The number of inputs, of units in each hidden layer, and of outputs: two sizes or more, each 1 or more.
    activation, output : str or callable
        What follows each hidden layer, and the last: "relu", "sigmoid", "tanh", "identity", or a function of a Tensor.
    init, rng, dtype
        As for Linear. Numbers are drawn in the order W1, b1, W2, b2, ….

    Raises
    ------
    ValueError
        Fewer than two sizes, a size below 1, an unknown activation, or, when called, the last axis of x does not fit.
    TypeError
        A size is no integer, an activation neither a string nor callable, or the dtype not real floating.

    Examples
    --------
    >>> import nn
    >>> net = nn.MLP(3, 4, 2, activation="relu", output="sigmoid", init=nn.init.normal, rng=np.random.RandomState(0))
    >>> net
    MLP(3, 4, 2, activation='relu', output='sigmoid')  # 26 parameters
    >>> net(np.array([1.0, 2.0, 3.0])).name
    'ŷ'
    """

    def __init__(
        self,
        *sizes: int,
        activation: str | Callable[[Any], Any] = "relu",
        output: str | Callable[[Any], Any] = "sigmoid",
        init: Init = kaiming_uniform,
        rng: Any = None,
        dtype: Any = np.float64,
    ):
        self.sizes = _sizes("MLP", sizes)
        if len(sizes) < 2:
            raise ValueError(f"MLP{sizes}: give two sizes or more, inputs first and outputs last, e.g. MLP(3, 4, 2)")
        self.activation, self.output = _activation("activation", activation), _activation("output", output)
        rng = generator(rng)
        layers = range(1, len(sizes))
        for n in layers:
            for name, shape in ((f"W{n}", self.sizes[n - 1 : n + 1]), (f"b{n}", self.sizes[n : n + 1])):
                setattr(self, name, _parameter(init, shape, rng, dtype, name))
        self._hidden = tuple((f"W{n}", f"b{n}", f"z{n}", f"a{n}") for n in layers[:-1])
        self._last = tuple(f"{letter}{layers[-1]}" for letter in "Wbz")

    def forward(self, x: Any) -> Any:
        """The prediction ŷ: shape (…, inputs) to (…, outputs)."""
        if type(x) is not Tensor:
            x = Tensor(x, name="x")
        # Names and attributes are looked up in prepared tuples and in the instance's dict: 0.5 µs less a training step.
        own = self.__dict__
        try:
            activation = self.activation
            for W, b, z, a in self._hidden:
                linear = linear_primitive(x, own[W], own[b])
                linear.name = z
                x = activation(linear)
                # A primitive always makes a new Tensor; that saves a look at more of it.
                if (type(x) is Tensor and x.primitive is activation) or (x is not linear and _is_nameless_result(x)):
                    x.name = a
            W, b, z = self._last
            linear = linear_primitive(x, own[W], own[b])
        except ValueError as error:
            _check_fit(self, own[W].shape[0], x, error)
            raise
        linear.name = z
        output = self.output
        x = output(linear)
        if (type(x) is Tensor and x.primitive is output) or x is linear or _is_nameless_result(x):
            x.name = "ŷ"
        return x

    def extra_repr(self) -> str:
        sizes = ", ".join(map(str, self.sizes))
        return f"{sizes}, activation={_called(self.activation)!r}, output={_called(self.output)!r}"


def _is_nameless_result(x: Any) -> bool:
    """Whether x was just computed. A parameter, or what an activation named itself, keeps its name."""
    return type(x) is Tensor and x.name is None and (x.primitive is not None or not x.requires_grad)


def _identity(x: Any) -> Any:
    return x


activations: dict[str, Callable[[Any], Any]] = {
    "relu": relu,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "identity": _identity,
}
"""What `MLP` knows by name."""


def _activation(role: str, given: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    if isinstance(given, str):
        if given not in activations:
            raise ValueError(f"MLP: unknown {role} {given!r}; known are {', '.join(activations)}, or pass a function")
        return activations[given]
    if not callable(given):
        raise TypeError(f"MLP: {role} is a name or a function, not {type(given).__name__}")
    return given


def _called(activation: Callable[[Any], Any]) -> str:
    """The name under which an activation is known, or its own."""
    own = getattr(activation, "__name__", type(activation).__name__)
    return next((name for name, known in activations.items() if known is activation), own)


def _result_names(layers: tuple[Any, ...]) -> list[str | None]:
    """The names of what each layer makes; None where a layer names its own results, or the name is taken."""
    names: list[str | None] = []
    number = 0
    for layer in layers:
        name: str | None
        if type(layer) is Linear:
            number += 1
            name = f"z{number}"
        else:
            known = isinstance(layer, (ReLU, Sigmoid, Tanh)) or any(layer is f for f in activations.values())
            name = f"a{number}" if known else None
        names.append(None if name in names else name)
    return names


def _sizes(kind: str, sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """The sizes as Python ints, each 1 or more."""
    found = []
    for size in sizes:
        try:
            number = index(size)
        except TypeError:
            one_by_one = f"; write the sizes one by one, {kind}(3, 4, 2)" if isinstance(size, (list, tuple)) else ""
            raise TypeError(f"{kind}: a size is an integer, not {size!r}{one_by_one}") from None
        if isinstance(size, bool) or number < 1:
            raise ValueError(f"{kind}: a size is an integer of 1 or more, not {size!r}")
        found.append(number)
    return tuple(found)


def _parameter(init: Init, shape: tuple[int, ...], rng: Any, dtype: Any, name: str | None = None) -> Tensor:
    value = init(shape, rng)
    if np.shape(value) != shape:
        raise ValueError(f"init gave shape {np.shape(value)} where {shape} was asked for")
    return Tensor(np.array(value, dtype=dtype), requires_grad=True, name=name)


def _check_fit(layer: Module, inputs: int, x: Tensor, error: ValueError) -> None:
    """If the last axis of x does not fit, the error in the layer's terms."""
    if x.ndim and x.shape[-1] == inputs:
        return
    what = f"{type(layer).__name__}({layer.extra_repr()})"
    given = f"x{'' if x.name in (None, 'x') else f' (Tensor {x.name!r})'} has shape {x.shape}"
    way_out = f"pass x.T, of shape {x.shape[::-1]}" if x.ndim == 2 and x.shape[0] == inputs else "bring x to that shape"
    if x.ndim:
        way_out += f", or make the layer for {x.shape[-1]} inputs"
    raise ValueError(f"{what} takes inputs of shape (…, {inputs}), but {given}; {way_out}") from error
