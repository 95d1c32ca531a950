"""Sums, products and powers of two inputs, element by element."""

from __future__ import annotations

import numpy as np

from .notation import ATOM, LOOSE, POWER, PRODUCT, SUM, Form, Notation, infix
from .primitive import primitive

HINT = "Counted from the last axis, lengths must be equal or 1; np.expand_dims or .reshape adds an axis of length 1"


def pairs(low=-2.0, high=2.0):
    """Sample inputs for elementwise operations: every way in which two shapes broadcast."""

    def samples(rng):
        for a, b in [
            ((), ()),
            ((3,), ()),
            ((), (2, 3)),
            ((2, 3), (3,)),
            ((2, 1), (1, 3)),
            ((4, 1, 2), (3, 1)),
            ((2, 3), (2, 3)),
            ((0, 3), (3,)),
        ]:
            yield rng.uniform(low, high, a), rng.uniform(low, high, b)

    return samples


def _times(operands, options):
    both_arrays = all(x.shape for x in operands)
    text, latex = ("⊙", r"\odot") if both_arrays else ("·", r"\,")
    return infix(text, latex, "*", PRODUCT)


def _power(operands, options):
    exponent = operands[1].number if getattr(operands[1], "over", 1) == 1 else None
    source = Form("{0} ** {1}", POWER, (ATOM, POWER))
    latex = Form("{0}^{{{1}}}", POWER, (ATOM, LOOSE))
    if isinstance(exponent, (int, float)) and abs(exponent) < 1000 and exponent == int(exponent):
        return Notation(Form("{0}" + superscript(int(exponent)), POWER, (ATOM, LOOSE)), latex, source)
    return Notation(Form("{0}^{1}", POWER, (ATOM, ATOM)), latex, source)


def _float_power(operands, options):
    written = _power(operands, options)
    return Notation(written.text, written.latex)  # in source not **: it computes in double precision at least


def superscript(number: int) -> str:
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def subscript(number: int) -> str:
    return str(number).translate(str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉"))


add = primitive(
    np.add,
    lambda g, y, a, b: g,
    lambda g, y, a, b: g,
    notation=infix("+", "+", "+", SUM),
    samples=pairs(),
    hint=HINT,
)
subtract = primitive(
    np.subtract,
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g,
    notation=infix("−", "-", "-", SUM, SUM + 1),
    samples=pairs(),
    hint=HINT,
)
multiply = primitive(
    np.multiply,
    lambda g, y, a, b: g * b,
    lambda g, y, a, b: g * a,
    notation=_times,
    samples=pairs(),
    hint=HINT,
)
divide = primitive(
    np.divide,
    lambda g, y, a, b: g / b,
    lambda g, y, a, b: -g * y / b,
    notation=Notation(
        Form("{0} / {1}", PRODUCT, (PRODUCT, PRODUCT + 1)),
        Form(r"\frac{{{0}}}{{{1}}}", ATOM, (LOOSE, LOOSE)),
        Form("{0} / {1}", PRODUCT, (PRODUCT, PRODUCT + 1)),
    ),
    samples=pairs(0.5, 2.0),
    hint=HINT,
)
power, float_power = (
    primitive(
        function,
        lambda g, y, a, b: g * b * a ** np.where(b == 0, 1, b - 1),  # 0 at a⁰, also for a = 0
        lambda g, y, a, b: g * y * np.log(np.where(a == 0, 1.0, a)),  # 0 where a = 0: 0ᵇ is 0 for every b > 0
        notation=notation,
        samples=pairs(0.5, 2.0),
        hint=HINT,
    )
    for function, notation in ((np.power, _power), (np.float_power, _float_power))
)
maximum = primitive(
    np.maximum,
    lambda g, y, a, b: g * np.where(a == b, 0.5, a > b),  # a tie splits the gradient evenly
    lambda g, y, a, b: g * np.where(a == b, 0.5, a < b),
    samples=pairs(),
    hint=HINT,
)
minimum = primitive(
    np.minimum,
    lambda g, y, a, b: g * np.where(a == b, 0.5, a < b),
    lambda g, y, a, b: g * np.where(a == b, 0.5, a > b),
    samples=pairs(),
    hint=HINT,
)
fmax = primitive(  # as maximum, but of a number and a NaN, the number
    np.fmax,
    lambda g, y, a, b: g * np.where(a == b, 0.5, (a > b) | np.isnan(b)),
    lambda g, y, a, b: g * np.where(a == b, 0.5, (a < b) | np.isnan(a)),
    samples=pairs(),
    hint=HINT,
)
fmin = primitive(
    np.fmin,
    lambda g, y, a, b: g * np.where(a == b, 0.5, (a < b) | np.isnan(b)),
    lambda g, y, a, b: g * np.where(a == b, 0.5, (a > b) | np.isnan(a)),
    samples=pairs(),
    hint=HINT,
)
