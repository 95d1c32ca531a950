"""What is recorded, and when: context-local, so threads and async tasks never see each other's modes."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import Any, TypeVar, cast

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

NOTHING, GRADIENTS, EVERYTHING = 0, 1, 2
"""Record no operation; those that a gradient flows through; or all, constants too (for derivations)."""

recording: ContextVar[int] = ContextVar("autograd_recording", default=GRADIENTS)


class Watched(int):
    """What is recorded, where detect_anomaly looks on: the same number, told by its type alone.

    The fast paths ask whether the mode `is GRADIENTS`; to them, this is one of the rarer cases. So watching has no
    switch of its own, which each operation would have to read.
    """

    __slots__ = ()


_entered: ContextVar[tuple[tuple[record, Token[int], Any], ...]] = ContextVar("autograd_entered", default=())
"""The blocks that the running code is inside of, and how to leave each; here, so that threads may share a `record`."""


class record:  # noqa: N801  (read as a verb: with record(NOTHING))
    """Record `what` (one of the three constants above) inside the `with` block, or in calls of the decorated function.

    Raises TypeError as a decorator of a generator or coroutine function, whose body runs after the call.
    """

    __slots__ = ("what",)
    called = "no_grad"

    def __init__(self, what: int):
        self.what = what

    def mode(self, before: int) -> int:
        """The mode inside the block, given that outside: what is watched stays so."""
        return Watched(self.what) if type(before) is Watched else self.what

    def begin(self) -> Any:
        """What else the block sets; returns what `end` needs."""

    def end(self, begun: Any) -> None:
        """Set back what `begin` set."""

    def __repr__(self) -> str:
        return f"{self.called}()"

    def __enter__(self) -> None:
        _entered.set((*_entered.get(), (self, recording.set(self.mode(recording.get())), self.begin())))

    def __exit__(self, *error: object) -> None:
        entered = _entered.get()
        last = max(i for i, (block, _, _) in enumerate(entered) if block is self)
        _entered.set(entered[:last] + entered[last + 1 :])
        _, token, begun = entered[last]
        recording.reset(token)
        self.end(begun)

    def __call__(self, function: F) -> F:
        name = getattr(function, "__name__", repr(function))
        if not callable(function):
            raise TypeError(f"{self.called}() decorates functions, not {name}")
        if isgeneratorfunction(function) or isasyncgenfunction(function) or iscoroutinefunction(function):
            raise TypeError(
                f"{self.called}() cannot decorate {name}: the body of a generator or coroutine runs after the call. "
                f"Write `with {self.called}():` inside it, around what is computed and not around a yield or await"
            )

        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return cast(F, inside)


def no_grad() -> record:
    """Record nothing: results inside carry no graph. A context manager, and a decorator of functions.

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.no_grad():
    ...     y = w * w
    >>> y.requires_grad
    False
    """
    return record(NOTHING)


class detect_anomaly(record):  # noqa: N801  (a function to its user, as no_grad is)
    """Stop at the first operation that makes a NaN or an infinity, forward or backward. A context manager, a decorator.

    The error names the operation, its Tensors, the entry, and your line that ran it; in the backward pass also the line
    that ran the operation forward. A NaN that comes in with the data is told as well; an infinity that comes in, as
    with a mask, may pass on. So is an array that was written to between forward and backward (`w.data[0] = …`, or the
    array that a Tensor was made of), which a graph cannot notice by itself.

    For finding a mistake, not for every day: arrays are copied, so that memory about doubles, and a training step takes
    several times as long. NumPy's own warnings of divisions by zero, overflows and invalid values are off meanwhile. A
    lazy array, such as Dask's, is computed at each operation.

    Raises
    ------
    FloatingPointError
        Inside the block: a value or gradient is not finite.
    RuntimeError
        Inside the block, in the backward pass: an array was written to.
    TypeError
        As a decorator of a generator or coroutine function, whose body runs after the call.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> x = ag.Tensor([4.0, 0.0], requires_grad=True, name="x")
    >>> with ag.detect_anomaly():
    ...     np.sqrt(x).sum().backward()
    Traceback (most recent call last):
      ...
    FloatingPointError: the rule of sqrt('x' float64 (2,)) made an infinity in the gradient of 'x' float64 (2,)
      recorded in <doctest ...>, line 2: np.sqrt(x).sum().backward()
      backward in <doctest ...>, line 2: np.sqrt(x).sum().backward()
      1 of 2 entries are not finite; the first infinity is entry (1,), where 'x' is 0.0
      Its value is finite there, its derivative is not: keep its inputs away, e.g. by np.maximum or np.where before it
    """

    __slots__ = ()
    called = "detect_anomaly"

    def __init__(self) -> None:
        super().__init__(GRADIENTS)

    def mode(self, before: int) -> int:
        """What is recorded stays so."""
        return Watched(before)

    def begin(self) -> Any:
        """NumPy's warnings say what the error says better, and where they are errors, would come before it."""
        return np.seterr(divide="ignore", over="ignore", invalid="ignore")

    def end(self, begun: Any) -> None:
        """As it was before."""
        np.seterr(**begun)
