"""For every row of the table: the transforms agree with each other, whichever way they go through a graph."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.transforms import matrices
from tests.primitives.test_table import every_differentiable_sample, incoming


def of_real_inputs(sample):
    """The sample as a function of its real inputs alone, and these."""

    def f(*given):
        inputs = list(sample.inputs)
        for place, x in zip(sample.real, given, strict=True):
            inputs[place] = x
        return sample(*inputs)

    return f, tuple(sample.inputs[i][()] for i in sample.real)


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)


@every_differentiable_sample
def test_jvp_agrees_with_vjp(sample):
    f, args = of_real_inputs(sample)
    weights = incoming(sample)
    out, pullback = ag.vjp(f, *args, allow_unused=True)
    rng = np.random.default_rng(3)
    along = tuple(rng.normal(size=np.shape(x)) for x in args)
    again, tangent = ag.jvp(f, args, along, allow_unused=True)
    np.testing.assert_array_equal(out, again)
    gradients = pullback(weights)
    close(np.sum(weights * tangent), sum(np.sum(g * v) for g, v in zip(gradients, along, strict=True)))


@every_differentiable_sample
@pytest.mark.parametrize("wide", [1e9, 0], ids=["by rows", "by columns"])
def test_stacks_give_what_single_sweeps_give(sample, wide, monkeypatch):
    monkeypatch.setattr(matrices, "_WIDE", wide)
    monkeypatch.setattr(matrices, "_STACK", 40)  # several stacks, the last one shorter
    f, args = of_real_inputs(sample)
    out, pullback = ag.vjp(f, *args, allow_unused=True)
    blocks = ag.jacobian(f, argnums=tuple(range(len(args))), allow_unused=True)(*args)
    for i in np.ndindex(np.shape(out)):
        unit = np.zeros(np.shape(out))
        unit[i] = 1
        for block, row, x in zip(blocks, pullback(unit), args, strict=True):
            assert block.shape == np.shape(out) + np.shape(x)
            close(block[i], row)


@every_differentiable_sample
def test_the_hessian_agrees_with_hvp_on_arrays_and_on_tensors(sample):
    f, args = of_real_inputs(sample)
    weights = incoming(sample)
    everything = tuple(range(len(args)))
    rng = np.random.default_rng(3)
    vectors = tuple(rng.normal(size=np.shape(x)) for x in args)

    def weighted(*given):
        return np.sum(f(*given) * weights)

    blocks = ag.hessian(weighted, argnums=everything, allow_unused=True)(*args)
    products = ag.hvp(weighted, args, vectors, allow_unused=True)
    for row, product in zip(blocks, products, strict=True):
        total = sum(np.tensordot(b, v, np.ndim(v)) for b, v in zip(row, vectors, strict=True))
        close(total, product)
    tensors = [Tensor(x, requires_grad=True) for x in args]
    recorded = ag.jacobian(ag.grad(weighted, everything, allow_unused=True), everything, allow_unused=True)(*tensors)
    for row, again in zip(blocks, recorded, strict=True):
        for b, t in zip(row, again, strict=True):
            np.testing.assert_allclose(b, t.numpy(), rtol=1e-12, atol=1e-13)
