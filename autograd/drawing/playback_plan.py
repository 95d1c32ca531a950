"""What a playback shows, frame by frame: forward, then backward, and in which state each value is meanwhile.

A value waits for its inputs on the way forward, for the gradients of its consumers on the way back; when nothing is
missing it is ready; then it is its turn. That is all that the order of backpropagation is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..derivation.records import Derived, Step, Value

START, FORWARD, BACKWARD, END = "start", "forward", "backward", "end"

STATES = {
    "w": "waiting", "r": "ready", "n": "now", "d": "done",
    "W": "waiting", "R": "ready", "N": "now", "D": "done", "-": "",
}  # fmt: skip
"""A value's state by its letter: small ones forward, capitals backward, "-" where no gradient is asked for."""

ARROWS = {".": "plain", "l": "lit", "q": "quiet", "o": "off", "a": "arrived"}
"""An arrow's state by its letter. A backward one is off until its tail is done: then its gradient has arrived."""


_LARGE = 80


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow between two values, by their numbers. Backward: of the contribution `part` of its head's step."""

    tail: int
    head: int
    backward: bool = False
    part: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment: whose turn it is (−1: nobody's), and a letter of STATES for each value, of ARROWS for each arrow."""

    phase: str
    node: int
    nodes: str
    arrows: str


class Plan:
    """The frames of a derivation's playback. Values go by their numbers in `derived.values`."""

    def __init__(self, derived: Derived) -> None:
        self.derived = derived
        self.values: tuple[Value, ...] = derived.values
        self.number = {value.symbol.name.identifier: n for n, value in enumerate(self.values)}
        self.steps: dict[int, Step] = {self.number[s.value.symbol.name.identifier]: s for s in derived.steps}
        self.inputs = [self._numbers(value.inputs) for value in self.values]
        self.consumers = [self._numbers(self.steps[n].waits_for) if n in self.steps else () for n in self._all]
        self.links = [
            *(Link(tail, n) for n, value in enumerate(self.values) for tail in map(self._number, value.inputs)),
            *(
                Link(self._number(part.consumer), n, True, i)
                for n, step in self.steps.items()
                for i, part in enumerate(step.contributions)
            ),
        ]

    @property
    def _all(self) -> range:
        return range(len(self.values))

    def _number(self, name: object) -> int:
        return self.number[name.identifier]  # type: ignore[attr-defined]

    def _numbers(self, names: tuple[object, ...]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(map(self._number, names)))

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """The values that nothing computed are there from the start; then one frame a value, one a gradient."""
        computed = [n for n, value in enumerate(self.values) if value.formula is not None]
        done = set(self._all) - set(computed)
        made = [self._forward(START, -1, done)]
        for n in computed:
            made.append(self._forward(FORWARD, n, done))
            done.add(n)
        done = set()
        for n in self.steps:
            made.append(self._backward(BACKWARD, n, done))
            done.add(n)
        made.append(self._backward(END, -1, done))
        return tuple(made)

    def _forward(self, phase: str, now: int, done: set[int]) -> Frame:
        nodes = "".join(
            "n" if n == now else "d" if n in done else "r" if done.issuperset(self.inputs[n]) else "w"
            for n in self._all
        )
        arrows = "".join("o" if link.backward else "l" if link.head == now else "." for link in self.links)
        return Frame(phase, now, nodes, arrows)

    def _backward(self, phase: str, now: int, done: set[int]) -> Frame:
        nodes = "".join(
            "-"
            if n not in self.steps
            else "N"
            if n == now
            else "D"
            if n in done
            else "R"
            if done.issuperset(self.consumers[n])
            else "W"
            for n in self._all
        )
        arrows = "".join(
            "q" if not link.backward else "o" if link.tail not in done else "l" if link.head == now else "a"
            for link in self.links
        )
        return Frame(phase, now, nodes, arrows)

    @property
    def large(self) -> bool:
        """Whether there are so many formulas that they are set as text."""
        return len(self.values) > _LARGE

    def title(self, frame: Frame) -> str:
        """A frame in a few words of plain text."""
        if frame.phase == START:
            return "What is given"
        if frame.phase == END:
            return "Every gradient is there"
        if frame.phase == FORWARD:
            return f"Forward: {self.values[frame.node].symbol.name.text}"
        return f"Backward: {self.steps[frame.node].gradient.name.text}"

    def missing(self, frame: Frame, n: int) -> tuple[int, ...]:
        """The values that `n` still waits for."""
        among = self.inputs[n] if frame.nodes[n] in "wrnd" else self.consumers[n]
        return tuple(m for m in among if frame.nodes[m] not in "dD")
