"""Norms of vectors and matrices, and the condition number made of them.

At zero, and wherever else a norm has a kink, the gradient is a subgradient: 0 at zero, and entries, rows, columns or
singular values that tie for the largest or smallest share it evenly.
"""

from __future__ import annotations

import math

import numpy as np

from .answers import composed
from .arithmetic import divide
from .linalg import well_conditioned
from .notation import Form, Notation, literal
from .primitive import primitive
from .products import operand, swapped


def _kept(x, axis):
    """`x` with the axes back, at length 1, that the norm has taken."""
    return np.expand_dims(x, axis) if x.ndim else x


def _axes(x, order, axis):
    """The axis of a norm of vectors, or the two of one of matrices; all, for the square root of the sum of squares."""
    if axis is None:
        axis = tuple(range(x.ndim))
        return axis if x.ndim != 1 else 0
    return axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis


over = primitive(
    lambda x, norm: np.where(norm == 0, 0, x / np.where(norm == 0, 1, norm)),
    lambda g, y, x, norm: over(g, norm),
    lambda g, y, x, norm: -over(g * y, norm),
    name="over",
    notation=lambda operands, options: Notation(divide.notation.text, divide.notation.latex),
    samples=lambda rng: [(rng.normal(size=(2, 3)), rng.uniform(0.5, 1, (2, 1)))],
)
"""x / ‖x‖, and 0 where the norm is 0."""


def _norm_rule(g, y, x, ord=None, axis=None, keepdims=False):
    axis = _axes(x, ord, axis)
    if not keepdims:
        g, y = _kept(g, axis), _kept(y, axis)
    if ord is None or ord in ("fro", "f") or (ord == 2 and not isinstance(axis, tuple)):
        return over(g, y) * x
    return _of_matrices(g, x, ord, axis) if isinstance(axis, tuple) else _of_vectors(g, y, x, ord, axis)


def _of_vectors(g, y, x, order, axis):
    if order == 0:
        return np.zeros_like(x)  # it counts
    size = np.abs(x)
    if math.isinf(order):
        return g * np.sign(x) * _evenly(size == y, axis)
    if order == 1:
        return g * np.sign(x)
    if order >= 2:
        return g * np.sign(x) * over(size, y) ** (order - 1)
    flat = (size == 0) | (y == 0)  # where a root or a negative power has an infinite slope, or none
    ratio = np.where(flat, 1, size) / np.where(flat, 1, y)
    return g * np.where(flat, 0, np.sign(x) * ratio ** (order - 1))


def _evenly(which, axis):
    """1 shared by those for which it is true."""
    return which / np.sum(which, axis=axis, keepdims=True)


def _extreme(x, axis, largest):
    extreme = np.max(x, axis=axis, keepdims=True) if largest else np.min(x, axis=axis, keepdims=True)
    return _evenly(x == extreme, axis)


def _of_matrices(g, x, order, axis):
    rows, columns = (i % x.ndim for i in axis)
    if order in (1, -1, math.inf, -math.inf):
        summed, compared = (rows, columns) if abs(order) == 1 else (columns, rows)
        sums = np.sum(np.abs(x), axis=summed, keepdims=True)
        return g * np.sign(x) * _extreme(sums, compared, order > 0)
    last = (rows, columns) == (x.ndim - 2, x.ndim - 1)
    matrices = x if last else np.moveaxis(x, (rows, columns), (-2, -1))
    u, s, vh = np.linalg.svd(matrices, full_matrices=False)
    if order == "nuc":  # values that are 0 but for rounding belong to arbitrary vectors
        rounding = s[..., :1] * (max(x.shape[rows], x.shape[columns]) * np.finfo(s.dtype).eps)
        weights = np.where(s > rounding, np.ones_like(s), 0)
    else:
        weights = np.where(s == 0, 0, _extreme(s, -1, order > 0))
    spread = (u * np.expand_dims(weights, -2)) @ vh
    return g * (spread if last else np.moveaxis(spread, (-2, -1), (rows, columns)))


def _norms(rng):
    x = rng.normal(size=(2, 3))
    yield (x,)
    yield x[0], {"ord": 3}
    yield x, {"ord": math.inf, "axis": 0}
    yield x, {"ord": -1.5, "axis": -1, "keepdims": True}
    yield x, {"ord": "nuc"}
    for order in (2, -2, 1, -math.inf):
        yield rng.normal(size=(2, 2, 3)), {"ord": order, "axis": (-1, 0), "keepdims": order == 1}


