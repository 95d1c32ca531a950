"""Gradients as a textbook writes them: which rules a formula meets, and that its NumPy twin stays the gradient."""

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.derivation import writing
from autograd.derivation.steps import steps
from autograd.derivation.verify import verify

F = nn.functional


def leaf(value, name):
    return Tensor(np.array(value, dtype=float), requires_grad=True, name=name)


x, y, s = leaf([0.5, -1.5, 2.0], "x"), leaf([1.0, 0.25, -0.5], "y"), leaf(1.25, "s")
z = leaf([[2.0, 1.0, -1.0], [0.5, 0.0, 1.0]], "z")
A, b = leaf([[2.0, 0.5], [-0.25, 1.5]], "A"), leaf([1.0, -2.0], "b")
c, C = Tensor([1.0, 2.0], name="c"), Tensor([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]], name="C")


def gradient(result, value, depth="formula"):
    result.name = "L"
    derived = steps(result)
    assert verify(derived).ok, str(verify(derived))
    (step,) = (step for step in derived.steps if step.value.tensor is value)
    return writing.text(getattr(step, depth))


@pytest.mark.parametrize(
    ("result", "value", "written"),
    [
        (lambda: F.cross_entropy(z, [0, 2]), z, "1/2 · (softmax(z) − y)"),
        (lambda: F.cross_entropy(z, np.eye(3)[[0, 2]]), z, "1/2 · (softmax(z) − y)"),
        (lambda: F.cross_entropy(x, np.array(2)), x, "softmax(x) − y"),
        (lambda: -np.mean(F.log_softmax(z)[[0, 1], [0, 2]]), z, "1/2 · (softmax(z) − scatter[[0, 1], [0, 2]](1₂))"),
        (lambda: c @ np.linalg.solve(A, b), A, "−(A⁻ᵀ c) ⊗ (A⁻¹ b)"),
        (lambda: c @ np.linalg.solve(A, b), b, "A⁻ᵀ c"),
        (lambda: np.trace(np.linalg.inv(A)), A, "−A⁻ᵀ A⁻ᵀ"),
        (lambda: np.sin(s) / s, s, "(cos(s) − L) / s"),
        (lambda: np.sum(np.log(s) + (x - 1) ** 2 / (2 * s**2)), s, "(3 − Σ((x − 1)²) / s²) / s"),
        (lambda: np.linalg.norm(x), x, "x / L"),
        (lambda: np.sum(x / np.linalg.norm(x)), x, "(1 − Σ(x) · x / ‖x‖²) / ‖x‖"),
        (lambda: np.sum(np.where(x > 0, x**2, -x)), x, "2 · x ⊙ 1[x > 0] − 1[x ≤ 0]"),
        (lambda: np.sum(np.clip(x, -1, 1) ** 2), x, "2 · clip(x, −1, 1) ⊙ 1[x ≥ −1 ∧ x ≤ 1]"),
        (lambda: np.sum(x**3 * x**2), x, "5 · x⁴"),
        (lambda: np.sum(np.sqrt(x**2 + 1)), x, "x / √(x² + 1)"),
        (lambda: np.sum(x * y) + np.sum(x * y * s), x, "y · (s + 1)"),
        (lambda: s**4 - 3 * s**2, s, "4 · s³ − 6 · s"),
        (lambda: np.sum((x - x.mean()) * y) / x.std(), y, "(x − mean(x)) / std(x)"),
        (lambda: -np.sum(np.exp(x) - x) / 2, x, "1/2 · (1 − exp(x))"),
        (lambda: np.exp(-(s**2) / 2) * 0.8, s, "−0.8 · exp(−1/2 · s²) · s"),
        (lambda: s + np.log(np.sum(np.exp(x - s))), s, "1 − 1"),
    ],
)
def test_gradients_read_as_in_a_textbook(result, value, written):
    assert gradient(result(), value) == written


