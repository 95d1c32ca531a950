"""Shapes that depend on values, for which no program can be written: what they come from is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..nested import leaves
from .program import parameters_of
from .written import CompileError, Written

_SHAPED_BY_VALUES = frozenset(
    (np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.unique_all, np.unique_counts, np.unique_inverse,
    np.unique_values, np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d, np.compress, np.extract, np.trim_zeros)
)  # fmt: skip
_NO_DATA = frozenset(
    """N axes axis axis1 axis2 axisa axisb axisc destination include_initial indices_or_sections k keepdims minlength n
    new_shape num obj offset pad_width repeats reps s shape source""".split()  # noqa: SIM905
)
"""What NumPy calls the parameters that say a shape, and not what is in it."""
_OF_DATA = frozenset(("clip", "dot", "searchsorted", "take"))
"""The methods whose first arguments are arrays."""


def check_shape_is_known(kind: str, what: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """CompileError if the shape of the result would be another one for other values."""
    name = getattr(what, "__name__", what)
    masks = kind == "index" and any(type(i) is Written and i.dtype == bool for i in leaves(args[1]))
    counts = what is np.bincount and not options.get("minlength", args[2] if len(args) > 2 else 0)
    said = any(type(x) is Written for x in leaves(list(_about_shape(kind, what, args, options))))
    if masks or counts or said or what in _SHAPED_BY_VALUES or (what is np.where and len(args) == 1):
        called = {"index": "x[mask]" if masks else "x[i:j]", "method": f".{name}"}.get(kind, f"np.{name}")
        raise CompileError(
            f"makes an array whose shape depends on values, by {called}: the program would hold for this shape only. "
            "Write np.where(mask, x, 0) for x[mask], say the length (minlength=), pass counts and axes as Python ints"
        )


def _about_shape(kind: str, what: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Iterator[Any]:
    """The arguments that say what shape the result has."""
    if kind == "index":
        yield from ((i.start, i.stop, i.step) for i in leaves(args[1]) if type(i) is slice)
        return
    yield from (x for name, x in options.items() if name in _NO_DATA)
    if kind == "method" and what not in _OF_DATA:
        yield args[1:]
    elif kind == "function" and any(type(x) is Written and x.dtype.kind in "biu" for x in leaves(args[1:])):
        yield from (x for name, x in zip(parameters_of(what), args, strict=False) if name in _NO_DATA)
