"""Arrays joined to one, or lengthened: concatenations, blocks, np.insert, np.pad.

A join takes any number of inputs: one rule gives the gradients of all.
"""

from __future__ import annotations

import numpy as np

from . import shapes
from .answers import bare, composed
from .indexing import along
from .notation import Form, Notation, axis_shown, named
from .primitive import primitive


def _pieces(g, y, *arrays, axis=0, dtype=None, casting="same_kind"):
    if axis is None:
        g, axis = g.reshape(-1), 0
        ends = np.cumsum([a.size for a in arrays])
    else:
        ends = np.cumsum([a.shape[axis] for a in arrays])
    starts = [0, *ends[:-1].tolist()]
    parts = [g[along(axis, g.ndim, slice(i, j))] for i, j in zip(starts, ends.tolist(), strict=True)]
    return [part.reshape(a.shape) for part, a in zip(parts, arrays, strict=True)]


def _layers(g, y, *arrays, axis=0, dtype=None, casting="same_kind"):
    return [g[along(axis, g.ndim, i)] for i in range(len(arrays))]


def _concatenations(rng):
    yield [rng.normal(size=(2, 3)), rng.normal(size=(1, 3)), rng.normal(size=(0, 3))], {"axis": 0}
    yield [rng.normal(size=(2, 3)), rng.normal(size=(2, 1))], {"axis": -1}
    yield [rng.normal(size=(2,)), rng.normal(size=(2, 2))], {"axis": None}


def _stacks(rng):
    yield [rng.normal(size=(2, 3)), rng.normal(size=(2, 3))], {"axis": -1}
    yield ([rng.normal(size=()), rng.normal(size=()), rng.normal(size=())],)


concatenate = primitive(
    lambda arrays, axis=0, dtype=None, casting="same_kind": np.concatenate(arrays, axis, dtype=dtype, casting=casting),
    joint=_pieces,
    numpy=np.concatenate,
    notation=named("concatenate", axis_shown, operands=None),
    samples=_concatenations,
    hint="All shapes must agree, except along the axis that is joined",
)
stack = primitive(
    lambda arrays, axis=0, dtype=None, casting="same_kind": np.stack(arrays, axis, dtype=dtype, casting=casting),
    joint=_layers,
    numpy=np.stack,
    notation=named("stack", axis_shown, operands=None),
    samples=_stacks,
    hint="All shapes must be equal; np.concatenate joins arrays of different lengths",
)


@composed(np.vstack, samples=lambda rng: [([rng.normal(size=3), rng.normal(size=(2, 3))],)])
def vstack(tup, *, dtype=None, casting="same_kind"):
    """np.vstack: one above the other; vectors are rows."""
    if all(getattr(a, "ndim", None) == 1 for a in tup):  # one operation, not one more for each row
        return np.stack(tup, 0, dtype=dtype, casting=casting)
    return np.concatenate([shapes.atleast_2d(a) for a in tup], 0, dtype=dtype, casting=casting)


@composed(
    np.hstack,
    samples=lambda rng: [([rng.normal(), rng.normal(size=2)],), ([rng.normal(size=(2, 1)), rng.normal(size=(2, 3))],)],
)
def hstack(tup, *, dtype=None, casting="same_kind"):
    """np.hstack: side by side; vectors one behind the other."""
    if all(getattr(a, "ndim", None) == 0 for a in tup):
        return np.stack(tup, 0, dtype=dtype, casting=casting)
    arrays = [shapes.atleast_1d(a) for a in tup]
    return np.concatenate(arrays, int(bool(arrays) and arrays[0].ndim > 1), dtype=dtype, casting=casting)


@composed(np.dstack, samples=lambda rng: [([rng.normal(size=3), rng.normal(size=(1, 3))],)])
def dstack(tup):
    """np.dstack: along the third axis; vectors and matrices first get one."""
    return np.concatenate([shapes.atleast_3d(a) for a in tup], 2)


@composed(np.column_stack, samples=lambda rng: [([rng.normal(size=2), rng.normal(size=(2, 2)), rng.normal(size=2)],)])
def column_stack(tup):
    """np.column_stack: side by side; vectors are columns."""
    if all(getattr(a, "ndim", None) == 1 for a in tup):
        return np.stack(tup, 1)
    arrays = [a if hasattr(a, "shape") else np.asarray(a) for a in tup]
    return np.concatenate([np.reshape(a, (-1, 1)) if a.ndim < 2 else a for a in arrays], 1)


