"""Inverses, determinants, systems of equations, powers of matrices: np.linalg without decompositions and norms.

The rules are those of M. B. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008), unless another source is named. All of them take stacks of matrices where NumPy does.
"""

from __future__ import annotations

import math

import numpy as np

from .answers import composed
from .arithmetic import superscript
from .notation import ATOM, LOOSE, MATRIX, POWER, PRODUCT, Form, Notation, function
from .primitive import primitive
from .products import operand, swapped


def well_conditioned(rng, *shape):
    """Matrices far from singular ones."""
    return rng.uniform(-0.5, 0.5, shape) + 2 * np.eye(*shape[-2:])


def _square(rng):
    yield (well_conditioned(rng, 3, 3),)
    yield (well_conditioned(rng, 2, 1, 2, 2),)
    yield (well_conditioned(rng, 1, 1),)


def _inverse_rule(g, y, a):
    return -(swapped(y) @ g @ swapped(y))


inv = primitive(
    np.linalg.inv,
    _inverse_rule,
    notation=Notation(Form("{0}⁻¹", POWER, (ATOM,)), Form("{0}^{{-1}}", POWER, (ATOM,))),
    samples=_square,
    hint="Only square matrices have an inverse; np.linalg.pinv takes any",
)

# Determinants ----------------------------------------------------------------------------------------------------


