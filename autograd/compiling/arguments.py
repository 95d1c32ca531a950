"""The arguments of a compiled function: what they are called in its source, and which programs they fit."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from .program import Names, Variable

_COMPARED = (bool, int, str, bytes)


def parameters(f: Callable[..., Any], args: tuple[Any, ...], kwargs: Iterable[str]) -> list[str]:
    """A name for each positional argument: the parameter's, where `f` says it and no keyword has it."""
    try:
        known = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # a function written in C
        known = []
    names = [p.name for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = next((p.name for p in known if p.kind is p.VAR_POSITIONAL), "x")
    names += [f"{rest}{i}" for i in range(len(args) - len(names))]
    free = Names(kwargs)
    return [free.unused(name) for name in names[: len(args)]]


def leaf_names(names: list[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    """A name for each leaf of the arguments, of these names: the argument's; the key's, if no other leaf has that; or
    the argument's with the place in it."""
    free = Names((*names, *kwargs))
    pairs = (*zip(names, args, strict=True), *kwargs.items())
    found = [(name, *leaf) for name, tree in pairs for leaf in _places(tree, name, "")]
    often = Counter(key for *_, key in found)
    return [
        name if path == name else free.unused(key if key.isidentifier() and often[key] == 1 else path)
        for name, path, key in found
    ]


def _places(tree: Any, path: str, key: str) -> Iterator[tuple[str, str]]:
    """For each leaf its place as a name, and the key that it has, if that is one."""
    if isinstance(tree, dict):
        for inner, branch in tree.items():
            yield from _places(branch, f"{path}_{inner}", inner if isinstance(inner, str) else "")
    elif isinstance(tree, (tuple, list)):
        for i, branch in enumerate(tree):
            yield from _places(branch, f"{path}_{i}", f"{key}_{i}" if key else "")
    else:
        yield path, key


def fitting(arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> Callable[[tuple[Any, ...], dict[str, Any]], bool]:
    """The function of `args` and `kwargs` that says whether they have the containers, shapes and dtypes of these.

    It is written for that question: to walk through the containers at each call took as long as a small network.
    """
    return _Fit(*arguments).fits


class _Fit:
    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._objects: dict[str, Any] = {"ndarray": np.ndarray}
        lines = [f"if len(args) != {len(args)} or [*kwargs] != {self._object([*kwargs])}: return False"]
        for i, tree in enumerate(args):
            lines += self._checks(tree, f"args[{i}]", f"a{i}")
        for i, (key, tree) in enumerate(kwargs.items()):
            lines += self._checks(tree, f"kwargs[{self._object(key)}]", f"k{i}")
        text = "def fits(args, kwargs):\n" + "".join(f"    {line}\n" for line in [*lines, "return True"])
        exec(compile(text, "<fits>", "exec"), self._objects)
        self.fits: Callable[[Any, Any], bool] = self._objects["fits"]

    def _object(self, x: Any) -> str:
        name = f"o{len(self._objects)}"
        self._objects[name] = x
        return name

    def _checks(self, tree: Any, path: str, name: str) -> Iterator[str]:
        yield f"{name} = {path}"
        if isinstance(tree, dict):
            yield f"if not isinstance({name}, dict) or [*{name}] != {self._object([*tree])}: return False"
            for i, (key, branch) in enumerate(tree.items()):
                yield from self._checks(branch, f"{name}[{self._object(key)}]", f"{name}_{i}")
        elif isinstance(tree, (tuple, list)):
            yield f"if type({name}) is not {self._object(type(tree))} or len({name}) != {len(tree)}: return False"
            for i, branch in enumerate(tree):
                yield from self._checks(branch, f"{name}[{i}]", f"{name}_{i}")
        elif type(tree) is not Variable:
            same = f"{name} == {self._object(tree)}" if type(tree) in _COMPARED else f"{name} is {self._object(tree)}"
            yield f"if type({name}) is not {self._object(type(tree))} or not {same}: return False"
        elif tree.kind == "array":
            yield f"if type({name}) is not ndarray or {name}.shape != {tree.shape}: return False"
            yield f"if {name}.dtype != {self._object(tree.dtype)}: return False"
        else:
            number = tree.dtype.type if tree.kind == "scalar" else {"f": float, "c": complex}[tree.dtype.kind]
            yield f"if type({name}) is not {self._object(number)}: return False"
