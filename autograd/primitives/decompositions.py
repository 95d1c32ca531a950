"""Decompositions of matrices: Cholesky, QR, eigenvalues of symmetric matrices, singular values.

Three things to know.

*What of the factors is arbitrary.* Eigenvectors and singular vectors have arbitrary signs, and the further columns of a
complete Q, or of U and V with full_matrices, are any basis. Only what does not depend on such a choice has a gradient
to trust, as v vᵀ has.

*Equal eigenvalues.* Within their space the vectors are arbitrary, and how they turn is not a number: where a gradient
arrives at such vectors it comes out as NaN, never as an arbitrary number. The gradients of the values themselves, and
of vectors that belong to other values, are right there too.

*One triangle.* Of a symmetric matrix NumPy reads one triangle (cholesky, eigh, eigvalsh, hermitian=True). The gradient
is that of what NumPy computes: it arrives at that triangle, an entry there standing for its mirror image. Through
(a + a.T) / 2 it becomes the symmetric one.
"""

from __future__ import annotations

import numpy as np

from .answers import composed
from .linalg import one_triangle, well_conditioned
from .notation import Form, Notation, literal, operator_name
from .primitive import primitive
from .products import operand, swapped


def _diag(s):
    """A factor that scales the columns."""
    return np.expand_dims(s, -2)


# Cholesky --------------------------------------------------------------------------------------------------------


def _definite(rng):
    for shape, options in [((3, 3), {}), ((2, 2), {"upper": True}), ((2, 1, 2, 2), {})]:
        a = well_conditioned(rng, *shape)
        yield a + np.swapaxes(a, -1, -2), options


def _cholesky_rule(g, y, a, upper=False):
    """I. Murray, "Differentiation of the Cholesky decomposition" (2016), (10): Φ takes the lower triangle of LᵀL̄ with
    half the diagonal; its mirrored double is that triangle mirrored."""
    factor, g = (swapped(y), swapped(g)) if upper else (y, g)
    inverse = np.linalg.inv(factor)
    half = np.tril(swapped(factor) @ g)
    whole = swapped(inverse) @ (half + swapped(np.tril(half, -1))) @ inverse / 2
    return one_triangle(whole, "U" if upper else "L")


cholesky = primitive(
    np.linalg.cholesky,
    _cholesky_rule,
    samples=_definite,
    notation=lambda operands, options: _named("chol", options, ("upper",)),
    hint="Only symmetric positive definite matrices have one",
)


def _named(name, options, shown):
    """The name, with the options among `shown` that were given."""
    given = ", ".join(
        option if value is True else f"{option} {value}"
        for option, value in options.items()
        if option in shown and value
    )
    text, latex = (f"[{given}]", rf"_{{\text{{{given}}}}}") if given else ("", "")
    return Notation(
        Form(literal(name + text) + "({0})"), Form(literal(operator_name(name) + latex) + r"\left({0}\right)")
    )


# QR --------------------------------------------------------------------------------------------------------------


def _tall_rule(g_q, g_r, q, r):
    """S. F. Walter & L. Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum
    experimental design" (2010), for at least as many rows as columns; either gradient may be None."""
    inner = 0
    if g_r is not None:
        inner = r @ swapped(g_r)
    if g_q is not None:
        inner = inner - swapped(g_q) @ q
    total = q @ (np.tril(inner) + swapped(np.tril(inner, -1)))
    if g_q is not None:
        total = g_q + total
    return swapped(np.linalg.solve(r, swapped(total)))


def _thin(g, q, r, k):
    """What arrives at the first k columns of Q. The others span what these leave, so they turn against them."""
    if q.shape[-1] == k:
        return g
    return g[..., :k] - q[..., k:] @ (swapped(g[..., k:]) @ q[..., :k])


def _qr_by_q(g, y, a, mode="reduced"):
    q, r = y
    rows, columns = a.shape[-2:]
    k = min(rows, columns)
    square = _tall_rule(_thin(g, q, r, k), None, q[..., :k], r[..., :k, :k])
    if rows >= columns:
        return square
    return np.concatenate([square, np.zeros_like(a[..., k:])], axis=-1)


