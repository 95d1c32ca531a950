"""The reverse sweep: every shape that a graph can have, and what backward leaves behind."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, tensor
from tests.support import refused


def leaf(data, name=None):
    return Tensor(data, requires_grad=True, name=name)


def grad_of(t):
    return t.grad.numpy().tolist()


# Shapes of graphs ---------------------------------------------------------------------------------------------------


def test_a_value_used_twice_by_one_operation_gets_both_gradients():
    x = leaf(3.0)
    (x * x).backward()
    assert grad_of(x) == 6
    x = leaf([2.0, 3.0])
    np.sum(x - x).backward()
    assert grad_of(x) == [0, 0]
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    np.sum(np.concatenate([x, x, x])).backward()
    assert grad_of(x) == [[3, 3], [3, 3]]


def test_fan_out_adds_up():
    x = leaf(2.0)
    sum(x * k for k in range(100)).backward()
    assert grad_of(x) == sum(range(100))


def test_a_shared_subgraph_is_swept_once():
    calls = []
    counted = ag.primitive(lambda x: x * 1.0, lambda g, y, x: calls.append(1) or g, name="counted")
    x = leaf(2.0)
    shared = counted(x)
    (shared * 3 + shared * shared).backward()
    assert grad_of(x) == 7 and len(calls) == 1


def test_a_late_use_of_an_old_value_waits_for_the_young_ones():
    x = leaf(1.0)
    old = x * 2
    young = old
    for _ in range(10):
        young = young * 1.0
    (old + young * old).backward()
    assert grad_of(x) == 2 + 8


def test_a_chain_of_diamonds_takes_time_for_its_nodes_not_its_paths():
    x = leaf(1.0)
    y = x
    for _ in range(18):
        y = y + y
    y.backward()
    assert grad_of(x) == 2**18
    z = x
    for _ in range(500):
        z = np.tanh(z) + z * 0.5
    x.zero_grad()
    z.backward(create_graph=True)
    assert np.isfinite(x.grad.item())


def test_what_the_result_does_not_depend_on_gets_no_gradient():
    x, other = leaf(2.0), leaf(3.0)
    unused = other * x
    (x * x).backward()
    assert other.grad is None and unused.grad is None and grad_of(x) == 4


def test_constants_get_no_gradient():
    x, c = leaf(2.0), Tensor(5.0)
    (x * c).backward()
    assert c.grad is None and grad_of(x) == 5


def test_intermediate_values_get_no_grad():
    x = leaf([1.0, 2.0])
    y = np.exp(x)
    z = y * y
    for create_graph in (False, True):
        np.sum(z).backward(create_graph=create_graph)
        assert y.grad is None and z.grad is None


def test_a_leaf_is_its_own_gradient():
    x = leaf(2.0)
    x.backward()
    assert grad_of(x) == 1
    v = leaf([1.0, 2.0])
    v.backward([3.0, 4.0])
    assert grad_of(v) == [3, 4]


LONG = 200_000


def test_a_very_long_chain_runs_forward_and_backward_and_is_freed():
    x = leaf(1.0)
    y = x
    for _ in range(LONG):
        y = y + 1.0
    y.backward()
    assert y.item() == 1 + LONG and grad_of(x) == 1
    ghost = weakref.ref(y.inputs[0])
    del y
    assert ghost() is None


def test_a_very_long_chain_of_arrays_is_freed_too():
    x = leaf(np.ones(2))
    y = x
    for _ in range(LONG):
        y = -y
    np.sum(y).backward()
    assert grad_of(x) == [1, 1]
    del y


def test_a_very_long_chain_is_freed_from_its_middle():
    y = leaf(1.0)
    middle = None
    for i in range(LONG):
        y = y * 1.0
        middle = y if i == LONG // 2 else middle
    del y
    middle.backward()
    del middle


def test_a_long_chain_is_differentiated_twice():
    x = leaf(1.0)
    y = x
    for _ in range(2000):
        y = y * 1.0001
    (y * y).backward(create_graph=True)
    first, x.grad = x.grad, None
    first.backward()
    np.testing.assert_allclose(first.item(), 2 * 1.0001**4000, rtol=1e-9)
    np.testing.assert_allclose(x.grad.item(), 2 * 1.0001**4000, rtol=1e-9)
    first, x.grad = None, None


# Memory ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def ghosts_of(*tensors):
    return [weakref.ref(t) for t in tensors]


@pytest.mark.parametrize("create_graph", [False, True])
def test_reference_counting_alone_frees_a_graph(no_collector, create_graph):
    x = leaf([1.0, 2.0])
    y = np.exp(x) * x
    z = np.sum(np.concatenate([y[:1], y[1:]]) @ np.stack([x, x]))
    ghosts = ghosts_of(y, z, *y.inputs, *z.inputs)[:-1]
    z.backward(create_graph=create_graph)
    assert grad_of(x)
    x.zero_grad()
    ghosts = [ghost for ghost in ghosts if ghost() is not x]
    del y, z
    assert [ghost() for ghost in ghosts] == [None] * len(ghosts)


def test_reference_counting_alone_frees_what_a_transform_recorded(no_collector):
    ghosts = []

    def f(x):
        y = np.exp(x)
        ghosts.append(weakref.ref(y))
        return np.sum(y * x)

    ag.grad(f)(np.ones(3))
    ag.grad(lambda x: np.sum(ag.grad(f)(x)))(np.ones(3))
    assert [ghost() for ghost in ghosts] == [None] * len(ghosts)


def test_reference_counting_alone_frees_a_graph_after_an_error(no_collector):
    def failing(g, y, x):
        raise ZeroDivisionError

    broken = ag.primitive(lambda x: x * 1.0, failing, name="broken")
    y = broken(leaf(1.0)) * 2
    ghost = weakref.ref(y)
    try:
        y.backward()
    except ZeroDivisionError:
        pass
    else:
        raise AssertionError("the error did not come through")
    del y
    assert ghost() is None


def test_a_training_loop_does_not_grow(no_collector):
    import tracemalloc

    w = leaf(np.ones((20, 20)))

    def step():
        w.zero_grad()
        np.sum(np.tanh(w @ w)).backward()
        w.data -= 0.001 * w.grad.data

    for _ in range(5):
        step()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(50):
        step()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000


# What backward does -----------------------------------------------------------------------------------------------


def test_backward_again_accumulates_into_leaves():
    x = leaf([1.0, 2.0])
    y = np.sum(x * x)
    y.backward()
    first = x.grad
    y.backward()
    assert grad_of(x) == [4, 8] and first.numpy().tolist() == [2, 4]
    np.sum(3 * x).backward()
    assert grad_of(x) == [7, 11]
    x.zero_grad()
    y.backward()
    assert grad_of(x) == [2, 4]


def test_a_given_gradient_weights_the_result():
    x = leaf([1.0, 2.0])
    y = x * x
    for given in ([1.0, 10.0], (1, 10), np.array([1, 10]), np.array([1.0, 10.0], np.float32), Tensor([1.0, 10.0])):
        x.zero_grad()
        y.backward(given)
        assert grad_of(x) == [2, 40] and x.grad.dtype == np.float64
    s = leaf(3.0)
    (s * s).backward(10)
    assert grad_of(s) == 60


def test_gradients_belong_to_their_leaf_alone():
    x, y, z = leaf([1.0, 2.0]), leaf([3.0, 4.0]), leaf([5.0, 6.0])
    given = np.array([1.0, 1.0])
    for create_graph in (False, True):
        for t in (x, y, z):
            t.zero_grad()
        ((x + y) - (-z) + x[:]).backward(given, create_graph=create_graph)
        arrays = [x.grad.data, y.grad.data, z.grad.data, given, x.data, y.data, z.data]
        for i, a in enumerate(arrays):
            for b in arrays[:i]:
                assert not np.shares_memory(a, b)
        x.grad.data *= 2
        assert grad_of(y) == [1, 1] and given.tolist() == [1, 1]


def test_gradients_of_views_own_their_memory():
    for f in (lambda t: t.T, lambda t: t.reshape(-1), lambda t: t[::-1], lambda t: np.broadcast_to(t, (2, 2, 3))):
        x = leaf(np.ones((2, 3)))
        np.sum(f(x)).backward()
        assert x.grad.data.flags.writeable and x.grad.data.base is None
        x.grad.data[0, 0] = 7


def test_the_given_gradient_and_the_data_are_not_written_to():
    x = leaf(np.array([1.0, 2.0]))
    given = np.array([3.0, 4.0])
    x.data.flags.writeable = given.flags.writeable = False
    y = x * x
    y.backward(given)
    y.backward(given)
    assert grad_of(x) == [12, 32]


def test_a_gradient_has_the_shape_and_dtype_of_its_leaf():
    for dtype in (np.float16, np.float32, np.float64):
        for shape in ((), (1,), (2, 1, 3)):
            x = leaf(np.ones(shape, dtype))
            np.sum(x * np.ones((4, *shape[:-1], 3), np.float64)).backward()
            assert (x.grad.shape, x.grad.dtype) == (shape, dtype)


def test_float64_losses_of_float32_parameters():
    x = leaf(np.ones(3, np.float32))
    loss = np.mean((x - np.zeros(3)) ** 2)
    assert loss.dtype == np.float64
    loss.backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("data", [2.0, [0.5, 2.0]], ids=["scalar", "array"])
def test_third_order_against_the_analytic_derivatives(data):
    x = leaf(data)
    a = x.numpy()
    y = np.sum(x**5 * np.exp(x))
    expected = [
        np.exp(a) * (a**5 + 5 * a**4),
        np.exp(a) * (a**5 + 10 * a**4 + 20 * a**3),
        np.exp(a) * (a**5 + 15 * a**4 + 60 * a**3 + 60 * a**2),
    ]
    for wanted in expected:
        y.backward(create_graph=True)
        np.testing.assert_allclose(x.grad.numpy(), wanted, rtol=1e-12)
        assert x.grad.requires_grad
        y = np.sum(x.grad)
        x.grad = None


def test_without_create_graph_the_gradient_has_no_graph():
    x = leaf(2.0)
    (x**3).backward()
    assert not x.grad.requires_grad and x.grad.primitive is None


def test_a_gradient_given_as_a_tensor_is_differentiated_too():
    x, v = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (x * x).backward(v, create_graph=True)
    g, x.grad = x.grad, None
    np.sum(g).backward()
    assert grad_of(v) == [2, 4] and grad_of(x) == [6, 8]


def test_backward_works_inside_no_grad():
    x = leaf(2.0)
    y = x * x
    with ag.no_grad():
        y.backward()
    assert grad_of(x) == 4 and not x.grad.requires_grad


def test_rules_may_give_numbers_that_broadcast():
    ones = ag.primitive(lambda x: x.sum(), lambda g, y, x: g, name="total")
    x = leaf(np.ones((2, 3)))
    ones(x).backward()
    assert grad_of(x) == [[1, 1, 1], [1, 1, 1]]


# Refusals -------------------------------------------------------------------------------------------------------


def test_a_result_that_is_no_scalar_needs_a_gradient():
    x = leaf([1.0, 2.0], "x")
    y = x * x
    y.name = "y"
    for create_graph in (False, True):
        with refused(ValueError, x, y, saying=["backward()", "'y'", "(2,)", "np.sum"]):
            y.backward(create_graph=create_graph)


@pytest.mark.parametrize("given", [1.0, [1.0], [1.0, 2.0, 3.0], np.ones((1, 2)), Tensor(1.0)], ids=str)
def test_a_gradient_of_another_shape_is_refused(given):
    x = leaf([1.0, 2.0], "x")
    with refused(ValueError, x, saying=[str(np.shape(given)), "(2,)", "'x'"]):
        x.backward(given)


@pytest.mark.parametrize("given", [[1j, 2j], [True, False], ["a", "b"], [None, None], np.array([1, None])], ids=str)
def test_a_gradient_that_is_not_real_is_refused(given):
    x = leaf([1.0, 2.0], "x")
    with refused(TypeError, x, saying=["dtype"]):
        x.backward(given)


def test_a_result_without_a_graph_is_refused():
    x = leaf([1.0, 2.0], "x")
    c = Tensor(1.0, name="c")
    with ag.no_grad():
        cut = np.sum(x)
    for t, name in (
        (c, "'c'"),
        (c * 2, "unnamed"),
        (cut, "unnamed"),
        (x.detach(), "unnamed"),
        (x > 1, "the result of greater"),
    ):
        with refused(RuntimeError, x, c, t, saying=[name, "requires_grad=True", "no_grad()"]):
            t.backward()


def test_an_error_in_a_rule_leaves_every_gradient_as_it_was():
    def failing(g, y, x):
        raise ZeroDivisionError("in a rule")

    broken = ag.primitive(lambda x: x * 1.0, failing, name="broken")
    x, late = leaf(1.0, "x"), leaf(2.0, "late")
    with refused(ZeroDivisionError, x, late, saying=["in a rule"]):
        (broken(x) * late).backward()
    with refused(ZeroDivisionError, x, late, saying=["in a rule"]):
        (broken(x) * late).backward(create_graph=True)


def test_a_rule_whose_result_does_not_fit_is_refused():
    wrong = ag.primitive(lambda x: x * 1.0, lambda g, y, x: np.ones(5), name="wrong")
    x = leaf([1.0, 2.0], "x")
    with refused(ValueError, x, saying=["wrong", "(5,)", "(2,)"]):
        np.sum(wrong(x)).backward()


def test_a_rule_may_give_a_plain_number():
    wrong = ag.primitive(lambda x: x * 2.0, lambda g, y, x: 2.0, name="doubled")
    x = leaf(1.0, "x")
    wrong(x).backward()
    assert grad_of(x) == 2


# Changes that a graph notices -----------------------------------------------------------------------------------------


def test_requires_grad_switched_on_after_use_is_noticed():
    x, w = Tensor([1.0, 2.0], name="x"), leaf([3.0, 4.0], "w")
    y = np.sum((x * x) * w + x * w)
    x.requires_grad = True
    with refused(RuntimeError, x, w, saying=["requires_grad of Tensor 'x'", "(2,)", "multiply", "switched on"]):
        y.backward()
    np.sum((x * x) * w + x * w).backward()
    assert grad_of(x) == [9, 20]


def test_requires_grad_switched_on_before_use_or_again_is_no_change():
    x = Tensor([1.0, 2.0])
    x.requires_grad = True
    y = np.sum(x * x)
    x.requires_grad = True
    y.backward()
    assert grad_of(x) == [2, 4]


def test_what_becomes_of_a_tensor_does_not_touch_its_detached_copy():
    v, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    kept = w.detach()
    loss = np.sum(v * kept)
    w.data -= 1
    loss.backward()
    assert grad_of(v) == [3, 4]
    loss = np.sum(v * w)
    w.detach().data -= 1
    v.zero_grad()
    loss.backward()
    assert grad_of(v) == [2, 3]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_given_gradient_of_another_dtype_keeps_its_graph(dtype):
    x, v = leaf([1.0, 2.0]), Tensor(np.array([3.0, 5.0], dtype), requires_grad=True)
    (x * x).backward(v, create_graph=True)
    assert x.grad.dtype == np.float64 and grad_of(x) == [6, 20]
    gradient = x.grad
    np.sum(gradient).backward()
    assert v.grad is not None and grad_of(v) == [2, 4] and v.grad.dtype == dtype


def test_the_clock_of_changes_never_runs_back(monkeypatch):
    """Between one thread's look at the clock and its note, another thread changes a Tensor."""
    clock, other, v = tensor.next_order, leaf([1.0]), leaf([1.0])
    graphs = []

    def interrupted():
        now = clock()
        if not graphs:
            graphs.append(None)
            graphs.append(np.sum(other * v))
            other.data -= 1
        return now

    x = leaf([1.0])
    with monkeypatch.context() as patch:
        patch.setattr(tensor, "next_order", interrupted)
        x.data -= 1
    with refused(RuntimeError, other, v, saying=["multiply"]):
        graphs[1].backward()


@pytest.mark.parametrize(
    "index",
    [np.array([0, 1]), [0, 1], (np.array([0, 1]),), np.array([True, True, False]), ([True, True, False],)],
    ids=str,
)
def test_an_index_changed_after_its_use_changes_no_gradient(index):
    x = leaf([1.0, 2.0, 3.0])
    y = np.sum(x[index])
    array = index[0] if type(index) is tuple else index
    array[0], array[-1] = array[-1], array[0]
    array[1] = array[0]
    y.backward()
    assert grad_of(x) == [1, 1, 0]


def test_a_tensor_as_index_may_change_too():
    x, i = leaf([1.0, 2.0, 3.0]), Tensor([0, 1])
    y = np.sum(x[i])
    i.data[0] = 2
    y.backward()
    assert grad_of(x) == [1, 1, 0]
