"""What reductions and scans do where there is a choice: zeros, ties, NaN, masks, nothing at all."""

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.support import refused


def gradient_of(f, x):
    t = Tensor(x, requires_grad=True)
    np.sum(f(t)).backward()
    return t.grad.numpy().tolist()


@pytest.mark.parametrize(
    ("x", "gradient"), [([2.0, 3.0, 4.0], [12, 8, 6]), ([2.0, 0.0, 3.0], [0, 6, 0]), ([0.0, 5.0, 0.0], [0, 0, 0])]
)
def test_gradients_of_a_product_are_exact_where_entries_are_zero(x, gradient):
    assert gradient_of(np.prod, x) == gradient


def test_second_and_third_derivatives_of_a_product_are_exact_where_entries_are_zero():
    x = np.array([0.0, 3.0, 0.0, 2.0])
    hessian = ag.hessian(np.prod)(x)
    expected = np.zeros((4, 4))
    expected[0, 2] = expected[2, 0] = 6
    assert np.array_equal(hessian, expected)
    third = ag.jacobian(ag.hessian(np.prod))(x)
    assert third[0, 1, 2] == 2 and third[0, 2, 3] == 3 and third[1, 2, 3] == 0


@pytest.mark.parametrize("x", [[2.0, 0.0, 3.0, 0.0, 1.5], [0.0, 1.0, -2.0, 3.0, 0.5]])
def test_running_products_differentiate_at_zeros(x):
    for f in (np.cumprod, lambda t: np.cumprod(t[::-1]), np.nancumprod):
        assert ag.check_grads(f, [np.array(x)], order=2) < 1e-6


def test_the_standard_deviation_of_equal_entries_has_gradient_zero():
    for f in (np.std, np.nanstd, lambda t: np.std(t, where=np.array([True, True, False]))):
        assert gradient_of(f, [2.0, 2.0, 2.0]) == [0, 0, 0]


def test_entries_that_tie_for_the_median_share_its_gradient():
    assert gradient_of(np.median, [1.0, 3.0, 2.0]) == [0, 0, 1]
    assert gradient_of(np.median, [1.0, 3.0, 2.0, 4.0]) == [0, 0.5, 0.5, 0]
    assert gradient_of(np.median, [1.0, 2.0, 2.0]) == [0, 0.5, 0.5]
    assert gradient_of(lambda t: np.quantile(t, 0.25), [0.0, 1.0, 2.0, 4.0]) == [0.25, 0.75, 0, 0]


METHODS = (
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull"),
    *("linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"),
)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_quantiles(method):
    x = np.array([[0.7, -1.2, 0.4, 3.0, 1.1], [2.0, 0.1, -0.3, 0.9, 5.0]])
    for q in (0.0, 0.37, np.array([0.5, 0.81]), 1.0):
        assert ag.check_grads(lambda t, q=q: np.quantile(t, q, axis=1, method=method), [x], order=2) < 1e-6


def test_entries_that_are_nan_have_no_part_in_what_leaves_them_out():
    x = np.array([[0.7, np.nan, 0.4], [2.0, 0.1, np.nan]])
    names = ("nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanmedian", "nancumsum")
    for f in (*(getattr(np, name) for name in names), lambda t, **k: np.nanquantile(t, 0.3, **k)):
        t = Tensor(x, requires_grad=True)
        y = f(t, axis=1)
        np.testing.assert_array_equal(y.numpy(), f(x, axis=1))
        np.sum(y).backward()
        assert np.isfinite(t.grad.numpy()).all() and not t.grad.numpy()[np.isnan(x)].any()


def test_running_extremes_are_taken_from_where_they_were_first_met():
    assert gradient_of(np.maximum.accumulate, [1.0, 3.0, 3.0, 2.0]) == [1, 3, 0, 0]
    assert gradient_of(lambda t: np.minimum.accumulate(t, axis=1), [[2.0, 3.0, 1.0]]) == [[2, 0, 1]]


def test_reductions_of_nothing():
    empty = Tensor(np.zeros((0, 3)), requires_grad=True)
    for f, value in ((np.sum, 0), (np.prod, 1), (lambda t, axis: np.max(t, axis=axis, initial=5.0), 5)):
        y = f(empty, axis=0)
        assert y.numpy().tolist() == [value] * 3
        if y.requires_grad:
            y.backward(np.ones(3))
            assert empty.grad.shape == (0, 3)
    with refused(ValueError, empty, saying=["max", "(0, 3)"]):
        np.max(empty)
    least = Tensor(5.0, requires_grad=True)
    np.max(empty, axis=0, initial=least).backward(np.array([1.0, 2.0, 4.0]))
    assert least.grad.item() == 7 and empty.grad.shape == (0, 3)


def test_a_single_number_has_an_axis_as_in_numpy():
    scans = (np.sum, np.max, np.prod, np.cumsum, np.cumprod, lambda t, axis: np.repeat(t, 1, axis=axis))
    for f in scans:
        for axis in (0, -1):
            assert f(Tensor(3.0), axis=axis).shape == f(np.float64(3.0), axis=axis).shape
            assert gradient_of(lambda t, f=f, axis=axis: f(t, axis=axis), 3.0) == 1
    assert gradient_of(lambda t: np.repeat(t, 4, axis=0), 3.0) == 4