def _qr_by_r(g, y, a, mode="reduced"):
    q, r = y
    rows, columns = a.shape[-2:]
    k = min(rows, columns)
    if rows >= columns:
        return _tall_rule(None, g[..., :k, :], q[..., :k], r[..., :k, :])
    # A = [X Y]: Q and the first columns of R are those of X, the others are Qᵀ Y.
    g_y = q @ g[..., k:]
    return np.concatenate([_tall_rule(a[..., k:] @ swapped(g[..., k:]), g[..., :k], q, r[..., :k]), g_y], axis=-1)


def _any_shape(rng):
    yield (rng.normal(size=(3, 3)),)
    yield (rng.normal(size=(2, 3, 2)),)
    yield (rng.normal(size=(2, 3)),)


qr = primitive(
    np.linalg.qr,
    (_qr_by_q, _qr_by_r),
    samples=_any_shape,
    notation=lambda operands, options: _named("qr", options, ("mode",)),
)


@composed(np.linalg.qr, samples=lambda rng: [(rng.normal(size=(3, 2)), {"mode": "r"})])
def numpy_qr(a, mode="reduced"):
    """np.linalg.qr: orthogonal Q and upper triangular R with a = Q R; of mode "r", R alone."""
    if mode == "raw":
        raise TypeError('np.linalg.qr(mode="raw") gives how LAPACK stores Q: it has no derivative here. Use "reduced"')
    if mode == "r":
        return qr(a)[1]
    return qr(a) if mode == "reduced" else qr(a, mode=mode)


# Eigenvalues of symmetric matrices -------------------------------------------------------------------------------


def _gaps(values):
    """1 / (vⱼ − vᵢ) in row i, column j, and 0 on the diagonal; NaN where the two are equal but for rounding."""
    differences = np.expand_dims(values, -2) - np.expand_dims(values, -1)
    rounding = 4 * np.finfo(values.dtype).eps * np.sum(np.abs(values), axis=-1, keepdims=True)
    near = np.abs(differences) <= np.expand_dims(rounding, -1)
    others = np.tril(near, -1) | np.triu(near, 1)
    return np.where(others, np.nan, 1 / np.where(near, np.inf, differences))


def _turned(arriving, gaps):
    """What arrives at the angles between the vectors of each pair of values, times the pair's entry of `gaps`: 0 where
    nothing arrives, also where the two are equal."""
    either = np.abs(arriving) + np.abs(swapped(arriving))
    return np.where(either == 0, 0, arriving * gaps)


def _eigenvalues_rule(g, y, a, UPLO="L"):
    _, v = np.linalg.eigh(a, UPLO)
    return one_triangle((v * _diag(g)) @ swapped(v), UPLO.upper())


def _eigh_by_values(g, y, a, UPLO="L"):
    return one_triangle((y[1] * _diag(g)) @ swapped(y[1]), UPLO.upper())


def _eigh_by_vectors(g, y, a, UPLO="L"):
    w, v = y
    return one_triangle(v @ _turned(swapped(v) @ g, _gaps(w)) @ swapped(v), UPLO.upper())


def _symmetric(rng):
    """Symmetric matrices whose eigenvalues are far apart."""
    for shape, options in [((3, 3), {}), ((2, 2), {"UPLO": "U"}), ((2, 1, 2, 2), {})]:
        a = rng.uniform(-0.4, 0.4, shape)
        yield a + np.swapaxes(a, -1, -2) + 2 * np.diag(np.arange(1.0, shape[-1] + 1)), options


eigh = primitive(
    np.linalg.eigh,
    (_eigh_by_values, _eigh_by_vectors),
    samples=_symmetric,
    notation=lambda operands, options: _named("eigh", options, ()),
    hint="Only square matrices have eigenvalues",
)
eigvalsh = primitive(
    np.linalg.eigvalsh,
    _eigenvalues_rule,
    samples=_symmetric,
    notation=lambda operands, options: _named("eigvalsh", options, ()),
    hint="Only square matrices have eigenvalues",
)


# Singular values -------------------------------------------------------------------------------------------------


def _svd_rule(part):
    """The rule by one result, for thin or full factors; by `hermitian` NumPy reads the lower triangle."""

    def rule(g, y, a, full_matrices=True, hermitian=False):
        u, s, vh = y
        whole = part(g, u, s, vh)
        return one_triangle(whole, "L") if hermitian else whole

    return rule


