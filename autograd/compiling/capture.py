"""Capturing: a function is run on arrays that write down every call of NumPy they go through.

To the engine they are arrays of another library, which it runs the forward functions and the rules of the table on as
on any other. So what is written down is what it computes, backward passes included.
"""

from __future__ import annotations

import gc
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..nested import mapped
from ..primitives.primitive import is_elementwise
from ..tensor import Tensor, label
from .names import noticed
from .program import Call, Program, Variable, performed, replaced, variables
from .shapes import check_shape_is_known
from .written import BY_VALUE, NUMBERS, CompileError, Written, read_only, value_of

_ABOUT_SHAPES = frozenset(
    (np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type, np.iscomplexobj, np.isrealobj)
)

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
        check_shape_is_known(kind, what, args, options)
        value = self._performed(kind, what, replaced(args, value_of), replaced(options, value_of))
        if what in _ABOUT_SHAPES:
            return value
        if is_elementwise(what) and what.nout == 1:
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
        own = self.variable(value_of(x))
        self.calls.append(Call(own, "method", "copy", (found,), {}))
        return own


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
