"""Walking a recorded graph: which Tensors a value was made from, in what order, and whether they still hold."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any

import numpy as np

from .several import Several
from .tensor import Outdated, SwitchedOn, Tensor, label, last_change, origin

recorded_sweeps: deque[tuple[int, int]] = deque(maxlen=1024)
"""When backward passes were recorded, by the clock of all graphs: pictures tell by it what they made."""


def ancestors(*roots: Tensor, stop: AbstractSet[Tensor] = frozenset()) -> list[Tensor]:
    """`roots` and all Tensors that they were made from, oldest first; those in `stop` are listed, not looked behind.

    Creation order is a topological order: each Tensor comes after its inputs. Leaves come first, as they were met.
    """
    seen = set(roots)
    stack = list(dict.fromkeys(roots))
    found = []
    while stack:
        node = stack.pop()
        found.append(node)
        if node in stop:
            continue
        for x in reversed(node.inputs):
            if type(x) is Tensor and x not in seen:
                seen.add(x)
                stack.append(x)
    found.sort(key=lambda node: node.order)
    return found


def stale_inputs(node: Tensor) -> Iterator[Tensor]:
    """The inputs that were changed after `node` was computed from them: assigned to, or made to require gradients."""
    return (x for x in node.inputs if type(x) is Tensor and x._changed > node.order)


def check_unchanged(node: Tensor) -> None:
    """RuntimeError if an input of `node` was changed after it was used, or `node` itself after it was computed."""
    if node.order > last_change[0]:
        return
    for x in stale_inputs(node):
        if type(x._changed) is SwitchedOn:
            raise RuntimeError(
                f"requires_grad of {label(x)}, shape {x.shape}, was switched on after {node.primitive.__name__} had "
                "used it: gradients would miss what was computed from it before. Switch it on first, or compute the "
                "result again"
            )
        raise RuntimeError(
            f"{label(x)}, shape {x.shape}, was changed (by an assignment to .data) after {node.primitive.__name__} had "
            "used it: the gradient would mix old and new values. Run backward before the update, or compute the result "
            "again after it"
        )
    if type(node._changed) is Outdated:
        raise RuntimeError(
            f"{origin(node)} of shape {node.shape} is a copy of a result that was outdated when it was copied: a value "
            "had been changed after it was used. Compute it again, and copy it before the next update"
        )
    if node._changed:
        raise RuntimeError(
            f"{origin(node)} of shape {node.shape} was changed by an assignment to .data: it no longer is what was "
            "computed. Assign to leaves only, or make a new Tensor"
        )


def computed(node: Tensor, data: Mapping[Tensor, Any] = MappingProxyType({})) -> Any:
    """What the operation of `node` gives for its inputs, for those in `data` with the data given there."""
    inputs = [data.get(x, x._value) if type(x) is Tensor else x for x in node.inputs]
    primitive = node.primitive
    return primitive.forward(*([inputs] if primitive.joint else inputs), **(node.options or {}))


def check_recomputes(node: Tensor) -> None:
    """RuntimeError if `node` is not what its operation gives for its inputs: an array was written to since."""
    with np.errstate(all="ignore"):
        now = computed(node)
    kept = node._value
    precise = 1e3 * np.finfo(node.dtype).eps if node.dtype.kind == "f" else 0.0
    pairs = zip(now, kept, strict=True) if type(kept) is Several else [(now, kept)]
    if not all(_equal(a, b) or np.allclose(a, b, precise, precise, equal_nan=True) for a, b in pairs):
        raise RuntimeError(
            f"{label(node)}, shape {node.shape}, is not what {node.primitive.__name__} gives for its inputs now: an "
            "array was written to after it was used (t.data[0] = …, or the array itself). Compute the result again"
        )


def _equal(a: Any, b: Any) -> bool:
    """Whether two of NumPy's arrays are equal, as they nearly always are: found out ten times as fast as `allclose`."""
    return isinstance(a, (np.ndarray, np.generic)) and np.array_equal(a, b)


def replay(nodes: Sequence[Tensor], values: Mapping[Tensor, Any]) -> Any:
    """The data that the last of `nodes`, which `ancestors` gave, would have if the Tensors in `values` had theirs."""
    data = dict(values)
    for node in nodes:
        if node not in data and any(type(x) is Tensor and x in data for x in node.inputs):
            data[node] = computed(node, data)
    return data.get(nodes[-1], nodes[-1]._value)
