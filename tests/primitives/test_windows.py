"""Windows: what NumPy gives, a convolution by them, their gradients where they overlap, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd as ag
from autograd import Tensor
from tests.support import along, refused, same

view = np.lib.stride_tricks.sliding_window_view
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@given(shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4), data=st.data(), rng=seeds)
def test_any_windows(shape, data, rng):
    axes = data.draw(st.lists(st.integers(-len(shape), len(shape) - 1), unique_by=lambda i: i % len(shape)))
    sizes = tuple(data.draw(st.integers(0, shape[i])) for i in axes)
    x = rng.normal(size=shape)
    same(view(Tensor(x), sizes, tuple(axes)).data, view(x, sizes, tuple(axes)))
    along(lambda t: view(t, sizes, tuple(axes)), [x], rng)


def test_a_convolution_of_windows_and_einsum_has_gradients_of_two_orders():
    rng = np.random.default_rng(0)
    images, kernels = rng.normal(size=(2, 3, 5, 4)), rng.normal(size=(2, 3, 3, 2))
    convolved = lambda x, w: np.einsum("nchwij,ocij->nohw", view(x, (3, 2), axis=(2, 3)), w)
    assert ag.check_grads(convolved, (images, kernels), order=2) < 1e-6


def test_an_entry_gets_a_gradient_from_every_window_it_is_in_in_its_own_dtype():
    for dtype in (np.float16, np.float32, np.float64):
        t = Tensor(np.arange(5, dtype=dtype), requires_grad=True)
        view(t, 3).sum().backward()
        same(t.grad.numpy(), np.array([1, 2, 3, 2, 1], dtype))


@pytest.mark.parametrize(
    ("kind", "call", "saying"),
    [
        (ValueError, lambda t: view(t, 9), ["sliding_window_view", "'t'", "(4,)", "larger"]),
        (ValueError, lambda t: view(t, (2, 2)), ["sliding_window_view", "'t'", "matching length"]),
        (np.exceptions.AxisError, lambda t: view(t, 2, axis=3), ["axis 3"]),
        (TypeError, lambda t: view(t, 2, writeable=True), ["writeable", "ag.at"]),
    ],
)
def test_windows_that_cannot_be_are_refused(kind, call, saying):
    t = Tensor(np.arange(4.0), requires_grad=True, name="t")
    with refused(kind, t, saying=saying):
        call(t)
