"""The same entries in another shape, order, dtype, or assembled into one array; and taking entries out by index."""

from __future__ import annotations

import math

import numpy as np

from ..tensor import Tensor
from .answers import composed
from .notation import AS_IT_IS, ATOM, PRODUCT, Form, Notation, literal, operator_name
from .primitive import primitive


def _named(name, show):
    """`name[what](x)`, what being an option that says more than the name."""

    def notation(operands, options):
        what = show(options, operands)
        inside = f"[{what}]" if what else ""
        below = rf"_{{\text{{{what}}}}}" if what else ""
        return Notation(
            Form(literal(name + inside) + "({0})"), Form(literal(operator_name(name) + below) + r"\left({0}\right)")
        )

    return notation


def _length(shape):
    return " × ".join(map(str, shape)) if isinstance(shape, tuple) else str(shape)


def _broadcast(operands, options):
    """A number spread over a shape is a multiple of ones, 1₂ₓ₃."""
    named = _named("broadcast", lambda options, operands: _length(options["shape"]))(operands, options)
    number, shape = operands[0].number, options["shape"]
    if number is None or not isinstance(shape, tuple):
        return named
    ones = "1" + "ₓ".join(map(str, shape)).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    in_latex = literal(r"\mathbf{1}_{" + r" \times ".join(map(str, shape)) + "}")
    if number == 1 and operands[0].over == 1:
        return Notation(Form(ones), Form(in_latex))
    return Notation(Form("{0} · " + ones, PRODUCT, (PRODUCT,)), Form(r"{0} \, " + in_latex, PRODUCT, (PRODUCT,)))


def _axis(options, operands):
    axis = options.get("axis")
    return "" if axis is None else "axis " + ", ".join(map(str, axis if isinstance(axis, tuple) else (axis,)))


def _new_axis(options, operands):
    axis = options["axis"] if isinstance(options["axis"], tuple) else (options["axis"],)
    ndim = len(operands[0].shape) + len(axis)
    return "axis " + ", ".join(str(i % ndim) for i in axis)


def _converted(operands, options):
    """Not shown: the same numbers in another dtype."""
    dtype = np.dtype(options["dtype"])
    return Notation(AS_IT_IS.text, AS_IT_IS.latex, Form(f"{{0}}.astype({dtype.str!r})", ATOM, (ATOM,)))


def _transpose(operands, options):
    ndim, axes = len(operands[0].shape), options.get("axes")
    axes = None if axes is None else tuple(i % ndim for i in axes)
    flipped = tuple(reversed(range(ndim)))
    last_two = (*range(ndim - 2), ndim - 1, ndim - 2) if ndim > 1 else ()
    if axes in (None, flipped, last_two):
        # Of a stack of matrices ᵀ turns each, as the last two axes are a matrix to @.
        source = Form("{0}.T", ATOM, (ATOM,)) if axes in (None, flipped) else None
        return Notation(Form("{0}ᵀ", ATOM, (ATOM,)), Form(r"{0}^{{\top}}", ATOM, (ATOM,)), source)
    return _named("transpose", lambda options, operands: ", ".join(map(str, axes)))(operands, options)


def _joined(name):
    """`name[axis 1](a, b)`"""

    def notation(operands, options):
        one = _named(name, _axis)(operands, options)
        return Notation(
            Form(one.text.template.replace("{0}", "{...}")), Form(one.latex.template.replace("{0}", "{...}"))
        )

    return notation


def _reshapes(rng):
    yield rng.normal(size=(2, 3)), {"shape": (3, 2)}
    yield rng.normal(size=(2, 3)), {"shape": -1}
    yield rng.normal(size=()), {"shape": (1, 1)}
    yield rng.normal(size=(4,)).reshape(2, 2).T, {"shape": (4,)}


def _transposes(rng):
    yield (rng.normal(size=(2, 3)),)
    yield (rng.normal(size=(4,)),)
    yield rng.normal(size=(2, 3, 4)), {"axes": (1, 2, 0)}
    yield rng.normal(size=(2, 3, 4)), {"axes": (-1, 0, 1)}


