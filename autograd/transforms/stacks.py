"""A stack of gradients swept at once: a Jacobian's rows, for little more than the price of one sweep.

A rule is linear in the gradient that arrives. Where it is elementwise, NumPy's broadcasting makes it a rule for a whole
stack of gradients along a new first axis; so it is where the axes that it names are counted one further. All other
rules are run row by row. No rule is written a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from ..backprop import as_it_is, fitted, sweep
from ..graph import check_unchanged
from ..hooks import has_hooks, hooked
from ..modes import Watched, recording
from ..primitives import assembly, elementwise, indexing, products, reductions, shapes
from ..primitives.primitive import Primitive, is_elementwise
from ..several import Several
from ..tensor import Tensor


def sweep_stack(
    gradients: dict[Tensor, Any], count: int, *, ends: Collection[Tensor], through: Collection[Tensor], lift: bool
) -> dict[Tensor, Any]:
    """What `sweep` does, for `count` gradients at once: those given, and found, are stacked along their first axis."""
    lifted = as_it_is if lift else None
    if type(recording.get()) is Watched:  # one by one, so that an anomaly is reported in shapes that the user knows
        each = [{root: g[i] for root, g in gradients.items()} for i in range(count)]
        rows = [sweep(row, ends=set(ends), through=set(through), lift=lifted) for row in each]
        return {x: np.stack([row[x] for row in rows]) for x in rows[0]}
    waiting = [(-root.order, root) for root in gradients if root not in ends]
    heapify(waiting)
    while waiting:
        node = heappop(waiting)[1]
        g = _hooked(node, gradients.pop(node))
        check_unchanged(node)
        handed = _at_once(node, g, count, through, lift)
        if handed is None:
            handed = _row_by_row(node, g, through, lift)
        for x, part in handed.items():
            if x in gradients:
                gradients[x] = _sum(gradients[x], part)
            else:
                gradients[x] = part
                if x not in ends:
                    heappush(waiting, (-x.order, x))
    return {x: _hooked(x, g) for x, g in gradients.items()}


def _sum(a: Any, b: Any) -> Any:
    return [x + y for x, y in zip(a, b, strict=True)] if type(a) is list else a + b


def _hooked(x: Tensor, g: Any) -> Any:
    """What hooks make of the gradients, row by row; without hooks, the stack as it is."""
    if not has_hooks(x):
        return g
    rows = [hooked(x, row) for row in g]
    return rows if type(x._value) is Several else np.stack(rows)


def _row_by_row(node: Tensor, g: Any, through: Collection[Tensor], lift: bool) -> dict[Tensor, Any]:
    """What `node` hands to its inputs, by a sweep for each row; a list of rows for an input of several parts."""
    inputs = {x for x in node.inputs if type(x) is Tensor and x in through}
    how: dict[str, Any] = {"ends": inputs, "through": inputs, "lift": as_it_is if lift else None, "hooks": False}
    rows = [sweep({node: row}, **how) for row in g]
    handed = {}
    for x in inputs:
        if type(x._value) is Several:
            handed[x] = [row[x] for row in rows]
        elif any(x in row for row in rows):
            nothing = np.zeros_like(x._value)
            handed[x] = np.stack([row.get(x, nothing) for row in rows])
    return handed


def _at_once(node: Tensor, g: Any, count: int, through: Collection[Tensor], lift: bool) -> dict[Tensor, Any] | None:
    """What `node` hands to its inputs, by its rules for the whole stack; None if they are not known to take one."""
    primitive, options = node.primitive, node.options or {}
    arguments: list[Any] = [node, *node.inputs]
    if not lift:
        arguments = [a._value if type(a) is Tensor else a for a in arguments]
    shapes_of_inputs = [getattr(a, "shape", ()) for a in arguments[1:]]
    if primitive is products.matmul:
        g, arguments, shapes_of_inputs = _as_matrices(g, *arguments)
    elif not _is_elementwise(primitive):
        moved = _MOVED[primitive](options, node, count) if primitive in _MOVED else None
        if moved is None:
            return None
        options = dict(moved)
        arguments = [np.broadcast_to(a, (count, *a.shape)) if hasattr(a, "shape") else a for a in arguments]
    rules = primitive.rules if primitive.joint is None else primitive.joint(g, *arguments, **options)
    handed: dict[Tensor, Any] = {}
    for x, rule, shape in zip(node.inputs, rules, shapes_of_inputs, strict=True):
        if rule is None or type(x) is not Tensor or x not in through:
            continue
        part = rule if primitive.joint is not None else rule(g, *arguments, **options)
        if getattr(part, "ndim", -1) < 1 + len(shape) or part.shape[0] != count:
            return None  # not what the rule of an elementwise function gives: it must be a user's
        part = _fitted(part, x, (count, *shape))
        handed[x] = handed[x] + part if x in handed else part
    return handed


def _fitted(part: Any, x: Tensor, shape: tuple[int, ...]) -> Any:
    """A stack of gradients by `x`, summed over the axes along which it was broadcast, which `shape` lacks."""
    extra = part.ndim - len(shape)
    if extra:
        part = part.sum(axis=tuple(range(1, 1 + extra)))
    if part.shape != shape or part.dtype != x.dtype:
        part = fitted(part, np.broadcast_to(x._value.reshape(shape[1:]), shape))
    whole = (shape[0], *x.shape)
    return part if shape == whole else part.reshape(whole)


# Which rules take a stack ---------------------------------------------------------------------------------------------

_ELEMENTWISE = {
    elementwise.where,
    elementwise.clip,
    shapes.alias,
    shapes.astype,
    shapes.broadcast_to,
    shapes.copy,
}
"""Rules that are elementwise in the gradient and the inputs, beside those of NumPy's elementwise functions."""


