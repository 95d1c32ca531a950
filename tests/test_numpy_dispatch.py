"""NumPy's functions take Tensors, called in every way that NumPy lets one call them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.primitives.primitive import by_numpy_function
from tests.support import refused, same

VALUES = {
    "x": np.array([[0.5, 1.25, 0.75], [2.0, 0.25, 1.5]]),
    "y": np.array([[1.5, 0.5, 1.0], [0.375, 1.75, 0.625]]),
    "row": np.array([0.5, 1.5, 2.5]),
    "column": np.array([[0.25], [1.75]]),
    "s": np.float64(1.25),
    "t": np.float64(0.75),
    "cube": np.arange(1.0, 25.0).reshape(2, 3, 4) / 8,
    "long": np.array([[[0.5], [1.5]]]),
}

CALLS = """
np.add(x, y)
np.add(x, 2)
np.add(2.0, x)
np.add(s, row)
np.subtract(column, row)
np.multiply(x, s)
np.divide(x, y)
np.true_divide(x, column)
np.power(x, y)
np.power(x, 3)
np.power(2.0, s)
np.pow(x, 2)
np.negative(x)
np.abs(x - 1)
np.absolute(s)
np.exp(x)
np.exp(s)
np.log(x)
np.sqrt(x)
np.square(x)
np.tanh(s)
np.maximum(x, y)
np.maximum(x, 1)
np.minimum(row, column)
np.where(x > 1, x, y)
np.where(np.array([True, False, True]), x, 0.0)
np.where(x > 1, 0, row)
np.clip(x, 0.6, 1.3)
np.clip(x, None, 1.3)
np.clip(x, 0.6, None)
np.clip(x, min=0.6)
np.clip(x, max=1.3)
np.clip(x, a_min=0.6, a_max=1.3)
np.clip(a=x, a_min=0.6, a_max=1.3)
np.clip(x, row - 0.1, row + 0.1)
np.sum(x)
np.sum(s)
np.sum(x, 0)
np.sum(x, axis=1)
np.sum(x, axis=-1, keepdims=True)
np.sum(a=x, axis=0)
np.sum(cube, axis=(0, 2))
np.sum(cube, (0, -1), keepdims=True)
np.sum(x, axis=())
np.sum(x, dtype=np.float64)
np.sum(x, None, np.float64)
np.sum(x, axis=0, out=None)
np.mean(x)
np.mean(x, 1)
np.mean(a=x, axis=0, keepdims=True)
np.mean(cube, axis=(1, 2))
np.mean(x, axis=0, dtype=np.float64)
np.max(x)
np.max(x, 0)
np.amax(x, axis=1)
np.max(cube, axis=(0, 1), keepdims=True)
np.min(x)
np.amin(x, axis=-1)
np.min(x, axis=0, keepdims=True)
np.matmul(x, y.T)
np.matmul(x, row)
np.matmul(row, row)
np.matmul(cube, row @ x.T * np.ones((4, 2)))
np.dot(x, row)
np.dot(x, s)
np.dot(s, t)
np.dot(2.0, x)
np.dot(cube, cube.transpose(0, 2, 1))
np.dot(row, cube)
np.dot(a=x, b=row)
np.inner(x, row)
np.inner(x, y)
np.outer(row, x)
np.vdot(x, y)
np.vecdot(x, row)
np.vecdot(x, column, axis=0)
np.linalg.vecdot(x, y)
np.tensordot(x, y)
np.tensordot(cube, x, axes=([0, 1], [0, 1]))
np.tensordot(a=x, b=y, axes=(1, 1))
np.kron(x, row)
np.cross(x, row)
np.cross(x, y, axisa=1, axisc=0)
np.einsum("ij,kj->ik", x, y)
np.einsum("ij,j", x, row, optimize=True)
np.einsum(cube, [0, 1, ...], x, [0, 1], [...])
np.trace(x)
np.trace(cube, 1, axis2=2)
np.diagonal(cube, offset=-1, axis1=1, axis2=2)
np.diag(x, 1)
np.diag(row)
np.diagflat(x, k=-1)
np.linalg.norm(x)
np.linalg.norm(x, axis=1)
np.linalg.norm(x=x, ord=1, axis=(0, 1), keepdims=True)
np.linalg.vector_norm(x, axis=0, ord=3)
np.linalg.matrix_norm(cube)
np.linalg.inv(x[:, :2])
np.linalg.det(x[:, :2])
np.linalg.solve(x[:, 1:], x)
np.linalg.pinv(x, rcond=1e-12)
np.linalg.svd(x, compute_uv=False)
np.linalg.matrix_power(x[:, :2], 3)
np.linalg.multi_dot([x, y.T, x, row])
np.linalg.matrix_transpose(cube)
np.transpose(x)
np.transpose(cube, (2, 0, 1))
np.transpose(cube, axes=[1, 0, 2])
np.transpose(a=cube, axes=(-1, 0, 1))
np.permute_dims(cube, (1, 0, 2))
np.reshape(x, -1)
np.reshape(x, (3, 2))
np.reshape(x, shape=[6, 1])
np.reshape(x, (3, 2), "F")
np.reshape(s, (1, 1))
np.broadcast_to(row, (2, 3))
np.broadcast_to(s, (2,))
np.broadcast_to(row, shape=(2, 2, 3))
np.squeeze(long)
np.squeeze(long, 0)
np.squeeze(long, axis=(0, 2))
np.expand_dims(x, 0)
np.expand_dims(x, axis=-1)
np.expand_dims(s, 0)
np.expand_dims(a=x, axis=(0, 3))
np.concatenate([x, y])
np.concatenate((x, column), axis=1)
np.concatenate((x, row), axis=None)
np.concatenate([x, np.ones((1, 3)), y], 0)
np.concatenate([[[1.0, 2.0, 3.0]], x])
np.concat([x, y])
np.stack([x, y])
np.stack((x, y), axis=-1)
np.stack([s, t, s])
np.stack([s, 1.0, 2])
np.stack(arrays=[x, y], axis=1)
np.astype(x, np.float32)
np.astype(x, np.float64)
np.full_like(x, s)
np.full_like(x, row)
np.moveaxis(cube, [0, 1], [-1, -2])
np.swapaxes(cube, -1, 0)
np.rollaxis(cube, 2)
np.ravel(x, order="F")
np.ravel(cube, "K")
np.ravel(a=x)
np.atleast_2d(row)
np.flip(cube, (0, -1))
np.flip(m=x)
np.fliplr(x)
np.flipud(x)
np.rot90(x)
np.rot90(cube, 3, axes=(2, 0))
np.roll(x, 1)
np.roll(x, (1, -2), axis=(0, 1))
np.roll(x, shift=2, axis=-1)
np.repeat(x, 2)
np.repeat(x, [1, 2], 0)
np.repeat(s, 3)
np.tile(x, (2, 1, 2))
np.tile(s, 2)
np.resize(x, (4, 2))
np.triu(x, 1)
np.tril(m=x, k=-1)
np.take(x, [0, 0, 5])
np.take(x, 1, 0)
np.take(x, indices=[[3, 1]], axis=1, mode="clip")
np.take_along_axis(x, np.array([[0, 2, 1], [1, 0, 2]]), 1)
np.choose([0, 1, 0], [x, row])
np.compress([True, False], x, axis=0)
np.extract(x > 1, x)
np.delete(x, 1, axis=1)
np.delete(x, slice(None, None, 2))
np.trim_zeros(row)
np.vstack([row, x])
np.vstack([row, row])
np.vstack((row, row), dtype=np.float64, casting="same_kind")
np.hstack([s, t])
np.hstack([s, row])
np.hstack((x, column))
np.dstack([x, y])
np.column_stack([row, row])
np.column_stack((x.T, row))
np.block([[x, column], [np.zeros((1, 4))]])
np.append(x, row)
np.append(x, [[1.0, 2.0, 3.0]], axis=0)
np.insert(x, 1, row, axis=0)
np.insert(x, [1, 2], s)
np.pad(x, 1)
np.pad(row, (2, 1), "reflect")
np.pad(x, ((1, 0), (0, 2)), mode="edge")
np.pad(row, 2, "mean")
np.array_split(row, 2)[1]
np.split(x, [1], axis=1)[1]
np.hsplit(x, 3)[2]
np.vsplit(x, 2)[0]
np.dsplit(cube, 2)[1]
np.unstack(x, axis=1)[2]
np.meshgrid(row, column)[0]
np.meshgrid(row, row[:2], indexing="ij", sparse=True)[1]
np.broadcast_arrays(x, row)[1]
np.sort(x)
np.sort(x, 0, kind="stable")
np.partition(x, 1, axis=1)
np.unique(x)
np.unique(x, axis=0)
np.interp(row, np.array([0.0, 1.25, 3.0]), row)
np.interp(s, row, row)
np.convolve(row, column[:, 0])
np.correlate(row, row, "full")
np.unwrap(row)
np.bincount([1, 0, 1], weights=row)
ag.at(x, (0, slice(1, None))).set(y[0, 1:])
ag.at(x, x > 1).add(s)
x[[0, 1, 0], ..., None]
x.ravel()
x.flatten("F")
x.real
x.copy()
x.repeat(2, axis=0)
x.swapaxes(0, 1)
x.take([1, 0], axis=1)
x.compress([False, True], axis=0)
np.float_power(x, 2)
np.mod(x, y)
np.mod(5.2, x)
np.fmod(-x, y)
np.divmod(x, 0.7)[1]
np.modf(x / 3)[0]
np.conj(x)
np.real_if_close(x)
np.nan_to_num(x, True, 2.0, posinf=1.0)
np.ldexp(x, 3)
np.fmax(x, 1.1)
np.heaviside(0.0, x)
np.select([x > 1, x > 0.6], [x, y], s)
np.sum(x, where=x > 1)
np.sum(x, axis=0, initial=2.0, where=np.array([True, False, True]))
np.sum(x, None, None, None, False, 3)
np.sum(x, initial=s)
np.mean(x, axis=1, where=y > 0.6)
np.mean(cube, (0, 2), where=np.array([True, False, True, True]), keepdims=True)
np.max(x, axis=0, initial=1.3)
np.max(x, where=x < 1, initial=0.1)
np.min(x, initial=s)
np.prod(x, axis=1)
np.prod(x, where=x > 1)
np.prod(x, initial=s)
np.ptp(x, axis=0)
np.var(x, 1)
np.var(x, axis=0, ddof=1)
np.var(x, correction=1)
np.var(x, axis=1, where=y > 0.6)
np.var(x, axis=1, mean=np.mean(y, axis=1, keepdims=True))
np.std(x)
np.std(x, axis=0, keepdims=True)
np.std(x, axis=1, where=y > 0.6, ddof=1)
np.average(x)
np.average(x, axis=1, weights=row)
np.average(x, weights=y)
np.average(x, axis=0, weights=y, returned=True)[1]
np.average(x, 1, row, keepdims=True)
np.cov(x)
np.cov(x, y, rowvar=False)
np.cov(x, aweights=row, fweights=[1, 2, 1])
np.corrcoef(x, y)
np.corrcoef(row, x[0])
np.median(x)
np.median(x, axis=0)
np.median(cube[..., :3], axis=(1, 2), keepdims=True)
np.quantile(x, 0.3)
np.quantile(x, [0.2, 0.9], axis=1)
np.quantile(row, 0.6, method="inverted_cdf", weights=[1.0, 2.0, 0.5])
np.percentile(x, 30, axis=1, method="nearest")
np.percentile(x, q=np.array([[10.0], [60.0]]))
np.nansum(x, axis=0)
np.nanprod(x)
np.nanmax(x, axis=1)
np.nanmin(x, initial=0.3)
np.nanmean(x, where=x > 1)
np.nanvar(x, axis=1, ddof=1)
np.nanstd(x, keepdims=True)
np.nanmedian(x, axis=1)
np.nanquantile(x, [0.2, 0.7], axis=0)
np.nanpercentile(x, 40)
np.cumsum(x)
np.cumsum(x, 1)
np.cumprod(x, axis=0)
np.cumulative_sum(x, axis=1, include_initial=True)
np.cumulative_prod(row)
np.nancumsum(x)
np.nancumprod(x, axis=1)
np.diff(x)
np.diff(x, 2, axis=1)
np.diff(x, axis=0, prepend=s, append=x[:1])
np.ediff1d(x, to_end=[1.0, 2.0], to_begin=s)
np.gradient(x)[1]
np.gradient(x, axis=1, edge_order=2)
np.gradient(x, 2.0, row)[1]
np.gradient(x, [0.0, 1.0, 3.0], axis=1, edge_order=2)
np.trapezoid(x)
np.trapezoid(y, x)
np.trapezoid(x, row, axis=1)
np.trapezoid(x, dx=s, axis=0)
np.add.reduce(x)
np.add.reduce(x, axis=1, keepdims=True)
np.add.reduce(x, initial=3.0, where=x > 1)
np.multiply.reduce(x, axis=None)
np.maximum.reduce(x, axis=1)
np.fmax.reduce(x)
np.logaddexp.reduce(x)
np.logaddexp.reduce(x, axis=None)
np.logaddexp.reduce(cube, axis=(0, -1), keepdims=True)
np.lib.stride_tricks.sliding_window_view(x, 2, axis=1)
np.lib.stride_tricks.sliding_window_view(cube, (1, 2, 2))
np.lib.stride_tricks.sliding_window_view(row, (2, 2), axis=(0, -1))
np.add.accumulate(x)
np.multiply.accumulate(x, axis=1)
np.maximum.accumulate(x, axis=1)
np.minimum.accumulate(cube[::-1])
np.linspace(s, 3.0, 5)
np.linspace(row, 4.0, 3, endpoint=False, retstep=True)[1]
np.linspace(0.0, row, 4, axis=1)
np.logspace(s, t, 4, base=2.0)
np.geomspace(s, t, num=4)
np.geomspace(row, 8.0, 3, axis=-1)
np.polyval(row, x)
np.polyval([1.0, 2.0], x)
np.polyadd(row, x[0, :2])
np.polysub(1.0, row)
np.polyder(row)
np.polyint(row, 2, [1.0, 2.0])
np.vander(row, 4)
np.vander(row, increasing=True)
"""

PREDICATES = """
np.equal(x, y)
np.not_equal(x, 1.25)
np.less(x, y)
np.less_equal(row, column)
np.greater(x, 1)
np.greater_equal(s, t)
np.isnan(x)
np.isinf(s)
np.isfinite(x)
np.any(x > 1)
np.any(x > 1, axis=0)
np.all(x > 1, 1, keepdims=True)
np.sign(x - 1)
np.logical_and(x > 1, y > 1)
np.logical_not(x > 1)
np.logical_xor(x > 1, y > 1)
np.bitwise_xor(x > 1, y > 1)
np.signbit(x - 1)
np.floor_divide(x, 0.7)
np.divmod(x, 0.7)[0]
np.modf(x)[1]
np.fix(x)
np.round(x)
np.around(x, 1)
np.round(x, decimals=1)
np.imag(x)
np.zeros_like(x)
np.zeros_like(a=x)
np.ones_like(x, dtype=np.float32)
"""

QUESTIONS = """
np.shape(x)
np.ndim(s)
np.size(x)
np.size(x, 1)
np.result_type(x, np.float32)
np.allclose(x, y)
np.array_equal(x, x)
np.array_equal(x, y)
"""


def lines(block):
    return pytest.mark.parametrize("call", block.strip().splitlines())


def function_of_names(call):
    """The line as a function of the values that it names."""
    names = [name for name in VALUES if name in compile(call, call, "eval").co_names]
    return names, lambda *values: eval(call, {"np": np, "ag": ag, **dict(zip(names, values, strict=True))})


@lines(CALLS)
def test_values_are_numpys_own_and_gradients_agree_with_central_differences(call):
    names, f = function_of_names(call)
    arrays = [VALUES[name] for name in names]
    result = f(*(Tensor(a, requires_grad=True, name=n) for n, a in zip(names, arrays, strict=True)))
    assert type(result) is Tensor and result.requires_grad
    same(result.data, f(*arrays))
    if result.dtype == np.float64:
        assert ag.check_grads(f, arrays, order=2) < 1e-6


@lines(CALLS)
def test_constants_carry_no_graph(call):
    names, f = function_of_names(call)
    result = f(*(Tensor(VALUES[name]) for name in names))
    assert type(result) is Tensor and not result.requires_grad and result.primitive is None


@lines(CALLS)
def test_float32_is_kept_as_numpy_keeps_it(call):
    names, f = function_of_names(call)
    arrays = [VALUES[name].astype(np.float32) for name in names]
    tensors = [Tensor(a, requires_grad=True) for a in arrays]
    result = f(*tensors)
    same(result.data, f(*arrays))
    result.backward(np.ones(result.shape))
    assert {t.grad.dtype for t in tensors if t.grad is not None} == {np.dtype(np.float32)}


@lines(PREDICATES)
def test_what_has_no_derivative_gives_tensors_without_graph(call):
    names, f = function_of_names(call)
    arrays = [VALUES[name] for name in names]
    result = f(*(Tensor(a, requires_grad=True) for a in arrays))
    assert type(result) is Tensor and not result.requires_grad
    same(result.data, f(*arrays))


@lines(QUESTIONS)
def test_questions_about_a_value_are_answered_in_plain_python(call):
    names, f = function_of_names(call)
    arrays = [VALUES[name] for name in names]
    answer = f(*(Tensor(a, requires_grad=True) for a in arrays))
    assert type(answer) is type(f(*arrays)) and answer == f(*arrays)


INTEGERS = """
np.sum(n)
np.mean(n)
np.max(n, axis=0)
np.add(n, n)
np.divide(n, 2)
np.power(n, 2)
np.sqrt(n)
np.multiply(n, b)
np.where(b, n, 0)
np.sum(b)
np.square(n)
np.clip(n, 2, 4)
np.clip(n, 2, None)
np.concatenate([n, n])
n[0]
-n
"""


@lines(INTEGERS)
def test_integers_and_booleans_are_welcome_where_no_gradient_is_asked(call):
    arrays = {"n": np.arange(1, 7).reshape(2, 3), "b": np.array([True, False, True])}
    f = lambda values: eval(call, {"np": np, **values})
    result = f({name: Tensor(a) for name, a in arrays.items()})
    assert type(result) is Tensor and not result.requires_grad
    same(result.data, f(arrays))


def test_an_integer_constant_beside_a_parameter_has_no_gradient_and_stops_none():
    n, w = Tensor(np.arange(1, 4)), Tensor([0.5, 1.0, 1.5], requires_grad=True)
    np.sum(w * n).backward()
    assert n.grad is None and w.grad.numpy().tolist() == [1, 2, 3]


# Refusals -------------------------------------------------------------------------------------------------------


@pytest.fixture
def w():
    return Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="w")


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda w: np.linalg.eig(w), "np.linalg.eig"),
        (lambda w: np.sort_complex(w), "np.sort_complex"),
        (lambda w: np.fft.fft(w), "np.fft.fft"),
        (lambda w: np.emath.sqrt(w), "np.emath.sqrt"),
        (lambda w: np.spacing(w), "np.spacing"),
        (lambda w: np.histogram(w), "np.histogram"),
        (lambda w: np.subtract.reduce(w), "np.subtract.reduce"),
        (lambda w: np.subtract.accumulate(w), "np.subtract.accumulate"),
        (lambda w: np.add.reduceat(w, [0]), "np.add.reduceat"),
        (lambda w: np.add.at(np.zeros(2), [0], w), "np.add.at"),
        (lambda w: np.copyto(np.zeros((2, 2)), w), "np.copyto"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_function_without_a_derivative_is_refused_and_the_message_names_the_ways_out(w, call, name):
    with refused(TypeError, w, saying=[name, "no derivative", "ag.primitive", ".numpy()"]):
        call(w)


@pytest.mark.parametrize(
    "call",
    [
        lambda w, a: np.add(w, 1.0, out=a),
        lambda w, a: np.add(a, w, out=a),
        lambda w, a: np.sum(w, axis=0, out=a[0]),
        lambda w, a: np.matmul(w, w, out=a),
        lambda w, a: np.dot(w, w, out=a),
        lambda w, a: np.clip(w, 0, 1, out=a),
        lambda w, a: np.concatenate([w, w], out=np.zeros((4, 2))),
        lambda w, a: a.__iadd__(w),
    ],
    ids=["add", "reflected", "sum", "matmul", "dot", "clip", "concatenate", "a += t"],
)
def test_writing_a_tensor_into_an_array_is_refused(w, call):
    a = np.zeros((2, 2))
    with refused(TypeError, w, saying=["out=", "use the result that is returned"]):
        call(w, a)
    assert not a.any()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda w, a: np.add(a, a, out=w), "np.add"),
        (lambda w, a: np.add(a, a, w), "np.add"),
        (lambda w, a: np.exp(w, out=(w,)), "np.exp"),
        (lambda w, a: np.matmul(a, a, out=w), "np.matmul"),
        (lambda w, a: np.sum(a, axis=0, out=w), "np.sum"),
        (lambda w, a: np.concatenate([a[:1], a[1:]], out=w), "np.concatenate"),
    ],
)
def test_writing_into_a_tensor_by_out_is_refused(w, call, name):
    with refused(TypeError, w, saying=[f"{name} with out=Tensor 'w'", "(2, 2)", f"w = {name}(…)", "w.data"]):
        call(w, np.ones((2, 2)))


@pytest.mark.parametrize(
    "call",
    [
        lambda w, a: np.copyto(w, a),
        lambda w, a: np.put(w, [0], 1.0),
        lambda w, a: np.place(w, a > 0, [1.0]),
        lambda w, a: np.putmask(w, a > 0, 1.0),
        lambda w, a: np.fill_diagonal(w, 0.0),
        lambda w, a: np.put_along_axis(w, np.zeros((2, 1), int), 0.0, 1),
        lambda w, a: np.add.at(w, [0], 1.0),
    ],
    ids=["copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "add.at"],
)
def test_functions_that_write_into_a_tensor_are_refused(w, call):
    with refused(TypeError, w, saying=["'w' float64 (2, 2)", "it writes into its argument", "build the new value"]):
        call(w, np.ones((2, 2)))


@pytest.mark.parametrize(
    "call",
    [
        lambda w, a: np.copyto(a, w),
        lambda w, a: np.put(a, [0], w[0, 0]),
        lambda w, a: np.place(a, a > 0, w),
        lambda w, a: np.putmask(a, a == 0, w),
        lambda w, a: np.fill_diagonal(a, w[0]),
        lambda w, a: np.put_along_axis(a, np.zeros((2, 1), int), w[:, :1], 1),
        lambda w, a: np.add.at(a, [0], w[0]),
        lambda w, a: a.__setitem__(0, w[0]),
        lambda w, a: a.__setitem__((0, 0), w[0, 0]),
    ],
    ids=["copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "add.at", "a[0]", "a[0, 0]"],
)
def test_functions_that_would_write_a_tensor_into_an_array_are_refused(w, call):
    a = np.zeros((2, 2))
    with refused((TypeError, ValueError), w, saying=[]):
        call(w, a)
    assert not a.any()


def test_where_of_a_ufunc_is_refused_since_it_leaves_entries_without_a_value(w):
    with refused(TypeError, w, saying=["np.add", "where", "np.where"]):
        np.add(w, 1.0, where=np.array([True, False]))
    assert np.array_equal(np.add(w, 1.0, where=True).numpy(), w.numpy() + 1.0)


def test_dtype_of_a_ufunc_is_what_it_computes_in(w):
    y = np.exp(w, dtype=np.float32)
    same(y.data, np.exp(w.numpy(), dtype=np.float32))
    y.backward(np.ones((2, 2)))
    assert w.grad.dtype == np.float64
    with refused(TypeError, w, saying=["np.exp", "dtype", "float64", "int64", "same_kind"]):
        np.exp(w, dtype=np.int64)


@pytest.mark.parametrize(
    "call", [lambda w: np.add.reduce(w), lambda w: np.maximum.reduce(w, axis=1), lambda w: np.multiply.outer(w, w[0])]
)
def test_methods_of_ufuncs_are_the_functions_that_they_stand_for(w, call):
    same(call(w).data, call(w.numpy()))
    assert ag.check_grads(call, [np.array([[1.0, 2.5], [3.25, 5.0]])]) < 1e-6


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda w, v: np.add(w, v), ["add", "'w'", "(2, 2)", "'v'", "(3,)", "np.expand_dims"]),
        (lambda w, v: np.where(w > 0, w, v), ["where", "'w'", "(2, 2)", "'v'", "(3,)", "broadcast"]),
        (lambda w, v: np.matmul(w, v), ["matmul", "'w'", "(2, 2)", "'v'", "(3,)", ".T"]),
        (lambda w, v: np.dot(w, v), ["'w'", "(2, 2)", "'v'", "(3,)"]),
        (lambda w, v: np.concatenate([w, v]), ["concatenate", "'w'", "(2, 2)", "'v'", "(3,)"]),
        (lambda w, v: np.stack([w, v]), ["stack", "'w'", "(2, 2)", "'v'", "(3,)", "np.concatenate"]),
        (lambda w, v: np.reshape(v, (2, 2)), ["reshape", "'v'", "(3,)", "(2, 2)"]),
        (lambda w, v: np.broadcast_to(v, (2, 2)), ["broadcast_to", "'v'", "(3,)", "(2, 2)"]),
        (lambda w, v: np.squeeze(w, axis=0), ["squeeze", "'w'", "(2, 2)", "axis=0"]),
        (lambda w, v: np.sum(w, axis=2), ["sum", "'w'", "(2, 2)", "axis=2"]),
        (lambda w, v: np.transpose(v, (0, 1)), ["transpose", "'v'", "(3,)", "axes=(0, 1)"]),
        (lambda w, v: np.clip(w, v, 1), ["clip", "'w'", "(2, 2)", "'v'", "(3,)"]),
    ],
)
def test_shapes_that_do_not_fit_are_refused_by_operation_names_shapes_and_way_out(w, call, words):
    v = Tensor([1.0, 2.0, 3.0], name="v")
    with refused(ValueError, w, v, saying=words):
        call(w, v)


def test_arguments_that_numpy_does_not_know_are_refused(w):
    with refused(TypeError, w, saying=["sum", "axes"]):
        np.sum(w, axes=0)
    with refused(TypeError, w, saying=["exp"]):
        np.exp(w, 1, 2, 3)


def test_an_array_of_objects_beside_a_tensor_is_refused(w):
    objects = np.array([[1.0, 2.0], [3.0, None]], dtype=object)
    for call in (np.add, np.multiply, np.maximum, np.matmul):
        with refused(TypeError, w, saying=[call.__name__, "'w'", "object"]):
            call(w, objects)


def test_complex_results_of_a_parameter_are_refused(w):
    with refused(TypeError, w, saying=["multiply", "'w'", "complex128", ".detach()"]):
        np.multiply(w, 1j)


def test_a_tensor_in_a_list_of_numbers_is_never_walked_entry_by_entry():
    parts = [Tensor(float(i), requires_grad=True) for i in range(3)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with refused(TypeError, *parts, saying=["np.stack"]):
            np.array(parts)
        with refused(TypeError, *parts, saying=["np.stack"]):
            np.sum(parts)


def test_an_unknown_option_is_answered_by_those_there_are():
    t = Tensor([1.0, 2.0], name="t")
    for call, option in ((lambda: t.mean(order="C"), "order="), (lambda: t.max(ddof=1), "ddof=")):
        with refused(TypeError, t, saying=["('t' float64 (2,)", option, "there are axis"]):
            call()


def test_a_primitive_of_the_users_own_can_be_registered_again():
    try:
        for factor in (1, 2):  # as when a notebook's cell runs twice
            ag.primitive(np.spacing, lambda g, y, x, factor=factor: factor * g)
            t = Tensor(1.0, requires_grad=True)
            np.spacing(t).backward()
            assert t.grad.item() == factor
    finally:
        by_numpy_function.pop(np.spacing, None)
    for taken in (np.exp, np.dot, np.amax):
        with pytest.raises(ValueError, match="has a primitive already"):
            ag.primitive(taken, lambda g, y, x: g)
