"""Running sums, products and extremes along an axis, and prod itself.

Nothing divides by an entry: where entries are 0, the gradients of products are exact, to any order.
"""

from __future__ import annotations

import math

import numpy as np

from .answers import bare, composed, refuse_out
from .notation import ATOM, Form, Notation, function, literal, operator_name
from .primitive import by_numpy_function, primitive
from .reductions import beginning, kept, normalized, reduced, scaled, with_where

# Along one axis.


def along(axis, part):
    """The index of a part of an axis, counted from 0."""
    return (slice(None),) * axis + (part,)


def backwards(x, axis):
    """The entries of an axis in reverse."""
    return x[along(axis % x.ndim, slice(None, None, -1))]


def in_line(x, axis):
    """The axes to reduce as one, the last."""
    if axis is None or not x.ndim:
        return x if x.ndim == 1 else x.reshape(-1)
    axes = normalized(axis, x.ndim)
    others = tuple(i for i in range(x.ndim) if i not in axes)
    if others + axes != tuple(range(x.ndim)):
        x = x.transpose(others + axes)
    if len(axes) == 1:
        return x
    lengths = x.shape[: len(others)]
    return x.reshape((*lengths, math.prod(x.shape[len(others) :])))


def out_of_line(x, axis, shape):
    """What is laid out as by `in_line`, in the shape that it had before."""
    if axis is None or not shape:
        return x if x.shape == shape else x.reshape(shape)
    axes = normalized(axis, len(shape))
    order = (*(i for i in range(len(shape)) if i not in axes), *axes)
    laid_out = tuple(shape[i] for i in order)
    if x.shape != laid_out:
        x = x.reshape(laid_out)
    return x if order == tuple(range(len(shape))) else x.transpose(tuple(order.index(i) for i in range(len(shape))))


def _named(name):
    """`name[axis 1](…)`"""

    def notation(operands, options):
        axis = options.get("axis")
        if axis is None or len(operands[0].shape) == 1:
            return function(name)
        axis = ", ".join(map(str, axis if isinstance(axis, tuple) else (axis,)))
        return Notation(
            Form(literal(f"{name}[axis {axis}]") + "({...})"),
            Form(literal(operator_name(name) + rf"_{{\text{{axis }}{axis}}}") + r"\left({...}\right)"),
        )

    return notation


def _shift(x, axis, by=1, fill=0):
    axis, length = axis % x.ndim, x.shape[axis % x.ndim]
    new = np.full_like(x[along(axis, slice(min(abs(by), length)))], fill)
    if by > 0:
        return np.concatenate([new, x[along(axis, slice(max(length - by, 0)))]], axis=axis)
    return np.concatenate([x[along(axis, slice(-by, None))], new], axis=axis)


def _shifted(operands, options):
    """shift[−1](x), which ends with a 0"""
    ndim, by, fill = len(operands[0].shape), options.get("by", 1), options.get("fill", 0)
    axis = options["axis"] % ndim
    details = [f"{'−' if by < 0 else '+'}{abs(by)}"]
    details += [f"axis {axis}"] * (ndim > 1) + [f"filled with {fill}"] * (fill != 0)
    new, kept = (f":{by}", f":-{by}") if by > 0 else (f"{by}:", f"{-by}:")
    before = ":, " * axis
    filled, rest = f"np.full_like({{0}}[{before}{new}], {fill})", f"{{0}}[{before}{kept}]"
    parts = f"{filled}, {rest}" if by > 0 else f"{rest}, {filled}"
    named = ", ".join(details)
    return Notation(
        Form(literal(f"shift[{named}]") + "({0})"),
        Form(literal(rf"\operatorname{{shift}}_{{\text{{{named.replace('−', '-')}}}}}") + r"\left({0}\right)"),
        Form(f"np.concatenate([{parts}], axis={axis})", operands=(ATOM,)),
    )


shift = primitive(
    _shift,
    lambda g, y, x, axis, by=1, fill=0: shift(g, axis=axis, by=-by),
    name="shift",
    notation=_shifted,
    samples=lambda rng: [
        (rng.normal(size=3), {"axis": 0, "fill": 1}),
        (rng.normal(size=(2, 3)), {"axis": -1, "by": -1}),
    ],
)
"""The entries moved `by` places towards the end of an axis, or, if negative, towards its start, and `fill` behind."""


