"""The table of primitives, a file a family. `rows` is all of it."""

from __future__ import annotations

from . import arithmetic, elementwise, linalg, logic, reductions, shapes, transcendental
from .primitive import Primitive, primitive

rows: tuple[Primitive, ...] = tuple(
    value
    for family in (arithmetic, elementwise, transcendental, logic, reductions, linalg, shapes)
    for value in vars(family).values()
    if isinstance(value, Primitive)
)

__all__ = ["Primitive", "primitive", "rows"]
