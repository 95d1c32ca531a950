"""What a learner is asked to predict, one entry of each gradient, and the numbers that the usual mistakes lead to.

Each mistake's number is computed from the graph: the sign turned round, one consumer's part alone, the gradient that
arrives or the local derivative alone, a factor of the formula left out, one row's share of a sum, another entry.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from ...derivation.display import displayed
from ...derivation.names import gradient_name
from ...derivation.numbers import as_numpy, number_text
from ...derivation.records import Contribution, Step
from ...derivation.trees import Apply, Expression, Number
from ...primitives import arithmetic, elementwise
from ..shown import value_row
from .folded import Line, groups
from .plan import Frame, Plan

TOLERANCE = 0.01
"""A prediction this near, relative to the number, is right."""
_PARTS = 8  # of a sum of more, the others are not looked for
_OTHER_ENTRIES = 64  # in a gradient of more entries than that, others are not looked for


@dataclass(frozen=True, slots=True)
class Mistake:
    """A number that is not the answer, and how one comes to it."""

    number: float
    said: str


@dataclass(frozen=True, slots=True)
class Question:
    """Which number is asked for, by its name; what it is; the mistakes that lead to other numbers."""

    asked: str
    answer: float
    mistakes: tuple[Mistake, ...]
    way: str = ""
    """Of a part that is folded: how the answer comes of the numbers that stand beside the question."""


def question(step: Step, arriving: dict[str, Any]) -> Question | None:
    """What is asked at one step; `arriving`: the consumers' gradients by identifier. None where there is no number."""
    gradient = as_numpy(step.gradient.value)
    if not gradient.size or gradient.dtype.kind not in "fiub":
        return None
    at = _entry(gradient)
    answer = float(gradient[at])
    mistakes = _others(_mistakes(step, arriving, gradient, at, answer), answer)
    return Question(f"{step.gradient.name.text}{index_text(at)}", answer, mistakes)


def folded_question(plan: Plan, frame: Frame) -> Question | None:
    """What is asked where a folded part hands gradients on: a number that those to be seen there lead to, or nothing.

    Where two or more go to one value, their sum; where one scalar arrives and one leaves, the part's derivative.
    """
    found = {group.heading: group for group in groups(plan, frame)}
    if "leaves" not in found or found["leaves"].left_out or not all(_seen(line) for line in found["leaves"].lines):
        return None
    ends: dict[str, list[np.ndarray]] = {}
    for line in found["leaves"].lines:
        ends.setdefault(line.ends, []).append(as_numpy(line.value))
    several = next((end for end, values in ends.items() if len(values) > 1), None)
    if several is not None:
        return _sum_question(several, ends[several])
    arrives, leaves = plan.handed_in(frame.node), plan.handed_on(frame.node)
    if len(arrives) == len(leaves) == len(arrives[0][0].contributions) == 1:
        return _derivative_question(arrives[0][0], leaves[0])
    return None


def _seen(line: Line) -> bool:
    """Whether a value is shown number by number, and not as a range."""
    row = value_row("", line.value)
    return bool(row.numbers) and row.heat is None and as_numpy(line.value).dtype.kind in "fiub"


def _sum_question(ends: str, parts: list[np.ndarray]) -> Question | None:
    total = np.asarray(sum(parts))
    at = _entry(total)
    answer, terms = float(total[at]), [float(part[at]) for part in parts]
    digits = 3 if total.ndim else 4
    if not math.isfinite(answer) or not near(sum(float(f"{term:.{digits}g}") for term in terms), answer):
        return None  # the digits that are shown do not lead there
    way = f"Add up what goes {ends}{f', entry {index_text(at)} of each' if at else ''}."
    wrong = [
        *(Mistake(term, f"That is one of the {len(terms)} that go {ends}: they are added up.") for term in terms),
        Mistake(answer / len(terms), "That is their mean: they are added up."),
        Mistake(-answer, "The size is right, but the sign is lost."),
    ]
    return Question(f"the sum of what goes {ends}{index_text(at)}", answer, _others(wrong, answer), way)


def _derivative_question(arrives: Step, leaves: tuple[Step, Contribution]) -> Question | None:
    arriving, leaving = as_numpy(arrives.gradient.value), as_numpy(leaves[1].value)
    if arriving.ndim or leaving.ndim or not arriving or not np.isfinite([arriving, leaving]).all():
        return None
    start, end = float(arriving), float(leaving)
    name = gradient_name(arrives.value.symbol.name, leaves[0].value.symbol.name).text
    wrong = [
        Mistake(end, "That is what leaves: the gradient that arrived is still a factor of it."),
        Mistake(start, "That is what arrives, not yet multiplied."),
        Mistake(start * end, "That is the product of the two: divide."),
        Mistake(start / end if end else math.inf, "That is the other way round: divide what leaves by what arrives."),
        Mistake(-end / start, "The size is right, but the sign is lost."),
    ]
    way = "What leaves is what arrives, multiplied by it: divide what leaves by what arrives."
    return Question(f"this part's derivative, {name}", end / start, _others(wrong, end / start), way)


