"""The boxes of a picture: a named value, one entry of it, many values folded into one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from ..derivation import writing
from ..derivation.numbers import array_text, as_numpy, is_condition, number_text
from ..derivation.records import Step, Value
from .opened import Entry
from .operation import equation, operation
from .parts import Part
from .scene import Box, Mark, Row
from .shown import magnitudes_row, shape_text, value_row

_FEW_FORMULAS = 3
"""Of a block that is repeated, so many formulas are shown."""


def value_box(key: str, role: str, value: Value, step: Step | None, group: str = "") -> Box:
    """The box of one named value."""
    name, data = value.symbol.name, value.symbol.value
    rows = [value_row("value", data)]
    marks: tuple[Mark, ...] = ()
    if step is None:
        rows.append(Row("gradient", "", "—", (("—",),)))
    else:
        rows += _gradient_rows(step)
        marks = tuple(Mark(found.kind, found.text) for found in step.callouts)
    said = f"{name.text}: {role}, {shape_text(value.symbol.shape)}"
    heading = Row("", name.latex, name.text)
    return Box(
        key, role, heading, tuple(rows), said, group, marks, operation=operation(value.formula, is_condition(data))
    )


def _gradient_rows(step: Step) -> list[Row]:
    caption = "gradient" if len(step.contributions) < 2 else f"gradient, a sum of {len(step.contributions)}"
    found = [*equation(caption, step.gradient.name, step.formula)]
    if not found:
        return [value_row(f"{caption}; its formula: ag.derive(…)", step.gradient.value)]
    if array_text(step.gradient.value) == writing.text(step.formula):
        return found
    found.append(value_row("", step.gradient.value))
    for i, part in enumerate(reversed(step.parts)):
        found += equation("" if i else "where", part.symbol.name, part.formula, part.symbol.kind == "b")
    return found


def entry_box(key: str, role: str, entry: Entry, step: Step | None, group: str) -> Box:
    """The box of one entry of an opened value."""
    name = entry.name
    value = number_text(entry.data, 4)
    gradient = "—"
    if step is not None:
        gradient = number_text(np.reshape(as_numpy(step.gradient.value), -1)[entry.number], 4)
    rows = (Row("value", "", value, ((value,),)), Row("gradient", "", gradient, ((gradient,),)))
    heading = Row("", name.latex, name.text)
    return Box(key, role, heading, rows, f"{name.text}: {role}", group, operation=operation(entry.formula))


def others_box(key: str, value: Value, count: int, group: str) -> Box:
    """What stands for the entries of an opened value that are not shown."""
    name = value.symbol.name
    said = "the other entry" if count == 1 else f"the other {count:,} entries"
    rows = (value_row("all values", value.symbol.value),)
    return Box(key, "folded", Row("", "", f"{name.text}: {said}"), rows, said, group)


def folded_box(
    key: str,
    part: Part,
    inside: Sequence[Value],
    parameters: Iterable[Value],
    given: Value | None,
    steps: Sequence[Step],
    group: str,
) -> Box:
    """The box of a part: `inside` are its computed values, `given` is what it begins with, `steps` its gradients."""
    sizes = [int(np.size(value.symbol.value)) for value in parameters]
    held = f"{len(inside):,} {'value' if len(inside) == 1 else 'values'}"
    if all(value.formula is None for value in inside):
        held = f"{len(inside):,} {inside[0].role}s"
    elif sizes:
        held += f", {sum(sizes):,} {'parameter' if sum(sizes) == 1 else 'parameters'}"
    shape = shape_text(inside[-1].symbol.shape)
    if given is not None:
        shape = f"{shape_text(given.symbol.shape)} → {shape}"
    rows = [Row("inside", "", held)]
    if "×" in shape or any(character.isdigit() for character in shape):
        rows.append(Row("shapes", "", shape))
    unit = part.children[0] if part.count > 1 else None
    if isinstance(unit, Part) and not unit.kind and len(unit.children) <= _FEW_FORMULAS:
        for i, value in enumerate(inside[: len(list(unit.values()))]):
            name, truth = value.symbol.name, is_condition(value.symbol.value)
            assert value.formula is not None
            rows += equation("" if i else "the first", name, value.formula, truth)
    if len(steps) > 1:
        rows.append(magnitudes_row("gradients, first to last", [step.gradient.value for step in steps]))
    counts = Counter(callout.kind for step in steps for callout in step.callouts)
    marks = tuple(
        Mark(f"{count} × {kind}" if count > 1 else kind, f"{kind}: {count} of the values in here")
        for kind, count in counts.items()
    )
    text = f"{part.path or part.label}: {held}, {shape}"
    return Box(key, "folded", Row("", "", part.title), tuple(rows), text, group, marks, part.count)
