"""What went wrong at a step of backpropagation, with the number that shows it and the usual remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..primitives import arithmetic, elementwise
from ..primitives.notation import printable
from ..primitives.primitive import is_elementwise
from ..several import Several
from ..tensor import Tensor
from .numbers import as_numpy, number_text
from .records import Callout, Handed, Local, Sentence, Step

_FLAT = 1e-3
"""A local derivative below this lets less than a thousandth of the gradient through."""
_BY_SIZE = 0.1
"""A function is flat only where its argument changes it little, also when it changes by its own size. That of ln does
not: its slope 1/x is small where x is large."""
_VANISHED, _EXPLODED = 1e-8, 1e8
"""A gradient this many times smaller or larger than the one that backpropagation started with."""


def callouts(step: Step, handed: list[Handed], overflowed: Callable[[Tensor], Callout | None]) -> tuple[Callout, ...]:
    """The call-outs on one step. `overflowed` is `overflow`, with what it found kept from step to step."""
    found: list[Callout] = []
    for part, one in zip(step.contributions, handed, strict=True):
        for local in part.locals:
            found += _flat(local)
        nodes = dict.fromkeys(edge.node for edge in one.edges)
        found += [callout for callout in map(overflowed, nodes) if callout is not None]
    explained = {callout.kind for callout in found} & {"saturated", "dead"}
    found += [callout for callout in _size(step, handed) if not (explained and callout.kind in ("zero", "vanished"))]
    return tuple({each.text: each for each in found}.values() if len(found) > 1 else found)


def _callout(kind: str, number: Any, remedy: str, *parts: Any) -> Callout:
    return Callout(kind, float(number), Sentence(parts), remedy)


def _flat(local: Local) -> Iterator[Callout]:
    """A saturated function, or one that is off for all rows of a batch."""
    slope = np.abs(as_numpy(local.value).astype(float))
    if not slope.size or not np.isfinite(slope).all():
        return
    if local.formula.kind == "b":
        off = slope == 0 if slope.ndim < 2 else (slope == 0).all(axis=tuple(range(slope.ndim - 1)))
        if not off.all() and (slope.ndim < 2 or not off.any()):
            return
        units = "every entry" if off.all() else f"{np.count_nonzero(off)} of {off.size} columns"
        where = "" if slope.ndim < 2 else ", in all rows" if off.all() else " in all rows: these units are dead, and"
        rest = " no gradient comes back." if slope.ndim < 2 or off.all() else " learn nothing from these inputs."
        yield _callout(
            "dead",
            np.count_nonzero(off),
            "a smaller learning rate, another initialisation, or a slope below 0 (leaky ReLU)",
            *(local.symbol, f" is 0 at {units}{where}", ":" if off.all() else "", rest),
        )
        return
    with np.errstate(all="ignore"):
        flat = (slope < _FLAT) & (slope * np.abs(as_numpy(local.at).astype(float)) < _BY_SIZE)
    if 2 * np.count_nonzero(flat) < flat.size:
        return
    most = slope[flat].max()
    at = "" if flat.all() else f" at {np.count_nonzero(flat)} of {flat.size} entries"
    yield _callout(
        "saturated",
        most,
        "smaller weights, inputs brought to a common scale, or a function that does not flatten out",
        *(local.symbol, f" is {_at_most(most)}{at}: the function is flat there (saturated), and lets "),
        f"{'next to ' if most else ''}nothing of the gradient through.",
    )


def _at_most(number: float) -> str:
    return f"at most {number_text(number, 2)}" if number else "0"


_REMEDIES = {
    elementwise.exp: "subtract the largest entry first, as a stable softmax does, or stay with the logarithm",
    elementwise.log: "keep its argument above 0, e.g. by adding a small number or by np.logaddexp",
    arithmetic.divide: "keep the denominator away from 0",
}


def overflow(node: Tensor) -> Callout | None:
    """An operation that made infinities or NaN of finite numbers."""
    if any(type(x) is Several for x in (node.data, *(x.data for x in node.inputs if type(x) is Tensor))):
        return None
    bad = np.count_nonzero(~_finite(node.data))
    if not bad:
        return None
    inputs = [as_numpy(x.data if type(x) is Tensor else x) for x in node.inputs]
    if not all(_finite(x).all() for x in inputs):
        return None
    largest = max((float(np.abs(x).max(initial=0.0)) for x in inputs if x.dtype.kind in "fiu"), default=0.0)
    return _callout(
        "overflow",
        largest,
        _REMEDIES.get(node.primitive, "keep its inputs in the range where it is finite"),
        f"{printable(node.primitive.__name__)} makes infinities or NaN of finite numbers, at {bad} of {node.size} "
        f"entries: {_given(node, inputs) or f'its inputs reach {number_text(largest)}'}.",
    )


def _given(node: Tensor, inputs: list[np.ndarray]) -> str | None:
    """What an elementwise operation made its first such entry of; None for others."""
    if not is_elementwise(node.primitive.forward):
        return None
    entry = int(np.argmin(_finite(node.data)))
    numbers = [number_text(np.broadcast_to(x, node.shape).flat[entry]) for x in inputs]
    return f"{'e.g. ' if node.size > 1 else ''}of {' and '.join(numbers)}"


def _size(step: Step, handed: list[Handed]) -> Iterator[Callout]:
    """A gradient that became 0, vanished, exploded or undefined at this very step."""
    name, gradient = step.gradient.name, as_numpy(step.gradient.value)
    value = as_numpy(step.value.symbol.value)
    if step.value.formula is None and not _finite(value).all():
        bad = np.count_nonzero(~_finite(value))
        yield _callout(
            *("not a number", bad, "look for it in the data, before anything is computed from it"),
            *(step.value.symbol.name, f" itself holds NaN or infinity, at {bad} of {value.size} entries."),
        )
    if not handed or not gradient.size:
        return
    with np.errstate(all="ignore"):
        before = max(float(np.abs(as_numpy(one.edges[0].g.data)).max(initial=0.0)) for one in handed)
        after = float(np.abs(gradient).max())
    if not np.isfinite(after):
        if np.isfinite(before) and _finite(value).all():
            bad = np.count_nonzero(~_finite(gradient))
            yield _callout(
                *("not a number", bad, "move away from the point at which the derivative is not defined"),
                *(name, f" is NaN or infinite at {bad} of {gradient.size} entries, though what arrived was finite."),
            )
    elif after == 0 < before:
        yield _callout(
            *("zero", 0, "where it should, look for a factor 0, a flat piece, or a value that is not used"),
            *(name, " is 0 in every entry" if gradient.size > 1 else " is 0", ": at these values the result does not "),
            *("change with ", step.value.symbol.name, "."),
        )
    elif after < _VANISHED <= before:
        yield _callout(
            *("vanished", after, "better scaled weights, normalisation, residual connections"),
            *(name, f" is at most {number_text(after, 2)}, where backpropagation began with 1: the product of local "),
            "derivatives along the paths to here has vanished.",
        )
    elif after > _EXPLODED >= before:
        yield _callout(
            *("exploded", after, "smaller weights, normalisation, clipped gradients"),
            *(name, f" reaches {number_text(after, 2)}, where backpropagation began with 1: the product of local "),
            "derivatives along the paths to here has exploded.",
        )


def _finite(data: Any) -> np.ndarray:
    return np.isfinite(as_numpy(data).astype(float))