def test_the_largest_of_each_row_is_compared_with_its_row():
    m = z.max(axis=1)
    m.name = "m"
    assert gradient(np.sum(c * m), z) == "(∂L/∂m)[:, None] ⊙ 1[z = m[:, None]]"


def test_a_handwritten_softmax_has_one_fraction_for_its_gradient():
    e = np.exp(z - z.max(axis=1, keepdims=True))
    e.name = "e"
    p = e / e.sum(axis=1, keepdims=True)
    p.name = "p"
    assert gradient(np.sum(C * p), e) == "(∂L/∂p − Σ[axis 1](∂L/∂p ⊙ p)) / Σ[axis 1](e)"


def test_the_rule_of_a_quotient_is_one_fraction_too():
    assert gradient(np.sin(s) / s, s, "rule") == "(sin′(s) − L) / s"


def test_a_factor_that_is_left_out_since_it_is_1_is_told_of():
    step = steps(F.cross_entropy(z, [0, 2])).steps[-1]
    assert [note.text for note in step.notes if note.kind == "ones"] == [
        "Σ[axis 1](y) is 1 in every entry, and so is not written as a factor."
    ]


def test_constants_on_the_way_to_a_gradient_that_are_one_number_are_written_as_it():
    w = leaf([0.5, -1.5, 2.0], "w")
    np.sum(np.tanh(w) ** 2).backward(create_graph=True)
    derived = steps(np.sum(w.grad * Tensor([1.0, 2.0, 3.0], name="v")))
    (formula,) = (value.formula for value in derived.values if value.symbol.name.text == "w.grad")
    assert writing.text(formula) == "2 · v₁ ⊙ (1 − v₁²)"
    assert verify(derived).ok


def test_a_gradient_within_a_fraction_is_set_as_large_as_outside():
    p = z / z.sum(axis=1, keepdims=True)
    p.name = "p"
    step = steps(np.sum(C * p)).steps[-1]
    assert writing.latex(step.formula).startswith(r"\frac{\dfrac{\partial v_{1}}{\partial p} - \sum")


def test_a_reduced_axis_is_put_back_under_the_fraction():
    m = z.max(axis=1)
    m.name = "m"
    written = gradient(np.sum(m + np.log(np.sum(np.exp(z - m[:, None]), axis=1))), z)
    assert written.startswith("exp(z − m[:, None]) / Σ[axis 1](exp(z − m[:, None]))[:, None]")


def test_what_sums_to_1_is_left_out_only_where_it_does():
    loose = Tensor([[0.5, 0.0, 0.25], [0.0, 0.0, 1.0]], name="t")
    assert gradient(F.cross_entropy(z, loose), z) == "1/2 · (softmax(z) ⊙ Σ[axis 1](t) − t)"


def test_what_sums_to_1_by_chance_but_was_computed_stays():
    w = leaf([0.25, 0.75], "w")
    assert gradient(np.sum(w) * s, s) == "Σ(w)"


def test_nothing_is_cancelled_that_may_be_0():
    p = leaf([0.5, 0.0], "p")
    with np.errstate(all="ignore"):
        derived = steps(np.sum(p * np.log(p)))
    assert writing.text(derived.steps[-1].formula) == "ln(p) + p / p"


def test_values_of_the_graph_keep_the_form_they_were_computed_in():
    assert gradient(np.sum(np.tanh(x + 2 * x**3)), x) == "(1 − tanh(x + 2 · x³)²) ⊙ (1 + 6 · x²)"


def test_a_primitive_says_what_functions_of_it_are_called():
    import autograd as ag

    twice = ag.primitive(lambda x: x + x, lambda g, y, x: g * 2, name="twice")
    log_twice = ag.primitive(
        lambda x: np.log(x + x), lambda g, y, x: g * 2 / np.exp(y), name="log_twice", identities={np.exp: twice}
    )
    assert gradient(log_twice(s) * 1.0, s) == "2 / twice(s)"
