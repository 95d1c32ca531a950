"""Python's operators, both ways round, and ndarray's methods: what they give is what NumPy gives."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.support import refused, same

LEFT = {
    "scalar": np.float64(1.25),
    "vector": np.array([0.5, 1.5, 2.5]),
    "matrix": np.array([[0.5, 1.25, 0.75], [2.0, 0.25, 1.5]]),
    "float32": np.array([0.5, 1.5, 2.5], dtype=np.float32),
    "0-d array": np.array(0.75),
}
OTHER = {
    "Tensor": Tensor([1.5, 0.5, 2.0]),
    "scalar Tensor": Tensor(1.5),
    "ndarray": np.array([1.5, 0.5, 2.0]),
    "float32 ndarray": np.array([1.5, 0.5, 2.0], dtype=np.float32),
    "integer ndarray": np.array([1, 2, 3]),
    "np.float64": np.float64(1.5),
    "np.float32": np.float32(1.5),
    "np.int64": np.int64(2),
    "float": 1.5,
    "int": 2,
    "bool": True,
    "list": [1.5, 0.5, 2.0],
    "tuple": (1, 2, 3),
}
ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


def plain(value):
    return value.data if type(value) is Tensor else value


@pytest.mark.parametrize("other", OTHER)
@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("operate", ARITHMETIC, ids=lambda o: o.__name__)
def test_arithmetic_both_ways_round(operate, left, other):
    a, b = LEFT[left], OTHER[other]
    bare = np.array(b) if isinstance(b, (list, tuple)) else plain(b)
    for pair, expected in (
        (lambda t: operate(t, b), operate(a, bare)),
        (lambda t: operate(b, t), operate(bare, a)),
    ):
        t = Tensor(a, requires_grad=True)
        result = pair(t)
        assert type(result) is Tensor and result.requires_grad
        same(np.asarray(result.data), np.asarray(expected))
        result.backward(np.ones(result.shape))
        assert (t.grad.shape, t.grad.dtype) == (a.shape, a.dtype)
        if a.dtype == np.float64:
            assert ag.check_grads(pair, [a], order=2, rtol=1e-4 if result.dtype == np.float32 else None) < 1e-4


@pytest.mark.parametrize("other", OTHER)
@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("operate", COMPARISONS, ids=lambda o: o.__name__)
def test_comparisons_both_ways_round(operate, left, other):
    a, b = LEFT[left], OTHER[other]
    t = Tensor(a, requires_grad=True)
    for result, expected in ((operate(t, b), operate(a, plain(b))), (operate(b, t), operate(plain(b), a))):
        assert type(result) is Tensor and not result.requires_grad
        same(np.asarray(result.data), np.asarray(expected))


@pytest.mark.parametrize(
    "other", [np.ones((3, 2)), np.ones(3), Tensor(np.ones((3, 2))), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]], ids=str
)
def test_matmul_both_ways_round(other):
    a = LEFT["matrix"]
    assert ag.check_grads(lambda t: t @ other, [a], order=2) < 1e-6
    assert ag.check_grads(lambda t: other @ t.T if np.ndim(plain(other)) == 1 else t.T.T @ other, [a], order=2) < 1e-6
    t = Tensor(a.T, requires_grad=True)
    flipped = np.asarray(plain(other)).T
    result = flipped @ t
    assert type(result) is Tensor and np.array_equal(result.numpy(), flipped @ a.T)


def test_unary_operators():
    for operate in (operator.neg, operator.pos, operator.abs):
        assert ag.check_grads(lambda t, operate=operate: operate(t), [LEFT["matrix"] - 1.3], order=2) < 1e-6
    mask = Tensor(np.array([True, False]))
    assert (~mask).numpy().tolist() == [False, True]


@pytest.mark.parametrize("other", [0.75, np.array([0.75, 2.0, 0.3]), np.float32(0.75), [0.75, 2.0, 0.3]], ids=str)
@pytest.mark.parametrize("operate", [operator.mod, operator.floordiv, divmod], ids=lambda o: o.__name__)
def test_quotients_and_remainders_both_ways_round(operate, other):
    a = np.array([[0.5, 1.25, 0.7], [2.0, 0.35, 1.75]])
    bare = np.array(other) if isinstance(other, list) else other
    for pair, expected in (
        (lambda t: operate(t, other), operate(a, bare)),
        (lambda t: operate(other, t), operate(bare, a)),
    ):
        result = pair(Tensor(a, requires_grad=True))
        several = result if operate is divmod else (result,)
        for found, numpys in zip(several, expected if operate is divmod else (expected,), strict=True):
            same(found.data, numpys)
        assert several[-1].requires_grad == (operate is not operator.floordiv)
        if operate is not operator.floordiv:
            last = lambda t, pair=pair: pair(t)[-1] if operate is divmod else pair(t)
            assert ag.check_grads(last, [a], order=2) < 1e-6


def test_rounding_is_flat():
    x = Tensor([[0.126, 1.5], [2.5, -0.5]], requires_grad=True)
    for result, expected in (
        (round(x), np.round(x.numpy())),
        (round(x, 2), np.round(x.numpy(), 2)),
        (x.round(1), x.numpy().round(1)),
    ):
        same(result.data, expected)
        assert not result.requires_grad


def test_places_parts_and_conjugates_are_ndarrays_methods():
    x = Tensor([[0.126, 1.5], [2.5, -0.5]], requires_grad=True)
    for call in (lambda x: x.argmax(), lambda x: x.argmin(0), lambda x: x.argsort(axis=0), lambda x: x.imag):
        found = call(x)
        assert not found.requires_grad
        same(np.asarray(found.data), np.asarray(call(x.numpy())))
    for call in (lambda x: x.conj(), lambda x: x.conjugate(), lambda x: x.real):
        assert call(x).requires_grad
        same(call(x).data, call(x.numpy()))


def test_masks_combine_by_exclusive_or():
    x = Tensor([0.5, 1.5, 2.5])
    assert ((x > 1) ^ (x > 2)).numpy().tolist() == [False, True, False]
    assert (np.array([True, True, False]) ^ (x > 1)).numpy().tolist() == [True, False, True]


def test_masks_combine_by_and_and_or():
    x = Tensor([0.5, 1.5, 2.5], requires_grad=True)
    assert ((x > 1) & (x < 2)).numpy().tolist() == [False, True, False]
    assert ((x < 1) | (x > 2)).numpy().tolist() == [True, False, True]
    assert (np.array([True, True, False]) & (x > 1)).numpy().tolist() == [False, True, False]


def test_in_place_operators_make_new_tensors():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x
    y += 1.0
    y *= 2.0
    assert x.data.tolist() == [1, 2] and y.data.tolist() == [4, 6] and y.requires_grad


def test_scalars_stay_scalars():
    x = Tensor(2.0, requires_grad=True)
    for result in (x + 1, 2 * x, x / 3, x**2, x**0.5, -x, abs(x), x - x, np.exp(x)):
        assert type(result.data) is np.float64
        result.backward()
        assert type(x.grad.data) is np.float64


METHODS = """
x.sum()
x.sum(0)
x.sum(axis=(0, 1), keepdims=True)
x.sum(axis=1, dtype=np.float64)
x.mean()
x.mean(1)
x.mean(axis=0, keepdims=True)
x.max()
x.max(0)
x.max(axis=1, keepdims=True)
x.min()
x.min(axis=-1)
x.sum(where=x > 1, initial=2)
x.mean(axis=0, where=np.array([[True], [True]]))
x.prod(0)
x.var()
x.var(axis=1, ddof=1)
x.std(0, keepdims=True)
x.std(where=x > 1)
x.cumsum()
x.cumprod(axis=1)
x.max(initial=1.3)
x.T
x.transpose()
x.transpose(1, 0)
x.transpose((1, 0))
x.transpose([-1, 0])
x.transpose(None)
x.reshape(-1)
x.reshape(3, 2)
x.reshape((3, 2))
x.reshape([6])
x.reshape(3, -1, order="F")
x.squeeze()
x[:1].squeeze(0)
x[:1].squeeze(axis=0)
x.dot(x.T)
x.dot(2.0)
x.clip(0.6, 1.3)
x.clip(min=0.6)
x.clip(max=1.3)
x.clip(None, 1.3)
x.astype(np.float64)
x.astype(float)
x.astype("float64")
x[0]
x[-1, 1]
x[:, 1]
x[..., None]
x[::-1, ::2]
x[()]
x[1:1]
x[x > 1]
x[[0, 1, 0]]
x[np.array([1, 0]), 1:]
x[True]
x[np.newaxis, 0]
"""


@pytest.mark.parametrize("call", METHODS.strip().splitlines())
def test_methods_are_ndarrays_own(call):
    f = lambda x: eval(call, {"np": np, "x": x})
    x = LEFT["matrix"]
    result = f(Tensor(x, requires_grad=True))
    assert type(result) is Tensor and result.requires_grad
    same(result.data, f(x))
    assert ag.check_grads(f, [x], order=2) < 1e-6


def test_a_tensor_as_an_index_stands_for_its_data():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    assert x[Tensor(np.array([2, 0]))].numpy().tolist() == [3, 1]
    assert x[Tensor(2)].item() == 3
    assert x[x > 1].numpy().tolist() == [2, 3]
    assert x[Tensor(0) : Tensor(2)].numpy().tolist() == [1, 2]


def test_the_square_is_recorded_as_a_square():
    x = Tensor(3.0, requires_grad=True)
    assert (x**2).primitive.__name__ == "square"
    assert (x**3).primitive.__name__ == "power"


# Refusals -------------------------------------------------------------------------------------------------------

W = Tensor(np.ones((2, 3)), requires_grad=True, name="W")
V = Tensor(np.ones(4), name="V")


@pytest.mark.parametrize("operate", [*ARITHMETIC, *COMPARISONS], ids=lambda o: o.__name__)
def test_shapes_that_do_not_broadcast_are_refused(operate):
    for pair in ((W, V), (V, W), (W, np.ones(4)), (np.ones(4), W), (W, [1.0, 2.0, 3.0, 4.0]), ([1.0, 2.0], W)):
        names = [t.name for t in pair if type(t) is Tensor]
        with refused(ValueError, W, V, saying=["(2, 3)", "np.expand_dims", *names]):
            operate(*pair)


def test_matrices_that_do_not_fit_are_refused():
    for pair in ((W, V), (V, W), (W, np.ones((2, 3))), (np.ones((2, 2)), Tensor(np.ones(3), name="W"))):
        with refused(ValueError, W, V, saying=["matmul", "'W'", ".T"]):
            operator.matmul(*pair)


@pytest.mark.parametrize("other", ["a", None, object(), {}, b"x"], ids=lambda other: type(other).__name__)
@pytest.mark.parametrize("operate", [*ARITHMETIC, operator.matmul], ids=lambda o: o.__name__)
def test_operands_that_are_no_numbers_are_refused(operate, other):
    kinds = (TypeError, ValueError) if operate is operator.matmul else TypeError
    with refused(kinds, W, saying=["'W'"]):
        operate(W, other)
    with refused(kinds, W, saying=["'W'"]):
        operate(other, W)


def test_an_array_of_objects_is_refused():
    objects = np.array([1.0, None, 2.0])
    for pair in ((W, objects), (objects, W)):
        with refused(TypeError, W, saying=["'W'", "object"]):
            operator.mul(*pair)
    numbers = np.array([1, 2, 3], dtype=object)
    for pair in ((W, numbers), (numbers, W)):
        with refused(TypeError, W, saying=["'W'", "object"]):
            operator.mul(*pair)


def test_an_index_out_of_bounds_is_refused():
    with refused(IndexError, W, saying=["getitem", "'W'", "(2, 3)", "index=5"]):
        W[5]
    with refused(IndexError, W, saying=["getitem", "'W'", "(2, 3)"]):
        W[0, 0, 0]
    with refused(IndexError, W, saying=["getitem", "'W'"]):
        W["a"]


def test_operators_without_a_derivative_are_refused():
    for pair in ((W, 2), (2, W), (W, W), (np.ones(3), W)):
        with refused(TypeError, W, saying=[]):
            operator.lshift(*pair)


@pytest.mark.parametrize("name", ["fill", "itemset", "partition", "put", "resize", "sort"])
def test_methods_that_would_write_into_the_value_are_refused(name):
    t = Tensor([2.0, 1.0], requires_grad=True, name="t")
    for args in ((), (0,), (0, 1.0)):
        with refused(TypeError, t, saying=[f"Tensor 't'.{name}", "(2,)", "t = ", "t.data"]):
            getattr(t, name)(*args)


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "**", "@", "%"])
def test_an_operator_in_place_makes_a_new_tensor_and_leaves_the_old_as_it_was(sign):
    t = before = Tensor([2.0, 1.0], requires_grad=True, name="t")
    a = np.array([1.0, 3.0])
    names = {"t": t, "a": a}
    exec(f"t {sign}= a", names)
    assert names["t"] is not before and names["t"].primitive is not None
    assert before.numpy().tolist() == [2, 1] and a.tolist() == [1, 3]
    names["t"].backward(np.ones(names["t"].shape))
    assert before.grad is not None


def test_a_view_of_the_same_memory_is_refused():
    t = Tensor([3.0, 1.0], requires_grad=True, name="t")
    with refused(TypeError, t, saying=["'t'.view", ".astype", "t.data.view"]):
        t.view(np.int64)


def test_what_arrays_say_of_themselves_tensors_say_too():
    t = Tensor([[3.0, 1.0], [2.0, 4.0]], requires_grad=True)
    assert t.tolist() == [[3, 1], [2, 4]] and (t.nbytes, t.itemsize) == (32, 8)
    assert t.argsort().tolist() == [[1, 0], [0, 1]] and [i.tolist() for i in t[0].nonzero()] == [[0, 1]]
    assert t[:, 0].argsort().tolist() == [1, 0] and Tensor([1.0, 2.0]).searchsorted(1.5).item() == 1
    assert t.real is t and t.imag.tolist() == [[0, 0], [0, 0]] and Tensor(1 + 2j).imag.item() == 2
    assert [x.item() for x in t.flat] == [3, 1, 2, 4] and t.flat[2].requires_grad
    assert Tensor([1, 0]).choose([t[0], t[1]]).tolist() == [2, 1]


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
@pytest.mark.parametrize("layout", ["C", "F", "axes in another order"])
def test_the_order_of_memory_is_that_of_the_value_not_of_the_gradient(order, layout):
    x = np.arange(24.0).reshape(2, 3, 4)
    x = x.transpose(1, 2, 0) if layout == "axes in another order" else np.array(x, order=layout)
    t = Tensor(x, requires_grad=True)
    row = t.ravel(order)
    assert row.tolist() == x.ravel(order).tolist()
    row.backward(row.numpy())
    assert t.grad.tolist() == x.tolist()
    if order != "K":
        assert np.reshape(t, (4, 6), order).tolist() == np.reshape(x, (4, 6), order).tolist()
