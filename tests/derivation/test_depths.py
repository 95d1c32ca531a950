"""How deep a derivation is shown, and how a large one is folded."""

import re
from cProfile import Profile
from itertools import pairwise

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.derivation.depths import in_full, of_step, of_value
from autograd.derivation.ellipsis import shortened
from autograd.derivation.steps import steps
from autograd.derivation.trees import Apply, Number, symbols
from autograd.derivation.writing import NoSourceError, source, text
from autograd.drawing import equations, in_numbers
from autograd.drawing.typeset import typeset
from autograd.primitives.arithmetic import add, multiply, subtract
from tests.derivation.golden_cases import CASES
from tests.duck import Duck


def leaf(value, name=None):
    return Tensor(value, requires_grad=True, name=name)


def layer():
    x, w = leaf([1.0, -2.0], "x"), leaf([0.5, 0.25], "w")
    z = x * w
    a = nn.functional.sigmoid(z)
    L = np.sum(a)
    return ag.derive(L)


def chain(length):
    value = leaf(0.1, "x")
    for _ in range(length):
        value = np.tanh(value) * 1.01
    return value


def test_a_step_has_four_lines_from_rule_to_result():
    step = layer().steps[2]
    found = {line.depth: " ".join(line.text) for line in of_step(step)}
    assert found == {
        "rule": "∂L/∂a ⊙ σ′(z)",
        "written out": "∂L/∂a ⊙ a ⊙ (1 − a)",
        "numbers": "[1  1] ⊙ [0.6225  0.3775] ⊙ (1 − [0.6225  0.3775])",
        "result": "[0.235  0.235]",
    }


def test_no_line_is_said_twice():
    derivation = layer()
    for found in (*map(of_value, derivation.values), *map(of_step, derivation.steps)):
        texts = [line.text for line in found]
        assert all(one != other for one, other in pairwise(texts))


@pytest.mark.parametrize(
    ("depth", "there", "absent"),
    [
        ("rule", "∂L/∂z = ∂L/∂a ⊙ σ′(z)", "(1 − a)"),
        ("written out", "= ∂L/∂a ⊙ a ⊙ (1 − a)", "0.235"),
        ("numbers", "= [0.235  0.235]", "where"),
        ("in full", "∂L/∂x = a ⊙ (1 − a) ⊙ w\n  where a = σ(x ⊙ w)", "∂L/∂z"),
    ],
)
def test_each_depth_is_reached_alone(depth, there, absent):
    derivation = layer()
    for shown in (derivation.text(depth), derivation.text(depth, whole=True)):
        assert there in shown and absent not in shown
    assert derivation.latex(depth).startswith(r"\documentclass")


def test_another_depth_is_refused():
    with pytest.raises(ValueError, match="'rule', 'written out', 'numbers', 'in full'"):
        layer().text("deep")
    with pytest.raises(ValueError, match="'deep'"):
        layer().latex("deep")


def test_in_full_shared_parts_are_named_and_not_repeated():
    x = value = leaf(1.1, "x")
    for _ in range(12):
        value = value * value
        value = value / 2
    derivation = ag.derive(value)
    parts = in_full(derivation, derivation.steps[-1])
    assert len(parts) < 4 * 12 and derivation.steps[-1].value.tensor is x
    assert len(derivation.text("in full")) < 3000


def test_in_full_a_formula_leads_down_to_the_inputs():
    for case in CASES.values():
        derivation = case()
        inputs = {v.symbol.name.identifier for v in derivation.values if v.formula is None}
        for step in derivation.steps:
            parts = in_full(derivation, step)
            named = {symbol.name.identifier for symbol, _ in parts}
            for _, tree in parts:
                assert set(symbols(tree)) <= named | inputs


def test_a_large_graph_is_folded_below_a_summary():
    derivation = ag.derive(chain(1000))
    shown = derivation.text()
    assert shown.startswith("The derivation of v") and "gradients, 1 of them of inputs" in shown
    assert "gradients more …" in shown and len(shown) < 60_000
    assert "∂v₂₅₀/∂x" in shown
    whole = derivation.text("rule", whole=True)
    assert "more …" not in whole and whole.count("\n") > 500


def test_every_form_of_a_large_graph_has_the_summary_the_ends_and_the_way_to_the_rest(tmp_path):
    derivation = ag.derive(chain(1000))
    shown = derivation._repr_mimebundle_()
    forms = {"latex": derivation.latex(), "markdown": derivation.markdown(), "text": shown["text/html"]}
    forms["html"] = derivation.html()
    for way, form in forms.items():
        assert len(form) < 1_000_000
        assert "of them of inputs. " in form and "Shown are the first and last 5 of each; .steps has all" in form
        assert f".{way if way != 'html' else 'text'}(whole=True) prints all" in form
        assert re.search(r"\d+ values more", form) and re.search(r"\d+ gradients more", form)
    for folded, whole in (
        (forms["latex"], derivation.latex("rule", whole=True)),
        (forms["markdown"], derivation.markdown(whole=True)),
    ):
        assert len(folded) < 20_000 and r"v_{125}" not in folded
        assert r"v_{125}" in whole and "more" not in whole
    assert len(derivation.latex("in full")) < 20_000 and "parts more" in derivation.latex("in full")
    assert "parts more" in forms["html"]
    assert r"&\text{\dots{} " in shown["text/latex"] and "\t" not in shown["text/latex"]
    assert derivation.save(tmp_path / "d.tex").read_text("utf-8") == forms["latex"]


