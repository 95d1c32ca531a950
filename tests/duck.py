"""An array of another library, reduced to what NumPy's protocols ask for: it fails on every conversion to ndarray."""

from __future__ import annotations

from typing import Any

import numpy as np


class Duck(np.lib.mixins.NDArrayOperatorsMixin):
    """Wraps an ndarray. Whatever is computed with it is a Duck again, single numbers too (as in CuPy and Dask)."""

    __array_priority__ = 1000

    def __init__(self, array: Any):
        assert not isinstance(array, Duck)
        self.inside = np.asarray(array)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise AssertionError("a duck array was converted to an ndarray")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        assert method in ("__call__", "reduce", "accumulate"), f"{ufunc.__name__}.{method} is not what others have"
        assert "out" not in options, "written into"
        _only_ducks(inputs)
        return _ducks(getattr(ufunc, method)(*_inside(inputs), **_inside(options)))

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        _only_ducks((*args, *options.values()))
        return _ducks(function(*_inside(args), **_inside(options)))

    def __getitem__(self, index: Any) -> Duck:
        return Duck(self.inside[_inside(index)])

    def __getattr__(self, name: str) -> Any:
        """ndarray's attributes and methods, with Ducks for results."""
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self.inside, name)
        if callable(found):
            return lambda *args, **options: _ducks(found(*_inside(args), **_inside(options)))
        return _ducks(found) if isinstance(found, np.ndarray) else found

    def __len__(self) -> int:
        return len(self.inside)

    def __iter__(self) -> Any:
        return map(Duck, self.inside)

    def __bool__(self) -> bool:
        raise AssertionError("a rule or a forward function branched on a value")

    __float__ = __int__ = __index__ = __complex__ = __bool__  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Duck({self.inside!r})"


def _only_ducks(values: Any) -> None:
    """Libraries refuse arrays of others beside theirs; small ones of places, made by a rule, are let pass."""
    for value in values:
        if isinstance(value, (list, tuple)):
            _only_ducks(value)
        foreign = isinstance(value, np.ndarray) and value.ndim > 0 and value.dtype.kind == "f"
        assert not foreign, f"an ndarray of shape {value.shape} beside a duck array"


def _inside(value: Any) -> Any:
    if isinstance(value, Duck):
        return value.inside
    if type(value) in (tuple, list):
        return type(value)(map(_inside, value))
    return {name: _inside(x) for name, x in value.items()} if type(value) is dict else value


def _ducks(result: Any) -> Any:
    if isinstance(result, (np.ndarray, np.generic)):
        return Duck(result)
    if isinstance(result, (tuple, list)):
        made = map(_ducks, result)
        return type(result)(*made) if hasattr(result, "_fields") else type(result)(made)
    return result
