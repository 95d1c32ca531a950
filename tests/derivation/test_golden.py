"""Whole derivations as they are read: a change of a line is a change of the product, to be looked at."""

import numpy as np
import pytest

from tests.derivation.golden_cases import CASES, GOLDEN, golden_text


@pytest.mark.parametrize("name", CASES)
def test_the_derivation_reads_as_it_was_last_read_by_somebody(name):
    kept = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert golden_text(CASES[name]()) == kept, "read the difference; `python -m tests.derivation.golden_cases` keeps it"


@pytest.mark.parametrize("name", CASES)
def test_all_of_it_is_verified(name):
    derivation = CASES[name]()
    result = derivation.verify()
    assert result.ok, str(result)
    assert all(check.source is not None for check in result.checks)


def test_every_golden_text_has_a_case():
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


def test_the_rules_of_a_layer_are_those_of_the_article_and_right():
    """∂L/∂W = ∂L/∂y · f′(W x + b) · x, and so on, for a column vector and for a batch of rows."""
    column = CASES["column_layer"]().text("rule").splitlines()
    for rule in (
        "  ∂L/∂W = (∂L/∂y ⊙ tanh′(W x + b)) ⊗ x",
        "  ∂L/∂b = ∂L/∂y ⊙ tanh′(W x + b)",
        "  ∂L/∂x = Wᵀ (∂L/∂y ⊙ tanh′(W x + b))",
    ):
        assert rule in column
    rows = CASES["row_batch_layer"]().text("rule").splitlines()
    for rule in (
        "  ∂L/∂z = ∂L/∂Y ⊙ tanh′(z)",
        "  ∂L/∂W = Xᵀ ∂L/∂z",
        "  ∂L/∂b = Σ[axis 0](∂L/∂z)",
        "  ∂L/∂X = ∂L/∂z Wᵀ",
    ):
        assert rule in rows


def test_the_second_derivative_of_a_quadratic_form_is_the_sum_of_the_matrix_and_its_transpose():
    assert "∂s/∂x = ∂s/∂x.grad (A + Aᵀ)" in CASES["second_derivative_of_a_quadratic_form"]().text("rule")


def test_the_second_derivative_of_softmax_cross_entropy_is_that_of_the_textbook():
    """diag(p) − p pᵀ, applied to v."""
    derivation = CASES["second_derivative_of_softmax_cross_entropy"]()
    z, v = np.array([2.0, 1.0, -1.0]), np.array([1.0, 0.0, 0.0])
    p = np.exp(z) / np.exp(z).sum()
    (step,) = (step for step in derivation.steps if step.value.symbol.name.text == "z")
    np.testing.assert_allclose(step.gradient.value, p * v - p * (p @ v), rtol=1e-12)
