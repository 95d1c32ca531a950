"""What computes a value stands beside its name, in a shape of its own; a long sum in lines."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor


def layer(width: int) -> Tensor:
    x, w = (Tensor(np.ones((1, width)), requires_grad=True, name=name) for name in "xw")
    z = x @ w.T
    z.name = "z"
    return z


def test_a_value_has_its_operation_apart_and_a_leaf_has_none():
    boxes = {box.heading.text: box for box in ag.draw(np.sum(layer(2))).scene.boxes}
    assert [row.text for row in boxes["z"].operation] == ["x wᵀ"] and boxes["z"].title == "z = x wᵀ"
    assert boxes["x"].operation == () and boxes["x"].title == "x"


def test_it_is_drawn_in_a_shape_and_a_colour_of_its_own_that_the_legend_explains():
    picture = ag.draw(np.sum(layer(2)))
    assert picture.svg().count('-operation"') == 1 + sum(bool(box.operation) for box in picture.scene.boxes)


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (1, ["x[0,0] · w[0,0]"]),
        (2, ["x[0,0] · w[0,0] + x[0,1] · w[0,1]"]),
        (3, ["x[0,0] · w[0,0] + x[0,1] · w[0,1]", "+ x[0,2] · w[0,2]"]),
    ],
)
def test_a_long_sum_is_broken_between_its_terms(width, lines):
    (box,) = (box for box in ag.draw(np.sum(layer(width)), open=["z"]).scene.boxes if box.heading.text == "z[0,0]")
    assert [row.text for row in box.operation] == lines
    assert box.title == f"z[0,0] = {' '.join(lines)}"


def test_what_is_no_sum_is_not_broken():
    z = np.exp(layer(4) - 1.25) / 3.0 + 0.0
    z.name = "z"
    boxes = ag.draw(np.sum(z), scalars=True).scene.boxes
    assert all(not row.text.startswith("+ −") for box in boxes for row in box.operation)


def recurrent(steps: int) -> Tensor:
    """Its weight's gradient is a sum of long products, as what is unnamed in between is written out."""
    w, h = Tensor(0.7, requires_grad=True, name="w"), Tensor(0.5, requires_grad=True, name="x")
    for _ in range(steps):
        h = np.sin(h * w)
    return h * h


def test_a_gradient_s_formula_stands_on_lines_and_one_that_fills_a_box_is_left_to_the_derivation():
    boxes = {box.heading.text: box for box in ag.draw(recurrent(25)).scene.boxes}
    assert all(len(row.text) < 100 for box in boxes.values() for row in box.rows)
    captions = [row.caption for row in boxes["w"].rows]
    assert captions == ["value", "gradient, a sum of 7; its formula: ag.derive(…)"]
    assert [row.caption for row in boxes["x"].rows] == ["value", "gradient", "", "where"]
    assert "∂v₈/∂x = ∂v₈/∂v₁" in boxes["x"].rows[1].text


def test_of_very_many_operands_or_terms_the_ends_stand_in_a_box():
    parts = [Tensor(0.1 * i, requires_grad=True, name=f"p{i}") for i in range(30)]
    s = np.stack(parts)
    s.name = "s"
    boxes = {box.heading.text: box for box in ag.draw(np.sum(s * s)).scene.boxes}
    assert [row.text for row in boxes["s"].operation] == [
        "stack(p₀, p₁, p₂, p₃, p₄, … 20 values more …, p₂₅, p₂₆,",
        "      p₂₇, p₂₈, p₂₉)",
    ]
    w = Tensor(0.5, requires_grad=True, name="w")
    values = [w * i for i in range(1, 31)]
    for i, value in enumerate(values):
        value.name = f"u{i}"
    (w_box,) = (box for box in ag.draw(sum(values)).scene.boxes if box.heading.text == "w")
    assert len("".join(row.text for row in w_box.rows)) < 400


def test_a_number_on_an_arrow_is_no_equation_where_its_formula_is_left_out():
    def f(v):
        return np.sin(np.tanh(np.exp(v * 0.5) + v) + v) * np.cos(v)

    picture = ag.draw(f(Tensor(0.5, requires_grad=True, name="a_value_of_a_very_long_name")), backward=True)
    (row,) = (row for arrow in picture.scene.arrows if arrow.backward for row in arrow.rows)
    assert float(row.text.replace("−", "-")) == pytest.approx(ag.grad(f)(0.5), rel=1e-3)
    assert float(row.latex) == pytest.approx(ag.grad(f)(0.5), rel=1e-3)


def test_what_has_no_gradient_says_so_in_the_middle_of_its_line_as_a_number_would_stand():
    (box,) = (box for box in ag.draw(Tensor(2.0, requires_grad=True, name="w") * Tensor(3.0, name="x")).scene.boxes
              if box.title == "x")  # fmt: skip
    assert box.rows[-1].numbers == (("—",),)
