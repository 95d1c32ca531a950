"""Functions that NumPy lacks: values, precision, edges. Their derivatives are tested with all rows of the table."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import autograd as ag
from autograd import Tensor
from nn import functional, losses


@given(arrays(np.float64, array_shapes(max_dims=3), elements=st.floats(-1e300, 1e300)))
def test_sigmoid_is_between_0_and_1_and_symmetric_without_a_warning(x):
    y = functional.sigmoid(x)
    assert ((y >= 0) & (y <= 1)).all()
    np.testing.assert_allclose(functional.sigmoid(-x), 1 - y, atol=1e-15)


def test_sigmoid_keeps_its_relative_precision_far_out():
    np.testing.assert_allclose(functional.sigmoid(np.array([-40.0, -700.0])), np.exp([-40.0, -700.0]), rtol=1e-14)


def test_arrays_in_arrays_out():
    assert type(functional.relu(np.ones(2))) is np.ndarray
    assert type(functional.linear(np.ones((2, 3)), np.ones((3, 4)), np.ones(4))) is np.ndarray
    assert functional.mse_loss([1.0, 2.0], [0.0, 4.0]) == 2.5


@pytest.mark.parametrize("rows", [(), (5,), (2, 5), (0,)])
def test_linear_works_without_bias(rows):
    x, W = np.random.default_rng(0).normal(size=(*rows, 3)), np.ones((3, 4))
    ag.check_grads(lambda x, W: functional.linear(x, W), [x, W])
    assert functional.linear(Tensor(x), W).shape == (*rows, 4)


def test_linear_is_one_node():
    W = Tensor(np.ones((3, 4)), requires_grad=True)
    made = functional.linear(np.ones((2, 3)), W, np.ones(4))
    assert made.primitive is functional.linear_primitive
    assert made.inputs[1] is W


def test_linear_says_which_shapes_do_not_fit():
    W = Tensor(np.ones((3, 4)), requires_grad=True, name="W")
    with pytest.raises(ValueError, match=r"linear\(float64 \(2, 5\), 'W' float64 \(3, 4\).*inputs, outputs"):
        functional.linear(np.ones((2, 5)), W, np.ones(4))


@given(arrays(np.float64, array_shapes(max_dims=3), elements=st.floats(-1e6, 1e6)))
def test_mse_loss_is_the_mean_of_the_squared_differences(p):
    t = p[::-1] / 3
    loss = functional.mse_loss(Tensor(p), t)
    np.testing.assert_allclose(loss.item(), np.mean((p - t) ** 2), rtol=1e-12)


def test_mse_loss_names_itself_and_an_array_target():
    given_target = Tensor([1.0], name="target")
    assert functional.mse_loss(Tensor([2.0], requires_grad=True), given_target).inputs[1] is given_target
    loss = functional.mse_loss(Tensor([2.0], requires_grad=True), [1.0])
    assert (loss.name, loss.inputs[1].name) == ("L", "y")


@pytest.mark.parametrize(("p", "t"), [((3, 1), (3,)), ((3,), (3, 1)), ((2, 3), (3,)), ((3,), ()), ((2, 2), (4,))])
def test_mse_loss_never_broadcasts(p, t):
    prediction = Tensor(np.ones(p), requires_grad=True, name="ŷ")
    with pytest.raises(ValueError) as caught:
        functional.mse_loss(prediction, np.ones(t))
    assert all(part in str(caught.value) for part in (str(p), str(t), "'ŷ'", "'y'", "reshape"))
    with pytest.raises(ValueError):
        losses.mse_primitive(prediction, np.ones(t))


def test_there_is_no_mean_over_no_entries():
    with pytest.raises(ValueError, match="no entries"):
        functional.mse_loss(Tensor(np.ones((0, 2)), requires_grad=True), np.ones((0, 2)))


def test_relu_at_zero_passes_no_gradient():
    x = Tensor([-1.0, 0.0, -0.0, 2.0], requires_grad=True)
    functional.relu(x).sum().backward()
    assert x.grad.numpy().tolist() == [0, 0, 0, 1]


def test_sigmoid_leaves_numpys_own_warnings_on():
    functional.sigmoid(np.array([-1000.0]))
    with warnings.catch_warnings(), pytest.raises(RuntimeWarning):
        warnings.simplefilter("error")
        np.exp(np.array([1000.0]))


@pytest.mark.parametrize(
    ("x", "W", "b"), [((3,), (3, 4), (3, 4)), ((3,), (3, 1), (4,)), ((2, 3), (3, 4), (1,)), ((3,), (3, 4), ())]
)
def test_a_bias_that_does_not_fit_the_weight_is_refused(x, W, b):
    inputs = [Tensor(np.ones(shape), requires_grad=True) for shape in (x, W, b)]
    with pytest.raises(ValueError, match="linear") as caught:
        functional.linear(*inputs)
    assert f"b of shape {b}" in str(caught.value) and f"W of shape {W}" in str(caught.value)


def test_a_bias_that_is_a_number_is_refused_in_the_same_words():
    with pytest.raises(ValueError, match=r"b of shape \(\)"):
        functional.linear(np.ones(3), np.ones((3, 4)), 0.5)


def test_the_forward_of_the_squared_error_runs_on_whatever_speaks_numpys_protocols():
    p, t = Tensor([1.0, 2.0], requires_grad=True), Tensor([0.0, 4.0])
    loss = losses.mse_primitive.forward(p, t)
    loss.backward()
    assert loss.item() == 2.5 and p.grad.numpy().tolist() == [1, -2]


# Softmax, its kin, and what they are for ------------------------------------------------------------------------


def test_softmax_is_the_same_when_all_entries_are_moved_and_sums_to_one(rng):
    x = rng.normal(size=(4, 3)) * 300
    np.testing.assert_allclose(functional.softmax(x + 1e3), functional.softmax(x), rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(functional.softmax(x, axis=0).sum(axis=0), 1)
    np.testing.assert_allclose(functional.log_softmax(x), x - functional.logsumexp(x, axis=-1, keepdims=True))


def test_logsumexp_lies_above_the_maximum_and_keeps_what_axes_numpy_keeps(rng):
    x = rng.normal(size=(2, 3)) * 1000
    for axis, keepdims in [(None, False), (0, True), (-1, False), (None, True)]:
        expected = x.max(axis=axis, keepdims=keepdims)
        found = functional.logsumexp(x, axis=axis, keepdims=keepdims)
        assert found.shape == np.shape(expected) and (found >= expected).all()


def test_erf_is_the_standard_librarys_to_rounding():
    x = np.concatenate([np.linspace(-7, 7, 4001), [1e-300, np.inf, -np.inf]])
    np.testing.assert_allclose(functional.erf(x), [math.erf(v) for v in x], rtol=1e-15)
    assert np.isnan(functional.erf(np.nan))


def test_activations_stay_finite_far_out():
    x = np.array([-1e4, -40.0, 40.0, 1e4])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f in (functional.softplus, functional.gelu, functional.silu, functional.elu, functional.softmax):
            t = Tensor(x, requires_grad=True)
            f(t).sum().backward()
            assert np.isfinite(t.grad.numpy()).all(), f


def test_hardtanh_takes_limits_in_order_only():
    with pytest.raises(ValueError, match=r"min_val=1\.0 must be less than max_val=0\.0"):
        functional.hardtanh(Tensor([0.5]), min_val=1.0, max_val=0.0)


def test_one_hot_refuses_what_is_no_class():
    with pytest.raises(ValueError, match=r"class 3, among .*, is not between 0 and 2"):
        functional.one_hot([0, 3], 3)
    with pytest.raises(TypeError, match="integers, not float64"):
        functional.one_hot([0.5], 3)
    assert type(functional.one_hot(Tensor(np.array([1])), 2)) is Tensor


@pytest.mark.parametrize("rows", [(), (4,), (2, 3)])
def test_cross_entropy_of_classes_is_that_of_their_one_hot_rows(rng, rows):
    z, classes = rng.normal(size=(*rows, 3)), rng.integers(0, 3, rows)
    losses = [
        functional.cross_entropy(Tensor(z, requires_grad=True), target)
        for target in (classes, functional.one_hot(classes, 3))
    ]
    assert losses[0].item() == losses[1].item()
    picked = np.take_along_axis(functional.log_softmax(z), np.expand_dims(classes, -1), -1)
    np.testing.assert_allclose(losses[0].item(), -picked.mean())


def test_the_gradient_of_cross_entropy_is_softmax_minus_target(rng):
    z, classes = Tensor(rng.normal(size=(4, 3)), requires_grad=True), rng.integers(0, 3, 4)
    functional.cross_entropy(z, classes).backward()
    expected = (functional.softmax(z.numpy()) - functional.one_hot(classes, 3)) / 4
    np.testing.assert_allclose(z.grad.numpy(), expected, atol=1e-15)


def test_cross_entropy_names_the_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"logits of shape \(4, 3\) take class numbers of shape \(4,\).*\(3,\)"):
        functional.cross_entropy(Tensor(np.ones((4, 3))), [0, 1, 2])
