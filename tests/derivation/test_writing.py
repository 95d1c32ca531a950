"""Formulas from forward graphs: precedence, brackets, the three notations of one tree."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import Tensor
from autograd.derivation import writing
from autograd.derivation.evaluate import evaluated
from autograd.derivation.lines import set_on_lines
from autograd.derivation.steps import steps
from autograd.derivation.verify import verify
from autograd.primitives import elementwise, indexing, reductions, rows, shapes
from tests.derivation.support import lines

A = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True, name="A")
B = Tensor(np.array([[5.0, 6.0], [7.0, 8.5]]), requires_grad=True, name="B")
x = Tensor(0.5, requires_grad=True, name="x")
y = Tensor(1.5, requires_grad=True, name="y")
W1 = Tensor(np.array([[1.0, -2.0], [0.5, 3.0]]), requires_grad=True, name="W1")


def formula(result):
    return steps(result).root.formula


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (lambda: (x + y) * x, "(x + y) · x"),
        (lambda: x - (y - x), "x − (y − x)"),
        (lambda: (x - y) - x, "x − y − x"),
        (lambda: x / (y * x), "x / (y · x)"),
        (lambda: x / y / x, "x / (y · x)"),
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
        (lambda: x * 1.0001 + 50176 * y, "1.0001 · x + 50176 · y"),
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
        (lambda: -np.sum(A), r"-\sum A"),
        (lambda: np.sqrt(x + y), r"\sqrt{x + y}"),
        (lambda: x**3, "x^{3}"),
    ],
)
def test_latex_is_set_as_a_book_sets_it(result, latex):
    assert writing.latex(formula(result())) == latex


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
        np.testing.assert_allclose(evaluated(writing.source(tree), tree), result.data, rtol=1e-9, atol=1e-12)


def test_a_product_with_a_condition_in_front_can_be_negated():
    result = -np.sum(-((A > 2) * A) * (A > 3))
    tree = formula(result)
    assert evaluated(writing.source(tree), tree) == result.item() == 4


M = Tensor(np.arange(1.0, 7.0).reshape(2, 3), requires_grad=True, name="M")
v = Tensor(np.array([1.0, 2.0]), requires_grad=True, name="v")
c = Tensor(np.array([0.5, 1.5]), name="c")
T = Tensor(np.arange(12.0).reshape(2, 2, 3) / 10, requires_grad=True, name="T")


@pytest.mark.parametrize(
    ("result", "value", "gradient"),
    [
        (lambda: np.sum((A @ v) * c), "Σ(A v ⊙ c)", "∂out/∂A = c ⊗ v"),
        (lambda: np.sum((v @ A) * c), "Σ(v A ⊙ c)", "∂out/∂A = v ⊗ c"),
        (lambda: np.sum(A @ B + v), "Σ(A B + v)", "∂out/∂A = 1₂ₓ₂ Bᵀ"),
        (lambda: np.sum(np.broadcast_to(M, (4, 2, 3))), "Σ(broadcast[4 × 2 × 3](M))", None),
        (lambda: np.sum(M.reshape(3, 2) @ M), "Σ(reshape[3 × 2](M) M)", None),
        (lambda: np.sum(M.sum(axis=1) ** 2), "Σ(Σ[axis 1](M)²)", "∂out/∂M = 2 · Σ[axis 1](M)[:, None]"),
        (lambda: np.sum(M.sum(axis=-2) ** 2), "Σ(Σ[axis 0](M)²)", "∂out/∂M = 2 · Σ[axis 0](M)[None, :]"),
        (lambda: np.sum(M - M.sum(axis=1, keepdims=True)), "Σ(M − Σ[axis 1](M))", None),
        (lambda: np.sum((T @ np.ones((2, 3, 2))) * 2.0), "Σ(2 · T v₁)", None),
        (lambda: np.sum(T.transpose(1, 2, 0)), "Σ(transpose[1, 2, 0](T))", None),
        (lambda: np.sum(M.transpose(1, 0) @ M), "Σ(Mᵀ M)", None),
        (lambda: np.sum(v[[0, 0, 1]] * 3), "Σ(3 · v[[0, 0, 1]])", "∂out/∂v = 3 · scatter[[0, 0, 1]](1₃)"),
        (lambda: np.sum(v.astype(np.float32) * 2), "Σ(2 · v)", "∂out/∂v = 2"),
        (lambda: -np.sum(nn.functional.relu(v)), "−Σ(relu(v))", "∂out/∂v = −1[v > 0]"),
        (
            lambda: np.sum(nn.functional.relu(v) + nn.functional.relu(v)),
            "Σ(relu(v) + relu(v))",
            "∂out/∂v = 2 · 1[v > 0]",
        ),
        (lambda: np.sum(v) * 2 + np.sum(v * 3), "2 · Σ(v) + Σ(3 · v)", None),
        (lambda: np.sum(v * 1e-5), "Σ(1e−05 · v)", "∂out/∂v = 1e−05"),
        (lambda: np.sum(np.where(v > 1, v, 0)), "Σ(where(v > 1, v, 0))", "∂out/∂v = 1[v > 1]"),
    ],
)
def test_what_is_printed_is_what_is_meant(result, value, gradient):
    out = result()
    out.name = "out"
    derived = steps(out)
    assert writing.text(derived.root.formula) == value
    assert verify(derived).ok, str(verify(derived))
    if gradient is not None:
        assert gradient in lines(derived)


@pytest.mark.parametrize(
    ("result", "latex"),
    [
        (lambda: np.sum(A) * np.sum(v), r"\left(\sum A\right) \, \left(\sum v\right)"),
        (lambda: W1[0].sum() * 2.0, r"{W_{1}}_{\text{[0]}}"),
        (lambda: np.sum(W1.T**2), r"{W_{1}^{\top}}^{2}"),
        (lambda: np.sum(v[::-1][:1]), r"{v_{\text{[::-1]}}}_{\text{[:1]}}"),
    ],
)
def test_latex_has_brackets_and_no_double_scripts(result, latex):
    assert latex in writing.latex(formula(result()))


# Pairs of rows of three families, which are written in every way there is; other families are written like these.
COMPOSED = [row for family in (elementwise, reductions, shapes, indexing) for row in vars(family).values()]
singles = [row for row in rows if row.differentiable and row.arity == 1 and not row.joint and row in COMPOSED]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("outer", singles, ids=lambda row: row.__name__)
@pytest.mark.parametrize("inner", singles, ids=lambda row: row.__name__)
def test_rows_compose(inner, outer, dtype):
    options = {
        "reshape": {"shape": (-1,)}, "broadcast_to": {"shape": (5, 2, 3)}, "expand_dims": {"axis": -1},
        "astype": {"dtype": np.float64}, "getitem": {"index": (0, ...)},
        "scatter": {"index": slice(0, 2), "shape": (4, 3)},
        "sum": {"axis": 1}, "mean": {"axis": -1, "keepdims": True}, "max": {"axis": 0},
    }  # fmt: skip
    a = Tensor(np.array([[0.5, 1.25, 2.25], [1.5, 0.75, 3.125]], dtype=dtype), requires_grad=True, name="a1")
    try:
        out = outer(inner(a, **options.get(inner.__name__, {})) + 4, **options.get(outer.__name__, {}))
    except (ValueError, IndexError):
        return  # shapes that do not fit each other
    derived = steps(np.sum(out * 3) * 0.5)
    assert verify(derived).ok, str(verify(derived))
    for step in derived.steps:
        assert not re.search(r"\}\^\{[^{}]*\}\^|[^}]_\{[^{}]*\}_", writing.latex(step.formula))


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


def with_numbers(tree):
    return list(set_on_lines(tree, numbers=True).text)


def test_matrices_stand_as_matrices_when_numbers_are_put_in():
    v = Tensor(np.array([1.0, 2.0]), requires_grad=True, name="v")
    assert with_numbers(formula(np.sum(A @ v))) == ["Σ([1  2] [1  2])", "  [3  4]"]


def test_numbers_are_multiplied_by_a_dot_and_negative_ones_added_in_brackets():
    w, b = (Tensor(value, requires_grad=True, name=name) for value, name in ((10.0, "w"), (-0.3, "b")))
    tree = formula(w * Tensor(4.0, requires_grad=True, name="z") + b)
    assert writing.latex(tree) == r"w \, z + b"
    assert set_on_lines(tree, numbers=True).latex()[0] == r"{10} \cdot {4} + \left({-0.3}\right)"
    assert with_numbers(tree) == ["10 · 4 + (−0.3)"]


def test_a_gradient_takes_no_brackets_in_an_outer_product():
    z = A @ v
    out = np.sum(np.exp(z))
    z.name, out.name = "z", "out"
    assert "∂out/∂A = ∂out/∂z ⊗ v" in lines(steps(out))


def test_matrices_have_no_second_brackets():
    (latex,) = set_on_lines(formula(np.sum(A @ A.T)), numbers=True).latex()
    assert "left(" not in latex and latex.count("bmatrix") == 4
