import keyword

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor
from autograd.derivation.names import Names, gradient_name, pretty
from autograd.derivation.steps import steps
from tests.derivation.support import lines


@pytest.mark.parametrize(
    ("name", "text", "latex", "identifier"),
    [
        ("W1", "W₁", "W_{1}", "W1"),
        ("W₁", "W₁", "W_{1}", "W1"),
        ("z12", "z₁₂", "z_{12}", "z12"),
        ("y_hat", "ŷ", r"\hat{y}", "ŷ"),
        ("ŷ", "ŷ", r"\hat{y}", "ŷ"),
        ("loss", "loss", r"\mathit{loss}", "loss"),
        ("alpha", "α", r"\alpha", "alpha"),
        ("σ", "σ", r"\sigma", "σ"),
        ("layers.0.weight", "layers.0.weight", r"\text{layers.0.weight}", "layers_0_weight"),
        ("lambda", "λ", r"\lambda", "lambda_"),
        ("W_h", "W_h", r"W_{\text{h}}", "W_h"),
        ("  ", "?", r"\text{?}", "_"),
        ("2x", "2x", r"\text{2x}", "_2x"),
    ],
)
def test_a_name_is_shown_as_a_book_would(name, text, latex, identifier):
    shown = pretty(name)
    assert (shown.text, shown.latex, shown.identifier) == (text, latex, identifier)


@given(st.text())
def test_any_text_is_a_name_without_markup(name):
    shown = pretty(name)
    assert shown.text and shown.text.isprintable() and len(shown.text) <= 45
    assert not set(shown.latex) & set("<>") and "&" not in shown.latex.replace(r"\&", "")
    assert shown.identifier.isidentifier() and not keyword.iskeyword(shown.identifier)


def test_a_gradient_is_named_after_both():
    name = gradient_name(pretty("L"), pretty("W1"))
    assert name.text == "∂L/∂W₁"
    assert name.latex == r"\frac{\partial L}{\partial W_{1}}"
    assert name.identifier == "dL_dW1"


def test_a_second_value_of_the_same_name_gets_a_number():
    names = Names()
    first, second, third = (names.name(Tensor(1.0, name="W")) for _ in range(3))
    assert [first.text, second.text, third.text] == ["W", "W⁽²⁾", "W⁽³⁾"]
    assert len({first.identifier, second.identifier, third.identifier}) == 3


def test_no_value_takes_the_name_of_numpy():
    assert Names().name(Tensor(1.0, name="np")).identifier != "np"


def test_the_callers_variables_name_what_has_no_name():
    array, tensor = np.ones(2), Tensor(1.0)
    names = Names({"_": tensor, "a": array, "t": tensor, "again": tensor})
    assert names.name(array).text == "a"
    assert names.name(tensor).text == "t"


def test_numbering_keeps_clear_of_values_called_so():
    own = Tensor(1.0, name="v1")
    names = Names()
    names.meet([own])
    assert names.name(Tensor(2.0)).text == "v₂"
    assert names.name(own).text == "v₁"


def names_of_values(result):
    return [value.symbol.name.text for value in steps(result).values]


def test_an_array_that_a_module_wraps_and_the_caller_uses_as_well_has_one_name():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    W = Tensor(np.eye(2), requires_grad=True, name="W")
    z = Tensor(x, name="x") @ W * x
    z.name, L = "z", np.sum(z**2)
    L.name = "L"
    assert names_of_values(L) == ["x", "W", "z", "L"]
    assert [line for line in lines(steps(L)) if "∂W" in line] == ["∂L/∂W = xᵀ (∂L/∂z ⊙ x)"]
    assert "z[0,1] = (x[0,0] · W[0,1] + x[0,1] · W[1,1]) · x[0,1]" in ag.derive(L, W, (0, 1)).text()
    svg = ag.draw(L).svg()
    assert svg.count("x: input") == 1
    assert svg.count("x is used in z") == 2


def test_an_array_used_before_it_is_wrapped_has_the_name_that_it_gets_there():
    def result():
        hidden = np.array([3.0, 4.0])
        w = Tensor([1.0, 2.0], requires_grad=True, name="w")
        return np.sum(hidden * w + Tensor(hidden, name="x") * w**2)

    assert names_of_values(result()) == ["x", "w", "v₁"]


def test_tensors_of_one_array_that_are_called_otherwise_and_equal_arrays_stay_apart():
    x, w = np.array([3.0, 4.0]), Tensor([1.0, 2.0], requires_grad=True, name="w")
    assert names_of_values(np.sum(Tensor(x, name="q") * w + Tensor(x, name="k") * w)) == ["q", "w", "k", "v₁"]
    assert names_of_values(np.sum(x * w + x.copy() * w)) == ["v₁", "w", "v₂", "v₃"]
    assert names_of_values(np.sum(w * w.data)) == ["w", "v₁", "v₂"]
