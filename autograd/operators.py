"""What a Tensor can do: Python's operators and ndarray's methods, attached from the table."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy import float64, ndarray

from . import backprop, copying, hooks, numpy_dispatch
from .modes import GRADIENTS, recording
from .primitives import arithmetic, elementwise, indexing, logic, products, selecting, shapes, splitting, steps
from .primitives.primitive import Primitive, by_numpy_function, explained
from .tensor import Tensor, label, recorded


def _binary(primitive: Primitive, operate: Callable[[Any, Any], Any]):
    """The methods for `t ∘ other` and `other ∘ t`.

    They do what calling the primitive does, by Python's operator on the bare data, so that NumPy scalars use their fast
    scalar arithmetic and no argument list is built: a scalar node costs 0.4 µs instead of 1.1.
    """

    def method(self, other):
        needs = self._requires_grad
        if type(other) is Tensor:
            value = other._value
            needs = needs or other._requires_grad
        else:
            if type(other) is list or type(other) is tuple:
                other = np.array(other)
            value = other
        try:
            data = operate(self._value, value)
        except (ValueError, TypeError) as error:
            raise explained(primitive, (self, other), None, error) from error
        if (
            needs
            and recording.get() is GRADIENTS
            and (type(data) is float64 or (type(data) is ndarray and data.dtype.kind == "f"))
        ):
            return recorded(data, True, primitive, self, other)  # two bare inputs: see Tensor.inputs
        return primitive.result(data, needs, (self, other), None)

    def reflected(self, other):
        if type(other) is list or type(other) is tuple:
            other = np.array(other)
        try:
            data = operate(other, self._value)
        except (ValueError, TypeError) as error:
            raise explained(primitive, (other, self), None, error) from error
        return primitive.result(data, self._requires_grad, (other, self), None)

    return method, reflected


for _name, _primitive, _operate in [
    ("add", arithmetic.add, operator.add),
    ("sub", arithmetic.subtract, operator.sub),
    ("mul", arithmetic.multiply, operator.mul),
    ("truediv", arithmetic.divide, operator.truediv),
    ("pow", arithmetic.power, operator.pow),
    ("matmul", products.matmul, operator.matmul),
    ("mod", steps.remainder, operator.mod),
    ("and", logic.bitwise_and, operator.and_),
    ("or", logic.bitwise_or, operator.or_),
]:
    _method, _reflected = _binary(_primitive, _operate)
    for _function, _called in ((_method, f"__{_name}__"), (_reflected, f"__r{_name}__")):  # for help(Tensor)
        _function.__name__, _function.__qualname__ = _called, f"Tensor.{_called}"
        _function.__doc__ = _primitive.__doc__
    setattr(Tensor, f"__{_name}__", _method)
    setattr(Tensor, f"__r{_name}__", _reflected)
    numpy_dispatch.by_operator[_primitive.numpy_function] = _method

for _name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
    _python = {
        "equal": "eq",
        "not_equal": "ne",
        "less": "lt",
        "less_equal": "le",
        "greater": "gt",
        "greater_equal": "ge",
    }[_name]
    setattr(Tensor, f"__{_python}__", getattr(logic, _name))


def _in_place(sign: str):
    """t += a makes a new Tensor, as any result is. Outside of recording that would quietly be no parameter any more."""

    def method(self, other):
        if self._requires_grad and self.primitive is None and not recording.get():
            raise TypeError(
                f"{label(self)} {sign}= … under no_grad() would leave the parameter as it was and give the name to a "
                f"new Tensor without gradient; write {self.name or 'w'}.data {sign}= …"
            )
        return NotImplemented

    return method


def _writing(name: str, instead: str):
    """A method of ndarray's that writes into it: refused, with what gives a new Tensor."""

    def method(self, *args, **options):
        target = self.name or "t"
        raise TypeError(
            f"{label(self)}.{name}(…), shape {self.shape}, would change a value that graphs may hold; write "
            f"{target} = {instead.format(target)}, or assign a new array to {target}.data"
        )

    method.__name__, method.__qualname__ = name, f"Tensor.{name}"
    method.__doc__ = f"Refused, as it would write into the value: use {instead.format('t')}."
    return method


for _name, _instead in (
    ("fill", "np.full({0}.shape, value)"),
    ("itemset", "ag.at({0}, …).set(value)"),
    ("partition", "np.partition({0}, …)"),
    ("put", "ag.at({0}, …).set(values)"),
    ("resize", "np.reshape({0}, …)"),
    ("sort", "np.sort({0})"),
):
    setattr(Tensor, _name, _writing(_name, _instead))


for _name, _answer in (
    ("floordiv", steps.floor_divide),
    ("divmod", steps.divmod),
    ("xor", logic.bitwise_xor),
):
    setattr(Tensor, f"__{_name}__", _answer)
    setattr(Tensor, f"__r{_name}__", lambda self, other, _answer=_answer: _answer(other, self))

for _name, _sign in (
    ("add", "+"),
    ("sub", "-"),
    ("mul", "*"),
    ("truediv", "/"),
    ("pow", "**"),
    ("matmul", "@"),
    ("mod", "%"),
    ("floordiv", "//"),
):
    setattr(Tensor, f"__i{_name}__", _in_place(_sign))

_power = Tensor.__pow__


def _pow(self: Tensor, other: Any) -> Tensor:
    """t ** 2 is recorded as np.square, which is both faster and, in a derivation, plainer."""
    return elementwise.square(self) if type(other) is int and other == 2 else _power(self, other)


