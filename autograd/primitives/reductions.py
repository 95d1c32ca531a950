"""Sums, means and extremes over axes. Their rules spread the gradient; the engine does the spreading.

The rows bear NumPy's names, which hide the builtins sum, max, min, any and all in this file.
"""

from __future__ import annotations

import math

import numpy as np

from ..tensor import Tensor
from .answers import composed, refuse_out
from .notation import PRODUCT, SUM, Form, Notation, literal
from .primitive import by_numpy_function, primitive


def reductions(rng):
    """Sample inputs and options: each kind of axis, kept or not."""
    yield (rng.uniform(-2, 2, ()),)
    for shape, axis in [((3,), None), ((3,), 0), ((2, 3), 1), ((2, 3), -2), ((2, 3, 4), (0, 2)), ((2, 3), ())]:
        yield rng.uniform(-2, 2, shape), {"axis": axis}
        yield rng.uniform(-2, 2, shape), {"axis": axis, "keepdims": True}


def kept(reduced, axis, keepdims):
    """A reduced value with the reduced axes back, at length 1, so that it broadcasts against what was reduced."""
    return reduced if keepdims or axis is None else np.expand_dims(reduced, axis)


def scaled(fresh, factor):
    """The product of an array that nobody else holds with a factor that broadcasts to it: into that array, if it is
    NumPy's, which at 1000 × 1000 saves a third of the time of var's gradient."""
    if type(fresh) is np.ndarray and np.broadcast_shapes(np.shape(factor), fresh.shape) == fresh.shape:
        fresh *= factor
        return fresh
    return fresh * factor


def reduced(text, latex, source):
    """The notation of a reduction: its axes, where they are not all there are, are part of its name."""

    def notation(operands, options):
        ndim, axis = len(operands[0].shape), options.get("axis")
        axes = tuple(range(ndim)) if axis is None else normalized(axis, ndim)
        given = "" if axis is None else f", axis={axis}"
        if options.get("keepdims"):
            given += ", keepdims=True"
        if options.get("ddof"):
            given += f", ddof={options['ddof']}"
        where = "" if len(axes) == ndim else "axis " + ", ".join(map(str, axes))
        if options.get("ddof"):
            where = (where and where + ", ") + f"ddof {options['ddof']}"
        named = f"{text}[{where}]" if where else text
        limits = r"\limits" if latex == r"\sum" else ""  # the axis below the sign, also in brackets
        below = literal(rf"{latex}{limits}_{{\text{{{where}}}}}" if where else latex)
        if latex == r"\sum":  # binds less tightly than a product, so that what it sums up is seen
            set_in_latex = Form(below + (r"\, {0}" if where else " {0}"), SUM + 2, (PRODUCT,))
        else:
            set_in_latex = Form(below + r"\left({0}\right)")
        return Notation(Form(named + "({0})"), set_in_latex, Form(f"{source}({{0}}{given})"))

    return notation


def normalized(axis, ndim):
    """An axis or axes as a tuple of indices from 0."""
    return tuple(i % (ndim or 1) for i in (axis if isinstance(axis, tuple) else (axis,)))


def _at_extreme(g, y, x, axis=None, keepdims=False):
    """The gradient where the extreme is; entries that tie share it evenly."""
    here = x == kept(y, axis, keepdims)
    return kept(g, axis, keepdims) / here.sum(axis=axis, keepdims=True) * here


def _length(a, y, axis):
    """How many entries of `a` each one of `y` is the mean of."""
    return a.size // y.size if y.size else counted(a, axis, True)


sum = primitive(
    lambda a, axis=None, dtype=None, keepdims=False: a.sum(axis=axis, dtype=dtype, keepdims=keepdims),
    lambda g, y, a, axis=None, dtype=None, keepdims=False: kept(g, axis, keepdims),
    numpy=np.sum,
    notation=reduced("Σ", r"\sum", "np.sum"),
    samples=reductions,
)
mean = primitive(
    lambda a, axis=None, dtype=None, keepdims=False: a.mean(axis=axis, dtype=dtype, keepdims=keepdims),
    lambda g, y, a, axis=None, dtype=None, keepdims=False: kept(g, axis, keepdims) / _length(a, y, axis),
    numpy=np.mean,
    notation=reduced("mean", r"\operatorname{mean}", "np.mean"),
    samples=reductions,
)
max = primitive(
    lambda a, axis=None, keepdims=False: a.max(axis=axis, keepdims=keepdims),
    _at_extreme,
    numpy=np.max,
    notation=reduced("max", r"\max", "np.max"),
    samples=reductions,
)
min = primitive(
    lambda a, axis=None, keepdims=False: a.min(axis=axis, keepdims=keepdims),
    _at_extreme,
    numpy=np.min,
    notation=reduced("min", r"\min", "np.min"),
    samples=reductions,
)
any = primitive(
    lambda a, axis=None, keepdims=False: a.any(axis=axis, keepdims=keepdims),
    None,
    numpy=np.any,
    notation=reduced("any", r"\operatorname{any}", "np.any"),
    samples=reductions,
)
all = primitive(
    lambda a, axis=None, keepdims=False: a.all(axis=axis, keepdims=keepdims),
    None,
    numpy=np.all,
    notation=reduced("all", r"\operatorname{all}", "np.all"),
    samples=reductions,
)


