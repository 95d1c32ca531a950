"""Arrays that write down every call of NumPy they go through, and what cannot be written down."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..tensor import Tensor
from .program import Variable

if TYPE_CHECKING:
    from .capture import Tape

_METHODS = frozenset(
    """all any argmax argmin argsort astype clip conj conjugate copy cumprod cumsum diagonal dot flatten max mean min
    prod ravel repeat reshape round searchsorted squeeze std sum swapaxes take trace transpose var""".split()  # noqa: SIM905
)
_ATTRIBUTES = frozenset(("T", "mT", "real", "imag"))

NUMBERS = (np.ndarray, np.generic, float, complex)
"""What a program takes as its inputs. All other arguments are part of it."""
BY_VALUE = (bool, int, str, bytes, type(None), type, np.dtype)
"""What may be part of a program: what cannot change."""


class CompileError(Exception):
    """What a function does that no straight-line program can do."""


class Written(np.lib.mixins.NDArrayOperatorsMixin):
    """An array or a number, and the variable that holds it in the program."""

    __array_priority__ = 1000
    __slots__ = ("_tape", "value", "variable")
    base = None

    def __init__(self, tape: Tape, value: Any, variable: Variable) -> None:
        self._tape = tape
        self.value = value
        self.variable = variable

    shape = property(lambda self: self.variable.shape)
    dtype = property(lambda self: self.variable.dtype)
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: prod(self.shape))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if any(type(x) is Tensor for x in inputs):
            return NotImplemented  # the Tensor answers, and calls again with what is in it
        if method == "at":
            raise CompileError(f"writes into an array by np.{ufunc.__name__}.at: ag.at(x, i).add(…) makes a new one")
        out = options.get("out")
        if out is not None and type(out[0]) is Written and out[0].variable.kind != "array":
            del options["out"]  # numbers are not written to: to Python, x += y is x = x + y for them
        elif out is not None:
            raise CompileError(f"writes into an array by np.{ufunc.__name__} (out=, or +=): write x = x + y for x += y")
        return self._tape.call("function", ufunc if method == "__call__" else getattr(ufunc, method), inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if Tensor in types:
            return NotImplemented
        if options.get("like") is not None:
            return self._tape.constant(function(*args, **{**options, "like": None}))
        if options.get("out") is not None:
            raise CompileError(f"writes into an array by np.{function.__name__} (out=): use what it returns")
        if function in (np.zeros_like, np.ones_like):
            return self._tape.constant(function(*map(value_of, args), **options))
        return self._tape.call("function", function, args, options)

    def __getitem__(self, index: Any) -> Any:
        return self._tape.call("index", None, (self, index), {})

    def __getattr__(self, name: str) -> Any:
        if name in _ATTRIBUTES:
            return self._tape.call("attribute", name, (self,), {})
        if name in _METHODS:
            return lambda *args, **options: self._tape.call("method", name, (self, *args), options)
        if name.startswith("__"):
            raise AttributeError(name)
        raise CompileError(
            f"asks an array, {self.dtype} {self.shape}, for .{name}: write a function of NumPy's instead"
        )

    def __setitem__(self, index: Any, value: Any) -> None:
        raise CompileError("writes into an array by x[i] = …: ag.at(x, i).set(…) makes a new one")

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def _asked(self, *args: Any, **options: Any) -> Any:
        self._tape.refused = CompileError(
            f"asks for the value of an array, {self.dtype} {self.shape}, in a branch, a loop or a conversion: the "
            "program would hold for this value only. Write np.where for a branch, np.stack for an array of others, or "
            "pass what a loop depends on as a Python int"
        )
        raise self._tape.refused

    __bool__ = __float__ = __int__ = __index__ = __complex__ = __array__ = __format__ = _asked

    def _itself(self, *_: Any) -> Written:
        return self

    __copy__ = __deepcopy__ = _itself

    def __repr__(self) -> str:
        return f"<{self.dtype} {self.shape}, being compiled>"


def read_only(value: Any) -> Any:
    """The value, as a view that cannot be written to if it is an array: what is written down is what is computed."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value


def value_of(x: Any) -> Any:
    """The value itself, where it is written down what becomes of it."""
    return x.value if type(x) is Written else x
