"""The check of a derivation: printed formulas and central differences against the engine, in every dtype."""

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.derivation.steps import steps
from autograd.derivation.verify import verify
from tests.derivation.rows import derived_from, samples

rng = np.random.default_rng(3)


def leaf(value, name):
    return Tensor(value, requires_grad=True, name=name)


a, single = leaf(rng.normal(size=3), "a"), leaf(rng.normal(size=3).astype(np.float32), "e")


@pytest.mark.parametrize(
    "result",
    [
        lambda: -np.sum(a * np.array([1, 2, 200], np.uint8)),
        lambda: np.sum(a * np.array([1, 2, 3], np.uint8)) - np.sum(a * np.array([2, 2, 200], np.uint8)),
        lambda: np.sum(a * np.array([100, -100, 50], np.int8) * np.array([2, 3, 4], np.int8)),
        lambda: np.sum(a * np.array([True, False, True])) - np.sum(a * np.array([True, True, False])),
        lambda: np.sum(a * rng.normal(size=3).astype(np.float32) * rng.normal(size=3).astype(np.float32)),
        lambda: np.sum(np.exp(single * single) * a),
        lambda: np.mean((a * single - np.arange(3, dtype=np.float16)) ** 2),
        lambda: np.sum(np.sum(2 * a, initial=3.0) ** 2),
        lambda: np.sum(np.sqrt(a) ** 2 * a),
        lambda: 3 * np.sum(np.exp(a.astype(np.float32))),
        lambda: np.sum(np.where(np.array([True, False, True]), a, -np.inf).max(initial=-np.inf)),
        lambda: np.sum(ag.grad(lambda t: np.sum(np.sin(t) ** 3))(a * a)),
        lambda: np.sum(np.interp(np.exp(a), [0.0, 1.0, 9.0], [1.0, 3.0, 2.0], left=5.0)),
        lambda: -2 * np.sum(np.zeros((2, 3)) + single[0]),
        lambda: np.sum(0.0 * a * single) + np.sum(0.0 * np.exp(a) * single),
    ],
)
def test_what_is_printed_agrees_with_what_was_computed(result):
    with np.errstate(invalid="ignore"):
        checked = verify(steps(result()))
    assert checked.ok and all(check.twin is not None for check in checked.checks), str(checked)


def test_verification_measures_against_engine_and_differences():
    w = leaf([[1.0, -2.0], [0.5, 3.0]], "W")
    result = verify(steps(np.sum(np.tanh(w @ w.T) / 2)))
    assert result.ok and all(check.twin < 1e-12 and check.differences < 1e-9 for check in result.checks)
    assert str(result).splitlines()[0].startswith("gradient")
    assert result.checks[-1].compared == result.checks[-1].entries == 4


def test_verification_finds_a_wrong_rule():
    wrong = ag.primitive(lambda t: t * t * t, lambda g, y, t: g * 2 * t, name="wrong")
    x = leaf(1.5, "x")
    result = verify(steps(wrong(x) + 1))
    assert not result.ok and "WRONG" in str(result)


def test_verification_looks_closer_where_a_kink_is_near():
    x = leaf([1e-4, -1e-5, 2.0], "x")
    assert verify(steps(np.sum(np.maximum(x, 0) * 3))).ok


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_verification_knows_the_precision_of_the_dtype(dtype):
    w = leaf(np.array([[0.3, -1.2], [0.7, 0.1]], dtype=dtype), "w")
    assert verify(steps(np.mean(np.exp(w @ w) / 3))).ok


def test_verification_of_a_long_graph_is_bounded():
    value = x = leaf(0.1, "x")
    for _ in range(3000):
        value = np.tanh(value) * 1.001
    checks = verify(steps(value)).checks
    assert all(check.twin is not None for check in checks)
    assert all(check.differences is None and check.compared == 0 for check in checks)
    assert all(check.ok for check in checks) and x.grad is None


@pytest.mark.parametrize(("row", "sample"), list(samples()))
def test_every_rows_printed_formula_evaluates_to_the_engines_gradient(row, sample):
    result = verify(derived_from(row, sample))
    assert result.ok, str(result)
    assert all(check.source is not None for check in result.checks)


def test_verification_of_float16_tells_rounding_from_a_wrong_rule():
    wrong = ag.primitive(lambda t: t * t * t, lambda g, y, t: g * 2 * t * t, name="wrong")
    x = leaf(np.array([0.3, -1.2, 0.7], dtype=np.float16), "x")
    assert verify(steps(np.mean(np.exp(x * x) / 3))).ok
    assert not verify(steps(np.sum(wrong(x)))).ok
