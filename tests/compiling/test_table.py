"""What holds for every row of the table: compiled, it gives what the engine does, gradients too."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import autograd as ag
from autograd.nested import leaves
from tests.primitives.test_table import TABLE, Sample, every_differentiable_sample, incoming

SHAPED_BY_VALUES = ("compress", "extract", "intersect1d", "polymul", "setdiff1d", "setxor1d", "trim_zeros")
SHAPED_BY_VALUES += ("union1d", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values")


def pulled_back(sample):
    """The row and its gradients, as a function of the gradient that arrives and of the sample's arrays."""

    def f(g, *inputs):
        def of_real(*chosen):
            given = dict(zip(sample.real, chosen, strict=True))
            return sample(*(given.get(i, x) for i, x in enumerate(inputs)))

        value, pullback = ag.vjp(of_real, *(inputs[i] for i in sample.real), allow_unused=True)
        return value, pullback(g)

    return f


def nearby(x):
    """Other numbers, by so little that the row is still defined there."""
    return x * (1 + 1e-3 * np.random.default_rng(2).random(x.shape)).astype(x.dtype) if x.dtype.kind == "f" else x


def shaped_by_values(sample):
    """Whether the shape of its result depends on values, so that no program is made."""
    return sample.row.__name__ in SHAPED_BY_VALUES or (
        sample.row.__name__ == "bincount" and "minlength" not in sample.options
    )


def given(sample, dtype=np.float64):
    g = np.asarray(incoming(sample), dtype)
    return [g[()], *(x.astype(dtype) if x.dtype.kind == "f" else x for x in sample.inputs)]


def check(found, expected, tolerance):
    for a, b in zip(leaves(found), leaves(expected), strict=True):
        assert (type(a), a.shape, a.dtype) == (type(b), b.shape, b.dtype)
        np.testing.assert_allclose(a, b, tolerance, tolerance)


@pytest.fixture
def jax(monkeypatch):
    """What the source for JAX imports: a stand-in that has NumPy's functions."""
    numpy = ModuleType("jax.numpy")
    vars(numpy).update(vars(np), bincount=lambda x, weights, length: np.bincount(x, weights, length))
    package = ModuleType("jax")
    vars(package).update(numpy=numpy, config=SimpleNamespace(update=lambda name, value: None))
    monkeypatch.setitem(sys.modules, "jax", package)
    monkeypatch.setitem(sys.modules, "jax.numpy", numpy)


@every_differentiable_sample
def test_compiled_it_gives_what_the_engine_does_for_other_values_too_also_as_source_for_jax(sample, jax):
    f, inputs = pulled_back(sample), given(sample)
    compiled = ag.compile(f)
    if shaped_by_values(sample):
        with pytest.raises(TypeError, match="shape depends on values"):
            compiled(*inputs)
        return
    compiled(*inputs)
    others = [inputs[0], *(np.asarray(nearby(x)) for x in inputs[1:])]
    check(compiled(*others), f(*others), 1e-9)
    assert repr(compiled).endswith("1 program>")
    exec(compiled.source("jax"), space := dict(compiled.given))
    check(space["f"](*others), f(*others), 1e-9)


@pytest.mark.parametrize("row", [row for row in TABLE if row.differentiable], ids=lambda row: row.__name__)
def test_float32_stays_float32(row):
    sample = Sample(row, next(iter(row.samples(np.random.default_rng(0)))))
    if not shaped_by_values(sample):
        f, inputs = pulled_back(sample), given(sample, np.float32)
        compiled = ag.compile(f)
        compiled(*inputs)
        check(compiled(*inputs), f(*inputs), 1e-3)