# Of some entries only.


def _masked(operands, options):
    """Σ(x where m)"""
    whole = reduced("Σ", r"\sum", "np.sum")(operands, options)
    source = whole.source.template.replace("{0}", "{0}, where={1}")
    return Notation(
        Form(whole.text.template.replace("{0}", "{0} where {1}")),
        Form(r"\sum\limits_{{{1}}} {0}", SUM + 2, (PRODUCT,)),
        Form(source),
    )


masked_sum = primitive(
    lambda a, where, axis=None, dtype=None, keepdims=False: np.sum(
        a, axis=axis, dtype=dtype, keepdims=keepdims, where=where
    ),
    lambda g, y, a, where, axis=None, dtype=None, keepdims=False: np.where(where, kept(g, axis, keepdims), 0),
    None,
    name="masked_sum",
    notation=_masked,
    samples=lambda rng: [
        (rng.normal(size=(2, 3)), np.array([True, False, True])),
        (rng.normal(size=(2, 3)), np.array([[True], [False]]), {"axis": 0, "keepdims": True}),
    ],
)


def counted(a, axis, where):
    """How many entries of `a` each reduced one stands for, kept at length 1 where there is a mask."""
    if where is True:
        axes = range(a.ndim) if axis is None else normalized(axis, a.ndim)
        return np.intp(math.prod(a.shape[i] for i in axes))
    return np.sum(np.broadcast_to(where, a.shape), axis=axis, dtype=np.intp, keepdims=True)


def per(total, count):
    """total / count in the dtype of the total."""
    if type(count) is not np.intp:
        count = count.reshape(total.shape)
    ratio = total / count
    return ratio if ratio.dtype == total.dtype else ratio.astype(total.dtype)


def _sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=0, where=True):
    refuse_out("sum", out)
    options = {"axis": axis, "dtype": dtype, "keepdims": keepdims}
    total = sum(a, **options) if where is True else masked_sum(a, where, **options)
    return total if type(initial) is int and not initial else total + beginning(initial, total)


def beginning(initial, result):
    """What a reduction begins with, in the dtype of its result."""
    return initial if type(initial) is Tensor else result.dtype.type(initial)


def _mean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    refuse_out("mean", out)
    narrow = dtype is None and a.dtype == np.float16
    if dtype is None:
        dtype = np.float64 if a.dtype.kind in "biu" else np.float32 if narrow else None
    total = np.sum(a, axis=axis, dtype=dtype, keepdims=keepdims, where=where)
    ratio = per(total, counted(a, axis, where))
    return ratio.astype(np.float16) if narrow else ratio


def _extreme(whole, larger):
    """max or min with initial= and where=."""

    def extreme(a, axis=None, out=None, keepdims=False, initial=None, where=True):
        refuse_out(whole.__name__, out)
        if initial is None:
            raise ValueError(f"{whole.__name__}: with where= it needs initial=, its result where no entry is")
        axes = range(a.ndim) if axis is None else normalized(axis, a.ndim)
        if not math.prod(a.shape[i] for i in axes):
            return sum(a, axis=axis, dtype=a.dtype, keepdims=keepdims) + initial
        if where is not True:
            a = np.where(where, a, initial)
        return larger(whole(a, axis=axis, keepdims=keepdims), initial)

    return extreme


def _question(whole, neutral):
    """any or all with where=."""

    def question(a, axis=None, out=None, keepdims=False, *, where=True):
        refuse_out(whole.__name__, out)
        return whole(np.where(where, a, neutral), axis=axis, keepdims=keepdims)

    return question


def with_where(whole, some, positional):
    """What answers for NumPy's function: the row; or, given where=, initial= or out=, a function that knows them.

    `positional` counts the arguments before where= and initial=.
    """

    def answer(*args, **options):
        if "where" in options or "initial" in options or "out" in options or len(args) > positional:
            return some(*args, **options)
        return whole(*args, **options)

    answer.__doc__ = whole.__doc__
    answer.__name__ = whole.__name__
    return answer


by_numpy_function[np.sum] = with_where(sum, _sum, 5)
by_numpy_function[np.mean] = with_where(mean, _mean, 5)
by_numpy_function[np.max] = by_numpy_function[np.amax] = with_where(max, _extreme(max, np.maximum), 4)
by_numpy_function[np.min] = by_numpy_function[np.amin] = with_where(min, _extreme(min, np.minimum), 4)
by_numpy_function[np.any] = with_where(any, _question(any, False), 4)
by_numpy_function[np.all] = with_where(all, _question(all, True), 4)


@composed(np.ptp, samples=reductions)
def ptp(a, axis=None, out=None, keepdims=False):
    """np.ptp: from the least to the largest."""
    refuse_out("ptp", out)
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)
