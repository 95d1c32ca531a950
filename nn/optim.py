"""Optimizers: how parameters follow their gradients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite, sqrt
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.tensor import label

__all__ = ["SGD", "Adam", "Optimizer"]


def __dir__() -> list[str]:
    return __all__


class Optimizer:
    """What the optimizers have in common: the parameters, the learning rate, `zero_grad`. It has no step of its own.

    The parameters are Tensors of any shape and real floating dtype; errors are SGD's, a ValueError or a TypeError.

    A kind of one's own defines `step`:

    >>> class Signs(Optimizer):
    ...     def step(self):
    ...         for p in self.parameters:
    ...             p.data -= self.lr * np.sign(p.grad.data)
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> Signs([w], lr=0.5).step()
    >>> w.data
    array([0.5, 1.5])
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float):
        self.parameters = _checked(self, parameters)
        self.lr = self._not_negative("lr", lr)

    def step(self) -> None:
        """Move every parameter that has a gradient. Each kind of optimizer defines its own."""
        raise NotImplementedError(f"{type(self).__name__} defines no step(self)")

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters.

        >>> w = Tensor(1.0, requires_grad=True)
        >>> (w * w).backward()
        >>> SGD([w], lr=0.1).zero_grad()
        >>> w.grad is None
        True
        """
        for p in self.parameters:
            p.zero_grad()

    def _not_negative(self, name: str, value: float) -> float:
        kind = type(self).__name__
        if isinstance(value, str) or not hasattr(type(value), "__float__"):
            raise TypeError(f"{kind}: {name} is a number, not {value!r}")
        number = float(value)
        if not (isfinite(number) and number >= 0):
            raise ValueError(f"{kind}: {name}={value!r}; it must be a finite number, 0 or more")
        return number


class SGD(Optimizer):
    """Gradient descent: p ← p − lr · ∂L/∂p, with momentum and weight decay in PyTorch's sense.

    With d = ∂L/∂p + weight_decay · p, a velocity v ← momentum · v + d (at first v = d) takes the place of the gradient.
    Polyak, "Some methods of speeding up the convergence of iteration methods" (1964); Sutskever et al., "On the
    importance of initialization and momentum in deep learning" (ICML 2013).

    Parameters
    ----------
    parameters : iterable of Tensor
        Leaves that require gradients, e.g. `model.parameters()`, of any shapes. Arrays in them are updated in place, in
        their dtypes.
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
        super().__init__(parameters, lr)
        self.momentum = self._not_negative("momentum", momentum)
        self.weight_decay = self._not_negative("weight_decay", weight_decay)
        self._velocities: dict[Tensor, Any] = {}

    def step(self) -> None:
        """Move every parameter that has a gradient.

        >>> w = Tensor(1.0, requires_grad=True)
        >>> (w * w).backward()
        >>> SGD([w], lr=0.25).step()
        >>> w.item()
        0.5
        """
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

    def __repr__(self) -> str:
        return (
            f"SGD({len(self.parameters)} parameters, lr={self.lr}, momentum={self.momentum}, "
            f"weight_decay={self.weight_decay})"
        )


