"""vjp, jvp and derivative: they agree with each other and with differences, for containers, nested, in threads."""

from __future__ import annotations

from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor
from autograd.nested import leaves, mapped
from tests.support import refused

Layer = namedtuple("Layer", ["weight", "bias"])

FUNCTIONS = {
    "elementwise": (lambda x, y: np.tanh(x) * np.exp(y), ((2, 3), (3,))),
    "linear": (lambda x, y: x @ y.T, ((2, 3), (4, 3))),
    "reductions": (lambda x, y: (x.sum(axis=0), np.max(y * y, axis=1)), ((2, 3), (3, 2))),
    "indices": (lambda x, y: {"a": x[[0, 1, 1]] * y[1:], "b": [y[0] ** 3, x.T]}, ((2, 3), (4, 3))),
    "assembly": (lambda x, y: np.concatenate([x * 2, np.stack([y, y * y])]), ((2, 3), (3,))),
    "scalar": (lambda x, y: np.sum(x) * np.mean(np.sqrt(1 + y * y)), ((2, 3), ())),
    "branches": (lambda x, y: np.where(x > 0, np.sin(x) * y, y), ((5,), (5,))),
    "parts without an argument": (lambda x, y: (x * x, y * 3, x[0] * 0), ((2,), (3,))),
}

each = pytest.mark.parametrize(("f", "shapes"), FUNCTIONS.values(), ids=FUNCTIONS.keys())


