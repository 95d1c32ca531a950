"""Products of arrays: of matrices, of vectors, in space. (Over axes that are named: contractions.py, einsum.py.)

Each product is linear in each factor, so a rule is a product again: of the gradient with the other factor.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from .answers import composed, refuse_out
from .notation import ATOM, MATRIX, PRODUCT, Form, Notation
from .primitive import primitive

_PRODUCT = Notation(
    Form("{0} {1}", MATRIX, (MATRIX, MATRIX)),
    Form(r"{0}\,{1}", MATRIX, (MATRIX, MATRIX)),
    Form("{0} @ {1}", PRODUCT, (PRODUCT, PRODUCT + 1)),
)
_HINT = (
    "The last axis of the first must be as long as the last but one of the second; .T swaps the two axes of a matrix"
)


def swapped(a):
    """The matrix transposed, or each of a stack of them."""
    return a.T if a.ndim == 2 else a.transpose((*range(a.ndim - 2), a.ndim - 1, a.ndim - 2))


def _left(g, y, a, b):
    """∂/∂a of a @ b, which is g bᵀ; vectors first become the row or column that NumPy takes them for."""
    if b.ndim == 1:
        return g * b if a.ndim == 1 else np.outer(g, b) if a.ndim == 2 else np.expand_dims(g, -1) * b
    return np.expand_dims(g, -2) @ swapped(b) if a.ndim == 1 and b.ndim > 2 else g @ swapped(b)


def _right(g, y, a, b):
    """∂/∂b of a @ b, which is aᵀ g."""
    if a.ndim == 1:
        return (
            g * a if b.ndim == 1 else np.outer(a, g) if b.ndim == 2 else np.expand_dims(a, -1) * np.expand_dims(g, -2)
        )
    if b.ndim == 1:
        return (np.expand_dims(g, -2) @ a).reshape((*g.shape[:-1], *b.shape)) if a.ndim > 2 else a.T @ g
    return swapped(a) @ g


def _products(rng):
    for a, b in [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((2, 1, 2, 3), (4, 3, 2)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 3, 2)),
    ]:
        yield rng.normal(size=a), rng.normal(size=b)


matmul = primitive(np.matmul, _left, _right, notation=_PRODUCT, samples=_products, hint=_HINT)


def _stacks_of_vectors(rng):
    yield rng.normal(size=3), rng.normal(size=3)
    yield rng.normal(size=(2, 1, 3)), rng.normal(size=(4, 3))


def inner_product(operands, options):
    """⟨a, b⟩ of vectors; of stacks of them its name, since there are many."""
    if all(len(x.shape) == 1 for x in operands):
        return Notation(Form("⟨{0}, {1}⟩"), Form(r"\left\langle {0}, {1} \right\rangle"))
    return None


vecdot = primitive(
    np.vecdot,
    lambda g, y, a, b: np.expand_dims(g, -1) * b,
    lambda g, y, a, b: np.expand_dims(g, -1) * a,
    notation=inner_product,
    samples=_stacks_of_vectors,
)

if hasattr(np, "matvec"):  # since NumPy 2.2

    def _by_a_vector(rng):
        yield rng.normal(size=(2, 3)), rng.normal(size=3)
        yield rng.normal(size=(4, 2, 3)), rng.normal(size=(4, 3))
        yield rng.normal(size=(2, 3)), rng.normal(size=(2, 1, 3))

    def _times_a_matrix(rng):
        return ((x, np.swapaxes(a, -1, -2)) for a, x in _by_a_vector(rng))

    matvec = primitive(
        np.matvec,
        lambda g, y, a, x: np.expand_dims(g, -1) * np.expand_dims(x, -2),
        lambda g, y, a, x: np.vecmat(g, a),
        notation=Notation(_PRODUCT.text, _PRODUCT.latex),
        samples=_by_a_vector,
    )
    vecmat = primitive(
        np.vecmat,
        lambda g, y, x, a: np.matvec(a, g),
        lambda g, y, x, a: np.expand_dims(x, -1) * np.expand_dims(g, -2),
        notation=Notation(Form("{0}ᵀ {1}", MATRIX, (ATOM, MATRIX)), Form(r"{0}^{{\top}} {1}", MATRIX, (ATOM, MATRIX))),
        samples=_times_a_matrix,
    )


def _pairs_of_vectors(rng):
    for a, b in [((3,), (2,)), ((), (2,)), ((2, 2), (3,))]:
        yield rng.normal(size=a), rng.normal(size=b)


outer = primitive(
    np.outer,
    lambda g, y, a, b: (g @ b.reshape(-1)).reshape(a.shape),
    lambda g, y, a, b: (a.reshape(-1) @ g).reshape(b.shape),
    notation=Notation(
        Form("{0} ⊗ {1}", MATRIX, (MATRIX + 1, MATRIX + 1)), Form(r"{0} \otimes {1}", MATRIX, (MATRIX + 1, MATRIX + 1))
    ),
    samples=_pairs_of_vectors,
)


# In space --------------------------------------------------------------------------------------------------------


def _in_space(rng):
    for a, b in [((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3))]:
        yield rng.normal(size=a), rng.normal(size=b)


cross = primitive(
    np.linalg.cross,
    lambda g, y, a, b: np.linalg.cross(b, g),
    lambda g, y, a, b: np.linalg.cross(g, a),
    notation=Notation(
        Form("{0} × {1}", MATRIX, (MATRIX + 1, MATRIX + 1)), Form(r"{0} \times {1}", MATRIX, (MATRIX + 1, MATRIX + 1))
    ),
    samples=_in_space,
)


def _last(a, axis):
    return a if axis in (-1, a.ndim - 1) else np.moveaxis(a, axis, -1)


@composed(np.linalg.cross, samples=lambda rng: [(rng.normal(size=(3, 2)), rng.normal(size=(3, 1)), {"axis": 0})])
def linalg_cross(x1, x2, *, axis=-1):
    """np.linalg.cross: the vector product, along any axis of length 3."""
    result = cross(*(_last(operand(x), axis) for x in (x1, x2)))
    return result if axis in (-1, result.ndim - 1) else np.moveaxis(result, -1, axis)


def _crosses(rng):
    yield rng.normal(size=(3, 2)), rng.normal(size=(2, 3)), {"axisa": 0, "axisc": 0}
    yield rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4)), {"axis": 1}
    yield rng.normal(size=3), rng.normal(size=(2, 3))


@composed(np.cross, samples=_crosses)
def numpy_cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """np.cross: the vector product in three dimensions; of vectors in the plane, its component that stands on it."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = _last(operand(a), axisa), _last(operand(b), axisb)
    lengths = (a.shape[-1], b.shape[-1])
    if lengths == (2, 2):
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    a, b = (np.concatenate([x, np.zeros_like(x[..., :1])], -1) if x.shape[-1] == 2 else x for x in (a, b))
    result = cross(a, b)
    return result if axisc in (-1, result.ndim - 1) else np.moveaxis(result, -1, axisc)


