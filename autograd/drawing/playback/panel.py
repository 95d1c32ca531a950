"""The words and formulas beside the picture of a playback: one section for each frame, set on the server side.

All that a name or a value holds is escaped here; the page's script shows and hides sections, and writes plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ...derivation.ellipsis import few, more
from ...derivation.names import Name
from ...derivation.numbers import array_text, is_condition
from ...derivation.records import Contribution, Step
from ...derivation.records import Part as Named
from ..in_numbers import Setter
from ..shown import shape_text
from ..typeset import xml
from .folded import Group, alarms, groups, summary
from .plan import BACKWARD, END, FORWARD, LISTED, START, Frame, Plan

_MOST_NUMBERS = 40
"""So many values are put into a formula."""
_KEYS = (
    '<p class="keys"><kbd>→</kbd> <kbd>←</kbd> step on and back · <kbd>space</kbd> play · <kbd>home</kbd> '
    "<kbd>end</kbd> · <kbd>1</kbd> <kbd>2</kbd> <kbd>3</kbd> rule, derivative, numbers · <kbd>p</kbd> predict · "
    "<kbd>f</kbd> full size · click a value, or <kbd>tab</kbd> and <kbd>enter</kbd>: why it waits</p>"
)


class Panel:
    """The sections of a plan's frames, with formulas that share their outlines."""

    def __init__(self, plan: Plan, setter: Setter) -> None:
        self.plan, self.set = plan, setter

    def sections(self) -> list[str]:
        return [self._section(k, frame) for k, frame in enumerate(self.plan.frames)]

    def _section(self, k: int, frame: Frame) -> str:
        if frame.phase == START:
            body = self._start()
        elif frame.phase == END:
            body = self._end()
        elif self.plan.items[frame.node].part is not None:
            body = self._folded(frame)
        elif frame.phase == FORWARD:
            body = self._forward(frame.node)
        else:
            body = self._backward(frame.node)
        return f'<section id="s{k}" hidden><h2>{xml(self.plan.title(frame))}</h2>{body}</section>'

    def _start(self) -> str:
        plan = self.plan
        given = [value for value in plan.values if value.formula is None]
        root = plan.derived.root.symbol.name.text
        computed = len(plan.values) - len(given)
        listed = "".join(
            f"<li>{self.set.name(value.symbol.name)} <span>{value.role}, {shape_text(value.symbol.shape)}</span></li>"
            for value in given[:12]
        )
        more = f"<li><span>and {len(given) - 12} more</span></li>" if len(given) > 12 else ""
        said = (
            f"The values below are there before anything is computed. Forward, {computed} more "
            f"{'is' if computed == 1 else 'are'} computed from them, up to {root}; backward, from {root} on, "
            f"{len(plan.steps)} gradients."
        )
        folded = f'<p class="why">{xml(" ".join(plan.notes))}</p>' if plan.notes else ""
        return f'<p class="why">{xml(said)}</p>{folded}<ul class="given">{listed}{more}</ul>{_KEYS}'

    def _end(self) -> str:
        plan = self.plan
        rows = "".join(
            f"<div>{self.set.name(step.gradient.name)}<span>=</span>{self.set.value(step.gradient.value)}</div>"
            for step in plan.results[:LISTED]
        )
        more = f"<p>{xml(f'and {len(plan.results) - LISTED} more')}</p>" if len(plan.results) > LISTED else ""
        unreached = [value.symbol.name.text for value in plan.derived.unreached]
        lost = (
            f"<p>{xml(f'No gradient reaches {_listed(unreached)}: nothing differentiable leads there.')}</p>"
            if unreached
            else ""
        )
        edges = sum(len(step.contributions) for step in plan.derived.steps)
        said = (
            f"One sweep backward, {len(plan.steps)} values and {edges} products, gave the gradients of all parameters:"
        )
        return f'<p>{xml(said)}</p><div class="results">{rows}</div>{more}{lost}'

    def _forward(self, k: int) -> str:
        value = self.plan.value(k)
        assert value.formula is not None
        truth = is_condition(value.symbol.value)
        left = self.set.name(value.symbol.name)
        rule = self.set.formula(value.formula, truth)
        put_in = self.set.in_numbers(value.formula, truth) if len(value.inputs) <= _MOST_NUMBERS else ""
        numbers = self._result(left, put_in, value.symbol.value)
        table = _table([_row("d1", "rule", left, rule)])
        why = f'<p class="why">{xml(inputs)}</p>' if (inputs := self._inputs(k)) else ""
        return f'{why}<div class="work">{table}<div class="d3">{numbers}</div></div>'

    def _inputs(self, k: int) -> str:
        names = _listed(self.plan.items[other].name for other in self.plan.inputs[k])
        return f"Its inputs are there: {names}." if names else ""

    def _folded(self, frame: Frame) -> str:
        """Of a part that is folded, what comes in, its first and last values, what goes out."""
        plan, k = self.plan, frame.node
        drawn = "".join(
            f'<div class="work folded"><h3>{group.heading}</h3>{_table(self._rows(group))}</div>'
            for group in groups(plan, frame)
        )
        why, said = self._inputs(k), ""
        if frame.phase == BACKWARD:
            waited = [plan.items[other].name for other in plan.consumers[k]]
            why = _waited(plan.items[k].name, waited, "what it gives" if plan.computed(k) else "them")
            said = "".join(f'<li class="alarm">{xml(alarm)}</li>' for alarm in alarms(plan, k))
        said = f'<ul class="notes">{said}</ul>' if said else ""
        return f'<p class="why">{xml(f"{why} {summary(plan, frame)}")}</p><div class="parts">{drawn}</div>{said}'

    def _rows(self, group: Group) -> list[str]:
        rows = []
        for line in group.lines:
            left = self.set.name(line.name) if line.name is not None else ""
            truth = is_condition(line.value)
            rule = "" if line.formula is None else self.set.formula(line.formula, truth)
            cells = "".join(
                f'<td class="{depth}">{"=" if left or rule else ""}</td><td class="{depth}">{each}</td>'
                for depth, each in (("d1", rule), ("d3", self.set.value(line.value)))
                if each
            )
            ends = f"<th>{xml(line.ends)}</th>" if line.ends else ""
            rows.append(f"<tr>{ends}<td>{left}</td>{cells}</tr>")
        if group.left_out:
            rows.insert(group.before, f'<tr><td colspan="6">… {group.left_out:,} more …</td></tr>')
        return rows

    def _backward(self, k: int) -> str:
        step = self.plan.step(k)
        assert step is not None
        parts = step.contributions
        left = self.set.name(step.gradient.name)
        if not parts:
            body = self._result(left, "", step.gradient.value)
        elif len(parts) == 1:
            body = self._part(parts[0], left)
        else:
            shown = self.plan.shown(step)
            cards = [self._part(part, "", f"from {part.consumer.text}") for part in shown]
            terms = [self._term(part.value) for part in shown]
            summed = self.plan.summed(step) or self.set.formula(step.rule)
            if len(shown) < len(parts):
                cards.append(f"<p>… {len(parts) - len(shown):,} more …</p>")
                terms.append("<span>…</span>")
            body = f'<div class="parts">{"".join(cards)}</div>'
            numbers = "<span>+</span>".join(terms)
            body += (
                f'<div class="work sum">{_table([_row("d1", "the sum", left, summed)])}'
                f'<div class="d3">{self._result(left, numbers, step.gradient.value)}</div></div>'
            )
        body += "".join(map(self._where, reversed(step.parts)))
        why = _why(step, self.plan.derived.root.symbol.name)
        notes = "".join(
            f"<li>{xml(more(note, 'notes') if isinstance(note, int) else note.text)}</li>" for note in few(step.notes)
        )
        calls = "".join(f'<li class="alarm">{xml(f"{call.kind}: {call.text}")}</li>' for call in step.callouts)
        said = f'<ul class="notes">{calls}{notes}</ul>' if notes or calls else ""
        return f'<p class="why">{xml(why)}</p>{body}{said}'

    def _where(self, named: Named) -> str:
        """A part of a long formula that was given a name."""
        left, truth = self.set.name(named.symbol.name), named.symbol.kind == "b"
        row = _row("d1", "where", left, self.set.formula(named.formula, truth))
        numbers = self._result(left, self.set.in_numbers(named.formula, truth), named.symbol.value)
        return f'<div class="work">{_table([row])}<div class="d3">{numbers}</div></div>'

    def _term(self, value: Any) -> str:
        """A value in a sum: a negative number in brackets."""
        shown = self.set.value(value)
        return f"<span>(</span>{shown}<span>)</span>" if array_text(value).startswith("−") else shown

    def _part(self, part: Contribution, left: str, caption: str = "rule") -> str:
        """What one consumer hands back, at three depths: in signs on the left, in numbers on the right."""
        rows = [_row("d1", caption, left, self.set.formula(part.rule))]
        numbers = []
        for local in part.locals:
            symbol = self.set.formula(local.symbol)
            rows.append(_row("d2", "local derivative", symbol, self.set.formula(local.formula)))
            numbers.append(f'<div class="line">{symbol}<span>=</span>{self.set.value(local.value)}</div>')
        if part.formula != part.rule:
            rows.append(_row("d2", "written out", left, self.set.formula(part.formula)))
        numbers.append(self._result(left, self.set.in_numbers(part.formula), part.value))
        return f'<div class="work">{_table(rows)}<div class="d3">{"".join(numbers)}</div></div>'

    def _result(self, left: str, numbers: str, value: Any) -> str:
        """left = numbers = result; only once where they say the same."""
        result = self.set.value(value)
        middle = f"<span>=</span>{numbers}" if numbers and _said(numbers) != _said(result) else ""
        return f'<div class="line">{left}{middle}<span>=</span><span class="result">{result}</span></div>'


