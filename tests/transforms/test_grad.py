"""Functions to functions: grad and value_and_grad, how they nest, what they take and give."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.tensor import last_change
from tests.support import refused

Layer = namedtuple("Layer", ["weight", "bias"])


def cube_sum(x):
    return np.sum(x**3)


# What goes in and what comes out --------------------------------------------------------------------------------------


def test_arrays_in_arrays_out():
    g = ag.grad(cube_sum)(np.array([1.0, 2.0]))
    assert type(g) is np.ndarray and g.tolist() == [3, 12]
    value, g = ag.value_and_grad(cube_sum)(np.array([1.0, 2.0]))
    assert type(value) is np.float64 and value == 9 and type(g) is np.ndarray


def test_numbers_are_scalars():
    g = ag.grad(lambda x: x * x)(3.0)
    assert type(g) is np.float64 and g == 6
    g = ag.grad(lambda x: x * x)(np.float32(3))
    assert type(g) is np.float32


def test_tensors_in_tensors_out():
    x = Tensor([1.0, 2.0])
    value, g = ag.value_and_grad(cube_sum)(x)
    assert type(value) is Tensor and type(g) is Tensor and g.numpy().tolist() == [3, 12]
    assert not g.requires_grad and x.grad is None and not x.requires_grad


def test_a_tensor_that_requires_a_gradient_gives_one_that_can_be_differentiated():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    value, g = ag.value_and_grad(cube_sum)(x)
    assert value.requires_grad and g.requires_grad and x.grad is None
    np.sum(g).backward()
    assert x.grad.numpy().tolist() == [6, 12]


def test_lists_are_containers_of_numbers():
    assert ag.grad(lambda p: p[0] * p[1])([2.0, 3.0]) == [3, 2]


def test_containers_come_back_as_they_went_in():
    def f(p):
        return np.sum(p["layers"][0].weight * 2 + p["layers"][0].bias) + p["layers"][1] ** 2

    g = ag.grad(f)({"layers": (Layer(np.ones((2, 2)), np.zeros(2)), 3.0)})
    assert list(g) == ["layers"] and type(g["layers"]) is tuple and type(g["layers"][0]) is Layer
    assert g["layers"][0].weight.tolist() == [[2, 2], [2, 2]]
    assert g["layers"][0].bias.tolist() == [2, 2] and g["layers"][1] == 6


def test_argnums_choose_the_arguments():
    f = lambda a, b, c: a * b**2 * c**3
    assert ag.grad(f)(2.0, 3.0, 1.0) == 9
    assert ag.grad(f, argnums=1)(2.0, 3.0, 1.0) == 12
    assert ag.grad(f, argnums=-1)(2.0, 3.0, 1.0) == 54
    assert ag.grad(f, argnums=(2, 0))(2.0, 3.0, 1.0) == (54, 9)
    assert ag.grad(f, argnums=[0])(2.0, 3.0, 1.0) == (9,)
    assert ag.grad(f, argnums=(0, -3))(2.0, 3.0, 1.0) == (9, 9)


def test_other_arguments_pass_through_untouched():
    seen = []

    def f(x, mode, *, scale):
        seen.append((mode, scale))
        return x * scale

    assert ag.grad(f)(2.0, "a", scale=5) == 5 and seen == [("a", 5)]


def test_the_name_and_the_docs_of_the_function_are_kept():
    def f(x):
        """Docs."""
        return x

    assert ag.grad(f).__name__ == "f" and ag.grad(f).__doc__ == "Docs."


def test_the_same_array_twice_is_two_arguments():
    x = np.array([2.0])
    a, b = ag.grad(lambda a, b: np.sum(a * a * b), argnums=(0, 1))(x, x)
    assert a.tolist() == [8] and b.tolist() == [4]
    t = Tensor([2.0], requires_grad=True)
    a, b = ag.grad(lambda a, b: np.sum(a * a * b), argnums=(0, 1))(t, t)
    assert a.numpy().tolist() == [8] and b.numpy().tolist() == [4]


def test_the_argument_itself_and_a_value_closed_over_are_two_things():
    t = Tensor(2.0, requires_grad=True)
    assert ag.grad(lambda x: x * t)(t).item() == 2
    assert ag.grad(lambda x: x * x + t * t)(t).item() == 4


def test_the_identity():
    assert ag.grad(lambda x: x)(2.0) == 1
    assert ag.grad(lambda x, y: x, argnums=(0, 1), allow_unused=True)(2.0, 3.0) == (1, 0)


def test_arguments_are_not_written_to_and_gradients_are_the_callers_own():
    x = np.array([1.0, 2.0])
    x.flags.writeable = False
    g = ag.grad(cube_sum)(x)
    assert not np.shares_memory(g, x)
    for f in (np.sum, lambda t: np.sum(t + 1), np.mean, lambda t: t[0] + t[1]):
        g = ag.grad(f)(x)
        g *= 2  # writable
    large = ag.grad(np.sum)(np.ones(100_000))
    large *= 2
    a, b = ag.grad(lambda a, b: np.sum(a + b), argnums=(0, 1))(x, x)
    a *= 2
    assert b.tolist() == [1, 1]


def test_parameters_around_the_function_are_left_alone():
    w = Tensor(3.0, requires_grad=True)
    g = ag.grad(lambda x: x * w)(2.0)
    assert w.grad is None and w.requires_grad
    assert float(np.asarray(g.detach() if type(g) is Tensor else g)) == 3


# Nesting ------------------------------------------------------------------------------------------------------------


def test_derivatives_of_any_order():
    f = lambda x: x**5
    for expected in (80.0, 160.0, 240.0, 240.0, 120.0):
        f = ag.grad(f)
        assert f(2.0) == expected
    sine_like = lambda x: np.tanh(x) * np.exp(-x)
    x, h = 0.3, 1e-4
    second = ag.grad(ag.grad(sine_like))
    slope = (ag.grad(sine_like)(x + h) - ag.grad(sine_like)(x - h)) / (2 * h)
    np.testing.assert_allclose(second(x), slope, rtol=1e-6)


def test_a_gradient_of_a_gradient_by_another_variable():
    assert ag.grad(lambda w: ag.grad(lambda x: w * x**2)(3.0))(5.0) == 6
    assert ag.grad(lambda w: w * ag.grad(lambda x: w * x**2)(3.0))(5.0) == 60
    assert ag.grad(lambda x: x * ag.grad(lambda y: x + y)(1.0))(1.0) == 1
    assert ag.grad(lambda x: x * ag.grad(lambda y: x * y)(2.0))(3.0) == 6


def test_the_inner_point_may_depend_on_the_outer_variable():
    assert ag.grad(lambda x: ag.grad(lambda y: y**3)(x * 2))(3.0) == 12 * 2 * 3.0
    assert ag.grad(lambda x: ag.grad(lambda y: x * y**2)(x))(3.0) == 4 * 3.0
    assert ag.grad(lambda x: ag.value_and_grad(lambda y: x * y**2)(x)[0])(3.0) == 3 * 9.0


def test_a_gradient_inside_a_backward():
    w = Tensor(5.0, requires_grad=True)
    inner = ag.grad(lambda x: w * x**2)(3.0)
    (inner * w).backward()
    assert w.grad.item() == 60


def test_a_hessian_by_rows():
    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    gradient = ag.grad(lambda x: x @ A @ x / 2)
    rows = [ag.grad(lambda x, i=i: gradient(x)[i])(np.array([1.0, -1.0])) for i in range(2)]
    assert np.array(rows).tolist() == A.tolist()


def test_a_gradient_step_inside_the_function_is_differentiated():
    # d/dr of f(x − r f'(x)) for f(x) = x²: −2x(1 − 2r)·2x
    f = lambda x: x**2
    g = ag.grad(lambda r: f(Tensor(3.0) - r * ag.grad(f)(3.0)))(0.1)
    np.testing.assert_allclose(g, -2 * 3 * (1 - 0.2) * 6)


def test_inside_no_grad_the_gradient_is_computed_but_not_recorded():
    x = Tensor(2.0, requires_grad=True)
    with ag.no_grad():
        value, g = ag.value_and_grad(lambda t: t**3)(x)
    assert g.item() == 12 and not g.requires_grad and not value.requires_grad


def test_no_grad_inside_the_function_makes_a_constant():
    def f(x):
        with ag.no_grad():
            constant = x * x
        return x * constant

    assert ag.grad(f)(3.0) == 9
    assert ag.grad(lambda x: x * x.detach())(3.0) == 3


def test_backward_inside_the_function():
    def f(x):
        w = Tensor(2.0, requires_grad=True)
        (w * w).backward()
        return x * w.grad

    assert ag.grad(f)(3.0) == 4


def test_second_order_through_every_argument_of_a_network():
    rng = np.random.default_rng(0)
    parameters = [rng.normal(size=s) for s in ((3, 4), (4,), (4, 2), (2,))]
    x = rng.normal(size=(5, 3))

    def loss(W1, b1, W2, b2):
        return np.mean((np.tanh(x @ W1 + b1) @ W2 + b2) ** 2)

    assert ag.check_grads(loss, parameters, order=2) < 1e-6


# Refusals -------------------------------------------------------------------------------------------------------------


def test_an_argument_without_influence_is_refused_or_zeros():
    f = lambda a, b: np.sum(a * 2)
    with refused(ValueError, saying=["does not depend", "(3,)", "allow_unused"]):
        ag.grad(f, argnums=(0, 1))(np.ones(2), np.ones(3))
    a, b = ag.grad(f, argnums=(0, 1), allow_unused=True)(np.ones(2), np.ones(3))
    assert a.tolist() == [2, 2] and b.tolist() == [0, 0, 0]
    zeros = ag.grad(f, argnums=1, allow_unused=True)(Tensor(np.ones(2)), Tensor(np.ones(3)))
    assert type(zeros) is Tensor and zeros.numpy().tolist() == [0, 0, 0]


def test_zeros_for_what_is_unused_are_zeros_also_where_the_value_is_infinite():
    unused = np.array([np.inf, np.nan, 1.0])
    assert ag.grad(lambda a, b: a * 2, argnums=(0, 1), allow_unused=True)(1.0, unused)[1].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "cut",
    [
        lambda x: np.sum(x.detach() * 2),
        lambda x: Tensor(x.numpy().sum()),
        lambda x: Tensor(1.0, requires_grad=True) * 2,
    ],
    ids=["detach", "numpy", "other"],
)
def test_a_graph_that_was_cut_is_refused(cut):
    with refused(ValueError, saying=["does not depend", "detach"]):
        ag.grad(cut)(np.ones(2))


@pytest.mark.parametrize("result", [1.0, None, np.ones(()), [Tensor(1.0)]], ids=lambda result: type(result).__name__)
def test_a_result_that_is_no_tensor_is_refused(result):
    def mine(x):
        return result

    with refused(TypeError, saying=["mine", type(result).__name__, "not a Tensor"]):
        ag.grad(mine)(1.0)


def test_a_result_that_is_no_scalar_is_refused():
    def mine(x):
        return x * 2

    with refused(ValueError, saying=["mine", "(2,)", "scalar"]):
        ag.grad(mine)(np.ones(2))


@pytest.mark.parametrize("x", [1, np.arange(3), True, 1j, np.ones(2, complex)], ids=str)
def test_an_argument_that_is_not_real_floating_is_refused(x):
    with refused(TypeError, saying=[str(np.asarray(x).dtype), "dtype=float"]):
        ag.grad(np.sum)(x)


def test_an_integer_result_is_refused():
    with refused((TypeError, ValueError), saying=[]):
        ag.grad(lambda x: np.sum(x > 0))(np.ones(2))


def test_a_wrong_argnum_is_refused():
    with refused(ValueError, saying=["argnums=2", "2 positional"]):
        ag.grad(lambda a, b: a * b, argnums=2)(1.0, 2.0)
    with refused(ValueError, saying=["argnums=0", "0 positional"]):
        ag.grad(lambda x: x)(x=1.0)


def test_an_error_in_the_function_comes_through_and_leaves_the_arguments_alone():
    t = Tensor([1.0, 2.0], requires_grad=True, name="t")
    with refused(ZeroDivisionError, t, saying=[]):
        ag.grad(lambda x: np.sum(x) / (1 // 0))(t)


def test_an_argument_that_has_no_gradient_is_named_by_its_place():
    def f(x, y):
        return np.sum(x["a"] * y)

    with pytest.raises(TypeError, match=r"argument 1 of f is int64, shape \(\)"):
        ag.grad(f, argnums=1)({"a": 1.0}, 3)
    with pytest.raises(TypeError, match=r"argument 0 of f is, in part, int64, shape \(2,\)"):
        ag.grad(f)({"b": 2.0, "a": np.array([1, 2])}, 3.0)


def test_a_gradient_by_arguments_outdates_no_other_graph():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = np.sum(x * x)
    before = list(last_change)
    ag.grad(cube_sum)(np.array([1.0]))
    assert list(last_change) == before
    y.backward()


def test_tensors_from_around_f_make_the_result_differentiable():
    w = Tensor(3.0, requires_grad=True)
    g = ag.grad(lambda x: x * x * w)(2.0)
    assert type(g) is Tensor and g.item() == 12
    g.backward()
    assert w.grad.item() == 4
    with ag.no_grad():
        assert type(ag.grad(lambda x: x * x * w)(2.0)) is np.float64
