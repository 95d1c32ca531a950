"""Taking out by index and putting in: repeats, masks, mixes, empty results; ag.at; np.take and its kin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd as ag
from autograd import Tensor
from tests.support import along, refused, same

seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@st.composite
def shapes_and_indices(draw):
    """A shape and an index that mixes all that NumPy takes: integers, slices, …, None, integer arrays, masks."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
    if draw(st.integers(0, 4)) == 0:
        return shape, draw(hnp.arrays(bool, shape[: draw(st.integers(1, len(shape)))]))
    common = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=3))
    parts = []
    for length in shape[: draw(st.integers(0, len(shape)))]:
        kinds = ["slice"] + ["integer", "array", "list", "mask"] * bool(length)
        kind = draw(st.sampled_from(kinds))
        if kind == "slice":
            parts.append(draw(st.slices(length)))
        elif kind == "mask":  # so many places that they broadcast with the arrays
            mask = np.zeros(length, bool)
            mask[draw(st.integers(0, length - 1))] = True
            parts.append(mask)
        else:
            places = st.integers(-length, length - 1)
            given_shape = () if kind == "integer" else common
            array = draw(hnp.arrays(np.int64, given_shape, elements=places))
            parts.append(int(array) if kind == "integer" else array if kind == "array" else array.tolist())
    first_for_dots = 0 if len(parts) == len(shape) else len(parts)  # before that they would move the other indices
    if draw(st.booleans()):
        parts.insert(draw(st.integers(first_for_dots, len(parts))), ...)
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return shape, tuple(parts)


@given(case=shapes_and_indices(), rng=seeds)
def test_any_mix_of_indices_gives_numpys_entries_and_adds_up_what_is_taken_twice(case, rng):
    shape, index = case
    x = Tensor(rng.normal(size=shape), requires_grad=True)
    y = x[index]
    assert np.array_equal(y.numpy(), x.numpy()[index])
    g = rng.normal(size=y.shape)
    expected = np.zeros(shape)
    np.add.at(expected, index, g)
    y.backward(g)
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-13, atol=1e-14)


@given(case=shapes_and_indices(), rng=seeds)
def test_at_sets_and_adds_what_assignments_would(case, rng):
    shape, index = case
    a, there = rng.normal(size=shape), np.empty(shape)[index].shape
    for values in (rng.normal(size=there), rng.normal(), rng.normal(size=there[-1:])):
        expected = a.copy()
        expected[index] = values
        same(ag.at(Tensor(a), index).set(values).data, expected)
        expected = a.copy()
        np.add.at(expected, index, values)
        np.testing.assert_allclose(ag.at(Tensor(a), index).add(values).numpy(), expected, rtol=1e-13, atol=1e-14)
        along(lambda t, v: ag.at(t, index).set(v), [a, values], rng)
        along(lambda t, v: ag.at(t, index).add(v), [a, values], rng)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, ">f8"])
@pytest.mark.parametrize("shape", [(50,), (50, 30), (40, 5, 6)])
def test_many_entries_are_added_up_as_few_are(shape, dtype):
    rng = np.random.default_rng(0)
    index = rng.integers(0, shape[0], 700)
    x = Tensor(rng.normal(size=shape).astype(dtype), requires_grad=True)
    g = rng.integers(-2, 3, (700, *shape[1:])).astype(dtype)  # exact in any order
    expected = np.zeros(shape, dtype)
    np.add.at(expected, index, g)
    x[index].backward(g)
    same(x.grad.numpy(), expected.astype(x.dtype))


def test_of_several_values_for_one_entry_the_last_gets_the_gradient():
    t, v = Tensor(np.zeros(3), requires_grad=True), Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = ag.at(t, [1, 1, 0]).set(v)
    assert y.numpy().tolist() == [3, 2, 0]
    y.backward(np.array([5.0, 7.0, 11.0]))
    assert v.grad.numpy().tolist() == [0, 7, 5] and t.grad.numpy().tolist() == [0, 0, 11]


