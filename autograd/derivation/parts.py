"""A long formula in pieces that can be read: what is used more than once in it gets a name, then what is long.

The pieces are cut out of the tree itself, so that what is printed of them is still the formula, and is checked as such.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..primitives import elementwise, shapes
from .evaluate import evaluated
from .lines import chunks
from .names import Name
from .numbers import number_text
from .records import Part
from .simplify import PLUMBING
from .trees import Apply, Expression, Number, Symbol, total
from .writing import NoSourceError, notation_of, source

_FEW, _MANY = 12, 2_000
"""Formulas of fewer operations stay whole; so do those of more, whose terms are too many to be read: cutting them up
takes a time that grows with their square.
"""
_LONG, _LONG_IN_ALL = 80, 120
"""Characters: so long may a term or a factor be, and a formula in which something is repeated."""
_WORTH = 16
"""Characters: so much shorter a name must make what is repeated."""
_UNNAMED = PLUMBING | {shapes.transpose, elementwise.negative, total}


def cut(
    trees: Sequence[Expression], name: Callable[[], Name], also: Sequence[Expression] = ()
) -> tuple[tuple[Part, ...], list[Expression]]:
    """The parts that are named in the trees, each before what uses it, and the trees that are left; `name` gives names.

    The trees are the same formula at several depths: what is in one of them only once is not repeated. The names are
    put into the trees of `also` as well, and these are left last; but nothing is looked for in them.
    """
    if not _FEW < max(_operations(tree, _MANY) for tree in trees) <= _MANY:
        return (), [*trees, *also]
    cutter = _Cutter(trees)
    while cutter.too_long() and (chosen := cutter.choice()) is not None:
        cutter.take(chosen, name)
    return cutter.in_order(), [*(cutter.trees[id(tree)] for tree in trees), *_named(also, cutter.parts)]


def _operations(tree: Expression, most: int) -> int:
    """How many operations a tree has; no more are counted than a few over `most`."""
    count, stack = 0, [tree]
    while stack and count <= most:
        part = stack.pop()
        if isinstance(part, Apply):
            count += 1
            stack.extend(part.operands)
    return count


class _Cutter:
    """Trees out of which parts are cut."""

    def __init__(self, trees: Sequence[Expression]) -> None:
        self.trees = {id(tree): tree for tree in trees}
        self.parts: list[Part] = []
        self._lengths: dict[Expression, int] = {}
        self._refused: set[Expression] = set()

    def length(self, tree: Expression) -> int:
        """How long it is as it is written, nearly."""
        known = self._lengths.get(tree)
        if known is not None:
            return known
        if isinstance(tree, Symbol):
            length = len(tree.name.text)
        elif isinstance(tree, Number):
            length = len(number_text(tree.number)) + 3 * (tree.over != 1)
        else:
            length = sum(map(self.length, tree.operands))
            if tree.primitive not in PLUMBING:
                length += max(len(notation_of(tree).text.template) - 3 * len(tree.operands), 1)
        self._lengths[tree] = length
        return length

    def _all(self) -> list[Expression]:
        return [*self.trees.values(), *(part.formula for part in self.parts)]

    def too_long(self) -> bool:
        return any(
            self.length(tree) > _LONG_IN_ALL or any(self.length(chunk) > _LONG for chunk in chunks(tree))
            for tree in self._all()
        )

    def choice(self) -> Apply | None:
        """The part whose name saves most; else, of a term or factor that is too long, about one half."""
        uses: Counter[Apply] = Counter()
        for tree in self.trees.values():
            uses |= Counter(_inside(tree))
        for part in self.parts:
            uses.update(_inside(part.formula))
        saved = {part: (count - 1) * self.length(part) for part, count in uses.items() if count > 1}
        worth = [part for part in saved if saved[part] >= _WORTH and self._may_be_named(part)]
        if worth:
            return max(worth, key=lambda part: saved[part])
        for tree in self._all():
            for chunk in chunks(tree):
                if (length := self.length(chunk)) > _LONG:
                    inner = [part for part in _inside(chunk) if part is not chunk and part is not tree]
                    for part in sorted(inner, key=lambda part: abs(self.length(part) - length / 2)):
                        if self.length(part) > _WORTH and self._may_be_named(part):
                            return part
        return None

    def _may_be_named(self, part: Apply) -> bool:
        return (
            part.primitive not in _UNNAMED
            and part not in self._refused
            and any(isinstance(operand, Apply) for operand in part.operands)
        )

    def take(self, chosen: Apply, name: Callable[[], Name]) -> None:
        """Name a part, wherever it occurs; refuse it where its value cannot be had from its formula."""
        try:
            value = evaluated(source(chosen, chosen.kind == "b"), chosen)
        except (NoSourceError, ArithmeticError, TypeError, ValueError, np.linalg.LinAlgError):
            self._refused.add(chosen)
            return
        if value.shape != chosen.shape:
            self._refused.add(chosen)
            return
        made = Part(Symbol(name(), value[()]), chosen)
        formulas = _named([part.formula for part in self.parts], [made])
        self.parts = [*(replace(part, formula=tree) for part, tree in zip(self.parts, formulas, strict=True)), made]
        self.trees = dict(zip(self.trees, _named(list(self.trees.values()), [made]), strict=True))

    def in_order(self) -> tuple[Part, ...]:
        """The parts, each before those that use it."""
        waiting = {part.symbol.name.identifier: part for part in self.parts}
        found: list[Part] = []

        def put(tree: Expression) -> None:
            if isinstance(tree, Symbol) and (part := waiting.pop(tree.name.identifier, None)) is not None:
                put(part.formula)
                found.append(part)
            elif isinstance(tree, Apply):
                for operand in tree.operands:
                    put(operand)

        for part in self.parts:
            put(part.symbol)
        return tuple(found)


def _named(trees: Sequence[Expression], parts: Sequence[Part]) -> list[Expression]:
    """Trees with the names of parts put in, in one pass: a sum of a thousand terms is walked once."""
    symbols: dict[Expression, Expression] = {part.formula: part.symbol for part in parts}
    known: dict[int, Expression] = {}  # trees share most of what is in them

    def put(tree: Expression) -> Expression:
        if not isinstance(tree, Apply) or tree.means is not None:
            return tree
        found = known.get(id(tree))
        if found is None:
            found = tree.of(tuple(map(put, tree.operands)))
            found = known[id(tree)] = symbols.get(found, found)
        return found

    return list(map(put, trees)) if parts else list(trees)


def _inside(tree: Expression) -> Iterator[Apply]:
    """The operations in a tree, from the outermost; not those behind a symbol such as σ′(z)."""
    stack = [tree]
    while stack:
        part = stack.pop()
        if isinstance(part, Apply) and part.means is None:
            yield part
            stack.extend(reversed(part.operands))
