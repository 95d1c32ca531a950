"""Activations, entry by entry, each defined by the public `ag.primitive`, as a user would.

A row's rule is what derivations show: `g` is the gradient that arrives, `y` the output, then the inputs. Constants are
floats: NumPy takes 0.1 µs less for 1.0 than for 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import pi, sqrt
from typing import Any

import numpy as np

from autograd import notation, primitive

Form, Notation = notation.Form, notation.Notation
ATOM, PRODUCT, SUM = notation.ATOM, notation.PRODUCT, notation.SUM


def samples(**options: Any) -> Callable[[np.random.Generator], Iterator[tuple[Any, ...]]]:
    """Sample inputs for a function of one array, away from the kinks at 0 and ±1; the last one with `options`."""

    def yielded(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
        shapes: list[tuple[int, ...]] = [(), (3,), (2, 3), (2, 1, 2), (0,)]
        for i, shape in enumerate(shapes):
            x = rng.uniform(0.2, 0.9, shape) * rng.choice([-1.0, 1.0, 2.5], shape)
            yield (x, options) if options and i == 2 else (x,)

    return yielded


def _relu(x: Any) -> Any:
    """The positive part max(x, 0), entry by entry; its derivative at 0 is taken as 0.

    Any shape; a floating dtype is kept, integers become float64. Nair & Hinton, "Rectified linear units improve
    restricted Boltzmann machines" (ICML 2010).

    >>> import nn
    >>> nn.functional.relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return np.maximum(x, 0.0)


