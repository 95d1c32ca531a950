"""One equation at its depths: rule, local derivatives written out, numbers put in, result.

And, deeper still, the formula of one gradient in full: down to the inputs, with shared parts named and not repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from . import writing
from .numbers import array_block, array_latex, is_condition
from .records import Derived, Step, Value
from .simplify import merged, simplified
from .trees import Apply, Expression, Symbol, same

RULE, WRITTEN_OUT, NUMBERS, RESULT = "rule", "written out", "numbers", "result"
DEPTHS = (RULE, WRITTEN_OUT, NUMBERS)
"""How deep a derivation goes: rules alone; also with local derivatives written out; also with numbers and results."""
IN_FULL = "in full"

_LONGEST = 24
"""In full, a formula of more operations is split by naming one of its parts."""


@dataclass(frozen=True, slots=True)
class Line:
    """The right side of an equation: lines of text, in which matrices stand as matrices, and LaTeX."""

    depth: str
    text: tuple[str, ...]
    latex: str
    value: Any = None
    """The array or number that is the result, on that line."""


def lines(formula: Expression | None, value: Any, rule: Expression | None = None) -> Iterator[Line]:
    """The right sides of the equation of a value or gradient, from the rule to the result; none twice."""
    truth = is_condition(value)
    before = None
    for line in _lines(formula, value, rule, truth):
        if line.text != before:
            yield line
        before = line.text


def _lines(formula: Expression | None, value: Any, rule: Expression | None, truth: bool) -> Iterator[Line]:
    if formula is not None:
        if rule is not None and not same(rule, formula):
            yield Line(RULE, tuple(writing.text_on_lines(rule)), writing.latex(rule))
            yield Line(WRITTEN_OUT, tuple(writing.text_on_lines(formula, truth)), writing.latex(formula, truth))
        else:
            yield Line(RULE, tuple(writing.text_on_lines(formula, truth)), writing.latex(formula, truth))
        numbers = tuple(writing.text_with_numbers(formula, condition=truth))
        yield Line(NUMBERS, numbers, writing.latex_with_numbers(formula, truth))
    yield Line(RESULT, tuple(array_block(value)), array_latex(value), value)


def of_value(value: Value) -> Iterator[Line]:
    """The lines of a value's own equation."""
    return lines(value.formula, value.symbol.value)


def of_step(step: Step) -> Iterator[Line]:
    """The lines of a gradient's equation."""
    return lines(step.formula, step.gradient.value, step.rule)


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
    uses, order = _uses(step.gradient.name.identifier, known)
    sizes: dict[str, int] = {}
    trees: dict[str, Expression] = {}
    for name in reversed(order):  # what a formula uses comes before it
        put_in: dict[str, Expression] = {}
        size = _size(known[name][1])
        inner = sorted((other for other in _names(known[name][1]) if other in trees), key=lambda other: sizes[other])
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
    if all(new is old for new, old in zip(operands, tree.operands, strict=True)):
        return tree
    return merged(simplified(replace(tree, operands=operands)))
