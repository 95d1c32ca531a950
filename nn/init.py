"""Where a network starts: functions `(shape, rng) -> ndarray` of float64.

The shape is a weight's, (inputs, outputs), or a bias's, (outputs,); `rng` is a np.random.Generator or the legacy
np.random.RandomState. The functions that scale by the number of inputs give zeros for a bias, as their papers do.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np

__all__ = ["kaiming_uniform", "normal", "uniform", "xavier_uniform", "zeros"]

Init = Callable[[tuple[int, ...], Any], np.ndarray]


def __dir__() -> list[str]:
    return __all__


def zeros(shape: tuple[int, ...], rng: Any = None) -> np.ndarray:
    """Zeros of that shape, float64. For weights of hidden layers no start to learn from: all units then stay equal.

    >>> zeros((2,))
    array([0., 0.])
    """
    return np.zeros(shape)


def normal(shape: tuple[int, ...], rng: Any) -> np.ndarray:
    """Standard normal numbers, mean 0 and variance 1, biases too: what np.random.randn draws.

    Of any shape, float64.

    >>> normal((2,), np.random.RandomState(0))
    array([1.76405235, 0.40015721])
    """
    return np.asarray(rng.standard_normal(shape))


def uniform(shape: tuple[int, ...], rng: Any) -> np.ndarray:
    """Uniform between −1 and 1, biases too; of any shape, float64.

    >>> uniform((2,), np.random.RandomState(0))
    array([0.09762701, 0.43037873])
    """
    return np.asarray(rng.uniform(-1.0, 1.0, shape))


def kaiming_uniform(shape: tuple[int, ...], rng: Any) -> np.ndarray:
    """Uniform between ±√(6 / inputs), variance 2 / inputs: keeps the variance of what relu layers pass on. Biases 0.

    In float64. He, Zhang, Ren & Sun, "Delving deep into rectifiers" (ICCV 2015), eq. 10. ValueError for a shape that is
    neither a weight's nor a bias's.

    >>> bool(abs(kaiming_uniform((6, 50), np.random.default_rng(0))).max() <= 1)
    True
    """
    return _between(shape, rng, "kaiming_uniform", lambda inputs, outputs: sqrt(6 / inputs))


def xavier_uniform(shape: tuple[int, ...], rng: Any) -> np.ndarray:
    """Uniform between ±√(6 / (inputs + outputs)): for tanh and sigmoid layers. Biases 0.

    In float64. Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks" (AISTATS
    2010), eq. 16. ValueError for a shape that is neither a weight's nor a bias's.

    >>> xavier_uniform((3,), np.random.default_rng(0))
    array([0., 0., 0.])
    """
    return _between(shape, rng, "xavier_uniform", lambda inputs, outputs: sqrt(6 / (inputs + outputs)))


def _between(shape: tuple[int, ...], rng: Any, name: str, bound: Callable[[int, int], float]) -> np.ndarray:
    if len(shape) == 1:
        return np.zeros(shape)
    if len(shape) != 2:
        raise ValueError(f"{name}: shape {shape} is neither a weight's (inputs, outputs) nor a bias's (outputs,)")
    limit = bound(*shape)
    return np.asarray(rng.uniform(-limit, limit, shape))


def generator(rng: Any) -> Any:
    """`rng` itself; a new np.random.Generator for a seed, or for None. TypeError for anything else."""
    if rng is None or (isinstance(rng, (int, np.integer)) and not isinstance(rng, bool)):
        return np.random.default_rng(rng)
    if not (hasattr(rng, "standard_normal") and hasattr(rng, "uniform")):
        raise TypeError(f"rng is a np.random.Generator, a np.random.RandomState or a seed, not {type(rng).__name__}")
    return rng
