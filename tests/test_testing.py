"""check_grads accepts what is right and, first of all, finds what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag

X = np.array([[0.3, -0.7, 1.1], [0.9, 0.2, -1.3]])


def row(forward, *rules):
    return ag.primitive(forward, *rules, name="mine")


def test_a_right_rule_passes_and_the_largest_error_is_returned():
    assert 0 <= ag.check_grads(row(np.sin, lambda g, y, x: g * np.cos(x)), [X]) < 1e-6
    assert 0 <= ag.check_grads(lambda a, b: a @ b, [X, X.T], order=3) < 1e-6


WRONG = {
    "sign": row(lambda x: x * x, lambda g, y, x: -2 * g * x),
    "factor": row(lambda x: x * x, lambda g, y, x: g * x),
    "factor of a hundred thousandth": row(lambda x: x * x, lambda g, y, x: 2.00002 * g * x),
    "zero": row(lambda x: x * x, lambda g, y, x: g * 0),
    "nothing": row(lambda x: x * x, None),
    "nan": row(lambda x: x * x, lambda g, y, x: g * np.nan),
    "transposed": row(lambda x: x * 1.0, lambda g, y, x: g.T),
    "reversed": row(lambda x: x * 1.0, lambda g, y, x: g[::-1]),
    "right for a gradient of ones only": row(lambda x: x * x, lambda g, y, x: 2 * x),
    "summed over an axis": row(lambda x: x * 1.0, lambda g, y, x: g.sum(axis=0)),
    "one entry": row(lambda x: x * x, lambda g, y, x: 2 * g * x * (x != 0.5)),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_rule_is_found(mistake):
    square = np.random.default_rng(5).normal(size=(3, 3))
    square[1, 2] = 0.5
    with pytest.raises(AssertionError, match="argument 0"):
        ag.check_grads(WRONG[mistake], [square])


def test_a_rule_for_the_wrong_operand_is_found():
    swapped = row(lambda a, b: a * b, lambda g, y, a, b: g * a, lambda g, y, a, b: g * b)
    with pytest.raises(AssertionError, match="argument 0"):
        ag.check_grads(swapped, [X, X + 2])
    second = row(lambda a, b: a - b, lambda g, y, a, b: g, lambda g, y, a, b: g)
    with pytest.raises(AssertionError, match="argument 1"):
        ag.check_grads(second, [X, X + 2])


def test_a_rule_that_is_wrong_in_second_order_only_is_found():
    by_hand = ag.primitive(lambda x: 2 * x, lambda g, y, x: 3 * g, name="wrong")
    outer = row(lambda x: x * x, lambda g, y, x: g * by_hand(x))
    assert ag.check_grads(outer, [X]) < 1e-6
    with pytest.raises(AssertionError, match="backpropagation gives"):
        ag.check_grads(outer, [X], order=2)


def test_a_rule_that_cuts_the_graph_is_found_in_second_order():
    cut = row(lambda x: x * x * x, lambda g, y, x: g * 3 * (x * x if isinstance(x, np.ndarray) else x.detach() ** 2))
    assert ag.check_grads(cut, [X]) < 1e-6
    with pytest.raises(AssertionError, match="backpropagation gives"):
        ag.check_grads(cut, [X], order=2)


def test_the_message_shows_the_entry_and_both_numbers():
    with pytest.raises(AssertionError, match=r"entry \(1,\): backpropagation gives -?\d.* central differences -?\d"):
        ag.check_grads(row(lambda x: x * np.array([1.0, 2.0]), lambda g, y, x: g * 1.0), [np.array([1.0, 2.0])])


def test_arguments_that_are_not_real_floating_stay_as_they_are():
    assert ag.check_grads(lambda x, n, b: x * n * b, [X, np.array([2, 3, 4]), X > 0]) < 1e-6
    with pytest.raises(TypeError, match="real floating"):
        ag.check_grads(lambda n: n * 2, [np.arange(3)])


def test_float32_has_a_tolerance_of_its_own_and_arguments_are_not_written_to():
    x = X.astype(np.float32)
    kept = x.copy()
    assert ag.check_grads(lambda t: np.exp(t) * t, [x]) < 2e-3
    assert np.array_equal(x, kept)
    with pytest.raises(AssertionError):
        ag.check_grads(lambda t: np.exp(t) * t, [x], rtol=1e-12)


def test_tensors_lists_and_numbers_are_arguments_too():
    t = ag.Tensor(X, requires_grad=True, name="t")
    assert ag.check_grads(lambda a, b, c: a * b + c, [t, [1.0, 2.0, 3.0], 2.0]) < 1e-6
    assert t.grad is None and t.data is X


def test_an_unused_argument_has_a_gradient_of_zeros():
    assert ag.check_grads(lambda a, b: a * 2, [X, X], order=2) < 1e-6


def test_other_arguments_than_floating_ones_stay_as_they_are():
    seen = []

    def f(x, power, nothing, mask, table, y):
        seen.append((type(x), power, nothing, mask, table, type(y)))
        return np.where(mask, x**power, y)

    mask, table, n = np.array([True, False]), {"a": [1, [2]]}, ag.Tensor(3)
    assert ag.check_grads(f, [np.array([0.5, 2.0]), 3, None, mask, table, 1.5], order=2) < 1e-6
    for x, power, nothing, given, other, y in seen:
        assert x is y is ag.Tensor and type(power) is int and nothing is None and given is mask and other is table
    assert ag.check_grads(lambda x, k: x * (k is n), [0.5, n]) < 1e-6
    with pytest.raises(TypeError, match="no argument is real floating"):
        ag.check_grads(lambda x: x, [[[1], [2, 3]]])
