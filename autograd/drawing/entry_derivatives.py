"""The local derivatives between entries of two named values, past what lies between them and has no name."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np

from ..derivation.scalars.entries import Entries
from ..derivation.simplify import simplified
from ..derivation.trees import Apply, Expression, Number
from ..primitives import arithmetic
from ..tensor import Tensor

_MOST_WAYS, _LONGEST_WAY = 8, 12


@dataclass(frozen=True, slots=True)
class Derivative:
    """Of the target's entry by the source's. The formula is a mere number where no short one says it."""

    number: float
    formula: Expression


def derivatives(
    entries: Entries, source: Tensor, target: Tensor, named: Collection[int], wanted: Collection[int]
) -> dict[tuple[int, int], Derivative]:
    """By (source's entry, target's entry), for the `wanted` entries of the source; each a sum over the ways between.

    `named` has the ids of the Tensors that are shown: no way leads past one.

    Raises what opening a graph raises: for complex numbers, for one too large.
    """
    terms: dict[tuple[int, int], list[Derivative]] = {}
    for way in _ways(entries, source, target, named):
        for start in wanted:
            for end, found in _along(entries, way, start):
                terms.setdefault((start, end), []).append(found)
    return {ends: _added(found) for ends, found in terms.items()}


def _ways(
    entries: Entries, source: Tensor, target: Tensor, named: Collection[int]
) -> Iterator[list[tuple[Tensor, int]]]:
    """The operations from the source to the target, first to last, each with which of its inputs is meant."""
    found = 0
    waiting: list[list[tuple[Tensor, int]]] = [[(target, i)] for i in entries.graph.operation(target).bearers()]
    while waiting:
        way = waiting.pop()
        node, position = way[0]
        x = entries.graph.operation(node).sources[position]
        if x is source:
            found += 1
            if found > _MOST_WAYS:
                raise ValueError("too many ways from one value to another to tell them apart")
            yield way
        elif type(x) is Tensor and x.primitive is not None and id(x) not in named and len(way) < _LONGEST_WAY:
            waiting += [[(x, i), *way] for i in entries.graph.operation(x).bearers()]


def _along(entries: Entries, way: list[tuple[Tensor, int]], start: int) -> Iterator[tuple[int, Derivative]]:
    """Where a way leads from an entry, and the product of the local derivatives along it."""
    at: list[tuple[int, float, tuple[Expression, ...]]] = [(start, 1.0, ())]
    for node, position in way:
        going = []
        for entry, number, factors in at:
            edges = entries.graph.jacobian(node, position).by_inputs(np.array([entry]))
            for end, value in zip(edges.targets.tolist(), edges.derivatives.tolist(), strict=True):
                factor = entries.derivative(node, position, entry, end, value)
                going.append((end, number * value, (*factors, factor)))
        at = going
    for end, number, factors in at:
        yield end, Derivative(number, reduce(_times, reversed(factors)))


def _added(found: list[Derivative]) -> Derivative:
    """The sum: of the x · x in a square, 2 · x."""
    formulas = [each.formula for each in found]
    terms = []
    for i, formula in enumerate(formulas):
        if formula not in formulas[:i]:
            count = formulas.count(formula)
            terms.append(formula if count == 1 else _times(Number(count), formula))
    return Derivative(sum(each.number for each in found), reduce(_plus, terms))


def _times(a: Expression, b: Expression) -> Expression:
    return simplified(Apply(arithmetic.multiply, (a, b), {}, ()))


def _plus(a: Expression, b: Expression) -> Expression:
    return simplified(Apply(arithmetic.add, (a, b), {}, ()))
