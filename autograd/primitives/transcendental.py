"""Trigonometric and hyperbolic functions, their inverses, and exponentials and logarithms to other bases."""

from __future__ import annotations

import math

import numpy as np

from .arithmetic import HINT, pairs, subscript, superscript
from .elementwise import singles
from .notation import function
from .primitive import by_numpy_function, primitive
from .reductions import kept, reduced


def _row(numpy_function, rule, low=-2.0, high=2.0, latex=None, text=None):
    """A row of one input, written as its name and sampled between `low` and `high`."""
    name = text or numpy_function.__name__
    return primitive(numpy_function, rule, notation=function(name, latex), samples=singles(low, high))


sin = _row(np.sin, lambda g, y, x: g * np.cos(x), latex=r"\sin")
cos = _row(np.cos, lambda g, y, x: -g * np.sin(x), latex=r"\cos")
tan = _row(np.tan, lambda g, y, x: g * (1 + y**2), -1.0, 1.0, latex=r"\tan")
arcsin = _row(np.arcsin, lambda g, y, x: g / np.sqrt(1 - x**2), -0.8, 0.8, latex=r"\arcsin")
arccos = _row(np.arccos, lambda g, y, x: -g / np.sqrt(1 - x**2), -0.8, 0.8, latex=r"\arccos")
arctan = _row(np.arctan, lambda g, y, x: g / (1 + x**2), latex=r"\arctan")

sinh = _row(np.sinh, lambda g, y, x: g * np.cosh(x), latex=r"\sinh")
cosh = _row(np.cosh, lambda g, y, x: g * np.sinh(x), latex=r"\cosh")
arcsinh = _row(np.arcsinh, lambda g, y, x: g / np.sqrt(x**2 + 1))
arccosh = _row(np.arccosh, lambda g, y, x: g / np.sqrt(x**2 - 1), 1.5, 3.0)
arctanh = _row(np.arctanh, lambda g, y, x: g / (1 - x**2), -0.7, 0.7)

exp2 = _row(np.exp2, lambda g, y, x: g * np.log(2) * y)
expm1 = _row(np.expm1, lambda g, y, x: g * (y + 1))
log2 = _row(np.log2, lambda g, y, x: g / np.log(2) / x, 0.5, 2.0, latex=r"\log_{2}", text="log₂")
log10 = _row(np.log10, lambda g, y, x: g / np.log(10) / x, 0.5, 2.0, latex=r"\log_{10}", text="log₁₀")
log1p = _row(np.log1p, lambda g, y, x: g / (1 + x), -0.5, 2.0)
cbrt = _row(np.cbrt, lambda g, y, x: g / (3 * y**2), 0.5, 2.0)
reciprocal = _row(np.reciprocal, lambda g, y, x: -g * y**2, 0.5, 2.0)

degrees = _row(np.degrees, lambda g, y, x: g * (180 / np.pi))
rad2deg = _row(np.rad2deg, lambda g, y, x: g * (180 / np.pi))
radians = _row(np.radians, lambda g, y, x: g * (np.pi / 180))
deg2rad = _row(np.deg2rad, lambda g, y, x: g * (np.pi / 180))


def _pair(numpy_function, left, right):
    """A row of two inputs, written as its name."""
    name = numpy_function.__name__
    return primitive(numpy_function, left, right, notation=function(name), samples=pairs(0.5, 2.0), hint=HINT)


def _finite(y):
    """A logarithm of a sum, or 0 where it is that of 0: the gradient there is 0, not NaN."""
    return np.where(y == -np.inf, 0, y)


arctan2 = _pair(  # a ** 2.0, and not 2: of small integers the square would not be in their dtype
    np.arctan2, lambda g, y, a, b: g * b / (a**2.0 + b**2.0), lambda g, y, a, b: -g * a / (a**2.0 + b**2.0)
)
logaddexp = _pair(
    np.logaddexp,
    lambda g, y, a, b: g * np.exp(a - _finite(y)),
    lambda g, y, a, b: g * np.exp(b - _finite(y)),
)
logaddexp2 = _pair(
    np.logaddexp2,
    lambda g, y, a, b: g * np.exp2(a - _finite(y)),
    lambda g, y, a, b: g * np.exp2(b - _finite(y)),
)
_logaddexp_over = primitive(
    lambda a, axis=0, dtype=None, keepdims=False: np.logaddexp.reduce(a, axis=axis, dtype=dtype, keepdims=keepdims),
    lambda g, y, a, axis=0, dtype=None, keepdims=False: (
        kept(g, axis, keepdims) * np.exp(a - kept(_finite(y), axis, keepdims))
    ),
    name="logaddexp_reduce",
    numpy=np.logaddexp.reduce,
    notation=reduced("logaddexp", r"\operatorname{logaddexp}", "np.logaddexp.reduce"),
    samples=lambda rng: [
        (rng.normal(size=3), {"axis": (0,)}),
        (rng.normal(size=(2, 3)), {"axis": -1, "keepdims": True}),
        (rng.normal(size=(2, 3, 2)), {"axis": (0, 2)}),
    ],
)