def _is_elementwise(primitive: Primitive) -> bool:
    return is_elementwise(primitive.forward) or primitive in _ELEMENTWISE


def _axes_moved(options: Mapping[str, Any], node: Tensor, count: int) -> dict[str, Any]:
    """The options of a reduction, its axes counted from that of the stack."""
    ndim, axis = node.inputs[0].ndim, options.get("axis")
    axes = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return {**options, "axis": tuple(i % ndim + 1 for i in axes) if ndim else ()}


def _index_moved(options: Mapping[str, Any], node: Tensor, count: int) -> dict[str, Any] | None:
    """An index behind the stack's axis. NumPy moves what several arrays select to the front: not then."""
    index = options["index"] if type(options["index"]) is tuple else (options["index"],)
    kinds = [type(i) for i in index]
    arrays = sum(kind in (list, np.ndarray) for kind in kinds)
    plain = (slice, int, type(None), type(...), list, np.ndarray)
    if arrays > 1 or (arrays and int in kinds) or any(kind not in plain for kind in kinds):
        return None
    moved = {**options, "index": (slice(None), *index)}
    return moved if "shape" not in options else {**moved, "shape": (count, *options["shape"])}


def _unchanged(options: Mapping[str, Any], node: Tensor, count: int) -> Mapping[str, Any]:
    """The rule looks at the input's shape only."""
    return options


def _reshaped(options: Mapping[str, Any], node: Tensor, count: int) -> Mapping[str, Any] | None:
    return options if options.get("order", "C") == "C" else None


def _transposed(options: Mapping[str, Any], node: Tensor, count: int) -> dict[str, Any]:
    ndim, axes = node.ndim, options.get("axes")
    axes = reversed(range(ndim)) if axes is None else axes
    return {**options, "axes": (0, *(i % ndim + 1 for i in axes))}


def _joined(options: Mapping[str, Any], node: Tensor, count: int) -> dict[str, Any] | None:
    axis = options.get("axis", 0)
    return None if axis is None else {**options, "axis": axis % node.ndim + 1}


def _as_matrices(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, list[Any], list[tuple[int, ...]]]:
    """The gradients and operands of a product, vectors as the row or column that they are: its rules then broadcast."""
    row, column = a.ndim == 1, b.ndim == 1
    inner = [*([1] if row else [y.shape[-2 + column]]), *([1] if column else [y.shape[-1]])]
    outer = y.shape[: y.ndim - 2 + row + column]
    a = a.reshape((1, a.size)) if row else a
    b = b.reshape((b.size, 1)) if column else b
    return g.reshape((g.shape[0], *outer, *inner)), [y, a, b], [a.shape, b.shape]


_MOVED: dict[Primitive, Callable[[Mapping[str, Any], Tensor, int], Mapping[str, Any] | None]] = {
    reductions.sum: _axes_moved,
    reductions.mean: _axes_moved,
    reductions.max: _axes_moved,
    reductions.min: _axes_moved,
    indexing.getitem: _index_moved,
    indexing.scatter: _index_moved,
    shapes.reshape: _reshaped,
    shapes.squeeze: _unchanged,
    shapes.expand_dims: _unchanged,
    shapes.transpose: _transposed,
    assembly.concatenate: _joined,
    assembly.stack: _joined,
}
"""What a rule's options become for a stack. (None of them: this call's rule is run row by row.)"""