# Of many matrices ------------------------------------------------------------------------------------------------


def _multi_dot_rules(g, y, *matrices):
    """(A B C)' by B: Aᵀ g Cᵀ, in whatever order of products is cheapest. A vector at an end is a row or column."""
    first, last = matrices[0].ndim == 1, matrices[-1].ndim == 1
    whole = [m if m.ndim == 2 else np.expand_dims(m, 0 if i == 0 else 1) for i, m in enumerate(matrices)]
    if first:
        g = np.expand_dims(g, 0)
    if last:
        g = np.expand_dims(g, -1)

    def rule(k):
        before, after = (list(map(swapped, reversed(part))) for part in (whole[:k], whole[k + 1 :]))
        return lambda: np.linalg.multi_dot([*before, g, *after]).reshape(matrices[k].shape)

    return [rule(k) for k in range(len(matrices))]


def _juxtaposed(operands, options):
    n = len(operands)
    text, latex = (sign.join(f"{{{i}}}" for i in range(n)) for sign in (" ", r"\,"))
    source = Form(f"np.linalg.multi_dot([{', '.join(f'{{{i}}}' for i in range(n))}])")
    return Notation(Form(text, MATRIX, (MATRIX,) * n), Form(latex, MATRIX, (MATRIX,) * n), source)