def _cofactors(a):
    """The cofactors of a matrix, det(A) A⁻ᵀ, also of a singular one: from A = U S Vᵀ they are det(U) det(V) U S' Vᵀ,
    the entries of S' being the products of all singular values but one."""
    u, s, vh = np.linalg.svd(a)
    n = a.shape[-1]
    others = np.where(np.eye(n, dtype=bool, like=a), 1, np.expand_dims(s, -2)).prod(-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return np.expand_dims(sign, (-1, -2)) * ((u * np.expand_dims(others, -2)) @ vh)


def _cofactors_rule(g, y, a):
    det = np.expand_dims(np.linalg.det(a), (-1, -2))
    return (np.sum(g * y, axis=(-2, -1), keepdims=True) * y - y @ swapped(g) @ y) / det


cofactors = primitive(
    _cofactors,
    _cofactors_rule,
    name="cofactors",
    notation=Notation(
        Form("cof({0})"),
        Form(r"\operatorname{{cof}}\left({0}\right)"),
        Form("np.linalg.det({0})[..., None, None] * np.linalg.inv({0}).mT", PRODUCT, (ATOM,)),
    ),
    samples=_square,
)
det = primitive(
    np.linalg.det,
    lambda g, y, a: np.expand_dims(g, (-1, -2)) * cofactors(a),
    notation=function("det", r"\det"),
    samples=_square,
    hint="Only square matrices have a determinant",
)
"""Jacobi's formula by cofactors: right also at singular matrices, where det(A) A⁻ᵀ is not a number. The gradient of
that gradient divides by det(A): at a singular matrix it is not finite."""

slogdet = primitive(
    np.linalg.slogdet,
    (None, lambda g, y, a: np.expand_dims(g, (-1, -2)) * swapped(np.linalg.inv(a))),
    samples=_square,
    hint="Only square matrices have a determinant",
)

# Systems of equations --------------------------------------------------------------------------------------------


def _column(b, a):
    """A vector on the right side as a column. NumPy takes the right side for one vector only if it is 1-d."""
    return np.expand_dims(b, -1) if a.ndim == 1 else b


def _solve_right(g, y, a, b):
    if b.ndim > 1 or a.ndim == 2:
        return np.linalg.solve(swapped(a), g)
    return np.linalg.solve(swapped(a), np.expand_dims(g, -1)).reshape(g.shape)


def _solve_left(g, y, a, b):
    back = _solve_right(g, y, a, b)
    if b.ndim == 1:
        return -np.outer(back, y) if a.ndim == 2 else -(np.expand_dims(back, -1) * np.expand_dims(y, -2))
    return -(back @ swapped(y))


def _inverse_times(operands, options):
    """A⁻¹ b; of a transposed matrix A⁻ᵀ b."""
    return Notation(Form("{0}⁻¹ {1}", MATRIX, (ATOM, MATRIX)), Form(r"{0}^{{-1}}\,{1}", MATRIX, (ATOM, MATRIX)))


def _systems(rng):
    for a, b in [((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 2, 2), (2,)), ((2, 1, 2, 2), (3, 2, 1))]:
        yield well_conditioned(rng, *a), rng.normal(size=b)


solve = primitive(
    np.linalg.solve,
    _solve_left,
    _solve_right,
    notation=_inverse_times,
    samples=_systems,
    hint="The right side has as many rows as the matrix; NumPy takes it for a vector only if it has one axis",
)


def _pinv_rule(g, y, a, rcond=None, hermitian=False, **options):
    """Golub & Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
    separate" (1973), 4.12. It holds where the rank stays as it is nearby: always, for full rank."""
    if hermitian:
        a = np.tril(a) + swapped(np.tril(a, -1))
    yt, gt = swapped(y), swapped(g)
    left, right = gt - a @ (y @ gt), gt - (gt @ y) @ a  # gᵀ without what A reaches, and without what it sees
    whole = left @ (y @ yt) + (yt @ y) @ right - yt @ g @ yt
    return one_triangle(whole, "L") if hermitian else whole


def one_triangle(whole, which):
    """The gradient for a symmetric matrix of which NumPy reads the lower ("L") or upper ("U") triangle only.

    An entry there stands for its mirror image as well, so it gets the gradients of both; the others get none. That is
    what moving single entries shows, and through (a + a.T) / 2 it becomes the symmetric gradient.
    """
    mirrored = swapped(whole)
    return np.tril(whole) + np.tril(mirrored, -1) if which == "L" else np.triu(whole) + np.triu(mirrored, 1)


def _rectangles(rng):
    for shape in [(2, 3), (3, 2), (2, 2, 2)]:
        yield (rng.normal(size=shape) + 2 * np.eye(*shape[-2:]),)
    yield well_conditioned(rng, 2, 2), {"hermitian": True}


pinv = primitive(
    np.linalg.pinv,
    _pinv_rule,
    notation=lambda operands, options: Notation(
        Form("{0}⁺", POWER, (ATOM,)),
        Form("{0}^{{+}}", POWER, (ATOM,)),
        None,
    ),
    samples=_rectangles,
)


def _resolution(a, rcond):
    """The option of np.linalg.pinv that has it drop the singular values that np.linalg.lstsq drops."""
    if rcond is None:
        rcond = float(np.finfo(a.dtype if a.dtype.kind in "fc" else float).eps) * max(a.shape)
    return {"rcond": rcond}


def _lstsq_left(g, y, a, b, rcond=None):
    """By the solution: x = A⁺ b, and the rule for A⁺."""
    x, inverse = y[0], np.linalg.pinv(a, **_resolution(a, rcond))
    x, b, g = (_column(m, b) for m in (x, b, g))
    rest, gt = b - a @ x, swapped(g)
    back = swapped(inverse) @ g
    return rest @ swapped(inverse @ back) + (swapped(inverse) @ x) @ (gt - swapped(back) @ a) - back @ swapped(x)


def _lstsq_right(g, y, a, b, rcond=None):
    return swapped(np.linalg.pinv(a, **_resolution(a, rcond))) @ g


def _residuals_left(g, y, a, b, rcond=None):
    """By the sums of squares that remain: they have no slope in x, so x counts as constant."""
    x, rest = _column(y[0], b), _rest(g, y, a, b)
    return -2 * (rest @ swapped(x))


def _residuals_right(g, y, a, b, rcond=None):
    return 2 * _rest(g, y, a, b).reshape(b.shape)


def _rest(g, y, a, b):
    """b − A x, its columns weighted by `g`: which is empty where NumPy gives no sums of squares."""
    rest = _column(b, b) - a @ _column(y[0], b)
    return g * rest if g.size else np.zeros_like(rest)


def _singular_values_rule(g, y, a, *others, **options):
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return (u * np.expand_dims(g, -2)) @ vh


def _fits(rng):
    yield rng.normal(size=(4, 2)), rng.normal(size=4), {"rcond": None}
    yield rng.normal(size=(4, 2)), rng.normal(size=(4, 3)), {"rcond": None}
    yield rng.normal(size=(2, 3)), rng.normal(size=2), {"rcond": None}


lstsq = primitive(
    lambda a, b, rcond=None: np.linalg.lstsq(a, b, rcond=rcond),
    (_lstsq_left, _residuals_left, None, _singular_values_rule),
    (_lstsq_right, _residuals_right, None, None),
    name="lstsq",
    numpy=np.linalg.lstsq,
    samples=_fits,
)


@composed(
    np.linalg.tensorinv, samples=lambda rng: [(rng.normal(size=(2, 3, 6)),), (rng.normal(size=(4, 2, 2)), {"ind": 1})]
)
def tensorinv(a, ind=2):
    """np.linalg.tensorinv: the inverse of the matrix whose rows are the first `ind` axes, its columns the others."""
    a = operand(a)
    if ind <= 0:
        raise ValueError(f"np.linalg.tensorinv: ind counts axes, so it is at least 1, not {ind}")
    kept, others = a.shape[:ind], a.shape[ind:]
    matrix = np.reshape(a, (math.prod(kept), math.prod(others)))
    return np.reshape(np.linalg.inv(matrix), (*others, *kept))


def _tensor_systems(rng):
    yield rng.normal(size=(2, 2, 4)), rng.normal(size=(2, 2))
    yield rng.normal(size=(2, 4, 2)), rng.normal(size=4), {"axes": (0,)}


@composed(np.linalg.tensorsolve, samples=_tensor_systems)
def tensorsolve(a, b, axes=None):
    """np.linalg.tensorsolve: the x with np.tensordot(a, x, x.ndim) == b."""
    a, b = operand(a), operand(b)
    if axes is not None:
        last = [axis % a.ndim for axis in axes]
        a = np.transpose(a, (*(i for i in range(a.ndim) if i not in last), *last))
    shape = a.shape[b.ndim - a.ndim :] if a.ndim > b.ndim else ()
    if math.prod(shape) != b.size:
        raise ValueError(
            f"np.linalg.tensorsolve: {b.size} equations, for the {math.prod(shape)} entries of the solution"
        )
    return np.reshape(np.linalg.solve(np.reshape(a, (b.size, b.size)), np.reshape(b, -1)), shape)


# Powers ----------------------------------------------------------------------------------------------------------


def _power_rule(g, y, a, n):
    """Aⁿ = A ⋯ A, each factor in turn: of two halves the product rule, as long as there are halves."""
    if n < 0:
        inverse = np.linalg.inv(a)
        return _inverse_rule(_power_rule(g, y, inverse, -n), inverse, a)
    if n == 0:
        return np.zeros_like(a)
    if n == 1:
        return g
    if n % 2:
        return g @ swapped(np.linalg.matrix_power(a, n - 1)) + _power_rule(swapped(a) @ g, y, a, n - 1)
    half = swapped(np.linalg.matrix_power(a, n // 2)) if n > 2 else swapped(a)
    return _power_rule(g @ half + half @ g, y, a, n // 2)


def _powers(rng):
    for n in (3, 0, -2):
        yield well_conditioned(rng, 2, 2), {"n": n}
    yield well_conditioned(rng, 2, 2, 2), {"n": 6}


def _power(operands, options):
    n = options["n"]
    return Notation(Form("{0}" + superscript(n), POWER, (ATOM,)), Form(f"{{0}}^{{{{{n}}}}}", POWER, (ATOM, LOOSE)))


matrix_power = primitive(
    lambda a, n: np.linalg.matrix_power(a, n),
    _power_rule,
    name="matrix_power",
    numpy=np.linalg.matrix_power,
    notation=_power,
    samples=_powers,
    hint="Only square matrices have powers",
)


def _stack(rng):
    yield (rng.normal(size=(2, 3)),)
    yield (rng.normal(size=(2, 3, 4)),)


@composed(np.matrix_transpose, np.linalg.matrix_transpose, samples=_stack)
def matrix_transpose(x):
    """np.matrix_transpose: each matrix of a stack transposed."""
    return operand(x).mT
