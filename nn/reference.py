"""Backpropagation through a multilayer perceptron by hand, in plain NumPy: what the main job checks autograd against.

It is written down a second time on purpose, from the formulas of a textbook, and shares no code with autograd.
`parameters` is the list [W1, b1, W2, b2, …]; `activation`, `output` and `loss` are names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

Array = np.ndarray
Parameters = Sequence[Array]


class Function(NamedTuple):
    """An activation, and its derivative in terms of its input z and its value a."""

    value: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]


def _logistic(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1 / (1 + e), e / (1 + e)))


functions = {
    "relu": Function(lambda z: np.where(z > 0, z, 0.0), lambda z, a: np.where(z > 0, 1.0, 0.0)),
    "sigmoid": Function(_logistic, lambda z, a: a * (1 - a)),
    "tanh": Function(np.tanh, lambda z, a: 1 - a**2),
    "identity": Function(lambda z: z, lambda z, a: np.ones_like(z)),
}


class Loss(NamedTuple):
    """A loss of prediction p and target y: its gradient by p, and L(p) − L(q) without a difference of large numbers."""

    slope: Callable[[Array, Array], Array]
    change: Callable[[Array, Array, Array], float]


def _probabilities(p: Array) -> Array:
    e = np.exp(p - p.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def _shares(y: Array, p: Array) -> Array:
    """Class numbers as rows of probabilities."""
    return np.eye(p.shape[1])[y] if y.ndim == 1 else y


def _cross_entropy_slope(p: Array, y: Array) -> Array:
    shares = _shares(y, p)
    return np.asarray((_probabilities(p) * shares.sum(axis=1, keepdims=True) - shares) / len(p))


def _cross_entropy_change(p: Array, q: Array, y: Array) -> float:
    """ln Σ exp p − ln Σ exp q is ln(1 + Σ softmax(q) (exp(p − q) − 1))."""
    shares = _shares(y, p)
    normalizers = np.log1p((_probabilities(q) * np.expm1(p - q)).sum(axis=1, keepdims=True))
    return float(np.sum(shares * (normalizers - (p - q))) / len(p))


losses = {
    # (p − y)² − (q − y)² as a product: two large losses that differ little would cancel to noise.
    "mse": Loss(lambda p, y: 2 * (p - y) / y.size, lambda p, q, y: np.mean((p - q) * (p + q - 2 * y))),
    "cross_entropy": Loss(_cross_entropy_slope, _cross_entropy_change),
}


def forward(parameters: Parameters, x: Array, activation: str, output: str) -> tuple[list[Array], list[Array]]:
    """The inputs z1, z2, … of the activations, and their values a0 = x, a1, …; the last is the prediction."""
    zs, values = [], [x]
    for W, b, name in zip(parameters[::2], parameters[1::2], _names(parameters, activation, output), strict=True):
        zs.append(values[-1] @ W + b)
        values.append(functions[name].value(zs[-1]))
    return zs, values


def gradients(
    parameters: Parameters, x: Array, y: Array, activation: str, output: str, loss: str = "mse"
) -> list[Array]:
    """The gradients of the loss with respect to the parameters, in their order."""
    zs, values = forward(parameters, x, activation, output)
    names = _names(parameters, activation, output)
    found: list[Array] = []
    above = losses[loss].slope(values[-1], y)
    for layer in reversed(range(len(zs))):
        delta = above * functions[names[layer]].slope(zs[layer], values[layer + 1])
        found = [values[layer].T @ delta, delta.sum(axis=0), *found]
        above = delta @ parameters[2 * layer].T
    return found


def central_differences(
    parameters: Parameters,
    x: Array,
    y: Array,
    activation: str,
    output: str,
    which: int,
    entries: Sequence[int] | Array,
    step: float = 1e-6,
    loss: str = "mse",
) -> Array:
    """The derivatives of the loss by the `entries` of parameter `which`, counted along it: (L(p + h) − L(p − h)) / 2h.

    h is `step`, for an entry beyond 1 as many times longer. An entry that moves a unit across the kink of relu has no
    such derivative: nan.
    """
    moved = [p.copy() for p in parameters]
    flat = moved[which].reshape(-1)
    found = np.empty(len(entries))
    for i, entry in enumerate(entries):
        kept = flat[entry]
        h = step * max(1.0, abs(kept))
        predictions, signs = [], []
        for sign in (1, -1):
            flat[entry] = kept + sign * h
            zs, values = forward(moved, x, activation, output)
            predictions.append(values[-1])
            signs.append(
                [np.sign(z) for z, name in zip(zs, _names(moved, activation, output), strict=True) if name == "relu"]
            )
        flat[entry] = kept
        smooth = all(np.array_equal(up, down) for up, down in zip(*signs, strict=True))
        found[i] = losses[loss].change(*predictions, y) / (2 * h) if smooth else np.nan
    return found


def _names(parameters: Parameters, activation: str, output: str) -> list[str]:
    return [activation] * (len(parameters) // 2 - 1) + [output]
