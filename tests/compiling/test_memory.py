"""Large arrays of a program: written over at their last use, given back after it, never while somebody needs them."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd.compiling.memory import LARGE

N = LARGE // 8


def source(f, *args):
    compiled = ag.compile(f)
    compiled(*args)
    return compiled.source()


def test_what_is_needed_no_more_is_written_over_and_small_arrays_are_not():
    def f(x):
        return np.tanh(np.exp(x) + x)

    assert "v2 = np.add(v1, x, out=v1)" in source(f, np.ones(N)) and "out=" not in source(f, np.ones(4))


def test_arguments_and_results_are_never_written_over():
    def f(x):
        y = np.exp(x)
        return y, np.tanh(y)

    assert "out=" not in source(f, np.ones(N))


def test_an_array_is_not_written_over_while_a_view_of_it_is_needed():
    def f(x):
        y = np.exp(x)
        tail = y[1:]
        z = y * 2.0
        return z[1:] + tail

    compiled, x = ag.compile(f), np.linspace(0, 1, N)
    compiled(x)
    assert np.array_equal(compiled(x), f(x))
    assert "z = y * 2.0" in compiled.source()


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.exp(np.broadcast_to(np.sin(x), (3, N))),
        lambda x: np.exp(np.sin(x).reshape(2, -1).T),
        lambda x: np.exp(np.lib.stride_tricks.sliding_window_view(np.sin(x), 1)),
        lambda x: np.exp(np.broadcast_arrays(np.sin(x), np.ones((3, 1)))[0]),
    ],
)
def test_views_are_not_written_to(f):
    compiled, x = ag.compile(f), np.linspace(0, 1, N)
    compiled(x)
    assert np.array_equal(compiled(x[::-1]), f(x[::-1])) and "out=" not in compiled.source()


def test_what_may_be_a_view_of_two_arrays_is_deleted_once():
    def f(x):
        a, b = np.exp(x), np.sin(x)
        return np.hstack([a, b]).sum() + b.sum()

    compiled, x = ag.compile(f), np.ones(N)
    compiled(x)
    assert compiled(2 * x) == f(2 * x)


def test_memory_does_not_grow_with_the_number_of_steps():
    def f(x):
        for _ in range(20):
            x = np.concatenate([x[1:], x[:1]]) * 1.5
        return x

    compiled, x = ag.compile(f), np.ones(100_000)
    compiled(x)
    tracemalloc.start()
    compiled(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * x.nbytes


UNARY = (np.tanh, np.sin, np.negative, lambda a: a.T, lambda a: a[::-1], lambda a: a.reshape(-1).reshape(a.shape))
BINARY = (np.add, np.multiply, np.subtract, np.maximum, np.matmul, lambda a, b: np.where(a > b, a, b))


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=30))
def test_random_programs_give_what_the_functions_give(steps):
    def f(x):
        values = [x]
        for kind, i, j in steps:
            a, b = values[i % len(values)], values[j % len(values)]
            values.append(UNARY[kind](a) if kind < 6 else np.tanh(BINARY[kind - 6](a, b)))
        return values[-1], values[len(values) // 2]

    side = int(np.ceil(np.sqrt(N)))
    x = np.random.default_rng(0).normal(size=(side, side))
    compiled = ag.compile(f)
    compiled(x)
    other = x[::-1]
    for a, b in zip(compiled(other), f(other), strict=True):
        np.testing.assert_allclose(a, b, 1e-12, 1e-12)
