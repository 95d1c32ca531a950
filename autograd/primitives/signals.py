"""Rows of samples: np.convolve, np.correlate, np.interp, np.unwrap, np.bincount with weights."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .answers import bare, composed
from .indexing import scatter
from .notation import named
from .primitive import by_numpy_function, primitive


def _as_full(g, a, v, mode):
    """The gradient at all sums of overlapping entries: zeros at those that a mode leaves out."""
    shorter, whole = min(a.size, v.size), a.size + v.size - 1
    if mode in ("full", 2) or shorter == 1:
        return g
    before = shorter - 1 if mode in ("valid", 0) else (shorter - 1) // 2
    return np.pad(g, (before, whole - before - g.size))


def _correlated(g, a, v, mode):
    """The same for np.correlate, which exchanges its inputs where the second is longer, and turns the result round."""
    if a.size >= v.size:
        return _as_full(g, a, v, mode)
    return np.flip(_as_full(np.flip(g), a, v, mode))


def _row(a):
    return a.reshape(-1)  # of a number, a row of one


def _mode(default):
    return lambda options, operands: "" if options.get("mode", default) == default else str(options["mode"])


def _two_rows(default):
    def samples(rng):
        yield rng.normal(size=4), rng.normal(size=3)
        for mode in {"full", "same", "valid"} - {default}:
            yield rng.normal(size=5), rng.normal(size=2), {"mode": mode}
        yield rng.normal(size=2), rng.normal(size=4), {"mode": "same"}

    return lambda rng: sorted(samples(rng), key=lambda sample: str(sample[2:]))


convolve = primitive(
    np.convolve,
    lambda g, y, a, v, mode="full": np.correlate(_as_full(g, a, v, mode), _row(v), "valid").reshape(a.shape),
    lambda g, y, a, v, mode="full": np.correlate(_as_full(g, a, v, mode), _row(a), "valid").reshape(v.shape),
    notation=named("convolve", _mode("full"), operands=None),
    samples=_two_rows("full"),
)
correlate = primitive(
    np.correlate,
    lambda g, y, a, v, mode="valid": np.convolve(_correlated(g, a, v, mode), _row(v), "valid").reshape(a.shape),
    lambda g, y, a, v, mode="valid": np.convolve(np.flip(_correlated(g, a, v, mode)), _row(a), "valid").reshape(
        v.shape
    ),
    notation=named("correlate", _mode("valid"), operands=None),
    samples=_two_rows("valid"),
)


# Between given points.


def _piece(x, xp, fp):
    """For each x: the number of the piece it lies in, where in it (0 to 1), the slope there, and whether it does."""
    i = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, xp.shape[0] - 2)
    run = xp[i + 1] - xp[i]
    return i, (x - xp[i]) / run, (fp[i + 1] - fp[i]) / run, (x >= xp[0]) & (x <= xp[-1])


def _by_x(g, y, x, xp, fp, left=None, right=None):
    if xp.shape[0] == 1:
        return np.zeros_like(x)
    _, _, slope, inside = _piece(x, xp, fp)
    return np.where(inside, g * slope, 0)


def _to_ends(at_left, at_right, i, shape):
    """What arrives at both ends of pieces, added up."""
    return scatter(at_left, index=(bare(i),), shape=shape) + scatter(at_right, index=(bare(i) + 1,), shape=shape)


def _by_xp(g, y, x, xp, fp, left=None, right=None):
    if xp.shape[0] == 1:
        return np.zeros_like(xp)
    i, part, slope, inside = _piece(x, xp, fp)
    down = -np.where(inside, g * slope, 0)
    return _to_ends(down * np.where(inside, 1 - part, 0), down * np.where(inside, part, 0), i, xp.shape)


def _by_fp(g, y, x, xp, fp, left=None, right=None):
    last = xp.shape[0] - 1
    before, after = x < xp[0], x > xp[-1]
    if last == 0:
        outside = np.where(before, left is None, np.where(after, right is None, True))
        return np.sum(g * outside).reshape(fp.shape)
    i, part, _, inside = _piece(x, xp, fp)
    # Beyond the ends, the value is that of the end, unless another is given.
    low = np.where(inside, 1 - part, np.where(before, float(left is None), 0.0))
    high = np.where(inside, part, np.where(after, float(right is None), 0.0))
    return _to_ends(g * low, g * high, i, fp.shape)


def _points(rng):
    xp = np.array([0.0, 1.0, 2.5, 3.0])
    yield np.array([[0.25, 2.75], [1.5, 0.5]]), xp, rng.normal(size=4)
    yield np.array([-1.0, 4.0, 0.5]), xp, rng.normal(size=4), {"left": 7.0}
    yield np.float64(1.25), xp, rng.normal(size=4)


_interp = primitive(
    np.interp,
    _by_x,
    _by_xp,
    _by_fp,
    notation=named("interp", lambda options, operands: "", operands=None),
    samples=_points,
)


def _floating(a):
    """Numbers as NumPy computes with them here: of unsigned integers the differences would not be in their dtype."""
    a = a if hasattr(a, "shape") else np.asarray(a, dtype=float)
    return a if a.dtype.kind in "fc" else a * 1.0


@composed(
    np.interp,
    samples=lambda rng: [
        (np.array([0.25, 2.75]), np.array([0.0, 1.0, 2.5, 3.0]), rng.normal(size=4)),
    ],
)
def interp(x, xp, fp, left=None, right=None, period=None):
    """np.interp: the value at x of the straight lines between points (xp, fp)."""
    x, xp, fp = map(_floating, (x, xp, fp))
    if period is None:
        return _interp(x, xp, fp, left=bare(left), right=bare(right))
    if period == 0:
        raise ValueError("interp: period must be a non-zero value")
    period = abs(period)
    x, xp = np.remainder(x, period), np.remainder(xp, period)
    order = np.argsort(bare(xp))
    xp, fp = xp[order], fp[order]
    xp = np.concatenate((xp[-1:] - period, xp, xp[0:1] + period))
    return _interp(x, xp, np.concatenate((fp[-1:], fp, fp[0:1])))


unwrap = primitive(
    np.unwrap,
    lambda g, y, p, discont=None, axis=-1, period=2 * np.pi: g,  # it only adds periods
    notation=named("unwrap", lambda options, operands: ""),
    samples=lambda rng: [
        (np.array([0.5, 3.0, -2.5, 2.0]),),
        (np.array([[0.5, 2.0], [3.75, -1.25]]), {"axis": 0, "period": 4.0, "discont": 2.5}),
    ],
)


# Sums of weights.

bincount = primitive(
    lambda x, weights, minlength=0: np.bincount(x, weights, minlength),
    None,
    lambda g, y, x, weights, minlength=0: g[x],
    numpy=np.bincount,
    samples=lambda rng: [
        (np.array([1, 0, 3, 1]), rng.normal(size=4)),
        (np.array([1, 0, 1]), rng.normal(size=3), {"minlength": 4}),
    ],
)


def _counted(x, /, weights=None, minlength=0):
    """np.bincount: for each number how often it is there, a constant; or the sum of the weights that it has."""
    if weights is None:
        return Tensor(np.bincount(bare(x), minlength=minlength))
    return bincount(x, weights, minlength=minlength)


by_numpy_function[np.bincount] = _counted
