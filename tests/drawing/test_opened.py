"""Opening: arrays into their entries, one entry, and the paths behind an entry of a gradient."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor


@pytest.fixture
def graph():
    x = Tensor([[1.0, 2.0]], name="x")
    W = Tensor([[0.5, -0.25], [0.75, 1.0]], requires_grad=True, name="W")
    z = x @ W
    z.name = "z"
    a = np.tanh(z)
    a.name = "a"
    loss = np.sum(a * a)
    loss.name = "L"
    return loss, W, z, a


def boxes(picture):
    return {box.title: box for box in picture.scene.boxes}


def number_of(row):
    return float(row.text.replace("−", "-"))


def joined(picture):
    names = {box.key: box.title.split(" = ")[0] for box in picture.scene.boxes}
    return {(names[arrow.tail], names[arrow.head]) for arrow in picture.scene.arrows}


def test_everything_opens_into_scalars_whose_numbers_are_the_engines(graph):
    loss, W, z, a = graph
    picture = ag.draw(loss, scalars=True)
    shown = boxes(picture)
    assert set(shown) >= {"x[0,0]", "W[1,0]", "z[0,1] = x[0,0] · W[0,1] + x[0,1] · W[1,1]", "a[0,0] = tanh(z[0,0])"}
    steps = {step.value.symbol.name.text: step.gradient.value for step in ag.derive(loss).steps}
    for name, tensor in (("W", W), ("z", z), ("a", a)):
        for index in np.ndindex(tensor.shape):
            entry = f"{name}[{index[0]},{index[1]}]"
            box = next(box for heading, box in shown.items() if heading.split(" = ")[0] == entry)
            assert number_of(box.rows[0]) == pytest.approx(tensor.data[index], rel=1e-3)
            assert number_of(box.rows[1]) == pytest.approx(steps[name][index], rel=1e-3)


def test_entries_are_joined_with_those_that_they_were_computed_from(graph):
    ends = joined(ag.draw(graph[0], scalars=True))
    assert ("W[0,1]", "z[0,1]") in ends and ("W[0,1]", "z[0,0]") not in ends
    assert ("x[0,0]", "z[0,0]") in ends and ("x[0,0]", "z[0,1]") in ends
    assert ("z[0,0]", "a[0,0]") in ends and ("z[0,0]", "a[0,1]") not in ends
    assert ("a[0,1]", "L") in ends


def back(picture):
    names = {box.key: box.heading.text for box in picture.scene.boxes}
    return {(names[a.tail], names[a.head]): [row.text for row in a.rows] for a in picture.scene.arrows if a.backward}


def test_between_entries_the_local_derivative_leads_back(graph):
    loss, W, z, a = graph
    arrows = back(ag.draw(loss, scalars=True))
    assert arrows["L", "a[0,1]"][0] == "2 · a[0,1]" and arrows["z[0,1]", "W[1,1]"] == ["x[0,1]", "= 2"]
    assert arrows["a[0,0]", "z[0,0]"][0] == "1 − a[0,0]²" and ("a[0,0]", "z[0,1]") not in arrows
    loss.backward()
    gradients = {"W": W.grad.data, "z": ag.grad(lambda z: np.sum(np.tanh(z) ** 2))(z.data), "a": 2 * a.data}
    for name, found in gradients.items():  # over what arrives: the gradient there times the local derivative
        for index in np.ndindex(found.shape):
            entry, total = f"{name}[{index[0]},{index[1]}]", 0.0
            for (tail, head), rows in arrows.items():
                if head == entry:
                    here = 1.0 if tail == "L" else gradients[tail[0]][0, int(tail[-2])]
                    total += here * float(rows[-1].removeprefix("= ").replace("−", "-"))
            assert total == pytest.approx(found[index], rel=1e-3)


def test_what_stays_closed_sends_back_to_an_opened_value_and_gets_back_from_it(graph):
    arrows = back(ag.draw(graph[0], open=["z"]))
    assert arrows["a", "z[0,0]"][0] == "1 − a[0,0]²" and arrows["z[0,1]", "W"] == []
    assert back(ag.draw(graph[0], open=["W[0,1]"]))["z", "W[0,1]"] == ["x[0,0]", "= 1"]
    assert not back(ag.draw(graph[0], open=["z"], backward=False))


def test_derivatives_that_scalars_do_not_say_leave_arrows_without():
    clip = ag.primitive(np.sin, lambda g, y, x: np.clip(g, -1, 1), name="clip")
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    assert back(ag.draw(np.sum(clip(x)), scalars=True))


def test_where_too_many_arrows_lead_back_they_run_beside_those_forward_and_say_what_they_bear():
    x, W = Tensor(np.ones((4, 3)), name="x"), Tensor(np.eye(3, 4), requires_grad=True, name="W")
    z = np.tanh(x @ W)
    z.name = "z"
    L = np.mean((z - 1.0) ** 2)
    forward, picture = ag.draw(L, scalars=True), ag.draw(L, scalars=True, backward=True)
    lead_back = [arrow for arrow in picture.scene.arrows if arrow.backward]
    assert len(lead_back) > 24 and all(arrow.along for arrow in lead_back)
    assert not any(arrow.along for arrow in ag.draw(L, open=["z[0,0]", "z[1,2]"], backward=True).scene.arrows)
    root, plain = ET.fromstring(picture.svg()), ET.fromstring(forward.svg())
    assert root.get("width") == plain.get("width") and float(root.get("height")) < 1.05 * float(plain.get("height"))
    titles = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "the gradient of z[0,0] comes back to W[0,0]: (1 − z[0,0]²) · x[0,0] = 0.42" in titles
    assert not any("added up" in title for title in titles)
    assert "run beside those forward" in picture.scene.notes[-1] and not forward.scene.notes


def test_one_value_opens_among_others_that_stay_closed(graph):
    picture = ag.draw(graph[0], open=["z"])
    assert {group.title for group in picture.scene.groups} == {"z, 1 × 2"}
    ends = joined(picture)
    assert {("x", "z[0,0]"), ("W", "z[0,1]"), ("z[0,0]", "a"), ("a", "L")} <= ends


def test_one_entry_opens_and_the_others_stay_together(graph):
    picture = ag.draw(graph[0], open="W[0,1]")
    assert {"W[0,1]", "W: the other 3 entries"} <= set(boxes(picture))
    assert ag.draw(graph[0], open=["W[-2, 1]"]).scene == picture.scene


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("W[2,0]", r"W of shape \(2, 2\) has no such entry"),
        ("W[0]", r"an entry of shape \(2, 2\) is named by 2 numbers, e.g. W\[0,0\]"),
        ("W[0,0,0]", "named by 2 numbers"),
    ],
)
def test_an_entry_that_is_not_there_is_refused(graph, name, said):
    with pytest.raises(IndexError, match=said):
        ag.draw(graph[0], open=[name])


def test_more_than_a_picture_can_hold_is_refused_with_the_way_out():
    W = Tensor(np.ones((30, 30)), requires_grad=True, name="W")
    loss = np.sum(W * W)
    with pytest.raises(ValueError, match=r"900 entries are more .* ag\.paths"):
        ag.draw(loss, scalars=True)
    assert "W: the other 899 entries" in boxes(ag.draw(loss, open=["W[3,4]"]))


def test_scalars_have_nothing_to_open():
    w = Tensor(3.0, requires_grad=True, name="w")
    loss = w * w
    closed = ag.draw(loss).scene
    assert ag.draw(loss, scalars=True).scene == closed
    assert ag.draw(loss, open=["w"]).scene == closed


def test_the_paths_of_an_entry_are_lit_up_beside_their_products_and_their_sum(graph):
    loss, W, _, _ = graph
    found = ag.paths(loss, W, (0, 1))
    picture = found.picture()
    assert all(arrow.lit and arrow.rows for arrow in picture.scene.arrows)
    sum_box = picture.scene.boxes[-1]
    assert sum_box.title == found.name.text
    products = [row.text for row in sum_box.rows[:-1]]
    assert len(products) == found.count
    total = sum(float(text.rpartition(":")[2].replace("−", "-")) for text in products)
    assert total == pytest.approx(found.gradient, rel=1e-3)
    assert number_of(sum_box.rows[-1]) == pytest.approx(found.gradient, rel=1e-3)
    assert "is the sum over" in picture.scene.notes[0]


def test_each_arrow_of_the_paths_bears_its_local_derivative():
    a = Tensor(2.0, requires_grad=True, name="a")
    b = Tensor(-3.0, requires_grad=True, name="b")
    c = a * b
    c.name = "c"
    d = c + a
    d.name = "d"
    picture = ag.paths(d * c, a).picture()
    said = {(arrow.tail, arrow.head): [row.text for row in arrow.rows] for arrow in picture.scene.arrows}
    keys = {box.title.split(" = ")[0]: box.key for box in picture.scene.boxes}
    assert said[keys["a"], keys["c"]] == ["b", "= −3"]
    assert said[keys["a"], keys["d"]] == ["1"]


def test_many_paths_are_counted_and_the_largest_drawn(rng):
    values = [Tensor(0.5, requires_grad=True, name="w")]
    for i in range(20):
        value = values[-1] * values[-1]
        value.name = f"v{i}"
        values.append(value)
    picture = ag.paths(values[-1], values[0]).picture()
    assert "1,048,576 paths" in picture.scene.notes[0]
    assert any("other paths" in row.text for row in picture.scene.boxes[-1].rows)
    ET.fromstring(picture.svg())


def test_a_notebook_shows_the_picture_of_the_paths(graph):
    bundle = ag.paths(graph[0], graph[1], (0, 0))._repr_mimebundle_()
    assert bundle["text/html"].count("<img") >= 2 and "data:image/svg+xml;base64," in bundle["text/html"]
