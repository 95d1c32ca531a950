"""Hooks: functions of the user's that see a Tensor's gradient on its way through a sweep, and may replace it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .anomalies import check_hook
from .modes import NOTHING, Watched, record, recording
from .tensor import Tensor, extra, extra_of, label, next_order

last_hook = [0]
"""When any Tensor last got a hook: what was recorded after that has none. (A list, to be shared.)"""


class Hook:
    """What `register_hook` returns: the way to take the hook off again."""

    __slots__ = ("_hooks",)

    def __init__(self, hooks: dict[Hook, Callable[[Tensor], Any]]):
        self._hooks = hooks

    def remove(self) -> None:
        """Take the hook off; it is not called again. Nothing happens if it was off already."""
        self._hooks.pop(self, None)

    def __repr__(self) -> str:
        function = self._hooks.get(self)
        return "<hook, removed>" if function is None else f"<hook {getattr(function, '__name__', repr(function))}>"


def register_hook(self: Tensor, hook: Callable[[Tensor], Any]) -> Hook:
    """Call `hook` with the gradient of this Tensor whenever a sweep has computed it; what it returns takes its place.

    In `backward` and the transforms alike, once a sweep, with the complete gradient, before it goes on to what this
    Tensor was made from, or is added to `grad`. Several hooks run in the order in which they were registered. What
    pictures and derivations show are the gradients without hooks.

    Parameters
    ----------
    hook : callable
        Takes the gradient, a Tensor that cannot be written to, and returns None to leave it as it is, or another of
        its shape and dtype. Under create_graph=True what it does is recorded, otherwise it is not.

    Returns
    -------
    Hook
        Its `.remove()` takes the hook off.

    Raises
    ------
    RuntimeError
        No gradient flows to this Tensor.
    TypeError
        `hook` is no function. Later, in the sweep: it returned no array, or one of another dtype.
    ValueError
        Later, in the sweep: it returned another shape.

    Examples
    --------
    >>> import numpy as np
    >>> w = Tensor([3.0, 40.0], requires_grad=True)
    >>> handle = w.register_hook(lambda g: np.clip(g, -10, 10))
    >>> (w * w).sum().backward()
    >>> w.grad
    Tensor([ 6., 10.])
    >>> handle.remove()
    """
    if not callable(hook):
        raise TypeError(f"register_hook takes a function of the gradient, not {type(hook).__name__}")
    hooks = _marked(self, "register_hook").hooks
    handle = Hook(hooks)
    hooks[handle] = hook
    return handle


def retain_grad(self: Tensor) -> None:
    """Have `backward` leave the gradient of this result in its `grad`, too, as it does with leaves.

    Several calls of `backward` add up there. Of a leaf it changes nothing. RuntimeError if no gradient flows to it.

    >>> w = Tensor(3.0, requires_grad=True)
    >>> y = w * w
    >>> y.retain_grad()
    >>> (y * 5).backward()
    >>> y.grad
    Tensor(5.)
    """
    _marked(self, "retain_grad").retains = True


def _marked(tensor: Tensor, what: str) -> Any:
    if not tensor._requires_grad:
        raise RuntimeError(
            f"{what} on {label(tensor)}, shape {tensor.shape}, to which no gradient flows: create it (or what it is "
            "computed from) with requires_grad=True, and outside of no_grad()"
        )
    now = next_order()
    if now > last_hook[0]:
        last_hook[0] = now
    return extra(tensor)


def hooked(x: Tensor, gradient: Any) -> Any:
    """What the hooks of `x` make of its gradient; an array stays an array, a recorded Tensor one."""
    found = extra_of(x)
    if found is not None:
        for hook in list(found.hooks.values()):
            gradient = _called(hook, x, gradient)
    return gradient


def has_hooks(x: Tensor) -> bool:
    """Whether `hooked` would call any."""
    found = extra_of(x)
    return found is not None and bool(found.hooks)


def retains(x: Tensor) -> bool:
    """Whether `backward` keeps the gradient of this result."""
    found = extra_of(x)
    return found is not None and found.retains


def _called(hook: Callable[[Tensor], Any], x: Tensor, gradient: Any) -> Any:
    if type(gradient) is Tensor:
        given = hook(gradient)
    else:
        with record(NOTHING):
            given = hook(Tensor(_for_reading(gradient)))
    if given is None:
        return gradient
    called = getattr(hook, "__qualname__", repr(hook))
    if not hasattr(given, "dtype") or not hasattr(given, "shape"):
        raise TypeError(
            f"the hook {called} on {label(x)} returned {label(given)}; it returns None or a gradient of "
            f"shape {x.shape} and dtype {x.dtype}"
        )
    if given.shape != x.shape:
        raise ValueError(f"the hook {called} on {label(x)} returned shape {given.shape}; the gradient has {x.shape}")
    if given.dtype != x.dtype:
        raise TypeError(
            f"the hook {called} on {label(x)} returned dtype {given.dtype}; the gradient has {x.dtype}: write "
            f"….astype({str(x.dtype)!r})"
        )
    if type(recording.get()) is Watched:
        check_hook(called, x, given)
    if type(gradient) is Tensor:
        return given if type(given) is Tensor else Tensor(given)
    return given._value if type(given) is Tensor else given


def _for_reading(gradient: Any) -> Any:
    """A copy that the hook may keep but not write to: a sweep hands one array to several Tensors."""
    if type(gradient) is np.ndarray:
        gradient = gradient.copy()
        gradient.flags.writeable = False
    return gradient
