"""save and load: what comes back is what was saved; what cannot be right changes nothing, and is said."""

import numpy as np
import pytest

import nn
from autograd import Tensor


class Odd(nn.Module):
    """Parameters where they are hard: in a dict, a scalar, float32, called like an argument of np.savez."""

    def __init__(self):
        self.file = Tensor(2.5, requires_grad=True)
        self.by_name = {"größe": Tensor(np.ones(2, np.float32), requires_grad=True)}


@pytest.mark.parametrize("make", [lambda: nn.MLP(3, 4, 2), lambda: nn.Sequential(nn.Linear(2, 3), nn.Tanh()), Odd])
def test_what_was_saved_comes_back(tmp_path, make):
    model = make()
    path = nn.save(model, tmp_path / "model.npz")
    again = make()
    assert nn.load(again, path) is again
    for name, value in model.state_dict().items():
        found = again.state_dict()[name]
        assert np.array_equal(found, value) and found.dtype == value.dtype
    assert [type(p.data) for p in again.parameters()] == [type(p.data) for p in model.parameters()]


def test_the_file_is_numpy_s_own_and_savez_writes_it_too(tmp_path):
    model = nn.MLP(3, 4, 2, rng=0)
    with np.load(nn.save(model, tmp_path / "a.npz"), allow_pickle=False) as archive:
        assert sorted(archive.files) == ["(model)", "W1", "W2", "b1", "b2"]
        assert np.array_equal(archive["W1"], model.W1.numpy())
        assert str(archive["(model)"]) == repr(model)
    np.savez(tmp_path / "b.npz", **model.state_dict())
    assert np.array_equal(nn.load(nn.MLP(3, 4, 2, rng=1), tmp_path / "b.npz").W2.numpy(), model.W2.numpy())


def test_the_same_model_gives_the_same_bytes(tmp_path):
    model = nn.MLP(3, 4, 2, rng=0)
    assert nn.save(model, tmp_path / "a.npz").read_bytes() == nn.save(model, tmp_path / "b.npz").read_bytes()


def test_another_model_is_refused_with_the_one_that_was_saved(tmp_path):
    path = nn.save(nn.MLP(3, 4, 2), tmp_path / "model.npz")
    other = nn.MLP(3, 5, 2, rng=0)
    before = other.state_dict()
    with pytest.raises(ValueError, match=r"model\.npz.*'W1' has shape \(3, 4\).*\(3, 5\).*saved from MLP\(3, 4, 2"):
        nn.load(other, path)
    assert all(np.array_equal(before[name], value) for name, value in other.state_dict().items())


def test_nothing_pickled_is_ever_read(tmp_path):
    path = tmp_path / "model.npz"
    np.savez(path, W=np.array([object()], dtype=object))
    with pytest.raises(ValueError, match=r"model\.npz.*allow_pickle=False"):
        nn.load(nn.MLP(3, 2), path)
    np.save(tmp_path / "model.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "model.npy").rename(path)
    with pytest.raises(ValueError, match=r"no \.npz archive"):
        nn.load(nn.MLP(3, 2), path)


@pytest.mark.parametrize("keep", [0, 2, 100, -30])
def test_a_broken_file_is_said(tmp_path, keep):
    path = nn.save(nn.MLP(3, 4, 2), tmp_path / "model.npz")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"model file .*model\.npz' cannot be read: ."):
        nn.load(nn.MLP(3, 4, 2), path)


def test_what_cannot_be_saved_is_refused_and_writes_nothing(tmp_path):
    odd = nn.Sequential(nn.Linear(1, 1))
    odd.more = {"a/b": Tensor(1.0, requires_grad=True)}
    for model, name, error, message in [
        (nn.MLP(3, 2), "model.txt", ValueError, r"saved as \.npz, not as .*model\.txt"),
        (nn.MLP(3, 2).state_dict(), "model.npz", TypeError, "a Module first, not a dict"),
        (odd, "model.npz", ValueError, "'more.a/b'"),
        (nn.MLP(3, 2), "none/model.npz", FileNotFoundError, "no folder"),
    ]:
        with pytest.raises(error, match=message):
            nn.save(model, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TypeError, match="a Module first, not a str"):
        nn.load("model.npz", nn.MLP(3, 2))
    with pytest.raises(FileNotFoundError):
        nn.load(nn.MLP(3, 2), tmp_path / "none.npz")
