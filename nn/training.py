"""Training: full-batch gradient descent, the loop that most examples need."""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import isfinite
from operator import index
from typing import Any

import numpy as np

from autograd import Tensor

from .functional import mse_loss
from .module import Module
from .optim import SGD


def fit(
    model: Module,
    x: Any,
    y: Any,
    *,
    epochs: int,
    lr: float,
    loss: Callable[[Any, Any], Tensor] = mse_loss,
    progress: bool = False,
    report: Callable[[int, float], Any] | None = None,
) -> list[float]:
    """Move the model's parameters along the negative gradient, `epochs` times, each time on all data.

    Parameters
    ----------
    model : Module
    x, y : Tensor or array_like
        What goes in and what should come out, a row for each example.
    epochs : int
        How many updates; 0 or more.
    lr : float
        The learning rate, ≥ 0.
    loss : callable
        `loss(model(x), y)` is a scalar Tensor.
    progress : bool
        Whether to show a progress bar, on stderr, if that is a terminal.
    report : callable, optional
        Is called with each epoch's number, from 0, and its loss.

    Returns
    -------
    list of float
        The loss of each epoch, taken before its update.

    Raises
    ------
    FloatingPointError
        The loss or a parameter became infinite or nan: the steps are too long.
    ValueError
        `epochs` is negative, `lr` no finite number of 0 or more, or the shapes do not fit.

    Examples
    --------
    >>> import nn
    >>> line = nn.Linear(1, 1, init=nn.init.zeros)
    >>> losses = nn.fit(line, [[0.0], [1.0]], [[1.0], [3.0]], epochs=500, lr=0.5)
    >>> losses[0], np.round(line.weight.numpy(), 3), np.round(line.bias.numpy(), 3)
    (5.0, array([[2.]]), array([1.]))
    """
    bar = progress and sys.stderr is not None and sys.stderr.isatty()
    if index(epochs) < 0:
        raise ValueError(f"fit: epochs={epochs}; it must be 0 or more")
    x = x if type(x) is Tensor else Tensor(x, name="x")
    y = y if type(y) is Tensor else Tensor(y, name="y")
    optimizer = SGD(model.parameters(), lr)
    losses = []
    # Overflow and its nan are looked for below and raised as an error; NumPy's warnings would only say it twice.
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in _bar(epochs) if bar else range(epochs):
            value = loss(model(x), y)
            number = value.item()
            if not isfinite(number):
                raise FloatingPointError(_diverged(f"the loss is {number} at epoch {epoch}", lr))
            losses.append(number)
            if report is not None:
                report(epoch, number)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
    if not all(np.isfinite(p.numpy()).all() for p in optimizer.parameters):
        raise FloatingPointError(_diverged("a parameter is no longer finite after the last epoch", lr))
    return losses


def _bar(epochs: int) -> Any:
    # 30 ms that nobody without a bar should wait for
    from tqdm import tqdm  # type: ignore[import-untyped]

    return tqdm(range(epochs), desc="training", unit=" epochs", leave=False)


def _diverged(what: str, lr: float) -> str:
    return f"training diverged: {what}. Take a smaller learning rate than {lr:g}, or scale the data down"