def logaddexp_reduce(a, axis=0, **options):
    """np.logaddexp.reduce: ln Σ exp(a) along axes, the first by default."""
    return _logaddexp_over(a, axis=tuple(range(a.ndim)) if axis is None else axis, **options)


by_numpy_function[np.logaddexp.reduce] = logaddexp_reduce

hypot = _pair(  # at the origin, where there is no derivative, 0 is the useful subgradient
    np.hypot,
    lambda g, y, a, b: g * a / np.where(y == 0, 1, y),
    lambda g, y, a, b: g * b / np.where(y == 0, 1, y),
)


_TERMS = 16
"""Of a power series in (πx)², where |x| < 1: the next term is beneath the last digit."""


def _sinc(x, order):
    """The derivative of sinc of this order: near 0 by its power series; elsewhere from that of the order below, since
    (x sinc x)′ = cos πx."""
    near = np.abs(x) < 1
    within, beyond = np.where(near, x, 0), np.where(near, 1, x)
    series = 0.0
    first = (order + 1) // 2  # power of x²
    for k in reversed(range(first, first + _TERMS)):
        series = series * within**2 + (-1) ** k * math.pi ** (2 * k) / ((2 * k + 1) * math.factorial(2 * k - order))
    if order % 2:
        series = series * within
    value = np.sinc(beyond)
    for n in range(1, order + 1):
        value = (math.pi ** (n - 1) * np.cos(np.pi * beyond + (n - 1) * math.pi / 2) - n * value) / beyond
    return np.where(near, series, value)


def _primed(operands, options):
    order = options["order"]
    marks = "′" * order if order < 4 else f"⁽{superscript(order)}⁾"
    in_latex = "'" * order if order < 4 else f"^{{({order})}}"
    return function("sinc" + marks, r"\operatorname{sinc}" + in_latex)


sinc_derivative = primitive(
    _sinc,
    lambda g, y, x, order: g * sinc_derivative(x, order=order + 1),
    name="sinc_derivative",
    notation=_primed,
    samples=lambda rng: [
        (rng.uniform(-0.9, 0.9, 3), {"order": 1}),
        (rng.uniform(1.1, 2, (2, 1)), {"order": 2}),
        (np.zeros(1), {"order": 3}),
    ],
)
sinc = primitive(np.sinc, lambda g, y, x: g * sinc_derivative(x, order=1), notation=function("sinc"), samples=singles())

_NODES = 120
"""All digits wherever the result does not overflow, up to |x| = 713: the error falls like e^(−2 n² / |x|)."""


def _bessel(x, order):
    """The mean of e^(x cos θ) cos(order θ) over the half circle, by the midpoint rule, θ and π − θ taken together."""
    even_or_odd = np.sinh if order % 2 else np.cosh
    total = 0.0
    for k in range(_NODES // 2):
        angle = (k + 0.5) * math.pi / _NODES
        total = total + math.cos(order * angle) * 2 / _NODES * even_or_odd(math.cos(angle) * x)
    return total


def _bessel_slope(g, y, x, order):
    lower, higher = bessel(x, order=abs(order - 1)), bessel(x, order=order + 1)
    return g * (lower + higher) / 2


def _bessel_name(operands, options):
    return function("I" + subscript(options["order"]), f"I_{{{options['order']}}}")


bessel = primitive(
    _bessel,
    _bessel_slope,
    name="bessel",
    notation=_bessel_name,
    samples=lambda rng: [(rng.uniform(-2, 2, 3), {"order": 1}), (rng.uniform(-2, 2, (2, 1)), {"order": 2})],
)
"""The modified Bessel function of the first kind of an integer order: what np.i0 is for order 0."""

i0 = primitive(
    np.i0,
    lambda g, y, x: g * bessel(x, order=1),
    notation=function("I₀", "I_{0}"),
    samples=singles(),
)
