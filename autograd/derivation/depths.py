"""One equation at its depths: rule, local derivatives written out, numbers put in, result.

And, deeper still, the formula of one gradient in full: down to the inputs, with shared parts named and not repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .ellipsis import MOST_TERMS, few, shortened
from .lines import WIDEST, Rows, columns, set_on_lines
from .names import Name
from .numbers import array_latex, array_lines, is_condition
from .records import Contribution, Derived, Part, Step, Value
from .simplify import merged, simplified
from .trees import Apply, Expression, Symbol

RULE, WRITTEN_OUT, NUMBERS, RESULT = "rule", "written out", "numbers", "result"
DEPTHS = (RULE, WRITTEN_OUT, NUMBERS)
"""How deep a derivation goes: rules alone; also with local derivatives written out; also with numbers and results."""
IN_FULL = "in full"

_LONGEST = 24
"""In full, a formula of more operations is split by naming one of its parts."""


@dataclass(frozen=True, slots=True)
class Line:
    """The right side of an equation, on one or more lines: a formula, or the result."""

    depth: str
    text: tuple[str, ...]
    """Lines of text, in which matrices stand as matrices."""
    rows: Rows | None = None
    value: Any = None
    """The array or number that is the result, where this is the result."""

    @property
    def latex(self) -> tuple[str, ...]:
        """Lines of LaTeX."""
        return self.rows.latex() if self.rows else (array_latex(self.value),)

    @property
    def said(self) -> str:
        """All of it on one line, to be read aloud."""
        return " ".join(part.strip() for part in self.text)


def lines(
    formula: Expression | None, value: Any, rule: Expression | None = None, room: int = WIDEST, whole: bool = False
) -> Iterator[Line]:
    """The right sides of the equation of a value or gradient, from the rule to the result; none twice. Each is at most
    `room` columns wide, where it can be broken; very long sums are shortened, unless `whole`."""
    before = None
    if not whole:
        formula, rule = (None if tree is None else shortened(tree) for tree in (formula, rule))
    for line in _lines(formula, value, rule, room):
        if line.text != before:
            yield line
        before = line.text


def _lines(formula: Expression | None, value: Any, rule: Expression | None, room: int) -> Iterator[Line]:
    if formula is not None:
        truth = is_condition(value)
        if rule is not None and rule != formula:
            yield formula_line(RULE, rule, room)
            yield formula_line(WRITTEN_OUT, formula, room, truth)
        else:
            yield formula_line(RULE, formula, room, truth)
        yield formula_line(NUMBERS, formula, room, truth)
    yield Line(RESULT, tuple(array_lines(value, room)), None, value)


def formula_line(depth: str, tree: Expression, room: int, condition: bool = False) -> Line:
    """A formula as the right side of an equation, on lines of at most `room` columns where it can be broken."""
    rows = set_on_lines(tree, room, condition, depth == NUMBERS)
    return Line(depth, rows.text, rows)


def room_after(name: Name) -> int:
    """The columns that are left for the right side of an equation."""
    width = columns(name.text)
    return WIDEST - (_INDENT + width + 3 if width <= LONGEST_LEFT else 2 * _INDENT + 2)


LONGEST_LEFT = 24
"""Columns: behind a longer name the right side of an equation begins on the next line."""
_INDENT = 2


def of_value(value: Value, whole: bool = False) -> Iterator[Line]:
    """The lines of a value's own equation."""
    room = room_after(value.symbol.name)
    if value.formula is None:
        room -= len(f"   {value.role}")
    return lines(value.formula, value.symbol.value, None, room, whole)


def of_step(step: Step, whole: bool = False) -> Iterator[Line]:
    """The lines of a gradient's equation."""
    return lines(step.formula, step.gradient.value, step.rule, room_after(step.gradient.name), whole)


