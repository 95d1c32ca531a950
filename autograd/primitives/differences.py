"""Differences of neighbours, slopes, and the integral by straight lines: compositions."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .answers import anywhere, composed
from .scans import along


def _differences(rng):
    yield (rng.normal(size=4),)
    yield rng.normal(size=(2, 4)), {"n": 2}
    yield rng.normal(size=(3, 2)), {"axis": 0, "prepend": 0.5}


@composed(np.diff, samples=_differences)
def diff(a, n=1, axis=-1, prepend=None, append=None):
    """np.diff: each entry less the one before it, `n` times."""
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n!r}")
    if not np.ndim(a):
        raise ValueError("diff requires input that is at least one dimensional")
    if not n:
        return a
    axis = np.lib.array_utils.normalize_axis_index(axis, np.ndim(a))
    shape = (*np.shape(a)[:axis], 1, *np.shape(a)[axis + 1 :])
    ends = [
        x if x is None or np.ndim(x) else np.zeros_like(a, dtype=np.result_type(x), shape=shape) + x
        for x in (prepend, append)
    ]
    parts = [x for x in (ends[0], a, ends[1]) if x is not None]
    a = np.concatenate(parts, axis=axis) if len(parts) > 1 else a
    less = np.not_equal if a.dtype == np.bool_ else np.subtract
    for _ in range(n):
        a = less(a[along(axis, slice(1, None))], a[along(axis, slice(-1))])
    return a


@composed(
    np.ediff1d,
    samples=lambda rng: [
        (rng.normal(size=(2, 2)),),
        (rng.normal(size=3), {"to_end": 1}),
    ],
)
def ediff1d(ary, to_end=None, to_begin=None):
    """np.ediff1d: differences of neighbours among all entries, between two ends of your own."""
    flat = np.reshape(ary, -1)
    inner = flat[1:] - flat[:-1]
    parts = [inner]
    for name, end in (("to_begin", to_begin), ("to_end", to_end)):
        if end is None:
            continue
        end = end if hasattr(end, "dtype") else np.array(end)
        if not np.can_cast(end.dtype, flat.dtype, casting="same_kind"):
            raise TypeError(f"dtype of `{name}` must be compatible with input `ary` under the `same_kind` rule.")
        end = (np.zeros_like(flat, shape=np.size(end)) + np.reshape(end, -1)).astype(flat.dtype)
        parts.insert(0 if name == "to_begin" else len(parts), end)
    return np.concatenate(parts) if len(parts) > 1 else inner


def _slopes(rng):
    yield (rng.normal(size=4),)
    yield rng.normal(size=(3, 4)), {"axis": 1, "edge_order": 2}
    yield rng.normal(size=(3, 4)), np.array(0.5), np.array([0.0, 1.0, 1.5, 3.0])
    yield rng.normal(size=4), np.array([0.0, 1.0, 1.5, 3.0]), {"edge_order": 2}


@composed(np.gradient, samples=_slopes)
def gradient(f, *varargs, axis=None, edge_order=1):
    """np.gradient: slopes by central differences, at the edges by one-sided ones."""
    if not hasattr(f, "dtype"):
        f = np.array(f)
    axes = tuple(range(f.ndim)) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, f.ndim)
    spacings = _spacings(f, axes, varargs)
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    if f.dtype.kind in "biu":
        f = np.astype(f, np.float64)
    slopes = [_slope(f, i, spacing, edge_order) for i, spacing in zip(axes, spacings, strict=True)]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _spacings(f, axes, given):
    """For each axis its one spacing, or those between its points."""
    if len(given) <= 1 and not (given and np.ndim(given[0])):
        return (given or (1.0,)) * len(axes)
    if len(given) != len(axes):
        raise TypeError("invalid number of arguments")
    spacings = []
    for i, points in zip(axes, given, strict=True):
        if np.ndim(points) > 1:
            raise ValueError("distances must be either scalars or 1d")
        if np.ndim(points):
            if len(points) != f.shape[i]:
                raise ValueError("when 1d, distances must match the length of the corresponding dimension")
            if not hasattr(points, "dtype"):
                points = np.array(points)
            between = np.diff(np.astype(points, np.float64) if points.dtype.kind in "biu" else points)
            constant = type(between) is not Tensor or not between.requires_grad
            points = between[0] if constant and not anywhere(between != between[0]) else between
        spacings.append(points)
    return spacings


def _slope(f, axis, dx, edge_order):
    if f.shape[axis] < edge_order + 1:
        raise ValueError(
            "Shape of array too small to calculate a numerical gradient, "
            "at least (edge_order + 1) elements are required."
        )

    def at(start, stop=None):
        stop = start + 1 or None if stop is None else stop
        return f[along(axis, slice(start, stop))]

    n = f.shape[axis]
    before, here, behind = at(0, n - 2), at(1, n - 1), at(2, n)
    uniform = np.ndim(dx) == 0
    if uniform:
        first = last = dx
        inner = (behind - before) / (2.0 * dx)
    else:
        first, last = dx[0], dx[-1]
        d1, d2 = dx[:-1], dx[1:]
        shape = [-1 if i == axis else 1 for i in range(f.ndim)]
        a, b, c = -d2 / (d1 * (d1 + d2)), (d2 - d1) / (d1 * d2), d1 / (d2 * (d1 + d2))
        inner = a.reshape(shape) * before + b.reshape(shape) * here + c.reshape(shape) * behind
    if edge_order == 1:
        left, right = (at(1) - at(0)) / first, (at(-1) - at(-2)) / last
    else:
        if uniform:
            a, b, c = -1.5 / dx, 2.0 / dx, -0.5 / dx
            u, v, w = 0.5 / dx, -2.0 / dx, 1.5 / dx
        else:
            d1, d2 = dx[0], dx[1]
            a, b, c = -(2.0 * d1 + d2) / (d1 * (d1 + d2)), (d1 + d2) / (d1 * d2), -d1 / (d2 * (d1 + d2))
            d1, d2 = dx[-2], dx[-1]
            u, v, w = d2 / (d1 * (d1 + d2)), -(d2 + d1) / (d1 * d2), (2.0 * d2 + d1) / (d2 * (d1 + d2))
        left = a * at(0) + b * at(1) + c * at(2)
        right = u * at(-3) + v * at(-2) + w * at(-1)
    out = np.concatenate([left, inner, right], axis=axis)
    return out if out.dtype == f.dtype else out.astype(f.dtype)


def _integrals(rng):
    yield (rng.normal(size=4),)
    yield rng.normal(size=(3, 2)), {"dx": 0.5, "axis": 0}
    yield rng.normal(size=(2, 3)), np.array([0.0, 1.0, 1.5])
    yield rng.normal(size=(2, 3)), rng.normal(size=(2, 3))


@composed(np.trapezoid, samples=_integrals)
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """np.trapezoid: the integral of `y` over `x`, straight lines drawn between the points."""
    if not hasattr(y, "dtype"):
        y = np.array(y)
    axis %= y.ndim
    d = dx
    if x is not None and np.ndim(x) == 1:
        d = np.diff(x).reshape([-1 if i == axis else 1 for i in range(y.ndim)])
    elif x is not None:
        d = np.diff(x, axis=axis)
    return np.sum(d * (y[along(axis, slice(1, None))] + y[along(axis, slice(-1))]) / 2.0, axis=axis)