def _others(mistakes: Iterable[Mistake], answer: float) -> tuple[Mistake, ...]:
    """Those that lead to another number than the answer; of each number the first."""
    found: dict[str, Mistake] = {}
    for mistake in mistakes:
        if math.isfinite(mistake.number) and not near(mistake.number, answer):
            found.setdefault(number_text(mistake.number, 6), mistake)
    return tuple(found.values())


def near(number: float, answer: float) -> bool:
    """Whether a prediction is taken as right. The page's script asks the same."""
    if not math.isfinite(answer):
        return (math.isnan(number) and math.isnan(answer)) or number == answer
    return abs(number - answer) <= TOLERANCE * abs(answer)


def index_text(at: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, at))}]" if at else ""


def _entry(gradient: np.ndarray) -> tuple[int, ...]:
    """The entry asked for: the finite one of largest magnitude, which tells the most; the first where none is."""
    size = np.where(np.isfinite(gradient), np.abs(gradient), -1.0)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(size)), gradient.shape))


def _mistakes(
    step: Step, arriving: dict[str, Any], gradient: np.ndarray, at: tuple[int, ...], answer: float
) -> Iterator[Mistake]:
    yield Mistake(-answer, "The size is right, but the sign is lost.")
    parts = step.contributions
    for part in parts[:_PARTS]:
        value = as_numpy(part.value)
        if len(parts) > 1 and value.shape == gradient.shape:
            names = [other.consumer.text for other in parts if other is not part]
            others = " and ".join(names) if len(names) < _PARTS else "the others"
            yield Mistake(
                float(value[at]),
                f"That is what comes back from {part.consumer.text} alone: what comes from {others} is added.",
            )
        yield from _of_part(part, as_numpy(arriving[part.consumer.identifier]), at, float(value[at]), len(parts) == 1)
    if gradient.ndim == 2 and gradient.shape[0] == gradient.shape[1] and at[0] != at[1]:
        yield Mistake(
            float(gradient[at[::-1]]), f"That is the entry {index_text(at[::-1])}: rows and columns are exchanged."
        )
    if gradient.size <= _OTHER_ENTRIES:
        for other in product(*map(range, gradient.shape)):
            if other != at:
                yield Mistake(float(gradient[other]), f"That is another entry of it, {index_text(other)}.")
    yield Mistake(answer * 2, "Twice too much: a factor 2 too many.")
    yield Mistake(answer / 2, "Half of it: a factor 2 is missing.")


def _of_part(
    part: Contribution, arriving: np.ndarray, at: tuple[int, ...], answer: float, alone: bool
) -> Iterator[Mistake]:
    consumer = part.consumer.text
    if arriving.shape in ((), np.shape(part.value)):
        yield Mistake(
            float(arriving[at if arriving.shape else ()]),
            f"That is the gradient that arrives from {consumer}, not yet multiplied by the local derivative.",
        )
    for local in part.locals:
        value = as_numpy(local.value)
        if value.shape == np.shape(part.value) and value.dtype.kind in "fiub":
            yield Mistake(
                float(value[at]), "That is the local derivative alone: multiply it by the gradient that arrives."
            )
    if not alone:
        return
    for factor, written in _factors(displayed(part.formula)):
        if factor not in (0, 1):
            yield Mistake(answer / factor, f"The factor {written} is missing.")
    rows = arriving.ndim - np.ndim(part.value)
    if rows > 0 and arriving.shape[rows:] == np.shape(part.value):
        terms = arriving.reshape(-1, *arriving.shape[rows:])
        if np.allclose(terms.sum(axis=0), part.value, equal_nan=True):
            yield Mistake(answer / len(terms), f"That is a mean; the {len(terms)} gradients that arrive are added up.")
            for row in terms[:12]:
                yield Mistake(
                    float(row[at]), f"That is one of the {len(terms)} gradients that arrive: they are added up."
                )


def _factors(tree: Expression) -> Iterator[tuple[float, str]]:
    """The numbers that the whole formula is multiplied by, 2/6 also as its 2 and its 1/6."""
    if isinstance(tree, Number) and np.isreal(tree.number):
        number = float(np.real(tree.number))
        if tree.over == 1:
            yield number, number_text(number)
        else:
            yield number / tree.over, f"{number_text(number)}/{tree.over}"
            yield 1 / tree.over, f"1/{tree.over}"
            yield number, number_text(number)
    elif isinstance(tree, Apply) and tree.primitive in (arithmetic.multiply, elementwise.negative):
        for operand in tree.operands:
            yield from _factors(operand)
    elif isinstance(tree, Apply) and tree.primitive is arithmetic.divide:
        yield from _factors(tree.operands[0])
        for factor, written in _factors(tree.operands[1]):
            if factor:
                yield 1 / factor, f"1/{written}"
