"""jacobian, hessian and hvp: against differences and each other, for containers, for every row of the table."""

from __future__ import annotations

from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor
from tests.support import refused

Layer = namedtuple("Layer", ["weight", "bias"])


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def by_differences(f, x, h=1e-6):
    """The Jacobian of f at an array by central differences."""
    columns = []
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        columns.append((f(Tensor(x + step)).numpy() - f(Tensor(x - step)).numpy()) / (2 * h))
    return np.stack(columns, axis=-1).reshape(columns[0].shape + x.shape)


B = np.random.default_rng(5).normal(size=(3, 3))
FUNCTIONS = {
    "elementwise": lambda x: np.tanh(x) * np.exp(-x),
    "a matrix product": lambda x: (x @ B) @ x.T,
    "a product with vectors": lambda x: x[0] @ B @ x[1] + x @ B[0],
    "reductions": lambda x: np.max(x * x, axis=0) + np.mean(x) * x.sum(axis=0),
    "kept axes": lambda x: x / np.sum(x * x, axis=1, keepdims=True) - x.min(axis=-1, keepdims=True),
    "indices": lambda x: x[[0, 1, 1], 1:] * x[::-1, ::2][0] + x[1, 2],
    "a mask": lambda x: x[np.array([[True, False, True], [True, True, False]])] ** 3,
    "new axes": lambda x: x[:, None] * x[..., None],
    "shapes": lambda x: np.transpose(x.reshape(3, 1, 2), (2, 0, 1)).squeeze() * np.expand_dims(x[0], 0)[:, ::-1],
    "broadcasts": lambda x: np.broadcast_to(x[1], (4, 3)) * x[0] + x[0, 0] / (2 + x[1, 1] ** 2),
    "assembly": lambda x: np.stack([np.concatenate([x, x * x], axis=1), np.concatenate([x**3, x], axis=1)], axis=-1),
    "branches": lambda x: np.where(x > 0, np.sin(x), np.clip(x, -0.5, 0.5) * x),
    "a scalar": lambda x: np.sum(np.sqrt(1 + x * x)),
    "a number": lambda x: x[0, 1] * 3.0,
    "more than all together": lambda x: np.tanh(x[:, :, None, None] * x).sum(axis=(0, 2)) @ x.T,
}
each = pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS.keys())


@each
def test_the_jacobian_agrees_with_differences(f):
    x = np.random.default_rng(0).normal(size=(2, 3))
    found = ag.jacobian(f)(x)
    assert type(found) is np.ndarray and found.dtype == x.dtype
    np.testing.assert_allclose(found, by_differences(f, x), rtol=1e-6, atol=1e-8)


@each
def test_the_jacobian_agrees_with_vjp_row_by_row(f):
    x = np.random.default_rng(1).normal(size=(2, 3))
    out, pullback = ag.vjp(f, x)
    weights = np.random.default_rng(2).normal(size=np.shape(out))
    by_hand = np.tensordot(weights, ag.jacobian(f)(x), axes=np.ndim(out))
    np.testing.assert_allclose(by_hand, pullback(weights)[0], rtol=1e-11, atol=1e-12)


@each
def test_the_hessian_is_symmetric_and_agrees_with_differences_and_hvp(f):
    x = np.random.default_rng(3).normal(size=(2, 3))
    scalar = lambda x: np.sum(np.sin(f(x)))
    found = ag.hessian(scalar)(x)
    assert found.shape == (2, 3, 2, 3)
    np.testing.assert_allclose(found, np.transpose(found, (2, 3, 0, 1)), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found, by_differences(ag.grad(scalar), x), rtol=1e-5, atol=1e-7)
    v = np.random.default_rng(4).normal(size=(2, 3))
    np.testing.assert_allclose(np.tensordot(found, v, 2), ag.hvp(scalar, (x,), (v,))[0], rtol=1e-10, atol=1e-12)


@each
def test_jacobians_of_jacobians(f):
    """The matrices nest: each is swept on Tensors, too."""
    x = np.random.default_rng(3).normal(size=(2, 3))
    second = ag.jacobian(ag.jacobian(f), allow_unused=True)(x)
    differences = by_differences(ag.jacobian(f), x)
    np.testing.assert_allclose(second, differences, rtol=1e-5, atol=1e-7)


