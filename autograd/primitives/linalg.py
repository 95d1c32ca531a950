"""Products of matrices and vectors."""

from __future__ import annotations

import math

import numpy as np

from ..tensor import Tensor
from .notation import MATRIX, PRODUCT, Form, Notation
from .primitive import by_numpy_function, primitive

_PRODUCT = Notation(
    Form("{0} {1}", MATRIX, (MATRIX, MATRIX)),
    Form(r"{0}\,{1}", MATRIX, (MATRIX, MATRIX)),
    Form("{0} @ {1}", PRODUCT, (PRODUCT, PRODUCT + 1)),
)
_HINT = (
    "The last axis of the first must be as long as the last but one of the second; .T swaps the two axes of a matrix"
)


def _swapped(a):
    return a.T if a.ndim == 2 else a.transpose((*range(a.ndim - 2), a.ndim - 1, a.ndim - 2))


def _left(g, y, a, b):
    """∂/∂a of a @ b, which is g bᵀ; vectors first become the row or column that NumPy takes them for."""
    if b.ndim == 1:
        return g * b if a.ndim == 1 else np.outer(g, b) if a.ndim == 2 else np.expand_dims(g, -1) * b
    return np.expand_dims(g, -2) @ _swapped(b) if a.ndim == 1 and b.ndim > 2 else g @ _swapped(b)


def _right(g, y, a, b):
    """∂/∂b of a @ b, which is aᵀ g."""
    if a.ndim == 1:
        return (
            g * a if b.ndim == 1 else np.outer(a, g) if b.ndim == 2 else np.expand_dims(a, -1) * np.expand_dims(g, -2)
        )
    if b.ndim == 1:
        return (np.expand_dims(g, -2) @ a).reshape((*g.shape[:-1], *b.shape)) if a.ndim > 2 else g @ a
    return _swapped(a) @ g


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


def dot(a, b, out=None):
    """np.dot: a product with a scalar, a matrix product up to 2-d, beyond that a sum over the last axis of `a` and the
    last but one of `b`, for every pair of the other axes."""
    if out is not None:
        raise TypeError("dot: out= would overwrite an array that graphs may hold; use the result that is returned")
    a, b = (x if type(x) is Tensor else np.asarray(x) for x in (a, b))
    if not a.ndim or not b.ndim:
        return np.multiply(a, b)
    if b.ndim <= 2:
        return np.matmul(a, b)
    length, others = a.shape[-1], (*b.shape[:-2], b.shape[-1])
    rows = np.reshape(a, (math.prod(a.shape[:-1]), length))
    axes = (b.ndim - 2, *range(b.ndim - 2), b.ndim - 1)
    columns = np.reshape(np.transpose(b, axes), (b.shape[-2], math.prod(others)))
    return np.reshape(np.matmul(rows, columns), (*a.shape[:-1], *others))


by_numpy_function[np.dot] = dot
