"""Typical code of a user, checked by mypy --strict as it stands, and run as a test by test_typing.py."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor


def regression() -> float:
    x = Tensor(np.linspace(-1.0, 1.0, 20).reshape(10, 2))
    y = x @ np.array([2.0, -3.0]) + 0.5
    w = Tensor(np.zeros(2), requires_grad=True, name="w")
    b = Tensor(0.0, requires_grad=True, name="b")
    loss = Tensor(0.0)
    for _ in range(50):
        prediction: Tensor = x @ w + b
        loss = ((prediction - y) ** 2).mean()
        for parameter in (w, b):
            parameter.zero_grad()
        loss.backward()
        for parameter in (w, b):
            gradient = parameter.grad
            assert gradient is not None
            parameter.data -= 0.1 * gradient.data
    return loss.item()


def operators(t: Tensor) -> Tensor:
    a = 2 * t + t / 3 - 1.0
    b = -(a**2) @ t.T
    mask = t > 0
    first: Tensor = t[0]
    rest: Tensor = t[1:, ::2].sum(axis=0, keepdims=True)
    return abs(b).sum() + (t * mask).max() + first.min() + rest.reshape(-1).mean() + t.clip(0.0, 1.0).sum()


def inspection(t: Tensor) -> tuple[tuple[int, ...], int, int, bool, str | None, np.ndarray[Any, Any]]:
    return t.shape, t.ndim, t.size, t.requires_grad, t.name, t.detach().numpy()


def transforms() -> None:
    def f(x: Tensor) -> Tensor:
        return (x**3).sum()

    gradient = ag.grad(f)(np.array([1.0, 2.0]))
    value, both = ag.value_and_grad(f, argnums=(0,))(np.array([1.0, 2.0]))
    assert np.array_equal(gradient, both[0]) and value == 9.0
    (_, pullback), (_, tangent) = ag.vjp(f, np.ones(2)), ag.jvp(f, (np.ones(2),), (np.ones(2),))
    assert pullback(1.0)[0].sum() == tangent == 6.0
    compiled = ag.compile(ag.grad(f))
    slopes: np.ndarray[Any, Any] = compiled(np.ones(2))
    text: str = compiled.source("jax")
    assert slopes.sum() == 6.0 and "def f(x)" in text
    short = ag.checkpoint(f)
    result: Tensor = short(Tensor(np.ones(2)))
    assert result.item() == 2.0
    assert np.array_equal(ag.hessian(f)(np.ones(2)), ag.jacobian(ag.grad(f))(np.ones(2)))
    assert ag.hvp(f, (np.ones(2),), (np.ones(2),))[0].sum() == 12.0
    assert np.array_equal(ag.derivative(np.square)(np.ones(2)), [2.0, 2.0])
    error: float = ag.check_grads(f, [np.array([1.0, 2.0])], order=2)
    assert error < 1e-6


def own_primitive() -> Tensor:
    cube = ag.primitive(lambda x: x * x * x, lambda g, y, x: g * 3 * x * x, name="cube")
    t = Tensor([1.0, 2.0], requires_grad=True)
    y: Tensor = cube(t)
    y.backward(np.ones(2), create_graph=True)
    assert t.grad is not None
    return t.grad


def hooks(t: Tensor) -> list[Tensor]:
    seen: list[Tensor] = []
    result = (t * 2).sum()
    result.retain_grad()
    handle = t.register_hook(lambda g: g * 2)
    other = t.register_hook(seen.append)
    result.backward()
    handle.remove()
    other.remove()
    return seen


def modes(t: Tensor) -> bool:
    with ag.no_grad():
        y = t * 2

    @ag.no_grad()
    def predict(x: Tensor) -> Tensor:
        return x * 3

    @ag.detect_anomaly()
    def watched(x: Tensor) -> Tensor:
        return x / 2

    with ag.detect_anomaly():
        z = watched(t)
    return y.requires_grad or predict(t).requires_grad or not z.requires_grad


def shown(t: Tensor) -> tuple[int, float, bool]:
    loss = np.sum(t * t)
    found = ag.paths(loss, t, (0, 1), k=3)
    assert [path.product for path in found.paths] == [1.0, 1.0]
    derived: str = ag.derive(loss).text() + ag.derive(loss, wrt=t, index=(0, 1)).text()
    return found.count, found.total, bool(derived)


def main() -> None:
    assert regression() < 0.1
    t = Tensor(np.ones((3, 3)), requires_grad=True, name="t")
    assert operators(t).requires_grad
    assert inspection(t)[:5] == ((3, 3), 2, 9, True, "t")
    transforms()
    assert own_primitive().numpy().tolist() == [3.0, 12.0]
    assert not modes(t)
    assert shown(t) == (2, 2.0, True)
    assert hooks(t)[0].numpy().tolist() == [[4.0] * 3] * 3


if __name__ == "__main__":
    main()