def test_third_derivatives():
    x = np.array([0.5, -1.0, 2.0])
    f = lambda x: np.sum(x**3) * x[0]
    third = ag.jacobian(ag.hessian(f))(x)
    for i in range(3):
        np.testing.assert_allclose(third[i], ag.hessian(lambda x, i=i: ag.grad(f)(x)[i])(x), atol=1e-12)
    np.testing.assert_allclose(third, np.transpose(third, (2, 0, 1)), atol=1e-12)


@given(st.integers(1, 12), st.integers(0, 10**6))
def test_the_hessian_of_rosenbrocks_function(n, seed):
    x = np.random.default_rng(seed).normal(size=n + 1)
    expected = np.zeros((n + 1, n + 1))
    i = np.arange(n)
    expected[i, i] = 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    expected[i + 1, i + 1] += 200
    expected[i, i + 1] = expected[i + 1, i] = -400 * x[:-1]
    np.testing.assert_allclose(ag.hessian(rosenbrock)(x), expected, rtol=1e-12, atol=1e-9)


def test_a_quadratic_form_gives_its_matrix():
    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    assert ag.hessian(lambda x: x @ A @ x / 2)(np.array([5.0, -1.0])).tolist() == A.tolist()


# What goes in and what comes out --------------------------------------------------------------------------------------


def test_containers_give_containers():
    def f(p):
        return {"y": p["l"].weight @ np.array([1.0, 2.0]) + p["l"].bias, "z": (p["s"] ** 2,)}

    p = {"l": Layer(np.ones((3, 2)), np.zeros(3)), "s": 3.0}
    J = ag.jacobian(f)(p)
    assert list(J) == ["y", "z"] and type(J["z"]) is tuple and type(J["y"]["l"]) is Layer
    assert J["y"]["l"].weight.shape == (3, 3, 2) and J["y"]["l"].bias.tolist() == np.eye(3).tolist()
    assert J["y"]["s"].tolist() == [0, 0, 0]
    assert J["z"][0]["s"] == 6 and J["z"][0]["l"].weight.tolist() == np.zeros((3, 2)).tolist()
    H = ag.hessian(lambda p: np.sum(p["a"] ** 2) * p["b"])({"a": np.array([1.0, 2.0]), "b": 5.0})
    assert H["a"]["a"].tolist() == [[10, 0], [0, 10]] and H["a"]["b"].tolist() == [2, 4]
    assert H["b"]["a"].tolist() == [2, 4] and H["b"]["b"] == 0


def test_argnums():
    f = lambda a, b: a * b**2
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    assert ag.jacobian(f, argnums=1)(x, y).tolist() == [[6, 0], [0, 16]]
    by_a, by_b = ag.jacobian(f, argnums=(0, -1))(x, y)
    assert by_a.tolist() == [[9, 0], [0, 16]] and by_b.tolist() == [[6, 0], [0, 16]]
    assert len(ag.jacobian(f, argnums=[0])(x, y)) == 1
    H = ag.hessian(lambda a, b: np.sum(f(a, b)), argnums=(0, 1))(x, y)
    assert H[0][0].tolist() == [[0, 0], [0, 0]] and H[0][1].tolist() == H[1][0].tolist() == [[6, 0], [0, 8]]
    assert H[1][1].tolist() == [[2, 0], [0, 4]]


def test_kinds_of_results():
    x = np.array([1.0, 2.0])
    assert type(ag.jacobian(np.sin)(Tensor(x))) is Tensor
    assert type(ag.jacobian(lambda x: x * 2)(3.0)) is np.float64
    assert ag.jacobian(np.sin)(x.astype(np.float32)).dtype == np.float32
    w = Tensor(x, requires_grad=True)
    J = ag.jacobian(lambda t: t**3)(w)
    J.sum().backward()
    assert w.grad.numpy().tolist() == [6, 12]
    w.zero_grad()
    J = ag.jacobian(lambda t: t**2 * w)(x)
    assert type(J) is Tensor and J.requires_grad
    with ag.no_grad():
        assert type(ag.jacobian(lambda t: t**2 * w)(x)) is np.ndarray
        assert not ag.jacobian(lambda t: t**2)(w).requires_grad


