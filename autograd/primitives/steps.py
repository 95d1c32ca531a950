"""Functions with jumps: rounding, signs, remainders. Between their jumps they are flat, or as steep as the input."""

from __future__ import annotations

import numpy as np

from .answers import composed, refuse_out
from .arithmetic import HINT
from .elementwise import singles
from .notation import LOOSE, PRODUCT, SUM, Form, Notation, function, literal
from .primitive import by_numpy_function, primitive


def _between(left, right, in_latex):
    """`⌊x⌋`"""
    return Notation(
        Form(left + "{0}" + right, operands=(LOOSE,)),
        Form(rf"\left\l{in_latex}" + " {0} " + rf"\right\r{in_latex}", operands=(LOOSE,)),
    )


floor = primitive(np.floor, None, notation=_between("⌊", "⌋", "floor"), samples=singles())
ceil = primitive(np.ceil, None, notation=_between("⌈", "⌉", "ceil"), samples=singles())
rint = primitive(np.rint, None, notation=function("rint"), samples=singles())
trunc = primitive(np.trunc, None, notation=function("trunc"), samples=singles())
sign = primitive(np.sign, None, notation=function("sign"), samples=singles(0.5, 2.0))
signbit = primitive(np.signbit, None, notation=function("signbit"), samples=singles())


def _rounded(operands, options):
    decimals = options.get("decimals", 0)
    if not decimals:
        return function("round")
    return Notation(
        Form(f"round[{decimals} decimals]({{0}})"),
        Form(literal(rf"\operatorname{{round}}_{{\text{{{decimals} decimals}}}}") + r"\left({0}\right)"),
    )


round = primitive(
    lambda a, decimals=0: np.round(a, decimals),
    None,
    numpy=np.round,
    notation=_rounded,
    samples=lambda rng: [(rng.normal(size=(2, 3)),), (rng.normal(size=3) * 100, {"decimals": -1})],
)
by_numpy_function[np.around] = round


@composed(np.fix, samples=singles(), differentiable=False)
def fix(x, out=None):
    """np.fix: rounded towards 0, as np.trunc."""
    refuse_out("fix", out)
    return np.trunc(x)


# Remainders. No sample lies at a jump.


def _divisions(rng):
    for a, b in [((), ()), ((3,), ()), ((2, 1), (1, 3)), ((0, 3), (3,))]:
        whole = rng.integers(-3, 3, np.broadcast_shapes(a, b)).max(initial=-3)
        divisor = rng.uniform(0.8, 1.2, b)
        yield (whole + rng.uniform(0.3, 0.7, a)) * 1.0, divisor


_OPERANDS = (PRODUCT, PRODUCT + 1)
"""They bind like a product, but −a mod b is not −(a mod b): as operands themselves they take brackets."""

floor_divide = primitive(
    np.floor_divide,
    None,
    None,
    notation=Notation(
        Form("⌊{0} / {1}⌋", operands=(PRODUCT, PRODUCT + 1)),
        Form(r"\left\lfloor \frac{{{0}}}{{{1}}} \right\rfloor", operands=(LOOSE, LOOSE)),
        Form("{0} // {1}", SUM, _OPERANDS),
    ),
    samples=_divisions,
    hint=HINT,
)
remainder = primitive(
    np.remainder,
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g * np.floor_divide(a, b),
    notation=Notation(
        Form("{0} mod {1}", SUM, _OPERANDS),
        Form(r"{0} \bmod {1}", SUM, _OPERANDS),
        Form("{0} % {1}", SUM, _OPERANDS),
    ),
    samples=_divisions,
    hint=HINT,
)
fmod = primitive(  # as remainder, with the sign of a instead of that of b
    np.fmod,
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g * np.trunc(a / b),
    notation=function("fmod"),
    samples=_divisions,
    hint=HINT,
)


@composed(np.divmod, samples=_divisions)
def divmod(a, b):
    """np.divmod: the quotient, rounded down, and the remainder."""
    return np.floor_divide(a, b), np.remainder(a, b)


def _halves(rng):
    yield (np.array([1.25, -2.5, 0.75]),)
    yield (rng.uniform(1.2, 1.8, ()),)


fraction = primitive(
    lambda x: np.modf(x)[0],
    lambda g, y, x: g,
    name="fraction",
    notation=Notation(
        Form("frac({0})"), Form(r"\operatorname{{frac}}\left({0}\right)"), Form("np.modf({0})[0]", operands=(LOOSE,))
    ),
    samples=_halves,
)


@composed(np.modf, samples=_halves)
def modf(x):
    """np.modf: what is behind the point, and what is before it, both with the sign of `x`."""
    return fraction(x), np.trunc(x)


# Signs and exponents.


def _signs(rng):
    for a, b in [((), ()), ((3,), (2, 1)), ((2, 3), (3,))]:
        yield rng.uniform(0.5, 2, a) * rng.choice([-1, 1], a), rng.uniform(0.5, 2, b) * rng.choice([-1, 1], b)


copysign = primitive(
    np.copysign,
    lambda g, y, a, b: g * np.sign(a) * np.copysign(1, b),
    None,
    notation=function("copysign"),
    samples=_signs,
    hint=HINT,
)
heaviside = primitive(
    np.heaviside,
    None,
    lambda g, y, x, at_0: np.where(x == 0, g, 0),
    notation=function("heaviside"),
    samples=lambda rng: [(np.array([-2, 0, 1]), rng.normal(size=(2, 1))), (np.array(0), rng.normal(size=3))],
    hint=HINT,
)
ldexp = primitive(
    np.ldexp,
    lambda g, y, x, exponent: np.ldexp(g, exponent),
    None,
    notation=Notation(
        Form("{0} · 2^{1}", PRODUCT, (PRODUCT, PRODUCT + 30)),
        Form(r"{0} \cdot 2^{{{1}}}", PRODUCT, (PRODUCT, LOOSE)),
    ),
    samples=lambda rng: [(rng.normal(size=(2, 3)), np.array([-1, 0, 4])), (rng.normal(size=()), np.array([1, 2]))],
    hint=HINT,
)
