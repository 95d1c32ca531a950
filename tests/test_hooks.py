"""Hooks see each complete gradient once a sweep and may replace it; results keep their gradients where asked to."""

from __future__ import annotations

import copy
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.support import refused


@pytest.fixture
def w():
    return Tensor([1.0, 2.0, 3.0], requires_grad=True, name="w")


def test_a_hook_on_a_leaf_sees_its_gradient_and_changes_nothing_by_returning_nothing(w):
    seen = []
    w.register_hook(seen.append)
    np.sum(w * w).backward()
    assert [type(g) for g in seen] == [Tensor] and seen[0].numpy().tolist() == [2, 4, 6]
    assert w.grad.numpy().tolist() == [2, 4, 6]


def test_a_hook_sees_the_complete_gradient_once(w):
    seen = []
    h = w * 1
    h.register_hook(seen.append)
    np.sum(h * h + h * 5 + np.exp(h * 0)).backward()
    assert len(seen) == 1 and seen[0].numpy().tolist() == [7, 9, 11]


def test_what_a_hook_returns_takes_the_place_of_the_gradient(w):
    h = w * 2
    h.register_hook(lambda g: g * 10)
    h.register_hook(lambda g: g.numpy() + 1)
    w.register_hook(lambda g: g - 0.5)
    np.sum(h).backward()
    assert w.grad.numpy().tolist() == [21.5] * 3
    np.sum(w).backward()
    assert w.grad.numpy().tolist() == [22.0] * 3  # of what this sweep adds, not of the sum


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_hook_on_the_root_sees_what_the_sweep_begins_with(w, create_graph):
    loss = np.sum(w)
    loss.register_hook(lambda g: g * 4)
    loss.backward(create_graph=create_graph)
    assert w.grad.numpy().tolist() == [4, 4, 4]
    x = Tensor(1.0, requires_grad=True)
    x.register_hook(lambda g: g * 3)
    x.backward(create_graph=create_graph)
    assert x.grad.item() == 3


def test_a_removed_hook_is_not_called(w):
    calls = []
    first, second = w.register_hook(lambda g: calls.append(1)), w.register_hook(lambda g: calls.append(2))
    np.sum(w).backward()
    first.remove()
    first.remove()
    np.sum(w).backward()
    second.remove()
    np.sum(w).backward()
    assert calls == [1, 2, 2]


def test_a_hook_may_remove_itself(w):
    calls = []

    def once(g):
        calls.append(g)
        handle.remove()

    handle = w.register_hook(once)
    for _ in range(3):
        np.sum(w).backward()
    assert len(calls) == 1


def test_what_a_hook_does_is_recorded_under_create_graph_and_only_there(w):
    recorded = []

    def hook(g):
        recorded.append((g * w).requires_grad)
        return g * w

    h = w * 1.0
    h.register_hook(hook)
    y = np.sum(h**2)
    y.backward()
    assert w.grad.numpy().tolist() == [2, 8, 18]  # 2 w · w
    w.grad = None
    y.backward(create_graph=True)
    first, w.grad = w.grad, None
    np.sum(first).backward()  # by way of h as well, whose hook then multiplies that gradient, 2 w, by w
    assert recorded == [False, True, False]
    assert w.grad.numpy().tolist() == [2 * a + 2 * a * a for a in (1, 2, 3)]


def test_a_hook_cannot_write_to_the_gradient_and_may_keep_it(w):
    h = w * 1
    u = Tensor(np.zeros(3), requires_grad=True)
    kept = []
    h.register_hook(kept.append)
    np.sum((h + u) * 2.0).backward()  # an addition hands one array to both
    with pytest.raises(ValueError, match="read-only"):
        kept[0].data[0] = 9
    u.grad.data[:] = 5
    w.grad.data[:] = 6
    assert kept[0].numpy().tolist() == [2, 2, 2]

    def write(g):
        g.data *= 2

    h.register_hook(write)
    with pytest.raises(ValueError, match="read-only"):
        np.sum(h).backward()


