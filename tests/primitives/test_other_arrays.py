"""Every row runs on arrays of other libraries that speak NumPy's protocols, and never makes ndarrays of them."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor
from autograd.nested import leaves
from tests.duck import Duck
from tests.primitives.test_table import every_differentiable_sample, incoming


def ducks(sample):
    return [Tensor(Duck(x), requires_grad=x.dtype.kind == "f") for x in sample.inputs]


@every_differentiable_sample
def test_values_and_gradients_of_a_row_are_those_on_ndarrays(sample):
    tensors = ducks(sample)
    y = sample(*tensors)
    assert type(y.data) is Duck
    np.testing.assert_allclose(y.data.inside, sample(*map(Tensor, sample.inputs)).numpy(), rtol=1e-12, atol=1e-14)
    g = incoming(sample)
    y.backward(Duck(g.astype(y.dtype)))
    for i, plain in zip(sample.real, sample.gradients(sample.inputs, g), strict=True):
        gradient = tensors[i].grad
        if gradient is None:
            assert not plain.numpy().any()
            continue
        assert type(gradient.data) is Duck
        np.testing.assert_allclose(gradient.data.inside, plain.numpy(), rtol=1e-12, atol=1e-14)


@every_differentiable_sample
def test_gradients_of_gradients_too(sample):
    tensors = ducks(sample)
    y = sample(*tensors)
    y.backward(Duck(incoming(sample).astype(y.dtype)), create_graph=True)
    for i in sample.real:
        if tensors[i].grad is not None:
            assert all(type(leaf.data) is Duck for leaf in leaves(tensors[i].grad))


def test_the_gradient_of_a_scalar_starts_in_the_librarys_own_arrays():
    t = Tensor(Duck(np.array([1.0, 2.0])), requires_grad=True)
    np.sum(t).backward()
    assert type(t.grad.data) is Duck and t.grad.data.inside.tolist() == [1, 1]


def test_a_tensor_shows_another_librarys_array_as_that_library_does():
    assert repr(Tensor(Duck(np.array([1.0])), name="x")) == "Tensor(Duck(array([1.])), name='x')"


def test_a_duck_fails_on_conversion():
    with pytest.raises(AssertionError, match="converted"):
        np.asarray(Duck(np.ones(2)))
