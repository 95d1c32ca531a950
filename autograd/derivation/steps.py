"""The steps of a derivation: each named value's formula, and in the order of the reverse sweep each gradient's.

The gradients' formulas are what the rules record when they are run on Tensors, one operation at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cache, reduce
from heapq import heappop, heappush
from operator import add
from typing import Any

from ..backprop import seed, sweep
from ..graph import ancestors, check_recomputes, check_unchanged
from ..modes import EVERYTHING, record
from ..several import Arriving
from ..tensor import Tensor
from .callouts import callouts, overflow
from .ellipsis import few
from .expression import expression
from .local import Locals
from .names import Names, gradient_name
from .notes import notes
from .parts import cut
from .records import Callout, Contribution, Derived, Edge, Handed, Local, Note, Part, Step, Value
from .trees import Expression, Number, Symbol
from .values import Named

__all__ = ["Callout", "Contribution", "Derived", "Local", "Note", "Step", "Value", "steps"]


def steps(
    root: Tensor,
    variables: Mapping[str, Any] | None = None,
    also: Callable[[list[Tensor]], AbstractSet[Tensor]] | None = None,
) -> Derived:
    """Derive the gradients of a scalar with respect to all named values that it was computed from.

    `also`, given the nodes of the graph, says which of them are to bear names besides those that have their own.
    """
    seed(root, None)  # refuses what has no gradient
    nodes = ancestors(root)
    for node in nodes:
        if node.primitive is not None:
            check_unchanged(node)
            check_recomputes(node)
    named = Named(root, nodes, Names(variables), also(nodes) if also else frozenset())
    done = _Backward(root, named, nodes).steps()
    reached = {step.value.tensor for step in done}
    unreached = tuple(
        value for x, value in named.values.items() if type(x) is Tensor and x.requires_grad and x not in reached
    )
    return Derived(named.values[root], tuple(named.values.values()), done, unreached)


def _completing(nodes: list[Tensor], named: Named) -> dict[Tensor, int]:
    """For each Tensor the order of the oldest named value that it goes into: the last to hand back a gradient."""
    last: dict[Tensor, int] = {}
    for node in reversed(nodes):
        if node.requires_grad:
            order = node.order if node in named.values else last.get(node, node.order)
            for x in node.inputs:
                if type(x) is Tensor:
                    last[x] = min(last.get(x, order), order)
    return last


class _Backward:
    """The reverse sweep, one step a named value: results as the engine's own sweep takes them, the youngest first; what
    nothing computed as soon as its gradient is complete, so that W₂ and b₂ come right after z₂.
    """

    def __init__(self, root: Tensor, named: Named, nodes: list[Tensor]):
        self.root, self.named = root, named
        self.completes = _completing(nodes, named)
        self.overflowed = cache(overflow)
        self.bearers = {x for x in named.values if type(x) is Tensor and x.requires_grad}
        self.place = {x: i for i, x in enumerate(named.values)}

    def steps(self) -> tuple[Step, ...]:
        root, named = self.root, self.named
        handed: dict[Tensor, list[Handed]] = {root: []}
        waiting = [(self._turn(root), root)]
        done: list[Step] = []
        while waiting:
            value = heappop(waiting)[1]
            done.append(step := self._step(value, handed.pop(value)))
            if value.primitive is None:
                continue
            arriving = named.stand_in(step.gradient.value, Number(1) if value is root else step.gradient)
            self.bearers.discard(value)  # all its consumers are done; it is the start now, and no end
            for x, one in self._handed(value, arriving).items():
                if x not in handed:
                    handed[x] = []
                    heappush(waiting, (self._turn(x), x))
                handed[x].append(one)
        return tuple(done)

    def _turn(self, value: Tensor) -> tuple[int, bool, int]:
        """A key that puts a value after all its consumers."""
        leaf = value.primitive is None
        return (-self.completes.get(value, 0) if leaf else -value.order, leaf, self.place[value])

    def _handed(self, value: Tensor, arriving: Tensor) -> dict[Tensor, Handed]:
        """What `value` hands back to each named value that its formula uses."""
        routes: dict[Tensor, tuple[Edge, ...]] = {value: ()}
        gradients: dict[Tensor, Any] = {value: arriving}
        met = Locals(self.named.backward_leaf)
        waiting = [(-value.order, value)]
        while waiting:
            node = heappop(waiting)[1]
            g, route = gradients.pop(node), routes.pop(node)
            inputs = {x for x in node.inputs if type(x) is Tensor}
            with record(EVERYTHING):
                parts = sweep({node: g}, ends=inputs, lift=self.named.lift, hooks=False)
            for x, made in parts.items():
                # A rule may give a bare array or number.
                part = made if type(made) in (Tensor, Arriving) else Tensor(made)
                met.notice(node, g, part)
                edges = (*route, Edge(node, x, g, part))
                if x in gradients:
                    with record(EVERYTHING):
                        gradients[x] = gradients[x] + part
                    routes[x] = tuple(dict.fromkeys((*routes[x], *edges)))
                else:
                    gradients[x], routes[x] = part, edges
                    if x not in self.bearers:
                        heappush(waiting, (-x.order, x))
        consumer = self.named.values[value].symbol.name
        return {x: Handed(met.contribution(consumer, part), part, routes[x]) for x, part in gradients.items()}

    def _step(self, value: Tensor, handed: list[Handed]) -> Step:
        record_of = self.named.values[value]
        contributions = tuple(one.contribution for one in handed)
        rule: Expression = Number(1)
        formula: Expression = Number(1)
        if not handed:
            total = seed(self.root, None)
        elif len(handed) == 1:
            rule, formula, total = contributions[0].rule, contributions[0].formula, handed[0].part.data
        else:
            with record(EVERYTHING):
                summed = reduce(add, (one.part for one in handed))
            rule = self._sum(summed, handed, [part.rule for part in contributions])
            formula = self._sum(summed, handed, [part.formula for part in contributions])
            total = summed.data
        root = self.named.values[self.root]
        name = self.named.names.unique(gradient_name(root.symbol.name, record_of.symbol.name))
        parts, contributions, rule, formula = self._cut(contributions, rule, formula)
        step = Step(record_of, Symbol(name, total), contributions, rule, formula, parts=parts)
        return replace(step, notes=notes(step, handed, self.named), callouts=callouts(step, handed, self.overflowed))

    def _cut(
        self, contributions: tuple[Contribution, ...], rule: Expression, formula: Expression
    ) -> tuple[tuple[Part, ...], tuple[Contribution, ...], Expression, Expression]:
        """The parts of a long formula, and what is left. Of a very long sum, parts are looked for at its ends, which
        are shown: to compare a thousand terms with each other would take minutes."""
        ends = [part for part in few(contributions) if not isinstance(part, int)]
        trees = [tree for part in ends for tree in (part.rule, part.formula)]
        if len(ends) == len(contributions):
            trees, also = [rule, formula, *trees], []
        else:
            also = [rule, formula]
        parts, found = cut(trees, self.named.names.part, also)
        if not parts:
            return (), contributions, rule, formula
        (rule, formula), found = (found[-2:], found[:-2]) if also else (found[:2], found[2:])
        cut_up = {
            id(part): replace(part, rule=short, formula=tree)
            for part, short, tree in zip(ends, found[::2], found[1::2], strict=True)
        }
        return parts, tuple(cut_up.get(id(part), part) for part in contributions), rule, formula

    def _sum(self, summed: Any, handed: list[Handed], trees: list[Expression]) -> Expression:
        known = {id(one.part): tree for one, tree in zip(handed, trees, strict=True)}
        return expression(
            summed, lambda x: known.get(id(x)) or self.named.backward_leaf(x), merging=True, factoring=True
        )
