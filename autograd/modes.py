"""What is recorded, and when: context-local, so threads and async tasks never see each other's modes."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

NOTHING, GRADIENTS, EVERYTHING = 0, 1, 2
"""Record no operation; those that a gradient flows through; or all, constants too (for derivations)."""

recording: ContextVar[int] = ContextVar("autograd_recording", default=GRADIENTS)


_entered: ContextVar[tuple[tuple[record, Token[int]], ...]] = ContextVar("autograd_entered", default=())
"""The blocks that the running code is inside of, and how to leave each; here, so that threads may share a `record`."""


class record:  # noqa: N801  (read as a verb: with record(NOTHING))
    """Record `what` (one of the three constants above) inside the `with` block, or in calls of the decorated function.

    Raises TypeError as a decorator of a generator or coroutine function, whose body runs after the call.
    """

    __slots__ = ("what",)

    def __init__(self, what: int):
        self.what = what

    def __enter__(self) -> None:
        _entered.set((*_entered.get(), (self, recording.set(self.what))))

    def __exit__(self, *error: object) -> None:
        entered = _entered.get()
        last = max(i for i, (block, _) in enumerate(entered) if block is self)
        _entered.set(entered[:last] + entered[last + 1 :])
        recording.reset(entered[last][1])

    def __call__(self, function: F) -> F:
        name = getattr(function, "__name__", repr(function))
        if not callable(function):
            raise TypeError(f"no_grad() decorates functions, not {name}")
        if isgeneratorfunction(function) or isasyncgenfunction(function) or iscoroutinefunction(function):
            raise TypeError(
                f"no_grad() cannot decorate {name}: the body of a generator or coroutine runs after the call. Write "
                "`with no_grad():` inside it, around what is computed and not around a yield or await"
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
