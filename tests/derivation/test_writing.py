"""Formulas from forward graphs: precedence, brackets, the three notations of one tree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor
from autograd.derivation import writing
from autograd.derivation.expression import symbols
from autograd.derivation.steps import steps

A = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True, name="A")
B = Tensor(np.array([[5.0, 6.0], [7.0, 8.5]]), requires_grad=True, name="B")
x = Tensor(0.5, requires_grad=True, name="x")
y = Tensor(1.5, requires_grad=True, name="y")


def formula(result):
    return steps(result).root.formula


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (lambda: (x + y) * x, "(x + y) · x"),
        (lambda: x - (y - x), "x − (y − x)"),
        (lambda: (x - y) - x, "x − y − x"),
        (lambda: x / (y * x), "x / (y · x)"),
        (lambda: x / y / x, "x / y / x"),
        (lambda: -(x + y), "−(x + y)"),
        (lambda: x + (-y), "x − y"),
        (lambda: x - (-y), "x + y"),
        (lambda: np.negative(-x) + y, "x + y"),
        (lambda: x * 1 + y, "x + y"),
        (lambda: x * 3 + y, "3 · x + y"),
        (lambda: x * 3 / 6 + y, "3/6 · x + y"),
        (lambda: (x + y) ** 2, "(x + y)²"),
        (lambda: x**3 * y, "x³ · y"),
        (lambda: x**-1 * y, "x⁻¹ · y"),
        (lambda: x**0.5 + y, "x^0.5 + y"),
        (lambda: (x + 1) ** (y - 1), "(x + 1)^(y − 1)"),
        (lambda: np.exp(-x) + y, "exp(−x) + y"),
        (lambda: np.sqrt(x + y), "√(x + y)"),
        (lambda: np.abs(x - y), "|x − y|"),
        (lambda: np.sum(A * B), "Σ(A ⊙ B)"),
        (lambda: np.sum(A @ B.T @ A), "Σ(A Bᵀ A)"),
        (lambda: np.sum((A + B) @ A), "Σ((A + B) A)"),
        (lambda: np.sum((A * B) @ A), "Σ((A ⊙ B) A)"),
        (lambda: np.sum(A @ B * x), "Σ(A B · x)"),
        (lambda: np.sum((A > B) * A), "Σ(1[A > B] ⊙ A)"),
        (lambda: np.mean(A, axis=0)[1], "mean[axis 0](A)[1]"),
        (lambda: np.sum(np.where((A > 1) & (A < 4), A, 0)), "Σ(where(A > 1 ∧ A < 4, A, 0))"),
    ],
)
def test_text_needs_no_more_brackets_than_mathematics(result, text):
    assert writing.text(formula(result())) == text


@pytest.mark.parametrize(
    ("result", "latex"),
    [
        (lambda: x / (y + 1), r"\frac{x}{y + 1}"),
        (lambda: np.exp(-x) + y, "e^{-x} + y"),
        (lambda: np.sum(A.T @ B), r"\sum A^{\top}\,B"),
        (lambda: np.sum(A + B), r"\sum \left(A + B\right)"),
        (lambda: np.sqrt(x + y), r"\sqrt{x + y}"),
        (lambda: x**3, "x^{3}"),
    ],
)
def test_latex_is_set_as_a_book_sets_it(result, latex):
    assert writing.latex(formula(result())) == latex


def evaluated(tree):
    """The value of a tree's NumPy source in a namespace of the named values and NumPy alone."""
    names = {identifier: symbol.value for identifier, symbol in symbols(tree).items()}
    return eval(writing.source(tree), {"__builtins__": {}, "np": np, **names})


scalars = st.recursive(
    st.sampled_from(["x", "y", "2", "-0.75"]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("+-*/"), inner, inner).map(lambda t: f"({t[1]}) {t[0]} ({t[2]})"),
        inner.map(lambda e: f"-({e})"),
        inner.map(lambda e: f"({e}) ** 2"),
        inner.map(lambda e: f"np.tanh({e})"),
        inner.map(lambda e: f"np.exp({e} - 3)"),
    ),
    max_leaves=12,
)


@given(scalars)
@settings(deadline=None)
def test_the_source_of_a_formula_computes_its_value(code):
    with np.errstate(all="ignore"):
        result = eval(code, {"np": np, "x": x, "y": y})
        if type(result) is not Tensor or result.primitive is None or not np.isfinite(result.data):
            return
        tree = formula(result)
        np.testing.assert_allclose(evaluated(tree), result.data, rtol=1e-9, atol=1e-12)


def test_a_primitive_of_ones_own_is_written_by_its_name_and_evaluated_by_its_forward_function():
    softsign = ag.primitive(lambda t: t / (1 + abs(t)), lambda g, out, t: g / (1 + abs(t)) ** 2, name="soft_sign")
    tree = formula(softsign(x) * y)
    assert writing.text(tree) == "soft_sign(x) · y"
    assert writing.latex(tree) == r"\operatorname{soft\_sign}\left(x\right) \, y"
    assert writing.source(tree) == "x / (1 + np.absolute(x)) * y"


def test_a_forward_function_that_cannot_be_looked_into_has_no_source():
    opaque = ag.primitive(lambda t: np.float64(float(np.asarray(t)) ** 2), lambda g, out, t: g * 2 * t, name="opaque")
    with pytest.raises(writing.NoSourceError):
        writing.source(formula(opaque(x) + y))


def test_a_hostile_primitive_name_is_only_text():
    odd = ag.primitive(lambda t: t * 2, lambda g, out, t: g * 2, name="{0}<b>\\x\n")
    assert writing.text(formula(odd(x) + y)) == "{0}<b>\\x(x) + y"
    assert "<" not in writing.latex(formula(odd(x) + y))


def test_matrices_stand_as_matrices_when_numbers_are_put_in():
    v = Tensor(np.array([1.0, 2.0]), requires_grad=True, name="v")
    assert writing.text_with_numbers(formula(np.sum(A @ v))) == ["Σ([1  2] [1  2])", "  [3  4]"]


def test_what_is_too_wide_is_summarised():
    wide = Tensor(np.ones((50, 60)), requires_grad=True, name="M")
    (line,) = writing.text_with_numbers(formula(np.sum(wide * wide)), widest=80)
    assert line == "Σ((50 × 60 array of 1 … 1) ⊙ (50 × 60 array of 1 … 1))"
