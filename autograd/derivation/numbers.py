"""Numbers and arrays as a reader wants them: significant digits, long arrays summarised."""

from __future__ import annotations

import math
import re
from textwrap import wrap
from typing import Any

import numpy as np

MINUS = "−"


def as_numpy(value: Any) -> np.ndarray:
    """Another library's array as NumPy's, to be looked at: formulas show values, wherever they were computed."""
    try:
        return np.asarray(value)
    except Exception:  # whatever it raises to say that it does not want this unasked
        for door in ("get", "to_numpy", "numpy", "tolist"):
            found = getattr(value, door, None)
            if callable(found):
                return np.asarray(found())
        raise


def number_text(value: Any, digits: int = 4) -> str:
    """One number to so many significant digits; zero has no sign.

    >>> number_text(-0.00001234567), number_text(3.0), number_text(-0.0), number_text(1e22)
    ('−1.235e−05', '3', '0', '1e+22')
    """
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (complex, np.complexfloating)):
        return f"{value:.{digits}g}"
    return f"{value + 0:.{digits}g}".replace("-", MINUS) if value != 0 else "0"


def literal_digits(value: Any) -> int:
    """How many digits a formula's own number takes: all that it has, if these are few, for 1.0001 is not 1.

    >>> [number_text(x, literal_digits(x)) for x in (1.0001, 50176, 0.044715, 8**0.5)]
    ['1.0001', '50176', '0.044715', '2.828']
    """
    text = f"{value:.7g}"
    return 7 if len(text) <= 8 and isinstance(value, (int, float)) and float(text) == value else 4


def number_latex(value: Any, digits: int = 4) -> str:
    """The same in LaTeX, powers of ten written out."""
    if isinstance(value, (bool, np.bool_)):
        return r"\text{true}" if value else r"\text{false}"
    if not math.isfinite(abs(value)):
        return r"\text{nan}" if value != value else r"\infty" if value > 0 else r"-\infty"
    text = f"{value + 0:.{digits}g}" if value != 0 else "0"
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa}\times 10^{{{int(exponent)}}}" if exponent else mantissa


def array_text(value: Any, digits: int = 4, most: int = 12) -> str:
    """An array on one line, e.g. [[1, 2], [3, 4]]; of more than `most` entries by shape and range, if that is shorter.

    >>> import numpy as np
    >>> array_text(np.array([[1.0, 2.0], [3.0, 0.25]]))
    '[[1, 2], [3, 0.25]]'
    >>> array_text(np.zeros((64, 10)))
    '(64 × 10 values 0 … 0)'
    """
    array = as_numpy(value)
    if array.ndim == 0:
        return number_text(array[()], digits)
    if not array.size:
        return f"({' × '.join(map(str, array.shape))} values)"
    if array.size <= most:
        return _bracketed(array.tolist(), digits)
    short = summary(array)
    whole = _bracketed(array.tolist(), digits) if array.size <= len(short) else short
    return min(whole, short, key=len)


def summary(array: np.ndarray, digits: int = 3) -> str:
    """Shape and range of an array too long to show."""
    shape = " × ".join(map(str, array.shape))
    return f"({shape} values {number_text(array.min(), digits)} … {number_text(array.max(), digits)})"


def _bracketed(nested: Any, digits: int) -> str:
    if isinstance(nested, list):
        return f"[{', '.join(_bracketed(item, digits) for item in nested)}]"
    return number_text(nested, digits)


def array_block(value: Any, digits: int = 4, widest: int = 8, tallest: int = 8, room: int = 80) -> list[str]:
    """An array as lines of text, columns aligned; rows longer than `widest` or wider than `room`, and long columns, are
    cut with …. What has more than two axes is one line, its numbers if there is room for them, else shape and range."""
    array = as_numpy(value)
    if array.ndim == 0 or array.ndim > 2 or not array.size:
        text = array_text(array, digits)
        return [summary(array) if array.ndim and array.size and len(text) > room else text]
    lines = _block(array, digits, widest, tallest)
    while len(lines[0]) > room and widest > 2:
        widest = min(widest, array.shape[-1]) - 1
        lines = _block(array, digits, widest, tallest)
    return lines


