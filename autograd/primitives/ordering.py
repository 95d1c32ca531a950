"""Entries in order: np.sort, np.partition; and those that differ, np.unique and the operations on sets."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .answers import bare, composed
from .notation import line_shown, named
from .primitive import primitive


def _lines(rng):
    yield (rng.normal(size=(2, 4)),)
    yield rng.normal(size=(3, 2)), {"axis": 0}
    yield rng.normal(size=(2, 2)), {"axis": None}


argsort = primitive(
    lambda a, axis=-1, kind=None, order=None, stable=None: np.argsort(a, axis, kind, stable=stable),
    None,
    numpy=np.argsort,
    notation=named("argsort", line_shown),
    samples=_lines,
)


def _ranks(x, axis):
    """At which place of its line each entry stands when they are sorted; of equal ones the earlier is first."""
    return np.argsort(np.argsort(x, axis=axis, kind="stable"), axis=axis, kind="stable")


def _unsorted(g, y, a, axis=-1, kind=None, order=None, stable=None):
    if axis is None:
        return np.take_along_axis(g, _ranks(a.reshape(-1), 0), axis=0).reshape(a.shape)
    return np.take_along_axis(g, _ranks(a, axis), axis=axis)


sort = primitive(
    lambda a, axis=-1, kind=None, order=None, stable=None: np.sort(a, axis, kind, stable=stable),
    _unsorted,
    numpy=np.sort,
    notation=named("sort", line_shown),
    samples=_lines,
)


def _unpartitioned(g, y, a, kth, axis=-1, kind="introselect", order=None):
    """Which entry went where NumPy does not say. In order, entries and results are the same: by way of that."""
    if axis is None:
        return _unpartitioned(g, y, a.reshape(-1), kth, 0).reshape(a.shape)
    in_order = np.take_along_axis(g, np.argsort(y, axis=axis, kind="stable"), axis=axis)
    return np.take_along_axis(in_order, _ranks(a, axis), axis=axis)


partition = primitive(
    lambda a, kth, axis=-1, kind="introselect", order=None: np.partition(a, kth, axis, kind),
    _unpartitioned,
    numpy=np.partition,
    notation=named("partition", lambda options, operands: f"at {options['kth']}"),
    samples=lambda rng: [
        (rng.normal(size=(2, 5)), {"kth": 2}),
        (rng.normal(size=(3, 2)), {"kth": (0, 1), "axis": 0}),
        (rng.normal(size=4), {"kth": 1, "axis": None}),
    ],
)


# Entries that differ: each is taken at its first place. Places and counts are constants.


def _row_of(a):
    return np.reshape(a, -1)


@composed(
    np.unique,
    samples=lambda rng: [
        (np.array([0.5, -1.0, 2.5, 2.0]),),
        (rng.normal(size=(2, 3)), {"axis": 1}),
    ],
)
def unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, **options):
    """np.unique: the entries, or slices along an axis, each once. Of equal ones the first gets the gradient."""
    _, index, *others = np.unique(bare(ar), True, return_inverse, return_counts, axis, **options)
    values = _row_of(ar)[index] if axis is None else np.take(ar, index, axis=axis)
    constants = [index] * return_index + others
    return (values, *_tensors(constants)) if constants else values


def _tensors(arrays):
    return [Tensor(a) for a in arrays]


@composed(np.unique_values, samples=lambda rng: [(np.array([0.5, -1.0, 2.5]),)])
def unique_values(x, /):
    """np.unique_values: the entries, each once, in the order that NumPy finds them in."""
    found = np.unique_values(bare(x))
    _, index = np.unique(bare(x), return_index=True, equal_nan=False)
    return _row_of(x)[index[_ranks(found, 0)]]


def _with_places(function):
    """np.unique_all and the like: a named tuple, in which only the values are no constants."""

    def answer(x, /):
        numpys = function(bare(x))
        index = np.unique(bare(x), return_index=True, equal_nan=False)[1]
        return type(numpys)(_row_of(x)[index], *_tensors(numpys[1:]))

    answer.__doc__ = f"np.{function.__name__}: the entries, each once, and where or how often they are."
    return composed(function, samples=lambda rng: [(np.array([0.5, -1.0, 2.5]),)])(answer)


unique_all = _with_places(np.unique_all)
unique_counts = _with_places(np.unique_counts)
unique_inverse = _with_places(np.unique_inverse)


def _two_sets(rng):
    yield np.array([0.5, -1.0, 2.5]), np.array([3.5, 1.5])


@composed(np.union1d, samples=_two_sets)
def union1d(ar1, ar2):
    """np.union1d: what is in one of two arrays or in both; of equal entries the first gets the gradient."""
    return unique(np.concatenate((ar1, ar2), axis=None))


@composed(np.intersect1d, samples=_two_sets)
def intersect1d(ar1, ar2, assume_unique=False, return_indices=False):
    """np.intersect1d: what is in both of two arrays; the gradient goes to the first."""
    _, first, second = np.intersect1d(bare(ar1), bare(ar2), assume_unique, return_indices=True)
    values = _row_of(ar1)[first]
    return (values, *_tensors((first, second))) if return_indices else values


@composed(np.setdiff1d, samples=_two_sets)
def setdiff1d(ar1, ar2, assume_unique=False):
    """np.setdiff1d: what is in the first of two arrays and not in the second."""
    found = _row_of(ar1) if assume_unique else unique(ar1)
    return found[np.isin(bare(found), bare(ar2), assume_unique=True, invert=True)]


@composed(np.setxor1d, samples=_two_sets)
def setxor1d(ar1, ar2, assume_unique=False):
    """np.setxor1d: what is in one of two arrays and not in both."""
    both = (_row_of(a) for a in (ar1, ar2)) if assume_unique else (unique(ar1), unique(ar2))
    both = np.concatenate(tuple(both))
    order = np.argsort(bare(both), kind="stable")
    differs = bare(both)[order][1:] != bare(both)[order][:-1]
    return both[order[np.append(differs, True) & np.append(True, differs)]]
