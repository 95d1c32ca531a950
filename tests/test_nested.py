"""Nested containers are taken apart and put together again."""

from __future__ import annotations

from collections import OrderedDict, namedtuple

from autograd.nested import leaves, mapped

Layer = namedtuple("Layer", ["weight", "bias"])


def test_leaves_come_from_left_to_right():
    assert list(leaves({"b": 1, "a": (2, [3, {"c": 4}]), "e": ()})) == [1, 2, 3, 4]
    assert list(leaves(5)) == [5]


def test_containers_keep_their_types_keys_and_order():
    tree = {"b": [1, (2, Layer(3, 4))], "a": {}}
    doubled = mapped(lambda x: 2 * x, tree)
    assert doubled == {"b": [2, (4, Layer(6, 8))], "a": {}}
    assert type(doubled["b"][1][1]) is Layer and list(doubled) == ["b", "a"]


def test_the_original_is_left_alone():
    tree = [1, [2]]
    assert mapped(str, tree) == ["1", ["2"]] and tree == [1, [2]]


def test_an_ordered_dict_is_a_dict():
    assert list(leaves(OrderedDict(x=1, y=2))) == [1, 2]
