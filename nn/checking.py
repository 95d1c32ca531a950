"""The check of the gradients that the main job prints: against central differences and hand-written NumPy."""

from __future__ import annotations

import sys
from typing import NamedTuple

import numpy as np

from . import reference
from .layers import MLP

MOST_ENTRIES = 2000
"""Of a parameter with more entries than this, as many are compared with central differences, chosen by the seed."""


class Kind(NamedTuple):
    """Which network and loss it is: the names of the hidden layers' activation, of the last one's, and of the loss."""

    activation: str
    output: str
    loss: str


class _Error(NamedTuple):
    """How far a parameter's gradient is from a reference, how far it may be, and which parameter it is."""

    size: float
    limit: float
    name: str


def check(net: MLP, x: np.ndarray, y: np.ndarray, kind: Kind, seed: int) -> bool:
    """Print how far the gradients that the parameters hold are from both references; whether they agree."""
    named = net.named_parameters()
    parameters = [p.numpy() for _, p in named]
    rng = np.random.default_rng(seed)
    largest = max(
        float(np.abs(values).max())
        for values in (x, y, *reference.forward(parameters, x, kind.activation, kind.output)[0])
    )
    by_hand, central, compared, kinks = [], [], 0, 0
    for which, exact in enumerate(reference.gradients(parameters, x, y, *kind)):
        name, p = named[which]
        gradient = p.grad.numpy() if p.grad is not None else np.zeros(p.shape)
        scale = max(1.0, float(np.abs(gradient).max()))
        by_hand.append(_Error(float(np.abs(gradient - exact).max()) / scale, 1e-8, name))
        entries = rng.permutation(p.size)[:MOST_ENTRIES]
        near, far = (
            reference.central_differences(
                parameters, x, y, kind.activation, kind.output, which, entries, step, kind.loss
            )
            for step in (1e-6, 2e-6)
        )
        smooth = np.isfinite(near) & np.isfinite(far)
        error, doubt = (
            float(np.abs(difference[smooth]).max(initial=0.0)) / scale
            for difference in (gradient.reshape(-1)[entries] - near, near - far)
        )
        # How far differences can be trusted, two step lengths say; and a step is lost in the rounding of a huge value.
        central.append(_Error(error, 1e-6 + 10 * doubt + 1e-9 * largest, name))
        compared, kinks = compared + int(smooth.sum()), kinks + int((~smooth).sum())
    left_out = f", {kinks} at a kink of relu left out" if kinks else ""
    print(f"the gradients of all {len(named)} parameters, largest error relative to max(1, largest entry)")
    agree = [
        _verdict(f"against central differences ({compared} entries{left_out})", central),
        _verdict("against hand-written NumPy", by_hand),
    ]
    print()
    return all(agree)


def _verdict(what: str, errors: list[_Error]) -> bool:
    worst = max(errors)
    print(f"  {what}: {worst.size:.1e}, in {worst.name}")
    wrong = [error.name for error in errors if not error.size <= error.limit]
    if wrong:
        print(f"nn: error: gradients disagree {what}, in {', '.join(wrong)}", file=sys.stderr)
    return not wrong
