"""What a Tensor can do: Python's operators and ndarray's methods, attached from the table."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import float64, ndarray

from . import backprop, copying, hooks, numpy_dispatch
from .modes import GRADIENTS, recording
from .primitives import arithmetic, elementwise, linalg, logic, reductions, shapes
from .primitives.primitive import Primitive, explained
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
    ("matmul", linalg.matmul, operator.matmul),
    ("and", logic.bitwise_and, operator.and_),
    ("or", logic.bitwise_or, operator.or_),
]:
    _method, _reflected = _binary(_primitive, _operate)
    for _function, _called in ((_method, f"__{_name}__"), (_reflected, f"__r{_name}__")):  # for help(Tensor)
        _function.__name__, _function.__qualname__ = _called, f"Tensor.{_called}"
        _function.__doc__ = _primitive.__doc__
    setattr(Tensor, f"__{_name}__", _method)
    setattr(Tensor, f"__r{_name}__", _reflected)

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
    ("itemset", "np.where(…, value, {0})"),
    ("partition", "np.partition({0}, …)"),
    ("put", "np.where(…, values, {0})"),
    ("resize", "np.reshape({0}, …)"),
    ("sort", "np.sort({0})"),
):
    setattr(Tensor, _name, _writing(_name, _instead))


def _no_operator(name: str):
    """A method for an operator without a rule: Python's own TypeError would name no way out."""

    def method(self, *others):
        raise numpy_dispatch.no_rule(name, (self, *others))

    def reflected(self, other):
        raise numpy_dispatch.no_rule(name, (other, self))

    return method, reflected


for _name, _numpy in (("mod", "np.remainder"), ("floordiv", "np.floor_divide"), ("divmod", "np.divmod")):
    _method, _reflected = _no_operator(_numpy)
    setattr(Tensor, f"__{_name}__", _method)
    setattr(Tensor, f"__r{_name}__", _reflected)

for _name, _sign in (("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/"), ("pow", "**"), ("matmul", "@")):
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


for _name, _value in {
    "__pow__": _pow,
    "__neg__": elementwise.negative,
    "__pos__": lambda self: self,
    "__abs__": elementwise.absolute,
    "__invert__": logic.invert,
    "__getitem__": shapes.take,
    "__array_ufunc__": numpy_dispatch.__array_ufunc__,
    "__array_function__": numpy_dispatch.__array_function__,
    "__copy__": copying.copied,
    "__deepcopy__": copying.deepcopied,
    "__reduce__": copying.reduced,
    "backward": backprop.backward,
    "register_hook": hooks.register_hook,
    "retain_grad": hooks.retain_grad,
    "T": property(lambda self: shapes.transpose(self), doc="The axes in reverse: the transpose of a matrix."),
    "sum": reductions.sum,
    "mean": reductions.mean,
    "max": reductions.max,
    "min": reductions.min,
    "any": reductions.any,
    "all": reductions.all,
    "dot": linalg.dot,
    "clip": elementwise.clip_between,
    "transpose": _transposed,
    "reshape": _reshape,
    "squeeze": shapes.squeeze,
    "astype": shapes.astype,
}.items():
    setattr(Tensor, _name, _value)
