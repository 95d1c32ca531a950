"""A long formula in pieces that can be read: what is used more than once in it gets a name, then what is long.

The pieces are cut out of the tree itself, so that what is printed of them is still the formula, and is checked as such.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..primitives import elementwise, shapes
from .evaluate import evaluated
from .lines import chunks
from .names import Name
from .numbers import number_text
from .records import Part
from .simplify import HIDDEN, RESHAPING
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
_UNNAMED = HIDDEN | RESHAPING | {shapes.transpose, elementwise.negative, total}


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
    return cutter.in_order(), [*cutter.trees, *cutter.named(also)]


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
    """Trees in which parts that are alike are known as such, by a number."""

    def __init__(self, trees: Sequence[Expression]) -> None:
        self.trees = list(trees)
        self.parts: list[Part] = []
        self._numbers: dict[Any, int] = {}
        self._known: dict[int, tuple[Expression, int]] = {}  # the tree is kept, so that its id stays its own
        self._lengths: list[int] = []
        self._refused: set[int] = set()

    def _number(self, tree: Expression) -> int:
        """The same for trees that are written alike."""
        known = self._known.get(id(tree))
        if known is not None:
            return known[1]
        key: Any
        if isinstance(tree, Symbol):
            key, length = tree.name.identifier, len(tree.name.text)
        elif isinstance(tree, Number):
            key, length = (repr(tree.number), tree.over), len(number_text(tree.number)) + 3 * (tree.over != 1)
        else:
            inner = tuple(map(self._number, tree.operands))
            key = (tree.primitive, inner, tree.shape, tuple(sorted((k, _option(v)) for k, v in tree.options.items())))
            length = sum(self._lengths[i] for i in inner)
            if tree.primitive not in HIDDEN | RESHAPING:
                length += max(len(notation_of(tree).text.template) - 3 * len(inner), 1)
        number = self._numbers.setdefault(key, len(self._lengths))
        if number == len(self._lengths):
            self._lengths.append(length)
        self._known[id(tree)] = (tree, number)
        return number

    def length(self, tree: Expression) -> int:
        return self._lengths[self._number(tree)]

    def _all(self) -> list[Expression]:
        return [*self.trees, *(part.formula for part in self.parts)]

    def too_long(self) -> bool:
        return any(
            self.length(tree) > _LONG_IN_ALL or any(self.length(chunk) > _LONG for chunk in chunks(tree))
            for tree in self._all()
        )

    def choice(self) -> Apply | None:
        """The part whose name saves most; else, of a term or factor that is too long, about one half."""
        uses: Counter[int] = Counter()
        found: dict[int, Apply] = {}
        definitions: Counter[int] = Counter()
        for i, tree in enumerate(self._all()):
            here: Counter[int] = Counter()
            for part in _inside(tree):
                number = self._number(part)
                here[number] += 1
                found.setdefault(number, part)
            if i < len(self.trees):
                uses |= here
            else:
                definitions += here
        uses += definitions
        for tree in self._all():
            uses[self._number(tree)] += 0
        saved = {n: (count - 1) * self._lengths[n] for n, count in uses.items() if n in found and count > 1}
        for number in sorted(saved, key=lambda n: -saved[n]):
            if saved[number] >= _WORTH and self._may_be_named(found[number]):
                return found[number]
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
            and self._number(part) not in self._refused
            and any(isinstance(operand, Apply) for operand in part.operands)
        )

    def take(self, chosen: Apply, name: Callable[[], Name]) -> None:
        """Name a part, wherever it occurs; refuse it where its value cannot be had from its formula."""
        number = self._number(chosen)
        try:
            value = evaluated(source(chosen, chosen.kind == "b"), chosen)
        except (NoSourceError, ArithmeticError, TypeError, ValueError, np.linalg.LinAlgError):
            self._refused.add(number)
            return
        if value.shape != chosen.shape:
            self._refused.add(number)
            return
        symbol = Symbol(name(), value[()])
        known: dict[int, Expression] = {}  # trees share most of what is in them
        self.trees = [self._with(tree, number, symbol, known) for tree in self.trees]
        self.parts = [replace(part, formula=self._with(part.formula, number, symbol, known)) for part in self.parts]
        self.parts.append(Part(symbol, chosen))

    def _with(self, tree: Expression, number: int, symbol: Symbol, known: dict[int, Expression]) -> Expression:
        if not isinstance(tree, Apply) or tree.means is not None:
            return tree
        found = known.get(id(tree))
        if found is None:
            own = self._number(tree)
            if own == number:
                found = symbol
            elif self._lengths[own] < self._lengths[number]:  # it cannot hold what is longer
                found = tree
            else:
                operands = tuple(self._with(operand, number, symbol, known) for operand in tree.operands)
                same = all(map(operator.is_, operands, tree.operands))
                found = tree if same else replace(tree, operands=operands)
            known[id(tree)] = found
        return found

    def named(self, trees: Sequence[Expression]) -> list[Expression]:
        """Trees with the names of all parts put in, in one pass: a sum of a thousand terms is walked once."""
        symbols = {self._number(part.formula): part.symbol for part in self.parts}
        known: dict[int, Expression] = {}

        def put(tree: Expression) -> Expression:
            if not isinstance(tree, Apply) or tree.means is not None:
                return tree
            found = known.get(id(tree))
            if found is None:
                operands = tuple(map(put, tree.operands))
                same = all(map(operator.is_, operands, tree.operands))
                found = tree if same else replace(tree, operands=operands)
                found = known[id(tree)] = symbols.get(self._number(found), found)
            return found

        return [put(tree) for tree in trees] if symbols else list(trees)

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


def _option(value: Any) -> Any:
    return repr(value) if isinstance(value, (int, float, str, bool, tuple, type(None), type, np.dtype)) else id(value)


def _inside(tree: Expression) -> Iterator[Apply]:
    """The operations in a tree, from the outermost; not those behind a symbol such as σ′(z)."""
    stack = [tree]
    while stack:
        part = stack.pop()
        if isinstance(part, Apply) and part.means is None:
            yield part
            stack.extend(reversed(part.operands))
