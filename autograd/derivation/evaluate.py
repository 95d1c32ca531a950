"""The value of a formula: its NumPy twin, evaluated from named values alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .numbers import as_numpy
from .trees import Expression, symbols


def evaluated(code: str, tree: Expression, instead: Mapping[str, Any] | None = None) -> Any:
    """What a line of NumPy computes in a namespace of NumPy and the values named in the tree alone; `instead` has, by
    identifier, values to be taken for some of them."""
    names = {identifier: _wide(as_numpy(symbol.value)) for identifier, symbol in symbols(tree).items()}
    # The source holds only names and functions from our own notation; without builtins it reaches NumPy alone.
    with np.errstate(all="ignore"):
        scope = {"__builtins__": {}, "np": np, **names, **(instead or {})}
        return np.asarray(eval(compile(code, "formula", "eval"), scope))


def _wide(array: np.ndarray) -> Any:
    """Integers in a dtype in which they are what is printed: −c of a uint8 would begin again at 255."""
    return array.astype(np.int64)[()] if array.dtype.kind in "iu" else array[()]
