"""What holds for every row of the table: a new row is tested by being there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nn.functional
from autograd import Tensor, check_grads, detect_anomaly
from autograd.nested import leaves, mapped
from autograd.primitives import Primitive, arithmetic, products, reductions, results, rows, shapes
from autograd.primitives.answers import compositions
from tests.support import along, same

ROWS = (*rows, *nn.functional.rows)
TABLE = (*ROWS, *compositions)


class Sample:
    """A row, or a composition of rows, called on one of its samples, as a function of the sample's arrays alone.

    A sample is a tuple of arguments, which may be lists of arrays; a dict at its end holds options. Several results are
    joined to one vector.
    """

    def __init__(self, row, sample):
        *arguments, last = sample if isinstance(sample, tuple) else (sample,)
        self.options = last if isinstance(last, dict) else {}
        self.arguments = arguments if isinstance(last, dict) else [*arguments, last]
        self.row = row
        self.inputs = [np.asarray(x) for x in leaves(self.arguments)]

    def __call__(self, *inputs):
        results = list(leaves(self.call(self.row, inputs)))
        if len(results) == 1:
            return results[0]
        return np.concatenate([np.reshape(x, -1) for x in results if x.dtype.kind == "f"])

    def call(self, function, inputs):
        fresh = iter(inputs)
        arguments = mapped(lambda old: next(fresh), self.arguments)
        if function is np.astype:  # takes its dtype by position only
            return function(*arguments, *self.options.values())
        if self.row.numpy_function is np.einsum and not isinstance(function, Primitive):  # its subscripts come first
            subscripts, *further = self.options.values()
            return function(subscripts, *leaves(arguments), optimize=bool(further))
        return function(*arguments, **self.options)

    @property
    def real(self):
        """Which inputs a gradient can be asked of."""
        return [i for i, x in enumerate(self.inputs) if x.dtype.kind == "f"]

    def gradients(self, inputs, g, create_graph=False):
        """The gradients of this call by its real inputs, for the gradient `g` that arrives."""
        tensors = [Tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
        y = self(*tensors)
        y.backward(np.asarray(g, y.dtype), create_graph=create_graph)
        return [tensors[i].grad if tensors[i].grad is not None else Tensor(np.zeros_like(inputs[i])) for i in self.real]


def _samples(wanted):
    for row in TABLE:
        if row.samples is not None and wanted(row):
            for number, sample in enumerate(row.samples(np.random.default_rng(0))):
                yield pytest.param(Sample(row, sample), id=f"{row.__name__}-{number}")


every_sample = pytest.mark.parametrize("sample", list(_samples(lambda row: True)))
every_differentiable_sample = pytest.mark.parametrize("sample", list(_samples(lambda row: row.differentiable)))


def incoming(sample, *inputs):
    """A random gradient of the shape of the result."""
    rng = np.random.default_rng(1)
    shape = np.shape(sample(*(inputs or sample.inputs)))
    return rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.__name__)
def test_every_row_has_samples(row):
    assert row.samples is not None, f"{row.__name__} has no samples: nothing would test its rules"
    assert list(row.samples(np.random.default_rng(0)))


@every_differentiable_sample
def test_gradients_agree_with_central_differences(sample):
    assert check_grads(sample, sample.inputs) < 1e-6


@every_differentiable_sample
def test_second_gradients_agree_with_central_differences_also_by_way_of_the_arriving_gradient(sample):
    # The square makes the gradient that arrives at the row depend on the inputs.
    assert check_grads(lambda *x: np.square(sample(*x)), sample.inputs, order=2) < 1e-6


@every_differentiable_sample
def test_a_rule_recorded_on_tensors_gives_the_numbers_that_it_gives_on_arrays(sample):
    inputs = [x[()] for x in sample.inputs]
    g = incoming(sample)
    for recorded, plain in zip(sample.gradients(inputs, g, True), sample.gradients(inputs, g), strict=True):
        same(recorded.data, plain.data)


@every_differentiable_sample
def test_values_and_gradients_are_the_same_under_detect_anomaly(sample):
    g = incoming(sample)
    plain = sample.gradients(sample.inputs, g)
    with detect_anomaly():
        watched = sample.gradients(sample.inputs, g)
    for a, b in zip(plain, watched, strict=True):
        same(a.data, b.data)


@every_differentiable_sample
def test_float32_stays_float32_as_in_numpy(sample):
    narrow = [x.astype(np.float32)[()] if x.dtype.kind == "f" else x for x in sample.inputs]
    wanted = sample.row.forward if sample.row.numpy_function is None else sample.row.numpy_function
    expected = [np.asarray(x).dtype for x in leaves(sample.call(wanted, narrow))]
    assert [x.dtype for x in leaves(sample.call(sample.row, list(map(Tensor, narrow))))] == expected
    for i, gradient in zip(sample.real, sample.gradients(narrow, incoming(sample)), strict=True):
        assert (gradient.dtype, gradient.shape) == (np.float32, sample.inputs[i].shape)


@every_differentiable_sample
def test_operands_of_two_precisions_get_gradients_of_their_own(sample):
    mixed = [x.astype(np.float32) if i == sample.real[0] else x for i, x in enumerate(sample.inputs)]
    for i, gradient in zip(sample.real, sample.gradients(mixed, incoming(sample)), strict=True):
        assert gradient.dtype == mixed[i].dtype


def _spread(x):
    """The same values with strides of their own: every second entry along each axis of a larger array."""
    wide = np.full([2 * length for length in x.shape], np.nan)
    view = wide[tuple(slice(None, None, 2) for _ in x.shape)]
    view[...] = x
    return view


def _reversed(x):
    return np.flip(np.flip(x).copy())


def _read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


LAYOUTS = {
    "every second entry": _spread,
    "negative strides": _reversed,
    "Fortran order": lambda x: np.array(x, order="F"),
    "read-only": _read_only,
    "big-endian": lambda x: x.astype(">f8"),
}


@every_differentiable_sample
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_in_memory_does_not_matter(sample, layout):
    laid_out = [LAYOUTS[layout](x) if x.ndim and x.dtype.kind == "f" else x for x in sample.inputs]
    g = incoming(sample)
    close = {"rtol": 1e-13, "atol": 1e-15}  # NumPy may sum in another order
    actual, plain = (sample(*map(Tensor, inputs)).numpy() for inputs in (laid_out, sample.inputs))
    np.testing.assert_allclose(actual, plain, **close)
    for actual, plain in zip(sample.gradients(laid_out, g), sample.gradients(sample.inputs, g), strict=True):
        np.testing.assert_allclose(actual.numpy(), plain.numpy(), **close)
    for before, after in zip(sample.inputs, laid_out, strict=True):
        assert np.array_equal(before, after), "an input was written to"


@every_sample
def test_the_result_is_numpys_own(sample):
    if sample.row.numpy_function is None:
        return
    for inputs in (sample.inputs, [x[()] for x in sample.inputs]):
        expected = list(leaves(sample.call(sample.row.numpy_function, inputs)))
        for called in (sample.row.numpy_function, sample.row):
            found = list(leaves(sample.call(called, [Tensor(x) for x in inputs])))
            for result, numpys in zip(found, expected, strict=True):
                assert type(result) is Tensor
                same(np.asarray(result.data)[()], np.asarray(numpys)[()])
                # A scalar stays a scalar, also where NumPy's function makes a 0-d array of it.
                assert isinstance(result.data, np.ndarray) or np.ndim(numpys) == 0


@every_sample
def test_without_a_tensor_the_result_is_none(sample):
    if sample.row in ROWS:  # a composition is only called with Tensors
        assert not isinstance(sample(*sample.inputs), Tensor)


@every_sample
def test_a_result_carries_a_graph_just_where_a_gradient_can_flow(sample):
    y = sample(*(Tensor(x, requires_grad=x.dtype.kind == "f") for x in sample.inputs))
    if sample.row in ROWS:
        assert y.requires_grad == sample.row.differentiable
        several = isinstance(sample.row, results.SeveralResults)
        assert y.primitive is sample.row or several or not sample.row.differentiable
    constant = sample(*map(Tensor, sample.inputs))
    assert not constant.requires_grad and constant.primitive is None


# Random shapes ------------------------------------------------------------------------------------------------

seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@given(
    row=st.sampled_from([row for row in vars(arithmetic).values() if row in rows]),
    shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, min_side=0, max_side=3),
    rng=seeds,
)
def test_any_two_shapes_that_broadcast(row, shapes, rng):
    # Far enough apart that no step of a difference crosses a tie.
    a, b = (rng.uniform(low, low + 0.5, shape) for low, shape in zip((0.5, 1.1), shapes.input_shapes, strict=True))
    along(row, [a, b], rng)


@given(shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3), keepdims=st.booleans(), data=st.data())
@pytest.mark.parametrize(
    "row", [reductions.sum, reductions.mean, reductions.max, reductions.min], ids=lambda r: r.__name__
)
def test_any_axes_of_a_reduction(row, shape, keepdims, data):
    axis = data.draw(
        st.none() | hnp.valid_tuple_axes(len(shape)) | st.sampled_from([*range(-len(shape), len(shape)), ()])
    )
    rng = data.draw(seeds)
    x = rng.permutation(np.arange(float(np.prod(shape)))).reshape(shape)  # no ties

    def reduced(t):
        return row(t, axis=axis, keepdims=keepdims)

    assume(x.size or row is not reductions.mean)  # NumPy warns of the mean of nothing
    try:
        expected = getattr(np, row.__name__)(x, axis=axis, keepdims=keepdims)
    except ValueError:  # the largest of nothing
        with pytest.raises(ValueError, match="no identity"):
            reduced(Tensor(x[()]))
    else:
        same(np.asarray(reduced(Tensor(x[()])).data), np.asarray(expected))
        along(reduced, [x], rng)


@given(data=st.data(), shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4), rng=seeds)
def test_any_basic_index(data, shape, rng):
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True, max_dims=6))
    x = Tensor(rng.normal(size=shape), requires_grad=True)
    y = x[index]
    assert np.array_equal(y.numpy(), x.numpy()[index])
    g = rng.normal(size=y.shape)
    expected = np.zeros(shape)
    expected[index] = g
    y.backward(g)
    same(np.asarray(x.grad.data), expected)


@given(data=st.data(), shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4), rng=seeds)
def test_any_index_by_integer_arrays_adds_up_what_is_taken_twice(data, shape, rng):
    index = data.draw(hnp.integer_array_indices(shape))
    x = Tensor(rng.normal(size=shape), requires_grad=True)
    y = x[index]
    g = rng.normal(size=y.shape)
    expected = np.zeros(shape)
    np.add.at(expected, index, g)
    y.backward(g)
    np.testing.assert_allclose(x.grad.numpy(), expected)


@given(
    shapes=hnp.mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, min_side=0, max_side=3),
    rng=seeds,
)
def test_any_two_shapes_that_matmul_takes(shapes, rng):
    a, b = (rng.normal(size=shape) for shape in shapes.input_shapes)
    assert np.array_equal(np.matmul(Tensor(a), Tensor(b)).numpy(), np.matmul(a, b))
    along(np.matmul, [a, b], rng)


@given(data=st.data(), left=st.integers(0, 3), right=st.integers(0, 3), rng=seeds)
def test_any_two_shapes_that_dot_takes(data, left, right, rng):
    lengths = st.integers(0, 3)
    a_shape = tuple(data.draw(lengths) for _ in range(left))
    b_shape = [data.draw(lengths) for _ in range(right)]
    if a_shape and b_shape:
        b_shape[max(right - 2, 0)] = a_shape[-1]
    a, b = rng.normal(size=a_shape), rng.normal(size=b_shape)
    np.testing.assert_allclose(np.dot(Tensor(a), Tensor(b)).numpy(), np.dot(a, b), rtol=1e-13)
    along(products.dot, [a, b], rng)


@given(data=st.data(), shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3), rng=seeds)
def test_any_order_of_axes(data, shape, rng):
    axes = data.draw(st.none() | st.permutations(range(len(shape))).map(tuple))
    if axes and data.draw(st.booleans()):
        axes = tuple(axis - len(shape) for axis in axes)
    x = rng.normal(size=shape)
    assert np.array_equal(np.transpose(Tensor(x), axes).numpy(), np.transpose(x, axes))
    along(lambda t: shapes.transpose(t, axes=axes), [x], rng)


@given(
    data=st.data(),
    shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3),
    count=st.integers(1, 4),
    rng=seeds,
)
@pytest.mark.parametrize("join", [np.concatenate, np.stack], ids=lambda join: join.__name__)
def test_any_number_of_arrays_joined_along_any_axis(join, data, shape, count, rng):
    ndim = len(shape) + (join is np.stack)
    axis = data.draw(st.integers(-ndim, ndim - 1))
    arrays = [rng.normal(size=shape) for _ in range(count)]
    assert np.array_equal(join([Tensor(a) for a in arrays], axis=axis).numpy(), join(arrays, axis=axis))
    along(lambda *tensors: join(tensors, axis=axis), arrays, rng)


# Where a derivative has a choice --------------------------------------------------------------------------------


def gradient_of(f, x):
    t = Tensor(x, requires_grad=True)
    np.sum(f(t)).backward()
    return t.grad.numpy().tolist()


def test_entries_that_tie_for_an_extreme_share_the_gradient_evenly():
    assert gradient_of(np.max, [1.0, 3.0, 3.0, 2.0]) == [0, 0.5, 0.5, 0]
    assert gradient_of(np.min, [[1.0, 1.0], [1.0, 1.0]]) == [[0.25, 0.25], [0.25, 0.25]]
    assert gradient_of(lambda t: np.maximum(t, 2.0), [1.0, 2.0, 3.0]) == [0, 0.5, 1]
    assert gradient_of(lambda t: np.minimum(t, t), [1.0, 2.0]) == [1, 1]


def test_powers_of_zero_have_finite_gradients():
    assert gradient_of(lambda t: t**0, [0.0, 2.0]) == [0, 0]
    assert gradient_of(lambda t: t**0.0, [0.0, 2.0]) == [0, 0]
    assert gradient_of(lambda t: t**1, [0.0, 2.0]) == [1, 1]
    assert gradient_of(lambda t: t**3, [0.0, -2.0]) == [0, 12]
    assert gradient_of(lambda t: 0.0**t, [2.0, 0.5]) == [0, 0]


def test_absolute_has_gradient_zero_at_zero():
    assert gradient_of(np.abs, [-2.0, 0.0, 3.0]) == [-1, 0, 1]


def test_where_lets_no_nan_of_the_branch_not_taken_through():
    with np.errstate(all="ignore"):
        x = Tensor([1.0, 4.0], requires_grad=True)
        np.sum(np.where(x > 2, np.sqrt(x), 0.0)).backward()
    assert x.grad.numpy().tolist() == [0, 0.25]


def test_nothing_passes_clip_outside_of_its_limits():
    assert gradient_of(lambda t: np.clip(t, -1, 1), [-2.0, -1.0, 0.0, 1.0, 2.0]) == [0, 1, 1, 1, 0]


def test_clip_with_crossed_limits_is_high_and_so_is_the_gradient():
    x, low, high = (Tensor(v, requires_grad=True) for v in (np.array([0.0, 1.0, 4.0, 6.0]), 5.0, 3.0))
    y = np.clip(x, low, high)
    assert y.numpy().tolist() == [3, 3, 3, 3]
    np.sum(y).backward()
    assert x.grad.numpy().tolist() == [0, 0, 0, 0] and low.grad.item() == 0 and high.grad.item() == 4


@pytest.mark.parametrize("row", rows, ids=lambda row: row.__name__)
def test_every_row_says_in_a_sentence_what_it_does(row):
    assert len(row.__doc__) > 10 and f"{row.__name__}(" not in row.__doc__.split("\n")[0]
