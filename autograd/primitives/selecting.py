"""Entries taken out by other words than an index: np.take, np.choose, np.compress, np.delete, …"""

from __future__ import annotations

import numpy as np

from .answers import bare, composed, refuse_out
from .indexing import along, scatter
from .notation import line_shown, named
from .primitive import primitive


def _axis_or_row(a, axis):
    """An array and an axis of it; without an axis, all entries in one row."""
    a = a if hasattr(a, "shape") else np.asarray(a)
    if axis is None:
        return np.reshape(a, -1), 0
    np.flip(np.empty((0,) * a.ndim), axis)  # NumPy's own error
    return a, axis


def _within(indices, length, mode):
    """Indices as np.take and np.choose read them: beyond the ends they are wrapped, clipped, or an error."""
    indices = bare(indices)
    indices = indices if hasattr(indices, "dtype") else np.asarray(indices, None if np.size(indices) else np.intp)
    if mode == "wrap":
        return indices % length
    if mode == "clip":
        return np.clip(indices, 0, length - 1)
    if mode != "raise":
        raise ValueError(f"mode is 'raise', 'wrap' or 'clip', not {mode!r}")
    return indices


@composed(
    np.take,
    samples=lambda rng: [
        (rng.normal(size=(2, 3)), {"indices": [4, 0, 4]}),
        (rng.normal(size=(2, 3)), {"indices": [[0, -1], [0, 1]], "axis": 1}),
        (rng.normal(size=(2, 3)), {"indices": 7, "axis": 0, "mode": "wrap"}),
        (rng.normal(size=(2, 3)), {"indices": [-5, 9], "mode": "clip"}),
    ],
)
def take(a, indices, axis=None, out=None, mode="raise"):
    """np.take: the entries, or the slices along an axis, at the indices."""
    refuse_out("take", out)
    a, axis = _axis_or_row(a, axis)
    return a[along(axis, a.ndim, _within(indices, a.shape[axis], mode))]


def _index_along(indices, shape, axis):
    """The index that takes, in each line along an axis, the entries at the places of that line."""
    lines = [np.arange(n).reshape((-1,) + (1,) * (len(shape) - i - 1)) for i, n in enumerate(shape)]
    lines[axis] = bare(indices)
    return tuple(lines)


def _put_along(g, y, arr, indices, axis=-1):
    if axis is None:
        return scatter(g, index=bare(indices), shape=(arr.size,)).reshape(arr.shape)
    return scatter(g, index=_index_along(indices, arr.shape, axis), shape=arr.shape)


take_along_axis = primitive(
    np.take_along_axis,
    _put_along,
    None,
    notation=named("take_along", line_shown, operands=None),
    samples=lambda rng: [
        (rng.normal(size=(2, 3)), np.array([[2, 0], [1, 1]]), {"axis": 1}),
        (rng.normal(size=(2, 3)), np.array([[1, 0, 1]]), {"axis": 0}),
        (rng.normal(size=(2, 3)), np.array([5, 1, 5]), {"axis": None}),
    ],
)


@composed(
    np.choose,
    samples=lambda rng: [
        (np.array([1, 0, 2]), [rng.normal(size=3), rng.normal(), rng.normal(size=(2, 1))]),
        (np.array([[4], [-1]]), rng.normal(size=(3, 2)), {"mode": "wrap"}),
        (np.array([4, -1]), rng.normal(size=(3, 2)), {"mode": "clip"}),
    ],
)
def choose(a, choices, out=None, mode="raise"):
    """np.choose: in each place, the entry of that of the choices which `a` names there."""
    refuse_out("choose", out)
    choices = list(choices)
    which = _within(a, len(choices), mode)
    if which.dtype.kind not in "iub":
        raise TypeError(f"choose: the first argument names choices by integers, not dtype {which.dtype}")
    if type(which) is np.ndarray and which.size and not (which.min() >= 0 and which.max() < len(choices)):
        raise ValueError(f"choose: an entry names none of the {len(choices)} choices; mode is 'raise'")
    dtype = np.result_type(*choices)
    shape = np.broadcast_shapes(which.shape, *map(np.shape, choices))
    chosen = np.broadcast_to(choices[-1], shape).astype(dtype)
    for i in reversed(range(len(choices) - 1)):
        chosen = np.where(which == i, choices[i], chosen)
    return chosen


@composed(
    np.compress,
    samples=lambda rng: [
        (np.array([True, False, True]), rng.normal(size=(2, 3))),
        (np.array([False, True]), rng.normal(size=(2, 3)), {"axis": 1}),
    ],
)
def compress(condition, a, axis=None, out=None):
    """np.compress: the entries, or the slices along an axis, where a row of conditions holds."""
    refuse_out("compress", out)
    condition = bare(condition)
    if np.ndim(condition) != 1:
        raise ValueError(f"compress: the condition has one axis, not {np.shape(condition)}; t[condition] takes more")
    return take(a, np.flatnonzero(condition), axis)


@composed(np.extract, samples=lambda rng: [(np.array([[1, 0, 1], [0, 0, 1]]), rng.normal(size=(2, 3)))])
def extract(condition, arr):
    """np.extract: the entries where a condition holds."""
    return take(arr, np.flatnonzero(bare(condition)))


@composed(
    np.delete,
    samples=lambda rng: [
        (rng.normal(size=(2, 3)), {"obj": 4}),
        (rng.normal(size=(2, 3)), {"obj": [0, 2, -1], "axis": 1}),
        (rng.normal(size=(2, 3)), {"obj": slice(1), "axis": 0}),
    ],
)
def delete(arr, obj, axis=None):
    """np.delete: the array without some entries, or without some slices along an axis."""
    a, axis = _axis_or_row(arr, axis)
    return a[along(axis, a.ndim, np.delete(np.arange(a.shape[axis]), bare(obj)))]


@composed(np.trim_zeros, samples=lambda rng: [(rng.uniform(0.5, 1, 3), {"trim": trim}) for trim in ("fb", "f")])
def trim_zeros(filt, trim="fb", axis=None):
    """np.trim_zeros: the array without the zeros in front of it, behind it, or both."""
    there = bare(filt) != 0
    for i in range(there.ndim) if axis is None else axis if np.ndim(axis) else (axis,):
        others = tuple(j for j in range(there.ndim) if j != i % there.ndim)
        here = there.any(axis=others)
        kept = here | True
        if "f" in trim.lower():
            kept = kept & (np.cumsum(here) > 0)
        if "b" in trim.lower():
            kept = kept & (np.cumsum(here[::-1])[::-1] > 0)
        filt = compress(kept, filt, i)
    return filt
