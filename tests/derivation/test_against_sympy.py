"""Printed gradients of scalar graphs built at random, read back by SymPy, against the derivatives that SymPy takes."""

import re
from unittest.mock import patch

import numpy as np
import sympy
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from autograd.derivation import writing
from autograd.derivation.depths import in_full
from autograd.derivation.steps import steps

POINTS = [(0.5, 1.5), (0.8, 1.1), (1.25, 0.75)]

formulas = st.recursive(
    st.sampled_from(["x", "y", "2", "3"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda e: f"-({e})"),
        st.tuples(inner, st.sampled_from(["2", "3", "-1"])).map(lambda t: f"({t[0]}) ** {t[1]}"),
        st.tuples(st.sampled_from(["tanh", "sin", "cos", "exp", "cosh"]), inner).map(
            lambda t: f"f.{t[0]}(x * ({t[1]}))"
        ),
        inner.map(lambda e: f"f.log((y - ({e})) ** 2 + x)"),
        inner.map(lambda e: f"f.sqrt(({e}) ** 2 + y)"),
        st.tuples(st.sampled_from(["x", "y"]), inner).map(lambda t: f"({t[0]} ** 2 + 1) ** ({t[1]})"),
    ),
    max_leaves=7,
)

_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def read(text):
    """What is printed, as SymPy reads it."""
    text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: f"**({found[0].translate(_SUPERSCRIPTS)})", text)
    text = re.sub(r"√(\w+)", r"sqrt(\1)", text).replace("√", "sqrt")
    text = re.sub(r"∂(\w+)/∂(\w+)", r"d\1_d\2", text.translate(_SUBSCRIPTS))
    return sympy.sympify(text.replace("·", "*").replace("−", "-").replace("^", "**").replace("ln(", "log("))


def printed(derived, step):
    """The gradient in full, numbers with all digits: read from its text, the parts put in for their names."""
    with patch.object(writing, "literal_digits", lambda value: 17):
        return _printed(*in_full(derived, step))


def _printed(whole, *parts):
    whole = read(writing.text(whole[1]))
    for symbol, part in parts:
        name = sympy.Symbol(re.sub(r"∂(\w+)/∂(\w+)", r"d\1_d\2", symbol.name.text.translate(_SUBSCRIPTS)))
        whole = whole.subs(name, read(writing.text(part)))
    return whole


@given(formulas)
def test_the_printed_gradient_is_the_derivative_that_sympy_takes(code):
    x, y = (Tensor(value, requires_grad=True, name=name) for name, value in zip("xy", POINTS[0], strict=True))
    symbols = {"x": sympy.Symbol("x"), "y": sympy.Symbol("y")}
    with np.errstate(all="ignore"):
        result = eval(code, {"f": np, "x": x, "y": y})
    exact = eval(code, {"f": sympy, **symbols})
    if type(result) is not Tensor or result.primitive is None or not np.isfinite(result.data):
        return
    derived = steps(result)
    for step in derived.steps:
        name = step.value.symbol.name.text
        if name not in ("x", "y") or not np.isfinite(step.gradient.value):
            continue
        difference = printed(derived, step) - sympy.diff(exact, symbols[name])
        scale = sympy.Abs(sympy.diff(exact, symbols[name])) + 1
        for at in POINTS:
            found = (difference / scale).subs(dict(zip(symbols.values(), at, strict=True))).evalf(30)
            assert abs(found) < 1e-9 or found in (sympy.nan, sympy.zoo), (code, writing.text(step.formula))