@np.errstate(over="ignore")
def _sigmoid(x: Any) -> Any:
    """The logistic function σ(x) = 1 / (1 + e⁻ˣ), entry by entry, between 0 and 1.

    Any shape; a floating dtype is kept, integers become float64. For large negative x, e⁻ˣ overflows to inf and σ is 0,
    as it should be. Verhulst, "Recherches mathématiques sur la loi d'accroissement de la population" (1845).

    >>> import nn
    >>> nn.functional.sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    return 1.0 / (1.0 + np.exp(-x))


def _softplus(x: Any) -> Any:
    """A smooth relu, ln(1 + eˣ), entry by entry; its derivative is the logistic function.

    Any shape; a floating dtype is kept. Dugas et al., "Incorporating second-order functional knowledge for better
    option pricing" (NIPS 2000).

    >>> import nn
    >>> nn.functional.softplus(np.array([-1000.0, 0.0, 1000.0]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return np.logaddexp(x, 0.0)


_NEAR = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
_FAR = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
     8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
     3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Any) -> Any:
    """A quotient of two polynomials of x, highest power first."""
    above, below = coefficients
    p, q = above[0] * x + above[1], below[0] * x + below[1]
    for a, b in zip(above[2:], below[2:], strict=True):
        p, q = p * x + a, q * x + b
    return p / q


def _erf(x: Any) -> Any:
    """The error function 2/√π ∫₀ˣ exp(−t²) dt, entry by entry, to about 1e-16.

    Any shape; a floating dtype is kept. Cody, "Rational Chebyshev approximations for the error function" (Mathematics
    of Computation 23, 1969).

    >>> import nn
    >>> nn.functional.erf(np.array([-0.5, 0.0, 2.0]))
    array([-0.52049988,  0.        ,  0.99532227])
    """
    size = np.minimum(np.abs(x), 6.0)  # beyond, 1 − erf is less than a float64 can tell from 0
    near = x * _ratio(_NEAR, np.minimum(size, 0.5) ** 2)
    far = np.sign(x) * (1.0 - np.exp(-size * size) * _ratio(_FAR, size))
    return np.where(size < 0.46875, near, far)


def _gelu(x: Any, approximate: str = "none") -> Any:
    """x · Φ(x) with the distribution function Φ of the normal distribution, entry by entry.

    Any shape; a floating dtype is kept. `approximate="tanh"` takes x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))) for it,
    as PyTorch's option of that name. Hendrycks & Gimpel, "Gaussian error linear units" (2016).

    >>> import nn
    >>> nn.functional.gelu(np.array([-1.0, 0.0, 1.0]))
    array([-0.15865525,  0.        ,  0.84134475])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f'approximate is "none" or "tanh", not {approximate!r}')
    if approximate == "tanh":
        return 0.5 * x * (1.0 + np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))
    return x * (0.5 * (1.0 + erf(x / sqrt(2))))


def _gelu_rule(g: Any, y: Any, x: Any, approximate: str = "none") -> Any:
    if approximate == "tanh":
        t = np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))
        return g * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t**2) * (sqrt(2 / pi) * (1.0 + 3 * 0.044715 * x**2)))
    return g * (0.5 * (1.0 + erf(x / sqrt(2))) + x * np.exp(-0.5 * x**2) / sqrt(2 * pi))


def _silu(x: Any) -> Any:
    """x · σ(x), entry by entry, also called swish.

    Any shape; a floating dtype is kept. Elfwing, Uchibe & Doya, "Sigmoid-weighted linear units for neural network
    function approximation in reinforcement learning" (2017).

    >>> import nn
    >>> nn.functional.silu(np.array([-1.0, 0.0, 1.0]))
    array([-0.26894142,  0.        ,  0.73105858])
    """
    return x * sigmoid(x)


def _elu(x: Any, alpha: float = 1.0) -> Any:
    """x where it is positive, alpha · (eˣ − 1) elsewhere, entry by entry.

    Any shape; a floating dtype is kept. Clevert, Unterthiner & Hochreiter, "Fast and accurate deep network learning by
    exponential linear units" (ICLR 2016).

    >>> import nn
    >>> nn.functional.elu(np.array([-1.0, 2.0]))
    array([-0.63212056,  2.        ])
    """
    return np.where(x > 0.0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def _leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    """x where it is positive, negative_slope · x elsewhere, entry by entry.

    Any shape; a floating dtype is kept. Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic
    models" (ICML 2013).

    >>> import nn
    >>> nn.functional.leaky_relu(np.array([-1.0, 2.0]))
    array([-0.01,  2.  ])
    """
    return x * np.where(x > 0.0, 1.0, negative_slope).astype(x.dtype)


def _hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """x between min_val and max_val, these beyond, entry by entry; the derivative at both is taken as 0.

    Any shape; a floating dtype is kept. ValueError if min_val ≥ max_val. Collobert, "Large scale machine learning"
    (thesis, Paris 2004).

    >>> import nn
    >>> nn.functional.hardtanh(np.array([-3.0, 0.5, 3.0]))
    array([-1. ,  0.5,  1. ])
    """
    if not min_val < max_val:
        raise ValueError(f"min_val={min_val!r} must be less than max_val={max_val!r}")
    return np.minimum(np.maximum(x, min_val), max_val)


relu = primitive(
    _relu,
    lambda g, y, x: g * (x > 0.0),
    name="relu",
    notation=Notation(Form("relu({0})"), Form(r"\operatorname{{relu}}\left({0}\right)"), Form("np.maximum({0}, 0.0)")),
    samples=samples(),
)
sigmoid = primitive(
    _sigmoid,
    lambda g, y, x: g * y * (1.0 - y),
    name="sigmoid",
    notation=Notation(
        Form("σ({0})"), Form(r"\sigma\left({0}\right)"), Form("1 / (1 + np.exp(-{0}))", PRODUCT, (PRODUCT,))
    ),
    samples=samples(),
)
softplus = primitive(_softplus, lambda g, y, x: g * sigmoid(x), name="softplus", samples=samples())
erf = primitive(
    _erf,
    lambda g, y, x: g * (2 / sqrt(pi)) * np.exp(-(x**2)),
    name="erf",
    samples=samples(),
)
gelu = primitive(_gelu, _gelu_rule, name="gelu", samples=samples(approximate="tanh"))
silu = primitive(
    _silu,
    lambda g, y, x: g * (sigmoid(x) + y * (1.0 - sigmoid(x))),
    name="silu",
    samples=samples(),
)
elu = primitive(
    _elu,
    lambda g, y, x, alpha=1.0: g * np.where(x > 0.0, 1.0, y + alpha),
    name="elu",
    samples=samples(alpha=0.5),
)
leaky_relu = primitive(
    _leaky_relu,
    lambda g, y, x, negative_slope=0.01: g * np.where(x > 0.0, 1.0, negative_slope),
    name="leaky_relu",
    samples=samples(negative_slope=0.2),
)
hardtanh = primitive(
    _hardtanh,
    lambda g, y, x, min_val=-1.0, max_val=1.0: g * ((min_val < x) & (x < max_val)),
    name="hardtanh",
    samples=samples(min_val=-0.15, max_val=2.6),
)

rows = (relu, sigmoid, softplus, erf, gelu, silu, elu, leaky_relu, hardtanh)
"""This file's part of the table of primitives: what a test of every primitive runs over."""
