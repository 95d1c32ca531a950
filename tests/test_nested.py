"""Nested containers are taken apart and put together again."""

from __future__ import annotations

from collections import OrderedDict, namedtuple

import pytest

from autograd.nested import leaves, mapped, pairs

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


def test_two_trees_of_the_same_containers_are_paired():
    one = {"a": [1, (2,)], "b": Layer(3, 4)}
    other = {"b": (30, [40]), "a": (10, [20])}
    assert list(pairs(one, other)) == [(1, 10), (2, 20), (3, 30), (4, [40])]


@pytest.mark.parametrize(
    ("other", "saying"),
    [
        ({"a": 1}, r"expected a dict with the keys 'a', 'b', got one with the keys 'a'"),
        ((1, 2), r"expected a dict with the keys 'a', 'b', got a tuple of 2"),
        ({"a": 1, "b": [1, 2, 3]}, r"expected a list of 2 at \['b'\], got a list of 3"),
        ({"a": 1, "b": [1, 2.0]}, r"expected a tuple of 1 at \['b'\]\[1\], got a float"),
    ],
    ids=["keys", "kind", "length", "leaf"],
)
def test_trees_that_differ_are_refused_by_place(other, saying):
    with pytest.raises(ValueError, match=saying):
        list(pairs({"a": 1, "b": [1, (2,)]}, other))
