"""From a derivation to the scene of its picture: boxes for values and for what is folded, arrows for uses, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ..derivation import writing
from ..derivation.numbers import array_text, is_condition
from ..derivation.steps import Derived, Step, Value
from .fold import View, view
from .local import label_rows
from .parts import Part
from .scene import Arrow, Box, Group, Mark, Row, Scene
from .scopes import Scopes
from .shown import magnitudes_row, shape_text, value_row

BACKWARD_UP_TO = 12
"""So many boxes get their backward arrows unasked."""
_FEW_FORMULAS = 3
"""Of a block that is repeated, so many formulas are shown."""


def scene(
    derivation: Derived,
    scopes: Scopes | None = None,
    *,
    backward: bool | None = None,
    depth: int | None = None,
    opened: Iterable[str] = (),
    folded: Iterable[str] = (),
    fold: bool = True,
) -> Scene:
    """The picture of a graph: each value's formula and value, its gradient's formula and value; large graphs folded.

    With `backward`, by default for a small graph, arrows that carry the local derivatives lead back from the result.
    The other options are those of `view`.
    """
    seen = view(derivation.values, scopes or Scopes(), depth=depth, opened=opened, folded=folded, fold=fold)
    return _Portrait(derivation, seen).scene(backward)


class _Portrait:
    """A derivation and what is to be seen of it, on the way to a scene."""

    def __init__(self, derivation: Derived, seen: View) -> None:
        self.derivation, self.seen = derivation, seen
        self.values = derivation.values
        self.steps = {step.value.symbol.name.identifier: step for step in derivation.steps}
        self.numbers = {value.symbol.name.identifier: n for n, value in enumerate(self.values)}
        self.groups = {part: f"g{n}" for n, part in enumerate(seen.opened)}
        self.keys: dict[Part | int, str] = {part: f"p{n}" for n, part in enumerate(seen.folded)}
        self.keys |= {n: f"v{n}" for n, box in enumerate(seen.box_of) if box is None}

    def scene(self, backward: bool | None) -> Scene:
        boxes = self._boxes()
        arrows = self._forward()
        if backward or (backward is None and len(boxes) <= BACKWARD_UP_TO):
            arrows += self._backward()
        groups = tuple(Group(key, part.title, part.path, self._group_of(part)) for part, key in self.groups.items())
        return Scene(*titles(self.derivation), tuple(boxes), tuple(arrows), groups, self._notes(len(boxes)))

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
                boxes.append(value_box(self.keys[n], value, step, self._group_of(n)))
            elif part not in done:
                done.add(part)
                boxes.append(self._folded_box(part))
        return boxes

    def _folded_box(self, part: Part) -> Box:
        inside = sorted(part.values())
        computed = [self.values[n] for n in inside]
        hidden = [value for value, box in zip(self.values, self.seen.box_of, strict=True) if box is part]
        sizes = [int(np.size(value.symbol.value)) for value in hidden if value.role == "parameter"]
        held = f"{len(computed):,} values" + (f", {sum(sizes):,} parameters" if sizes else "")
        first = next((x for n in inside for x in self._came_from(n) if self.seen.box_of[x] is not part), None)
        shape = shape_text(computed[-1].symbol.shape)
        if first is not None:
            shape = f"{shape_text(self.values[first].symbol.shape)} → {shape}"
        rows = [Row("inside", "", held)]
        if shape.strip("scalr →"):
            rows.append(Row("shapes", "", shape))
        unit = part.children[0] if part.count > 1 else None
        if isinstance(unit, Part) and not unit.kind and len(unit.children) <= _FEW_FORMULAS:
            formulas = [_equation(self.values[n]) for n in unit.values()]
            rows += [replace(row, caption="" if i else "the first") for i, row in enumerate(formulas)]
        found = [self.steps[v.symbol.name.identifier] for v in computed if v.symbol.name.identifier in self.steps]
        if len(found) > 1:
            rows.append(magnitudes_row("gradients, first to last", [step.gradient.value for step in found]))
        counts = Counter(callout.kind for step in found for callout in step.callouts)
        marks = tuple(
            Mark(f"{count} × {kind}" if count > 1 else kind, f"{kind}: {count} of the values in here")
            for kind, count in counts.items()
        )
        text = f"{part.path or part.label}: {held}, {shape}"
        return Box(
            self.keys[part],
            "folded",
            Row("", "", part.title),
            tuple(rows),
            text,
            self._group_of(part),
            marks,
            part.count,
        )

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
                else:
                    said = f"{self._called(ends[0])} is used in {self._called(ends[1])}"
                    arrows.append(Arrow(self.keys[ends[0]], self.keys[ends[1]], said))
        for (tail, head), count in counts.items():
            if count:
                said = f"{self._called(tail)} is used in {self._called(head)}"
                arrows.append(Arrow(self.keys[tail], self.keys[head], said, count=count))
        return arrows

    def _backward(self) -> list[Arrow]:
        arrows = []
        folded: set[tuple[Part | int, Part | int]] = set()
        for step in self.derivation.steps:
            head = self._shown(self.numbers[step.value.symbol.name.identifier])
            for part in step.contributions:
                tail = self._shown(self.numbers[part.consumer.identifier])
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
        return arrows

    def _notes(self, boxes: int) -> tuple[str, ...]:
        hidden = sum(part is not None for part in self.seen.box_of)
        if not hidden:
            return ()
        count = len(self.seen.folded)
        said = f"{hidden:,} of {len(self.values):,} values are folded into {count} {'box' if count == 1 else 'boxes'}"
        if not self.seen.by_itself:
            return (f"{said}.",)
        path = next((part.path for part in self.seen.folded if part.path), "")
        way = f'ag.draw(…, open=["{path}"]) opens a part, ' if path else ""
        return f"{said}, so that the picture can be read.", f"{way}ag.draw(…, fold=False) shows them all."


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


def value_box(key: str, value: Value, step: Step | None, group: str = "") -> Box:
    """The box of one named value."""
    name, data = value.symbol.name, value.symbol.value
    rows = [value_row("value", data)]
    marks: tuple[Mark, ...] = ()
    if step is None:
        rows.append(Row("gradient", r"\text{—}", "—"))
    else:
        rows += _gradient_rows(step)
        marks = tuple(Mark(found.kind, found.text) for found in step.callouts)
    said = f"{name.text}: {value.role}, {shape_text(value.symbol.shape)}"
    return Box(key, value.role, _equation(value), tuple(rows), said, group, marks)


def _equation(value: Value) -> Row:
    """The value's name, and how it is computed."""
    name = value.symbol.name
    if value.formula is None:
        return Row("", name.latex, name.text)
    truth = is_condition(value.symbol.value)
    latex, text = writing.latex(value.formula, truth), writing.text(value.formula, truth)
    return Row("", f"{name.latex} = {latex}", f"{name.text} = {text}")


def _gradient_rows(step: Step) -> list[Row]:
    latex, text = f"{step.gradient.name.latex} = ", f"{step.gradient.name.text} = "
    caption = "gradient" if len(step.contributions) < 2 else f"gradient, a sum of {len(step.contributions)}"
    formula = Row(caption, latex + writing.latex(step.formula), text + writing.text(step.formula))
    if array_text(step.gradient.value) == writing.text(step.formula):
        return [formula]
    return [formula, value_row("", step.gradient.value)]
