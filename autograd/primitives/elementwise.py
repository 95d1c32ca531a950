"""Functions of one input, element by element; and the choice between two, np.where and np.clip."""

from __future__ import annotations

import numpy as np

from .arithmetic import superscript
from .notation import ATOM, LOOSE, POWER, PRODUCT, SUM, Form, Notation, function
from .primitive import by_numpy_function, primitive


def singles(low=-2.0, high=2.0):
    """Sample inputs for functions of one array: 0-d to 3-d, an empty one."""

    def samples(rng):
        for shape in [(), (1,), (3,), (2, 3), (2, 1, 2), (0,)]:
            yield (rng.uniform(low, high, shape),)

    return samples


def _exponential(operands, options):
    """e^x of a number; exp(x) of an array, where a power could be taken for that of a matrix."""
    return (
        function("exp", r"\exp")
        if operands[0].shape
        else Notation(Form("exp({0})"), Form("e^{{{0}}}", POWER, (LOOSE,)))
    )


negative = primitive(
    np.negative,
    lambda g, y, x: -g,
    notation=Notation(Form("−{0}", SUM, (PRODUCT,)), Form("-{0}", SUM, (PRODUCT,)), Form("-{0}", SUM, (PRODUCT,))),
    samples=singles(),
)
absolute = primitive(
    np.absolute,
    lambda g, y, x: g * np.sign(x),
    notation=Notation(Form("|{0}|"), Form(r"\left|{0}\right|")),
    samples=singles(0.5, 2.0),
)
sign = primitive(np.sign, None, notation=function("sign"), samples=singles(0.5, 2.0))
exp = primitive(
    np.exp,
    lambda g, y, x: g * y,
    notation=_exponential,
    samples=singles(),
)
log = primitive(np.log, lambda g, y, x: g / x, notation=function("ln", r"\ln"), samples=singles(0.5, 2.0))
sqrt = primitive(
    np.sqrt,
    lambda g, y, x: g / (2 * y),
    notation=Notation(Form("√{0}", POWER, (ATOM,)), Form(r"\sqrt{{{0}}}")),
    samples=singles(0.5, 2.0),
)
square = primitive(
    np.square,
    lambda g, y, x: g * (2 * x),
    notation=Notation(
        Form("{0}" + superscript(2), POWER, (ATOM,)),
        Form("{0}^{{2}}", POWER, (ATOM,)),
        Form("{0} ** 2", POWER, (ATOM,)),
    ),
    samples=singles(),
)
tanh = primitive(np.tanh, lambda g, y, x: g * (1 - y**2), notation=function("tanh", r"\tanh"), samples=singles())


def _branches(rng):
    for condition, a, b in [((3,), (3,), (3,)), ((2, 1), (3,), ()), ((), (2,), (2, 2))]:
        yield rng.uniform(-1, 1, condition) > 0, rng.uniform(-1, 1, a), rng.uniform(-1, 1, b)


where = primitive(
    np.where,
    None,
    lambda g, y, condition, a, b: np.where(condition, g, 0),
    lambda g, y, condition, a, b: np.where(condition, 0, g),
    samples=_branches,
    hint="np.where(condition, a, b) takes three inputs whose shapes broadcast",
)


def _limits(rng):
    yield np.array([[-2.0, 0.5], [3.0, -0.25]]), -1.0, 1.0
    yield rng.uniform(-2, 2, (4, 3)), np.full(3, -0.9), np.full((4, 1), 0.8)


clip = primitive(
    lambda x, low, high: np.clip(x, low, high),
    lambda g, y, x, low, high: np.where((low <= x) & (x <= high), g, 0),
    lambda g, y, x, low, high: np.where((x < low) & (low <= high), g, 0),
    lambda g, y, x, low, high: np.where((x > high) | (low > high), g, 0),  # where the limits cross, NumPy gives high
    name="clip",
    notation=function("clip"),
    samples=_limits,
)


def clip_between(a, a_min=None, a_max=None, *, min=None, max=None, out=None):
    """np.clip on a Tensor. With one limit it is np.maximum or np.minimum, with none the Tensor itself."""
    if out is not None:
        raise TypeError("clip: out= would overwrite an array that graphs may hold; use the result that is returned")
    low, high = a_min if min is None else min, a_max if max is None else max
    if low is None or high is None:
        return (
            np.minimum(a, high) if low is None and high is not None else np.maximum(a, low) if low is not None else +a
        )
    return clip(a, low, high)


by_numpy_function[np.clip] = clip_between
