"""The picture of a network as units and weights: what it shows is what was computed; other graphs are told why not."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.derivation.numbers import number_text
from autograd.drawing.picture import Picture
from tests.browser import Browser
from tests.drawing.scenes import HOSTILE

NS = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def loss():
    net = nn.MLP(3, 4, 2, rng=0)
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    y = Tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], name="y")
    return np.mean((net(x) - y) ** 2)


def picture(loss, example=True):
    return ag.draw(loss, neurons=example)


def by_name(loss):
    return {value.symbol.name.text: value.symbol.value for value in ag.derive(loss).values}


@pytest.mark.parametrize("example", [0, 2])
def test_it_shows_each_units_value_and_each_weight(loss, example):
    shown = picture(loss, example).scene
    values = by_name(loss)
    assert [[unit.value for unit in column.units] for column in shown.columns] == [
        [number_text(x, 3) for x in values[name][example]] for name in ("x", "a₁", "ŷ")
    ]
    assert [unit.before for unit in shown.columns[1].units] == [number_text(z, 3) for z in values["z₁"][example]]
    for wire in shown.wires:
        matrix = values["W₁" if wire.column == 0 else "W₂"]
        assert wire.value == number_text(matrix[wire.source, wire.target], 3)
        assert wire.positive == (matrix[wire.source, wire.target] >= 0)
    assert len(shown.wires) == 12 + 8


def test_it_shows_the_engines_gradients(loss):
    steps = {step.value.symbol.name.text: step.gradient.value for step in ag.derive(loss).steps}
    shown = picture(loss, 1).scene
    for column, name in zip(shown.columns[1:], ("a₁", "ŷ"), strict=True):
        assert [unit.gradient for unit in column.units] == [number_text(g, 3) for g in steps[name][1]]
    assert all(unit.gradient == "—" for unit in shown.columns[0].units)  # x asks for none
    first = shown.wires[1]
    assert f"gradient: {number_text(steps['W₁'][0, 1], 6)}" in first.description


def test_headings_targets_and_result_are_named(loss):
    shown = picture(loss).scene
    assert [[row.text for row in column.heading] for column in shown.columns] == [
        ["x"],
        ["z₁ = x W₁ + b₁", "a₁ = relu(z₁)"],
        ["z₂ = a₁ W₂ + b₂", "ŷ = σ(z₂)"],
    ]
    assert [unit.beside for unit in shown.columns[2].units] == ["y: 0", "y: 1"]
    assert shown.result.text.endswith(" = mean((ŷ − y)²)")
    assert "Example 0 of 0 … 2" in shown.notes[0]


def test_layers_without_names_or_biases_are_found(rng):
    W, V = (Tensor(rng.normal(size=shape), requires_grad=True) for shape in ((3, 4), (4, 2)))
    x = rng.normal(size=3)
    shown = picture(np.sum(np.tanh(x @ W) @ V)).scene
    assert [len(column.units) for column in shown.columns] == [3, 4, 2]
    expected = np.tanh(x @ W.data)
    assert [unit.value for unit in shown.columns[1].units] == [number_text(a, 3) for a in expected]


def test_modules_of_layers_are_found(rng):
    net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1))
    shown = picture(np.sum(net(rng.normal(size=(1, 2))))).scene
    assert [len(column.units) for column in shown.columns] == [2, 3, 1]
    assert shown.notes == ()  # one example


def test_of_large_layers_some_units_are_shown_and_the_rest_counted(rng):
    net = nn.MLP(50, 30, 2, rng=0)
    shown = picture(np.mean(net(rng.normal(size=(4, 50))))).scene
    assert [(len(column.units), column.left_out) for column in shown.columns] == [(8, 42), (8, 22), (2, 0)]
    assert shown.columns[0].units[-1].index == 49


def test_nan_is_shown_and_breaks_nothing():
    net = nn.MLP(2, 3, 1, rng=0)
    net.W1.data = np.array([[np.nan, 1.0, np.inf], [0.0, -2.0, 1e-30]])
    shown = picture(np.mean(net(np.ones((1, 2)))))
    ET.fromstring(shown.svg())
    assert "nan" in shown.text()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda w, x: np.sum(w * w), "nothing that .* was computed from has this form"),
        (lambda w, x: np.sum((np.tanh(x @ w) + x @ w) @ w), "which is no function of .* alone"),
        (lambda w, x: np.sum(x @ w) + np.sum(x @ w), "which is no function of .* alone"),
    ],
    ids=["no layer", "a branch", "two networks"],
)
def test_what_is_no_chain_of_layers_is_told_why(rng, make, why):
    w = Tensor(rng.normal(size=(3, 3)), requires_grad=True)
    with pytest.raises(ValueError, match=why):
        picture(make(w, rng.normal(size=(2, 3))))


@pytest.mark.parametrize("example", [3, -4])
def test_an_example_that_is_not_there_is_refused(loss, example):
    with pytest.raises(ValueError, match="there are 3 examples"):
        picture(loss, example)
    with pytest.raises(TypeError):
        picture(loss, "first")


def test_it_is_exported_like_any_picture(loss, tmp_path):
    shown = picture(loss)
    root = ET.fromstring(shown.svg())
    titles = [title.text or "" for title in root.iter(f"{NS}title")]
    assert any(title.startswith("W₁[0,0] = ") for title in titles)
    assert picture(loss).svg() == shown.svg()
    assert shown.dot().count(" -- ") == 0 and "arrowhead=none" in shown.dot()
    for name in ("a.svg", "a.dot", "a.html"):
        assert shown.save(tmp_path / name).stat().st_size > 1000
    assert repr(shown) == f"<Picture: {shown.scene.title}>"
    assert "text/html" in shown._repr_mimebundle_()


@pytest.mark.parametrize("name", [name for name in HOSTILE if name.strip() and name.isprintable()])
def test_hostile_names_stay_text(name):
    W = Tensor(np.ones((2, 2)), requires_grad=True, name=name)
    shown = picture(np.sum(np.ones(2) @ W))
    root = ET.fromstring(shown.svg())
    assert {element.tag.removeprefix(NS) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "defs", "g", "path", "rect", "use", "text", "circle",
    }  # fmt: skip
    assert "digraph" in shown.dot()


OUTSIDE = """
const page = document.querySelector("svg").getBoundingClientRect(), found = [];
for (const mark of document.querySelectorAll("svg use, svg text, svg circle, svg rect")) {
  const area = mark.getBoundingClientRect();
  if (area.left < page.left - 1 || area.right > page.right + 1 || area.top < page.top - 1
      || area.bottom > page.bottom + 1) found.push(mark.outerHTML);
}
const inUnits = [...document.querySelectorAll('g[id*="-unit"]')].map(group => {
  const disc = group.querySelectorAll("circle")[1].getBoundingClientRect();
  return [...group.querySelectorAll(":scope > g")[0].querySelectorAll("use")].every(mark => {
    const area = mark.getBoundingClientRect();
    return area.left >= disc.left && area.right <= disc.right;
  });
});
return [found, inUnits.every(x => x), inUnits.length];
"""


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_leaves_the_page_or_its_unit(browser: Browser, loss, dark):
    browser.show(Picture(picture(loss).scene).html(), dark=dark)
    assert browser.run(OUTSIDE) == [[], True, 9]
    assert browser.problems() == []
