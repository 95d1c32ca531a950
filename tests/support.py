"""What several test files share: refusals that change nothing, derivatives along a direction, exact comparison."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
import pytest

from autograd import Tensor


def lacking(said: str) -> NoReturn:
    """Skip the test, for want of a program or library outside Python; where .ci/run runs, fail it."""
    if os.environ.get("GLASSGRAD_TOOLS") == "required":
        pytest.fail(said)
    pytest.skip(said)


def need_cairo() -> None:
    """Skip or fail the test where no PNG can be made."""
    try:
        import cairosvg  # noqa: F401
    except (ImportError, OSError) as missing:  # the package, or the system's library
        lacking(str(missing))


@contextmanager
def refused(
    kind: type[Exception] | tuple[type[Exception], ...], *tensors: Tensor, saying: Sequence[str]
) -> Iterator[None]:
    """The block raises `kind` (or one of them), the message has all of `saying`, and the Tensors are as they were."""
    before = [_state(t) for t in tensors]
    with pytest.raises(kind) as caught:
        yield
    message = str(caught.value)
    missing = [words for words in saying if words not in message]
    assert not missing, f"{missing} not in the message: {message}"
    assert [_state(t) for t in tensors] == before


def _state(t: Tensor) -> tuple[Any, ...]:
    data = np.asarray(t.data)
    grad = None if t.grad is None else (id(t.grad), t.grad.numpy().tobytes())
    return id(t.data), data.tobytes(), data.dtype, data.shape, t.requires_grad, t.name, grad, t.primitive


def same(actual: Any, expected: Any) -> None:
    """The same type, dtype, shape and bits (any NaN equals any other)."""
    assert type(actual) is type(expected), f"{type(actual).__name__} instead of {type(expected).__name__}"
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(actual, expected)


def along(f: Callable[..., Any], inputs: Sequence[Any], rng: np.random.Generator, step: float = 1e-5) -> None:
    """The gradients of f, weighted at random, agree with central differences along a random direction of each."""
    tensors = [Tensor(np.asarray(x)[()], requires_grad=True) for x in inputs]
    out = f(*tensors)
    weights = rng.uniform(0.5, 1.5, out.shape) * rng.choice([-1.0, 1.0], out.shape)
    out.backward(weights)
    for i, t in enumerate(tensors):
        assert t.grad is not None and t.grad.shape == t.shape and t.grad.dtype == t.dtype
        direction = rng.uniform(-1, 1, t.shape)
        ends = []
        for side in (step, -step):
            moved = [x if j != i else np.asarray(x) + side * direction for j, x in enumerate(inputs)]
            ends.append(np.sum(weights * f(*(Tensor(np.asarray(x)[()]) for x in moved)).numpy()))
        expected = (ends[0] - ends[1]) / (2 * step)
        np.testing.assert_allclose(np.sum(t.grad.numpy() * direction), expected, rtol=1e-6, atol=1e-7)