def _matrices_in_a_row(rng):
    def chain(*lengths):
        return [rng.normal(size=pair) for pair in pairwise(lengths)]

    yield (chain(2, 3, 4, 2),)
    yield ([rng.normal(size=2), *chain(2, 3, 4), rng.normal(size=4)],)
    yield (chain(3, 2, 3),)


multi_dot = primitive(
    lambda arrays: np.linalg.multi_dot(arrays),
    joint=_multi_dot_rules,
    name="multi_dot",
    numpy=np.linalg.multi_dot,
    notation=_juxtaposed,
    samples=_matrices_in_a_row,
    hint="Each matrix must have as many columns as the next has rows",
)


# NumPy's further names -------------------------------------------------------------------------------------------


def operand(x):
    """An operand as an array, if it is a number or a list of them."""
    return x if hasattr(x, "ndim") else np.asarray(x)


def _dots(rng):
    for a, b in [((2, 3), (3,)), ((), (2,)), ((2, 3), (3, 2))]:
        yield rng.normal(size=a), rng.normal(size=b)


@composed(np.dot, samples=_dots)
def dot(a, b, out=None):
    """np.dot: a product with a scalar, a matrix product up to 2-d, beyond that a sum over the last axis of `a` and the
    last but one of `b`, for every pair of the other axes."""
    refuse_out("dot", out)
    a, b = operand(a), operand(b)
    if not a.ndim or not b.ndim:
        return np.multiply(a, b)
    if b.ndim <= 2:
        return np.matmul(a, b)
    length, others = a.shape[-1], (*b.shape[:-2], b.shape[-1])
    rows = np.reshape(a, (math.prod(a.shape[:-1]), length))
    axes = (b.ndim - 2, *range(b.ndim - 2), b.ndim - 1)
    columns = np.reshape(np.transpose(b, axes), (b.shape[-2], math.prod(others)))
    return np.reshape(np.matmul(rows, columns), (*a.shape[:-1], *others))


@composed(np.vdot, samples=lambda rng: [(rng.normal(size=(2, 3)), rng.normal(size=(2, 3)))])
def vdot(a, b):
    """np.vdot: the inner product of all entries."""
    return np.vecdot(*(x if x.ndim == 1 else np.reshape(x, -1) for x in map(operand, (a, b))))


@composed(np.linalg.vecdot, samples=lambda rng: [(rng.normal(size=(3, 2)), rng.normal(size=(3, 1)), {"axis": 0})])
def linalg_vecdot(x1, x2, *, axis=-1):
    """np.linalg.vecdot: the inner products along an axis."""
    return np.vecdot(x1, x2, axis=axis)


@composed(np.linalg.matmul, samples=lambda rng: [(rng.normal(size=(2, 3)), rng.normal(size=(3, 2)))])
def linalg_matmul(x1, x2):
    """np.linalg.matmul: the matrix product."""
    return np.matmul(x1, x2)


@composed(np.linalg.outer, samples=lambda rng: [(rng.normal(size=2), rng.normal(size=3))])
def linalg_outer(x1, x2):
    """np.linalg.outer: every entry of one vector times every entry of another."""
    x1, x2 = operand(x1), operand(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"np.linalg.outer takes vectors, not shapes {x1.shape} and {x2.shape}; np.outer flattens")
    return np.outer(x1, x2)
