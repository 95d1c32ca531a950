"""Windows that slide along axes, and their mirror image, windows added up where they overlap: each is the other's rule.

With np.einsum they are convolutions, poolings and moving averages.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .answers import bare
from .notation import Form, Notation, literal, named
from .primitive import by_numpy_function, primitive


def _overlapped(windows, window_shape, axis, shape):
    """Zeros of `shape`, with the entries of windows added where they were taken."""
    counts, total = windows.shape[: len(shape)], None
    if type(windows) is np.ndarray:
        total = np.zeros(shape, windows.dtype)
    for offsets in product(*map(range, window_shape)):
        starts = [sum(o for o, a in zip(offsets, axis, strict=True) if a == i) for i in range(len(shape))]
        entries = windows[(..., *offsets)]
        if type(windows) is np.ndarray:
            total[tuple(slice(i, i + n) for i, n in zip(starts, counts, strict=True))] += entries
            continue
        widths = [(i, whole - n - i) for i, n, whole in zip(starts, counts, shape, strict=True)]
        part = np.pad(entries, widths)  # other libraries' arrays may not be written to
        total = part if total is None else total + part
    return np.zeros_like(windows, shape=shape) if total is None else total


def _shown(options, operands):
    return f"{' × '.join(map(str, options['window_shape']))}, axis {', '.join(map(str, options['axis']))}"


def _notation(operands, options):
    words = named("windows", _shown)(operands, options)
    given = literal(f"{options['window_shape']}, axis={options['axis']}")
    return Notation(words.text, words.latex, Form(f"np.lib.stride_tricks.sliding_window_view({{0}}, {given})"))


windows = primitive(
    lambda x, window_shape, axis: np.lib.stride_tricks.sliding_window_view(x, window_shape, axis),
    lambda g, y, x, window_shape, axis: overlapped(g, window_shape=window_shape, axis=axis, shape=x.shape),
    numpy=np.lib.stride_tricks.sliding_window_view,
    notation=_notation,
    samples=lambda rng: [
        (rng.normal(size=5), {"window_shape": (3,), "axis": (0,)}),
        (rng.normal(size=(2, 4, 3)), {"window_shape": (2, 3), "axis": (2, 1)}),
        (rng.normal(size=5), {"window_shape": (2, 3), "axis": (0, 0)}),
    ],
)
overlapped = primitive(
    _overlapped,
    lambda g, y, x, window_shape, axis, shape: windows(g, window_shape=window_shape, axis=axis),
    name="overlapped",
    notation=named("overlapped", _shown),
    samples=lambda rng: [
        (rng.normal(size=(2, 3, 2)), {"window_shape": (2,), "axis": (1,), "shape": (2, 4)}),
        (rng.normal(size=(2, 2, 2, 3)), {"window_shape": (2, 3), "axis": (1, 0), "shape": (4, 3)}),
    ],
)


def sliding_window_view(x, window_shape, axis=None, *, subok=False, writeable=False):
    """np.lib.stride_tricks.sliding_window_view: for every place, the entries of a window that begins there."""
    if writeable:
        raise TypeError(
            "sliding_window_view: writeable=True would let entries be changed that graphs may hold; build the new "
            "value with ag.at(t, index).set(values)"
        )
    sizes = bare(window_shape)
    sizes = tuple(map(int, sizes)) if np.ndim(sizes) else (int(sizes),)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim, allow_duplicate=True)
    return windows(x, window_shape=sizes, axis=axes)


by_numpy_function[np.lib.stride_tricks.sliding_window_view] = sliding_window_view
