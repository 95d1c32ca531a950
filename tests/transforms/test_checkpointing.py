"""checkpoint: the same gradients, of any order, for less memory; loud where running again gives something else."""

from __future__ import annotations

import copy
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.graph import ancestors
from tests.support import refused


def layer(x, w):
    return np.tanh(x @ w) * np.exp(-x)


def network(x, w, wrapped):
    for _ in range(3):
        x = wrapped(x, w)
    return np.sum(x * x)


def inputs():
    rng = np.random.default_rng(0)
    return rng.normal(size=(2, 4)), rng.normal(size=(4, 4))


def test_the_same_value_and_gradients():
    x, w = inputs()
    plain = ag.value_and_grad(lambda x, w: network(x, w, layer), argnums=(0, 1))(x, w)
    short = ag.value_and_grad(lambda x, w: network(x, w, ag.checkpoint(layer)), argnums=(0, 1))(x, w)
    assert plain[0] == short[0]
    for a, b in zip(plain[1], short[1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_one_node_is_recorded_for_a_call():
    x, w = (Tensor(a, requires_grad=True) for a in inputs())
    out = ag.checkpoint(layer)(x, w)
    assert len(ancestors(out)) == 3 and out.primitive.__name__ == "checkpoint"


def test_derivatives_of_any_order():
    x, w = inputs()
    assert ag.check_grads(lambda x, w: network(x, w, ag.checkpoint(layer)), [x, w], order=2) < 1e-6
    cube = ag.checkpoint(lambda x: x**5)
    for expected in (80.0, 160.0, 240.0, 240.0, 120.0):
        cube = ag.grad(cube)
        assert cube(2.0) == expected


@pytest.mark.parametrize("outer", [lambda f: f, ag.checkpoint], ids=["outside", "twice"])
def test_in_other_transforms_and_around_them(outer):
    x, w = inputs()
    short = outer(lambda x: network(x, w, ag.checkpoint(layer)))
    plain = lambda x: network(x, w, layer)
    np.testing.assert_allclose(ag.hessian(short)(x), ag.hessian(plain)(x), rtol=1e-12, atol=1e-12)
    v = np.ones_like(x)
    np.testing.assert_allclose(ag.hvp(short, (x,), (v,))[0], ag.hvp(plain, (x,), (v,))[0], rtol=1e-12)
    np.testing.assert_allclose(ag.jvp(short, (x,), (v,))[1], ag.jvp(plain, (x,), (v,))[1], rtol=1e-12)
    gradient = ag.checkpoint(ag.grad(plain))
    np.testing.assert_allclose(ag.jacobian(gradient)(x), ag.hessian(plain)(x), rtol=1e-12, atol=1e-12)


def test_tensors_from_around_f_get_their_gradients():
    x, w = inputs()
    W = Tensor(w, requires_grad=True, name="W")
    V = W * 2  # a result, not a leaf
    for wrap in (lambda f: f, ag.checkpoint):
        W.zero_grad()
        np.sum(wrap(lambda t: np.tanh(t @ W) @ V)(Tensor(x))).backward()
        if wrap is not ag.checkpoint:
            expected = W.grad.numpy().copy()
    np.testing.assert_array_equal(W.grad.numpy(), expected)


def test_what_an_outer_transform_varies_may_come_from_around_f():
    f = lambda x: ag.checkpoint(lambda y: np.sin(y * x))(2.0)
    np.testing.assert_allclose(ag.grad(f)(0.3), 2 * np.cos(0.6))
    np.testing.assert_allclose(ag.grad(ag.grad(f))(0.3), -4 * np.sin(0.6))
    _, pullback = ag.vjp(f, 0.3)
    np.testing.assert_allclose(pullback(1.0)[0], 2 * np.cos(0.6))
    np.testing.assert_allclose(ag.jvp(f, (0.3,), (1.0,))[1], 2 * np.cos(0.6))


def test_a_module_is_a_function_with_parameters_around_it():
    net = nn.MLP(3, 4, 2, rng=0)
    x = np.random.default_rng(0).normal(size=(5, 3))
    nn.functional.mse_loss(net(x), np.zeros((5, 2))).backward()
    expected = [p.grad.numpy().copy() for p in net.parameters()]
    for p in net.parameters():
        p.zero_grad()
    nn.functional.mse_loss(ag.checkpoint(net)(x), np.zeros((5, 2))).backward()
    for p, right in zip(net.parameters(), expected, strict=True):
        np.testing.assert_array_equal(p.grad.numpy(), right)


def test_containers_as_arguments_and_results():
    def f(p, *, scale):
        y = p["a"] * p["b"][0]
        return {"y": y * scale, "z": (np.sum(y), y > 0), "same": p["a"], "note": "kept", "half": y.astype(np.float32)}

    def loss(wrap, a, b):
        out = wrap(f)({"a": a, "b": [b]}, scale=3.0)
        assert out["note"] == "kept" and out["z"][1].dtype == bool and out["half"].dtype == np.float32
        return np.sum(out["y"] ** 2) * out["z"][0] + np.sum(out["same"]) + np.sum(out["half"].astype(np.float64))

    args = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    for order in (lambda g: ag.grad(g, argnums=(0, 1)), lambda g: ag.hessian(g, argnums=(0, 1))):
        plain = order(lambda a, b: loss(lambda f: f, a, b))(*args)
        short = order(lambda a, b: loss(ag.checkpoint, a, b))(*args)
        np.testing.assert_allclose(np.asarray(plain), np.asarray(short), rtol=1e-6)


def test_nothing_to_differentiate():
    f = ag.checkpoint(lambda x: x * 2)
    assert f(3.0) == 6 and type(f(np.ones(2))) is np.ndarray
    assert not f(Tensor(3.0)).requires_grad
    x = Tensor(3.0, requires_grad=True)
    with ag.no_grad():
        assert not f(x).requires_grad
    assert ag.checkpoint(lambda x: x.detach() * 2)(x).requires_grad is False
    assert ag.checkpoint(lambda x: x)(x).requires_grad
    assert ag.checkpoint(np.sin).__name__ == "sin"


def test_it_needs_less_memory():
    x = Tensor(np.linspace(0, 1, 100_000), requires_grad=True)

    def block(t):
        for _ in range(10):
            t = np.sin(t) * 1.5
        return t

    def peak(wrapped):
        tracemalloc.start()
        t = x
        for _ in range(10):
            t = wrapped(t)
        t.sum().backward()
        x.zero_grad()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most / x.numpy().nbytes

    plain, short = peak(block), peak(ag.checkpoint(block))
    assert plain > 200  # 20 operations in 10 blocks
    assert short < 0.25 * plain, (plain, short)  # 10 results, and 20 operations at a time


def test_memory_of_a_second_order_graph():
    x = Tensor(np.linspace(0, 1, 100_000), requires_grad=True)

    def block(t):
        for _ in range(10):
            t = np.sin(t) * 1.5
        return t

    def kept(wrapped):
        t = wrapped(wrapped(x)).sum()
        tracemalloc.start()
        t.backward(create_graph=True)
        used = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        x.zero_grad()
        return used / x.numpy().nbytes

    assert kept(ag.checkpoint(block)) < 0.25 * kept(block)


def test_threads():
    x, w = inputs()
    f = ag.grad(lambda x, w: network(x, w, ag.checkpoint(layer)))
    expected = f(x, w)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: f(x, w), range(24)):
            np.testing.assert_array_equal(found, expected)


def test_a_derivation_of_it_holds():
    w = Tensor(0.5, requires_grad=True, name="w")
    v = Tensor(1.5, requires_grad=True, name="v")
    L = ag.checkpoint(lambda x: np.sin(x * v))(w) ** 2
    derived = ag.derive(L)
    assert derived.verify().ok
    assert "cos" in derived.text()  # the gradient is that of what runs, not of a black box


# Refusals -------------------------------------------------------------------------------------------------------------


def test_a_function_that_gives_something_else_the_second_time_is_refused():
    rng = np.random.default_rng(0)

    def dropout(x):
        return x * (rng.uniform(size=x.shape) > 0.5)

    x = Tensor(np.ones(50), requires_grad=True)
    out = ag.checkpoint(dropout)(x)
    with refused(RuntimeError, x, saying=["dropout", "another result", "outside"]):
        out.sum().backward()


def test_parameters_that_are_made_inside_are_refused():
    def mine(x):
        return x * Tensor(2.0, requires_grad=True)

    x = Tensor(1.0, requires_grad=True)
    out = ag.checkpoint(mine)(x)
    with refused(RuntimeError, x, saying=["mine", "other Tensors", "outside"]):
        out.backward()


def test_an_update_before_backward_is_refused():
    x, w = Tensor(1.0, requires_grad=True), Tensor(2.0, requires_grad=True, name="w")
    out = ag.checkpoint(lambda x: x * w)(x)
    w.data = np.float64(3)
    with refused(RuntimeError, x, saying=["'w'", "changed"]):
        out.backward()


def test_errors_of_the_function_come_through():
    with refused(ZeroDivisionError, saying=[]):
        ag.checkpoint(lambda x: x / (1 // 0))(Tensor(1.0, requires_grad=True))


def test_hooks_run_once_and_see_whole_gradients():
    seen = []
    w = Tensor(2.0, requires_grad=True)
    w.register_hook(lambda g: seen.append(g.item()))

    def f(x):
        y = x * w
        y.register_hook(lambda g: g * 10)
        return y

    x = Tensor(3.0, requires_grad=True)
    (ag.checkpoint(f)(x) + w).backward()
    assert seen == [31] and w.grad.item() == 31 and x.grad.item() == 20


def test_a_copied_graph_has_the_gradients_of_the_original():
    w = Tensor(2.0, requires_grad=True, name="w")
    x = Tensor(3.0, requires_grad=True, name="x")
    out = ag.checkpoint(lambda x: np.sin(x * w))(x)
    again = copy.deepcopy(out)
    again.backward()
    assert w.grad is None and x.grad is None
    by_name = {leaf.name: leaf.grad.item() for leaf in ancestors(again) if leaf.primitive is None}
    out.backward()
    assert by_name == {"x": x.grad.item(), "w": w.grad.item()}


def test_anomalies_are_found_inside():
    x = Tensor([4.0, 0.0], requires_grad=True, name="x")
    with ag.detect_anomaly():
        out = ag.checkpoint(lambda x: np.sqrt(x) * 2)(x)
        with refused(FloatingPointError, x, saying=["sqrt", "an infinity"]):
            out.sum().backward()
        with refused(FloatingPointError, x, saying=["log", "an infinity"]):
            ag.checkpoint(np.log)(x)
