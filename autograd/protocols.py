"""Python's protocols of a Tensor, attached to it: `float(t)`, `len(t)`, `if t:`, `print(t)`, an index, an assignment.

Where one of them would silently lose a gradient or change a recorded value, it refuses and says what to write.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from .tensor import Tensor, label


def _array(self: Tensor, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    _refuse_cut(self, "np.asarray")
    return np.array(self._value, dtype=dtype, copy=copy)


def _float(self: Tensor) -> float:
    _refuse_cut(self, "float()")
    return float(self.item())


def _int(self: Tensor) -> int:
    _refuse_cut(self, "int()")
    return int(self.item())


def _index(self: Tensor) -> int:
    try:
        return index(self._value)
    except TypeError:
        raise TypeError(
            f"{label(self)}, {self.dtype} of shape {self.shape}, is no whole number, which an index or a range "
            "wants: write int(t.item()), and t.data.astype(int) for an array of indices"
        ) from None


def _bool(self: Tensor) -> bool:
    try:
        return bool(self._value)
    except ValueError:
        raise ValueError(
            f"{label(self)}, shape {self.shape}, is neither true nor false as a whole: choose entry by entry, "
            "np.where(t > 0, a, b), or ask (t > 0).any() or (t > 0).all()"
        ) from None


def _len(self: Tensor) -> int:
    if not self.ndim:
        raise TypeError(f"len() of {label(self)}, which is 0-d")
    return self.shape[0]


def _setitem(self: Tensor, index: Any, value: Any) -> None:
    raise TypeError(
        f"{label(self)}[…] = …, shape {self.shape}, would change a value that graphs may hold; write "
        "t = ag.at(t, index).set(values), or .add(values), or np.where, or assign a new array to .data"
    )


def _format(self: Tensor, spec: str) -> str:
    return format(self.item() if spec and self.size == 1 else self._value if spec else str(self), spec)


def _repr(self: Tensor) -> str:
    if isinstance(self._value, (np.ndarray, np.generic)):
        body = np.array2string(np.asarray(self._value), separator=", ", prefix="Tensor(")
    else:
        body = repr(self._value)  # of another library: perhaps not computed yet, or not on this machine
    parts = [body]
    if self.dtype not in (np.float64, np.int64, np.bool_, np.complex128):
        parts.append(f"dtype={self.dtype}")
    if self._requires_grad:
        parts.append("requires_grad=True")
    if self.name is not None:
        parts.append(f"name={self.name!r}")
    return f"Tensor({', '.join(parts)})"


def _refuse_cut(self: Tensor, what: str) -> None:
    if self._requires_grad:
        raise TypeError(
            f"{what} of {label(self)}, shape {self.shape}, would cut the graph: gradients would silently miss this "
            "path. Use NumPy's functions on the Tensor itself (np.sin(t), np.stack([t, …])), "
            "or say that you mean the bare value: t.numpy(), t.item()"
        )


for _method in (_array, _float, _int, _index, _bool, _len, _setitem, _format, _repr):
    _method.__name__ = f"_{_method.__name__}__"
    _method.__qualname__ = f"Tensor.{_method.__name__}"
    setattr(Tensor, _method.__name__, _method)
