"""Capturing: a function is run on arrays that write down every call of NumPy they go through.

To the engine they are arrays of another library, which it runs the forward functions and the rules of the table on as
on any other. So what is written down is what it computes, backward passes included.
"""

from __future__ import annotations

import gc
import operator
from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from ..nested import leaves, mapped
from ..tensor import Tensor, label
from .names import noticed
from .program import Call, Program, Variable, parameters_of, performed, replaced, variables

_METHODS = frozenset(
    """all any argmax argmin argsort astype clip conj conjugate copy cumprod cumsum diagonal dot flatten max mean min
    prod ravel repeat reshape round searchsorted squeeze std sum swapaxes take trace transpose var""".split()  # noqa: SIM905
)
_ATTRIBUTES = frozenset(("T", "mT", "real", "imag"))
_ABOUT_SHAPES = frozenset(
    (np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type, np.iscomplexobj, np.isrealobj)
)

NUMBERS = (np.ndarray, np.generic, float, complex)
"""What a program takes as its inputs. All other arguments are part of it."""
BY_VALUE = (bool, int, str, bytes, type(None), type, np.dtype)
"""What may be part of a program: what cannot change."""

_OF_PYTHON: dict[Any, Callable[..., Any]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.floor_divide: operator.floordiv,
    np.remainder: operator.mod,
    np.power: operator.pow,
    np.negative: operator.neg,
    np.positive: operator.pos,
    np.absolute: abs,
}
"""What operators do with numbers of Python's only: the result is one, which promotes weakly."""


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
            return self._tape.constant(function(*map(_value, args), **options))
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


class Tape:
    """What is written down: calls, the arrays that are constants in them, and what the user's variables are called."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.constants: dict[Variable, np.ndarray] = {}
        self.from_outside: list[Any] = []
        self.refused: CompileError | None = None
        self.closed = False
        self._errors = np.geterr()
        self._written: dict[int, Written] = {}  # by the id of the array, which is held from outside
        self.names: dict[Variable, str] = {}

    def call(self, kind: str, what: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """The result of a call, after a line that says it."""
        if self.closed:
            raise CompileError(
                "a compiled function kept a value from when it was compiled, in an attribute, a list or a .grad: what "
                "is to live on must be returned"
            )
        if kind == "method" and what == "transpose" and args[1:] == (None,):
            kind, what, args = "attribute", "T", args[:1]
        _check_shape_is_known(kind, what, args, options)
        value = self._performed(kind, what, replaced(args, _value), replaced(options, _value))
        if what in _ABOUT_SHAPES:
            return value
        if isinstance(what, np.ufunc) and what.signature is None and what.nout == 1:
            args = _narrowed(replaced(args, self._known), np.shape(value))
            if what is np.multiply and any(map(_is_one, args)):
                other = args[_is_one(args[0])]
                if type(other) is Written and type(other.value) is type(value) and other.dtype == value.dtype:
                    return other
        operands, given = replaced((args, options), self.operand)
        if self.constants.keys() >= set(variables((operands, given))):
            return self.constant(value) if isinstance(value, np.ndarray) else value
        target = self.variable(value)
        self.calls.append(Call(target, kind, what, operands, given, self._errors_here()))
        return self._result(value, target)

    def _performed(self, kind: str, what: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """What a call gives for these values: CompileError if it writes into one."""
        if what in _OF_PYTHON and all(type(x) in (float, complex, int, bool) for x in args):
            return _OF_PYTHON[what](*args)
        try:
            return performed(kind, what, args, options)
        except ValueError as error:
            if "read-only" in str(error) or "not writeable" in str(error):
                name = getattr(what, "__name__", what)
                raise CompileError(f"writes into an array by np.{name}: ag.at and np.where make new ones") from error
            raise

    def _errors_here(self) -> dict[str, str]:
        """What np.errstate says here and did not say when the function was called."""
        return {kind: what for kind, what in np.geterr().items() if self._errors[kind] != what}

    def _known(self, x: Any) -> Any:
        """The array itself, if it is the same in each run."""
        if isinstance(x, (np.ndarray, np.generic)):
            self.from_outside.append(x)
        return x.value if type(x) is Written and x.variable in self.constants else x

    def _result(self, value: Any, target: Variable) -> Any:
        if target.kind != "several":
            return Written(self, read_only(value), target)
        if not isinstance(value, (tuple, list)):
            called = self.calls[-1].what
            raise CompileError(
                f"asks for a {type(value).__name__} that depends on the values of arrays, by "
                f"{getattr(called, '__name__', called)}: the program would hold for these values only"
            )
        parts = []
        for i, part in enumerate(value):
            inner = self.variable(part)
            self.calls.append(Call(inner, "index", None, (target, i), {}))
            parts.append(self._result(part, inner))
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)

    def variable(self, value: Any, name: str = "") -> Variable:
        """A new variable for what is like `value`."""
        if isinstance(value, (np.ndarray, np.generic)):
            return Variable(name, "array" if isinstance(value, np.ndarray) else "scalar", value.shape, value.dtype)
        if isinstance(value, (float, complex)):
            return Variable(name, "python", (), np.dtype(type(value)))
        return Variable(name, "several")

    def operand(self, x: Any) -> Any:
        """What stands for an argument in the program: a variable for an array, anything else as it is."""
        if type(x) is Written:
            return x.variable
        if isinstance(x, np.generic):
            self.from_outside.append(x)
        return self.constant(x).variable if isinstance(x, np.ndarray) else x

    def constant(self, array: np.ndarray) -> Written:
        """An array that is the same in each run, as it is now, as one that is written down."""
        found = self._written.get(id(array))
        if found is None or found.value.tobytes() != array.tobytes():  # new, or written to since
            self.from_outside.append(array)
            found = self._written[id(array)] = Written(self, read_only(array.copy()), self.variable(array))
            self.constants[found.variable] = found.value
        return found

    def result(self, x: Any) -> Any:
        """What stands for a leaf of the result in the program: every array is the caller's own."""
        if type(x) is Tensor:
            raise CompileError(
                f"returns a Tensor, {x.dtype} {x.shape}: return its .data, and pass what requires a gradient as an "
                "argument, to ag.value_and_grad"
            )
        if not isinstance(x, (Written, *NUMBERS, *BY_VALUE)):
            raise CompileError(f"returns a {type(x).__name__}: return arrays, numbers, and containers of them")
        found = self.operand(x)
        if type(found) is not Variable or found.kind != "array":
            return found
        own = self.variable(_value(x))
        self.calls.append(Call(own, "method", "copy", (found,), {}))
        return own