def contributed(part: Contribution) -> Line:
    """What a consumer hands back, after words that name it."""
    room = max(WIDEST - columns(part.consumer.text) - len(" hands back "), WIDEST // 2)
    return formula_line(RULE, shortened(part.rule), room)


def where(step: Step, whole: bool = False) -> Iterator[tuple[Name, Iterator[Line]] | int]:
    """The equations of the parts that were named in a gradient's formula, each after what it is used in. Of very many
    only those that what is shown of the formula needs, at most a few; then how many are left out."""
    parts = step.parts if whole or len(step.parts) <= MOST_TERMS else _needed(step)
    for part in reversed(parts):
        room = room_after(part.symbol.name) - len("  where ")
        yield part.symbol.name, lines(part.formula, part.symbol.value, room=room, whole=whole)
    if len(parts) < len(step.parts):
        yield len(step.parts) - len(parts)


def _needed(step: Step) -> list[Part]:
    """The parts that the shortened formulas name, themselves and through other parts; the last `MOST_TERMS` of them."""
    shown = [part for part in few(step.contributions) if not isinstance(part, int)]
    trees = [step.rule, step.formula, *(tree for part in shown for tree in (part.rule, part.formula))]
    named = {name for tree in trees for name in _names(shortened(tree))}
    needed: list[Part] = []
    for part in reversed(step.parts):  # what uses a part comes after it
        if part.symbol.name.identifier in named and len(needed) < MOST_TERMS:
            needed.append(part)
            named.update(_names(shortened(part.formula)))
    return needed[::-1]


def in_full(derived: Derived, step: Step) -> list[tuple[Symbol, Expression]]:
    """The gradient of one step, substituted down to the inputs: its formula, and those of the parts named in it.

    A part that is used once is put in; one that is used more often, or would make the formula long, keeps its name and
    has a formula of its own, below. So the whole grows linearly with the graph.
    """
    known: dict[str, tuple[Symbol, Expression]] = {
        value.symbol.name.identifier: (value.symbol, value.formula)
        for value in derived.values
        if value.formula is not None
    }
    known |= {each.gradient.name.identifier: (each.gradient, each.formula) for each in derived.steps}
    parts = {part.symbol.name.identifier: (part.symbol, part.formula) for each in derived.steps for part in each.parts}
    known |= parts
    uses, order = _uses(step.gradient.name.identifier, known)
    sizes: dict[str, int] = {}
    trees: dict[str, Expression] = {}
    for name in reversed(order):  # what a formula uses comes before it
        put_in: dict[str, Expression] = {}
        size = _size(known[name][1])
        inner = sorted(
            (other for other in _names(known[name][1]) if other in trees and other not in parts),
            key=lambda other: sizes[other],
        )
        for other in inner:
            if uses[other] == 1 and size + sizes[other] <= _LONGEST:
                put_in[other] = trees.pop(other)
                size += sizes[other]
        trees[name] = _substituted(known[name][1], put_in)
        sizes[name] = size
    return [(known[name][0], trees[name]) for name in order if name in trees]


def _uses(start: str, known: dict[str, tuple[Symbol, Expression]]) -> tuple[Counter[str], list[str]]:
    """How often each name is used in the formulas that `start` leads to; and these, each before what it uses."""
    uses: Counter[str] = Counter()
    stack, seen = [start], {start}
    while stack:
        for name in _names(known[stack.pop()][1]):
            uses[name] += 1
            if name in known and name not in seen:
                seen.add(name)
                stack.append(name)
    waiting = Counter({name: uses[name] for name in seen})
    order, ready = [], [start]
    while ready:
        name = ready.pop()
        order.append(name)
        for other in _names(known[name][1]):
            if other in seen:
                waiting[other] -= 1
                if not waiting[other]:
                    ready.append(other)
    return uses, order


def _names(tree: Expression) -> Iterator[str]:
    stack = [tree]
    while stack:
        part = stack.pop()
        if isinstance(part, Symbol):
            yield part.name.identifier
        elif isinstance(part, Apply):
            stack.extend(reversed(part.operands))


def _size(tree: Expression) -> int:
    return 1 + sum(map(_size, tree.operands)) if isinstance(tree, Apply) else 0


def _substituted(tree: Expression, put_in: dict[str, Expression]) -> Expression:
    if isinstance(tree, Symbol):
        return put_in.get(tree.name.identifier, tree)
    if not isinstance(tree, Apply) or not put_in:
        return tree
    operands = tuple(_substituted(operand, put_in) for operand in tree.operands)
    if operands == tree.operands:
        return tree
    return merged(simplified(replace(tree, operands=operands)))
