"""Walking a recorded graph: which Tensors a value was made from, in what order, and whether they still hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from .tensor import Tensor, label, last_change


def ancestors(root: Tensor, stop: AbstractSet[Tensor] = frozenset()) -> list[Tensor]:
    """`root` and all Tensors that it was made from, oldest first; those in `stop` are listed, not looked behind.

    Creation order is a topological order: each Tensor comes after its inputs. Leaves come first, as they were met.
    """
    seen = {root}
    stack = [root]
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
    """The inputs whose data was assigned to after `node` was computed from it."""
    return (x for x in node.inputs if type(x) is Tensor and x._changed > node.order)


def check_unchanged(node: Tensor) -> None:
    """RuntimeError if an input of `node` was changed after it was used, or `node` itself after it was computed."""
    if node.order > last_change[0]:
        return
    for x in stale_inputs(node):
        raise RuntimeError(
            f"{label(x)}, shape {x.shape}, was changed (by an assignment to .data) after {node.primitive.__name__} had "
            "used it: the gradient would mix old and new values. Run backward before the update, or compute the result "
            "again after it"
        )
    if node._changed:
        raise RuntimeError(
            f"{label(node)}, shape {node.shape}, the result of {node.primitive.__name__}, was changed by an assignment "
            "to .data: it no longer is what was computed. Assign to leaves only, or make a new Tensor"
        )


def replay(nodes: Sequence[Tensor], values: Mapping[Tensor, Any]) -> Any:
    """The data that the last of `nodes`, which `ancestors` gave, would have if the Tensors in `values` had theirs."""
    data = dict(values)
    for node in nodes:
        if node in data or not any(type(x) is Tensor and x in data for x in node.inputs):
            continue
        inputs = [data.get(x, x._value) if type(x) is Tensor else x for x in node.inputs]
        run = node.primitive.forward
        data[node] = run(*([inputs] if node.primitive.joint else inputs), **(node.options or {}))
    return data.get(nodes[-1], nodes[-1]._value)