def test_a_deep_graph_is_no_deep_recursion():
    value = leaf(0.1, "x")
    for i in range(1500):
        value = value + 1 / (i + 1.5)
    assert ag.derive(value).steps[-1].gradient.value == 1
    value = leaf(0.1, "x")
    for i in range(1500):
        value = 1 / (i + 1.5) + value
    derivation = ag.derive(value)
    assert derivation.text("in full") and derivation.steps[-1].gradient.value == 1


def test_a_value_with_a_thousand_uses_is_a_long_sum_and_not_a_deep_one():
    x = leaf(1.5, "x")
    terms = [x * (i + 0.5) for i in range(1000)]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    derivation = ag.derive(total)
    assert derivation.verify().ok and derivation.text(whole=True)


def test_a_second_derivative_of_a_vector_takes_the_gradient_that_arrives():
    A, x = Tensor([[1.0, 2.0], [3.0, 5.0]], name="A"), leaf([1.0, -2.0], "x")
    q = x @ A @ x
    q.backward(create_graph=True)
    derivation = ag.derive(x.grad, gradient=[1.0, 0.5])
    (step,) = (step for step in derivation.steps if step.value.tensor is x)
    np.testing.assert_allclose(step.gradient.value, (A.data + A.data.T) @ [1.0, 0.5])
    assert derivation.verify().ok
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        ag.derive(x.grad, gradient=[1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"ag.derive\(t, gradient="):
        ag.derive(x.grad)


def test_only_the_steps_to_what_was_asked_for():
    x, W1, W2 = Tensor([[0.5, -1.0]], name="x"), leaf(np.ones((2, 3)) * 0.3, "W1"), leaf(np.ones((3, 1)) * 0.2, "W2")
    h = np.tanh(x @ W1)
    L = np.mean((h @ W2) ** 2)

    def taken(derivation):
        assert derivation.verify().ok and derivation.html()
        return [step.value.symbol.name.text for step in derivation.steps]

    assert taken(ag.derive(L, wrt=W2)) == ["L", "W₂"]
    assert taken(ag.derive(L, W1)) == ["L", "h", "W₁"]
    assert taken(ag.derive(L, wrt=[W1, W2])) == taken(ag.derive(L)) == ["L", "W₂", "h", "W₁"]
    assert taken(ag.derive(h, wrt=W1, gradient=np.ones((1, 3)))) == ["s", "h", "W₁"]
    assert ag.derive(L, wrt=h).text("in full") == "∂L/∂h = 2 · tanh(x W₁) W₂ W₂ᵀ\n"
    assert ag.derive(L, wrt=W2).text("in full").startswith("∂L/∂W₂ = ")
    unnamed = np.exp(W2)
    assert taken(ag.derive(np.sum(unnamed.T @ unnamed), wrt=unnamed)) == ["v₁", "unnamed"]


@pytest.mark.parametrize(
    "wrt, kind, said",
    [
        (leaf([1.0], "V"), ValueError, "'V'.*not in the graph"),
        (Tensor([1.0], name="fixed"), ValueError, "'fixed'.*requires_grad=True"),
        ([], ValueError, "no Tensor in it"),
        ("W", TypeError, "this is a str"),
        (np.ones(2), TypeError, "this is an ndarray"),
        (3, TypeError, "this is an int"),
    ],
    ids=["elsewhere", "no gradient", "none", "a name", "an array", "a number"],
)
def test_a_gradient_by_something_else_is_refused(wrt, kind, said):
    W = leaf([1.0, 2.0], "W")
    with pytest.raises(kind, match=said):
        ag.derive(np.sum(W * W), wrt=wrt)


def test_what_was_detached_is_said():
    x = leaf([0.5, 0.25], "x")
    y = np.exp(x)
    d = y.detach()
    d.name = "d"
    L = np.sum(y * d)
    (step,) = (step for step in steps(L, {"y": y}).steps if step.value.symbol.name.text == "y")
    assert "d holds the values of y, but was detached" in step.notes[0].text
    alike = Tensor(y.data.copy(), name="alike")  # the same numbers, made otherwise: nothing was cut
    (step,) = (step for step in steps(np.sum(y * alike), {"y": y}).steps if step.value.symbol.name.text == "y")
    assert not any(note.kind == "detach" for note in step.notes)


def test_other_libraries_arrays_are_converted_to_be_shown():
    W, x = leaf(Duck(np.ones((2, 3)) * 0.3), "W"), Tensor(Duck(np.arange(3.0)), name="x")
    derivation = ag.derive(np.sum(np.tanh(W @ x)))
    assert "[0  0.4869  0.9738]" in derivation.text() and derivation.latex()
    checks = derivation.verify().checks
    assert all(check.twin == 0 and check.differences is None for check in checks)
    assert isinstance(derivation.steps[-1].gradient.value, Duck)


def test_values_that_are_not_numbers_are_shown_and_called_out():
    x = leaf([np.nan, 1.0], "x")
    derivation = ag.derive(np.sum(np.tanh(x)))
    assert "nan" in derivation.text() and r"\text{nan}" in derivation.latex()
    assert "x itself holds NaN or infinity, at 1 of 2 entries" in derivation.text()


def recurrent(length, named):
    w, h = leaf(0.5, "w"), Tensor(0.1)
    for i in range(length):
        h = np.tanh(h * w + 0.1)
        if named:
            h.name = f"h{i}"
    return ag.derive(h)


def test_of_a_very_long_sum_the_ends_are_shown_and_the_whole_on_request():
    derivation = recurrent(60, named=True)
    step = derivation.steps[-1]
    shown, whole = derivation.text(), derivation.text(whole=True)
    assert shown.startswith("Of more than 20 terms or operands the first and last 5 are shown; .steps has all, .text(")
    assert shown.count("+ … 50 terms more …") == 3 and shown.count("… 50 consumers more …") == 1
    assert "from h₅₅:" in shown and "from h₅₄:" not in shown and "from h₅:" not in shown and "from h₄:" in shown
    assert "more …" not in whole and "from h₅₄:" in whole and len(step.contributions) == 60
    assert len(shown) < len(whole) - 5000
    assert "left_out" not in shown and derivation.verify().ok and source(step.formula).count("+") > 50
    words = r"\cdots\ \text{50 terms more}\ \cdots"
    for form in (derivation.latex(), derivation.markdown(), derivation._repr_mimebundle_()["text/latex"]):
        assert words in form
    assert words not in derivation.latex(whole=True) and words not in derivation.markdown(whole=True)
    for form in (derivation.html(), derivation.svg(), derivation._repr_mimebundle_()["text/html"]):
        assert "… 50 terms more …" in form
    assert "… 50 values more …, h₄" in derivation.html()


def test_a_long_sum_is_shortened_with_its_signs_wherever_it_stands():
    tree = Number(0)
    for i in range(1, 31):
        tree = Apply(subtract if i % 2 else add, (tree, Number(i)), {}, ())
    shown = "0 − 1 + 2 − 3 + 4 + … 21 terms more … + 26 − 27 + 28 − 29 + 30"
    assert text(shortened(tree)) == shown
    assert text(shortened(Apply(multiply, (Number(2), tree), {}, ()))) == f"2 · ({shown})"
    with pytest.raises(NoSourceError):
        source(shortened(tree))
    short = tree
    for _ in range(11):
        short = short.operands[0]
    assert shortened(short) is short


def stacked(count):
    parts = [leaf(0.1 * i, f"w{i}") for i in range(count)]
    whole = np.stack(parts)
    whole.name = "s"
    return np.sum(whole * whole)


def test_of_very_many_operands_the_ends_are_shown():
    derivation = ag.derive(stacked(30))
    shown = derivation.text().split()
    assert " ".join(shown[shown.index("stack(w₀,") :]).startswith(
        "stack(w₀, w₁, w₂, w₃, w₄, … 20 values more …, w₂₅, w₂₆, w₂₇, w₂₈, w₂₉)"
    )
    assert "w₁₇," in derivation.text(whole=True) and r"\cdots\ \text{20 values more}\ \cdots" in derivation.latex()
    assert source(derivation.values[-2].formula).count("w") == 30 and derivation.verify().ok
    few = ag.derive(stacked(20)).values[-2].formula
    assert shortened(few) is few


def test_to_derive_what_is_stacked_of_very_many_values_takes_time_in_proportion():
    """An operation with n operands hands back to n values: what is asked about it is not to be asked n times."""
    calls = {}
    for count in (200, 800):
        profile = Profile()
        profile.runcall(steps, stacked(count))
        calls[count] = sum(each.callcount for each in profile.getstats())
    assert calls[800] < 5 * calls[200]


def test_a_weight_used_a_thousand_times_is_derived_in_seconds():
    derivation = recurrent(1000, named=False)
    shown = derivation.text()
    assert len(shown) < 60_000 and "terms more …" in shown
    assert len(derivation.steps[-1].parts) <= 20
    assert derivation.verify().ok


def test_a_name_that_cannot_be_typeset_is_text_on_every_line_of_a_page(monkeypatch):
    a, b, c = leaf(0.5, "שלום"), leaf(0.25, "long" * 9), leaf(0.75, "wv" * 9)
    z = np.tanh(c * a * 2 + b * a * 3 + c * c * a)
    lines = [line for step in ag.derive(z).steps for line in of_step(step) if line.rows and line.depth == "rule"]
    asked = []
    for module in (equations, in_numbers):
        monkeypatch.setattr(module, "typeset", lambda *what: asked.append(what) or typeset(*what))
    for line in lines:
        equations.line_piece(line, 17.0)
    assert len(asked) > len(lines) and all(text for _, text, _ in asked)


def test_names_with_angle_brackets_compile():
    assert r"\providecommand{\lt}{<}" in ag.derive(leaf(0.5, "<b>") * 2).latex()
