"""The table of primitives, a file a family. `rows` is all of it.

Beside the rows, answers.py keeps what answers for NumPy's other functions: `compositions` of rows, `constants`, and
`refusals` with their reasons.
"""

from __future__ import annotations

from . import (
    arithmetic,
    assembly,
    constants,  # noqa: F401  (fills its table of answers)
    contractions,
    decompositions,
    diagonals,
    differences,  # noqa: F401  (likewise)
    einsum,
    elementwise,
    indexing,
    linalg,
    logic,
    nans,  # noqa: F401  (likewise)
    norms,
    ordering,
    padding,
    placing,
    products,
    rearranging,
    reductions,
    refused,  # noqa: F401  (likewise)
    scans,
    selecting,
    sequences,  # noqa: F401  (likewise)
    shapes,
    signals,
    splitting,
    statistics,
    steps,
    transcendental,
    windows,
)
from .primitive import Primitive, primitive

FAMILIES = (
    arithmetic,
    elementwise,
    transcendental,
    steps,
    logic,
    reductions,
    scans,
    statistics,
    products,
    contractions,
    einsum,
    diagonals,
    linalg,
    decompositions,
    norms,
    shapes,
    indexing,
    placing,
    selecting,
    rearranging,
    assembly,
    splitting,
    padding,
    ordering,
    signals,
    windows,
)
rows: tuple[Primitive, ...] = tuple(
    dict.fromkeys(value for family in FAMILIES for value in vars(family).values() if isinstance(value, Primitive))
)

__all__ = ["Primitive", "primitive", "rows"]
