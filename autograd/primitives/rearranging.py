"""The entries at other places of the same axes, repeated, or left out: flips, rolls, tiles, triangles."""

from __future__ import annotations

from math import prod

import numpy as np

from .answers import bare, composed
from .indexing import scatter
from .notation import named
from .primitive import by_numpy_function, primitive
from .shapes import cubes, lengths, ravel, swapaxes

# The same shape, the entries at other places.


@composed(np.flip, samples=cubes({}, {"axis": 1}, {"axis": (0, -1)}))
def flip(m, axis=None):
    """np.flip: the entries in reverse along the axes, by default all."""
    axes = range(m.ndim) if axis is None else _normalized(axis, m.ndim)
    return m[tuple(slice(None, None, -1) if i in axes else slice(None) for i in range(m.ndim))]


@composed(np.fliplr, samples=cubes({}))
def fliplr(m):
    """np.fliplr: columns from right to left."""
    if m.ndim < 2:
        raise ValueError(f"fliplr takes at least 2 axes, not shape {m.shape}")
    return m[:, ::-1]


@composed(np.flipud, samples=cubes({}))
def flipud(m):
    """np.flipud: rows from bottom to top."""
    if m.ndim < 1:
        raise ValueError("flipud takes at least 1 axis, not a scalar")
    return m[::-1]


@composed(np.rot90, samples=cubes({}, {"k": 2, "axes": (0, 2)}, {"k": -1, "axes": (2, 1)}, {"k": 4}))
def rot90(m, k=1, axes=(0, 1)):
    """np.rot90: `k` quarter turns in the plane of two axes."""
    first, second = axes = tuple(axes)
    np.rot90(np.empty((0,) * m.ndim), 1, axes)  # NumPy's own errors
    match k % 4:
        case 0:
            return +m
        case 1:
            return swapaxes(flip(m, second), first, second)
        case 2:
            return flip(m, axes)
        case _:
            return flip(swapaxes(m, first, second), second)


def _normalized(axis, ndim):
    """Axes counted from 0, or NumPy's error."""
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    np.flip(np.empty((0,) * ndim), tuple(axes))
    return tuple(i % ndim for i in axes)


def _shift(options, operands):
    shift, axis = options["shift"], options.get("axis")
    return f"by {shift}" if axis is None else f"by {shift}, axis {axis}"


def _back(shift):
    return tuple(-i for i in shift) if isinstance(shift, (tuple, list)) else -shift


roll = primitive(
    np.roll,
    lambda g, y, a, shift, axis=None: np.roll(g, _back(shift), axis),
    notation=named("roll", _shift),
    samples=lambda rng: [
        (rng.normal(size=(2, 3)), {"shift": 2}),
        (rng.normal(size=(2, 3)), {"shift": -1, "axis": 1}),
        (rng.normal(size=(2, 3)), {"shift": (1, 2), "axis": (0, -1)}),
    ],
)


# Entries that are repeated.


def _added_up(g, y, a, repeats, axis=None):
    if axis is None or not a.ndim:
        return _added_up(g, y, a.reshape(-1), repeats, 0).reshape(a.shape)
    axis, length = axis % a.ndim, a.shape[axis]
    if np.size(repeats) == 1:
        count = g.shape[axis] // (length or 1)
        return g.reshape((*a.shape[: axis + 1], count, *a.shape[axis + 1 :])).sum(axis=axis + 1)
    places = np.repeat(np.arange(length), repeats)
    return scatter(g, index=(slice(None),) * axis + (places,), shape=a.shape)


repeat = primitive(
    np.repeat,
    _added_up,
    notation=named("repeat", lambda options, operands: f"{options['repeats']} times"),
    samples=lambda rng: [
        (rng.normal(size=(2, 3)), {"repeats": 2}),
        (rng.normal(size=(2, 3)), {"repeats": 3, "axis": -1}),
        (rng.normal(size=(2, 3)), {"repeats": [2, 0, 1], "axis": 1}),
    ],
)


def _repeated(a, repeats, axis=None):
    """np.repeat: each entry so many times, in all or along an axis. The numbers are kept: a list could be changed."""
    repeats = bare(repeats)
    return repeat(a, repeats=np.array(repeats).tolist(), axis=axis)


by_numpy_function[np.repeat] = _repeated


def _tiles(A, reps):
    """The shape of `A` with axes in front as np.tile adds them, and the repetitions along each."""
    reps = tuple(map(int, reps)) if np.ndim(reps) else (int(reps),)
    ndim = max(A.ndim, len(reps))
    return (1,) * (ndim - A.ndim) + A.shape, (1,) * (ndim - len(reps)) + reps


def _untiled(g, y, A, reps):
    pairs = list(zip(*_tiles(A, reps), strict=True))
    apart = g.reshape([length for n, count in pairs for length in (count, n)])
    return apart.sum(axis=tuple(range(0, 2 * len(pairs), 2))).reshape(A.shape)


tile = primitive(
    np.tile,
    _untiled,
    notation=named("tile", lambda options, operands: lengths(options["reps"])),
    samples=lambda rng: [
        (rng.normal(size=(3,)), {"reps": 2}),
        (rng.normal(size=(2, 3)), {"reps": (2, 1, 2)}),
        (rng.normal(size=(2, 1, 2)), {"reps": (3, 2)}),
    ],
)


@composed(np.resize, samples=lambda rng: [(rng.normal(size=(2, 2)), {"new_shape": shape}) for shape in (3, (3, 4))])
def resize(a, new_shape):
    """np.resize: the entries from the first on, again from the start as often as it takes."""
    new_shape = (new_shape,) if np.ndim(new_shape) == 0 else tuple(new_shape)
    if any(length < 0 for length in new_shape):
        raise ValueError(f"resize: no length of {new_shape} can be negative")
    size, row = prod(new_shape), ravel(a)
    if not row.size:
        return np.zeros_like(row, shape=new_shape)
    times = -(-size // row.size)
    return np.reshape((row if times == 1 else tile(row, times))[:size], new_shape)


# Entries that are left out.


def _triangle(function):
    return primitive(
        function,
        lambda g, y, m, k=0: function(g, k),
        notation=named(function.__name__, lambda options, operands: f"{options['k']:+d}" if options.get("k") else ""),
        samples=lambda rng: [
            (rng.normal(size=(3, 3)),),
            (rng.normal(size=(2, 3, 2)), {"k": -1}),
            (rng.normal(size=3), {"k": 1}),
        ],
    )


triu = _triangle(np.triu)
tril = _triangle(np.tril)
