"""Comparisons and logic: their results are true or false, and no gradient passes."""

from __future__ import annotations

import numpy as np

from .arithmetic import HINT, pairs
from .elementwise import singles
from .notation import COMPARISON, SUM, Form, Notation, function
from .primitive import primitive


def _comparison(function, text, latex, source):
    operands = (SUM, SUM)
    notation = Notation(
        Form(f"{{0}} {text} {{1}}", COMPARISON, operands),
        Form(f"{{0}} {latex} {{1}}", COMPARISON, operands),
        Form(f"{{0}} {source} {{1}}", COMPARISON, operands),
    )
    return primitive(function, None, None, notation=notation, samples=pairs(), hint=HINT)


equal = _comparison(np.equal, "=", "=", "==")
not_equal = _comparison(np.not_equal, "≠", r"\neq", "!=")
less = _comparison(np.less, "<", "<", "<")
less_equal = _comparison(np.less_equal, "≤", r"\leq", "<=")
greater = _comparison(np.greater, ">", ">", ">")
greater_equal = _comparison(np.greater_equal, "≥", r"\geq", ">=")


def _booleans(count):
    def samples(rng):
        yield tuple(rng.uniform(-1, 1, (2, 3)) > 0 for _ in range(count))

    return samples


def _joined(text, latex, source):
    """a ∧ b; Python's & and | bind more tightly than comparisons, mathematics' less."""
    return Notation(
        Form(f"{{0}} {text} {{1}}", COMPARISON, (COMPARISON, COMPARISON)),
        Form(f"{{0}} {latex} {{1}}", COMPARISON, (COMPARISON, COMPARISON)),
        Form(f"{{0}} {source} {{1}}", COMPARISON + 1, (SUM, SUM)),
    )


logical_and = primitive(np.logical_and, None, None, samples=_booleans(2))
logical_or = primitive(np.logical_or, None, None, samples=_booleans(2))
logical_xor = primitive(np.logical_xor, None, None, samples=_booleans(2))
logical_not = primitive(np.logical_not, None, samples=_booleans(1))
bitwise_and = primitive(np.bitwise_and, None, None, notation=_joined("∧", r"\wedge", "&"), samples=_booleans(2))
bitwise_or = primitive(np.bitwise_or, None, None, notation=_joined("∨", r"\vee", "|"), samples=_booleans(2))
bitwise_xor = primitive(np.bitwise_xor, None, None, notation=_joined("⊕", r"\oplus", "^"), samples=_booleans(2))
invert = primitive(np.invert, None, samples=_booleans(1))
isnan = primitive(np.isnan, None, samples=singles(), notation=function("isnan"))
isinf = primitive(np.isinf, None, samples=singles(), notation=function("isinf"))
isfinite = primitive(np.isfinite, None, samples=singles(), notation=function("isfinite"))
