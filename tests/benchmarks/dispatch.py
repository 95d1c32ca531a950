"""What np.<name>(t) costs beyond the operator or method that records the same."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from autograd import Tensor


def added(rounds: int = 400, repeats: int = 300) -> dict[str, float]:
    """By the function's name, the seconds that calling it takes beyond its twin: the least of each, in turn."""
    a, b = (Tensor(np.ones(3), requires_grad=True) for _ in range(2))
    s, A = Tensor(np.float64(2.0), requires_grad=True), Tensor(np.ones((3, 3)), requires_grad=True)
    pairs = {
        "np.add": (lambda: a + b, lambda: np.add(a, b)),
        "np.multiply, scalars": (lambda: s * s, lambda: np.multiply(s, s)),
        "np.matmul": (lambda: A @ A, lambda: np.matmul(A, A)),
        "np.abs": (lambda: abs(a), lambda: np.abs(a)),
        "np.equal": (lambda: a == b, lambda: np.equal(a, b)),
        "np.sum": (lambda: A.sum(axis=0), lambda: np.sum(A, axis=0)),
        "np.mean": (lambda: a.mean(), lambda: np.mean(a)),
        "np.max": (lambda: a.max(), lambda: np.max(a)),
        "np.dot": (lambda: A.dot(A), lambda: np.dot(A, A)),
        "np.reshape": (lambda: A.reshape(-1), lambda: np.reshape(A, -1)),
        "np.transpose": (lambda: A.transpose(), lambda: np.transpose(A)),
        "np.clip": (lambda: a.clip(0, 1), lambda: np.clip(a, 0, 1)),
    }
    return {name: _difference(twin, function, rounds, repeats) for name, (twin, function) in pairs.items()}


def _difference(twin: Callable[[], object], function: Callable[[], object], rounds: int, repeats: int) -> float:
    times: list[tuple[float, float]] = []
    for _ in range(rounds):
        start = perf_counter()
        for _ in range(repeats):
            twin()
        middle = perf_counter()
        for _ in range(repeats):
            function()
        times.append((middle - start, perf_counter() - middle))
    return (min(t for _, t in times) - min(t for t, _ in times)) / repeats