def _table(rows: list[str]) -> str:
    return f'<table class="equation" role="presentation">{"".join(rows)}</table>'


def _row(depth: str, caption: str, left: str, right: str) -> str:
    return f'<tr class="{depth}"><th>{xml(caption)}</th><td>{left}</td><td>=</td><td>{right}</td></tr>'


def _said(markup: str) -> list[str]:
    return re.findall('aria-label="([^"]*)"', markup)


def _why(step: Step, root: Name) -> str:
    name = step.value.symbol.name.text
    names = [part.consumer.text for part in step.contributions]
    if not names:
        return "The sweep starts at the result: it waits for nothing."
    if len(names) > 1:
        all_ = "both" if len(names) == 2 else "all"
        return f"{name} had to wait for {_listed(names)}, which {all_} use it: what arrives from each is added up."
    if names[0] == root.text:
        return f"{name} waited for {names[0]}, where the sweep starts with 1: what arrives is the derivative itself."
    return f"{name} had to wait for {names[0]}, which uses it. Its gradient is there now, and arrives by this rule:"


def _waited(name: str, others: list[str], what: str) -> str:
    """Why a part had to wait."""
    if not others:
        return f"{name} waits for nothing."
    return f"{name} had to wait for {_listed(others)}, which {'uses' if len(others) == 1 else 'use'} {what}."


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    if len(names) > LISTED:
        names = [*names[: LISTED - 1], f"{len(names) - LISTED + 1} more"]
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