def sample(shapes, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(rng.normal(size=s)[()] for s in shapes)


def like(tree, seed):
    """Random numbers in the containers and shapes of `tree`."""
    rng = np.random.default_rng(seed)
    return mapped(lambda x: rng.normal(size=np.shape(x))[()], tree)


def dot(a, b):
    return sum(np.sum(x * y) for x, y in zip(leaves(a), leaves(b), strict=True))


# The two against each other ---------------------------------------------------------------------------------------


@each
@pytest.mark.parametrize("seed", [0, 1])
def test_jvp_agrees_with_vjp(f, shapes, seed):
    args = sample(shapes, seed)
    out, pullback = ag.vjp(f, *args)
    directions, weights = like(args, seed + 10), like(out, seed + 20)
    again, tangent = ag.jvp(f, args, directions)
    for a, b in zip(leaves(out), leaves(again), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(dot(weights, tangent), dot(pullback(weights), directions), rtol=1e-12)


@each
def test_jvp_agrees_with_central_differences(f, shapes):
    args = sample(shapes)
    directions = like(args, 1)
    out, tangent = ag.jvp(f, args, directions)
    assert [np.shape(x) for x in leaves(out)] == [np.shape(x) for x in leaves(tangent)]
    h = 1e-6
    ends = [f(*(Tensor(a + side * d) for a, d in zip(args, directions, strict=True))) for side in (h, -h)]
    for high, low, exact in zip(leaves(ends[0]), leaves(ends[1]), leaves(tangent), strict=True):
        np.testing.assert_allclose((high.numpy() - low.numpy()) / (2 * h), exact, rtol=1e-6, atol=1e-8)


@given(st.integers(0, 10**6))
def test_both_are_linear_in_what_they_are_given(seed):
    f, shapes = FUNCTIONS["elementwise"]
    args = sample(shapes, seed)
    out, pullback = ag.vjp(f, *args)
    u, v = like(out, seed + 1), like(out, seed + 2)
    for one, two, both in zip(pullback(u), pullback(v), pullback(2 * u - v), strict=True):
        np.testing.assert_allclose(2 * one - two, both, atol=1e-12)


@each
def test_second_order_of_each_by_the_other(f, shapes):
    """The derivative of a pullback along a direction, by differences; and that of a tangent, by a pullback."""
    args = sample(shapes)
    directions = like(args, 1)
    weights = like(f(*map(Tensor, args)), 2)

    def pulled(*a):
        return ag.vjp(f, *a)[1](weights)

    _, moved = ag.jvp(pulled, args, directions, allow_unused=True)
    h = 1e-6
    high, low = (pulled(*(a + side * d for a, d in zip(args, directions, strict=True))) for side in (h, -h))
    for a, b, exact in zip(high, low, moved, strict=True):
        np.testing.assert_allclose((a - b) / (2 * h), exact, rtol=1e-5, atol=1e-8)

    _, back = ag.vjp(lambda *a: ag.jvp(f, a, directions)[1], *args, allow_unused=True)
    for a, b in zip(back(weights), moved, strict=True):  # both are the second derivative: by symmetry the same
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


# What goes in and what comes out --------------------------------------------------------------------------------------


def test_containers_come_back_as_they_went_in():
    def f(p, x):
        return {"z": [p["layer"].weight * x, p["layer"].bias], "s": (np.sum(x),)}

    p = {"layer": Layer(np.ones((2, 2)), 3.0)}
    out, pullback = ag.vjp(f, p, np.array([1.0, 2.0]))
    assert list(out) == ["z", "s"] and type(out["z"]) is list and type(out["s"]) is tuple
    by_p, by_x = pullback({"z": [np.ones((2, 2)), 10.0], "s": (100.0,)})
    assert (
        type(by_p["layer"]) is Layer and by_p["layer"].weight.tolist() == [[1, 2], [1, 2]] and by_p["layer"].bias == 10
    )
    assert by_x.tolist() == [102, 102]
    _, tangent = ag.jvp(f, (p, np.ones(2)), ({"layer": Layer(np.zeros((2, 2)), 1.0)}, np.ones(2)))
    assert tangent["z"][0].tolist() == [[1, 1], [1, 1]] and tangent["z"][1] == 1 and tangent["s"] == (2.0,)


def test_arrays_in_arrays_out_and_tensors_in_tensors_out():
    out, pullback = ag.vjp(np.sin, np.ones(2))
    assert type(out) is np.ndarray and type(pullback(np.ones(2))[0]) is np.ndarray
    assert type(pullback(Tensor(np.ones(2)))[0]) is Tensor
    out, pullback = ag.vjp(np.sin, Tensor(np.ones(2)))
    assert type(out) is Tensor and type(pullback(np.ones(2))[0]) is Tensor
    out, tangent = ag.jvp(np.sin, (np.float32(1),), (1,))
    assert type(out) is np.float32 and type(tangent) is np.float32
    out, tangent = ag.jvp(np.sin, (Tensor(1.0),), (1.0,))
    assert type(out) is Tensor and type(tangent) is Tensor and not tangent.requires_grad


def test_gradients_are_the_callers_own():
    g = np.ones(3)
    _, pullback = ag.vjp(lambda x, y: x + y, np.zeros(3), np.zeros(3))
    a, b = pullback(g)
    a += 1
    assert b.tolist() == [1, 1, 1] and g.tolist() == [1, 1, 1]
    assert pullback(g)[0].tolist() == [1, 1, 1]


def test_a_result_that_appears_twice_or_is_an_argument():
    def f(x):
        y = x * x
        return y, y, x, y * x

    out, pullback = ag.vjp(f, 3.0)
    assert out == (9, 9, 3, 27) and pullback((1.0, 10.0, 100.0, 1000.0)) == (11 * 6 + 100 + 27000,)
    assert ag.jvp(f, (3.0,), (1.0,))[1] == (6, 6, 1, 27)


def test_auxiliary_output_is_handed_on():
    def f(x):
        y = x * 2
        return np.sum(y), {"y": y, "note": "kept", "x": x}

    x = np.array([1.0, 2.0])
    for aux in (
        ag.vjp(f, x, has_aux=True)[2],
        ag.jvp(f, (x,), (x,), has_aux=True)[2],
        ag.grad(f, has_aux=True)(x)[1],
        ag.value_and_grad(f, has_aux=True)(x)[0][1],
        ag.jacobian(f, has_aux=True)(x)[1],
        ag.hessian(f, has_aux=True, allow_unused=True)(x)[1],
    ):
        assert type(aux["y"]) is np.ndarray and aux["y"].tolist() == [2, 4] and aux["note"] == "kept"
        assert type(aux["x"]) is np.ndarray
    t = Tensor(x, requires_grad=True)
    g, aux = ag.grad(f, has_aux=True)(t)
    assert type(g) is Tensor and aux["y"].requires_grad
    aux["y"].sum().backward()
    assert t.grad.numpy().tolist() == [2, 2]
    with ag.no_grad():
        assert not ag.grad(f, has_aux=True)(t)[1]["y"].requires_grad


def test_tensors_from_around_f_get_their_gradients():
    w = Tensor(3.0, requires_grad=True)
    out, pullback = ag.vjp(lambda x: x * x * w, 2.0)
    assert type(out) is Tensor
    (g,) = pullback(1.0)
    (g + out).backward()
    assert w.grad.item() == 4 + 4
    w.zero_grad()
    out, tangent = ag.jvp(lambda x: x * x * w, (2.0,), (10.0,))
    tangent.backward()
    assert w.grad.item() == 40
    with ag.no_grad():
        assert type(ag.jvp(lambda x: x * w, (2.0,), (1.0,))[1]) is np.float64


def test_a_pullback_can_be_differentiated_by_what_it_is_given():
    _, pullback = ag.vjp(lambda x: x**3, 2.0)
    assert ag.grad(lambda g: pullback(g)[0])(1.0) == 12
    g = Tensor(1.0, requires_grad=True)
    pullback(g * 2)[0].backward()
    assert g.grad.item() == 24


def test_a_pullback_inside_no_grad_or_used_later():
    x = Tensor(2.0, requires_grad=True)
    _, pullback = ag.vjp(lambda t: t**3, x)
    with ag.no_grad():
        (g,) = pullback(1.0)
    assert g.item() == 12 and not g.requires_grad
    assert pullback(1.0)[0].requires_grad


def test_a_pullback_after_an_update_is_refused():
    w = Tensor(2.0, requires_grad=True, name="w")
    _, pullback = ag.vjp(lambda x: x * w, 3.0)
    w.data = np.float64(5)
    with refused(RuntimeError, saying=["'w'", "changed"]):
        pullback(1.0)


def test_the_inner_value_does_not_make_the_outer_result_a_tensor():
    assert type(ag.grad(lambda w: ag.vjp(lambda x: x * w, 2.0)[0])(3.0)) is np.float64
    assert type(ag.grad(lambda w: ag.jvp(lambda x: x * w * w, (2.0,), (1.0,))[1])(3.0)) is np.float64


def test_forward_over_reverse_over_forward():
    f = lambda x: np.exp(x) * np.sin(x)
    for _ in range(2):
        f = (lambda inner: lambda x: ag.jvp(inner, (x,), (1.0,))[1])(f)
        f = ag.grad(f)
    # the fourth derivative of exp·sin is −4 exp·sin
    np.testing.assert_allclose(f(0.7), -4 * np.exp(0.7) * np.sin(0.7), rtol=1e-12)


def test_threads_do_not_meet():
    def work(seed):
        f, shapes = FUNCTIONS["assembly"]
        args = sample(shapes, seed)
        weights = like(f(*map(Tensor, args)), seed)
        _, tangent = ag.jvp(f, args, args)
        return dot(weights, tangent), dot(ag.vjp(f, *args)[1](weights), args)

    with ThreadPoolExecutor(8) as pool:
        for forward, reverse in pool.map(work, range(40)):
            np.testing.assert_allclose(forward, reverse, rtol=1e-11)


def test_one_pullback_in_many_threads():
    _, pullback = ag.vjp(lambda x: np.tanh(x) * x, np.linspace(0, 1, 50))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda k: pullback(np.full(50, float(k)))[0], range(40)))
    for k, g in enumerate(found):
        np.testing.assert_allclose(g, k * found[1], rtol=1e-14)