def _broadcasts(rng):
    yield rng.normal(size=(3,)), {"shape": (2, 3)}
    yield rng.normal(size=(2, 1)), {"shape": (4, 2, 3)}
    yield rng.normal(size=()), {"shape": (2,)}


def _squeezes(rng):
    yield (rng.normal(size=(1, 3, 1)),)
    yield rng.normal(size=(1, 3, 1)), {"axis": 0}
    yield rng.normal(size=(1, 3, 1)), {"axis": (0, -1)}


def _expansions(rng):
    yield rng.normal(size=(3,)), {"axis": 0}
    yield rng.normal(size=(3, 2)), {"axis": (0, -1)}


def _indices(rng):
    a = rng.normal(size=(3, 4, 2))
    yield a, {"index": 1}
    yield a, {"index": (slice(None, None, -2), ..., None, 0)}
    yield a, {"index": (slice(0, 0),)}
    yield a, {"index": ([0, 2, 0], slice(1, 3))}
    yield a, {"index": a[..., 0] > 0}
    yield a, {"index": (2, 3, 1)}


alias = primitive(
    lambda x: x,
    lambda g, y, x: g,
    name="alias",
    notation=AS_IT_IS,
    samples=lambda rng: [(rng.normal(size=(2, 3)),)],
)
copy = primitive(
    lambda a, order="K": a.copy(),
    lambda g, y, a, order="K": g,
    numpy=np.copy,
    notation=AS_IT_IS,
    samples=lambda rng: [(rng.normal(size=(2, 3)),)],
)
reshape = primitive(
    lambda a, shape, order="C": a.reshape(shape, order=order),
    lambda g, y, a, shape, order="C": g.reshape(a.shape, order=order),
    numpy=np.reshape,
    notation=_named("reshape", lambda options, operands: _length(options["shape"])),
    samples=_reshapes,
)
transpose = primitive(
    lambda a, axes=None: a.transpose(axes),
    lambda g, y, a, axes=None: g.transpose(
        None if axes is None else tuple(np.argsort([i % a.ndim for i in axes]).tolist())
    ),
    numpy=np.transpose,
    notation=_transpose,
    samples=_transposes,
)
broadcast_to = primitive(
    np.broadcast_to,
    lambda g, y, array, shape, subok=False: g,
    notation=_broadcast,
    samples=_broadcasts,
)
squeeze = primitive(
    lambda a, axis=None: a.squeeze(axis),
    lambda g, y, a, axis=None: g.reshape(a.shape),
    numpy=np.squeeze,
    notation=_named("squeeze", _axis),
    samples=_squeezes,
)
expand_dims = primitive(
    np.expand_dims, lambda g, y, a, axis: g.reshape(a.shape), notation=_named("spread", _new_axis), samples=_expansions
)
astype = primitive(
    lambda x, dtype, copy=True: x.astype(dtype, copy=copy),
    lambda g, y, x, dtype, copy=True: g,
    numpy=np.astype,
    notation=_converted,
    samples=lambda rng: [(rng.normal(size=(2, 3)), {"dtype": np.float64})],
)


@composed(np.full_like, samples=lambda rng: [(rng.normal(size=(2, 3)), rng.normal(size=3))])
def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """np.full_like: `fill_value` in the shape of `a`, which only lends that shape and its dtype."""
    spread = np.broadcast_to(fill_value, np.shape(a) if shape is None else shape)
    return spread.astype(np.result_type(a) if dtype is None else dtype)


# Assembly: any number of inputs, so one rule gives the gradients of all.


def _along(axis, ndim, part):
    return (slice(None),) * (axis % ndim) + (part,)


def _pieces(g, y, *arrays, axis=0, dtype=None, casting="same_kind"):
    if axis is None:
        g, axis = g.reshape(-1), 0
        ends = np.cumsum([a.size for a in arrays])
    else:
        ends = np.cumsum([a.shape[axis] for a in arrays])
    starts = [0, *ends[:-1].tolist()]
    parts = [g[_along(axis, g.ndim, slice(i, j))] for i, j in zip(starts, ends.tolist(), strict=True)]
    return [part.reshape(a.shape) for part, a in zip(parts, arrays, strict=True)]


