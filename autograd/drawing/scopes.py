"""Which part of a program made which value: the scopes that pictures frame and fold.

Any object among the caller's variables whose class defines `__scopes__` tells of its parts. The method takes no
argument and yields, for the object itself and each part inside of it, a tuple of four: its dotted name ("" for the
object, "layers.0" for a part), what kind of thing it is ("Linear"), and the calls of it that it remembers, each as the
readings of `autograd.tensor.next_order` before and after. What was computed between the two was computed in that call.
`nn.Module` does so; recording costs a call two readings, and nodes nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ..derivation.records import Value
from ..graph import recorded_sweeps
from ..tensor import Tensor

_MOST_MEMBERS = 1000  # of a list to look into: modules lie in short ones


@dataclass(frozen=True, slots=True)
class Scope:
    """One call of one part. `path` is its name with that of the variable before it: net.layers.0."""

    path: str
    label: str
    """Its name as seen from the scope around it."""
    kind: str
    first: int
    last: int
    parent: Scope | None


class Scopes:
    """The scopes that are known from some variables. Without any, no value lies in one."""

    def __init__(self, variables: Iterable[tuple[str, Any]] = ()):
        calls = sorted(set(_calls(variables)), key=lambda call: (call[0], -call[1], call[2].count("."), call[2]))
        self._starts: list[int] = []
        self._scopes: list[Scope] = []
        around: list[Scope] = []
        taken: set[tuple[int, int]] = set()
        for first, last, path, kind in calls:
            if (first, last) in taken:
                continue  # known under a shorter name already
            taken.add((first, last))
            while around and around[-1].last < last:
                around.pop()
            parent = around[-1] if around else None
            label = path.removeprefix(parent.path).lstrip(".") if parent is not None else path
            scope = Scope(path, label or path, kind, first, last, parent)
            self._starts.append(first)
            self._scopes.append(scope)
            around.append(scope)

    def of(self, value: Any) -> Scope | None:
        """The innermost call that a value was computed in."""
        if type(value) is not Tensor or value.primitive is None:
            return None
        index = bisect_right(self._starts, value.order) - 1
        scope = self._scopes[index] if index >= 0 else None
        while scope is not None and scope.last < value.order:
            scope = scope.parent
        return scope

    def apart(self, nodes: Iterable[Tensor]) -> set[Tensor]:
        """The values that are to bear names: what modules give, and where backward passes begin."""
        nodes = list(nodes)
        return self.leaving(nodes) | Sweeps().entering(nodes)

    def leaving(self, nodes: Iterable[Tensor]) -> set[Tensor]:
        """The values that are used outside of a call that they were computed in: they are what it gave."""
        if not self._scopes:
            return set()
        found = set()
        for node in nodes:
            for x in node.inputs:
                scope = self.of(x)
                if scope is not None and not scope.first < node.order <= scope.last:
                    found.add(x)
        return found


class Sweeps:
    """The backward passes that were recorded: what they computed is told apart from what it is the gradient of."""

    def __init__(self) -> None:
        self._sweeps = sorted(recorded_sweeps)
        self._starts = [first for first, _ in self._sweeps]
        self._latest = list(accumulate((last for _, last in self._sweeps), max))

    def of(self, value: Any) -> tuple[int, int] | None:
        """The backward pass that a value was computed in."""
        if type(value) is not Tensor or value.primitive is None:
            return None
        index = bisect_right(self._starts, value.order) - 1
        while index >= 0 and self._latest[index] > value.order:
            if self._sweeps[index][1] > value.order:
                return self._sweeps[index]
            index -= 1  # that one ran, and ended, inside of another
        return None

    def role(self, value: Value) -> str:
        """What a value is in a picture: its role, or, where a backward pass computed it on the way, a gradient."""
        return "gradient" if value.role == "intermediate" and self.of(value.tensor) else value.role

    def entering(self, nodes: Iterable[Tensor]) -> set[Tensor]:
        """The computed values that a backward pass uses, and was not the one to compute."""
        found = set()
        for node in nodes:
            sweep = self.of(node)
            if sweep is not None:
                found |= {
                    x for x in node.inputs if type(x) is Tensor and x.primitive is not None and self.of(x) != sweep
                }
        return found


def _calls(variables: Iterable[tuple[str, Any]]) -> Iterable[tuple[int, int, str, str]]:
    seen: set[int] = set()
    for name, value in variables:
        if name.startswith("_") or not name.isidentifier():
            continue
        for path, each in _with_members(name, value):
            if hasattr(type(each), "__scopes__") and id(each) not in seen:
                seen.add(id(each))
                for part, kind, calls in each.__scopes__():
                    whole = f"{path}.{part}" if part else path
                    yield from ((first, last, whole, kind) for first, last in calls)


def _with_members(name: str, value: Any) -> Iterable[tuple[str, Any]]:
    """A variable, and what lies in it if it is a list, a tuple or a dict."""
    yield name, value
    if isinstance(value, (list, tuple)) and len(value) <= _MOST_MEMBERS:
        yield from ((f"{name}.{i}", member) for i, member in enumerate(value))
    elif isinstance(value, dict) and len(value) <= _MOST_MEMBERS:
        yield from ((f"{name}.{key}", member) for key, member in value.items() if isinstance(key, str))
