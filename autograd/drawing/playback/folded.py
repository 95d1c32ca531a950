"""What there is to say when a folded part has its turn: what arrives, what its first and last values are, what leaves.

Every line is one of the derivation's: what is folded is left out, and nothing else is put in its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...derivation.names import Name
from ...derivation.records import Contribution, Step, Value
from ...derivation.trees import Expression
from .plan import FORWARD, Frame, Plan

_CROSSING = 4
_FIRST, _LAST = 2, 1


@dataclass(frozen=True, slots=True)
class Line:
    """name = formula = value, and from or to where; no name for one part of a sum, no formula for what is given."""

    name: Name | None
    formula: Expression | None
    value: Any
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under a heading; `left_out` of them are not shown, after the first `before`."""

    heading: str
    lines: tuple[Line, ...]
    left_out: int = 0
    before: int = 0


def groups(plan: Plan, frame: Frame) -> list[Group]:
    """What is shown of a folded part in its frame."""
    found = _forward(plan, frame.node) if frame.phase == FORWARD else _backward(plan, frame.node)
    return [group for group in found if group.lines]


def _forward(plan: Plan, k: int) -> Iterator[Group]:
    computed = [plan.values[n] for n in plan.computed(k)]
    yield _group("arrives", [_value(value) for value in plan.arriving(k)], _CROSSING)
    yield _group("leaves", [_value(value) for value in plan.leaving(k)], _CROSSING)
    yield _group("inside", [replace(_value(value), formula=value.formula) for value in computed], _FIRST, _LAST)


def _backward(plan: Plan, k: int) -> Iterator[Group]:
    steps, arriving = plan.steps_in(k), plan.handed_in(k)
    told = {step.value.symbol.name.identifier for step, _ in arriving if len(step.contributions) == 1}
    others = [step for step in steps if step.value.symbol.name.identifier not in told]
    inside = [step for step in others if step.value.formula is not None]
    leaves = [step for step in others if step.value.formula is None]
    yield _group("arrives", [_part(*each, f"from {each[1].consumer.text}") for each in arriving], _CROSSING)
    on = plan.handed_on(k)
    yield _group("leaves", [_part(*each, f"to {each[0].value.symbol.name.text}") for each in on], _CROSSING)
    yield _group("inside", [_gradient(step) for step in inside], _FIRST, _LAST)
    yield _group("parameters", [replace(_gradient(step), formula=None) for step in leaves], _CROSSING)


def _value(value: Value) -> Line:
    return Line(value.symbol.name, None, value.symbol.value)


def _gradient(step: Step) -> Line:
    return Line(step.gradient.name, step.rule, step.gradient.value)


def _part(step: Step, part: Contribution, ends: str) -> Line:
    """What one consumer hands back: all of the gradient, if no other does."""
    return Line(step.gradient.name if len(step.contributions) == 1 else None, part.rule, part.value, ends)


def _group(heading: str, found: Sequence[Line], first: int, last: int = 0) -> Group:
    """The first and the last lines; all, where only one would be left out."""
    if len(found) <= first + last + 1:
        return Group(heading, tuple(found))
    return Group(heading, (*found[:first], *found[len(found) - last :]), len(found) - first - last, first)


def summary(plan: Plan, frame: Frame) -> str:
    """How much is folded, in a sentence."""
    if frame.phase == FORWARD:
        count = len(plan.computed(frame.node))
        return f"Folded: {count:,} {'value is' if count == 1 else 'values are'} computed in here."
    count = len(plan.steps_in(frame.node))
    return f"Folded: {count:,} {'gradient is' if count == 1 else 'gradients are'} computed in here."


def alarms(plan: Plan, k: int) -> list[str]:
    """The call-outs of the steps inside, one line a kind: where the first is, how many there are."""
    found = [(step, callout) for step in plan.steps_in(k) for callout in step.callouts]
    counts = Counter(callout.kind for _, callout in found)
    said = []
    for kind, count in counts.items():
        step, callout = next((step, callout) for step, callout in found if callout.kind == kind)
        others = f" So are {count - 1:,} more in here." if count > 1 else ""
        said.append(f"{kind}, first at {step.value.symbol.name.text}: {callout.text}{others}")
    return said
