"""The recorded graph: what it consists of, and that it still holds when it is used."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.graph import ancestors
from tests.support import refused


@pytest.fixture
def w():
    return Tensor([1.0, 2.0], requires_grad=True, name="w")


def test_ancestors_come_before_what_was_made_from_them(w):
    a = w * 2
    b = np.exp(a)
    c = a + b
    d = c * w
    assert [id(t) for t in ancestors(d)] == [id(t) for t in (w, a, b, c, d)]


def test_ancestors_stop_where_they_are_told_to(w):
    a = w * 2
    b = np.exp(a)
    assert [id(t) for t in ancestors(b, stop=frozenset({a}))] == [id(a), id(b)]


def test_inputs_keep_their_order_and_their_multiplicity(w):
    v = Tensor([3.0, 4.0], requires_grad=True)
    assert (w - v).inputs == (w, v) and (v - w).inputs == (v, w)
    assert (w * w).inputs == (w, w)


def test_a_result_says_how_it_was_made(w):
    y = np.sum(w, axis=0, keepdims=True)
    assert y.primitive.__name__ == "sum" and y.inputs == (w,) and y.options == {"axis": 0, "keepdims": True}


def test_what_needs_no_gradient_is_not_recorded(w):
    constant = Tensor([1.0, 2.0])
    y = constant * 2
    assert y.primitive is None and y.inputs == ()
    assert (y * w).inputs == (y, w)


# A value changed after it was used ----------------------------------------------------------------------------------


def subtracted(t):
    t.data -= 1.0


def assigned(t):
    t.data = t.data + 1.0


CHANGES = pytest.mark.parametrize("change", [subtracted, assigned], ids=["t.data -= …", "t.data = …"])


@CHANGES
def test_a_parameter_changed_after_it_was_used_is_refused(w, change):
    loss = np.sum(np.square(w))
    loss.name = "loss"
    change(w)
    with refused(RuntimeError, w, loss, saying=["'w'", "(2,)", "square", ".data", "before the update"]):
        loss.backward()
    with refused(RuntimeError, w, loss, saying=["'w'"]):
        loss.backward(create_graph=True)


@CHANGES
def test_a_constant_changed_after_it_was_used_is_refused(w, change):
    x = Tensor([5.0, 6.0], name="x")
    loss = np.sum(w * x)
    change(x)
    with refused(RuntimeError, w, x, loss, saying=["'x'", "multiply"]):
        loss.backward()


@CHANGES
def test_a_result_changed_after_it_was_computed_is_refused(w, change):
    y = np.exp(w)
    y.name = "y"
    loss = np.sum(y)
    change(y)
    with refused(RuntimeError, w, y, saying=["'y'", "exp"]):
        y.backward(np.ones(2))
    with refused(RuntimeError, w, y, loss, saying=["'y'", "sum"]):
        loss.backward()


@CHANGES
def test_a_change_inside_the_function_that_is_differentiated_is_refused(w, change):
    def f(x):
        y = np.sum(x * w)
        change(w)
        return y

    with refused(RuntimeError, saying=["'w'", "multiply"]):
        ag.grad(f)(np.array([1.0, 2.0]))


def test_an_update_between_two_steps_is_welcome(w):
    for _ in range(3):
        w.zero_grad()
        np.sum(np.square(w)).backward()
        w.data -= 0.25 * w.grad.data
    assert w.data.tolist() == [0.125, 0.25]


def test_an_update_of_what_a_graph_does_not_use_is_welcome(w):
    other = Tensor([1.0, 2.0], requires_grad=True)
    loss = np.sum(np.square(w))
    other.data -= 1.0
    loss.backward()
    assert w.grad.numpy().tolist() == [2, 4]


def test_an_update_before_the_use_is_welcome(w):
    old = np.sum(w * 2)
    w.data -= 1.0
    new = np.sum(np.square(w))
    new.backward()
    assert w.grad.numpy().tolist() == [0, 2]
    with refused(RuntimeError, w, old, saying=["'w'"]):
        old.backward()


def test_backward_may_come_after_an_update_of_what_was_used_by_another_graph_only(w):
    loss = np.sum(np.square(w))
    loss.backward()
    w.data -= 0.5
    w.zero_grad()
    again = np.sum(np.square(w))
    again.backward()
    assert w.grad.numpy().tolist() == [1, 3]
