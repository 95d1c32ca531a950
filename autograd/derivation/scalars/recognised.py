"""Which derivatives one operation has, read off its own rules.

A rule carries a gradient g over to an input: it is the transposed Jacobian times g. So the Jacobian need not be
described a second time. Of the usual shapes that a Jacobian can have one is guessed from one or two runs of the rule,
and proved by another run, on a random g: two matrices that agree on a random vector are the same. What has no usual
shape is asked for column by column.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph import ancestors
from ...modes import GRADIENTS, record
from ...primitives import products
from ...several import Several
from ...tensor import Tensor
from ..numbers import as_numpy
from .jacobians import Chain, Gathered, Jacobian, Probed, Product, Scattered
from .operations import Operation, plain


def jacobian(operation: Operation, position: int) -> Jacobian:
    """The derivatives of an operation's output by the input at `position`."""
    output, x = operation.output, operation.inputs[position]
    if np.shape(output) == np.shape(x) == ():
        derivative = np.reshape(operation.pull(np.float64(1), position), 1)
        return Gathered(np.zeros(1, int), derivative, 1, True)
    if operation.primitive is products.matmul:
        return Product(operation, position)
    signs = np.random.default_rng(0)
    g = (signs.uniform(0.5, 1.5, np.shape(output)) * signs.choice([-1.0, 1.0], np.shape(output)))[()]
    exact = as_numpy(operation.pull(g, position)).reshape(-1)
    for guess in (_aligned, _scattered, _moved):
        try:
            with np.errstate(all="ignore"):
                guessed = guess(operation, position)
                if guessed is not None and _same(guessed.pulled(np.reshape(g, -1)), exact):
                    return guessed
        except (TypeError, ValueError, IndexError, AttributeError):  # the operation is not of this kind
            continue
    return _chain(operation, position) or Probed(operation, position)


def _same(found: np.ndarray, exact: np.ndarray) -> bool:
    scale = np.max(np.abs(exact[np.isfinite(exact)]), initial=0.0)
    return np.allclose(found, exact, rtol=1e-9, atol=1e-13 * scale, equal_nan=True)


def _aligned(operation: Operation, position: int) -> Gathered | None:
    """As an elementwise operation: on a gradient of ones the rule gives the derivatives themselves."""
    output, x = operation.output, as_numpy(operation.inputs[position])
    shape = np.shape(output)
    if np.broadcast_shapes(x.shape, shape) != shape:
        return None
    wide = [np.broadcast_to(i, shape) if isinstance(i, np.ndarray) else i for i in operation.inputs]
    derivatives = operation.rule(np.ones(shape), output, wide, position)
    sources = np.broadcast_to(np.arange(x.size).reshape(x.shape), shape).reshape(-1)
    return Gathered(sources, np.broadcast_to(derivatives, shape).reshape(-1) * 1.0, x.size, True)


def _scattered(operation: Operation, position: int) -> Scattered | None:
    """As a reduction: a gradient of ones gives the derivatives, one of 1, 2, 3, … the output entry each belongs to."""
    shape, size = np.shape(operation.output), np.size(operation.output)
    derivatives = as_numpy(operation.pull(np.ones(shape)[()], position)).reshape(-1)
    numbered = as_numpy(operation.pull(np.arange(1.0, size + 1).reshape(shape)[()], position)).reshape(-1)
    targets = np.where(derivatives == 0, 0, numbered / derivatives) - 1 if size > 1 else np.zeros(len(derivatives))
    rounded = np.rint(targets)
    if not np.all((rounded >= -1) & (rounded < size)):
        return None
    return Scattered(np.where(derivatives == 0, -1, rounded).astype(int), derivatives)


def _moved(operation: Operation, position: int) -> Gathered | None:
    """As mere copying: the operation run on 1, 2, 3, … shows where each entry comes from."""
    x = as_numpy(operation.inputs[position])
    joint = operation.primitive.joint is not None
    inputs = [np.zeros_like(i) if joint and isinstance(i, np.ndarray) else i for i in operation.inputs]
    inputs[position] = np.arange(1.0, x.size + 1).reshape(x.shape)[()]
    moved = operation.forward(inputs)
    sources = as_numpy(moved).astype(np.float64).reshape(-1) - 1
    here = (sources >= 0) & (sources < x.size) & (sources == np.rint(sources))
    sources = np.where(here, sources, -1).astype(int)
    return Gathered(sources, here.astype(float), x.size, False)


def _chain(operation: Operation, position: int) -> Chain | None:
    """As NumPy's operations one after the other: what the forward function records when it is run on Tensors."""
    if operation.primitive.joint is not None:
        return None
    inputs: list[Any] = [
        Tensor(x) if i != position and isinstance(x, np.ndarray) else x for i, x in enumerate(operation.inputs)
    ]
    start = inputs[position] = Tensor(operation.inputs[position], requires_grad=True)
    try:
        with record(GRADIENTS), np.errstate(all="ignore"):
            made = operation.forward(inputs)
    except (TypeError, ValueError, AttributeError):
        return None
    if type(made) is not Tensor or made.primitive is None or made.primitive is operation.primitive:
        return None
    if not np.allclose(plain(made.data), operation.output, rtol=1e-6, equal_nan=True):
        return None
    links = []
    before = start
    for node in ancestors(made):
        if node.requires_grad and node.primitive is not None:
            if type(node.data) is Several:
                return None
            places = [i for i, x in enumerate(node.inputs) if x is before]
            if len(places) != 1 or sum(type(x) is Tensor and x.requires_grad for x in node.inputs) != 1:
                return None  # a value is used twice
            inner = Operation(node)
            links.append((inner, places[0], jacobian(inner, places[0])))
            before = node
    return Chain(tuple(links), tuple(inputs)) if before is made else None
