"""Taking entries out by index, and its mirror image, scattering them over zeros: each is the other's rule."""

from __future__ import annotations

import math

import numpy as np

from ..tensor import Tensor
from .notation import AS_IT_IS, ATOM, Form, Notation, literal, named
from .primitive import primitive

_SHORT_INDEX, LONGEST_INDEX = 6, 100
_FEW = 500
"""So few entries are added at their places faster than these are numbered."""


def can_repeat(index):
    """Whether an index can name an entry twice: only arrays and sequences of integers can."""
    return any(
        not isinstance(i, (slice, type(...), type(None), int, np.integer))
        and (i if hasattr(i, "dtype") else np.asarray(i)).dtype.kind != "b"
        for i in (index if type(index) is tuple else (index,))
    )


def added(g, index, shape):
    """Zeros of `shape`, with the entries of `g` added where `index` points."""
    if type(g) is not np.ndarray and not isinstance(g, np.generic):
        return _counted(g, index, shape)  # other libraries' arrays may not be written to
    if not can_repeat(index):
        out = np.zeros(shape, g.dtype)
        out[index] = g
        return out
    # NumPy adds fast at the places of one axis, slowly at those of several: these are numbered then, which pays where
    # many entries are added. Of 10⁶ entries in a matrix: 20 ms instead of 85.
    if len(shape) < 2 or g.size < _FEW or g.size * 8 < math.prod(shape):
        out = np.zeros(shape, g.dtype)
        np.add.at(out, index, g)
        return out
    return _counted(g, index, shape)


def _counted(g, index, shape):
    """What _scatter gives: for every place, the sum of the entries that go there.

    In NumPy's functions there is one expression for it: count the places that the index names, weighted by the values.
    """
    size = math.prod(shape)
    places = np.arange(size, like=g).reshape(shape)[index].reshape(-1)
    if type(g) is np.ndarray and g.dtype != np.float64:  # np.bincount would count in float64
        out = np.zeros(size, g.dtype)
        np.add.at(out, places, g.reshape(-1))
    else:
        out = np.bincount(places, g.reshape(-1), size).astype(g.dtype, copy=False)
    return out.reshape(shape)


def _subscript(operands, options):
    """a[i, j]"""
    text = index_text(options["index"], exact=False)
    exact = index_text(options["index"], exact=True)
    source = None if exact is None else Form("{0}" + literal(f"[{exact}]"), ATOM, (ATOM,))
    if text == "()":  # takes a single number out of its array
        return Notation(AS_IT_IS.text, AS_IT_IS.latex, source)
    return Notation(
        Form("{0}" + literal(f"[{text}]"), ATOM, (ATOM,)),
        Form("{0}" + literal(rf"_{{\text{{[{text}]}}}}"), ATOM, (ATOM,)),
        source,
    )


def scattered(operands, options):
    """In NumPy there is one expression for it: count the places that the index names, weighted by the values."""
    shape, exact = options["shape"], index_text(options["index"], exact=True)
    size = math.prod(shape)
    places = f"np.arange({size}).reshape({shape})[{exact}].ravel()"
    shown = named("scatter", lambda options, operands: index_text(options["index"], exact=False))(operands, options)
    return Notation(
        shown.text,
        shown.latex,
        exact and Form(literal(f"np.bincount({places}, np.ravel(") + "{0}" + literal(f"), {size}).reshape({shape})")),
    )


def index_text(index, exact):
    """An index as it is written between brackets; if not `exact`, arrays are called `index`. None for a long one."""
    if type(index) is tuple and not index:
        return "()"
    parts = []
    for i in index if type(index) is tuple else (index,):
        if isinstance(i, slice):
            ends = ["" if end is None else str(end) for end in (i.start, i.stop, i.step)]
            parts.append(":".join(ends[: 2 + (i.step is not None)]))
        elif isinstance(i, (int, np.integer)) or i is None:
            parts.append(str(i))
        elif i is Ellipsis:
            parts.append("...")
        elif not exact:
            parts.append(str(np.asarray(i).tolist()) if np.size(i) <= _SHORT_INDEX else "index")
        elif np.size(i) <= LONGEST_INDEX:
            parts.append(f"np.array({np.asarray(i).tolist()}, dtype={np.asarray(i).dtype.str!r})")
        else:
            return None
    return ", ".join(parts) + ("," if exact and type(index) is tuple and len(parts) == 1 else "")


def _indices(rng):
    a = rng.normal(size=(3, 4, 2))
    yield a, {"index": 1}
    yield a, {"index": (slice(None, None, -2), ..., None, 0)}
    yield a, {"index": (slice(0, 0),)}
    yield a, {"index": ([0, 2, 0], slice(1, 3))}
    yield a, {"index": a[..., 0] > 0}
    yield a, {"index": (2, 3, 1)}
    yield a, {"index": (np.array([[0, 2], [2, 2]]), slice(None), [True, False])}


getitem = primitive(
    lambda a, index: a[index],
    lambda g, y, a, index: scatter(g, index=index, shape=a.shape),
    name="getitem",
    notation=_subscript,
    samples=_indices,
)
scatter = primitive(
    added,
    lambda g, y, values, index, shape: g[index],
    name="scatter",
    notation=scattered,
    samples=lambda rng: [
        (rng.normal(size=(2,)), {"index": ([1, 1],), "shape": (3,)}),
        (rng.normal(size=(2,)), {"index": slice(1, 3), "shape": (4,)}),
    ],
)


def subscript(self, index):
    """`t[index]`: Tensors in an index stand for their data, since no gradient passes to an index."""
    return getitem(self, index=index if type(index) is int else kept(index))


def kept(index):
    """An index as the graph keeps it: with copies of arrays and lists, which could be changed before backward."""
    if type(index) is Tensor:
        index = index._value
    if type(index) is np.ndarray:
        return index.copy()
    return type(index)(map(kept, index)) if type(index) is tuple or type(index) is list else index


def along(axis, ndim, index):
    """The index that applies to one axis, all others whole."""
    return (slice(None),) * (axis % ndim) + (index,)
