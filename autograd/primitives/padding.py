"""np.pad: an array with more entries around it."""

from __future__ import annotations

import numpy as np

from .answers import bare
from .indexing import along, scatter
from .notation import named
from .primitive import by_numpy_function, primitive

_OF_STATISTICS = {"maximum": np.max, "minimum": np.min, "mean": np.mean}
_COPYING = ("edge", "reflect", "symmetric", "wrap")


def _widths(pad_width, ndim):
    """How many entries come before and after, for each axis: one number, a pair for all axes, or a pair for each."""
    if isinstance(pad_width, dict):
        return tuple(
            tuple(np.broadcast_to(pad_width.get(i, pad_width.get(i - ndim, 0)), 2).tolist()) for i in range(ndim)
        )
    return tuple(map(tuple, np.broadcast_to(pad_width, (ndim, 2)).tolist()))


def _inner(widths, shape):
    return tuple(slice(before, before + n) for (before, _), n in zip(widths, shape, strict=True))


def _unpadded(g, y, array, pad_width, mode="constant", **options):
    if mode == "constant":
        return g[_inner(pad_width, array.shape)]
    for axis in reversed(range(array.ndim)):  # NumPy pads the first axis first
        before, after = pad_width[axis]
        if before or after:
            n = array.shape[axis]
            origin = np.pad(np.arange(n), (before, after), mode)
            g = scatter(g, index=along(axis, g.ndim, origin), shape=(*g.shape[:axis], n, *g.shape[axis + 1 :]))
    return g


def _shown(options, operands):
    widths, mode = options["pad_width"], options.get("mode", "constant")
    same = len(set(widths)) == 1
    pairs = " and ".join(map(str, widths[0])) if same and widths[0][0] != widths[0][1] else str(widths[0][0])
    return f"{mode}, {pairs if same else widths}"


def _paddings(rng):
    yield rng.normal(size=(2, 3)), {"pad_width": ((1, 0), (2, 1)), "constant_values": 5.0}
    yield rng.normal(size=3), {"pad_width": ((2, 7),), "mode": "reflect"}
    yield rng.normal(size=(2, 3)), {"pad_width": ((1, 2), (0, 3)), "mode": "symmetric"}
    yield rng.normal(size=(2, 3)), {"pad_width": ((1, 2), (2, 0)), "mode": "edge"}
    yield rng.normal(size=3), {"pad_width": ((4, 2),), "mode": "wrap"}


padded = primitive(
    lambda array, pad_width, mode="constant", **options: np.pad(array, pad_width, mode, **options),
    _unpadded,
    numpy=np.pad,
    notation=named("pad", _shown),
    samples=_paddings,
)


def pad(array, pad_width, mode="constant", **options):
    """np.pad: an array with more entries around it, in every mode that has a rule: constants, copies of its own
    entries (edge, reflect, symmetric, wrap), or its maximum, minimum or mean."""
    array = array if hasattr(array, "ndim") else np.asarray(array)
    widths = _widths(bare(pad_width), array.ndim)
    if mode in _OF_STATISTICS:
        return _with_statistics(array, widths, _OF_STATISTICS[mode], **options)
    if mode not in ("constant", *_COPYING) or options.get("reflect_type", "even") != "even":
        what = f"mode={mode!r}" if mode != "reflect" else "reflect_type='odd'"
        raise TypeError(f"np.pad with {what} has no derivative here; join the pieces by np.concatenate")
    return padded(array, pad_width=widths, mode=mode, **{name: bare(value) for name, value in options.items()})


def _with_statistics(array, widths, statistic, stat_length=None):
    lengths = [(None, None)] * array.ndim if stat_length is None else _widths(stat_length, array.ndim)
    for axis, (before, after) in enumerate(widths):
        n = array.shape[axis]
        parts = [array]
        for at_end, width, length in ((False, before, lengths[axis][0]), (True, after, lengths[axis][1])):
            whole = length is None or length >= n
            near = slice(None) if whole else slice(n - length, None) if at_end else slice(length)
            value = statistic(array[along(axis, array.ndim, near)], axis=axis, keepdims=True)
            spread = np.broadcast_to(value, (*array.shape[:axis], width, *array.shape[axis + 1 :]))
            parts = [*parts, spread] if at_end else [spread, *parts]
        array = np.concatenate(parts, axis=axis)
    return array


by_numpy_function[np.pad] = pad
