"""A playback in Unicode text: every step, what is computed, from what, who waits for what meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from ...derivation.ellipsis import shortened
from ...derivation.numbers import array_text
from ...derivation.trees import Expression
from ...derivation.writing import text as written
from ..typeset import plain
from .folded import Line, groups, summary
from .plan import BACKWARD, END, FORWARD, Frame, Plan

_WAITING = 6


def text(plan: Plan) -> str:
    """The whole text. Where something is folded, how to see more of it stands first."""
    found = [*plan.notes, *([""] if plan.notes else [])]
    for k, frame in enumerate(plan.frames, 1):
        found.append(f"{k}. {plan.title(frame)}")
        if frame.phase in (FORWARD, BACKWARD):
            folded = plan.items[frame.node].part is not None
            found += (
                _folded(plan, frame)
                if folded
                else _value(plan, frame)
                if frame.phase == FORWARD
                else _step(plan, frame)
            )
        if frame.phase != END:
            found += _waiting(plan, frame)
    return "\n".join(map(plain, found)) + "\n"


def _value(plan: Plan, frame: Frame) -> Iterator[str]:
    value = plan.value(frame.node)
    assert value.formula is not None
    yield _equation(value.symbol.name.text, _formula(value.formula), array_text(value.symbol.value))


def _step(plan: Plan, frame: Frame) -> Iterator[str]:
    step = plan.step(frame.node)
    assert step is not None
    parts, shown = step.contributions, plan.shown(step)
    formula = plan.summed(step) or _formula(step.formula)
    yield _equation(step.gradient.name.text, formula, array_text(step.gradient.value))
    if len(parts) > 1:
        for part in shown:
            yield f"     from {part.consumer.text}: {_formula(part.formula)} = {array_text(part.value)}"
    if len(shown) < len(parts):
        yield f"     … {len(parts) - len(shown):,} more …"
    for named in reversed(step.parts):
        yield f"     where {named.symbol.name.text} = {_formula(named.formula)} = {array_text(named.symbol.value)}"


def _folded(plan: Plan, frame: Frame) -> Iterator[str]:
    yield f"   {summary(plan, frame)}"
    for group in groups(plan, frame):
        yield f"   {group.heading}:"
        shown = [_line(line) for line in group.lines]
        if group.left_out:
            shown.insert(group.before, f"… {group.left_out:,} more …")
        yield from (f"     {each}" for each in shown)


def _line(line: Line) -> str:
    sides = [line.name.text if line.name else "", "" if line.formula is None else _formula(line.formula)]
    equation = " = ".join(dict.fromkeys(side for side in (*sides, array_text(line.value)) if side))
    return f"{line.ends}: {equation}" if line.ends else equation


def _equation(left: str, formula: str, result: str) -> str:
    return f"   {left} = {formula}{f' = {result}' if result != formula else ''}"


def _formula(tree: Expression) -> str:
    return written(shortened(tree))


def _waiting(plan: Plan, frame: Frame) -> Iterator[str]:
    waiting = [
        f"{item.name} for {_listed([plan.items[other].name for other in plan.missing(frame, k)])}"
        for k, item in enumerate(plan.items)
        if frame.nodes[k] in "wW"
    ]
    if waiting:
        more = f"; and {len(waiting) - _WAITING} more" if len(waiting) > _WAITING else ""
        yield f"   waiting: {'; '.join(waiting[:_WAITING])}{more}"


def _listed(names: list[str]) -> str:
    more = [f"{len(names) - _WAITING:,} more"] if len(names) > _WAITING + 1 else []
    return ", ".join([*names[:_WAITING], *more] if more else names)
