"""The parts of a graph, one inside the other: calls of modules, repeats of alike blocks, stretches of a long graph.

Only a tree over the values' numbers. fold.py decides which of its parts a picture shows open.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from ..derivation.steps import Value
from ..derivation.trees import Apply, Expression, Symbol
from .scopes import Scope, Scopes

_LONGEST_PERIOD = 48
_FEWEST_REPEATS, _FEWEST_REPEATED = 3, 6
"""So many alike in a row, of so many values in all, are told as "× n"."""
_MOST_CHILDREN, _STRETCHES = 24, 12


@dataclass(slots=True, eq=False)
class Part:
    """A part and what it holds, in the order of computation: parts, and numbers of computed values."""

    label: str
    kind: str = ""
    path: str = ""
    children: list[Part | int] = field(default_factory=list)
    count: int = 1
    """How many alike follow one another in it."""
    scope: bool = False
    """Whether it is a call of the program's, and not made to shorten."""
    parent: Part | None = None

    @property
    def title(self) -> str:
        if self.count > 1:
            return f"{self.kind} × {self.count:,}" if self.kind else f"{self.label}, {self.count:,} alike"
        return f"{self.label}: {self.kind}" if self.kind and self.kind != self.label else self.label

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        if self.count > 1:
            return self.title
        return self.path if self.scope and ", call " not in self.label else self.label

    def values(self) -> Iterator[int]:
        """The numbers of all values in it."""
        stack: list[Part | int] = [self]
        while stack:
            each = stack.pop()
            if isinstance(each, Part):
                stack.extend(reversed(each.children))
            else:
                yield each


def by_scope(values: Sequence[Value], scopes: Scopes) -> Part:
    """The whole graph, and in it the calls of modules; a call that gave one value only is no part of its own."""
    whole = Part("")
    made: dict[Scope, Part] = {}

    def part_of(scope: Scope | None) -> Part:
        if scope is None:
            return whole
        if scope not in made:
            parent = part_of(scope.parent)
            made[scope] = part = Part(scope.label, scope.kind, scope.path, scope=True, parent=parent)
            parent.children.append(part)
        return made[scope]

    for number, value in enumerate(values):
        if value.formula is not None:
            part_of(scopes.of(value.tensor)).children.append(number)
    _dissolve(whole)
    _number_calls(whole)
    return whole


def _dissolve(part: Part) -> None:
    for i, child in enumerate(part.children):
        if isinstance(child, Part):
            _dissolve(child)
            if len(child.children) == 1:
                only = child.children[0]
                if isinstance(only, Part):  # one frame around another: one will do
                    only.label = f"{child.label}.{only.label}"
                    only.parent = part
                part.children[i] = only


def _number_calls(part: Part) -> None:
    """A part that was called several times is told apart by "call 2"."""
    seen: dict[str, list[Part]] = {}
    stack = [part]
    while stack:
        each = stack.pop()
        inside = [child for child in each.children if isinstance(child, Part)]
        stack.extend(reversed(inside))
        for child in inside:
            seen.setdefault(child.path, []).append(child)
    for calls in seen.values():
        for nth, call in enumerate(calls if len(calls) > 1 else (), 1):
            call.label += f", call {nth}"


def shortened(whole: Part, values: Sequence[Value], apart: set[Part | int]) -> None:
    """Gather, in every part, repeats of alike blocks, then stretches of what is still too long.

    Those in `apart` are like no others: they are to be shown by themselves.
    """
    known: dict[Hashable, int] = {}

    def alike(child: Part | int) -> int:
        """A number that is the same for blocks of the same build."""
        if isinstance(child, int):
            value = values[child]
            build: Hashable = (value.symbol.shape, _build(value.formula))
        else:
            build = (child.kind, tuple(map(alike, child.children)))
        return known.setdefault(build, len(known))

    stack = [whole]
    while stack:
        part = stack.pop()
        stack += [child for child in part.children if isinstance(child, Part)]
        signs = [-1 - i if child in apart else alike(child) for i, child in enumerate(part.children)]
        part.children = _with_repeats(part, signs, values)
        _gather_stretches(part, values)


def _build(tree: Expression | None) -> Hashable:
    if isinstance(tree, Apply):
        return (tree.primitive.__name__, *map(_build, tree.operands))
    return tree.shape if isinstance(tree, Symbol) else None


def _with_repeats(part: Part, signs: list[int], values: Sequence[Value]) -> list[Part | int]:
    children: list[Part | int] = []
    i = 0
    while i < len(signs):
        period, times = _repeats_from(signs, i)
        run = part.children[i : i + period * times]
        size = 0
        if times >= _FEWEST_REPEATS:
            size = sum(sum(1 for _ in child.values()) if isinstance(child, Part) else 1 for child in run)
        if size < _FEWEST_REPEATED:
            children.append(part.children[i])
            i += 1
            continue
        units = [_unit(part, run[at : at + period], values) for at in range(0, len(run), period)]
        first = units[0]
        repeat = Part(_span(run, values), first.kind, first.path, list(units), times, parent=part)
        for unit in units:
            unit.parent = repeat
        children.append(repeat)
        i += period * times
    return children


def _repeats_from(signs: list[int], start: int) -> tuple[int, int]:
    """The period and number of the repeats that begin at a place and cover most; (1, 1) if there are none."""
    best = (1, 1)
    for period in range(1, min(_LONGEST_PERIOD, (len(signs) - start) // _FEWEST_REPEATS) + 1):
        end = start + period
        while end < len(signs) and signs[end] == signs[end - period]:
            end += 1
        times = (end - start) // period
        if times >= _FEWEST_REPEATS and times * period > best[0] * best[1]:
            best = (period, times)
    return best


def _unit(part: Part, children: list[Part | int], values: Sequence[Value]) -> Part:
    """What is repeated: a part that is there, or one made of several."""
    if len(children) == 1 and isinstance(children[0], Part):
        return children[0]
    kinds = [child.kind for child in children if isinstance(child, Part)]
    kind = f"({', '.join(kinds)})" if len(kinds) == len(children) else ""
    unit = Part(_span(children, values), kind, children=children)
    for child in children:
        if isinstance(child, Part):
            child.parent = unit
    return unit


def _gather_stretches(part: Part, values: Sequence[Value]) -> None:
    """A part with too many children gets parts of its own, each a stretch of them; the result stays by itself."""
    result = [n for n in part.children[-1:] if isinstance(n, int) and values[n].role == "output"]
    part.children = part.children[: len(part.children) - len(result)]
    while len(part.children) > _MOST_CHILDREN:
        length = max(2, -(-len(part.children) // _STRETCHES))
        pieces = [part.children[at : at + length] for at in range(0, len(part.children), length)]
        part.children = []
        for piece in pieces:
            stretch = Part(_span(piece, values), path=part.path, children=piece, parent=part)
            for child in piece:
                if isinstance(child, Part):
                    child.parent = stretch
            part.children.append(stretch)
    part.children += result


def _span(children: Sequence[Part | int], values: Sequence[Value]) -> str:
    """From the first value to the last: z₁ … a₁₂."""
    numbers = [n for child in children for n in (child.values() if isinstance(child, Part) else (child,))]
    first, last = (values[n].symbol.name.text for n in (numbers[0], numbers[-1]))
    return first if first == last else f"{first} … {last}"
