"""What the elementwise rows do where there is a choice: at zeros, ties, NaN, infinity; and far out."""

import math

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.primitives.primitive import by_numpy_function
from tests.support import refused


def gradient_of(f, x):
    t = Tensor(x, requires_grad=True)
    np.sum(f(t)).backward()
    return t.grad.numpy().tolist()


def test_zero_to_the_power_of_zero_is_one_with_gradient_zero():
    for a, b in ((0.0, 0.0), (np.zeros(2), np.zeros(2))):
        base, exponent = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
        y = base**exponent
        assert np.all(y.numpy() == 1)
        y.backward(np.ones(y.shape))
        assert not np.any(base.grad.numpy()) and not np.any(exponent.grad.numpy())


@pytest.mark.parametrize("exponent", [0, 0.0, 1, 2.0, 3])
def test_second_derivatives_of_powers_at_zero_are_finite(exponent):
    second = ag.grad(ag.grad(lambda x: x**exponent))(0.0)
    assert second == (2 if exponent == 2 else 0)


def test_the_number_of_a_number_and_nan_gets_the_gradient_of_fmax_and_fmin():
    b = np.array([np.nan, 2.0, 1.0])
    assert gradient_of(lambda t: np.fmax(t, b), [1.0, 1.0, 1.0]) == [1, 0, 0.5]
    assert gradient_of(lambda t: np.fmin(t, b), [1.0, 1.0, 1.0]) == [1, 1, 0.5]
    assert gradient_of(lambda t: np.fmax(t, 1.0), [np.nan, 3.0]) == [0, 1]


def test_what_nan_to_num_replaces_has_no_gradient():
    x = [1.5, np.nan, np.inf, -np.inf]
    assert gradient_of(np.nan_to_num, x) == [1, 0, 0, 0]
    t = Tensor(x, requires_grad=True)
    assert np.nan_to_num(t, copy=False, nan=2.0, posinf=3.0, neginf=-4.0).numpy().tolist() == [1.5, 2, 3, -4]
    assert np.isnan(t.numpy()[1]), "the argument was written to"


def test_heaviside_hands_its_gradient_to_the_value_at_zero():
    x, h = Tensor([-1.0, 0.0, 2.0], requires_grad=True), Tensor(0.5, requires_grad=True)
    np.sum(np.heaviside(x, h)).backward()
    assert x.grad is None and h.grad.item() == 1


def test_hypot_has_gradient_zero_at_the_origin():
    assert gradient_of(lambda t: np.hypot(t, 0.0), [0.0, 3.0]) == [0, 1]


def test_sinc_has_all_its_derivatives_at_zero():
    f, at_0 = np.sinc, []
    for _ in range(7):
        at_0.append(float(f(Tensor(0.0)).item() if f is np.sinc else f(0.0)))
        f = ag.grad(f)
    np.testing.assert_allclose(at_0[::2], [1, -(np.pi**2) / 3, np.pi**4 / 5, -(np.pi**6) / 7], rtol=1e-12)
    assert at_0[1::2] == [0, 0, 0]


def test_the_derivative_of_sinc_has_all_its_digits_near_zero_and_far():
    x = np.array([1e-9, 1e-5, 0.1, 0.9999999, 1.0000001, 1.3])
    exact = [
        sum((-1) ** k * np.pi ** (2 * k) * 2 * k * v ** (2 * k - 1) / math.factorial(2 * k + 1) for k in range(1, 25))
        for v in x
    ]
    np.testing.assert_allclose(gradient_of(np.sinc, x), exact, rtol=1e-13)


def test_bessel_functions_far_out_and_near_zero():
    # I₁(x) = x/2 (1 + x²/8 + …); and e⁻ˣ √(2πx) I₁(x) = 1 − 3/(8x) − 15/(128x²) − 315/(3072x³) − ….
    assert gradient_of(np.i0, [1e-9, 0.0, -1e-9]) == pytest.approx([5e-10, 0, -5e-10], rel=1e-13, abs=0)
    for x in (100.0, 700.0):
        terms = [1.0]
        for k in range(1, 12):
            terms.append(-terms[-1] * (4 - (2 * k - 1) ** 2) / (k * 8 * x))
        expected = math.exp(x) / math.sqrt(2 * math.pi * x) * sum(terms)
        assert gradient_of(np.i0, [x]) == pytest.approx([expected], rel=1e-12)


def test_a_remainder_takes_the_sign_that_numpy_gives_it():
    x = np.array([5.3, -5.3])
    for f in (np.remainder, np.fmod):
        assert f(Tensor(x), 3.0).numpy().tolist() == f(x, 3.0).tolist()
    assert gradient_of(lambda b: np.remainder(np.array([5.3, -5.3]), b), [3.0, 3.0]) == [-1, 2]
    assert gradient_of(lambda b: np.fmod(np.array([5.3, -5.3]), b), [3.0, 3.0]) == [-1, 1]


def test_of_complex_numbers_real_and_imaginary_parts_are_constants():
    z = Tensor(np.array([1 + 2j, 3 - 1j]))
    assert z.real.numpy().tolist() == [1, 3] and z.imag.numpy().tolist() == [2, -1]
    assert np.real_if_close(Tensor(np.array([1 + 0j]))).numpy().tolist() == [1]


def test_select_takes_the_first_condition_that_holds():
    x = Tensor([-1.0, 0.5, 3.0], requires_grad=True, name="x")
    y = np.select([x > 1, x > 0], [x**2, 2 * x], default=-7.0)
    assert y.numpy().tolist() == [-7, 1, 9]
    np.sum(y).backward()
    assert x.grad.numpy().tolist() == [0, 2, 6]
    with refused(TypeError, x, saying=["select", "bool"]):
        np.select([np.array([1, 0, 1])], [x])
    with refused(ValueError, x, saying=["a choice for each condition"]):
        np.select([x > 1], [x, x])


PAIRS = [f for f in by_numpy_function if isinstance(f, np.ufunc) and f.signature is None and "dd->d" in f.types]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64])
@pytest.mark.parametrize(
    "f",
    [
        *PAIRS,
        lambda x, k: np.interp(x, k, np.flip(k)),
        lambda x, k: np.linalg.lstsq(np.diag(k), x)[0],
    ],
)
def test_integers_beside_a_tensor_count_as_the_numbers_they_are(f, dtype):
    x, k = [1.3, 0.7, 2.1], np.array([3, 50, 100], dtype)
    for g in (f, lambda x, k: f(k, x)) if f in PAIRS else (f,):  # + t: some of either are constant
        expected = gradient_of(lambda t, g=g: g(t, k.astype(float)) + t, x)
        np.testing.assert_allclose(gradient_of(lambda t, g=g: g(t, k) + t, x), expected, rtol=1e-12)