_SHAPED_BY_VALUES = frozenset(
    (np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.unique_all, np.unique_counts, np.unique_inverse,
    np.unique_values, np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d, np.compress, np.extract, np.trim_zeros)
)  # fmt: skip


_NO_DATA = frozenset(
    """N axes axis axis1 axis2 axisa axisb axisc destination include_initial indices_or_sections k keepdims minlength n
    new_shape num obj offset pad_width repeats reps s shape source""".split()  # noqa: SIM905
)
"""What NumPy calls the parameters that say a shape, and not what is in it."""
_OF_DATA = frozenset(("clip", "dot", "searchsorted", "take"))
"""The methods whose first arguments are arrays."""


def _check_shape_is_known(kind: str, what: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """CompileError if the shape of the result would be another one for other values."""
    name = getattr(what, "__name__", what)
    masks = kind == "index" and any(type(i) is Written and i.dtype == bool for i in leaves(args[1]))
    counts = what is np.bincount and not options.get("minlength", args[2] if len(args) > 2 else 0)
    said = any(type(x) is Written for x in leaves(list(_about_shape(kind, what, args, options))))
    if masks or counts or said or what in _SHAPED_BY_VALUES or (what is np.where and len(args) == 1):
        called = {"index": "x[mask]" if masks else "x[i:j]", "method": f".{name}"}.get(kind, f"np.{name}")
        raise CompileError(
            f"makes an array whose shape depends on values, by {called}: the program would hold for this shape only. "
            "Write np.where(mask, x, 0) for x[mask], say the length (minlength=), pass counts and axes as Python ints"
        )


def _about_shape(kind: str, what: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Iterator[Any]:
    """The arguments that say what shape the result has."""
    if kind == "index":
        yield from ((i.start, i.stop, i.step) for i in leaves(args[1]) if type(i) is slice)
        return
    yield from (x for name, x in options.items() if name in _NO_DATA)
    if kind == "method" and what not in _OF_DATA:
        yield args[1:]
    elif kind == "function" and any(type(x) is Written and x.dtype.kind in "biu" for x in leaves(args[1:])):
        yield from (x for name, x in zip(parameters_of(what), args, strict=False) if name in _NO_DATA)


def read_only(value: Any) -> Any:
    """The value, as a view that cannot be written to if it is an array: what is written down is what is computed."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value


def capture(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], names: Sequence[str], typed: bool = False
) -> Program:
    """What `f` computes for arguments of these containers, shapes and dtypes; `names` has one for each of the leaves.

    A Python number promotes weakly, as it does in NumPy; if `typed`, it is made a NumPy number first.
    CompileError (a TypeError) if `f` asks for the value of an array, writes into one, or returns a Tensor.
    """
    tape = Tape()
    name = iter(names).__next__

    def written(leaf: Any) -> Any:
        called = name()
        if not isinstance(leaf, NUMBERS):
            return leaf
        return Written(tape, read_only(leaf), tape.variable(leaf, called))

    given = mapped(written, (args, kwargs))
    arguments = replaced(given, lambda x: x.variable if type(x) is Written else x)
    if typed:
        numbers = {float: np.float64, complex: np.complex128}
        given = mapped(lambda x: tape.call("function", numbers[type(x.value)], (x,), {}) if _is_python(x) else x, given)

    def notice(name: str | None, held: Any) -> None:
        if type(held) is Tensor:
            name, held = held.name or name, held.data
        if type(held) is Written and name is not None:
            tape.names.setdefault(held.variable, name)

    try:
        with noticed(notice):
            result = f(*given[0], **given[1])
    except Exception as error:
        _check_no_parameter(tape.from_outside)
        if tape.refused is None:
            raise
        raise tape.refused from error  # of which NumPy may have made an error of its own
    finally:
        tape.closed = True
    _check_no_parameter(tape.from_outside)
    result = mapped(tape.result, result)
    return Program(arguments, tape.constants, tape.calls, result).simplified().named(tape.names)


def _check_no_parameter(constants: list[Any]) -> None:
    """CompileError if what is to be part of the program is the value of a Tensor that can be trained."""
    used = {id(constant): i for i, constant in enumerate(constants)}
    frozen = [
        x
        for x in gc.get_objects()
        if type(x) is Tensor
        and getattr(x, "requires_grad", False)  # one that an error left half made has no such slot
        and x.primitive is None
        and id(x.data) in used
    ]
    for x in frozen:
        if x.grad is not None and type(x.grad.data) is Written:
            x.grad = None
    if frozen:
        x = min(frozen, key=lambda x: used[id(x.data)])  # the collector lists them in any order
        raise CompileError(
            f"uses {label(x)}, {x.dtype} {x.shape}, which requires a gradient and would be frozen as it is now: pass "
            "its value as an argument; nn.functional_call gives a Module other values"
        )


def _is_python(x: Any) -> bool:
    return type(x) is Written and x.variable.kind == "python"


def _narrowed(args: tuple[Any, ...], shape: tuple[int, ...]) -> tuple[Any, ...]:
    """The operands of a ufunc with one number for an array of equal numbers, where the result keeps its shape so."""
    alike = [isinstance(x, np.ndarray) and x.size > 0 and x.tobytes() == x.flat[0].tobytes() * x.size for x in args]
    others = [np.shape(x) for x, is_alike in zip(args, alike, strict=True) if not is_alike]
    if not any(alike) or np.broadcast_shapes(*others) != shape:
        return args
    return tuple(x.flat[0] if is_alike else x for x, is_alike in zip(args, alike, strict=True))


def _is_one(x: Any) -> bool:
    return not isinstance(x, (Written, np.ndarray)) and bool(x == 1)


def _value(x: Any) -> Any:
    return x.value if type(x) is Written else x
