"""Formulas that are too long for one line: where they are broken, and that nothing of them is lost."""

import re

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.derivation import writing
from autograd.derivation.lines import WIDEST, columns, set_on_lines
from autograd.derivation.steps import steps
from autograd.derivation.trees import Apply
from autograd.drawing.typeset import typeset
from autograd.primitives.arithmetic import add, multiply
from autograd.primitives.elementwise import tanh
from tests.derivation.golden_cases import CASES
from tests.derivation.latex_reader import read

generator = np.random.default_rng(3)


def parameter(name, *shape):
    return Tensor(generator.normal(size=shape).round(2), requires_grad=True, name=name)


def attention(queries=4, width=5):
    """softmax(Q Kᵀ / √d) V, its matrices as large as a page takes with all their numbers."""
    Q, K, V, C = (parameter(name, queries, width) for name in "QKVC")
    S = Q @ K.T / np.sqrt(width)
    E = np.exp(S - np.max(S, axis=1, keepdims=True))
    A = E / np.sum(E, axis=1, keepdims=True)
    L = np.sum(C * (A @ V))
    return ag.derive(L)


def logistic_regression(rows=5):
    X, y, w, b = parameter("X", rows, 3), Tensor(np.arange(rows) % 2.0, name="y"), parameter("w", 3), parameter("b")
    p = nn.functional.sigmoid(X @ w + b)
    L = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return ag.derive(L)


def layer_normalisation(rows=4, width=5):
    x, c, gamma = parameter("x", rows, width), parameter("c", rows, width), parameter("gamma", width)
    mu, var = np.mean(x, axis=1, keepdims=True), np.var(x, axis=1, keepdims=True)
    L = np.sum(c * (gamma * (x - mu) / np.sqrt(var + 1e-5)))
    return ag.derive(L)


WIDE = [attention, logistic_regression, layer_normalisation]


@pytest.mark.parametrize("case", [*WIDE, *CASES.values()], ids=lambda case: case.__name__)
def test_no_line_is_wider_than_a_terminal_and_no_small_array_is_left_out(case):
    for depth in (None, "rule", "written out", "in full"):
        text = case().text(depth)
        assert max(map(columns, text.splitlines())) <= WIDEST
        assert "values" not in re.sub(r"used by \d+ values", "", text)


def formulas(derived):
    found = [(value.formula, value.symbol.kind == "b") for value in derived.values if value.formula is not None]
    return found + [(tree, False) for step in derived.steps for tree in (step.rule, step.formula)]


def shrunk(text):
    """What is written, but for the spaces, and the dots that a matrix product takes at the beginning of a line."""
    return re.sub(r"[\s·]", "", text)


@pytest.mark.parametrize("room", [24, 48])
@pytest.mark.parametrize("case", [*WIDE, *CASES.values()], ids=lambda case: case.__name__)
def test_a_broken_formula_is_the_same_formula(case, room):
    for tree, condition in formulas(case()):
        rows = set_on_lines(tree, room, condition)
        assert shrunk("".join(rows.text)) == shrunk(writing.text(tree, condition))
        for numbers in (False, True):
            for line in set_on_lines(tree, room, condition, numbers).latex():
                read(line)


a, b, c = (Tensor([1.5, -2.0], requires_grad=True, name=name) for name in ("a_long_name", "b_long_name", "c_long_name"))
M, N = (Tensor([[1.0, 2.0], [3.0, 4.5]], requires_grad=True, name=name) for name in ("M_long_name", "N_long_name"))


@pytest.mark.parametrize(
    ("made", "lines"),
    [
        (lambda: a + b - c, ["Σ(a_long_name", "  + b_long_name", "  − c_long_name)"]),
        (lambda: a - (b + c), ["Σ(a_long_name", "  − (b_long_name", "     + c_long_name))"]),
        (lambda: a * b / c, ["Σ(a_long_name", "  ⊙ b_long_name", "  / c_long_name)"]),
        (lambda: a * (b + c), ["Σ(a_long_name", "  ⊙ (b_long_name", "     + c_long_name))"]),
        (lambda: M @ N @ a, ["Σ(M_long_name", "  · N_long_name", "  · a_long_name)"]),
        (lambda: (M + N).T @ a, ["Σ((M_long_name", "   + N_long_name)ᵀ", "  · a_long_name)"]),
        (lambda: ((a + b) / c) ** 3, ["Σ(((a_long_name", "    + b_long_name)", "   / c_long_name)³)"]),
        (lambda: a * b + c * c, ["Σ(a_long_name", "    ⊙ b_long_name", "  + c_long_name", "    ⊙ c_long_name)"]),
        (lambda: np.where(a > 0, b, c), ["Σ(where(a_long_name > 0,", "        b_long_name,", "        c_long_name))"]),
    ],
)
def test_sums_products_and_brackets_are_broken(made, lines):
    assert list(set_on_lines(steps(np.sum(made())).root.formula, 24).text) == lines


def test_functions_in_one_another_are_opened_from_the_outermost_on_each_moved_behind_the_one_around_it():
    tree = leaf = steps(np.tanh(Tensor(0.5, requires_grad=True, name="x"))).root.formula.operands[0]
    for _ in range(5):
        tree = Apply(tanh, (Apply(add, (Apply(multiply, (leaf, tree), {}, ()), leaf), {}, ()),), {}, ())
    assert list(set_on_lines(tree, 44).text) == [
        "tanh(",
        "  x · tanh(",
        "    x · tanh(x · tanh(x · tanh(x · x + x)",
        "                      + x)",
        "             + x)",
        "    + x)",
        "  + x)",
    ]


def test_matrices_stand_on_lines_of_their_own():
    tree = steps(np.sum(M @ N)).root.formula
    assert list(set_on_lines(tree, 16, numbers=True).text) == [
        "Σ([1    2]", "  [3  4.5]", "  · [1    2])", "    [3  4.5]",
    ]  # fmt: skip


def test_brackets_that_are_closed_on_another_line_are_closed_in_latex():
    first, second = set_on_lines(steps(np.sum(a * (b + c))).root.formula, 32).latex()
    assert first.endswith(r"\right.") and second.startswith(r"\quad {} \odot \left.")
    assert typeset(r"{} + \left.b\right)", "", 17.0).width > typeset(r"\left.{} + b\right)", "", 17.0).width + 2  # why


def test_chinese_letters_take_two_columns_and_accents_none():
    assert columns("名前") == 4 and columns("y\u0302") == 1 and columns("∂L/∂z₁") == 6


def test_arrays_with_their_roles_and_shapes_stay_within_a_terminal():
    rng = np.random.default_rng(1)
    cube = Tensor(rng.normal(size=(2, 3, 2)), requires_grad=True, name="cube")
    row = Tensor(rng.normal(size=12), requires_grad=True, name="row")
    text = ag.derive(np.sum(np.exp(cube)) * np.sum(row**3)).text()
    assert max(map(columns, text.splitlines())) <= WIDEST
    assert text.splitlines()[2:4] == [
        "  cube = [[[0.3456, 0.8216], [0.3304, −1.303], [0.9054, 0.4464]],   parameter",
        "          [[−0.537, 0.5811], [0.3646, 0.2941], [0.02842, 0.5467]]]",
    ]
    assert "(12)   parameter" in text
