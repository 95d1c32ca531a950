"""Products that sum over axes which are named by their numbers: tensordot, inner, and kron, whose rules sum so."""

from __future__ import annotations

import numpy as np

from .answers import composed
from .notation import ATOM, MATRIX, Form, Notation, literal, operator_name
from .primitive import primitive
from .products import inner_product


def _axes_of(a, b, axes):
    """The axes of `a` and of `b` that are summed over, in pairs, each counted from 0."""
    if isinstance(axes, (int, np.integer)):
        return [*range(a.ndim - axes, a.ndim)], [*range(axes)]
    of_a, of_b = ([*x] if isinstance(x, (tuple, list)) else [x] for x in axes)
    return [i % a.ndim for i in of_a], [i % b.ndim for i in of_b]


def _others(ndim, axes):
    return [i for i in range(ndim) if i not in axes]


def _tensordot_left(g, y, a, b, axes=2):
    of_a, of_b = _axes_of(a, b, axes)
    free = _others(b.ndim, of_b)
    over = np.tensordot(g, b, ([*range(g.ndim - len(free), g.ndim)], free))
    # Its axes: those of `a` that stayed, then those of `b` that were summed over, in the order they have in `b`.
    return _in_order(over, [*_others(a.ndim, of_a), *(i for _, i in sorted(zip(of_b, of_a, strict=True)))])


def _tensordot_right(g, y, a, b, axes=2):
    of_a, of_b = _axes_of(a, b, axes)
    free = _others(a.ndim, of_a)
    over = np.tensordot(a, g, (free, [*range(len(free))]))
    return _in_order(over, [*(i for _, i in sorted(zip(of_a, of_b, strict=True))), *_others(b.ndim, of_b)])


def _in_order(a, places):
    """`a`, whose axes are those that belong at `places`, with its axes there."""
    order = sorted(range(len(places)), key=places.__getitem__)
    return a if order == [*range(len(places))] else a.transpose(tuple(order))


def _contraction(operands, options):
    axes = options.get("axes", 2)
    below = (
        f"axes {axes}"
        if isinstance(axes, int)
        else "axes " + "; ".join(", ".join(map(str, x)) if isinstance(x, (tuple, list)) else str(x) for x in axes)
    )
    return Notation(
        Form(literal(f"tensordot[{below}]") + "({0}, {1})"),
        Form(literal(operator_name("tensordot") + rf"_{{\text{{{below}}}}}") + r"\left({0}, {1}\right)"),
    )


def _tensors(rng):
    a, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 3, 2))
    yield a[0], b[..., 0], {"axes": 1}
    yield a, b, {"axes": ([0, 1], [2, 1])}
    yield a, b, {"axes": ((-1, 0), (0, -1))}
    yield a[0, 0], b[0, 0], {"axes": 0}
    yield a, b, {"axes": (2, 0)}


tensordot = primitive(
    np.tensordot,
    _tensordot_left,
    _tensordot_right,
    notation=_contraction,
    samples=_tensors,
    hint="The axes that are summed over must be as long in the one as in the other",
)


def _last_axes(rng):
    for a, b in [((3,), (3,)), ((2, 3), (4, 3)), ((2, 1, 3), (3,)), ((), (2, 3)), ((2,), ())]:
        yield rng.normal(size=a), rng.normal(size=b)


def _inner_rule(g, a, b, over_axes):
    """∂/∂a of the inner product with b; `over_axes` is for what is neither of vectors nor of matrices."""
    if not a.ndim or not b.ndim or a.ndim == 1 == b.ndim:
        return g * b
    return g @ b if a.ndim == 2 == b.ndim else over_axes()


def _first(count):
    return [*range(count)], [*range(count)]


def _rows_by_rows(operands, options):
    a, b = (len(x.shape) for x in operands)
    if a == 2 == b:
        return Notation(Form("{0} {1}ᵀ", MATRIX, (MATRIX, ATOM)), Form(r"{0}\,{1}^{{\top}}", MATRIX, (MATRIX, ATOM)))
    return inner_product(operands, options)


inner = primitive(
    np.inner,
    lambda g, y, a, b: _inner_rule(g, a, b, lambda: np.tensordot(g, b, b.ndim - 1)),
    lambda g, y, a, b: _inner_rule(
        g.T if a.ndim == 2 == b.ndim else g, b, a, lambda: np.tensordot(g, a, _first(a.ndim - 1))
    ),
    notation=_rows_by_rows,
    samples=_last_axes,
    hint="The last axes must be equally long",
)


def _blocks(g, a, b):
    """The gradient of a Kronecker product, with one axis for each of `a`, and then of `b`; and these two, as many."""
    ndim = max(a.ndim, b.ndim)
    long_a, long_b = ((1,) * (ndim - x.ndim) + x.shape for x in (a, b))
    apart = g.reshape(tuple(length for pair in zip(long_a, long_b, strict=True) for length in pair))
    return apart.transpose((*range(0, 2 * ndim, 2), *range(1, 2 * ndim, 2))), a.reshape(long_a), b.reshape(long_b)


def _kron_left(g, y, a, b):
    blocks, _, b = _blocks(g, a, b)
    return np.tensordot(blocks, b, b.ndim).reshape(a.shape)


def _kron_right(g, y, a, b):
    blocks, a, _ = _blocks(g, a, b)
    return np.tensordot(a, blocks, a.ndim).reshape(b.shape)


def _krons(rng):
    for a, b in [((2,), (3,)), ((2, 2), (1, 3)), ((2,), (3, 2)), ((2, 1, 2), (2,)), ((), (3,))]:
        yield rng.normal(size=a), rng.normal(size=b)


kron = primitive(
    np.kron,
    _kron_left,
    _kron_right,
    notation=Notation(
        Form("kron({0}, {1})"), Form(r"{0} \otimes_{{\mathrm{{K}}}} {1}", MATRIX, (MATRIX + 1, MATRIX + 1))
    ),
    samples=_krons,
)


@composed(
    np.linalg.tensordot, samples=lambda rng: [(rng.normal(size=(2, 3)), rng.normal(size=(3, 2)), {"axes": ([1], [0])})]
)
def linalg_tensordot(x1, x2, *, axes=2):
    """np.linalg.tensordot: the sum over pairs of axes."""
    return np.tensordot(x1, x2, axes=axes)
