"""A function's graph played live: change an input, and everything is computed, derived and drawn again.

Plain Python; live_widget.py puts sliders to it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..derivation.names import callers_variables
from ..derivation.steps import steps
from ..tensor import Tensor, label
from .playback.plan import Plan
from .playback.stills import Stills

MOST = 24
"""Sliders: one for each number."""


@dataclass(frozen=True, slots=True)
class Slider:
    """One number of one input: which, what it is called, where it is and may go."""

    name: str
    index: tuple[int, ...]
    label: str
    value: float
    low: float
    high: float
    step: float


class Live:
    """A function of Tensors, the numbers that go into it now, and the frames of its backpropagation."""

    def __init__(
        self,
        f: Callable[..., Tensor],
        inputs: Mapping[str, Any],
        ranges: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        """TypeError for no function, or inputs that are no real numbers; ValueError for none, too many, bad ranges."""
        if not callable(f):
            raise TypeError(
                f"ag.widget() takes a function and what goes into it, e.g. ag.widget(f, x=2.0, w=-3.0), not {label(f)}"
            )
        self.f = f
        self.values = {name: _numbers(name, value) for name, value in inputs.items()}
        count = sum(value.size for value in self.values.values())
        if not count:
            raise ValueError("ag.widget() needs inputs to put sliders to, e.g. ag.widget(f, x=2.0, w=-3.0)")
        if count > MOST:
            sizes = ", ".join(f"{name}: {value.size}" for name, value in self.values.items())
            raise ValueError(f"ag.widget() has up to {MOST} sliders; these inputs hold {count} numbers ({sizes})")
        self.sliders = self._sliders(dict(ranges or {}))
        self.stills = self._computed(self.values)

    def _sliders(self, ranges: dict[str, tuple[float, float]]) -> tuple[Slider, ...]:
        for name in ranges:
            if name not in self.values:
                raise ValueError(f"ag.widget(): ranges names {name!r}, which is no input ({', '.join(self.values)})")
        found = []
        for name, value in self.values.items():
            reach = max(1.0, 2.0 * float(np.abs(value).max()))
            low, high = (float(end) for end in ranges.get(name, (-reach, reach)))
            if not 0 < high - low < math.inf:
                raise ValueError(
                    f"ag.widget(): the range of {name!r} is a lower and a higher number, not {(low, high)}"
                )
            step = 10.0 ** math.floor(math.log10((high - low) / 100))  # so that numbers are round, 0 among them
            for index in np.ndindex(value.shape):
                label = f"{name}[{', '.join(map(str, index))}]" if index else name
                found.append(Slider(name, index, label, float(value[index]), low, high, step))
        return tuple(found)

    def set(self, numbers: list[float]) -> None:
        """Put in these numbers, in the order of the sliders, and compute everything again.

        ValueError for another count of them, or one that is not finite; whatever the function raises. The numbers, and
        what was computed of them, then stay as they were.
        """
        if len(numbers) != len(self.sliders) or not all(map(math.isfinite, numbers)):
            raise ValueError(f"there are {len(self.sliders)} sliders, each for a finite number")
        values = {name: value.copy() for name, value in self.values.items()}
        for slider, number in zip(self.sliders, numbers, strict=True):
            values[slider.name][slider.index] = number
        self.stills = self._computed(values)
        self.values = values

    def _computed(self, values: Mapping[str, np.ndarray]) -> Stills:
        tensors = {name: Tensor(value.copy()[()], requires_grad=True, name=name) for name, value in values.items()}
        result, variables = _watched(self.f, tensors)
        if type(result) is not Tensor:
            raise TypeError(f"ag.widget(): the function gives a Tensor, a loss; this one gave {label(result)}")
        if result.shape:
            raise ValueError(
                f"ag.widget(): the function gives a scalar, not shape {result.shape}: reduce it, e.g. np.sum(t)"
            )
        with np.errstate(all="ignore"):
            return Stills(Plan(steps(result, {**tensors, **variables})))


def _watched(f: Callable[..., Tensor], tensors: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Any]]:
    """What the function gives, and its variables as it returns: they name what it computed, as its name the result."""
    before, variables = sys.getprofile(), {}

    def watch(frame: Any, event: str, argument: Any) -> None:
        if event == "return" and frame.f_back.f_code is _watched.__code__:
            variables.update(callers_variables(frame))

    sys.setprofile(watch)
    try:
        result = f(**tensors)
    finally:
        sys.setprofile(before)
    return result, {**variables, getattr(f, "__name__", ""): result}


def _numbers(name: str, value: Any) -> np.ndarray:
    array = np.array(value.data if type(value) is Tensor else value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"ag.widget(): {name} is a number, an array or a Tensor, of real numbers, not {array.dtype}")
    array = array.astype(np.result_type(array.dtype, np.float32))
    if not np.isfinite(array).all():
        raise ValueError(f"ag.widget(): a slider starts at a finite number, and {name} has others")
    return array