# Refusals -------------------------------------------------------------------------------------------------------------


def test_gradients_that_do_not_fit_are_refused():
    def mine(x):
        return {"a": x, "b": (x * 2,)}

    _, pullback = ag.vjp(mine, np.ones(2))
    with refused(ValueError, saying=["mine", "keys 'a', 'b'"]):
        pullback((np.ones(2), np.ones(2)))
    with refused(ValueError, saying=["mine", "at ['b']", "tuple of 1", "list of 2"]):
        pullback({"a": np.ones(2), "b": [np.ones(2)] * 2})
    with refused(ValueError, saying=["mine", "(3,)", "(2,)"]):
        pullback({"a": np.ones(3), "b": (np.ones(2),)})
    with refused(TypeError, saying=["mine", "complex128"]):
        pullback({"a": np.ones(2) * 1j, "b": (np.ones(2),)})


def test_tangents_that_do_not_fit_are_refused():
    def mine(x, y):
        return x * y

    with refused(ValueError, saying=["tangents of mine", "tuple of 2"]):
        ag.jvp(mine, (1.0, 2.0), (1.0,))
    with refused(ValueError, saying=["mine", "(3,)", "(2,)"]):
        ag.jvp(mine, (np.ones(2), 1.0), (np.ones(3), 1.0))
    with refused(TypeError, saying=["primals", "(x,)", "ndarray"]):
        ag.jvp(mine, np.ones(2), np.ones(2))


