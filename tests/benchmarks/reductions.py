"""Reductions of a 1000 × 1000 array, forward and backward, against NumPy written by hand: time, and peak memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import Tensor

from .timing import interleaved

Step = Callable[[], np.ndarray]


def by_hand(name: str, x: np.ndarray, axis: int | None, g: np.ndarray) -> Step:
    """The reduction, and its gradient for the `g` that arrives, as a good NumPy programmer writes them."""
    count = x.size if axis is None else x.shape[axis]
    g = g if axis is None or name == "cumsum" else np.expand_dims(g, axis)

    def spread(reduce: Any, scale: float) -> np.ndarray:
        reduce(x, axis=axis)
        return np.broadcast_to(g * scale, x.shape).copy()

    def extreme(reduce: Any) -> np.ndarray:
        here = x == reduce(x, axis=axis, keepdims=True)
        return here * (g / here.sum(axis=axis, keepdims=True))

    def deviations(root: bool) -> np.ndarray:
        off = x - x.mean(axis=axis, keepdims=True)
        variance = np.mean(np.square(off), axis=axis, keepdims=True)
        off *= g / (count * np.sqrt(variance)) if root else g * (2 / count)
        return off

    def running() -> np.ndarray:
        np.cumsum(x, axis=axis)
        return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis).copy()

    steps: dict[str, Step] = {
        "sum": lambda: spread(np.sum, 1.0),
        "mean": lambda: spread(np.mean, 1 / count),
        "max": lambda: extreme(np.max),
        "min": lambda: extreme(np.min),
        "var": lambda: deviations(False),
        "std": lambda: deviations(True),
        "prod": lambda: g * np.prod(x, axis=axis, keepdims=True) / x,
        "cumsum": running,
    }
    return steps[name]


def by_backpropagation(name: str, x: np.ndarray, axis: int | None, g: np.ndarray) -> Step:
    reduce = getattr(np, name)

    def step() -> np.ndarray:
        t = Tensor(x, requires_grad=True)
        reduce(t, axis=axis).backward(g)
        return t.grad.data  # type: ignore[union-attr]

    return step


def peak(step: Step) -> int:
    tracemalloc.start()
    step()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def ratios(rounds: int = 15) -> Iterator[tuple[str, float, float]]:
    """For each reduction its time and peak memory, in parts of those by hand, after a check that both agree."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0.9, 1.1, (1000, 1000))
    for name in ("sum", "mean", "max", "min", "var", "std", "prod", "cumsum"):
        for axis in (0, 1) if name in ("prod", "cumsum") else (None, 0, 1):
            g = rng.uniform(0.5, 1.5, np.shape(getattr(np, name)(x, axis=axis)))
            hand, engine = by_hand(name, x, axis, g), by_backpropagation(name, x, axis, g)
            np.testing.assert_allclose(engine(), hand(), rtol=1e-9, atol=1e-12)
            times = interleaved({"hand": hand, "engine": engine}, rounds, 2)
            yield f"np.{name}, axis={axis}", times["engine"] / times["hand"], peak(engine) / peak(hand)