@pytest.mark.parametrize(
    ("returned", "kind", "saying"),
    [
        (lambda g: g[:2], ValueError, ["(2,)", "(3,)"]),
        (lambda g: np.ones((1, 3)), ValueError, ["(1, 3)", "(3,)"]),
        (lambda g: g.astype(np.float32), TypeError, ["float32", "float64", ".astype('float64')"]),
        (lambda g: np.ones(3, int), TypeError, ["int64", "float64"]),
        (lambda g: 0.0, TypeError, ["a float", "(3,)", "float64", "None"]),
        (lambda g: [1.0, 2.0, 3.0], TypeError, ["a list"]),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_gradient_of_another_shape_or_dtype_is_refused(w, returned, kind, saying, create_graph):
    w.register_hook(returned)
    with refused(kind, w, saying=["hook", "lambda", "'w'", *saying]):
        np.sum(w).backward(create_graph=create_graph)


def test_an_error_in_a_hook_leaves_the_gradients_as_they_were(w):
    u = Tensor(2.0, requires_grad=True)

    def fails(g):
        raise ZeroDivisionError

    w.register_hook(fails)
    with refused(ZeroDivisionError, w, u, saying=[]):
        np.sum(w * u).backward()
    with ag.no_grad():
        assert not (w * 1).requires_grad
    assert (w * 1).requires_grad


def test_hooks_are_refused_where_no_gradient_flows_or_no_function_is_given(w):
    x = Tensor(1.0, name="x")
    for call in (lambda: x.register_hook(print), x.retain_grad):
        with refused(RuntimeError, x, saying=["'x'", "requires_grad=True", "()"]):
            call()
    with refused(TypeError, w, saying=["function", "int"]):
        w.register_hook(3)


def test_float32_and_scalars_keep_their_kind():
    x = Tensor(np.float32(2), requires_grad=True)
    x.register_hook(lambda g: g * 2)
    (x * x).backward()
    assert x.grad.dtype == np.float32 and x.grad.item() == 8


# Where they run -------------------------------------------------------------------------------------------------------


def test_hooks_inside_a_transform_run_in_its_sweeps():
    def f(x):
        h = x * x
        h.register_hook(lambda g: g * 100)
        return np.sum(h)

    assert ag.grad(f)(np.array([1.0, 2.0])).tolist() == [200, 400]
    assert ag.grad(ag.grad(lambda x: f(x) * 1.0))(3.0) == 200


def test_hooks_on_the_argument_inside_of_f_run_too():
    def f(x):
        x.register_hook(lambda g: g + 1)
        return x * 3

    assert ag.grad(f)(2.0) == 4
    assert ag.grad(f)(Tensor(2.0, requires_grad=True)).item() == 4


def test_a_hook_on_a_tensor_from_around_runs_where_its_gradient_is_computed(w):
    calls = []
    w.register_hook(calls.append)
    g = ag.grad(lambda x: np.sum(x * w))(2.0)
    assert not calls
    g.backward()
    assert len(calls) == 1 and w.grad.numpy().tolist() == [1, 1, 1]


def test_derivations_show_the_gradients_without_hooks(w):
    calls = []
    h = w * w
    h.register_hook(lambda g: calls.append(g) or g * 2)
    assert ag.derive(np.sum(h)).verify().ok and not calls


def test_a_hook_does_not_mark_a_graph_as_changed(w):
    h = w * w
    w.register_hook(lambda g: g * 2)
    np.sum(h).backward()
    assert w.grad.numpy().tolist() == [4, 8, 12]


def test_hooks_end_with_their_tensor(w):
    def ghost_of_one_whose_hook_holds_it():
        h = w * 2
        h.register_hook(lambda g: g * h.numpy())
        return weakref.ref(h)

    ghost = ghost_of_one_whose_hook_holds_it()
    gc.collect()
    assert ghost() is None


def test_hooks_stay_behind_in_copies(w):
    w.register_hook(lambda g: g * 100)
    for twin in (copy.copy(w), copy.deepcopy(w)):
        np.sum(twin).backward()
        assert twin.grad.numpy().tolist() == [1, 1, 1]


def test_threads_run_hooks_in_their_own_sweeps():
    seen = threading.local()

    def work(k):
        x = Tensor(float(k), requires_grad=True)
        h = x * 2
        h.register_hook(lambda g: setattr(seen, "k", k) or g * k)
        (h * 3).backward()
        return seen.k, x.grad.item()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(50))) == [(k, 6.0 * k) for k in range(50)]


# retain_grad ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_result_keeps_its_gradient_where_asked_to(w, create_graph):
    h = w * 2
    k = h * h
    loss = np.sum(k)
    for t in (h, loss):
        t.retain_grad()
        t.retain_grad()
    loss.backward(create_graph=create_graph)
    assert h.grad.numpy().tolist() == [4, 8, 12] and loss.grad.item() == 1 and k.grad is None
    assert w.grad.numpy().tolist() == [8, 16, 24]
    loss.backward()
    assert h.grad.numpy().tolist() == [8, 16, 24] and loss.grad.item() == 2
    h.zero_grad()
    assert h.grad is None


def test_a_retained_gradient_is_an_array_of_its_own(w):
    h = w * 1
    k = h + 0
    for t in (h, k):
        t.retain_grad()
    np.sum(k + w).backward()
    arrays = [t.grad.data for t in (h, k, w)]
    for a in arrays:
        assert not any(np.shares_memory(a, b) for b in arrays if b is not a)


def test_a_retained_gradient_can_be_differentiated(w):
    h = w * w
    h.retain_grad()
    np.sum(h**3).backward(create_graph=True)
    w.grad = None
    np.sum(h.grad).backward()
    assert w.grad.numpy().tolist() == [6 * a * a * 2 * a for a in (1, 2, 3)]


def test_it_is_the_gradient_after_the_hooks(w):
    h = w * 1
    h.retain_grad()
    h.register_hook(lambda g: g * 7)
    np.sum(h).backward()
    assert h.grad.numpy().tolist() == [7, 7, 7]


def test_a_leaf_keeps_its_gradient_anyway(w):
    w.retain_grad()
    np.sum(w).backward()
    assert w.grad.numpy().tolist() == [1, 1, 1]


def test_transforms_leave_no_gradient_behind():
    kept = []

    def f(x):
        h = x * x
        h.retain_grad()
        kept.append(h)
        return h * 2

    assert ag.grad(f)(3.0) == 12 and kept[0].grad is None
