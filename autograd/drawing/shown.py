"""Values as rows of a box: scalars by significant digits, small arrays as matrices, large ones as strips and ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..derivation.numbers import array_text, as_numpy, number_text
from .scene import LEVELS, Heat, Row

_MOST_ROWS = _MOST_COLUMNS = 6
_STRIP_ROWS, _STRIP_COLUMNS = 8, 24


def value_row(caption: str, value: Any, *, digits: int = 3) -> Row:
    """A value under its caption. Of an array too large to show, the caption says the shape, the numbers the range."""
    array = as_numpy(value)
    if array.ndim == 0:
        text = number_text(array[()], 4)
        return Row(caption, "", text, ((text,),))
    if (
        array.size
        and array.ndim <= 2
        and array.shape[-1] <= _MOST_COLUMNS
        and array.size <= _MOST_ROWS * array.shape[-1]
    ):
        rows = array.reshape(1, -1) if array.ndim == 1 else array
        cells = tuple(tuple(number_text(x, digits) for x in row) for row in rows.tolist())
        return Row(caption, "", array_text(array, digits, most=_MOST_ROWS * _MOST_COLUMNS), cells)
    shape = shape_text(array.shape)
    caption = f"{caption}, {shape}" if caption else ""
    if not array.size:
        return Row(caption, "", "no entries")
    if array.dtype.kind == "c":
        return Row(caption, "", "complex numbers")
    strip, low, high, broken = _strip(array)
    ends = tuple(number_text(end, digits) for end in ((low,) if low == high else (low, high)))
    text = " … ".join(ends)
    if broken:
        said = f"{broken} of {array.size} not finite"
        return Row(caption, "", said if broken == array.size else f"{text}, {said}", heat=strip)
    return Row(caption, "", text, ((ends[0], "…", ends[1]) if len(ends) == 2 else ends,), strip)


def magnitudes_row(caption: str, values: Sequence[Any]) -> Row:
    """How large the largest entries of several arrays are, as a strip in which a shade is a factor of ten."""
    sizes = np.array([np.abs(as_numpy(value).astype(float)).max(initial=0.0) for value in values])
    finite = np.isfinite(sizes)
    largest = sizes[finite].max(initial=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shades = np.clip(LEVELS + np.round(np.log10(sizes / (largest or 1.0))), 1, LEVELS)
    levels = np.where(finite, np.where(sizes > 0, shades, 0), LEVELS + 1)[np.newaxis]
    levels, _ = _pooled(levels, levels, 1, _STRIP_COLUMNS)
    low, high = number_text(sizes.min(), 3), number_text(sizes.max(), 3)
    heat = Heat((tuple(int(level) for level in levels[0]),), "the largest entries; a shade is a factor of ten")
    return Row(caption, "", f"{low} … {high}", ((low, "…", high) if low != high else (low,),), heat)


def shape_text(shape: tuple[int, ...]) -> str:
    """3 × 4, or "scalar"."""
    return " × ".join(map(str, shape)) or "scalar"


def _strip(array: np.ndarray) -> tuple[Heat, Any, Any, int]:
    """The array as a heat strip; its least and greatest finite entry, and how many are not finite.

    A cell shows, of the entries that fall into it, the one of largest magnitude.
    """
    rows = array.reshape(1, -1) if array.ndim == 1 else array.reshape(-1, array.shape[-1])
    rows = rows.astype(np.float64)
    finite = np.isfinite(rows)
    broken = int(rows.size - np.count_nonzero(finite))
    kept = rows[finite]
    low, high = (kept.min(), kept.max()) if kept.size else (0.0, 0.0)
    largest = max(abs(low), abs(high)) or 1.0
    magnitude = np.where(finite, np.abs(rows) / largest, np.inf)
    levels = np.where(finite, np.sign(rows) * np.ceil(np.where(finite, magnitude, 0.0) * LEVELS), LEVELS + 1)
    for axis, most in ((0, _STRIP_ROWS), (1, _STRIP_COLUMNS)):
        levels, magnitude = _pooled(levels, magnitude, axis, most)
    cells = tuple(tuple(int(level) for level in row) for row in levels)
    said = f"{shape_text(array.shape)}, full colour for ±{number_text(largest, 3)}"
    if levels.size < array.size:
        said += "; a cell shows the largest of its entries"
    return Heat(cells, said), low, high, broken


def _pooled(levels: np.ndarray, magnitude: np.ndarray, axis: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """At most so many cells along an axis, each the level of its entry of largest magnitude."""
    length = levels.shape[axis]
    if length <= most:
        return levels, magnitude
    edges = [i * length // most for i in range(most)]
    strongest = np.maximum.reduceat(magnitude, edges, axis=axis)
    spread = np.repeat(strongest, np.diff([*edges, length]), axis=axis)
    # Of equal magnitudes the positive entry is shown: any choice will do, as long as it is always the same.
    shown = np.maximum.reduceat(np.where(magnitude == spread, levels, -LEVELS - 1), edges, axis=axis)
    return shown, strongest
