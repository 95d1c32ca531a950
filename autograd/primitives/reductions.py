"""Sums, means and extremes over axes. Their rules spread the gradient; the engine does the spreading.

The rows bear NumPy's names, which hide the builtins sum, max, min, any and all in this file.
"""

from __future__ import annotations

import numpy as np

from .notation import ATOM, PRODUCT, Form, Notation, function, literal
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


def _axes(operands, options):
    """How the axes are written, in each notation; not at all where they are all there are."""
    axis = options.get("axis")
    if axis is None or (isinstance(axis, tuple) and len(axis) == len(operands[0].shape)):
        return "", "", ""
    axes = ", ".join(map(str, axis)) if isinstance(axis, tuple) else str(axis)
    return f"[axis {axes}]", rf"_{{\text{{axis }}{axes}}}", f", axis={axis}"


def _reduction(text, latex, source, latex_form):
    """The notation of a reduction: its axes, where it has any, are part of its name."""

    def notation(operands, options):
        text_axes, latex_axes, source_axes = _axes(operands, options)
        keepdims = ", keepdims=True" if options.get("keepdims") else ""
        return Notation(
            Form(f"{text}{text_axes}({{0}})"),
            Form(
                latex_form.replace("NAME", literal(latex + latex_axes)),
                PRODUCT if "left" not in latex_form else ATOM,
                (PRODUCT,),
            ),
            Form(f"{source}({{0}}{source_axes}{keepdims})"),
        )

    return notation


def _at_extreme(g, y, x, axis=None, keepdims=False):
    """The gradient where the extreme is; entries that tie share it evenly."""
    here = x == kept(y, axis, keepdims)
    return kept(g, axis, keepdims) * here / here.sum(axis=axis, keepdims=True)


sum = primitive(
    lambda a, axis=None, dtype=None, keepdims=False: a.sum(axis=axis, dtype=dtype, keepdims=keepdims),
    lambda g, y, a, axis=None, dtype=None, keepdims=False: kept(g, axis, keepdims),
    numpy=np.sum,
    notation=_reduction("Σ", r"\sum", "np.sum", "NAME {0}"),
    samples=reductions,
)
mean = primitive(
    lambda a, axis=None, dtype=None, keepdims=False: a.mean(axis=axis, dtype=dtype, keepdims=keepdims),
    lambda g, y, a, axis=None, dtype=None, keepdims=False: kept(g, axis, keepdims) / (a.size // (y.size or 1)),
    numpy=np.mean,
    notation=_reduction("mean", r"\operatorname{mean}", "np.mean", r"NAME\left({0}\right)"),
    samples=reductions,
)
max = primitive(
    lambda a, axis=None, keepdims=False: a.max(axis=axis, keepdims=keepdims),
    _at_extreme,
    numpy=np.max,
    notation=_reduction("max", r"\max", "np.max", r"NAME\left({0}\right)"),
    samples=reductions,
)
min = primitive(
    lambda a, axis=None, keepdims=False: a.min(axis=axis, keepdims=keepdims),
    _at_extreme,
    numpy=np.min,
    notation=_reduction("min", r"\min", "np.min", r"NAME\left({0}\right)"),
    samples=reductions,
)
any = primitive(
    lambda a, axis=None, keepdims=False: a.any(axis=axis, keepdims=keepdims),
    None,
    numpy=np.any,
    notation=function("any"),
    samples=reductions,
)
all = primitive(
    lambda a, axis=None, keepdims=False: a.all(axis=axis, keepdims=keepdims),
    None,
    numpy=np.all,
    notation=function("all"),
    samples=reductions,
)

by_numpy_function |= {np.amax: max, np.amin: min}