def test_results_are_the_callers_own():
    x = np.array([1.0, 2.0])
    for f in (lambda x: x, lambda x: x + 1, lambda x: x[:1], lambda x: np.broadcast_to(x, (2, 2)), lambda x: x * 0.0):
        J = ag.jacobian(f)(x)
        J += 1
        assert ag.jacobian(f)(x).max() <= 1
    a, b = ag.jacobian(lambda a, b: a + b, argnums=(0, 1))(x, x)
    a += 1
    assert b.tolist() == [[1, 0], [0, 1]]


def test_empty_results_and_arguments():
    assert ag.jacobian(lambda x: x[:0])(np.ones(3)).shape == (0, 3)
    assert ag.jacobian(lambda x: np.sum(x))(np.ones((0, 2))).shape == (0, 2)
    assert ag.hessian(lambda x: np.sum(x**2))(np.ones(0)).shape == (0, 0)


def test_large_results_and_large_intermediate_values():
    x = np.random.default_rng(0).normal(size=300)
    J = ag.jacobian(lambda x: np.tanh(np.broadcast_to(x, (200, 300)) * 2).sum(axis=0))(x)
    np.testing.assert_allclose(J, np.diag(200 * 2 * (1 - np.tanh(2 * x) ** 2)), rtol=1e-12, atol=1e-12)


