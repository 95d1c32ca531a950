"""Products, einsum and diagonals: every form of call, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor
from tests.support import along, refused, same

LENGTHS = {"i": 2, "j": 3, "k": 4, "l": 1}


@given(data=st.data(), count=st.integers(1, 3), rng=st.integers(0, 2**32 - 1).map(np.random.default_rng))
def test_einsum_of_any_labels(data, count, rng):
    terms = [data.draw(st.text("ijkl", max_size=3)) for _ in range(count)]
    result = "".join(data.draw(st.permutations(sorted({*"".join(terms)}))))[: data.draw(st.integers(0, 4))]
    arrays = []
    for term in terms:
        # An axis whose label occurs once in its operand may have length 1: it is broadcast.
        ones = data.draw(st.sets(st.sampled_from(term), max_size=1)) if term else set()
        arrays.append(rng.normal(size=[1 if c in ones and term.count(c) == 1 else LENGTHS[c] for c in term]))
    optimize = data.draw(st.booleans())

    def f(*operands):
        return np.einsum(f"{','.join(terms)}->{result}", *operands, optimize=optimize)

    same(f(*map(Tensor, arrays)).numpy(), np.asarray(f(*arrays)))
    along(f, arrays, rng)


@pytest.mark.parametrize(
    "call",
    [
        lambda a, b: np.einsum(a, [0, 1], b, [1, 2]),
        lambda a, b: np.einsum(a, [7, 3], b, [3, 40], [40, 7]),
        lambda a, b: np.einsum(a, [Ellipsis, 0], b, [0, Ellipsis]),
        lambda a, b: np.einsum("ij,jk", a, b),
        lambda a, b: np.einsum(" i j , j k -> k i ", a, b),
        lambda a, b: np.einsum("ba,ac", a, b),
        lambda a, b: np.einsum("ij,jk->ik", a, b, optimize="greedy"),
        lambda a, b: np.einsum("ij,jk->ik", a, b, optimize=["einsum_path", (0, 1)]),
        lambda a, b: np.einsum("...,...", a, b.T),
        lambda a, b: np.einsum("i...->...", a) + np.einsum("...i->i...", b)[0],
        lambda a, b: np.einsum("ij,jk,kl,li", a, b, a, b, optimize=True),
        lambda a, b: np.einsum("ij,jk->ik", a, b, dtype=np.float64, casting="safe"),
        lambda a, b: np.einsum("ij,jk->ik", a, b.numpy() if isinstance(b, Tensor) else b),
        lambda a, b: np.einsum("ij,kj->ik", a, [[1.0, 2.0, 3.0]]) + b.sum(),
    ],
)
def test_every_way_of_calling_einsum(call, rng):
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    same(call(Tensor(a), Tensor(b)).numpy(), np.asarray(call(a, b)))
    if "numpy()" not in str(call.__code__.co_names):
        ag.check_grads(lambda x, y: call(x, b) if "numpy" in call.__code__.co_names else call(x, y), [a, b], order=2)


def test_einsum_that_numpy_refuses_names_operands_and_way_out():
    a = Tensor(np.ones((2, 3)), requires_grad=True, name="a")
    with refused(ValueError, a, saying=["einsum", "'a' float64 (2, 3)", "ij,jk->ik", "same label"]):
        np.einsum("ij,jk->ik", a, np.ones((2, 2)))
    with refused(TypeError, a, saying=["einsum", "out=", "use the result that is returned"]):
        np.einsum("ij->ji", a, out=np.zeros((3, 2)))
    with refused(ValueError, a, saying=["labels"]):
        np.einsum(a, [*range(60)])


def test_einsum_computes_the_gradients_that_are_wanted_only(monkeypatch):
    x, w = np.ones((2, 3, 1)), Tensor(np.ones((3, 2)), requires_grad=True)
    y = np.einsum("ijl,jk->ik", x, w)
    calls, einsum = [], np.einsum
    monkeypatch.setattr(np, "einsum", lambda *args, **options: calls.append(args[0]) or einsum(*args, **options))
    y.backward(np.ones((2, 2)))
    assert calls == ["ik,ijl->jk"]


@pytest.mark.parametrize(
    "call",
    [
        lambda a, b: np.matmul(a, b, axes=[(0, 1), (1, 0), (1, 0)]),
        lambda a, b: np.matmul(a, b, axes=[(-1, -2), (-1, -2), (-2, -1)]),
        lambda a, b: np.vecdot(a, b, axis=0),
        lambda a, b: np.vecdot(a, b, axis=0, keepdims=True),
        lambda a, b: np.vecdot(a, b, keepdims=True),
        lambda a, b: np.vecdot(a, b, axes=[(0,), (0,), ()]),
        lambda a, b: np.vecdot(a, b, axes=[0, 0]),
        lambda a, b: np.linalg.vecdot(a, b, axis=0),
    ],
)
def test_products_along_other_axes_than_the_last(call, rng):
    a, b = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    same(call(Tensor(a), Tensor(b)).numpy(), call(a, b))
    ag.check_grads(call, [a, b], order=2)


@pytest.mark.skipif(not hasattr(np, "matvec"), reason="np.matvec is there since NumPy 2.2")
def test_matvec_and_vecmat_take_axes(rng):
    a, x = rng.normal(size=(3, 2, 2)), rng.normal(size=(3, 2))
    for f in (
        lambda a, x: np.matvec(a, x, axes=[(1, 0), 0, 0]),
        lambda a, x: np.vecmat(x, a, axes=[0, (0, 2), -1]),
    ):
        same(f(Tensor(a), Tensor(x)).numpy(), f(a, x))
        ag.check_grads(f, [a, x], order=2)


def test_cross_in_the_plane_and_between_plane_and_space(rng):
    plane, space = rng.normal(size=(2, 2)), rng.normal(size=(2, 3))
    with pytest.warns(DeprecationWarning):  # NumPy's own, of its own result
        wanted = [np.cross(plane, plane[0]), np.cross(plane, space)]
    same(np.cross(Tensor(plane), plane[0]).numpy(), wanted[0])
    same(np.cross(Tensor(plane), Tensor(space)).numpy(), wanted[1])
    ag.check_grads(np.cross, [plane, space], order=2)


@pytest.mark.parametrize(
    "call",
    [
        lambda a: a.trace(),
        lambda a: a.trace(1, 2, 1),
        lambda a: a.diagonal(-1, 1, 2),
        lambda a: np.diag(a[0], 1),
        lambda a: np.diag(a[0, 0], -2),
        lambda a: np.diagflat(a),
        lambda a: np.diag(np.diag(a[0])),
        lambda a: a.mT,
        lambda a: np.trace(a, dtype=np.float64),
    ],
)
def test_diagonals(call, rng):
    a = rng.normal(size=(2, 3, 3))
    same(call(Tensor(a)).numpy(), np.asarray(call(a)))
    ag.check_grads(call, [a], order=2)


def test_products_that_are_refused():
    t = Tensor(np.ones(3), requires_grad=True, name="t")
    with refused(ValueError, t, saying=["mT", "'t'", "(3,)"]):
        t.mT  # noqa: B018
    with refused(ValueError, t, saying=["np.diag", "(1, 1, 3)"]):
        np.diag(t.reshape(1, 1, 3))
    with refused(ValueError, t, saying=["inner", "'t'", "last axes"]):
        np.inner(t, np.ones(2))
    with refused(TypeError, t, saying=["out="]):
        np.trace(t.reshape(1, 3), out=np.zeros(()))
