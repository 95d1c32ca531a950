"""How NumPy's functions are answered that have no row of their own: by calls of rows, by constants, or by a refusal.

With the rows, these three tables are all that NumPy has; a test holds them to that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..tensor import Tensor
from .primitive import by_numpy_function

Function = Callable[..., Any]
Samples = Callable[["np.random.Generator"], Iterable[tuple[Any, ...]]]


class Composition:
    """A NumPy function that calls of rows answer. Its attributes are those of a row."""

    def __init__(self, function: Function, answer: Function, samples: Samples, differentiable: bool):
        self.__name__ = function.__name__
        self.__doc__ = answer.__doc__
        self.numpy_function = function
        self.answer = answer
        self.samples = samples
        self.differentiable = differentiable

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self.answer(*args, **options)

    def __repr__(self) -> str:
        return f"<composition {self.__name__}>"


compositions: list[Composition] = []
constants: dict[Function, Function] = {}
refusals: dict[Function | str, str] = {}
"""Why each of these functions, or all functions of the module of this name, are refused: the end of a sentence."""


def composed(*functions: Function, samples: Samples, differentiable: bool = True) -> Callable[[Function], Function]:
    """Have the decorated function, which takes NumPy's arguments and calls rows, answer for NumPy's `functions`."""

    def register(answer: Function) -> Function:
        compositions.append(Composition(functions[0], answer, samples, differentiable))
        for function in functions:
            by_numpy_function[function] = answer
        return answer

    return register


def constant(*functions: Function) -> None:
    """Answer for functions whose results no gradient flows through: arrays of them become Tensors without graph."""

    def answering(function: Function) -> Function:
        def answer(*args: Any, **options: Any) -> Any:
            result = function(*bare(args), **{name: bare(value) for name, value in options.items()})
            return _as_tensors(result)

        answer.__doc__ = f"np.{function.__name__}: its result is a constant, no gradient flows through it."
        return answer

    for function in functions:
        constants[function] = by_numpy_function[function] = answering(function)


def refuse(reason: str, *functions: Function | str) -> None:
    """Refuse functions, or all of a module by its name, with the reason why."""
    refusals.update(dict.fromkeys(functions, reason))


def reason_to_refuse(function: Function) -> str | None:
    """Why a function is refused; None for one that no table knows, a new one of NumPy's perhaps."""
    return refusals.get(function) or refusals.get(getattr(function, "__module__", None) or "")


def refuse_out(name: str, out: Any) -> None:
    """TypeError if a function was asked to write its result into an array."""
    if out is not None:
        raise TypeError(
            f"{name}: out= would overwrite an array that graphs may hold; use the result that is returned, or the bare "
            "value, t.data"
        )


def bare(value: Any) -> Any:
    """A value with the data of Tensors in their place, also within tuples and lists."""
    if type(value) is Tensor:
        return value._value
    return type(value)(map(bare, value)) if type(value) in (tuple, list) else value


def anywhere(condition: Any) -> bool:
    """Whether a condition holds for an entry. Arrays of other libraries are not looked into: none may be there yet."""
    condition = bare(condition)
    return isinstance(condition, (bool, np.ndarray, np.generic)) and bool(np.any(condition))


def _as_tensors(result: Any) -> Any:
    if isinstance(result, tuple):
        made = map(_as_tensors, result)
        return type(result)(*made) if hasattr(result, "_fields") else tuple(made)
    return Tensor(result) if isinstance(result, (np.ndarray, np.generic)) else result
