"""Folding: modules in frames, repeats as one box, and a picture of any graph that a person can read."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.drawing.fold import MOST_BOXES
from autograd.drawing.scopes import Scopes
from tests.drawing.residual import Block, Net


@pytest.fixture
def x(rng):
    return Tensor(rng.normal(size=(5, 3)), name="x")


def named_chain(length):
    value = Tensor(0.5, requires_grad=True, name="v0")
    for i in range(1, length):
        value = np.sin(value)
        value.name = f"v{i}"
    return value


def titles(picture):
    return {group.title for group in picture.scene.groups}


def headings(picture, role=None):
    return [box.title for box in picture.scene.boxes if role in (None, box.role)]


def test_modules_are_frames_by_their_attributes_names(x, rng):
    net = Net(2, rng)
    picture = ag.draw(np.mean(net(x) ** 2))
    assert titles(picture) == {"net: Net", "blocks.0: Block", "blocks.1: Block"}
    groups = {group.key: group for group in picture.scene.groups}
    inside = {box.title: groups[box.group].title for box in picture.scene.boxes if box.group}
    assert inside["blocks.1.up.weight"] == "blocks.1: Block" and inside["head.bias"] == "net: Net"
    assert "x" not in inside  # comes from outside
    assert {group.parent for group in groups.values() if "Block" in group.title} == {
        key for key, group in groups.items() if group.title == "net: Net"
    }


def test_without_a_variable_that_holds_the_modules_there_are_no_frames(x, rng):
    assert ag.draw(np.mean(Net(1, rng)(x) ** 2)).scene.groups == ()


def test_modules_that_a_caller_further_up_holds_are_found(x, rng):
    def show(loss):
        return ag.draw(loss)

    net = Net(1, rng)
    assert titles(show(np.mean(net(x) ** 2))) == {"net: Net", "blocks.0: Block"}


def test_modules_in_a_list_of_the_callers_are_found(x, rng):
    layers = [nn.Linear(3, 3, rng=rng), Block(3, rng)]
    picture = ag.draw(np.mean(layers[1](layers[0](x)) ** 2))
    assert titles(picture) == {"layers.1: Block"}


def test_a_module_called_twice_is_two_frames(x, rng):
    block = Block(3, rng)
    picture = ag.draw(np.mean(block(block(x)) ** 2))
    assert titles(picture) == {"block, call 1: Block", "block, call 2: Block"}
    weights = [box for box in picture.scene.boxes if box.title == "up.weight"]
    assert len(weights) == 1 and weights[0].group == ""  # both calls use it


def test_earlier_calls_frame_nothing(x, rng):
    net = Net(1, rng)
    net(x)
    before = ag.draw(np.mean(net(x) ** 2))
    assert titles(before) == {"net: Net", "blocks.0: Block"}
    with ag.no_grad():
        net(x)
    outside = Tensor(1.0, requires_grad=True, name="w") * 2
    assert ag.draw(outside).scene.groups == ()


def test_calls_are_forgotten_by_copies(rng, x):
    net = Net(1, rng)
    net(x)
    assert any(calls for _, _, calls in net.__scopes__())
    copy = pickle.loads(pickle.dumps(net.head))
    assert not any(calls for _, _, calls in copy.__scopes__())
    np.testing.assert_array_equal(copy.weight.data, net.head.weight.data)


def test_objects_of_other_libraries_are_not_touched():
    class Touchy:
        def __getattr__(self, name):
            raise RuntimeError(f"asked for {name}")

    assert Scopes([("a", Touchy()), ("b", [Touchy()]), ("c", {1: 2})]).of(Tensor(1.0)) is None


@pytest.mark.parametrize(("depth", "folded"), [(0, ["net: Net"]), (1, ["blocks.0: Block", "blocks.1: Block"]), (2, [])])
def test_depth_says_how_many_levels_stand_open(x, rng, depth, folded):
    net = Net(2, rng)
    assert headings(ag.draw(np.mean(net(x) ** 2), depth=depth), "folded") == folded


def test_a_module_is_folded_and_opened_by_name(x, rng):
    net = Net(2, rng)
    loss = np.mean(net(x) ** 2)
    assert headings(ag.draw(loss, fold="net.blocks.1"), "folded") == ["blocks.1: Block"]
    opened = ag.draw(loss, depth=0, open=["net.blocks.1"])
    assert headings(opened, "folded") == ["blocks.0: Block"]
    assert "blocks.1.up.weight" in headings(opened)


def test_repeated_blocks_are_one_box_with_their_number_and_shapes(x, rng):
    net = Net(12, rng)
    picture = ag.draw(np.mean(net(x) ** 2))
    (box,) = [box for box in picture.scene.boxes if box.role == "folded"]
    assert (box.title, box.count) == ("Block × 12", 12)
    said = " ".join(row.text for row in box.rows)
    assert "5 × 4 → 5 × 4" in said
    assert "36 values, 912 parameters" in said  # 12 · (4·8 + 8 + 8·4 + 4) = 12 · 76
    assert 'open=["net.blocks.0"]' in " ".join(picture.scene.notes)


def test_one_of_the_repeated_blocks_can_be_opened(x, rng):
    net = Net(12, rng)
    picture = ag.draw(np.mean(net(x) ** 2), open=["net.blocks.3"])
    assert headings(picture, "folded") == ["Block × 3", "Block × 8"]
    assert "blocks.3: Block" in titles(picture)


def test_a_value_inside_of_what_is_folded_can_be_shown():
    picture = ag.draw(named_chain(200), open="v77")
    assert "v₇₇ = sin(v₇₆)" in headings(picture)
    assert len(headings(picture, "folded")) == 2


def test_a_graph_without_modules_folds_too_and_says_so():
    picture = ag.draw(named_chain(300))
    assert headings(picture) == ["v₀", "v₁ … v₂₉₈, 298 alike", "v₂₉₉ = sin(v₂₉₈)"]
    assert picture.scene.notes[0] == "298 of 300 values are folded into 1 box, so that the picture can be read."


def test_values_of_different_kinds_fold_into_stretches(rng):
    functions = [np.sin, np.cos, np.tanh, np.arctan]
    values = [Tensor(0.3, requires_grad=True, name="w")]
    for i in range(600):
        value = functions[rng.integers(4)](values[-1]) + values[rng.integers(max(0, i - 5), i + 1)]
        value.name = f"u{i}"
        values.append(value)
    picture = ag.draw(values[-1])
    assert 3 < len(picture.scene.boxes) <= MOST_BOXES
    assert sum("values" in row.text for box in picture.scene.boxes for row in box.rows) > 3


def test_all_is_shown_when_asked_for():
    picture = ag.draw(named_chain(60), fold=False)
    assert len(picture.scene.boxes) == 60 and picture.scene.notes == ()


def test_folding_keeps_what_flows_between_boxes(x, rng):
    net = Net(12, rng)
    picture = ag.draw(np.mean(net(x) ** 2), backward=True)
    keys = {box.title.split(" = ")[0]: box.key for box in picture.scene.boxes}
    ends = {(arrow.tail, arrow.head, arrow.backward) for arrow in picture.scene.arrows}
    block, first = keys["Block × 12"], keys["v₁"]
    assert (first, block, False) in ends and (block, first, True) in ends
    assert not any(tail == head for tail, head, _ in ends)


def test_unknown_names_are_refused_with_those_that_come_close(x, rng):
    net = Net(2, rng)
    loss = np.mean(net(x) ** 2)
    with pytest.raises(ValueError, match=r"'net.block.1'; there are, for example, net.blocks.1"):
        ag.draw(loss, open=["net.block.1"])
    with pytest.raises(ValueError, match="nothing in this picture is called"):
        ag.draw(loss, fold=["nothing"])
    with pytest.raises(ValueError, match="depth= is a number of levels"):
        ag.draw(loss, depth=-1)
    with pytest.raises(TypeError, match="open= takes names"):
        ag.draw(loss, open=[3])
    with pytest.raises(TypeError, match="fold= takes names"):
        ag.draw(loss, fold=3)


def test_the_same_graph_gives_the_same_bytes(x, rng):
    net = Net(12, rng)
    loss = np.mean(net(x) ** 2)
    first = ag.draw(loss).svg()
    for _ in range(3):
        assert ag.draw(loss).svg() == first