def _lines(rng):
    yield (rng.uniform(0.5, 2, 3),)
    yield (rng.uniform(-2, 2, (2, 2)),)
    yield rng.uniform(-2, 2, (2, 3)), {"axis": -1}
    yield rng.uniform(-2, 2, (3, 2, 1)), {"axis": 0}


def _running(rule):
    """The rule of a running sum or product, along the axis or, without one, over all entries in a line."""

    def along_axis(g, y, a, axis=None, dtype=None):
        if axis is None or not a.ndim:
            return rule(g, y, a.reshape(-1), 0).reshape(a.shape)
        return rule(g, y, a, axis % a.ndim)

    return along_axis


cumsum = primitive(
    lambda a, axis=None, dtype=None: np.cumsum(a, axis=axis, dtype=dtype),
    _running(lambda g, y, a, axis: backwards(np.cumsum(backwards(g, axis), axis=axis), axis)),
    numpy=np.cumsum,
    notation=_named("cumsum"),
    samples=_lines,
)


def _recurrences(rng):
    for shape, axis in [((4,), 0), ((2, 3), 1)]:
        yield rng.uniform(-1, 1, shape), rng.uniform(-1, 1, shape), {"axis": axis}


def _recurrence(a, b, axis):
    """sᵢ = aᵢ sᵢ₋₁ + bᵢ. Each round doubles how far back an entry looks, so that there are few rounds."""
    reach, axis = 1, axis % a.ndim
    while reach < a.shape[axis]:
        first, later, earlier = (along(axis, part) for part in (slice(reach), slice(reach, None), slice(-reach)))
        b = np.concatenate([b[first], b[later] + a[later] * b[earlier]], axis=axis)
        a = np.concatenate([a[first], a[later] * a[earlier]], axis=axis)
        reach *= 2
    return b


recurrence = primitive(
    _recurrence,
    lambda g, y, a, b, axis: recurrence_back(a, g, axis=axis) * shift(y, axis=axis),
    lambda g, y, a, b, axis: recurrence_back(a, g, axis=axis),
    name="recurrence",
    notation=_named("recurrence"),
    samples=_recurrences,
)
recurrence_back = primitive(  # tᵢ = aᵢ₊₁ tᵢ₊₁ + bᵢ
    lambda a, b, axis: backwards(_recurrence(shift(backwards(a, axis), axis=axis), backwards(b, axis), axis), axis),
    lambda g, y, a, b, axis: shift(recurrence(a, g, axis=axis), axis=axis) * y,
    lambda g, y, a, b, axis: recurrence(a, g, axis=axis),
    name="recurrence_back",
    notation=_named("recurrence_back"),
    samples=_recurrences,
)
cumprod = primitive(
    lambda a, axis=None, dtype=None: np.cumprod(a, axis=axis, dtype=dtype),
    _running(lambda g, y, a, axis: shift(y, axis=axis, fill=1) * recurrence_back(a, g, axis=axis)),
    numpy=np.cumprod,
    notation=_named("cumprod"),
    samples=_lines,
)


# All entries multiplied.


def _before(line):
    return shift(np.cumprod(line, axis=-1), axis=-1, fill=1)


def _after(line):
    return backwards(_before(backwards(line, -1)), -1)


def _divides(product, x):
    """Whether the product of the others is product / x to rounding: no entry is 0, nothing over- or underflows."""
    if type(x) is not np.ndarray or x.dtype.kind != "f" or not x.size:
        return False
    sizes = np.abs(product)
    return sizes.min() > np.finfo(x.dtype).tiny and sizes.max() < np.inf


def _others(x, axis=None):
    if type(x) is np.ndarray:
        whole = x.prod(axis=axis, keepdims=True)
        if _divides(whole, x):
            return whole / x  # a tenth of the time
    line = in_line(x, axis)
    return out_of_line(_before(line) * _after(line), axis, x.shape)


def _others_slope(g, y, x, axis=None):
    """Through the products of those before, and likewise, all reversed, through those after."""
    line, arriving = in_line(x, axis), in_line(g, axis)
    before, after = _before(line), _after(line)
    through_before = before * recurrence_back(line, shift(arriving * after, axis=-1, by=-1), axis=-1)
    mirrored = recurrence_back(backwards(line, -1), shift(backwards(arriving * before, -1), axis=-1, by=-1), axis=-1)
    return out_of_line(through_before + after * backwards(mirrored, -1), axis, x.shape)


