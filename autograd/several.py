"""Several: the data of a node with more than one result, as of np.linalg.eigh; and the gradients that arrive at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from weakref import ref


class Several:
    """Arrays that belong together. It has what the engine looks at: a shape, a dtype, and a sum.

    As a gradient it holds None for results that none arrives at.
    """

    __slots__ = ("_kind", "dtype", "nodes", "parts", "shape")

    def __init__(self, parts: Sequence[Any], like: Several | None = None):
        self.parts = tuple(parts)
        self._kind = type(parts) if like is None else like._kind
        self.shape = tuple(part.shape for part in parts) if like is None else like.shape
        self.dtype = parts[0].dtype if like is None else like.dtype
        self.nodes: dict[int, ref[Any]] = {}
        """The Tensors that were made of single parts, as long as somebody holds them."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._kind, self.parts)  # of a copy, no single parts were made yet

    def __iter__(self) -> Iterator[Any]:
        return iter(self.parts)

    def __add__(self, other: Several) -> Several:
        both = zip(self.parts, other.parts, strict=True)
        return Several([a if b is None else b if a is None else a + b for a, b in both], like=self)

    @property
    def ndim(self) -> int:
        """The number of results."""
        return len(self.parts)

    @property
    def size(self) -> int:
        """The number of entries of all results."""
        return sum(part.size for part in self.parts)

    def returned(self, parts: Sequence[Any]) -> Any:
        """`parts` in the tuple that the function returns, a named one perhaps."""
        kind: Any = self._kind
        return kind._make(parts) if hasattr(kind, "_make") else tuple(parts)


def _again(kind: Any, parts: tuple[Any, ...]) -> Several:
    return Several(kind._make(parts) if hasattr(kind, "_make") else kind(parts))
