"""Trigonometric and hyperbolic functions, their inverses, and exponentials and logarithms to other bases."""

from __future__ import annotations

import numpy as np

from .arithmetic import HINT, pairs
from .elementwise import singles
from .notation import function
from .primitive import primitive


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


arctan2 = _pair(np.arctan2, lambda g, y, a, b: g * b / (a**2 + b**2), lambda g, y, a, b: -g * a / (a**2 + b**2))
logaddexp = _pair(np.logaddexp, lambda g, y, a, b: g * np.exp(a - y), lambda g, y, a, b: g * np.exp(b - y))
hypot = _pair(  # at the origin, where there is no derivative, 0 is the useful subgradient
    np.hypot,
    lambda g, y, a, b: g * a / np.where(y == 0, 1, y),
    lambda g, y, a, b: g * b / np.where(y == 0, 1, y),
)

# Steps: flat wherever they have a derivative.
floor = _row(np.floor, None)
ceil = _row(np.ceil, None)
rint = _row(np.rint, None)
trunc = _row(np.trunc, None)
