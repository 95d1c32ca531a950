"""What a derivation consists of: values, steps, what each consumer hands back, and what is said about it in words.

Plain records: steps.py makes them; report.py, the pictures and the playback show them.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from ..tensor import Tensor
from .names import Name
from .trees import Apply, Expression, Symbol
from .writing import source, text


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in plain words; names and formulas in it stay such, so that each notation writes them in its way."""

    parts: tuple[str | Name | Expression, ...]

    @property
    def text(self) -> str:
        return "".join(map(_in_text, self.parts))

    def __str__(self) -> str:
        return self.text


def _in_text(part: str | Name | Expression) -> str:
    return part if isinstance(part, str) else part.text if isinstance(part, Name) else text(part, part.kind == "b")


@dataclass(frozen=True, slots=True)
class Note:
    """Why a formula looks as it does, where a reader stumbles.

    `kind` is one of "seed", "fan-out", "broadcast", "transpose", "outer", "gate", "mean", "spread", "ones" and
    "detach".
    """

    kind: str
    sentence: Sentence

    @property
    def text(self) -> str:
        return self.sentence.text


@dataclass(frozen=True, slots=True)
class Callout:
    """What went wrong at a step: the number that shows it, and the usual remedy in a few words.

    `kind` is one of "saturated", "dead", "vanished", "exploded", "overflow", "not a number" and "zero".
    """

    kind: str
    number: float
    sentence: Sentence
    remedy: str

    @property
    def text(self) -> str:
        return f"{self.sentence.text} Usual remedy: {self.remedy}." if self.remedy else self.sentence.text


@dataclass(frozen=True, slots=True)
class Value:
    """A named value of the graph. `formula` is None for what nothing computed."""

    symbol: Symbol
    role: str
    tensor: Any
    formula: Expression | None
    inputs: tuple[Name, ...]

    @property
    def without_gradient(self) -> Sentence:
        """What is said of one of those that no gradient reaches."""
        return Sentence((self.symbol.name, " gets no gradient: nothing differentiable leads from it to the result."))


@dataclass(frozen=True, slots=True)
class Local:
    """A local derivative: its symbol, σ′(z); what that is, written out, ŷ ⊙ (1 − ŷ); and its value."""

    symbol: Apply
    formula: Expression
    value: Any
    at: Any
    """Where: the argument's values."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one consumer of a value hands back to it, at three depths.

    `rule` has local derivatives as symbols, ∂L/∂ŷ ⊙ σ′(z); in `formula` they are written out; `value` is the result, in
    the shape of the value's gradient. Where a rule has no such factor, `rule` is `formula`.
    """

    consumer: Name
    rule: Expression
    formula: Expression
    value: Any
    locals: tuple[Local, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a long formula that was given a name: `symbol` holds its value, `formula` is what it stands for."""

    symbol: Symbol
    formula: Expression

    @property
    def source(self) -> str:
        """The part in NumPy, an assignment to its name."""
        return f"{self.symbol.name.identifier} = {source(self.formula, self.symbol.kind == 'b')}"


@dataclass(frozen=True, slots=True)
class Step:
    """How the gradient with respect to one named value comes about: the sum of its consumers' contributions.

    `rule` and `formula` are that sum at two depths, `gradient` names it and holds its value; `notes` and `callouts` say
    in words what a reader stumbles over, and what went wrong. `parts` are what a long formula was cut into: names that
    stand in the formulas of this step, each before those that use it.
    """

    value: Value
    gradient: Symbol
    contributions: tuple[Contribution, ...]
    rule: Expression
    formula: Expression
    notes: tuple[Note, ...] = ()
    callouts: tuple[Callout, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def waits_for(self) -> tuple[Name, ...]:
        """The values whose gradients must be there before: the consumers of this one."""
        return tuple(part.consumer for part in self.contributions)


@dataclass(frozen=True, slots=True)
class Derived:
    """What was derived: the values, inputs first, and the steps to the gradients, output first.

    `unreached` are the values that ask for a gradient but get none, as nothing differentiable leads to them; `wrt`
    those whose gradients alone were asked for.
    """

    root: Value
    values: tuple[Value, ...]
    steps: tuple[Step, ...]
    unreached: tuple[Value, ...] = ()
    wrt: tuple[Value, ...] = ()

    @property
    def ends(self) -> tuple[Step, ...]:
        """The steps that the others are taken for: to the gradients asked for, or to all of what nothing computed."""
        asked = {value.tensor for value in self.wrt}
        return tuple(s for s in self.steps if (s.value.tensor in asked if asked else s.value.formula is None))

    def towards(self, wrt: AbstractSet[Tensor]) -> Derived:
        """Only the steps that the gradients with respect to these Tensors need."""
        asked = tuple(value for value in self.values if type(value.tensor) is Tensor and value.tensor in wrt)
        needed = {value.symbol.name.identifier for value in asked}
        kept: list[Step] = []
        for step in reversed(self.steps):  # consumers come before what they hand back to
            if step.value.symbol.name.identifier in needed:
                kept.append(step)
                needed.update(name.identifier for name in step.waits_for)
        unreached = tuple(value for value in self.unreached if value.tensor in wrt)
        return replace(self, steps=tuple(reversed(kept)), unreached=unreached, wrt=asked)


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """One use of `x` by the operation that made `node`: of `node`'s gradient `g`, its rule made `part`."""

    node: Tensor
    x: Tensor
    g: Tensor
    part: Any


@dataclass(frozen=True, slots=True)
class Handed:
    """What a consumer hands back in all: `part`, as its rules recorded it, and the edges on which it came."""

    contribution: Contribution
    part: Any
    edges: tuple[Edge, ...]
