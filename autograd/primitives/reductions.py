"""Sums, means and extremes over axes. Their rules spread the gradient; the engine does the spreading.

The rows bear NumPy's names, which hide the builtins sum, max, min, any and all in this file.
"""

from __future__ import annotations

import numpy as np

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


def _reduction(text, latex, source):
    """The notation of a reduction: its axes, where they are not all there are, are part of its name."""

    def notation(operands, options):
        ndim, axis = len(operands[0].shape), options.get("axis")
        axes = tuple(range(ndim)) if axis is None else normalized(axis, ndim)
        given = "" if axis is None else f", axis={axis}"
        if options.get("keepdims"):
            given += ", keepdims=True"
        where = "" if len(axes) == ndim else ", ".join(map(str, axes))
        named = f"{text}[axis {where}]" if where else text
        limits = r"\limits" if latex == r"\sum" else ""  # the axis below the sign, also in brackets
        below = literal(rf"{latex}{limits}_{{\text{{axis }}{where}}}" if where else latex)
        if latex == r"\sum":  # binds less tightly than a product, so that what it sums up is seen
            set_in_latex = Form(below + " {0}", SUM + 2, (PRODUCT,))
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
    return kept(g, axis, keepdims) * here / here.sum(axis=axis, keepdims=True)


sum = primitive(
    lambda a, axis=None, dtype=None, keepdims=False: a.sum(axis=axis, dtype=dtype, keepdims=keepdims),
    lambda g, y, a, axis=None, dtype=None, keepdims=False: kept(g, axis, keepdims),
    numpy=np.sum,
    notation=_reduction("Σ", r"\sum", "np.sum"),
    samples=reductions,
)
mean = primitive(
    lambda a, axis=None, dtype=None, keepdims=False: a.mean(axis=axis, dtype=dtype, keepdims=keepdims),
    lambda g, y, a, axis=None, dtype=None, keepdims=False: kept(g, axis, keepdims) / (a.size // (y.size or 1)),
    numpy=np.mean,
    notation=_reduction("mean", r"\operatorname{mean}", "np.mean"),
    samples=reductions,
)
max = primitive(
    lambda a, axis=None, keepdims=False: a.max(axis=axis, keepdims=keepdims),
    _at_extreme,
    numpy=np.max,
    notation=_reduction("max", r"\max", "np.max"),
    samples=reductions,
)
min = primitive(
    lambda a, axis=None, keepdims=False: a.min(axis=axis, keepdims=keepdims),
    _at_extreme,
    numpy=np.min,
    notation=_reduction("min", r"\min", "np.min"),
    samples=reductions,
)
any = primitive(
    lambda a, axis=None, keepdims=False: a.any(axis=axis, keepdims=keepdims),
    None,
    numpy=np.any,
    notation=_reduction("any", r"\operatorname{any}", "np.any"),
    samples=reductions,
)
all = primitive(
    lambda a, axis=None, keepdims=False: a.all(axis=axis, keepdims=keepdims),
    None,
    numpy=np.all,
    notation=_reduction("all", r"\operatorname{all}", "np.all"),
    samples=reductions,
)

by_numpy_function |= {np.amax: max, np.amin: min}
