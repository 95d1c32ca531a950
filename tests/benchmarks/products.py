"""Large products, forward and backward, against NumPy written by hand: time, and the most memory in use at once."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import Tensor

from .timing import interleaved

Step = Callable[[], Any]


def _engine(f: Callable[..., Tensor], arrays: list[np.ndarray], g: np.ndarray) -> Step:
    def step() -> list[np.ndarray]:
        tensors = [Tensor(a, requires_grad=True) for a in arrays]
        f(*tensors).backward(g)
        return [t.grad.data for t in tensors if t.grad is not None]

    return step


def cases(n: int = 1000) -> Iterator[tuple[str, Step, Step]]:
    """What is computed; its step by hand and with the engine, each of which returns the gradients."""
    rng = np.random.default_rng(0)
    a, b, g = (rng.normal(size=(n, n)) for _ in range(3))

    def matmul() -> list[np.ndarray]:
        y = a @ b
        return [g @ b.T, a.T @ g, y][:2]

    yield f"matmul {n} × {n}", matmul, _engine(lambda a, b: a @ b, [a, b], g)

    def einsum() -> list[np.ndarray]:
        y = np.einsum("ij,jk->ik", a, b, optimize=True)
        return [g @ b.T, a.T @ g, y][:2]

    yield "  as an einsum", einsum, _engine(lambda a, b: np.einsum("ij,jk->ik", a, b, optimize=True), [a, b], g)

    # A convolution of a batch of images, its windows a view: n, c, height, width, kh, kw with f, c, kh, kw.
    images, kernels = rng.normal(size=(16, 16, 34, 34)), rng.normal(size=(32, 16, 3, 3))
    windows = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(2, 3)))
    arriving = rng.normal(size=(16, 32, 32, 32))
    formula = "nchwij,fcij->nfhw"

    def convolution() -> list[np.ndarray]:
        y = np.einsum(formula, windows, kernels, optimize=True)
        return [
            np.tensordot(arriving, kernels, (1, 0)).transpose(0, 3, 1, 2, 4, 5),
            np.tensordot(arriving, windows, ((0, 2, 3), (0, 2, 3))),
            y,
        ][:2]

    engine = _engine(lambda x, w: np.einsum(formula, x, w, optimize=True), [windows, kernels], arriving)
    yield f"einsum {formula}", convolution, engine

    def norm() -> list[np.ndarray]:
        return [a / np.linalg.norm(a)]

    yield "norm", norm, _engine(np.linalg.norm, [a], np.float64(1))


def memory(step: Step) -> int:
    """The most bytes in use at once during a step, over those before it."""
    step()
    tracemalloc.start()
    step()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def measured(rounds: int = 9) -> Iterator[tuple[str, float, float, float]]:
    """What is computed; seconds by hand and with the engine; the engine's memory in parts of that by hand."""
    for what, hand, engine in cases():
        for own, other in zip(engine(), hand(), strict=True):
            np.testing.assert_allclose(own, other, rtol=1e-9, atol=1e-9)
        times = interleaved({"hand": hand, "engine": engine}, rounds, 1)
        yield what, times["hand"], times["engine"], memory(engine) / memory(hand)
