"""CuPy arrays as a Tensor's data, where there is a GPU: the whole table, and a training step."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.primitives.test_table import every_differentiable_sample, incoming

cupy = pytest.importorskip("cupy", reason="CuPy is not installed")


@pytest.fixture(scope="module", autouse=True)
def gpu():
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        pytest.skip(f"no GPU: {error}")
    if not count:
        pytest.skip("no GPU")


@every_differentiable_sample
def test_values_and_gradients_of_a_row_are_numpys(sample):
    tensors = [Tensor(cupy.asarray(x), requires_grad=x.dtype.kind == "f") for x in sample.inputs]
    try:
        y = sample(*tensors)
    except (NotImplementedError, AttributeError) as missing:
        pytest.skip(f"CuPy lacks it: {missing}")
    g = incoming(sample)
    y.backward(cupy.asarray(g, y.dtype))
    np.testing.assert_allclose(y.data.get(), sample(*map(Tensor, sample.inputs)).numpy(), rtol=1e-9, atol=1e-12)
    for i, plain in zip(sample.real, sample.gradients(sample.inputs, g), strict=True):
        if tensors[i].grad is not None:
            assert type(tensors[i].grad.data) is cupy.ndarray
            np.testing.assert_allclose(tensors[i].grad.data.get(), plain.numpy(), rtol=1e-9, atol=1e-12)


def test_a_training_step_stays_on_the_gpu():
    net = nn.MLP(3, 4, 2, activation="relu", output="sigmoid", rng=np.random.default_rng(0))
    twin = nn.MLP(3, 4, 2, activation="relu", output="sigmoid", rng=np.random.default_rng(0))
    for p in net.parameters():
        p.data = cupy.asarray(p.data)
    x, y = np.arange(9.0).reshape(3, 3), np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    for network, array in ((net, cupy.asarray), (twin, np.asarray)):
        optimizer = nn.optim.SGD(network.parameters(), lr=0.1)
        nn.functional.mse_loss(network(Tensor(array(x))), Tensor(array(y))).backward()
        optimizer.step()
    for p, plain in zip(net.parameters(), twin.parameters(), strict=True):
        assert type(p.data) is cupy.ndarray
        np.testing.assert_allclose(p.data.get(), plain.numpy(), rtol=1e-12)
