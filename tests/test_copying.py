"""copy, deepcopy and pickle: what was one is one in the copy, gradients flow to the copy's own leaves, at any depth."""

from __future__ import annotations

import copy
import io
import pickle
import sys
import weakref
from itertools import pairwise
from types import ModuleType

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.graph import ancestors
from autograd.modes import EVERYTHING, record
from autograd.primitives import rows
from tests.support import refused, same


def pickled(x):
    return pickle.loads(pickle.dumps(x))


def pickled_in_python(x):
    file = io.BytesIO()
    pickle._Pickler(file, 5).dump(x)
    return pickle._loads(file.getvalue())


DEEP = pytest.mark.parametrize("way", [copy.deepcopy, pickled, pickled_in_python], ids=lambda way: way.__name__)
ANY = pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickled], ids=lambda way: way.__name__)

cube = ag.primitive(lambda x: x * x * x, lambda g, y, x: g * 3 * x * x, name="cubed")
circle = ag.primitive(
    lambda x: (np.sin(x), np.cos(x)),
    (lambda g, y, x: g * y[1], lambda g, y, x: -g * y[0]),
    name="circle",
)


@pytest.fixture
def w():
    return Tensor([1.0, 2.0, 3.0], requires_grad=True, name="w")


# Leaves -----------------------------------------------------------------------------------------------------------


@ANY
def test_a_leaf_keeps_value_gradient_and_name(w, way):
    np.sum(w * w).backward()
    twin = way(w)
    assert twin is not w and twin.requires_grad and twin.name == "w" and twin.primitive is None
    same(twin.data, w.data)
    same(twin.grad.data, w.grad.data)
    np.sum(twin * 3).backward()
    assert w.grad.numpy().tolist() == [2, 4, 6] and twin.grad.numpy().tolist() == [5, 7, 9]


@ANY
@pytest.mark.parametrize("data", [np.float64(2), np.float32(2), np.arange(3), np.True_, np.ones((0, 2)), np.array(1.5)])
def test_a_leaf_of_any_kind_is_copied_as_it_is(way, data):
    twin = way(Tensor(data))
    same(twin.data, data)
    assert not twin.requires_grad and twin.grad is None and twin.name is None


def test_memory_is_shared_by_copy_and_not_by_deepcopy(w):
    assert copy.copy(w).data is w.data
    copy.deepcopy(w).data[0] = 9
    assert w.data[0] == 1


def test_a_gradient_with_a_graph_is_copied_with_it(w):
    np.sum(w**3).backward(create_graph=True)
    for twin in (copy.deepcopy(w), pickled(w), pickled_in_python(w)):
        first, twin.grad = twin.grad, None
        np.sum(first).backward()
        assert twin.grad.numpy().tolist() == [6, 12, 18]
    assert w.grad.numpy().tolist() == [3, 12, 27]


# Graphs -----------------------------------------------------------------------------------------------------------


@DEEP
def test_the_copy_of_a_result_runs_backward_to_leaves_of_its_own(w, way):
    loss = np.sum(np.exp(w[1:]) * cube(w)[:2] + w.reshape(1, 3).max())
    loss.name = "loss"
    twin = way(loss)
    assert twin.name == "loss" and twin.item() == loss.item()
    leaf = next(x for x in ancestors(twin) if x.name == "w")
    assert leaf is not w
    twin.backward()
    assert w.grad is None
    loss.backward()
    same(leaf.grad.data, w.grad.data)


@DEEP
def test_shared_nodes_stay_shared(w, way):
    h = np.tanh(w)
    for roots in ([h, h * h, np.sum(h)], [np.sum(h), h, h * h], [h * 2, w, h]):
        twins = way(roots)
        assert len({x for t in twins for x in ancestors(t)}) == len({x for t in roots for x in ancestors(t)})
    y = way(h * h)
    assert y.inputs[0] is y.inputs[1]
    assert way((w, w * 2))[1].inputs[0] is not w


@DEEP
def test_a_net_and_its_loss_stay_connected(way):
    net = nn.MLP(3, 4, 2, rng=0)
    loss = nn.functional.mse_loss(net(np.ones((5, 3))), np.zeros((5, 2)))
    for twin, its_loss in (way((net, loss)), reversed(way((loss, net)))):
        its_loss.backward()
        assert all(p.grad is not None for p in twin.parameters())
    assert all(p.grad is None for p in net.parameters())


@DEEP
def test_one_array_stays_one_array(way):
    a = np.arange(3.0)
    x, y = Tensor(a, requires_grad=True), Tensor(a)
    twin = way(x * y)
    assert twin.inputs[0].data is twin.inputs[1].data is not a


@DEEP
def test_new_operations_may_use_the_original_and_the_copy(w, way):
    y = w * w
    y2, z = way(y), w * 3
    np.sum(y * y2 + z * y2 + y * way(y2)).backward()
    a = w.numpy()
    np.testing.assert_allclose(w.grad.numpy(), 2 * a * a**2 + 3 * a**2 + 2 * a * a**2, rtol=1e-14)
    orders = [x.order for t in (y, y2, z) for x in ancestors(t) if x.primitive is not None]
    assert len(set(orders)) == len(orders)


