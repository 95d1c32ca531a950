"""What a step carries: consumers, contributions at three depths, notes and call-outs."""

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.derivation import writing
from autograd.derivation.steps import steps


def leaf(value, name=None):
    return Tensor(value, requires_grad=True, name=name)


def step_of(derived, name):
    return next(step for step in derived.steps if step.value.symbol.name.text == name)


def network():
    """A 2-2-1 network with a batch of three rows."""
    x = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.5]], name="x")
    W, b = leaf([[0.5, -0.25], [0.75, 0.125]], "W"), leaf([0.1, -0.2], "b")
    z = x @ W + b
    a = nn.functional.sigmoid(z)
    L = np.mean((a - 1) ** 2)
    return steps(L, {"z": z, "a": a, "L": L})


def test_a_rule_has_the_local_derivative_as_a_symbol_that_is_also_written_out():
    step = step_of(network(), "z")
    assert writing.text(step.rule) == "∂L/∂a ⊙ σ′(z)"
    assert writing.latex(step.rule) == r"\frac{\partial L}{\partial a} \odot \sigma'\left(z\right)"
    assert writing.text(step.formula) == "∂L/∂a ⊙ a ⊙ (1 − a)"
    (part,) = step.contributions
    (local,) = part.locals
    assert (writing.text(local.symbol), writing.text(local.formula)) == ("σ′(z)", "a ⊙ (1 − a)")
    a = np.asarray(part.locals[0].symbol.operands[0].value)
    np.testing.assert_allclose(local.value, np.exp(-a) / (1 + np.exp(-a)) ** 2)


@pytest.mark.parametrize(
    ("function", "rule"),
    [
        (np.tanh, "tanh′(x)"),
        (np.exp, "exp′(x)"),
        (np.log, "ln′(x)"),
        (np.log10, "log₁₀′(x)"),
        (nn.functional.relu, "relu′(x)"),
        (np.sqrt, "1 / (2 · √x)"),
        (np.square, "2 · x"),
        (lambda x: np.tanh(np.exp(x)), "tanh′(exp(x)) ⊙ exp′(x)"),
    ],
)
def test_only_functions_have_a_symbol_for_their_derivative(function, rule):
    x = leaf([0.5, 1.5], "x")
    derived = steps(np.sum(function(x)))
    assert writing.text(step_of(derived, "x").rule) == rule


def test_a_step_waits_for_its_consumers_and_adds_what_each_hands_back():
    x = leaf(3.0, "x")
    y = x * 2
    z = np.tanh(y)
    L = z * y
    step = step_of(steps(L, {"y": y, "z": z, "L": L}), "y")
    assert [name.text for name in step.waits_for] == ["L", "z"]
    assert [writing.text(part.rule) for part in step.contributions] == ["z", "∂L/∂z · tanh′(y)"]
    assert writing.text(step.rule) == "z + ∂L/∂z · tanh′(y)"
    assert sum(part.value for part in step.contributions) == pytest.approx(step.gradient.value)


def kinds(step):
    return [note.kind for note in step.notes]


def test_notes_say_why_there_is_a_sum_a_transpose_a_mean():
    derived = network()
    assert kinds(step_of(derived, "L")) == ["seed"]
    assert kinds(step_of(derived, "a")) == ["mean"]
    assert "1/6" in step_of(derived, "a").notes[0].text
    (note,) = step_of(derived, "W").notes
    assert note.kind == "transpose" and "(2 × 3) · (3 × 2) gives (2 × 2), the shape of W" in note.text
    (note,) = step_of(derived, "b").notes
    assert note.kind == "broadcast" and "repeated b 3 times along axis 0" in note.text


def test_notes_on_fan_out_name_the_consumers():
    x = leaf(3.0, "x")
    y = x * x
    L = y + x
    (first, second) = step_of(steps(L, {"y": y, "L": L}), "x").notes
    assert "x is used by 2 values, L and y" in first.text
    assert "y uses x twice" in second.text


def test_notes_say_that_a_maximum_sends_everything_one_way():
    x = leaf([1.0, 5.0, 2.0], "x")
    assert kinds(step_of(steps(np.max(x) * 2), "x")) == ["gate"]
    note = step_of(steps(np.sum(np.maximum(x, 3) * x)), "x").notes[-1]
    assert note.kind == "gate" and "x > 3" in note.text and "1 of 3" in note.text


