"""NumPy's protocols to the table: what happens when a Tensor is handed to np.<name>."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .primitives.primitive import by_numpy_function
from .tensor import Tensor, described, needs_gradient

_WAY_OUT = (
    "Compose it from functions that have one, define it by ag.primitive, or pass t.numpy() if no gradient is wanted"
)

_ABOUT_VALUES = frozenset(
    (
        np.shape,
        np.ndim,
        np.size,
        np.result_type,
        np.can_cast,
        np.allclose,
        np.array_equal,
        np.array2string,
        np.array_repr,
        np.array_str,
    )
)
"""Questions about a Tensor that are answered in plain Python or NumPy values."""
_LIKE = frozenset((np.zeros_like, np.ones_like, np.empty_like, np.full_like))
"""Constants made to a Tensor's shape: Tensors without a graph."""


def __array_ufunc__(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:  # noqa: N807
    answer = by_numpy_function.get(ufunc)
    if method != "__call__" or answer is None:
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        raise no_rule(f"np.{name}", inputs)
    if "out" in options:
        raise TypeError(
            f"np.{ufunc.__name__} with out= (or an in-place operator on an array, a += t) would put a Tensor's value "
            "into an array and lose its graph; use the result that is returned, a = a + t, or "
            "the bare value, a += t.data"
        )
    if options:
        raise TypeError(
            f"np.{ufunc.__name__} on Tensors takes no {', '.join(options)}=; use np.where or .astype around it"
        )
    return answer(*inputs)


def __array_function__(self: Tensor, function: Any, types: Any, args: Any, options: Any) -> Any:  # noqa: N807
    answer = by_numpy_function.get(function)
    if answer is not None:
        if options.get("out", options) is None:
            options = {name: value for name, value in options.items() if name != "out"}
        return answer(*args, **options)
    if function in _ABOUT_VALUES:
        return function(*_bare(args), **{name: _bare(value) for name, value in options.items()})
    if function is np.full_like and needs_gradient(args[1] if len(args) > 1 else options.get("fill_value")):
        raise TypeError(
            "np.full_like with a Tensor as the value would cut its graph; use np.broadcast_to(value, t.shape)"
        )
    if function in _LIKE:
        return Tensor(function(*map(_bare, args), **{name: _bare(value) for name, value in options.items()}))
    module = "np.linalg" if function.__module__.endswith("linalg") else "np"
    raise no_rule(f"{module}.{function.__name__}", args)


def no_rule(name: str, inputs: Iterable[Any]) -> TypeError:
    """The error for an operation that the table lacks."""
    return TypeError(f"{name}({described(inputs)}) has no derivative here. {_WAY_OUT}")


def _bare(value: Any) -> Any:
    if type(value) is Tensor:
        return value._value
    return type(value)(map(_bare, value)) if type(value) in (tuple, list) else value