def test_results_that_have_no_derivative_are_refused():
    def mine(x):
        return x, 3.0

    with refused(TypeError, saying=["mine", "float", "not a Tensor", "has_aux"]):
        ag.vjp(mine, 1.0)
    with refused(TypeError, saying=["has_aux", "pair", "Tensor"]):
        ag.vjp(np.sin, 1.0, has_aux=True)
    with refused(TypeError, saying=["bool", "has_aux"]):
        ag.vjp(lambda x: (x, x > 0), 1.0)
    with refused(ValueError, saying=["does not depend", "allow_unused"]):
        ag.vjp(lambda x, y: x, 1.0, 2.0)
    with refused(TypeError, saying=["argument 1", "int64", "close over it"]):
        ag.vjp(lambda x, n: x * n, 1.0, 2)
    with refused(TypeError, saying=["vjp(f, x)"]):
        ag.vjp(np.sin)


# Elementwise functions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3), (0,)], ids=str)
def test_derivative_of_an_elementwise_function(shape):
    x = np.random.default_rng(0).normal(size=shape)[()]
    np.testing.assert_allclose(ag.derivative(np.tanh)(x), 1 - np.tanh(x) ** 2, rtol=1e-12)
    np.testing.assert_allclose(
        ag.derivative(ag.derivative(np.tanh))(x), -2 * np.tanh(x) * (1 - np.tanh(x) ** 2), rtol=1e-12
    )
    assert type(ag.derivative(np.tanh)(Tensor(x))) is Tensor


def test_a_derivative_near_its_zeros_is_still_that_of_an_elementwise_function():
    x = np.linspace(0, 2.5, 400)  # where two large terms cancel, rounding is large beside what is left
    second = ag.derivative(ag.derivative(lambda x: np.sin(x**2)))(x)
    np.testing.assert_allclose(second, 2 * np.cos(x**2) - 4 * x**2 * np.sin(x**2), atol=1e-12)


def test_derivative_by_another_argument_and_closures():
    assert ag.derivative(lambda a, x: a * x**2, argnums=1)(3.0, np.array([1.0, 2.0])).tolist() == [6, 12]
    w = Tensor(2.0, requires_grad=True)
    ag.derivative(lambda x: np.sin(w * x))(np.array([0.0, 0.0])).sum().backward()
    assert w.grad.item() == 2


@pytest.mark.parametrize(
    "f",
    [lambda x: x[::-1], lambda x: x - np.mean(x), lambda x: np.stack([x[0], x[0] + x[1], x[2]])],
    ids=["flipped", "centred", "one sum"],
)
def test_derivative_of_a_function_that_mixes_entries_is_refused(f):
    with refused(ValueError, saying=["not elementwise", "jacobian"]):
        ag.derivative(f)(np.array([1.0, 2.0, 3.0]))


def test_derivative_of_another_shape_is_refused():
    with refused(ValueError, saying=["()", "(2,)", "grad"]):
        ag.derivative(np.sum)(np.ones(2))
    with refused(TypeError, saying=["containers", "vjp"]):
        ag.derivative(lambda p: p["a"])({"a": 1.0})
