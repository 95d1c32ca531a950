"""Assembly of many Tensors, and the gradients of indices, against NumPy by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from autograd import Tensor


def _timed(run: Callable[[], Any]) -> float:
    start = perf_counter()
    run()
    return perf_counter() - start


def joined(count: int = 5000, rounds: int = 9) -> Iterator[tuple[str, float, float]]:
    """For each way to join `count` Tensors: its name, the seconds forward, and backward."""
    rng = np.random.default_rng(0)
    for join, shape in ((np.stack, ()), (np.concatenate, (3,)), (np.vstack, (3,))):
        parts = [Tensor(rng.normal(size=shape)[()], requires_grad=True) for _ in range(count)]
        forward, backward = [], []
        for _ in range(rounds):
            forward.append(_timed(lambda join=join, parts=parts: join(parts)))
            y = join(parts)
            g = np.ones(y.shape)
            backward.append(_timed(lambda y=y, g=g: y.backward(g)))
        yield join.__name__, median(forward), median(backward)


def iterated(rows: int = 2000, rounds: int = 5) -> float:
    """Seconds for a row of an iteration over a matrix and back."""
    t = Tensor(np.ones((rows, 50)), requires_grad=True)

    def there_and_back() -> None:
        total: Any = 0.0
        for row in t:
            total = total + row[0]
        total.backward()

    return median(_timed(there_and_back) for _ in range(rounds)) / rows


def indexed(rounds: int = 15) -> Iterator[tuple[str, float, float]]:
    """For each kind of index: its name, and the seconds of x[index] and its gradient by hand, and by the engine."""
    rng = np.random.default_rng(0)
    for what, shape, count, repeats in (
        ("10⁶ of 10⁶ entries", (1_000_000,), 1_000_000, 1),
        ("10⁴ rows of 10⁴ × 100", (10_000, 100), 10_000, 1),
        ("10⁶ entries of 1000 × 1000", (1000, 1000), 1_000_000, 1),
        ("5 rows of 10 × 4", (10, 4), 5, 300),
    ):
        x = rng.normal(size=shape)
        of_entries = what.startswith("10⁶ entries")
        index = tuple(rng.integers(0, n, count) for n in (shape if of_entries else shape[:1]))
        g = rng.normal(size=x[index].shape)

        def by_hand(x=x, index=index, g=g, repeats=repeats):
            for _ in range(repeats):
                x[index]
                np.add.at(np.zeros_like(x), index, g)

        def engine(x=x, index=index, g=g, repeats=repeats):
            for _ in range(repeats):
                t = Tensor(x, requires_grad=True)
                t[index].backward(g)

        times = [(_timed(by_hand), _timed(engine)) for _ in range(rounds)]
        hand, ours = (median(column) / repeats for column in zip(*times, strict=True))
        yield what, hand, ours