@composed(
    np.block,
    samples=lambda rng: [
        ([[rng.normal(size=(2, 2)), rng.normal(size=(2, 1))], [rng.normal(size=2), rng.normal()]],),
        ([rng.normal(size=2), rng.normal()],),
        (rng.normal(size=2),),
    ],
)
def block(arrays):
    """np.block: blocks in nested lists, the innermost side by side, the next above each other, and so on."""
    depth = _depth(arrays)
    ndim = max([depth, *(np.ndim(a) for a in _blocks(arrays))])
    return _joined_blocks(arrays, depth, ndim)


def _depth(blocks):
    """How deeply lists are nested: the same for all."""
    if isinstance(blocks, tuple):
        raise TypeError("block: blocks are nested in lists; a tuple could be meant as an array")
    if not isinstance(blocks, list):
        return 0
    depths = {_depth(inner) for inner in blocks}
    if len(depths) != 1:
        raise ValueError("block: lists are empty, or not all nested to the same depth")
    return 1 + depths.pop()


def _blocks(blocks):
    return [a for inner in blocks for a in _blocks(inner)] if isinstance(blocks, list) else [blocks]


def _joined_blocks(blocks, axis, ndim):
    if not isinstance(blocks, list):
        return np.reshape(blocks, (1,) * (ndim - np.ndim(blocks)) + np.shape(blocks))
    return np.concatenate([_joined_blocks(inner, axis - 1, ndim) for inner in blocks], axis=-axis)


@composed(
    np.append,
    samples=lambda rng: [
        (rng.normal(size=(2, 2)), rng.normal(size=3)),
        (rng.normal(size=(2, 2)), rng.normal(size=(1, 2)), {"axis": 0}),
    ],
)
def append(arr, values, axis=None):
    """np.append: values behind an array, along an axis or all in one row."""
    return np.concatenate((arr, values), axis=axis)


# Lengthened.


def _inserted_at(obj, length, count):
    """The places of inserted slices in the result, in the order of the values, and those of the old ones."""
    order = np.insert(np.full(length, -1), obj, np.arange(count))
    new = np.flatnonzero(order >= 0)
    return new[np.argsort(order[new])], np.flatnonzero(order < 0)


def _insertion(g, arr, obj, axis):
    """The gradient, the axis and the places of the new and the old slices."""
    length, axis = (arr.size, 0) if axis is None else (arr.shape[axis], axis % arr.ndim)
    new, old = _inserted_at(obj, length, g.shape[axis] - length)
    return g[along(axis, g.ndim, new)], g[along(axis, g.ndim, old)], axis


def _at_values(g, y, arr, values, obj, axis=None):
    new, _, axis = _insertion(g, arr, obj, axis)
    # At a single place NumPy has the first axis of the values run along the axis that grows.
    return np.moveaxis(new, axis, 0) if np.ndim(obj) == 0 and not isinstance(obj, slice) and axis else new


def _inserted(operands, options):
    obj, axis = options["obj"], options.get("axis")
    obj = obj if isinstance(obj, slice) else np.asarray(obj).tolist()
    where = f"at {obj}" if axis is None else f"at {obj}, axis {axis}"
    words = named("insert", lambda options, operands: where, operands=None)(operands, options)
    return Notation(words.text, words.latex, Form(f"np.insert({{0}}, {obj}, {{1}}, {axis})"))


_insert = primitive(
    lambda arr, values, obj, axis=None: np.insert(arr, obj, values, axis),
    lambda g, y, arr, values, obj, axis=None: _insertion(g, arr, obj, axis)[1].reshape(arr.shape),
    _at_values,
    name="insert",
    notation=_inserted,
    samples=lambda rng: [
        (rng.normal(size=(2, 3)), rng.normal(), {"obj": 1}),
        (rng.normal(size=(2, 3)), rng.normal(size=(2, 2)), {"obj": 1, "axis": 1}),
        (rng.normal(size=(2, 3)), rng.normal(size=(2, 1)), {"obj": [2, 0], "axis": 1}),
        (rng.normal(size=(2, 3)), rng.normal(size=3), {"obj": slice(0, 2), "axis": 0}),
        (rng.normal(size=3), rng.normal(size=2), {"obj": -1}),
    ],
)


@composed(
    np.insert,
    samples=lambda rng: [(rng.normal(size=(2, 3)), {"obj": [2, 0], "values": 1.5, "axis": 1})],
)
def insert(arr, obj, values, axis=None):
    """np.insert: values before the given places of an array, along an axis or of all its entries in one row."""
    obj = bare(obj)
    obj = obj if isinstance(obj, slice) or type(obj) is int else np.array(obj)
    return _insert(arr, values, obj=obj, axis=axis)
