"""Several: the data of a node with more than one result, as of np.linalg.eigh; Arriving: the gradients at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from weakref import ref


class Several:
    """Arrays that belong together. It has what the engine looks at: a shape and a dtype."""

    __slots__ = ("_kind", "dtype", "nodes", "parts", "shape")

    def __init__(self, parts: Sequence[Any]):
        self.parts = tuple(parts)
        self._kind = type(parts)
        # The sweep compares shapes; one entry is compared by its identity first, however many parts there are.
        self.shape = (tuple(part.shape for part in parts),)
        self.dtype = parts[0].dtype if parts else None
        self.nodes: dict[int, ref[Any]] = {}
        """The Tensors that were made of single parts, as long as somebody holds them."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._kind, self.parts)  # of a copy, no single parts were made yet

    def __iter__(self) -> Iterator[Any]:
        return iter(self.parts)

    @property
    def ndim(self) -> int:
        """The number of results."""
        return len(self.parts)

    @property
    def size(self) -> int:
        """The number of entries of all results."""
        return sum(part.size for part in self.parts)

    def returned(self, parts: Sequence[Any]) -> Any:
        """`parts` in the tuple, perhaps a named one, or the list that the function returns."""
        return _as(self._kind, parts)


class Arriving:
    """The gradients that arrive at parts of `several`, by their numbers; for some, none may."""

    __slots__ = ("_parts", "dtype", "shape")

    def __init__(self, several: Several, index: int, gradient: Any):
        self._parts = {index: gradient}
        self.shape, self.dtype = several.shape, several.dtype

    def __add__(self, other: Arriving) -> Arriving:
        # Written into: each is made for one use of one part, and nobody else has it. Of n parts, copies would take n².
        for i, gradient in other._parts.items():
            self._parts[i] = self._parts[i] + gradient if i in self._parts else gradient
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parts.values())

    def get(self, index: int) -> Any:
        """The gradient at one part; None where none arrives."""
        return self._parts.get(index)


def _again(kind: Any, parts: tuple[Any, ...]) -> Several:
    return Several(_as(kind, parts))


def _as(kind: Any, parts: Sequence[Any]) -> Any:
    return kind._make(parts) if hasattr(kind, "_make") else kind(parts)
