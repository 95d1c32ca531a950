"""What a playback shows, frame by frame: forward, then backward, and in which state each item is meanwhile.

An item is a value, or a part of the graph that is folded into one box. It waits for its inputs on the way forward, for
the gradients of its consumers on the way back; when nothing is missing it is ready; then it is its turn. That is all
that the order of backpropagation is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush

from ...derivation.names import Name
from ...derivation.records import Contribution, Derived, Step, Value
from ...derivation.writing import text
from ..fold import View
from ..looks import LOOKS
from ..parts import Part
from ..scopes import Sweeps

START, FORWARD, BACKWARD, END = "start", "forward", "backward", "end"

STATES = {
    "w": "waiting", "r": "ready", "n": "now", "d": "done",
    "W": "waiting", "R": "ready", "N": "now", "D": "done", "-": "",
}  # fmt: skip
"""An item's state by its letter: small ones forward, capitals backward, "-" where no gradient is asked for."""

MOST = 400
"""Items: more are no longer followed step by step by anyone, and the page would be too large to open."""

MOST_PARTS = 8
"""Of what the consumers of one value hand back, so much is shown; a weight may be used a thousand times."""

LISTED = 6
"""Names, and results at the end, in one place; of more, their number is said."""

_LARGE, _LONGEST_SUM = 80, 300


@dataclass(frozen=True, slots=True)
class Item:
    """What has a turn of its own: a value, or a part with all the values in it, by their numbers."""

    name: str
    role: str
    values: tuple[int, ...]
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow between two items, by their numbers. Backward between values: of the contribution `part` of a step."""

    tail: int
    head: int
    backward: bool = False
    part: int = -1
    count: int = 1


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment: whose turn it is (−1: nobody's), and a letter for each item, of STATES, and for each arrow.

    An arrow is plain (.), lit (l) or, on the way back, quiet (q). A backward one is off (o) until its tail is done:
    then its gradient has arrived (a).
    """

    phase: str
    node: int
    nodes: str
    arrows: str