class Adam(Optimizer):
    """Steps of about lr in every entry, however large its gradients are: p ← p − lr · m̂ / (√v̂ + eps).

    m and v are running means of the gradient and of its square, m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g²; as
    both start at 0, m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) after t steps. Weight decay adds weight_decay · p to the
    gradient, as in PyTorch's Adam. Kingma & Ba, "Adam: a method for stochastic optimization" (ICLR 2015), algorithm 1.

    Parameters
    ----------
    parameters : iterable of Tensor
        Leaves that require gradients, e.g. `model.parameters()`, of any shapes. Arrays in them are updated in place, in
        their dtypes.
    lr : float
        The learning rate, ≥ 0. Can be changed between steps, by assigning to `lr`.
    betas : pair of float
        β₁ and β₂, each from 0 to below 1.
    eps : float
        Keeps the quotient finite where all gradients were 0; ≥ 0.
    weight_decay : float
        ≥ 0.

    Raises
    ------
    ValueError, TypeError
        Those of SGD; or `betas` is no pair of numbers from 0 to below 1.

    Examples
    --------
    >>> w = Tensor([1.0, 2000.0], requires_grad=True)
    >>> optimizer = Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([9.0000e-01, 1.9999e+03])
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 0.001,
        betas: Sequence[float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        super().__init__(parameters, lr)
        if not isinstance(betas, Sequence) or len(betas) != 2:
            raise ValueError(f"Adam: betas={betas!r}; it must be a pair of numbers, e.g. (0.9, 0.999)")
        self.betas = tuple(self._not_negative("betas", beta) for beta in betas)
        if max(self.betas) >= 1:
            raise ValueError(f"Adam: betas={betas!r}; each must be below 1, else its mean never moves")
        self.eps = self._not_negative("eps", eps)
        self.weight_decay = self._not_negative("weight_decay", weight_decay)
        self._means: dict[Tensor, _Means] = {}

    def step(self) -> None:
        """Move every parameter that has a gradient.

        >>> w = Tensor(1.0, requires_grad=True)
        >>> (w * w).backward()
        >>> Adam([w], lr=0.25).step()
        >>> round(w.item(), 6)
        0.75
        """
        first, second = self.betas
        for p in self.parameters:
            if p.grad is None:
                continue
            g = p.grad.data
            if self.weight_decay:
                g = g + self.weight_decay * p.data
            means = self._means.get(p)
            if means is None:
                means = self._means[p] = _Means(0 * g)
            means.steps += 1
            means.gradient = first * means.gradient + (1 - first) * g
            means.square = second * means.square + (1 - second) * g * g
            # The two corrections as numbers, not as arrays: m̂ / (√v̂ + eps), multiplied out by √(1 − β₂ᵗ).
            root = sqrt(1 - second**means.steps)
            rate = self.lr * root / (1 - first**means.steps)
            p.data -= rate * means.gradient / (np.sqrt(means.square) + root * self.eps)

    def __repr__(self) -> str:
        return (
            f"Adam({len(self.parameters)} parameters, lr={self.lr}, betas={self.betas}, eps={self.eps}, "
            f"weight_decay={self.weight_decay})"
        )


class _Means:
    """What Adam remembers of a parameter: the running means of its gradient and of the square, and of how many."""

    __slots__ = ("gradient", "square", "steps")

    def __init__(self, zero: Any) -> None:
        self.gradient = self.square = zero
        self.steps = 0


def _checked(optimizer: Optimizer, parameters: Iterable[Tensor]) -> list[Tensor]:
    kind = type(optimizer).__name__
    if type(parameters) is Tensor:
        raise TypeError(f"{kind} takes a list of parameters, not a single Tensor; write [w]")
    if not isinstance(parameters, Iterable):
        raise TypeError(f"{kind} takes a list of parameters, not {label(parameters)}; pass model.parameters()")
    found = list(parameters)
    if not found:
        raise ValueError(
            f"{kind} got no parameters: the model has none, or this iterator was read already; "
            "pass model.parameters() or a list"
        )
    for i, p in enumerate(found):
        if type(p) is not Tensor:
            raise TypeError(f"{kind}: parameter {i} is a {type(p).__name__}, not a Tensor; pass model.parameters()")
        called = f"parameter {i}" + (f" ({p.name!r})" if p.name is not None else "")
        if not p.requires_grad:
            raise ValueError(f"{kind}: {called} requires no gradient; create it with requires_grad=True")
        if p.primitive is not None:
            raise ValueError(
                f"{kind}: {called} is the result of an operation; give the leaf that it is computed from, a "
                "Tensor(value, requires_grad=True)"
            )
    if len(set(found)) < len(found):
        twice = next(i for i, p in enumerate(found) if p in set(found[:i]))
        raise ValueError(f"{kind}: parameter {twice} was given before; it would be moved twice in a step")
    return found
