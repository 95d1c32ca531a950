"""The rows of the table with their samples, derived: what tests of every row run over."""

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.derivation.steps import steps
from autograd.primitives import rows


def samples():
    rng = np.random.default_rng(7)
    for row in (*rows, *nn.functional.rows):
        if row.differentiable:
            for n, sample in enumerate(row.samples(rng)):
                yield pytest.param(row, sample, id=f"{row.__name__}-{n}")


def derived_from(row, sample):
    """The derivation of a weighted sum of what the row gives for the sample."""
    *inputs, options = sample if isinstance(sample[-1], dict) else (*sample, {})
    arrays = [np.asarray(a) for a in (inputs[0] if row.joint else inputs)]
    tensors = [Tensor(a[()], requires_grad=a.dtype.kind == "f", name="abcdefghij"[i]) for i, a in enumerate(arrays)]
    out = row(tensors, **options) if row.joint else row(*tensors, **options)
    if isinstance(out, (tuple, list)):
        out = np.concatenate([np.reshape(part, -1) for part in out])
    return steps(np.sum(out * np.random.default_rng(3).normal(size=out.shape)))
