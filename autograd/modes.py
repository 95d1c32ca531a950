"""What is recorded, and when: context-local, so threads and async tasks never see each other's modes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import _GeneratorContextManager

NOTHING, GRADIENTS, EVERYTHING = 0, 1, 2
"""Record no operation; those that a gradient flows through; or all, constants too (for derivations)."""

recording: ContextVar[int] = ContextVar("autograd_recording", default=GRADIENTS)


@contextmanager
def record(what: int) -> Iterator[None]:
    """Record `what` (one of the three constants above) inside the `with` block."""
    token = recording.set(what)
    try:
        yield
    finally:
        recording.reset(token)


def no_grad() -> _GeneratorContextManager[None]:
    """Record nothing: results inside carry no graph. A context manager, and a decorator of functions.

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.no_grad():
    ...     y = w * w
    >>> y.requires_grad
    False
    """
    return record(NOTHING)