def test_a_transpose_that_acts_on_a_vector_is_explained():
    W, x, v = leaf(np.arange(6.0).reshape(2, 3), "W"), leaf([1.0, 2.0, 4.0], "x"), leaf([1.0, 3.0], "v")
    (note,) = (n for n in step_of(steps(np.sum((W @ x) ** 2)), "x").notes if n.kind == "transpose")
    assert "by a column of W" in note.text and "3 entries from 2" in note.text
    (note,) = (n for n in step_of(steps(np.sum((v @ W) ** 2)), "v").notes if n.kind == "transpose")
    assert "by a row of W" in note.text and "2 entries from 3" in note.text


def callouts(step):
    return [callout.kind for callout in step.callouts]


def test_saturation_is_called_out_with_the_number_that_shows_it():
    z = leaf([29.0, 30.0], "z")
    (callout,) = step_of(steps(np.sum(nn.functional.sigmoid(z))), "z").callouts
    assert callout.kind == "saturated" and callout.number == pytest.approx(2.5e-13, rel=0.02)
    assert "2.5e−13" in callout.text and "smaller weights" in callout.remedy


def test_a_slope_of_0_is_said_to_be_0():
    (callout,) = step_of(steps(nn.functional.sigmoid(leaf(40.0, "z")) - 0.5), "z").callouts
    assert callout.text.startswith("σ′(z) is 0: ") and "lets nothing of the gradient through" in callout.text


@pytest.mark.parametrize(("function", "at"), [(np.log, 5e3), (np.sqrt, 1e8), (np.log, np.inf)])
def test_functions_that_go_on_growing_are_not_called_saturated(function, at):
    with np.errstate(all="ignore"):
        assert "saturated" not in callouts(step_of(steps(function(leaf(at, "x")) * 2), "x"))


def test_units_that_are_off_in_every_row_are_called_dead():
    z = leaf([[-1.0, 2.0, 1.0], [-3.0, -1.0, 1.0]], "z")
    (callout,) = step_of(steps(np.sum(nn.functional.relu(z))), "z").callouts
    assert callout.kind == "dead" and callout.number == 1 and "1 of 3 columns" in callout.text


def test_healthy_functions_are_left_alone():
    for function in (nn.functional.sigmoid, np.tanh, nn.functional.relu, np.exp):
        z = leaf([[-1.0, 2.0], [0.5, -1.0]], "z")
        assert not step_of(steps(np.sum(function(z))), "z").callouts


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_overflow_is_called_out_where_it_arises():
    x = leaf([1.0, 1000.0], "x")
    derived = steps(np.sum(np.exp(x)) * 2)
    found = step_of(derived, "x").callouts
    assert [c.kind for c in found] == ["overflow", "not a number"]
    assert found[0].number == 1000 and "exp" in found[0].text and "entries: e.g. of 1000." in found[0].text


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: 1 / (x - x), "divide makes infinities or NaN of finite numbers, at 1 of 1 entries: of 1 and 0."),
        (lambda x: np.log(-x), ": of −2."),
        (lambda x: np.sum(np.full((2, 2), 1e200) @ (np.full((2, 2), 1e200) * x)), "its inputs reach 2e+200."),
    ],
)
def test_it_says_of_which_numbers_an_operation_made_what_is_not_finite(function, said):
    found = [callout.text for step in steps(function(leaf(2.0, "x"))).steps for callout in step.callouts]
    assert any(said in text for text in found)


@pytest.mark.parametrize(("factor", "kind"), [(1e-3, "vanished"), (1e3, "exploded")])
def test_products_along_a_path_that_vanish_or_explode_are_called_out_once(factor, kind):
    value = leaf(1.0, "x")
    values = {}
    for i in range(6):
        value = values[f"h{i}"] = value * factor
    derived = steps(value, values)
    assert [c for step in derived.steps for c in callouts(step)] == [kind]


def test_a_gradient_that_is_zero_is_called_out():
    x, y = leaf([1.0, 2.0], "x"), leaf(0.0, "y")
    assert callouts(step_of(steps(np.sum(x * y)), "x")) == ["zero"]


def test_values_that_no_gradient_reaches_are_named():
    x, y = leaf(1.5, "x"), leaf(2.0, "y")
    derived = steps(np.floor(x) * y)
    assert [value.symbol.name.text for value in derived.unreached] == ["x"]
