"""Graphs of arrays built at random: every printed formula, also in full, is the gradient that the engine computes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from autograd.derivation import writing
from autograd.derivation.depths import in_full
from autograd.derivation.display import displayed
from autograd.derivation.evaluate import evaluated
from autograd.derivation.steps import steps
from autograd.derivation.verify import verify

OPERATIONS = (
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / y,
    lambda x, y: x @ y if x.ndim and y.ndim else -x,
    lambda x, y: 3 * x,
    lambda x, y: x**2,
    lambda x, y: np.exp(0.3 * x),
    lambda x, y: np.tanh(x),
    lambda x, y: np.sqrt(x**2 + 1),
    lambda x, y: x.sum(axis=-1, keepdims=True),
    lambda x, y: x.sum(axis=0),
    lambda x, y: x.mean(axis=-1, keepdims=True),
    lambda x, y: x.max(axis=-1),
    lambda x, y: x / x.sum(axis=-1, keepdims=True),
    lambda x, y: np.where(x > 0, x, 0.5 * y),
    lambda x, y: x / np.sqrt(x.var(axis=-1, keepdims=True) + 0.1),
    lambda x, y: y / np.linalg.norm(x),
)


def leaves():
    rng = np.random.default_rng(5)
    for name, shape in {"A": (2, 3), "b": (3,), "c": (2, 1), "s": (), "v": (2,)}.items():
        yield Tensor((rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape))[()], requires_grad=True, name=name)
    yield Tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], name="t")


def usable(value):
    return value.size and np.isfinite(value.data).all() and np.abs(value.data).max() < 1e4


@given(st.lists(st.tuples(st.sampled_from(OPERATIONS), *[st.integers(0, 11)] * 2), min_size=3, max_size=8))
def test_what_is_printed_is_what_was_computed(program):
    values = list(leaves())
    with np.errstate(all="ignore"):
        for operation, i, j in program:
            try:
                made = operation(values[i % len(values)], values[j % len(values)])
            except ValueError:  # shapes that do not fit
                continue
            if usable(made):
                values.append(made)
        result = np.sum(values[-1]) + 2 * np.sum(values[-2]) + 3 * np.sum(values[-3])
        if not result.requires_grad:
            return
        derived = steps(result)
        wrong = [check for check in verify(derived).checks if check.twin is None or check.twin > 1e-9]
        assert not wrong, wrong
        for step in derived.steps:
            for symbol, tree in in_full(derived, step):
                exact = np.asarray(symbol.value)
                shown = displayed(tree)
                found = np.broadcast_to(evaluated(writing.source(shown), shown), exact.shape)
                np.testing.assert_allclose(found, exact, rtol=1e-8, atol=1e-8 * max(1.0, np.abs(exact).max()))
