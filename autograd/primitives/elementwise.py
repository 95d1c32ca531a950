"""Functions of one input, element by element; and the choice between two, np.where and np.clip."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor, described
from .answers import composed
from .arithmetic import superscript
from .notation import AS_IT_IS, ATOM, LOOSE, POWER, PRODUCT, SUM, Form, Notation, function
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
    notation=Notation(Form("−{0}", SUM, (PRODUCT,)), Form("-{0}", SUM, (SUM + 2,)), Form("-{0}", SUM, (PRODUCT,))),
    samples=singles(),
)
positive = primitive(np.positive, lambda g, y, x: g, notation=AS_IT_IS, samples=singles())
conjugate = primitive(np.conjugate, lambda g, y, x: g, notation=AS_IT_IS, samples=singles())
absolute, fabs = (
    primitive(
        function,
        lambda g, y, x: g * np.sign(x),
        notation=Notation(Form("|{0}|"), Form(r"\left|{0}\right|")),
        samples=singles(0.5, 2.0),
    )
    for function in (np.absolute, np.fabs)
)
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
root = primitive(
    lambda x: np.sqrt(x),
    lambda g, y, x: np.where(y == 0, 0, g / (2 * np.where(y == 0, 1, y))),
    name="root",
    notation=Notation(Form("√{0}", POWER, (ATOM,)), Form(r"\sqrt{{{0}}}"), Form("np.sqrt({0})", operands=(LOOSE,))),
    samples=singles(0.5, 2.0),
)
"""The square root of sums of squares: at 0, where it has no derivative, 0 is the useful subgradient."""
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


nan_to_num = primitive(  # a copy, also for copy=False: graphs may hold the argument
    lambda x, copy=True, nan=0.0, posinf=None, neginf=None: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    lambda g, y, x, copy=True, nan=0.0, posinf=None, neginf=None: np.where(np.isfinite(x), g, 0),
    numpy=np.nan_to_num,
    notation=function("nan_to_num"),
    samples=singles(),
)


@composed(np.real, samples=singles())
def real(val):
    """np.real: of real numbers, themselves."""
    return Tensor(val._value.real) if val.dtype.kind == "c" else val


@composed(np.real_if_close, samples=singles())
def real_if_close(a, tol=100):
    """np.real_if_close: of real numbers, themselves."""
    return Tensor(np.real_if_close(a._value, tol)) if a.dtype.kind == "c" else a


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


def _where(condition, *branches):
    """np.where: an entry of one array or of the other; of a condition alone, the places where it holds."""
    return where(condition, *branches) if branches else np.nonzero(condition)


by_numpy_function[np.where] = _where


def _limits(rng):
    yield np.array([[-2.0, 0.5], [3.0, -0.25]]), -1.0, 1.0
    yield rng.uniform(-2, 2, (4, 3)), np.full(3, -0.9), np.full((4, 1), 0.8)


clip = primitive(
    lambda x, low, high: np.clip(x, low, high),
    lambda g, y, x, low, high: np.where((low <= x) & (x <= high), g, 0),
    lambda g, y, x, low, high: np.where((x < low) & (low <= high), g, 0),
    lambda g, y, x, low, high: np.where((x > high) | (low > high), g, 0),  # where the limits cross, NumPy gives high
    numpy=np.clip,
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


@composed(
    np.select,
    samples=lambda rng: [
        ([rng.normal(size=3) > 0, rng.normal(size=(2, 1)) > 0], [rng.normal(size=3), rng.normal(size=(2, 3))]),
        ([rng.normal(size=2) > 0], [rng.normal(size=2)], rng.normal(size=())),
    ],
)
def select(condlist, choicelist, default=0):
    """np.select: of the choices, the first whose condition holds."""
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(f"select takes a choice for each condition, not {len(choicelist)} for {len(condlist)}")
    dtype = np.result_type(*choicelist, default)
    chosen = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        if not (hasattr(condition, "dtype") and condition.dtype.kind == "b"):
            raise TypeError(f"select({described(condlist)}): conditions are of dtype bool; write x > 0 for example")
        chosen = np.where(condition, choice, chosen)
    return chosen if chosen.dtype == dtype else chosen.astype(dtype)
