"""Nested tuples, lists and dicts of arrays: taken apart into their leaves and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(tree: Any) -> Iterator[Any]:
    """What is not a container, from left to right.

    >>> list(leaves({"a": 1, "b": (2, [3])}))
    [1, 2, 3]
    """
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, (tuple, list)):
        yield tree
        return
    for branch in tree:
        yield from leaves(branch)


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same containers with `function(leaf)` in place of each leaf.

    >>> mapped(abs, {"a": -1, "b": (-2, [3])})
    {'a': 1, 'b': (2, [3])}
    """
    if isinstance(tree, dict):
        return {key: mapped(function, value) for key, value in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(mapped(function, value) for value in tree))
    if isinstance(tree, (tuple, list)):
        return type(tree)(mapped(function, value) for value in tree)
    return function(tree)


def pairs(tree: Any, other: Any, where: str = "") -> Iterator[tuple[Any, Any]]:
    """The leaves of `tree`, each with what `other` has in its place. ValueError where containers differ.

    >>> list(pairs({"a": 1, "b": (2, 3)}, {"b": [20, 30], "a": 10}))
    [(1, 10), (2, 20), (3, 30)]
    """
    if isinstance(tree, dict):
        if not isinstance(other, dict) or tree.keys() != other.keys():
            raise ValueError(f"expected a dict with the keys {_listed(tree)}{where}, got {_given(other)}")
        for key, branch in tree.items():
            yield from pairs(branch, other[key], _at(where, key))
    elif isinstance(tree, (tuple, list)):
        if not isinstance(other, (tuple, list)) or len(tree) != len(other):
            raise ValueError(f"expected a {type(tree).__name__} of {len(tree)}{where}, got {_given(other)}")
        for i, (branch, twig) in enumerate(zip(tree, other, strict=True)):
            yield from pairs(branch, twig, _at(where, i))
    else:
        yield tree, other


def _at(where: str, key: Any) -> str:
    return f"{where or ' at '}[{key!r}]"


def _given(other: Any) -> str:
    if isinstance(other, dict):
        return f"one with the keys {_listed(other)}"
    of = f" of {len(other)}" if isinstance(other, (tuple, list)) else ""
    return f"a {type(other).__name__}{of}"


def _listed(tree: dict[Any, Any]) -> str:
    return ", ".join(map(repr, tree))