def _others_name(operands, options):
    """Π[others](x)"""
    whole = reduced("Π", r"\prod", "")(operands, options)
    start = "Π[others" + (", " if "[" in whole.text.template else "]")
    axis = whole.latex.template.partition(r"\text{{")[2].partition("}}")[0]
    below = literal(r"\prod_{\text{others" + (f", {axis}" if axis else "") + "}}")
    return Notation(
        Form(start + whole.text.template.removeprefix("Π").removeprefix("[")), Form(below + r"\left({0}\right)")
    )


others = primitive(
    _others,
    _others_slope,
    name="others",
    notation=_others_name,
    samples=lambda rng: [
        (rng.uniform(-2, 2, 4),),
        (np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.5]]), {"axis": 1}),
        (rng.uniform(-2, 2, (2, 3, 2)), {"axis": (0, 2)}),
    ],
)
"""Of each entry, the product of all others along the axes: the derivative of prod by that entry."""


def _prod_slope(g, y, a, axis=None, dtype=None, keepdims=False):
    if _divides(y, a):  # what `others` does, with the product at hand
        return scaled(kept(y, axis, keepdims) / a, kept(g, axis, keepdims))
    return kept(g, axis, keepdims) * others(a, axis=axis)


prod = primitive(
    lambda a, axis=None, dtype=None, keepdims=False: a.prod(axis=axis, dtype=dtype, keepdims=keepdims),
    _prod_slope,
    numpy=np.prod,
    notation=reduced("Π", r"\prod", "np.prod"),
    samples=lambda rng: [
        (rng.uniform(-2, 2, ()),),
        (rng.uniform(-2, 2, (2, 3)),),
        (np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.5]]), {"axis": 1}),
        (rng.uniform(-2, 2, (2, 3, 2)), {"axis": (0, -1), "keepdims": True}),
    ],
)


def _some_prod(a, axis=None, dtype=None, out=None, keepdims=False, initial=1, where=True):
    refuse_out("prod", out)
    if where is not True:
        a = np.where(where, a, 1)
    product = prod(a, axis=axis, dtype=dtype, keepdims=keepdims)
    return product if type(initial) is int and initial == 1 else product * beginning(initial, product)


by_numpy_function[np.prod] = with_where(prod, _some_prod, 5)


# Compositions.


def _cumulative(running, start):
    def cumulative(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
        refuse_out(f"cumulative_{running.__name__[3:]}", out)
        if not x.ndim:
            x = x.reshape(1)
        if axis is None:
            if x.ndim > 1:
                raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
            axis = 0
        y = running(x, axis=axis, dtype=dtype)
        return np.concatenate([start(y[along(axis % y.ndim, slice(1))]), y], axis=axis) if include_initial else y

    return cumulative


def _cumulatives(rng):
    yield (rng.uniform(0.5, 2, 3),)
    yield rng.uniform(-2, 2, (2, 3)), {"axis": -1, "include_initial": True}


cumulative_sum = composed(np.cumulative_sum, samples=_cumulatives)(_cumulative(np.cumsum, np.zeros_like))
cumulative_prod = composed(np.cumulative_prod, samples=_cumulatives)(_cumulative(np.cumprod, np.ones_like))


def running_extreme(ufunc):
    """ufunc.accumulate of np.maximum or np.minimum: each entry is taken from where the extreme was first met."""

    def accumulate(a, axis=0, dtype=None, out=None):
        refuse_out(f"{ufunc.__name__}.accumulate", out)
        values = bare(a)
        extremes = ufunc.accumulate(values, axis=axis)
        axis %= values.ndim
        new = np.concatenate(
            [
                np.ones_like(values[along(axis, slice(1))], dtype=bool),
                values[along(axis, slice(1, None))] != extremes[along(axis, slice(-1))],
            ],
            axis=axis,
        )
        new = new & ((values == extremes) | np.isnan(values))
        places = np.arange(values.shape[axis]).reshape((-1,) + (1,) * (values.ndim - axis - 1))
        first = np.maximum.accumulate(np.where(new, places, 0), axis=axis)
        lengths = values.shape
        index = [np.arange(n).reshape((-1,) + (1,) * (len(lengths) - i - 1)) for i, n in enumerate(lengths)]
        index[axis] = first
        return a[tuple(index)]

    return accumulate


ACCUMULATED = {
    np.add: cumsum,
    np.multiply: cumprod,
    np.maximum: running_extreme(np.maximum),
    np.minimum: running_extreme(np.minimum),
}
"""What answers for a ufunc's method accumulate."""