def test_hvp_of_several_arguments_and_containers():
    f = lambda p, c: np.sum(p["a"] ** 2 * p["b"]) * c
    args = ({"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}, 2.0)
    vectors = ({"a": np.array([0.5, -1.0]), "b": np.array([2.0, 1.0])}, 1.0)
    by_p, by_c = ag.hvp(f, args, vectors)
    h = 1e-6
    moved = []
    for side in (h, -h):
        p = {key: args[0][key] + side * vectors[0][key] for key in "ab"}
        moved.append(ag.grad(f, argnums=(0, 1))(p, args[1] + side * vectors[1]))
    for key in "ab":
        np.testing.assert_allclose(by_p[key], (moved[0][0][key] - moved[1][0][key]) / (2 * h), rtol=1e-7)
    np.testing.assert_allclose(by_c, (moved[0][1] - moved[1][1]) / (2 * h), rtol=1e-7)
    tensors = ag.hvp(lambda x: np.sum(x**3), (Tensor([1.0]),), (np.array([1.0]),))
    assert type(tensors[0]) is Tensor and tensors[0].numpy().tolist() == [6]
    assert ag.grad(lambda x: ag.hvp(lambda x: x**4, (x,), (1.0,))[0])(2.0) == 48


def test_matrices_in_threads():
    x = np.linspace(-1, 1, 20)
    expected = [ag.hessian(rosenbrock)(x * k) for k in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for found, right in zip(
            pool.map(lambda k: ag.hessian(rosenbrock)(x * (k % 8)), range(32)), expected * 4, strict=True
        ):
            np.testing.assert_array_equal(found, right)


# Refusals -------------------------------------------------------------------------------------------------------------


def test_what_has_no_derivative_is_refused():
    def mine(x, y=1.0):
        return x * 2

    with refused(ValueError, saying=["mine", "does not depend", "allow_unused"]):
        ag.jacobian(mine, argnums=(0, 1))(np.ones(2), np.ones(3))
    zeros = ag.jacobian(mine, argnums=(0, 1), allow_unused=True)(np.ones(2), np.ones(3))[1]
    assert zeros.tolist() == np.zeros((2, 3)).tolist()
    with refused(ValueError, saying=["mine", "(2,)", "scalar"]):
        ag.hessian(mine)(np.ones(2))
    with refused(ValueError, saying=["argnums=3", "1 positional"]):
        ag.jacobian(mine, argnums=3)(1.0)
    with refused(TypeError, saying=["argnums='x'", "integer"]):
        ag.jacobian(mine, argnums="x")(1.0)
    with refused(TypeError, saying=["vectors", "(x,)"]):
        ag.hvp(np.sum, (np.ones(2),), np.ones(2))
    with refused(ValueError, saying=["vectors of sum", "(3,)", "(2,)"]):
        ag.hvp(np.sum, (np.ones(2),), (np.ones(3),))
    with refused(ValueError, saying=["does not depend"]):
        ag.hvp(lambda x, y: np.sum(x), (np.ones(2), 1.0), (np.ones(2), 1.0))


# By rows or by columns, in stacks or one by one ---------------------------------------------------------------------


def runs(function):
    """`function`, and a list that gets an entry whenever it is called."""
    calls = []

    def counted(*args, **kwargs):
        calls.append(args)
        return function(*args, **kwargs)

    return counted, calls


def test_a_function_of_few_numbers_is_swept_by_columns():
    t = np.linspace(0, 1, 500)
    rule, calls = runs(lambda g, y, x: g * np.cos(x))
    sine = ag.primitive(lambda x: np.sin(x), rule, name="sine_of_mine")
    f = lambda p: p[0] * sine(p[1] * t) + p[2]
    p = np.array([2.0, 3.0, 1.0])
    J = ag.jacobian(f)(p)
    np.testing.assert_allclose(J, np.stack([np.sin(3 * t), 2 * t * np.cos(3 * t), np.ones(500)], axis=1), rtol=1e-12)
    assert len(calls) == 1  # recorded; then the product that it recorded is swept
    H = ag.jacobian(ag.jacobian(f))(p)
    np.testing.assert_allclose(H[:, 1, 1], -2 * t * t * np.sin(3 * t), rtol=1e-12, atol=1e-12)


def test_a_rule_that_does_not_run_on_tensors_is_swept_by_rows():
    rule = lambda g, y, x: g * np.asarray([float(v) for v in np.cos(x)])
    sine = ag.primitive(lambda x: np.sin(x), rule, name="sine_by_lists")
    t = np.linspace(0, 1, 50)
    J = ag.jacobian(lambda x: sine(x * t))(2.0)
    np.testing.assert_allclose(J, t * np.cos(2 * t), rtol=1e-12)


def test_a_users_primitive_is_run_row_by_row_unless_its_function_is_elementwise():
    rule, calls = runs(lambda g, y, x: g[::-1])
    flip = ag.primitive(lambda x: x[::-1], rule, name="flip_of_mine")
    assert ag.jacobian(flip)(np.ones(5)).tolist() == np.eye(5)[::-1].tolist()
    assert len(calls) == 5
    rule, calls = runs(lambda g, y, x: g * y)
    exponential = ag.primitive(np.exp, rule, name="exponential_of_mine", numpy=lambda x: x)
    assert ag.jacobian(exponential)(np.zeros(5)).tolist() == np.eye(5).tolist()
    assert len(calls) == 1


@pytest.mark.parametrize("f", [lambda y: y * 2, lambda y: y[[2, 0, 1, 1]]], ids=["at once", "row by row"])
def test_hooks_see_each_row(f):
    seen = []

    def hook(g):
        seen.append(g.shape)
        return g * 10

    def hooked(x):
        y = np.sin(x)
        for t in (x, y):
            t.register_hook(hook)
        return f(y)

    x = np.array([0.1, 0.2, 0.3])
    rows = len(f(x))
    np.testing.assert_allclose(ag.jacobian(hooked)(x), 100 * ag.jacobian(lambda x: f(np.sin(x)))(x), rtol=1e-12)
    assert seen == [(3,)] * 2 * rows


def test_an_anomaly_is_reported_as_that_of_one_row():
    x = Tensor([4.0, 0.0], name="x", requires_grad=True)
    with ag.detect_anomaly():
        J = ag.jacobian(np.sqrt)(np.array([4.0, 1.0]))
        np.testing.assert_array_equal(J, [[0.25, 0], [0, 0.5]])
        with refused(FloatingPointError, saying=["sqrt", "'x' float64 (2,)"]):
            ag.jacobian(np.sqrt)(x)
