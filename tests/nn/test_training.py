"""fit: the article's run, divergence, the progress bar."""

import io
import sys

import numpy as np
import pytest

import nn
from autograd import Tensor

ARTICLE = "0.4979 0.4973 0.4963 0.4944 0.4880 0.3027 0.2986 0.2747 0.1816 0.1557"


def article_net():
    return nn.MLP(3, 4, 2, init=nn.init.normal, rng=np.random.RandomState(0))


def test_the_article_s_run():
    net, (x, y) = article_net(), nn.data.article()
    losses = nn.fit(net, x, y, epochs=1000, lr=0.01)
    assert " ".join(f"{loss:.4f}" for loss in losses[::100]) == ARTICLE
    assert f"{nn.functional.mse_loss(net(x), y).item():.4f}" == "0.1410"
    np.testing.assert_allclose(net(x).numpy(), [[0.324, 0.501], [0.814, 0.609], [0.975, 0.708]], atol=6e-4)


def test_each_loss_is_taken_before_its_update_and_reported():
    seen = []
    net, (x, y) = article_net(), nn.data.article()
    first = nn.functional.mse_loss(net(x), y).item()
    losses = nn.fit(net, x, y, epochs=3, lr=0.01, report=lambda *both: seen.append(both))
    assert losses[0] == first
    assert seen == list(enumerate(losses))


def test_no_epochs_change_nothing():
    net, (x, y) = article_net(), nn.data.article()
    before = net.state_dict()
    assert nn.fit(net, x, y, epochs=0, lr=0.01) == []
    assert all(np.array_equal(before[name], value) for name, value in net.state_dict().items())


def test_a_loss_of_one_s_own():
    net = nn.Linear(1, 1, init=nn.init.zeros)
    losses = nn.fit(net, [[1.0]], [[3.0]], epochs=2, lr=0.25, loss=lambda p, y: np.sum(np.abs(p - y)))
    assert losses == [3.0, 2.5]


def test_an_optimizer_of_one_s_own():
    taken = []

    def careful(parameters, lr):
        taken.append((len(parameters), lr))
        return nn.optim.SGD(parameters, lr / 2)

    options = {"epochs": 3, "loss": lambda p, y: np.sum(np.abs(p - y))}
    halved, plain = (
        nn.fit(nn.Linear(1, 1, init=nn.init.zeros), [[1.0]], [[3.0]], lr=lr, optimizer=optimizer, **options)
        for lr, optimizer in ((0.5, careful), (0.25, nn.optim.SGD))
    )
    assert halved == plain and taken == [(2, 0.5)]


def test_classes_are_learned_by_cross_entropy():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60)
    x = rng.normal(size=(60, 2)) * 0.3 + np.array([[0.0, 2.0], [2.0, 0.0], [-2.0, -2.0]])[y]
    net = nn.MLP(2, 3, output="identity", rng=0)
    losses = nn.fit(net, x, y, epochs=60, lr=0.5, loss=nn.functional.cross_entropy, batch_size=16, rng=0)
    assert losses[-1] < 0.1 and (net(x).numpy().argmax(axis=1) == y).mean() > 0.95


def test_an_epoch_uses_every_example_once_in_batches_drawn_anew():
    seen = []

    def loss(prediction, y):
        seen.append(y.numpy().reshape(-1).astype(int).tolist())
        return np.mean((prediction - y) ** 2)

    data = np.arange(7.0).reshape(-1, 1)
    nn.fit(nn.Linear(1, 1, rng=0), data, data, epochs=2, lr=0.001, loss=loss, batch_size=3, rng=0)
    assert [len(batch) for batch in seen] == [3, 3, 1] * 2
    epochs = [[*a, *b, *c] for a, b, c in (seen[:3], seen[3:])]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(7))
    assert epochs[0] != epochs[1] and epochs[0] != sorted(epochs[0])


def test_the_loss_of_an_epoch_of_batches_is_that_of_its_examples():
    net, (x, y) = article_net(), nn.data.article()
    whole = nn.functional.mse_loss(net(x), y).item()
    (loss,) = nn.fit(net, x, y, epochs=1, lr=0.0, batch_size=2, rng=0)  # two batches, of 2 and 1
    assert loss == pytest.approx(whole, rel=1e-12)


def test_a_seed_repeats_the_batches_and_one_of_all_examples_is_none():
    def trained(**options):
        net = article_net()
        nn.fit(net, *nn.data.article(), epochs=5, lr=0.01, **options)
        return net.state_dict()["W1"]

    assert np.array_equal(trained(batch_size=2, rng=3), trained(batch_size=2, rng=3))
    assert not np.array_equal(trained(batch_size=2, rng=3), trained(batch_size=2, rng=4))
    np.testing.assert_allclose(trained(batch_size=50, rng=3), trained(), rtol=1e-12)


def test_divergence_is_an_error_and_not_a_warning():
    net = nn.MLP(3, 2, output="identity", rng=0)
    x, y = nn.data.article()
    with pytest.raises(FloatingPointError, match=r"diverged: the loss is (inf|nan) at epoch \d+.*1e\+200"):
        nn.fit(net, x, y, epochs=50, lr=1e200)


def test_divergence_in_the_last_update_is_seen():
    with pytest.raises(FloatingPointError, match="no longer finite"):
        nn.fit(nn.Linear(1, 1, rng=0), [[1e200]], [[1e100]], epochs=1, lr=1e300, loss=lambda p, y: np.sum(p - y))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"epochs": -1}, ValueError, "epochs=-1"),
        ({"epochs": 1.5}, TypeError, "integer"),
        ({"batch_size": 0}, ValueError, "batch_size=0; it must be 1 or more"),
        ({"batch_size": True}, ValueError, "batch_size=True"),
        ({"batch_size": 2.5}, TypeError, "integer"),
        ({"batch_size": 2, "y": np.ones((2, 2))}, ValueError, r"x, shape \(3, 3\), and y, shape \(2, 2\)"),
        ({"batch_size": 2, "rng": "seed"}, TypeError, "rng is a"),
        ({"lr": float("nan")}, ValueError, "lr=nan"),
        ({"lr": -1.0}, ValueError, "lr=-1"),
        ({"y": np.ones((3, 1))}, ValueError, r"\(3, 2\).*\(3, 1\)"),
        ({"x": np.ones((3, 4))}, ValueError, r"MLP\(3, 4, 2.*\(3, 4\)"),
    ],
)
def test_what_cannot_work_is_refused(options, error, message):
    x, y = nn.data.article()
    with pytest.raises(error, match=message):
        nn.fit(article_net(), **{"x": x, "y": y, "epochs": 1, "lr": 0.01, **options})


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_progress_bar_is_for_terminals(monkeypatch):
    x, y = nn.data.article()
    for stream, wanted, shown in (
        (Terminal(), True, True),
        (Terminal(), False, False),
        (io.StringIO(), True, False),
        (None, True, False),
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        nn.fit(article_net(), x, y, epochs=3, lr=0.01, progress=wanted)
        assert stream is None or ("training" in stream.getvalue()) == shown


def test_tensors_are_taken_as_they_are():
    x, y = (Tensor(a) for a in nn.data.article())
    assert len(nn.fit(article_net(), x, y, epochs=2, lr=0.01)) == 2