def _svd_by_values(g, u, s, vh):
    return (_first(u, s) * _diag(g)) @ swapped(_first(swapped(vh), s))


def _first(vectors, s):
    """The vectors that singular values belong to."""
    return vectors if vectors.shape[-1] == s.shape[-1] else vectors[..., : s.shape[-1]]


def _svd_by_left(g, u, s, vh):
    """J. Townsend, "Differentiating the singular value decomposition" (2016): how the vectors turn against each other,
    and against all directions beside theirs."""
    k = s.shape[-1]
    thin, turns = _first(u, s), swapped(u) @ g
    right = swapped(_first(swapped(vh), s))
    sums = np.expand_dims(s, -2) + np.expand_dims(s, -1)
    among = _turned(_first(turns, s)[..., :k, :], _gaps(s) / np.where(sums == 0, 1, sums))
    inside = thin @ ((among + swapped(among)) * _diag(s)) @ right
    rows = u.shape[-2]
    if rows == k:
        return inside
    thinned = u.shape[-1] == k
    beside = g - thin @ turns if thinned else u[..., k:] @ (turns[..., k:, :k] - swapped(turns[..., :k, k:]))
    return inside + _over(beside, s) @ right


def _svd_by_right(g, u, s, vh):
    """That of the left vectors of Aᵀ = V S Uᵀ."""
    return swapped(_svd_by_left(swapped(g), swapped(vh), s, swapped(u)))


def _over(columns, s):
    """Columns over singular values; 0 where nothing arrives, whatever the value."""
    return np.where(columns == 0, 0, columns / _diag(np.where(s == 0, np.nan, s)))


def _spread_out(rng):
    """Matrices whose singular values are far apart."""
    for shape, options in [
        ((2, 2), {}),
        ((3, 2), {"full_matrices": False}),
        ((2, 1, 2, 3), {"full_matrices": False}),
        ((2, 2), {"hermitian": True}),
    ]:
        yield rng.uniform(-0.3, 0.3, shape) + np.diag([1.0, -3, 5])[: shape[-2], : shape[-1]], options


svd = primitive(
    lambda a, full_matrices=True, hermitian=False: np.linalg.svd(a, full_matrices, hermitian=hermitian),
    (_svd_rule(_svd_by_left), _svd_rule(_svd_by_values), _svd_rule(_svd_by_right)),
    name="svd",
    numpy=np.linalg.svd,
    samples=_spread_out,
    notation=lambda operands, options: _named("svd", options, ()),
)


def _svdvals_rule(g, y, a, hermitian=False):
    u, s, vh = np.linalg.svd(a, full_matrices=False, hermitian=hermitian)
    whole = _svd_by_values(g, u, s, vh)
    return one_triangle(whole, "L") if hermitian else whole


def _values_only(rng):
    yield (rng.normal(size=(2, 3)),)
    yield (rng.normal(size=(2, 3, 2)),)


svdvals = primitive(
    lambda x, hermitian=False: np.linalg.svd(x, compute_uv=False, hermitian=hermitian),
    _svdvals_rule,
    name="svdvals",
    numpy=np.linalg.svdvals,
    samples=_values_only,
    notation=lambda operands, options: Notation(
        Form("svdvals({0})"),
        Form(r"\operatorname{{svdvals}}\left({0}\right)"),
        Form(f"np.linalg.svd({{0}}, compute_uv=False, hermitian={bool(options.get('hermitian'))})"),
    ),
)


def _without_vectors(rng):
    yield rng.normal(size=(2, 3)), {"compute_uv": False}
    yield np.array([[1.0, 0.5], [0.5, -3.0]]), {"compute_uv": False, "hermitian": True}


@composed(np.linalg.svd, samples=_without_vectors)
def numpy_svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    """np.linalg.svd: U, the singular values and Vᵀ, or the values alone."""
    a = operand(a)
    if not compute_uv:
        return svdvals(a, hermitian=True) if hermitian else svdvals(a)
    return svd(a, full_matrices=bool(full_matrices), hermitian=bool(hermitian))
