"""A training step of a small and of a larger network, as it is and compiled, against NumPy written by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import autograd as ag
import nn
from autograd import Tensor

from .timing import interleaved

LEARNING_RATE = 0.01


def data(sizes: tuple[int, int, int], batch: int, dtype: type) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(batch, sizes[0])).astype(dtype), rng.uniform(size=(batch, sizes[2])).astype(dtype)


def by_hand(net: nn.MLP, x: np.ndarray, y: np.ndarray) -> tuple[Callable[[], np.floating], list[np.ndarray]]:
    """The step as a good NumPy programmer writes it, on copies of the parameters of `net`; and these copies."""
    W1, b1, W2, b2 = parameters = [p.numpy().copy() for p in (net.W1, net.b1, net.W2, net.b2)]

    def step() -> np.floating:
        z1 = x @ W1 + b1
        a1 = np.maximum(z1, 0.0)
        p = 1.0 / (1.0 + np.exp(-(a1 @ W2 + b2)))
        d = p - y
        loss = np.mean(np.square(d))
        g2 = d * (2.0 / d.size) * p * (1.0 - p)
        g1 = g2 @ W2.T * (z1 > 0.0)
        for parameter, gradient in (
            (W1, x.T @ g1),
            (b1, g1.sum(axis=0)),
            (W2, a1.T @ g2),
            (b2, g2.sum(axis=0)),
        ):
            parameter -= LEARNING_RATE * gradient
        return loss

    return step, parameters


def by_backpropagation(net: nn.MLP, x: np.ndarray, y: np.ndarray) -> Callable[[], np.floating]:
    optimizer = nn.optim.SGD(net.parameters(), lr=LEARNING_RATE)
    inputs, targets = Tensor(x, name="x"), Tensor(y, name="y")  # once, as nn.fit does

    def step() -> np.floating:
        loss = nn.functional.mse_loss(net(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def by_compiling(net: nn.MLP, x: np.ndarray, y: np.ndarray) -> Callable[[], np.floating]:
    parameters = net.state_dict()

    def loss(parameters: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> Tensor:
        return nn.functional.mse_loss(nn.functional_call(net, parameters, x), y)

    def updated(parameters: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
        value, gradients = ag.value_and_grad(loss)(parameters, x, y)
        return value, {name: p - LEARNING_RATE * gradients[name] for name, p in parameters.items()}

    compiled = ag.compile(updated)

    def step() -> np.floating:
        nonlocal parameters
        value, parameters = compiled(parameters, x, y)
        return value

    return step


def seconds(sizes: tuple[int, int, int], batch: int, dtype: type, rounds: int, repeats: int) -> dict[str, float]:
    """Seconds by hand, with the engine and compiled, after a check that they train alike."""
    x, y = data(sizes, batch, dtype)
    net = nn.MLP(*sizes, activation="relu", output="sigmoid", rng=0, dtype=dtype)
    hand, parameters = by_hand(net, x, y)
    compiled = by_compiling(net, x, y)
    engine = by_backpropagation(net, x, y)
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    for _ in range(20):
        expected = hand()
        np.testing.assert_allclose([engine(), compiled()], [expected] * 2, rtol=tolerance)
    for own, other in zip(net.parameters(), parameters, strict=True):
        assert own.dtype == dtype
        np.testing.assert_allclose(own.numpy(), other, rtol=tolerance, atol=tolerance)
    return interleaved({"hand": hand, "engine": engine, "compiled": compiled}, rounds, repeats)