def _reshape(self: Tensor, *shape: Any, order: str = "C") -> Tensor:
    """The same entries in another shape, given as one tuple or as several integers; one of them may be -1."""
    return shapes.reshape(self, shape=shape[0] if len(shape) == 1 else shape, order=order)


def _transposed(self: Tensor, *axes: Any) -> Tensor:
    """The axes in reverse, or in the order given, as one tuple or as several integers."""
    if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
        axes = axes[0]
    return shapes.transpose(self, axes=tuple(axes)) if axes else shapes.transpose(self)


def _matrices_transposed(self: Tensor) -> Tensor:
    if self.ndim < 2:
        raise ValueError(f"mT: {label(self)} has shape {self.shape}, which is no matrix; np.expand_dims makes it one")
    return shapes.transpose(self) if self.ndim == 2 else products.swapped(self)


def _function(function: Callable[..., Any]):
    """The method that is NumPy's function of the same name, with the Tensor for its first argument."""

    def method(self, *args, **options):
        return function(self, *args, **options)

    method.__name__, method.__qualname__ = function.__name__, f"Tensor.{function.__name__}"
    method.__doc__ = f"np.{function.__name__} of this Tensor, with the same arguments."
    return method


def _choose(self: Tensor, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """In each place, the entry of that of the choices which this Tensor names there."""
    return selecting.choose(self, choices, out, mode)


def _compress(self: Tensor, condition: Any, axis: Any = None, out: Any = None) -> Tensor:
    """The entries, or the slices along an axis, where a row of conditions holds."""
    return selecting.compress(condition, self, axis, out)


def _flatten(self: Tensor, order: str = "C") -> Tensor:
    """All entries in one row."""
    return shapes.ravel(self, order)


def _tolist(self: Tensor) -> Any:
    """The value in nested lists of Python numbers, outside of any graph."""
    return self._value.tolist()


def _view(self: Tensor, *args: Any, **options: Any) -> Any:
    """Refused, as it would show the same memory as something else: use .astype or .reshape."""
    raise TypeError(
        f"{label(self)}.view(…), shape {self.shape}, would show the same memory as something else, which no gradient "
        "can follow; .astype and .reshape convert, t.data.view(…) is outside of the graph"
    )


for _numpy_function in (
    np.ravel,
    np.repeat,
    np.swapaxes,
    np.take,
    np.argsort,
    np.argpartition,
    np.nonzero,
    np.searchsorted,
    np.copy,
    np.diagonal,
    np.trace,
):
    setattr(Tensor, _numpy_function.__name__, _function(_numpy_function))


REFUSED = frozenset(("fill", "itemset", "partition", "put", "resize", "sort", "view"))
"""Methods of ndarray's that only say what to write instead; nobody's completion need offer them."""


def _offered(self: Tensor) -> list[str]:
    """For dir() and completion: what can be used."""
    return [name for name in object.__dir__(self) if name[:2] == "__" or (name[0] != "_" and name not in REFUSED)]


def _iterated(self: Tensor) -> Iterator[Tensor]:
    """The slices along the first axis: one operation makes them all, so that their gradients come together at once."""
    if not self.ndim:
        raise TypeError(f"iteration over {label(self)}, which is 0-d")
    return iter(splitting.unstack(self))


for _name, _value in {
    "__iter__": _iterated,
    "__dir__": _offered,
    "view": _view,
    "choose": _choose,
    "compress": _compress,
    "flatten": _flatten,
    "flat": property(shapes.ravel, doc="All entries in one row; unlike ndarray's it is a Tensor, not an iterator."),
    "real": property(elementwise.real, doc="The real part: of real numbers, themselves."),
    "imag": property(by_numpy_function[np.imag], doc="The imaginary part, a constant: of real numbers, 0."),
    "tolist": _tolist,
    "nbytes": property(lambda self: self._value.nbytes, doc="The bytes that the entries take."),
    "itemsize": property(lambda self: self._value.itemsize, doc="The bytes of one entry."),
    "__pow__": _pow,
    "__neg__": elementwise.negative,
    "__pos__": lambda self: self,
    "__abs__": elementwise.absolute,
    "__invert__": logic.invert,
    "__getitem__": indexing.subscript,
    "__round__": lambda self, ndigits=None: steps.round(self, decimals=ndigits or 0),
    "__array_ufunc__": numpy_dispatch.__array_ufunc__,
    "__array_function__": numpy_dispatch.__array_function__,
    "__copy__": copying.copied,
    "__deepcopy__": copying.deepcopied,
    "__reduce__": copying.reduced,
    "backward": backprop.backward,
    "register_hook": hooks.register_hook,
    "retain_grad": hooks.retain_grad,
    "T": property(lambda self: shapes.transpose(self), doc="The axes in reverse: the transpose of a matrix."),
    "mT": property(_matrices_transposed, doc="Each matrix of a stack transposed: the last two axes swapped."),
    "dot": products.dot,
    "clip": elementwise.clip_between,
    "round": steps.round,
    "conj": elementwise.conjugate,
    "conjugate": elementwise.conjugate,
    "transpose": _transposed,
    "reshape": _reshape,
    "squeeze": shapes.squeeze,
    "astype": shapes.astype,
}.items():
    setattr(Tensor, _name, _value)

for _name in (
    *("sum", "prod", "mean", "var", "std", "max", "min", "any", "all", "cumsum", "cumprod"),
    *("argmax", "argmin"),
):
    setattr(Tensor, _name, by_numpy_function[getattr(np, _name)])
