"""Optimizers: how parameters follow their gradients."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

from autograd import Tensor


class SGD:
    """Gradient descent: p ← p − lr · ∂L/∂p, with momentum and weight decay in PyTorch's sense.

    With d = ∂L/∂p + weight_decay · p, a velocity v ← momentum · v + d (at first v = d) takes the place of the gradient.
    Polyak, "Some methods of speeding up the convergence of iteration methods" (1964); Sutskever et al., "On the
    importance of initialization and momentum in deep learning" (ICML 2013).

    Parameters
    ----------
    parameters : iterable of Tensor
        Leaves that require gradients, e.g. `model.parameters()`. Arrays in them are updated in place.
    lr : float
        The learning rate, ≥ 0. Can be changed between steps, by assigning to `lr`.
    momentum, weight_decay : float
        Both ≥ 0.

    Raises
    ------
    ValueError
        A number is negative, infinite or nan; there is no parameter (an iterator that was read already?), or one twice;
        or a Tensor requires no gradient or is the result of an operation.
    TypeError
        A number is none, `parameters` is a single Tensor, or something else than a Tensor is among them.

    Examples
    --------
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([0.8, 1.6])
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float, momentum: float = 0.0, weight_decay: float = 0.0):
        self.parameters = _checked(parameters)
        self.lr = _not_negative("lr", lr)
        self.momentum = _not_negative("momentum", momentum)
        self.weight_decay = _not_negative("weight_decay", weight_decay)
        self._velocities: dict[Tensor, Any] = {}

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        if self.momentum or self.weight_decay:
            return self._step_with_memory()
        lr = self.lr
        for p in self.parameters:
            gradient = p.grad
            if gradient is not None:
                p.data -= lr * gradient.data
        return None

    def _step_with_memory(self) -> None:
        velocities = self._velocities
        for p in self.parameters:
            if p.grad is None:
                continue
            direction = p.grad.data
            if self.weight_decay:
                direction = direction + self.weight_decay * p.data
            if self.momentum:
                before = velocities.get(p)
                # The gradient's own array may be added to later (by a second backward); the velocity is a copy.
                direction = direction.copy() if before is None else self.momentum * before + direction
                velocities[p] = direction
            p.data -= self.lr * direction

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for p in self.parameters:
            p.zero_grad()

    def __repr__(self) -> str:
        return (
            f"SGD({len(self.parameters)} parameters, lr={self.lr}, momentum={self.momentum}, "
            f"weight_decay={self.weight_decay})"
        )


def _checked(parameters: Iterable[Tensor]) -> list[Tensor]:
    if type(parameters) is Tensor:
        raise TypeError("SGD takes a list of parameters, not a single Tensor; write [w]")
    found = list(parameters)
    if not found:
        raise ValueError(
            "SGD got no parameters: the model has none, or this iterator was read already; "
            "pass model.parameters() or a list"
        )
    for i, p in enumerate(found):
        if type(p) is not Tensor:
            raise TypeError(f"SGD: parameter {i} is a {type(p).__name__}, not a Tensor; pass model.parameters()")
        called = f"parameter {i}" + (f" ({p.name!r})" if p.name is not None else "")
        if not p.requires_grad:
            raise ValueError(f"SGD: {called} requires no gradient; create it with requires_grad=True")
        if p.primitive is not None:
            raise ValueError(
                f"SGD: {called} is the result of an operation; update leaves only, Tensor(value, requires_grad=True)"
            )
    if len(set(found)) < len(found):
        twice = next(i for i, p in enumerate(found) if p in set(found[:i]))
        raise ValueError(f"SGD: parameter {twice} was given before; it would be moved twice in a step")
    return found


def _not_negative(name: str, value: float) -> float:
    if isinstance(value, str) or not hasattr(type(value), "__float__"):
        raise TypeError(f"SGD: {name} is a number, not {value!r}")
    number = float(value)
    if not (isfinite(number) and number >= 0):
        raise ValueError(f"SGD: {name}={value!r}; it must be a finite number, 0 or more")
    return number
