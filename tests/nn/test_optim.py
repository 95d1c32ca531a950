"""SGD and Adam against their definitions in plain NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from nn.optim import SGD, Adam, Optimizer


def parameter(value=(1.0, 2.0), **options):
    return Tensor(np.array(value), requires_grad=True, **options)


@given(st.floats(0, 0.5), st.sampled_from([0.0, 0.5, 0.9]), st.sampled_from([0.0, 0.01, 0.3]))
def test_momentum_and_weight_decay_are_pytorch_s(lr, momentum, weight_decay):
    start = np.array([1.0, -2.0, 3.0])
    p = parameter(start.copy())
    optimizer = SGD([p], lr, momentum=momentum, weight_decay=weight_decay)
    w, velocity = start.copy(), None
    for step in range(6):
        optimizer.zero_grad()
        (p * p * p).sum().backward()
        optimizer.step()
        d = 3 * w**2 + weight_decay * w
        velocity = d if velocity is None else momentum * velocity + d
        w = w - lr * (velocity if momentum else d)
        if np.abs(w).max() > 1e6:
            break
        np.testing.assert_allclose(p.numpy(), w, rtol=1e-12, err_msg=f"step {step}")


def test_pytorch_s_own_numbers():
    # torch.optim.SGD([p], lr=0.1, momentum=0.9, weight_decay=0.5), p = 1, loss = p, three steps: worked out by hand
    p = Tensor(1.0, requires_grad=True)
    optimizer = SGD([p], 0.1, momentum=0.9, weight_decay=0.5)
    seen = []
    for _ in range(3):
        optimizer.zero_grad()
        (p * 1.0).backward()
        optimizer.step()
        seen.append(p.item())
    np.testing.assert_allclose(seen, [0.85, 0.5725, 0.194125], rtol=1e-12)


@given(
    st.floats(0, 0.5),
    st.sampled_from([(0.9, 0.999), (0.0, 0.9), (0.5, 0.0)]),
    st.sampled_from([1e-8, 0.1]),
    st.sampled_from([0.0, 0.3]),
)
def test_adam_is_the_paper_s_algorithm(lr, betas, eps, weight_decay):
    start = np.array([1.0, -2.0, 3.0])
    p = parameter(start.copy())
    optimizer = Adam([p], lr, betas=betas, eps=eps, weight_decay=weight_decay)
    w, m, v = start.copy(), np.zeros(3), np.zeros(3)
    for t in range(1, 7):
        optimizer.zero_grad()
        (p * p * p).sum().backward()
        optimizer.step()
        g = 3 * w**2 + weight_decay * w
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        w = w - lr * (m / (1 - betas[0] ** t)) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
        np.testing.assert_allclose(p.numpy(), w, rtol=1e-11, atol=1e-13, err_msg=f"step {t}")


def test_adam_stays_where_all_gradients_are_zero():
    p = parameter()
    (p * 0.0).sum().backward()
    Adam([p], 0.1).step()
    assert p.numpy().tolist() == [1, 2]


def test_each_parameter_counts_its_own_steps():
    late, early = parameter(), parameter()
    optimizer = Adam([late, early], 0.1)
    early.sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    late.sum().backward()
    optimizer.step()
    np.testing.assert_allclose(late.numpy(), [0.9, 1.9], rtol=1e-7)


def test_adam_learns_what_a_badly_scaled_valley_keeps_from_gradient_descent():
    def left(make):
        p = parameter((1.0, 1.0))
        optimizer = make([p])
        for _ in range(200):
            optimizer.zero_grad()
            (p * p * np.array([1.0, 1e4])).sum().backward()
            optimizer.step()
        return np.abs(p.numpy()).max()

    assert left(lambda ps: Adam(ps, 0.02)) < 0.05 < left(lambda ps: SGD(ps, 9e-5))


def test_an_optimizer_of_one_s_own_defines_its_step():
    class Still(Optimizer):
        pass

    with pytest.raises(NotImplementedError, match="Still defines no step"):
        Still([parameter()], 0.1).step()
    with pytest.raises(ValueError, match="Still: lr=-1"):
        Still([parameter()], -1)


def test_a_step_moves_arrays_in_place_and_is_noticed():
    array = np.array([1.0, 2.0])
    p = Tensor(array, requires_grad=True)
    loss = (p * p).sum()
    loss.backward()
    SGD([p], 0.5).step()
    assert array.tolist() == [0, 0]
    with pytest.raises(RuntimeError, match="was changed"):
        loss.backward()


def test_parameters_without_a_gradient_stay():
    p, q = parameter(), parameter()
    (p * p).sum().backward()
    for optimizer in (SGD([p, q], 0.1), SGD([p, q], 0.1, momentum=0.9, weight_decay=0.1), Adam([p, q], 0.1)):
        optimizer.step()
    assert q.numpy().tolist() == [1, 2]
    assert p.numpy().tolist() != [1, 2]


@pytest.mark.parametrize("make", [lambda p: SGD(p, np.float64(0.1), 0.9, 0.1), lambda p: Adam(p, np.float64(0.1))])
def test_scalars_and_float32_keep_their_kind(make):
    for value in (np.float64(1), np.float32(1), np.ones(2, np.float32)):
        p = Tensor(value, requires_grad=True)
        optimizer = make([p])
        for _ in range(2):
            optimizer.zero_grad()
            (p * p).sum().backward()
            optimizer.step()
        assert type(p.data) is type(value) and p.dtype == value.dtype


def test_the_velocity_is_no_one_else_s_array():
    p = parameter()
    optimizer = SGD([p], 0.0, momentum=1.0)
    (p * 1.0).sum().backward()
    optimizer.step()
    p.grad.data += 5.0
    optimizer.zero_grad()
    (p * 1.0).sum().backward()
    optimizer.lr = 1.0
    optimizer.step()
    assert p.numpy().tolist() == [-1, 0]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SGD([parameter()], -0.1), ValueError, "lr=-0.1"),
        (lambda: SGD([parameter()], float("nan")), ValueError, "lr=nan"),
        (lambda: SGD([parameter()], float("inf")), ValueError, "lr=inf"),
        (lambda: SGD([parameter()], "0.1"), TypeError, "lr is a number, not '0.1'"),
        (lambda: SGD([parameter()], None), TypeError, "lr is a number"),
        (lambda: SGD([parameter()], 0.1, momentum=-1), ValueError, "momentum=-1"),
        (lambda: SGD([parameter()], 0.1, weight_decay=float("nan")), ValueError, "weight_decay=nan"),
        (lambda: Adam([parameter()], -0.1), ValueError, "Adam: lr=-0.1"),
        (lambda: Adam([parameter()], 0.1, betas=0.9), ValueError, "a pair of numbers"),
        (lambda: Adam([parameter()], 0.1, betas=(0.9, 1.0)), ValueError, "each must be below 1"),
        (lambda: Adam([parameter()], 0.1, betas=(0.9, -1)), ValueError, "betas=-1"),
        (lambda: Adam([parameter()], 0.1, eps=-1), ValueError, "eps=-1"),
        (lambda: Adam(parameter()), TypeError, r"Adam takes a list"),
        (lambda: SGD([], 0.1), ValueError, "no parameters"),
        (lambda: SGD((p for p in []), 0.1), ValueError, "read already"),
        (lambda: SGD(parameter(), 0.1), TypeError, r"write \[w\]"),
        (lambda: SGD({"W": parameter()}, 0.1), TypeError, "parameter 0 is a str"),
        (lambda: SGD([np.ones(2)], 0.1), TypeError, "parameter 0 is a ndarray"),
        (lambda: SGD([Tensor([1.0], name="c")], 0.1), ValueError, r"\('c'\) requires no gradient"),
        (lambda: SGD([parameter() * 2], 0.1), ValueError, "result of an operation"),
        (lambda: SGD([(p := parameter()), p], 0.1), ValueError, "parameter 1 was given before"),
    ],
)
def test_what_cannot_work_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_the_repr_shows_the_settings():
    assert repr(Adam([parameter()])) == (
        "Adam(1 parameters, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.0)"
    )
    assert repr(SGD([parameter()], 0.1)) == "SGD(1 parameters, lr=0.1, momentum=0.0, weight_decay=0.0)"