class Plan:
    """The frames of a derivation's playback. Without a view, every value is an item, under its number in `values`."""

    def __init__(self, derived: Derived, seen: View | None = None) -> None:
        self.derived, self.seen = derived, seen
        self.values: tuple[Value, ...] = derived.values
        self.number = {value.symbol.name.identifier: n for n, value in enumerate(self.values)}
        self.steps: dict[int, Step] = {self.number[s.value.symbol.name.identifier]: s for s in derived.steps}
        self.sweeps = Sweeps()
        self.items = self._items(seen.box_of if seen is not None else [None] * len(self.values))
        self.item_of = {n: k for k, item in enumerate(self.items) for n in item.values}
        self.inputs = [
            self._others(k, (name for n in item.values for name in self.values[n].inputs))
            for k, item in enumerate(self.items)
        ]
        self.consumers = [
            self._others(k, (name for n in item.values if n in self.steps for name in self.steps[n].waits_for))
            for k, item in enumerate(self.items)
        ]
        self.links = [*self._forward_links(), *self._backward_links()]

    def _items(self, box_of: Sequence[Part | None]) -> tuple[Item, ...]:
        """In the order of computation, what is folded where its first value would stand."""
        inside: dict[Part | int, list[int]] = {}
        for n, part in enumerate(box_of):
            inside.setdefault(n if part is None else part, []).append(n)
        return tuple(
            Item(part.name, "folded", tuple(numbers), part)
            if isinstance(part, Part)
            else Item(self.values[part].symbol.name.text, self.sweeps.role(self.values[part]), (part,))
            for part, numbers in inside.items()
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Of what is folded, how much, and how to see more."""
        few = len(self.values) <= MOST
        return self.seen.notes("ag.play", "so that the steps can be followed", few) if self.seen is not None else ()

    @property
    def _all(self) -> range:
        return range(len(self.items))

    def of(self, name: Name) -> int:
        """The item that a name's value lies in."""
        return self.item_of[self.number[name.identifier]]

    def _others(self, k: int, names: Iterable[Name]) -> tuple[int, ...]:
        return tuple(other for other in dict.fromkeys(map(self.of, names)) if other != k)

    def value(self, k: int) -> Value:
        """The value that an item is, or, of a part, the last that it computes."""
        return self.values[max(self.computed(k) or self.items[k].values)]

    def step(self, k: int) -> Step | None:
        """The step of an item that is a value, where it has one."""
        item = self.items[k]
        return None if item.part is not None else self.steps.get(item.values[0])

    def computed(self, k: int) -> list[int]:
        """The numbers of an item's values that something computed."""
        return [n for n in self.items[k].values if self.values[n].formula is not None]

    def steps_in(self, k: int) -> list[Step]:
        """An item's steps, in their order."""
        inside = set(self.items[k].values)
        return [step for n, step in self.steps.items() if n in inside]

    def _forward_links(self) -> Iterable[Link]:
        counts: Counter[tuple[int, int]] = Counter()
        for n, value in enumerate(self.values):
            for name in value.inputs:
                tail, head = self.of(name), self.item_of[n]
                if self._folded(tail, head):
                    counts[tail, head] += tail != head
                else:
                    yield Link(tail, head)
        yield from (Link(tail, head, count=count) for (tail, head), count in counts.items() if count)

    def _backward_links(self) -> Iterable[Link]:
        counts: Counter[tuple[int, int]] = Counter()
        for n, step in self.steps.items():
            for i, part in enumerate(step.contributions):
                tail, head = self.of(part.consumer), self.item_of[n]
                if self._folded(tail, head):
                    counts[tail, head] += tail != head
                else:
                    yield Link(tail, head, True, i)
        yield from (Link(tail, head, True, count=count) for (tail, head), count in counts.items() if count)

    def _folded(self, *items: int) -> bool:
        return any(self.items[k].part is not None for k in items)

    # What crosses the border of a part.

    def arriving(self, k: int) -> list[Value]:
        """The values from outside that an item uses."""
        inside = set(self.items[k].values)
        names = (name for n in self.items[k].values for name in self.values[n].inputs)
        numbers = dict.fromkeys(self.number[name.identifier] for name in names)
        return [self.values[n] for n in numbers if n not in inside]

    def leaving(self, k: int) -> list[Value]:
        """The values of an item that are used outside of it, or are the result."""
        inside = set(self.items[k].values)
        names = (name for n, value in enumerate(self.values) if n not in inside for name in value.inputs)
        numbers = {self.number[name.identifier] for name in (*names, self.derived.root.symbol.name)}
        return [self.values[n] for n in self.items[k].values if n in numbers]

    def handed_in(self, k: int) -> list[tuple[Step, Contribution]]:
        """What consumers outside hand back to the values of an item."""
        return [(step, part) for step in self.steps_in(k) for part in step.contributions if self.of(part.consumer) != k]

    def handed_on(self, k: int) -> list[tuple[Step, Contribution]]:
        """What an item hands back to values outside of it."""
        outside = (step for n, step in self.steps.items() if self.item_of[n] != k)
        return [(step, part) for step in outside for part in step.contributions if self.of(part.consumer) == k]

    @cached_property
    def results(self) -> tuple[Step, ...]:
        """What it is all done for: the gradients of what nothing computed."""
        return tuple(step for step in self.derived.steps if step.value.formula is None)

    @staticmethod
    def shown(step: Step) -> tuple[Contribution, ...]:
        """What is shown of a step's contributions: all, where no more than one would be left out."""
        parts = step.contributions
        return parts if len(parts) <= MOST_PARTS + 1 else parts[:MOST_PARTS]

    @staticmethod
    def summed(step: Step) -> str:
        """What stands for the formula of a sum that is so long that nothing is learnt of it beside its parts; or ""."""
        parts = step.contributions
        long = len(parts) > MOST_PARTS + 1 or (len(parts) > 1 and len(text(step.rule)) > _LONGEST_SUM)
        return f"{len(parts):,} parts, added up" if long else ""

    # Frames.

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """The values that nothing computed are there from the start; then one frame an item, forward and backward."""
        at = {n: place for place, n in enumerate(self.steps)}
        forward = {k: max(found) for k in self._all if (found := self.computed(k))}
        backward = {
            k: max(found) for k, item in enumerate(self.items) if (found := [at[n] for n in item.values if n in at])
        }
        done = set(self._all) - set(forward)
        made = [self._forward(START, -1, done)]
        for k in _turns(forward, self.inputs):
            made.append(self._forward(FORWARD, k, done))
            done.add(k)
        done = set()
        for k in _turns(backward, self.consumers):
            made.append(self._backward(BACKWARD, k, done))
            done.add(k)
        made.append(self._backward(END, -1, done))
        return tuple(made)

    def _forward(self, phase: str, now: int, done: set[int]) -> Frame:
        nodes = "".join(
            "n" if k == now else "d" if k in done else "r" if done.issuperset(self.inputs[k]) else "w"
            for k in self._all
        )
        arrows = "".join("o" if link.backward else "l" if link.head == now else "." for link in self.links)
        return Frame(phase, now, nodes, arrows)

    def _backward(self, phase: str, now: int, done: set[int]) -> Frame:
        nodes = "".join(
            "-"
            if k not in self._with_gradients
            else "N"
            if k == now
            else "D"
            if k in done
            else "R"
            if done.issuperset(self.consumers[k])
            else "W"
            for k in self._all
        )
        arrows = "".join(
            "q" if not link.backward else "o" if link.tail not in done else "l" if link.head == now else "a"
            for link in self.links
        )
        return Frame(phase, now, nodes, arrows)

    @cached_property
    def _with_gradients(self) -> frozenset[int]:
        return frozenset(self.item_of[n] for n in self.steps)

    @property
    def large(self) -> bool:
        """Whether there are so many formulas that they are set as text."""
        return len(self.items) > _LARGE

    def title(self, frame: Frame) -> str:
        """A frame in a few words of plain text."""
        if frame.phase == START:
            return "What is given"
        if frame.phase == END:
            return "Every gradient is there"
        item, step = self.items[frame.node], self.step(frame.node)
        if frame.phase == FORWARD or step is None:
            made = f", {LOOKS['gradient'].words}" if frame.phase == FORWARD and item.role == "gradient" else ""
            return f"{frame.phase.capitalize()}: {item.name}{made}"
        return f"Backward: {step.gradient.name.text}"

    def missing(self, frame: Frame, k: int) -> tuple[int, ...]:
        """The items that `k` still waits for."""
        among = self.inputs[k] if frame.nodes[k] in "wrnd" else self.consumers[k]
        return tuple(other for other in among if frame.nodes[other] not in "dD")


def _turns(places: Mapping[int, int], waits_for: Sequence[Sequence[int]]) -> Iterable[int]:
    """The items in the order of their places, but each after those that it waits for.

    A value that waits for a part has its place, in the derivation, often amid the part's values.
    """
    lacking = {k: sum(other in places for other in waits_for[k]) for k in places}
    users: dict[int, list[int]] = {}
    for k in places:
        for other in waits_for[k]:
            users.setdefault(other, []).append(k)
    ready = [(place, k) for k, place in places.items() if not lacking[k]]
    heapify(ready)
    while ready:
        k = heappop(ready)[1]
        yield k
        for user in users.get(k, ()):
            lacking[user] -= 1
            if not lacking[user]:
                heappush(ready, (places[user], user))