@DEEP
def test_operations_with_several_results_are_copied(w, way):
    sines, cosines = circle(w)
    loss = np.sum(sines**2 * cosines)
    twin = way([loss, sines])[0]
    leaf = next(x for x in ancestors(twin) if x.requires_grad and x.primitive is None)
    twin.backward()
    loss.backward()
    same(leaf.grad.data, w.grad.data)


@DEEP
def test_what_was_recorded_without_gradients_is_copied_too(way):
    with record(EVERYTHING):
        y = Tensor(2.0) * 3 + 1
    twin = way(y)
    assert not twin.requires_grad and [x.primitive and x.primitive.__name__ for x in ancestors(twin)] == [
        None,
        "multiply",
        "add",
    ]


def test_copies_are_made_under_no_grad_too(w):
    y = w * 2
    with ag.no_grad():
        for twin in (copy.copy(y), copy.deepcopy(y), pickled(y)):
            assert twin.requires_grad
    np.sum(twin).backward()


def test_copy_shares_the_graph(w):
    y = w * w
    y.name = "y"
    twin = copy.copy(y)
    assert twin is not y and twin.data is y.data and twin.name == "y"
    np.sum(twin * y).backward()
    assert w.grad.numpy().tolist() == [4, 32, 108]


@pytest.mark.parametrize("way", [copy.deepcopy, pickled, copy.copy], ids=lambda way: way.__name__)
def test_a_graph_of_100_000_nodes_is_copied_without_recursion(way):
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y * 1.00001
    twin = way(y)
    twin.backward()
    leaf = ancestors(twin)[0]
    assert leaf.grad.item() == pytest.approx(y.item(), rel=1e-9)


def test_many_tensors_and_many_running_totals_are_pickled_without_nesting():
    many = [Tensor(float(i), requires_grad=True) for i in range(10_000)]
    total = many[0]
    totals = [total := total + x for x in many]
    twins, sums = pickled((many, totals))
    sums[-1].backward()
    assert all(x.grad.item() == 1 + (i == 0) for i, x in enumerate(twins))


def test_gradients_of_many_parameters_do_not_nest():
    many = [Tensor(float(i), requires_grad=True) for i in range(3000)]
    sum((x * y for x, y in pairwise(many)), Tensor(0.0)).backward(create_graph=True)
    for twins in (copy.deepcopy(many), pickled(many)):
        assert twins[7].grad.item() == 6 + 8 and set(twins[7].grad.inputs) <= set(ancestors(twins[7].grad))


def test_nothing_is_held_after_pickling(w):
    y = w * 2
    pickle.dumps(y)
    ghost = weakref.ref(y)
    del y
    assert ghost() is None


# A graph that no longer holds -------------------------------------------------------------------------------------


@DEEP
def test_a_copy_of_an_outdated_result_refuses_backward_as_well(w, way):
    y = np.sum(w * w)
    w.data = w.data * 2
    for twins in ((w, y), (y, w)):
        twin = next(t for t in way(twins) if t.primitive is not None)
        with refused(RuntimeError, saying=["outdated when it was copied", "Compute it again"]):
            twin.backward()


@DEEP
def test_an_update_before_the_graph_outdates_neither_it_nor_its_copy(w, way):
    w.data = w.data * 2
    y = np.sum(w * w)
    copied, twin = way((w, y))
    twin.backward()
    assert copied.grad.numpy().tolist() == [4, 8, 12]


@DEEP
def test_a_copied_graph_notices_an_update_of_its_own_leaves(w, way):
    copied, twin = way((w, np.sum(w * w)))
    w.data = w.data * 2
    copied.data -= 1.0
    with refused(RuntimeError, saying=["'w'", "was changed"]):
        twin.backward()


# Primitives -------------------------------------------------------------------------------------------------------


@DEEP
def test_every_primitive_is_found_again(way):
    for row in (*rows, cube, circle, *(v for v in vars(nn.functional).values() if isinstance(v, type(cube)))):
        assert way(row) is row
    assert copy.copy(cube) is cube


def test_names_of_rows_are_unique():
    assert len({row.__name__ for row in rows}) == len(rows)


def test_a_primitive_that_no_module_holds_is_deepcopied_but_not_pickled(w):
    local = ag.primitive(lambda x: x * 2, lambda g, y, x: g * 2, name="local")
    y = local(w)
    assert copy.deepcopy(y).primitive is local
    with refused(TypeError, w, saying=["local", "cannot be pickled", "top level"]):
        pickle.dumps(y)


def test_a_primitive_that_is_gone_or_replaced_is_refused_on_loading(w, monkeypatch):
    module = ModuleType("somewhere")
    monkeypatch.setitem(sys.modules, "somewhere", module)
    exec("import autograd as ag\np = ag.primitive(lambda x: x * 2, lambda g, y, x: g * 2, name='p')", vars(module))
    data = pickle.dumps(module.p(w))
    module.p = 3
    with refused(ValueError, saying=["somewhere.p is no primitive any more"]):
        pickle.loads(data)
    data = pickle.dumps(w * 2).replace(b"multiply", b"mULTIPLY")
    with refused(ValueError, saying=["no primitive 'mULTIPLY'"]):
        pickle.loads(data)
