"""np.linalg: right where it is hard, at zero, at singular matrices, at equal eigenvalues; and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.support import refused, same


def gradient_of(f, x, dtype=np.float64):
    t = Tensor(np.asarray(x, dtype), requires_grad=True)
    np.sum(f(t)).backward()
    return t.grad.numpy()


def symmetric(a):
    return (a + a.mT) / 2


# Norms -----------------------------------------------------------------------------------------------------------

ORDERS = [None, 2, 1, 3, 1.5, 0.5, -1, -2, np.inf, -np.inf, 0]
MATRIX_ORDERS = [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_norms_of_vectors(order, keepdims, rng):
    x = rng.uniform(0.5, 2, (3, 4)) * rng.choice([-1, 1], (3, 4))
    for f in (
        lambda t: np.linalg.norm(t, order, axis=1, keepdims=keepdims),
        lambda t: np.linalg.norm(t[0], order, keepdims=keepdims),
        lambda t: np.linalg.vector_norm(t, ord=2 if order is None else order, keepdims=keepdims),
    ):
        same(f(Tensor(x)).numpy(), np.asarray(f(x)))
        ag.check_grads(f, [x], order=2)


@pytest.mark.parametrize("order", MATRIX_ORDERS)
def test_norms_of_matrices(order, rng):
    x = rng.normal(size=(2, 3, 2))
    for f in (
        lambda t: np.linalg.norm(t[0], order),
        lambda t: np.linalg.norm(t, order, axis=(2, 1), keepdims=True),
        lambda t: np.linalg.norm(t, order, (0, -1)),
        lambda t: np.linalg.matrix_norm(t, ord=order or "fro"),
    ):
        same(f(Tensor(x)).numpy(), np.asarray(f(x)))
        ag.check_grads(f, [x], order=2)


@pytest.mark.parametrize("order", ORDERS)
def test_norms_of_vectors_have_gradient_zero_at_zero(order):
    with np.errstate(all="ignore"):  # NumPy's own, of negative orders
        assert not gradient_of(lambda t: np.linalg.norm(t, order), [0.0, 0.0, 0.0]).any()


@pytest.mark.parametrize("order", MATRIX_ORDERS)
def test_norms_of_matrices_have_gradient_zero_at_zero(order):
    assert not gradient_of(lambda t: np.linalg.norm(t, order), np.zeros((2, 3))).any()


def test_what_ties_for_a_norm_shares_its_gradient_evenly():
    assert gradient_of(lambda t: np.linalg.norm(t, np.inf), [3.0, -3.0, 1.0]).tolist() == [0.5, -0.5, 0]
    assert gradient_of(lambda t: np.linalg.norm(t, 1), [[1.0, -1], [1, 1]]).tolist() == [[0.5, -0.5], [0.5, 0.5]]
    np.testing.assert_allclose(gradient_of(lambda t: np.linalg.norm(t, 2), np.eye(2)), np.eye(2) / 2, atol=1e-15)


def test_norms_of_huge_and_of_tiny_entries_have_plain_gradients():
    for scale in (1e-150, 1e150):
        np.testing.assert_allclose(gradient_of(np.linalg.norm, [3 * scale, 4 * scale]), [0.6, 0.8])
    np.testing.assert_allclose(gradient_of(lambda t: np.linalg.norm(t, 4), [1e-70, 1e-70], np.float64), [0.5**0.75] * 2)


def test_the_nuclear_norm_at_low_rank_has_its_smallest_subgradient():
    u = np.array([[0.6], [0.8]])
    np.testing.assert_allclose(gradient_of(lambda t: np.linalg.norm(t, "nuc"), u @ u.T), u @ u.T, atol=1e-15)


def test_a_norm_of_an_order_that_numpy_lacks_is_refused():
    t = Tensor(np.ones((2, 2)), requires_grad=True, name="t")
    with refused(ValueError, t, saying=["norm", "'t'", "Invalid norm order"]):
        np.linalg.norm(t, 3)


# Determinants, inverses, systems ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "a",
    [
        [[1.0, 2.0], [2.0, 4.0]],
        [[0.0, 0.0], [0.0, 0.0]],
        [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]],
        np.diag([2.0, 0.0, 3.0]),
        np.ones((3, 3)),
    ],
)
def test_the_gradient_of_the_determinant_is_right_at_singular_matrices(a):
    ag.check_grads(np.linalg.det, [np.array(a)])


def test_determinants_of_nothing_and_of_equal_singular_values():
    assert gradient_of(np.linalg.det, np.zeros((0, 0))).shape == (0, 0)
    ag.check_grads(np.linalg.det, [np.eye(3)], order=2)


def test_the_sign_of_slogdet_is_a_constant():
    a = Tensor(-np.eye(3), requires_grad=True)
    found = np.linalg.slogdet(a)
    assert found.sign.item() == -1 and not found.sign.requires_grad and found.logabsdet.requires_grad


def test_solve_takes_right_sides_as_numpy_does(rng):
    a = rng.normal(size=(2, 3, 3)) + 3 * np.eye(3)
    for b in (rng.normal(size=3), rng.normal(size=(3, 2)), rng.normal(size=(2, 3, 1)), rng.normal(size=(4, 1, 3, 2))):
        same(np.linalg.solve(Tensor(a), Tensor(b)).numpy(), np.linalg.solve(a, b))
        ag.check_grads(np.linalg.solve, [a, b], order=2)


def test_singular_and_oblong_matrices_are_refused_as_numpy_refuses_them():
    t = Tensor(np.zeros((2, 2)), requires_grad=True, name="t")
    with refused(np.linalg.LinAlgError, t, saying=["Singular matrix"]):
        np.linalg.inv(t)
    with refused(np.linalg.LinAlgError, t, saying=["square"]):
        np.linalg.inv(t[:1])


@pytest.mark.parametrize("hermitian", [False, True])
def test_the_pseudo_inverse_of_a_matrix_that_keeps_its_low_rank(hermitian, rng):
    left, right = rng.normal(size=(4, 2)), rng.normal(size=(2, 3))

    def f(left, right):
        return np.linalg.pinv(left @ left.mT if hermitian else left @ right, rcond=1e-10, hermitian=hermitian)

    ag.check_grads(f, [left, right], order=2)


def test_least_squares_of_low_rank_and_with_columns(rng):
    left, right, b = rng.normal(size=(4, 2)), rng.normal(size=(2, 3)), rng.normal(size=(4, 2))
    ag.check_grads(lambda left, right, b: np.linalg.lstsq(left @ right, b, rcond=1e-10)[0], [left, right, b], order=2)


def test_of_least_squares_the_rank_is_a_constant_and_all_else_has_gradients(rng):
    a, b = Tensor(rng.normal(size=(4, 2)), requires_grad=True), Tensor(rng.normal(size=4), requires_grad=True)
    x, rest, rank, s = np.linalg.lstsq(a, b, rcond=None)
    assert x.requires_grad and rest.requires_grad and s.requires_grad and not rank.requires_grad
    assert rank.item() == 2 and rank.dtype.kind == "i"


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 3, 4, 7])
def test_powers_of_matrices(n, rng):
    a = rng.uniform(-0.3, 0.3, (2, 2, 2)) + np.eye(2)
    same(np.linalg.matrix_power(Tensor(a), n).numpy(), np.linalg.matrix_power(a, n))
    ag.check_grads(lambda t: np.linalg.matrix_power(t, n), [a], order=2)


@pytest.mark.parametrize("p", [None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc"])
def test_condition_numbers(p, rng):
    a = rng.normal(size=(2, 2, 2)) + 2 * np.eye(2)
    same(np.linalg.cond(Tensor(a), p).numpy(), np.linalg.cond(a, p))
    ag.check_grads(lambda t: np.linalg.cond(t, p), [a], order=2)


# Decompositions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("UPLO", ["L", "U", "l"])
def test_the_gradient_arrives_at_the_triangle_that_numpy_reads(UPLO):
    a = np.array([[2.0, 0.5], [0.5, 1.0]])
    whole = gradient_of(lambda t: np.linalg.eigvalsh(t, UPLO)[0], a)
    unread = whole[0, 1] if UPLO.upper() == "L" else whole[1, 0]
    assert unread == 0
    through = gradient_of(lambda t: np.linalg.eigvalsh(symmetric(t), UPLO)[0], a)
    np.testing.assert_allclose(through, (whole + whole.T) / 2)


@pytest.mark.parametrize(
    "f",
    [
        lambda a: np.linalg.cholesky(symmetric(a)),
        lambda a: np.linalg.cholesky(symmetric(a), upper=True),
        lambda a: np.linalg.eigh(symmetric(a), UPLO="U").eigenvalues,
        lambda a: np.linalg.eigvalsh(symmetric(a)),
        lambda a: np.linalg.pinv(symmetric(a), hermitian=True),
        lambda a: np.linalg.svd(symmetric(a), hermitian=True).S,
        lambda a: np.linalg.svd(symmetric(a), compute_uv=False, hermitian=True),
    ],
)
def test_symmetric_matrices_through_their_symmetric_part(f, rng):
    a = rng.uniform(-0.2, 0.2, (2, 3, 3)) + np.diag([1.0, 3.0, 5.0])
    same(f(Tensor(a)).numpy(), f(a))
    ag.check_grads(f, [a], order=2)


def test_values_that_are_equal_have_gradients():
    a = np.eye(3)
    np.testing.assert_allclose(gradient_of(np.linalg.eigvalsh, a), np.eye(3), atol=1e-15)
    np.testing.assert_allclose(gradient_of(lambda t: np.linalg.eigh(t)[0] ** 2, a), 2 * np.eye(3), atol=1e-15)
    np.testing.assert_allclose(gradient_of(np.linalg.svdvals, a), np.eye(3), atol=1e-15)
    np.testing.assert_allclose(gradient_of(lambda t: np.linalg.svd(t).S, a), np.eye(3), atol=1e-15)


def test_a_vector_of_a_value_of_its_own_has_a_gradient_beside_equal_values():
    a = np.diag([1.0, 1.0, 3.0])
    projection = lambda v: v[:, 2:] @ v[:, 2:].mT
    weights = np.arange(9.0).reshape(3, 3)
    ag.check_grads(lambda t: np.sum(projection(np.linalg.eigh(symmetric(t))[1]) * weights), [a])
    ag.check_grads(
        lambda t: np.sum(projection(np.linalg.svd(t[::-1, ::-1]).U[:, ::-1]) * weights), [np.diag([3.0, 1, 1])]
    )


def test_vectors_of_equal_values_have_no_number_for_a_gradient():
    weights = np.arange(9.0).reshape(3, 3)
    for f in (lambda t: np.linalg.eigh(t)[1], lambda t: np.linalg.svd(t)[0], lambda t: np.linalg.svd(t)[2]):
        assert np.isnan(gradient_of(lambda t, f=f: f(t) * weights, np.eye(3))).any()


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
@pytest.mark.parametrize("mode", ["reduced", "complete", "r"])
def test_qr(mode, shape, rng):
    a = rng.normal(size=shape)
    weights = rng.normal(size=(shape[-2], shape[-2]))
    k = min(shape[-2:])

    def f(t):
        if mode == "r":
            return np.linalg.qr(t, mode)
        q, r = np.linalg.qr(t, mode)
        beyond = q[..., k:] @ q[..., k:].mT * weights  # does not depend on the basis that is chosen there
        return np.concatenate([x.reshape(-1) for x in (q[..., :k], r, beyond)])

    same(f(Tensor(a)).numpy(), f(a))
    ag.check_grads(f, [a], order=2)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
@pytest.mark.parametrize("full_matrices", [False, True])
def test_svd(full_matrices, shape, rng):
    a = rng.uniform(-0.2, 0.2, shape) + np.diag([1.0, 3, 5, 7])[: shape[-2], : shape[-1]]
    k = min(shape[-2:])

    def f(t):
        u, s, vh = np.linalg.svd(t, full_matrices)
        beyond = [m[..., k:] @ m[..., k:].mT for m in (u, vh.mT)]
        return np.concatenate([x.reshape(-1) for x in (u[..., :k], s, vh[..., :k, :], *beyond)])

    same(f(Tensor(a)).numpy(), f(a))
    ag.check_grads(lambda t: f(t) * np.cos(np.arange(f(a).size)), [a], order=2)


def test_names_of_several_results_are_numpys():
    a = Tensor(np.diag([1.0, 2.0]), requires_grad=True)
    assert np.linalg.svd(a).S.requires_grad and np.linalg.qr(a).R.requires_grad
    assert np.linalg.eigh(a).eigenvectors.requires_grad


def test_how_lapack_stores_q_is_refused():
    a = Tensor(np.eye(2), requires_grad=True)
    with refused(TypeError, a, saying=["raw", "reduced"]):
        np.linalg.qr(a, mode="raw")


@pytest.mark.parametrize("f", [np.linalg.inv, np.linalg.det, np.linalg.svdvals, np.linalg.eigvalsh, np.linalg.pinv])
def test_float32_is_kept_and_empty_stacks_pass(f):
    t = Tensor(np.diag([1.0, 2.0]).astype(np.float32), requires_grad=True)
    np.sum(f(t)).backward()
    assert f(t).dtype == t.grad.dtype == np.float32
    empty = Tensor(np.zeros((0, 2, 2)), requires_grad=True)
    np.sum(f(empty)).backward()
    assert empty.grad.shape == (0, 2, 2)
