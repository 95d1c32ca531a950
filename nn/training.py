"""Training: gradient descent on all data at once or in batches, the loop that most examples need."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from math import isfinite
from operator import index
from typing import Any

import numpy as np

from autograd import Tensor

from .functional import mse_loss
from .init import generator
from .module import Module
from .optim import SGD, Optimizer


def fit(
    model: Module,
    x: Any,
    y: Any,
    *,
    epochs: int,
    lr: float,
    loss: Callable[[Any, Any], Tensor] = mse_loss,
    optimizer: Callable[[list[Tensor], float], Optimizer] = SGD,
    batch_size: int | None = None,
    rng: Any = None,
    progress: bool = False,
    report: Callable[[int, float], Any] | None = None,
) -> list[float]:
    """Move the model's parameters along the negative gradient, `epochs` times through all data.

    Robbins & Monro, "A stochastic approximation method" (Annals of Mathematical Statistics 22, 1951).

    Parameters
    ----------
    model : Module
    x, y : Tensor or array_like
        What goes in and what should come out, a row for each example.
    epochs : int
        How many times all examples are used; 0 or more.
    lr : float
        The learning rate, ≥ 0.
    loss : callable
        `loss(model(x), y)` is a scalar Tensor: nn.functional.mse_loss, nn.functional.cross_entropy, or one of your own.
    optimizer : callable
        `optimizer(parameters, lr)` makes what moves them: nn.optim.SGD, nn.optim.Adam, or, with settings of your own,
        `lambda parameters, lr: nn.optim.SGD(parameters, lr, momentum=0.9)`.
    batch_size : int, optional
        How many examples an update is made of, 1 or more; the last of an epoch may have fewer. They are drawn anew in
        each epoch. By default an update takes all, in their order.
    rng : np.random.Generator, np.random.RandomState or int, optional
        Draws the batches; a seed gives a new Generator, None one seeded afresh.
    progress : bool
        Whether to show a progress bar, on stderr, if that is a terminal.
    report : callable, optional
        Is called with each epoch's number, from 0, and its loss.

    Returns
    -------
    list of float
        The loss of each epoch, taken before its update; of batches, the mean of theirs over all examples.

    Raises
    ------
    TypeError
        `model` is no Module.
    FloatingPointError
        The loss or a parameter became infinite or nan: the steps are too long.
    ValueError
        `epochs` is negative, `batch_size` below 1, `lr` no finite number of 0 or more, or the shapes do not fit.

    Examples
    --------
    >>> import nn
    >>> line = nn.Linear(1, 1, init=nn.init.zeros)
    >>> losses = nn.fit(line, [[0.0], [1.0]], [[1.0], [3.0]], epochs=500, lr=0.5)
    >>> losses[0], np.round(line.weight.numpy(), 3), np.round(line.bias.numpy(), 3)
    (5.0, array([[2.]]), array([1.]))

    Which of two classes, in batches:

    >>> x, y = np.linspace(-1, 1, 20).reshape(-1, 1), np.repeat([0, 1], 10)
    >>> net = nn.MLP(1, 2, output="identity", rng=0)
    >>> losses = nn.fit(
    ...     net, x, y, epochs=40, lr=0.1, loss=nn.functional.cross_entropy, optimizer=nn.optim.Adam, batch_size=5, rng=0
    ... )
    >>> losses[-1] < losses[0] / 3, bool(np.all(net(x).numpy().argmax(axis=1) == y))
    (True, True)
    """
    if not hasattr(model, "parameters"):
        raise TypeError(
            f"fit(model, x, y) trains a Module, which has parameters, not a {type(model).__name__}; write a class of "
            "nn.Module with a forward"
        )
    bar = progress and sys.stderr is not None and sys.stderr.isatty()
    if index(epochs) < 0:
        raise ValueError(f"fit: epochs={epochs}; it must be 0 or more")
    x = x if type(x) is Tensor else Tensor(x, name="x")
    y = y if type(y) is Tensor else Tensor(y, name="y")
    draw = None if batch_size is None else _batches(x, y, batch_size, generator(rng))
    moved = optimizer(model.parameters(), lr)
    losses = []
    # Overflow and its nan are looked for below and raised as an error; NumPy's warnings would only say it twice.
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in _bar(epochs) if bar else range(epochs):
            total = examples = 0.0
            for inputs, targets, share in ((x, y, 1),) if draw is None else draw():
                value = loss(model(inputs), targets)
                number = value.item()
                if not isfinite(number):
                    raise FloatingPointError(_diverged(f"the loss is {number} at epoch {epoch}", lr))
                total, examples = total + share * number, examples + share
                moved.zero_grad()
                value.backward()
                moved.step()
            losses.append(total / examples)
            if report is not None:
                report(epoch, losses[-1])
    if not all(np.isfinite(p.numpy()).all() for p in moved.parameters):
        raise FloatingPointError(_diverged("a parameter is no longer finite after the last epoch", lr))
    return losses


def _batches(x: Tensor, y: Tensor, size: int, rng: Any) -> Callable[[], Iterator[tuple[Tensor, Tensor, int]]]:
    """What draws an epoch's batches: all examples, shuffled, `size` at a time, with how many there are in each."""
    if isinstance(size, bool) or index(size) < 1:
        raise ValueError(f"fit: batch_size={size}; it must be 1 or more")
    if not x.ndim or not y.ndim or len(x) != len(y) or not len(x):
        raise ValueError(
            f"fit: batches are rows of x, shape {x.shape}, and y, shape {y.shape}; give equally many, 1 up"
        )

    def epoch() -> Iterator[tuple[Tensor, Tensor, int]]:
        order = rng.permutation(len(x))
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            yield Tensor(x.data[rows], name=x.name), Tensor(y.data[rows], name=y.name), len(rows)

    return epoch


def _bar(epochs: int) -> Any:
    # 30 ms that nobody without a bar should wait for
    from tqdm import tqdm  # type: ignore[import-untyped]

    return tqdm(range(epochs), desc="training", unit=" epochs", leave=False)


def _diverged(what: str, lr: float) -> str:
    return f"training diverged: {what}. Take a smaller learning rate than {lr:g}, or scale the data down"
