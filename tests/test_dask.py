"""Dask arrays as a Tensor's data: the same rules build a task graph, which a cluster computes chunk by chunk."""

from __future__ import annotations

import tracemalloc

import dask
import dask.array as da
import numpy as np
import pytest
from dask.distributed import Client, LocalCluster

import nn
from autograd import Tensor

# What distributed's own shutdown and forked helpers warn of is not this project's; everything else still fails a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ROWS, CHUNKS = 2_000_000, 50


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes on this machine."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit="2GiB") as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def network():
    return nn.MLP(3, 4, 2, activation="relu", output="sigmoid", rng=np.random.default_rng(0))


def data(rows=ROWS, chunks=CHUNKS):
    """Inputs and targets, a function of the row's number: what NumPy sees is what the workers make."""
    row = da.arange(rows, chunks=rows // chunks)[:, None]
    x = da.sin(row * np.array([0.1, 0.7, 1.3]) + 0.5)
    y = (x[:, :2] * x[:, 1:] > 0).astype(float)
    return x, y


def loss_of(network, x, y):
    loss = nn.functional.mse_loss(network(Tensor(x)), Tensor(y))
    loss.backward()
    return loss


def refuse_to_compute(*args, **kwargs):
    raise AssertionError("something was computed before it was asked for")


def test_loss_and_gradients_of_two_million_rows_are_numpys_and_a_worker_holds_a_few_chunks_at_a_time(cluster, network):
    x, y = data()
    assert x.numblocks[0] == CHUNKS
    with dask.config.set(scheduler=refuse_to_compute):
        loss = loss_of(network, x, y)
        assert "dask" in repr(loss)
    lazy = [loss.data, *[p.grad.data for p in network.parameters()]]
    assert all(isinstance(value, da.Array) for value in lazy)

    cluster.run(tracemalloc.start)
    found = dask.compute(*lazy)
    peaks = cluster.run(lambda: tracemalloc.get_traced_memory()[1]).values()
    cluster.run(tracemalloc.stop)
    assert max(peaks) < x.nbytes, "more than a few chunks: not even the inputs alone were ever there as a whole"

    network.zero_grad()
    plain = loss_of(network, np.asarray(x), np.asarray(y))
    for lazily, at_once in zip(found, [plain, *[p.grad for p in network.parameters()]], strict=True):
        np.testing.assert_allclose(lazily, at_once.numpy(), rtol=1e-10, atol=1e-10)


def test_a_network_is_trained_on_it_as_on_numpys_arrays(cluster, network):
    x, y = data(rows=20_000)
    twin = nn.MLP(3, 4, 2, activation="relu", output="sigmoid", rng=np.random.default_rng(0))
    optimizers = [nn.optim.SGD(net.parameters(), lr=0.5) for net in (network, twin)]
    plain = np.asarray(x), np.asarray(y)
    losses = []
    for _ in range(5):
        loss, parameters = loss_of(network, x, y), network.parameters()
        # One pass over the data for the loss and all gradients together.
        number, *gradients = dask.compute(loss.data, *[p.grad.data for p in parameters])
        for p, gradient in zip(parameters, gradients, strict=True):
            p.grad = Tensor(gradient)
        expected = loss_of(twin, *plain)
        losses.append(number)
        np.testing.assert_allclose(number, expected.numpy(), rtol=1e-12)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
    assert losses == sorted(losses, reverse=True) and losses[-1] < 0.97 * losses[0]
    for p, same in zip(network.parameters(), twin.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), same.numpy(), rtol=1e-10)
