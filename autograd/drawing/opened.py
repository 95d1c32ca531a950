"""Values opened into their entries: what each entry is called, how it is computed, and from which entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import index as as_index
from typing import Any

import numpy as np

from ..derivation.names import Name, pretty
from ..derivation.numbers import as_numpy
from ..derivation.scalars.entries import Entries, index_of
from ..derivation.scalars.graph import ScalarGraph
from ..derivation.steps import Derived, Value
from ..derivation.trees import Expression, symbols
from .entry_derivatives import Derivative, derivatives

MOST_ENTRIES = 300
"""So many entries a picture can show."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an opened value. `formula` is None for what nothing computed, or where scalars do not say it."""

    value: Value
    number: int
    index: tuple[int, ...]
    name: Name
    data: Any
    formula: Expression | None


class Opened:
    """The entries that a picture shows of some values, by the values' numbers."""

    def __init__(self, derivation: Derived, wanted: Mapping[int, Sequence[int]]) -> None:
        self.entries: dict[int, tuple[Entry, ...]] = {}
        self.complete: dict[int, bool] = {}
        self._places: dict[str, tuple[int, int]] = {}
        self._derivation = derivation
        self._named: Entries | None = None
        if not wanted:
            return
        self._named = named = Entries(ScalarGraph(derivation.root.tensor, {}), {})
        for value in derivation.values:
            named.know(value.tensor, value.symbol.name)
        for n, numbers in wanted.items():
            value = derivation.values[n]
            flat = np.reshape(as_numpy(value.symbol.value), -1)
            made = []
            for number in numbers:
                name = named.entry_name(value.tensor, number)
                formula = named.formula(value.tensor, number) if value.formula is not None else None
                made.append(Entry(value, number, index_of(number, value.symbol.shape), name, flat[number], formula))
                self._places[name.identifier] = (n, number)
            self.entries[n] = tuple(made)
            self.complete[n] = len(made) == flat.size

    def derivatives(self, source: int, target: int) -> dict[tuple[int, int], Derivative] | None:
        """The derivatives of the entries of one value by those of another, by their places; None where there are too
        many, or scalars do not say them."""
        values = self._derivation.values
        entries = self.entries.get(source)
        wanted = [entry.number for entry in entries] if entries else range(int(np.size(values[source].symbol.value)))
        if len(wanted) > MOST_ENTRIES or self._named is None:
            return None
        ends = values[source].tensor, values[target].tensor
        try:
            return derivatives(self._named, *ends, {id(value.tensor) for value in values}, wanted)
        except (ValueError, TypeError):
            return None

    def sources(self, entry: Entry, n: int) -> list[int] | None:
        """The entries of the opened value `n` that an entry was computed from; None where its formula does not say."""
        if entry.formula is None:
            return None
        found = [self._places[name] for name in symbols(entry.formula) if name in self._places]
        return [number for value, number in found if value == n]


def wanted(values: Sequence[Value], names: Iterable[str], everything: bool) -> dict[int, Sequence[int]]:
    """Which entries of which values are to be shown, by the names that were given; scalars have none.

    ValueError for more than a picture can show, IndexError for an entry that is not there.
    """
    found: dict[int, Sequence[int]] = {}
    for n, value in enumerate(values):
        size = int(np.prod(value.symbol.shape, dtype=int))
        if everything and value.symbol.shape:
            found[n] = range(size)
    for name in names:
        base, index = split(name)
        text = pretty(base).text
        for n, value in enumerate(values):
            if value.symbol.name.text == text and value.symbol.shape:
                size = int(np.prod(value.symbol.shape, dtype=int))
                found[n] = range(size) if index is None else [*found.get(n, ()), _number(name, index, value)]
    count = sum(map(len, found.values()))
    if count > MOST_ENTRIES:
        raise ValueError(
            f"{count:,} entries are more than a picture can show ({MOST_ENTRIES}): open single values or entries, "
            'as in open=["z1", "W[0,1]"], or ask for the paths of one entry, ag.paths(loss, W, (0, 1))'
        )
    return found


def split(name: str) -> tuple[str, tuple[int, ...] | None]:
    """A name, and the index in brackets behind it."""
    match = re.fullmatch(r"(.+?)\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*,?\s*\]", name, re.DOTALL)
    if match is None:
        return name, None
    return match[1], tuple(as_index(int(part)) for part in match[2].split(","))


def _number(name: str, index: tuple[int, ...], value: Value) -> int:
    shape = value.symbol.shape
    if len(index) != len(shape):
        numbers = "1 number" if len(shape) == 1 else f"{len(shape)} numbers"
        example = f"{value.symbol.name.text}[{','.join('0' * len(shape))}]"
        raise IndexError(f"open={name!r}: an entry of shape {shape} is named by {numbers}, e.g. {example}")
    if not all(-length <= i < length for i, length in zip(index, shape, strict=True)):
        raise IndexError(f"open={name!r}: {value.symbol.name.text} of shape {shape} has no such entry")
    return int(np.ravel_multi_index([i % length for i, length in zip(index, shape, strict=True)], shape))
