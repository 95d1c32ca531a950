"""The graph of a gradient, drawn like any other: what the backward pass made is told apart from what it is taken of."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.drawing.playback.stage import Stage
from autograd.graph import recorded_sweeps
from tests.drawing.playbacks import data_of


def roles(picture):
    return {box.title: box.role for box in picture.scene.boxes}


def penalty():
    """Of a gradient, g, the square."""
    x = Tensor(1.5, requires_grad=True, name="x")
    w = Tensor(0.7, requires_grad=True, name="w")
    y = np.sin(w * x) * x
    y.backward(create_graph=True)
    g = x.grad
    g.name = "g"
    return g * g


def test_forward_and_backward_parts_are_told_apart():
    L = penalty()
    found = roles(ag.draw(L))
    assert found["x"] == "parameter" and found["v₁ = w · x"] == "intermediate"
    assert found["v₂ = sin(v₁)"] == "intermediate"  # of the forward pass, used by the backward pass
    assert found["g = v₂ + x · cos(v₁) · w"] == "gradient"
    assert found["L = g · g"] == "output"


def test_a_playback_tells_them_apart_too():
    shown = ag.play(penalty())
    assert {item.name: item.role for item in shown.plan.items}["g"] == "gradient"
    drawn = next(box for box in Stage(shown.plan).scene.boxes if box.heading.text == "g")
    assert drawn.role == "gradient" and "gradient, scalar" in drawn.description
    assert "Forward: g, made by a backward pass\n" in shown.text() and "Forward: v₁\n" in shown.text()
    page = shown.html()
    assert "<h2>Forward: g, made by a backward pass</h2>" in page
    roles = {node["name"]: node["role"] for node in data_of(page)["nodes"]}
    assert roles["g"] == "made by a backward pass" and roles["v₁"] == "intermediate"


def test_a_gradient_that_is_drawn_itself_is_the_output():
    x = Tensor(1.5, requires_grad=True, name="x")
    np.sin(x * x).backward(create_graph=True)
    assert [box.role for box in ag.draw(x.grad).scene.boxes if box.heading.text == "x.grad"] == ["output"]


def test_entries_of_an_opened_gradient_are_the_backward_passes_too():
    x = Tensor([1.5, 2.0], requires_grad=True, name="x")
    np.sum(np.sin(x) * x).backward(create_graph=True)
    g = x.grad
    g.name = "g"
    found = {box.heading.text: box.role for box in ag.draw(np.sum(g * g), open="g").scene.boxes}
    assert found["g[0]"] == found["g[1]"] == "gradient"


def test_without_a_gradient_in_it_nothing_is_the_backward_passes():
    w = Tensor(2.0, requires_grad=True, name="w")
    loss = np.tanh(w * w) * w
    loss.backward()
    assert "gradient" not in roles(ag.draw(loss)).values()


def test_derivatives_of_derivatives_show_no_copies_of_their_arguments():
    v = Tensor(0.3, requires_grad=True, name="v")
    second = ag.grad(ag.grad(lambda x: np.tanh(x) ** 2))(v)
    found = roles(ag.draw(second))
    assert [name for name in found if name.startswith("v′")] == []
    assert "gradient" in found.values() and found["v"] == "parameter"
    assert ag.derive(second).verify().ok


def test_an_argument_used_twice_is_one_box_too():
    v = Tensor(0.3, requires_grad=True, name="v")
    first = ag.grad(lambda x: np.sin(x) * x + x)(v)
    assert [name for name in roles(ag.draw(first)) if name.startswith("v ") or name.startswith("v′")] == []
    derivation = ag.derive(first)
    assert derivation.verify().ok
    (step,) = [step for step in derivation.steps if step.value.symbol.name.text == "v"]
    assert step.gradient.value == pytest.approx(ag.grad(ag.grad(lambda x: np.sin(x) * x + x))(0.3))


def test_only_recorded_backward_passes_are_remembered():
    w = Tensor(2.0, requires_grad=True)
    count = len(recorded_sweeps)
    (w * w).backward()
    assert len(recorded_sweeps) == count
    ag.draw(w * w)
    assert len(recorded_sweeps) == count
    (w * w).backward(create_graph=True)
    assert len(recorded_sweeps) in (count + 1, recorded_sweeps.maxlen)
