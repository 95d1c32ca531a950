"""Joining, splitting, inserting, padding, ordering: what NumPy gives, and where gradients go when there is a choice."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd as ag
from autograd import Tensor
from tests.support import along, refused, same

seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def gradient_of(f, x, weights=1.0):
    t = Tensor(np.array(x, dtype=float), requires_grad=True)
    np.sum(f(t) * weights).backward()
    return t.grad.numpy().tolist()


@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=3),
    mode=st.sampled_from(["constant", "edge", "reflect", "symmetric", "wrap", "maximum", "minimum", "mean"]),
    data=st.data(),
    rng=seeds,
)
def test_any_padding(shape, mode, data, rng):
    widths = [data.draw(st.tuples(st.integers(0, 5), st.integers(0, 5))) for _ in shape]
    x = rng.permutation(np.arange(float(np.prod(shape)))).reshape(shape)  # no ties
    same(np.pad(Tensor(x), widths, mode).data, np.pad(x, widths, mode))
    along(lambda t: np.pad(t, widths, mode), [x], rng)


def test_ways_to_say_how_much_is_padded():
    x = np.arange(6.0).reshape(2, 3)
    by_axis = [{1: (1, 2)}, {-1: 2}] if np.lib.NumpyVersion(np.__version__) >= "2.2.0" else []
    for width in (1, (1, 2), ((1, 2), (0, 3)), [[1], [2]], np.array([1, 0]), *by_axis):
        same(np.pad(Tensor(x), width).data, np.pad(x, width))
    same(np.pad(Tensor(x), 1, constant_values=(1, 2)).data, np.pad(x, 1, constant_values=(1, 2)))
    same(
        np.pad(Tensor(x), 3, "mean", stat_length=((1, 2), (2, 9))).data,
        np.pad(x, 3, "mean", stat_length=((1, 2), (2, 9))),
    )
    t = Tensor(x, name="t")
    for mode, options in (("linear_ramp", {}), ("empty", {}), ("reflect", {"reflect_type": "odd"})):
        with refused(TypeError, t, saying=["np.pad", "no derivative", "np.concatenate"]):
            np.pad(t, 1, mode, **options)


@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4),
    data=st.data(),
    rng=seeds,
    equal=st.booleans(),
)
def test_any_split_and_what_is_not_used_of_it(shape, data, rng, equal):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    sections = data.draw(st.integers(1, 5) if equal else st.lists(st.integers(-5, 6), max_size=4))
    x = rng.normal(size=shape)
    found, numpys = (np.array_split(a, sections, axis) for a in (Tensor(x), x))
    assert type(found) is list and len(found) == len(numpys)
    for piece, expected in zip(found, numpys, strict=True):
        same(piece.data, expected)
    used = data.draw(st.sets(st.integers(0, len(numpys) - 1), min_size=1))

    def some(t):
        pieces = np.array_split(t, sections, axis)
        return np.concatenate([np.ravel(pieces[i]) for i in used])

    along(some, [x], rng)


def test_iteration_is_one_operation_whose_rows_share_a_gradient():
    t = Tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    first, _, last = t
    assert first.primitive.__name__ == "part" and first.inputs[0] is last.inputs[0]
    (np.sum(first * 2) + np.sum(last**2) + first[0]).backward()
    assert t.grad.numpy().tolist() == [[3, 2], [0, 0], [8, 10]]
    assert [x.item() for x in Tensor([1.0, 2.0])] == [1, 2] and list(Tensor(np.zeros((0, 2)))) == []
    products = lambda v: sum(x**2 * y for x, y in pairwise(v))
    assert ag.check_grads(products, [np.arange(4.0)], order=2) < 1e-6


def test_a_split_that_does_not_come_out_even_is_refused():
    t = Tensor(np.arange(5.0), name="t")
    with refused(ValueError, t, saying=["(5,)", "2", "np.array_split"]):
        np.split(t, 2)
    with refused(ValueError, t, saying=["vsplit", "(5,)"]):
        np.vsplit(t, 1)
    with refused(TypeError, t, saying=["block", "tuple"]):
        np.block([(t, t)])
    with refused(ValueError, t, saying=["block", "depth"]):
        np.block([[t], t])


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.insert(x, 1, [7.0, 8.0], axis=0),
        lambda x: np.insert(x, [0, 2, 0], x[:, :1], axis=1),
        lambda x: np.insert(x, slice(None, None, 2), 5.0),
        lambda x: np.insert(x, -1, x[0]),
        lambda x: np.insert(x, [1], [[7.0], [8.0]], axis=1),
        lambda x: np.append(x, [1.0, 2.0]),
        lambda x: np.delete(x, [True, False], axis=0),
    ],
)
def test_what_is_inserted_and_deleted_is_as_in_numpy(call):
    x = np.arange(4.0).reshape(2, 2)
    same(call(Tensor(x)).data, call(x))
    assert ag.check_grads(call, [x]) < 1e-6


# Order ----------------------------------------------------------------------------------------------------------


def test_of_equal_entries_the_earlier_is_the_smaller():
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    assert gradient_of(np.sort, [2.0, 1.0, 2.0, 1.0], weights) == [3, 1, 4, 2]
    assert gradient_of(lambda t: np.unique(t), [2.0, 1.0, 2.0, 1.0], weights[:2]) == [2, 1, 0, 0]


@given(shape=hnp.array_shapes(max_dims=3, max_side=9), data=st.data(), rng=seeds)
@pytest.mark.parametrize("row", [np.sort, np.partition], ids=lambda row: row.__name__)
def test_any_order(row, shape, data, rng):
    axis = data.draw(st.none() | st.integers(-len(shape), len(shape) - 1))
    length = int(np.prod(shape)) if axis is None else shape[axis]
    kth = (data.draw(st.integers(-length, length - 1)),) if row is np.partition else ()
    x = rng.permutation(np.arange(float(np.prod(shape)))).reshape(shape)
    same(row(Tensor(x), *kth, axis=axis).data, row(x, *kth, axis=axis))
    along(lambda t: row(t, *kth, axis=axis), [x], rng)


def test_sets_of_entries_their_places_and_counts_are_numpys():
    x, y = np.array([3.0, 1.0, 3.0, np.nan, 2.0]), np.array([2.0, 5.0, 3.0])
    t = Tensor(x, requires_grad=True)
    for call in (
        lambda a: np.unique(a, return_index=True, return_inverse=True, return_counts=True),
        lambda a: np.unique(a, return_counts=True, equal_nan=False),
        np.unique_all,
        np.unique_counts,
        np.unique_inverse,
        lambda a: (np.unique_values(a),),
        lambda a: np.intersect1d(a, y, return_indices=True),
        lambda a: (np.union1d(a, y), np.setdiff1d(a, y), np.setdiff1d(y, a), np.setxor1d(a, y)),
    ):
        found, numpys = call(t), call(x)
        assert type(found) is type(numpys)
        for tensor, array in zip(found, numpys, strict=True):
            same(np.asarray(tensor.data), np.asarray(array))
    assert found[0].requires_grad and not np.unique_all(t).counts.requires_grad
    assert gradient_of(lambda t: np.intersect1d(t, y), [3.0, 1.0, 2.0], np.array([5.0, 7.0])) == [7, 0, 5]


# Signals --------------------------------------------------------------------------------------------------------


@given(n=st.integers(1, 6), m=st.integers(1, 6), mode=st.sampled_from(["full", "same", "valid"]), rng=seeds)
@pytest.mark.parametrize("row", [np.convolve, np.correlate], ids=lambda row: row.__name__)
def test_any_lengths_that_are_convolved(row, n, m, mode, rng):
    a, v = rng.normal(size=n), rng.normal(size=m)
    same(row(Tensor(a), Tensor(v), mode).data, row(a, v, mode))
    along(lambda a, v: row(a, v, mode), [a, v], rng)


def test_interpolation_beyond_the_ends_and_at_the_points():
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([1.0, 3.0, 2.0])
    x = np.array([-1.0, 0.0, 0.5, 1.0, 3.0, 4.0])
    for options in ({}, {"left": 9.0}, {"right": -9.0}):
        t, f = Tensor(x, requires_grad=True), Tensor(fp, requires_grad=True)
        y = np.interp(t, xp, f, **options)
        same(y.data, np.interp(x, xp, fp, **options))
        y.backward(np.ones(6))
        assert t.grad.numpy().tolist() == [0, 2, 2, -0.5, -0.5, 0]
        assert f.grad.numpy().tolist() == [2.5 - ("left" in options), 1.5, 2 - ("right" in options)]
    f = Tensor([2.0], requires_grad=True)
    y = np.interp(Tensor(x), [1.0], f, left=0.0)
    y.backward(np.ones(6))
    assert f.grad.numpy().tolist() == [3]


def test_counts_are_constants_and_sums_of_weights_are_not():
    places, w = Tensor(np.array([0, 2, 2])), Tensor([1.0, 2.0, 4.0], requires_grad=True)
    assert np.bincount(places).tolist() == [1, 0, 2]
    y = np.bincount(places, weights=w, minlength=4)
    assert y.tolist() == [1, 0, 6, 0]
    y.backward(np.array([3.0, 5.0, 7.0, 9.0]))
    assert w.grad.numpy().tolist() == [3, 7, 7]
