"""The same entries in another shape, order or dtype: reshapes, transposes, broadcasts."""

from __future__ import annotations

import numpy as np

from .answers import bare, composed
from .notation import AS_IT_IS, ATOM, PRODUCT, Form, Notation, axis_shown, literal, named
from .primitive import primitive


def lengths(shape):
    return " × ".join(map(str, shape)) if isinstance(shape, tuple) else str(shape)


def _broadcast(operands, options):
    """A number spread over a shape is a multiple of ones, 1₂ₓ₃."""
    in_words = named("broadcast", lambda options, operands: lengths(options["shape"]))(operands, options)
    number, shape = operands[0].number, options["shape"]
    if number is None or not isinstance(shape, tuple):
        return in_words
    ones = "1" + "ₓ".join(map(str, shape)).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    in_latex = literal(r"\mathbf{1}_{" + r" \times ".join(map(str, shape)) + "}")
    if number == 1 and operands[0].over == 1:
        return Notation(Form(ones), Form(in_latex))
    return Notation(Form("{0} · " + ones, PRODUCT, (PRODUCT,)), Form(r"{0} \, " + in_latex, PRODUCT, (PRODUCT,)))


def _new_axes(operands, options):
    """a[:, None], a vector as a column: what was reduced, beside what it was made of."""
    ndim, axis = len(operands[0].shape), options["axis"]
    new = axis if isinstance(axis, tuple) else (axis,)
    ndim += len(new)
    index = ", ".join("None" if i in {axis % ndim for axis in new} else ":" for i in range(ndim))
    return Notation(
        Form("{0}" + literal(f"[{index}]"), ATOM, (ATOM,)),
        Form("{0}" + literal(rf"_{{\text{{[{index}]}}}}"), ATOM, (ATOM,)),
    )


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
    return named("transpose", lambda options, operands: ", ".join(map(str, axes)))(operands, options)


def _reshapes(rng):
    yield rng.normal(size=(2, 3)), {"shape": (3, 2)}
    yield rng.normal(size=(2, 3)), {"shape": -1}
    yield rng.normal(size=()), {"shape": (1, 1)}
    yield rng.normal(size=(4,)).reshape(2, 2).T, {"shape": (4,), "order": "F"}


def _order(a, order):
    """Order "A" is that in which `a` lies in memory, whatever that of its gradient."""
    return order if order != "A" else "F" if np.isfortran(bare(a)) else "C"


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


alias = primitive(
    lambda x: x,
    lambda g, y, x: g,
    name="alias",
    notation=Notation(AS_IT_IS.text, AS_IT_IS.latex, AS_IT_IS.text),
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
    lambda g, y, a, shape, order="C": g.reshape(a.shape, order=_order(a, order)),
    numpy=np.reshape,
    notation=named("reshape", lambda options, operands: lengths(options["shape"])),
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
    notation=named("squeeze", axis_shown),
    samples=_squeezes,
)
expand_dims = primitive(
    np.expand_dims, lambda g, y, a, axis: g.reshape(a.shape), notation=_new_axes, samples=_expansions
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


# Axes in another order: all are transposes.


def _axes(function, a, *args):
    """The order of the axes that one of NumPy's functions makes: it is run on an empty array that counts its axes."""
    return function(np.empty(range(np.ndim(a))), *args).shape


def cubes(*options):
    """Sample arrays of three axes, each with options."""
    return lambda rng: [(rng.normal(size=(2, 3, 4)), more) for more in options]


@composed(np.moveaxis, samples=cubes({"source": 0, "destination": -1}, {"source": (0, 1), "destination": (-1, -2)}))
def moveaxis(a, source, destination):
    """np.moveaxis: some axes at other places, the others in the order they had."""
    return transpose(a, axes=_axes(np.moveaxis, a, source, destination))


@composed(np.rollaxis, samples=cubes({"axis": 2}, {"axis": 0, "start": 2}))
def rollaxis(a, axis, start=0):
    """np.rollaxis: one axis moved before another."""
    return transpose(a, axes=_axes(np.rollaxis, a, axis, start))


@composed(np.swapaxes, samples=cubes({"axis1": 0, "axis2": -1}, {"axis1": 1, "axis2": 1}))
def swapaxes(a, axis1, axis2):
    """np.swapaxes: two axes in each other's place."""
    return transpose(a, axes=_axes(np.swapaxes, a, axis1, axis2))


# Other shapes.


@composed(
    np.ravel, samples=lambda rng: [(rng.normal(size=(2, 3)), {"order": order}) for order in "CF"] + [(rng.normal(),)]
)
def ravel(a, order="C"):
    """np.ravel: all entries in one row."""
    if order == "K":  # as they lie in memory: the longest strides first
        strides = [-abs(stride) for stride in bare(a).strides]
        a, order = transpose(a, axes=tuple(np.argsort(strides, kind="stable").tolist())), "C"
    return reshape(a, shape=-1, order=order)


def _at_least(a, shape):
    a = a if hasattr(a, "shape") else np.asarray(a)
    shape = shape(*a.shape)
    return a if shape == a.shape else np.reshape(a, shape)


def _each(found):
    return found[0] if len(found) == 1 else tuple(found)


def _several_dimensions(rng):
    for shape in ((), (2,), (2, 3), (2, 3, 1)):
        yield (rng.normal(size=shape),)
    yield rng.normal(size=()), rng.normal(size=(3,))


@composed(np.atleast_1d, samples=_several_dimensions)
def atleast_1d(*arys):
    """np.atleast_1d: scalars as arrays of one entry."""
    return _each([_at_least(a, lambda *n: n or (1,)) for a in arys])


@composed(np.atleast_2d, samples=_several_dimensions)
def atleast_2d(*arys):
    """np.atleast_2d: scalars and vectors as matrices of one row."""
    return _each([_at_least(a, lambda *n: n if len(n) > 1 else (1, *(n or (1,)))) for a in arys])


@composed(np.atleast_3d, samples=_several_dimensions)
def atleast_3d(*arys):
    """np.atleast_3d: a vector of n entries becomes 1 × n × 1, an m × n matrix m × n × 1."""
    return _each(
        [_at_least(a, lambda *n: n if len(n) > 2 else (*n, 1) if len(n) == 2 else (1, *(n or (1,)), 1)) for a in arys]
    )


@composed(np.broadcast_arrays, samples=lambda rng: [(rng.normal(size=(2, 1)), rng.normal(size=3), rng.normal())])
def broadcast_arrays(*args, subok=False):
    """np.broadcast_arrays: all arrays in the shape that they broadcast to."""
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(a if np.shape(a) == shape else np.broadcast_to(a, shape) for a in args)


@composed(
    np.meshgrid,
    samples=lambda rng: [
        (rng.normal(size=2), rng.normal(size=3)),
        (rng.normal(size=2), rng.normal(), rng.normal(size=3), {"indexing": "ij"}),
        (rng.normal(size=2), rng.normal(size=3), {"sparse": True, "copy": False}),
    ],
)
def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """np.meshgrid: the coordinates of a grid. No result shares memory that one could write to, whatever `copy` says."""
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    count, grids = len(xi), []
    for i, x in enumerate(xi):
        axis = 1 - i if indexing == "xy" and i < 2 <= count else i
        grids.append(np.reshape(x, (1,) * axis + (-1,) + (1,) * (count - axis - 1)))
    return tuple(grids) if sparse else broadcast_arrays(*grids)
