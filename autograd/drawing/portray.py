"""From a derivation to the scene of its picture: boxes for values and for what is folded, arrows for uses, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ..derivation.steps import Derived
from .boxes import entry_box, folded_box, others_box, value_box
from .entry_derivatives import Derivative
from .fold import View, view
from .local import derivative_rows, label_rows
from .opened import Opened, split, wanted
from .parts import Part
from .scene import Arrow, Box, Group, Scene
from .scopes import Scopes, Sweeps
from .shown import shape_text

BACKWARD_UP_TO = 12
"""So many boxes get their backward arrows unasked."""
_MOST_LABELLED = 24
"""So many backward arrows between entries have ways and labels of their own."""


def scene(
    derivation: Derived,
    scopes: Scopes | None = None,
    *,
    backward: bool | None = None,
    depth: int | None = None,
    opened: Iterable[str] = (),
    folded: Iterable[str] = (),
    fold: bool = True,
    scalars: bool = False,
) -> Scene:
    """The picture of a graph: each value's formula and value, its gradient's formula and value; large graphs folded.

    With `backward`, by default for a small graph, arrows that carry the local derivatives lead back from the result.
    Values whose names are in `opened`, with `scalars` all, are opened into their entries. The other options are those
    of `view`.
    """
    opened = tuple(opened)
    entries = wanted(derivation.values, opened, scalars)
    names = [split(name)[0] for name in opened]
    seen = view(
        derivation.values,
        scopes or Scopes(),
        depth=depth,
        opened=names,
        folded=folded,
        fold=fold and not scalars,
    )
    return _Portrait(derivation, seen, Opened(derivation, entries)).scene(backward)


class _Portrait:
    """A derivation and what is to be seen of it, on the way to a scene."""

    def __init__(self, derivation: Derived, seen: View, opened: Opened) -> None:
        self.derivation, self.seen, self.opened = derivation, seen, opened
        self.values, self.sweeps = derivation.values, Sweeps()
        self.boxes: list[Box] = []
        self.steps = {step.value.symbol.name.identifier: step for step in derivation.steps}
        self.numbers = {value.symbol.name.identifier: n for n, value in enumerate(self.values)}
        self.groups = {part: f"g{n}" for n, part in enumerate(seen.opened)}
        self.keys: dict[Part | int, str] = {part: f"p{n}" for n, part in enumerate(seen.folded)}
        self.keys |= {n: f"v{n}" for n, box in enumerate(seen.box_of) if box is None}

    def scene(self, backward: bool | None) -> Scene:
        self.boxes = boxes = self._boxes()
        arrows = self._forward()
        notes = self.seen.notes("ag.draw", "so that the picture can be read")
        if backward or (backward is None and len(boxes) <= BACKWARD_UP_TO):
            arrows += self._backward()
            if any(arrow.along for arrow in arrows):
                notes = (*notes, _ALONG)
        groups = [Group(key, part.title, part.path, self._group_of(part)) for part, key in self.groups.items()]
        for n in self.opened.entries:
            symbol = self.values[n].symbol
            title = f"{symbol.name.text}, {shape_text(symbol.shape)}"
            groups.append(Group(f"o{n}", title, "opened into its entries", self._group_of(n)))
        return Scene(*titles(self.derivation), tuple(boxes), tuple(arrows), tuple(groups), notes)

    def _group_of(self, each: Part | int) -> str:
        return self.groups.get(self.seen.around.get(each, self.seen.whole), "")

    def _boxes(self) -> list[Box]:
        """In the order of computation, what is folded where its first value would stand."""
        boxes = []
        done: set[Part] = set()
        for n, part in enumerate(self.seen.box_of):
            if part is None:
                value = self.values[n]
                step = self.steps.get(value.symbol.name.identifier)
                role = self.sweeps.role(value)
                if n not in self.opened.entries:
                    boxes.append(value_box(self.keys[n], role, value, step, self._group_of(n)))
                    continue
                entries, group = self.opened.entries[n], f"o{n}"
                boxes += [entry_box(self._entry_key(n, entry.number), role, entry, step, group) for entry in entries]
                if not self.opened.complete[n]:
                    others = int(np.size(value.symbol.value)) - len(entries)
                    boxes.append(others_box(self.keys[n], value, others, group))
            elif part not in done:
                done.add(part)
                boxes.append(self._folded_box(part))
        return boxes

    def _folded_box(self, part: Part) -> Box:
        inside = sorted(part.values())
        computed = [self.values[n] for n in inside]
        hidden = [value for value, box in zip(self.values, self.seen.box_of, strict=True) if box is part]
        parameters = [value for value in hidden if value.role == "parameter"]
        first = next((x for n in inside for x in self._came_from(n) if self.seen.box_of[x] is not part), None)
        given = None if first is None else self.values[first]
        steps = [self.steps[v.symbol.name.identifier] for v in computed if v.symbol.name.identifier in self.steps]
        return folded_box(self.keys[part], part, computed, parameters, given, steps, self._group_of(part))

    @staticmethod
    def _entry_key(n: int, number: int) -> str:
        return f"v{n}e{number}"

    def _keys_of(self, shown: Part | int) -> list[str]:
        """The keys of all boxes that show something: several, if it is an opened value."""
        if isinstance(shown, Part) or shown not in self.opened.entries:
            return [self.keys[shown]]
        keys = [self._entry_key(shown, entry.number) for entry in self.opened.entries[shown]]
        return keys if self.opened.complete[shown] else [*keys, self.keys[shown]]

    def _came_from(self, n: int) -> list[int]:
        """The values that a value was computed from, those that something computed first."""
        found = [self.numbers[name.identifier] for name in self.values[n].inputs]
        return sorted(found, key=lambda x: self.values[x].role in ("parameter", "constant"))

    def _shown(self, n: int) -> Part | int:
        """What shows a value: the part it is folded into, or itself."""
        part = self.seen.box_of[n]
        return n if part is None else part

    def _called(self, shown: Part | int) -> str:
        return shown.title if isinstance(shown, Part) else self.values[shown].symbol.name.text

    def _forward(self) -> list[Arrow]:
        arrows = []
        counts: Counter[tuple[Part | int, Part | int]] = Counter()
        for n, value in enumerate(self.values):
            for name in value.inputs:
                ends = (self._shown(self.numbers[name.identifier]), self._shown(n))
                if isinstance(ends[0], Part) or isinstance(ends[1], Part):
                    counts[ends] += ends[0] is not ends[1]
                elif not self.opened.entries.keys().isdisjoint(ends):
                    counts[ends] = 1
                else:
                    said = f"{self._called(ends[0])} is used in {self._called(ends[1])}"
                    arrows.append(Arrow(self.keys[ends[0]], self.keys[ends[1]], said))
        for (tail, head), count in counts.items():
            if count:
                said = f"{self._called(tail)} is used in {self._called(head)}"
                arrows += [Arrow(*ends, said, count=count) for ends in self._ends(tail, head)]
        return arrows

    def _ends(self, tail: Part | int, head: Part | int) -> list[tuple[str, str]]:
        """The boxes to join where one thing is used in another: of opened values, the entries that use each other."""
        if isinstance(tail, Part) or isinstance(head, Part) or not {tail, head} <= self.opened.entries.keys():
            return [(a, b) for a in self._keys_of(tail) for b in self._keys_of(head)]
        found = []
        for entry in self.opened.entries[head]:
            sources = self.opened.sources(entry, tail)
            known = sources is not None and self.opened.complete[tail]
            keys = [self._entry_key(tail, number) for number in sources or ()] if known else self._keys_of(tail)
            found += [(key, self._entry_key(head, entry.number)) for key in keys]
        if not self.opened.complete[head]:
            found += [(key, self.keys[head]) for key in self._keys_of(tail)]
        return found

    def _backward(self) -> list[Arrow]:
        arrows: list[Arrow] = []
        entries: list[Arrow] = []
        folded: set[tuple[Part | int, Part | int]] = set()
        for step in self.derivation.steps:
            head = self._shown(self.numbers[step.value.symbol.name.identifier])
            for part in step.contributions:
                tail = self._shown(self.numbers[part.consumer.identifier])
                if tail in self.opened.entries or head in self.opened.entries:
                    if (tail, head) not in folded:
                        folded.add((tail, head))
                        entries += self._entries_back(tail, head)
                    continue
                said = f"the gradient of {self._called(tail)} comes back to {self._called(head)}"
                if isinstance(head, Part) or isinstance(tail, Part):
                    if tail is head or (tail, head) in folded:
                        continue
                    folded.add((tail, head))
                    arrows.append(Arrow(self.keys[tail], self.keys[head], said, backward=True))
                else:
                    arriving = self.steps[part.consumer.identifier]
                    rows = label_rows(part, arriving.gradient.name, at_root=not arriving.contributions)
                    arrows.append(Arrow(self.keys[tail], self.keys[head], said, backward=True, rows=rows))
        crowded = len(entries) > _MOST_LABELLED
        return arrows + [replace(arrow, along=crowded) for arrow in entries]

    def _entries_back(self, tail: Part | int, head: Part | int) -> list[Arrow]:
        """From each entry that is shown to those that it was computed from, with the derivative where it is one."""
        found = None
        if isinstance(tail, int) and isinstance(head, int):
            found = self.opened.derivatives(head, tail)
        if found is None:
            ends = dict.fromkeys((a, b) for a in self._keys_of(tail) for b in self._keys_of(head))
            return [Arrow(*each, self._back(*each), backward=True) for each in ends]
        assert isinstance(tail, int) and isinstance(head, int)
        between: dict[tuple[str, str], list[Derivative]] = {}
        for (source, target), derivative in found.items():
            keys = self._key_of(tail, target), self._key_of(head, source)
            between.setdefault(keys, []).append(derivative)
        arrows = []
        for keys, there in between.items():
            rows = derivative_rows(there[0].formula, there[0].number) if len(there) == 1 else ()
            arrows.append(Arrow(*keys, self._back(*keys), backward=True, rows=rows))
        return arrows

    def _key_of(self, n: int, number: int) -> str:
        """The key of the box that shows an entry."""
        shown = {entry.number for entry in self.opened.entries.get(n, ())}
        return self._entry_key(n, number) if number in shown else self.keys[n]

    def _back(self, tail: str, head: str) -> str:
        names = {box.key: box.heading.text for box in self.boxes}
        return f"the gradient of {names[tail]} comes back to {names[head]}"


_ALONG = (
    "So many arrows lead back that they run beside those forward. In a browser, pointed at, each says its local "
    "derivative."
)


def titles(derivation: Derived) -> tuple[str, str]:
    """The title and description of a whole picture."""
    name = derivation.root.symbol.name.text
    parameters = [v.symbol.name.text for v in derivation.values if v.role == "parameter"]
    if len(parameters) > 12:
        parameters = [*parameters[:11], f"{len(parameters) - 11} more parameters"]
    return (
        f"How {name} is computed, and its gradients",
        f"A graph of {len(derivation.values)} values that ends in {name}. Gradients are shown with respect to "
        + (", ".join(parameters) or "no parameter")
        + " and all that lies between.",
    )