def _layers(g, y, *arrays, axis=0, dtype=None, casting="same_kind"):
    return [g[_along(axis, g.ndim, i)] for i in range(len(arrays))]


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
    notation=_joined("concatenate"),
    samples=_concatenations,
    hint="All shapes must agree, except along the axis that is joined",
)
stack = primitive(
    lambda arrays, axis=0, dtype=None, casting="same_kind": np.stack(arrays, axis, dtype=dtype, casting=casting),
    joint=_layers,
    numpy=np.stack,
    notation=_joined("stack"),
    samples=_stacks,
    hint="All shapes must be equal; np.concatenate joins arrays of different lengths",
)


# Indexing, and its mirror image: each is the other's rule.

_SHORT_INDEX, _LONGEST_INDEX = 6, 100


def _repeats(index):
    """Whether an index can name an entry twice: only integer arrays and sequences can."""
    return any(
        not isinstance(i, (slice, type(...), type(None), int, np.integer))
        for i in (index if type(index) is tuple else (index,))
    )


def _scatter(g, index, shape):
    """Zeros of `shape`, with the entries of `g` added where `index` points."""
    if type(g) is not np.ndarray and not isinstance(g, np.generic):
        # Other libraries' arrays may not be written to. In NumPy's functions there is one expression for it: count the
        # places that the index names, weighted by the values.
        size = math.prod(shape)
        places = np.arange(size, like=g).reshape(shape)[index].reshape(-1)
        return np.bincount(places, g.reshape(-1), size).reshape(shape).astype(g.dtype)
    out = np.zeros_like(g, shape=shape)
    if _repeats(index):
        np.add.at(out, index, g)
    else:
        out[index] = g
    return out


def _subscript(operands, options):
    """a[i, j]"""
    text = _index_text(options["index"], exact=False)
    exact = _index_text(options["index"], exact=True)
    return Notation(
        Form("{0}" + literal(f"[{text}]"), ATOM, (ATOM,)),
        Form("{0}" + literal(rf"_{{\text{{[{text}]}}}}"), ATOM, (ATOM,)),
        exact and Form("{0}" + literal(f"[{exact}]"), ATOM, (ATOM,)),
    )


def _scattered(operands, options):
    """In NumPy there is one expression for it: count the places that the index names, weighted by the values."""
    shape, exact = options["shape"], _index_text(options["index"], exact=True)
    size = math.prod(shape)
    places = f"np.arange({size}).reshape({shape})[{exact}].ravel()"
    shown = _named("scatter", lambda options, operands: _index_text(options["index"], exact=False))(operands, options)
    return Notation(
        shown.text,
        shown.latex,
        exact and Form(literal(f"np.bincount({places}, np.ravel(") + "{0}" + literal(f"), {size}).reshape({shape})")),
    )


def _index_text(index, exact):
    """An index as it is written between brackets; if not `exact`, arrays are called `index`. None for a long one."""
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
        elif np.size(i) <= _LONGEST_INDEX:
            parts.append(f"np.array({np.asarray(i).tolist()}, dtype={np.asarray(i).dtype.str!r})")
        else:
            return None
    return ", ".join(parts) + ("," if exact and type(index) is tuple and len(parts) == 1 else "")


getitem = primitive(
    lambda a, index: a[index],
    lambda g, y, a, index: scatter(g, index=index, shape=a.shape),
    name="getitem",
    notation=_subscript,
    samples=_indices,
)
scatter = primitive(
    _scatter,
    lambda g, y, values, index, shape: g[index],
    name="scatter",
    notation=_scattered,
    samples=lambda rng: [
        (rng.normal(size=(2,)), {"index": ([1, 1],), "shape": (3,)}),
        (rng.normal(size=(2,)), {"index": slice(1, 3), "shape": (4,)}),
    ],
)


def take(self, index):
    """`t[index]`: Tensors in an index stand for their data, since no gradient passes to an index."""
    return getitem(self, index=index if type(index) is int else _kept(index))


def _kept(index):
    """An index as the graph keeps it: with copies of arrays and lists, which could be changed before backward."""
    if type(index) is Tensor:
        index = index._value
    if type(index) is np.ndarray:
        return index.copy()
    return type(index)(map(_kept, index)) if type(index) is tuple or type(index) is list else index