def test_what_a_sum_or_product_begins_with_does_not_change_its_dtype():
    x = np.array([1.5, 2.0], np.float32)
    for f in (np.sum, np.prod):
        for initial in (3, 2.5, np.float64(0.1)):
            y = f(Tensor(x), initial=initial)
            assert y.dtype == np.float32 and y.numpy() == f(x, initial=initial)
    assert np.sum(Tensor([1, 2]), initial=2.5).item() == np.sum([1, 2], initial=2.5) == 5


@pytest.mark.filterwarnings("ignore:.*empty slice|.*All-NaN:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
def test_medians_and_quantiles_of_nothing_pass_no_gradient():
    empty = Tensor(np.zeros((0, 3)), requires_grad=True)
    for f in (np.median, np.nanmedian, lambda t: np.nanquantile(t, [0.2, 0.5], axis=0)):
        y = f(empty)
        assert np.isnan(y.numpy()).all()
        np.sum(y).backward()
        assert empty.grad.shape == (0, 3)


def test_lines_with_equally_many_nan_have_the_gradients_of_lines_without():
    x = np.random.default_rng(0).normal(size=(3, 5))
    with_gaps = np.insert(x, [0, 3], np.nan, axis=1)
    for f in (np.nanmedian, lambda t, axis: np.nanquantile(t, [0.3, 0.9], axis=axis, method="hazen")):
        g = np.delete(gradient_of(lambda t, f=f: f(t, axis=1), with_gaps), [0, 4], axis=1)
        np.testing.assert_array_equal(g, gradient_of(lambda t, f=f: f(t, axis=1), x))


def test_sums_of_exponentials_of_minus_infinity_have_no_nan_gradient():
    x = [[-np.inf, 0.0], [-np.inf, -np.inf]]
    assert gradient_of(np.logaddexp.reduce, x) == [[0, 1], [0, 0]]
    assert gradient_of(lambda t: np.logaddexp(t[0], t[1]), x) == [[0, 1], [0, 0]]
    assert gradient_of(lambda t: np.logaddexp2(t[0], t[1]), x) == [[0, 1], [0, 0]]


def test_what_is_masked_out_has_no_gradient_not_even_nan():
    x = Tensor([1.0, np.nan, 3.0], requires_grad=True, name="x")
    mask = np.array([True, False, True])
    for f in (np.sum, np.mean, np.var, np.std, np.prod):
        x.grad = None
        f(x, where=mask).backward()
        assert x.grad.numpy()[1] == 0 and np.isfinite(x.grad.numpy()).all()
    assert not np.any(Tensor([True, False]), where=np.array([False, True])).item()
    assert np.all(Tensor([True, False]), where=Tensor([True, False])).item()
    with refused(ValueError, x, saying=["max", "initial="]):
        np.max(x, where=mask)


def test_float16_is_averaged_in_float32_as_numpy_does():
    x = np.full(70_000, 2.0, dtype=np.float16)
    assert np.mean(Tensor(x), where=np.full(x.shape, True)).item() == np.mean(x) == 2
    assert np.mean(Tensor(x)).item() == 2


def test_out_is_refused_by_position_and_by_name():
    x, out = Tensor([1.0, 2.0], requires_grad=True, name="x"), np.zeros(2)
    calls = (
        lambda: np.cumsum(x, 0, None, out), lambda: np.nansum(x, out=out), lambda: np.var(x, None, None, out),
        lambda: np.median(x, None, out), lambda: np.ptp(x, None, out), lambda: x.prod(out=out),
    )  # fmt: skip
    for call in calls:
        with refused(TypeError, x, saying=["out="]):
            call()
    assert not out.any()


def test_weights_that_sum_to_zero_are_refused():
    x = Tensor([1.0, 2.0], requires_grad=True)
    with refused(ZeroDivisionError, x, saying=["sum to zero"]):
        np.average(x, weights=[1.0, -1.0])
    with refused(TypeError, x, saying=["Axis must be specified"]):
        np.average(x, weights=[1.0, 1.0, 1.0])


def test_the_spacing_of_points_is_differentiated_too():
    y, x = np.array([0.5, 1.5, -0.25, 2.0]), np.array([0.0, 1.0, 2.0, 3.0])
    assert ag.check_grads(lambda y, x: np.trapezoid(y, x), [y, x], order=2) < 1e-6
    for order in (1, 2):
        assert ag.check_grads(lambda y, x, order=order: np.gradient(y, x, edge_order=order), [y, x], order=2) < 1e-6


def test_ends_of_sequences():
    assert ag.check_grads(lambda a, b: np.linspace(a, b, 1), [np.array(1.0), np.array(2.0)]) < 1e-6
    assert np.linspace(Tensor(1.0), Tensor(1.0), 3).numpy().tolist() == [1, 1, 1]
    assert np.linspace(Tensor(1.0), 2.0, 0).shape == (0,)
    assert np.linspace(Tensor(0.0), 5.0, 3, dtype=int).numpy().tolist() == [0, 2, 5]
    with pytest.raises(ValueError, match="zero"):
        np.geomspace(Tensor(0.0), 1.0)
    assert np.geomspace(Tensor(-1.0), -8.0, 4).numpy().tolist() == np.geomspace(-1.0, -8.0, 4).tolist()