def test_at_keeps_the_dtype_and_takes_arrays_and_numbers():
    narrow = np.zeros(3, np.float32)
    assert ag.at(Tensor(narrow), 0).set(np.float64(0.5)).dtype == np.float32
    assert ag.at(Tensor(narrow), 0).add(1).dtype == np.float32
    assert ag.at([1.0, 2.0], 0).set(5).tolist() == [5, 2]
    index = np.array([0])
    place = ag.at(Tensor(narrow), index)
    index[0] = 2
    assert place.set(1.0).numpy().tolist() == [1, 0, 0]
    n = Tensor(np.arange(3), name="n")
    for method in (ag.at(n, 0).set, ag.at(n, 0).add):
        with refused(TypeError, n, saying=["float64", "int64", ".astype()", "'n'"]):
            method(np.float64(0.5))
    with refused(ValueError, n, saying=["'n'", "broadcast"]):
        ag.at(n, slice(2)).set(np.ones(3, int))
    with refused(IndexError, n, saying=["'n'", "out of bounds"]):
        ag.at(n, 7).add(1)


@pytest.mark.parametrize(
    "write",
    [
        lambda t: t.__setitem__(0, 1.0),
        lambda t: np.put(t, [0], [1.0]),
        lambda t: np.place(t, t.data > 0, [1.0]),
        lambda t: np.putmask(t, t.data > 0, [1.0]),
        lambda t: np.fill_diagonal(t, 1.0),
        lambda t: np.copyto(t, 1.0),
        lambda t: np.put_along_axis(t, np.array([[0]]), 1.0, 0),
    ],
)
def test_what_would_write_into_a_tensor_is_refused_and_names_at(write):
    t = Tensor(np.ones((2, 2)), requires_grad=True, name="t")
    with refused(TypeError, t, saying=["ag.at(t, index).set(values)"]):
        write(t)


def test_take_and_choose_beyond_the_ends_are_errors_unless_a_mode_says_more():
    t = Tensor(np.arange(6.0).reshape(2, 3), name="t")
    with refused(IndexError, t, saying=["'t'", "out of bounds"]):
        np.take(t, [7], axis=0)
    with refused(ValueError, t, saying=["axis 2"]):
        np.take(t, 0, axis=2)
    with refused(ValueError, t, saying=["mode", "'fold'"]):
        np.take(t, 0, mode="fold")
    with refused(ValueError, t, saying=["choose", "2 choices"]):
        np.choose([0, 2, 1], t)
    with refused(TypeError, t, saying=["choose", "float64"]):
        np.choose(t, [1, 2])
    with refused(ValueError, t, saying=["compress", "(2, 3)"]):
        np.compress(t > 1, t)


def test_what_is_trimmed_lies_around_what_is_not_zero():
    x = np.array([0.0, 0.0, 1.5, 0.0, 2.5, 0.0])
    for trim in ("fb", "f", "b"):
        t = Tensor(x, requires_grad=True)
        y = np.trim_zeros(t, trim)
        same(y.data, np.trim_zeros(x, trim))
        y.sum().backward()
        assert t.grad.numpy().sum() == y.size
    assert np.trim_zeros(Tensor(np.zeros(3))).shape == (0,)


def test_taking_nothing_is_an_empty_array_as_in_numpy():
    x = np.arange(6.0).reshape(2, 3)
    same(np.take(Tensor(x), []).data, np.take(x, []))
    same(np.take(Tensor(x), [], axis=1).data, np.take(x, [], axis=1))


def test_a_condition_alone_gives_the_places_where_it_holds():
    x = Tensor([1.0, -2.0, 3.0], requires_grad=True, name="x")
    assert [places.numpy().tolist() for places in np.where(x > 0)] == [[0, 2]]
    x[np.where(x > 0)].sum().backward()
    assert x.grad.numpy().tolist() == [1, 0, 1]
    with refused(TypeError, x, saying=["where"]):  # NumPy tells its arguments' names since 2.4
        np.where(x > 0, x)