def array_lines(value: Any, room: int) -> list[str]:
    """An array that nothing stands beside: as `array_block` has it, but numbers of more than two axes go on below, and
    of numbers that are left out there is the shape."""
    block = array_block(value, room=room)
    if _is_cut(value, block):
        shape = f"   ({' × '.join(map(str, np.shape(value)))})"
        block = array_block(value, room=room - len(shape))
        block[-1] += shape
    if as_numpy(value).ndim > 2:
        within_rows = re.sub(r" (?!\[)", "\N{NO-BREAK SPACE}", array_text(value))
        block = [line.replace("\N{NO-BREAK SPACE}", " ") for line in wrap(within_rows, room, subsequent_indent=" ")]
    return block


def _block(array: np.ndarray, digits: int, widest: int, tallest: int) -> list[str]:
    rows = array.reshape(1, -1) if array.ndim == 1 else array
    cells = [[number_text(x, digits) for x in _cut(row, widest)] for row in _cut(rows, tallest)]
    if rows.shape[1] > widest:
        cells = [[*row[: widest // 2], "…", *row[widest // 2 :]] for row in cells]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["[" + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + "]" for row in cells]
    if rows.shape[0] > tallest:
        lines.insert(tallest // 2, " ⋮")
    return lines


def _is_cut(value: Any, block: list[str]) -> bool:
    """Whether there are more numbers than the lines of a block show."""
    return as_numpy(value).ndim in (1, 2) and (any("…" in line for line in block) or " ⋮" in block)


def array_cells(value: Any, digits: int = 3, widest: int = 6, tallest: int = 6) -> tuple[tuple[str, ...], ...] | None:
    """The numbers of an array as rows of texts, long rows and columns cut with ⋯ and ⋮; None for more than two axes."""
    array = as_numpy(value)
    if array.ndim > 2 or not array.size:
        return None
    rows = array.reshape(1, -1) if array.ndim < 2 else array
    cells = [[number_text(x, digits) for x in _cut(row, widest)] for row in _cut(rows, tallest)]
    if rows.shape[1] > widest:
        cells = [[*row[: widest // 2], "⋯", *row[widest // 2 :]] for row in cells]
    if rows.shape[0] > tallest:
        cells.insert(tallest // 2, ["⋮"] * len(cells[0]))
    return tuple(map(tuple, cells))


def array_latex(value: Any, digits: int = 3, widest: int = 6, tallest: int = 6) -> str:
    """An array as a LaTeX matrix; one of more than two axes by shape."""
    array = as_numpy(value)
    if array.ndim == 0:
        return number_latex(array[()], digits)
    if array.ndim > 2 or not array.size:
        shape = r" \times ".join(map(str, array.shape))
        return rf"\text{{array of }} {shape}"
    rows = array.reshape(1, -1) if array.ndim == 1 else array
    lines = []
    for row in _cut(rows, tallest):
        cells = [number_latex(x, digits) for x in _cut(row, widest)]
        if rows.shape[1] > widest:
            cells.insert(widest // 2, r"\cdots")
        lines.append(" & ".join(cells))
    if rows.shape[0] > tallest:
        lines.insert(tallest // 2, " & ".join([r"\vdots"] * len(lines[0].split(" & "))))
    body = r" \\ ".join(lines)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _cut(sequence: np.ndarray, most: int) -> np.ndarray:
    """The first and last entries of a sequence that is longer than `most`."""
    if len(sequence) <= most:
        return sequence
    return np.concatenate([sequence[: most // 2], sequence[-(most - most // 2) :]])


def is_condition(value: Any) -> bool:
    """Whether a value is true or false, and not a number."""
    return kind_of(value) == "b"


def kind_of(value: Any) -> str:
    """The letter of a dtype's kind."""
    dtype = getattr(value, "dtype", None)
    return str(np.asarray(value).dtype.kind if dtype is None else dtype.kind)