def _bars(operands, options):
    order, axis, ndim = options.get("ord"), options.get("axis"), len(operands[0].shape)
    matrices = isinstance(axis, tuple) or (axis is None and ndim == 2)
    below = {None: "F" if matrices else "", "fro": "F", "f": "F", "nuc": "∗"}.get(order, order)
    below = str(below).replace("inf", "∞").replace("-", "−")
    small = below.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    in_latex = below.replace("∗", "*").replace("∞", r"\infty").replace("−", "-")
    if axis is not None:
        along = "axis " + ", ".join(map(str, axis)) if isinstance(axis, tuple) else f"axis {axis}"
        small, in_latex = f"{small}[{along}]", rf"{in_latex}\text{{ {along}}}"
    if not small.isascii() or not small or axis is not None:
        text = "‖{0}‖" + literal(small)
    else:
        text = "‖{0}‖" + literal(f"_{small}")
    return Notation(
        Form(text),
        Form(r"\left\lVert {0} \right\rVert" + (literal(f"_{{{in_latex}}}") if in_latex else "")),
        Form("np.linalg.norm({0}" + literal(_given(options)) + ")"),
    )


def _given(options):
    return "".join(
        f", {name}={'np.inf' if value == math.inf else '-np.inf' if value == -math.inf else repr(value)}"
        for name, value in options.items()
    )


norm = primitive(
    np.linalg.norm,
    _norm_rule,
    notation=_bars,
    samples=_norms,
)


def _vector_norms(rng):
    yield (rng.normal(size=(2, 3)),)
    yield rng.normal(size=(2, 3, 2)), {"axis": (0, -1), "ord": 3, "keepdims": True}
    yield rng.normal(size=(2, 3)), {"axis": 1, "ord": 1}


@composed(np.linalg.vector_norm, samples=_vector_norms)
def vector_norm(x, *, axis=None, keepdims=False, ord=2):
    """np.linalg.vector_norm: the norm of all entries, or of those along axes, as one vector."""
    x = operand(x)
    shape = x.shape
    taken = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    taken = tuple(i % (x.ndim or 1) for i in taken)
    if len(taken) != 1:
        kept = tuple(i for i in range(x.ndim) if i not in taken)
        x = np.transpose(x, (*taken, *kept)) if kept else x
        x = np.reshape(x, (-1, *(shape[i] for i in kept)))
    result = norm(x, ord=ord, axis=0 if len(taken) != 1 else taken[0])
    return np.reshape(result, tuple(1 if i in taken else n for i, n in enumerate(shape))) if keepdims else result


@composed(np.linalg.matrix_norm, samples=lambda rng: [(rng.normal(size=(2, 3, 2)), {"ord": 1, "keepdims": True})])
def matrix_norm(x, *, keepdims=False, ord="fro"):
    """np.linalg.matrix_norm: the norm of each matrix of a stack."""
    return norm(operand(x), ord=ord, axis=(-2, -1), keepdims=keepdims)


# The condition number --------------------------------------------------------------------------------------------


def _cond_rule(g, y, x, p=None):
    """‖A‖ ‖A⁻¹‖ by the product rule; by singular values, where it is the quotient of two of them."""
    g, y = _kept(g, (-2, -1)), _kept(y, (-2, -1))
    if p is None or p in (2, -2):
        u, s, vh = np.linalg.svd(x, full_matrices=False)
        ends = (0, -1) if p != -2 else (-1, 0)
        above, below = (u[..., i][..., None] * vh[..., i, :][..., None, :] for i in ends)
        return g / s[..., ends[1]][..., None, None] * (above - y * below)
    inverse = np.linalg.inv(x)
    norms = [np.linalg.norm(m, p, (-2, -1), keepdims=True) for m in (x, inverse)]
    by_x, by_inverse = (
        _norm_rule(g * other, own, m, p, (-2, -1), keepdims=True)
        for m, own, other in ((x, *norms), (inverse, *norms[::-1]))
    )
    back = swapped(inverse)
    return by_x - back @ by_inverse @ back


def _conditions(rng):
    yield (rng.normal(size=(2, 3)),)
    yield well_conditioned(rng, 2, 2, 2), {"p": 1}
    yield well_conditioned(rng, 2, 2), {"p": "fro"}
    yield well_conditioned(rng, 2, 2), {"p": -2}


cond = primitive(
    np.linalg.cond,
    _cond_rule,
    samples=_conditions,
    notation=lambda operands, options: Notation(
        Form("cond({0})"),
        Form(r"\operatorname{{cond}}\left({0}\right)"),
        Form("np.linalg.cond({0}" + literal(_given(options)) + ")"),
    ),
)
