"""Why a step's formula looks as it does, in plain words, where a reader stumbles.

What is said is read off what the rules recorded: a sum that undoes broadcasting, a transposed factor, a comparison that
the gradient is multiplied by, a division by the number of entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..primitives import arithmetic, logic, products, reductions, shapes
from ..several import Several
from ..tensor import Tensor
from .expression import expression
from .names import Name
from .numbers import as_numpy
from .records import Edge, Handed, Note, Sentence, Step
from .simplify import is_one
from .trees import Expression, parts
from .values import Named


def notes(step: Step, handed: list[Handed], named: Named) -> tuple[Note, ...]:
    """The notes on one step, from the general to the particular; none twice."""
    found = [*_about_fan_out(step, handed, named)]
    for one in handed:
        for edge in one.edges:
            if type(edge.part) is not Tensor or type(edge.node.data) is Several:
                continue  # between an operation with several results and its parts
            inner = tuple(_recorded(edge, named))
            for about in (_about_mean, _about_gate, _about_transpose, _about_outer, _about_broadcast, _about_spread):
                found += about(edge, inner, named)
            found += _about_ones(inner, step.formula, named)
    return tuple({each.text: each for each in found}.values() if len(found) > 1 else found)


def _note(kind: str, *parts: Any) -> Note:
    return Note(kind, Sentence(parts))


def _listed(names: tuple[Name, ...]) -> list[Any]:
    """a, b and c; of many the first ones."""
    shown = names if len(names) <= 5 else names[:4]
    parts: list[Any] = []
    for i, name in enumerate(shown):
        parts += [name] if i == 0 else [" and " if i == len(names) - 1 else ", ", name]
    return parts if len(shown) == len(names) else [*parts, f" and {len(names) - 4} more"]


def _about_fan_out(step: Step, handed: list[Handed], named: Named) -> Iterator[Note]:
    name = step.value.symbol.name
    if not handed:
        yield _note("seed", "Backpropagation starts here: ", name, " changes with itself at the rate 1.")
    if len(handed) > 1:
        yield _note(
            "fan-out",
            *(name, f" is used by {len(handed)} values, ", *_listed(step.waits_for), ": a small change of it acts "),
            "through each of them, so what they hand back is added up.",
        )
    for cut in named.detached(step.value.tensor) if handed else ():
        yield _note(
            "detach",
            *(cut, " holds the values of ", name, ", but was detached from it: no gradient comes back from there."),
        )
    for one, consumer in zip(handed, step.waits_for, strict=True):
        nodes = dict.fromkeys(edge.node for edge in one.edges)
        uses = sum(named.uses(node)[step.value.tensor] for node in nodes)
        if uses > 1:
            often = "twice" if uses == 2 else f"{uses} times"
            yield _note(
                "fan-out", consumer, " uses ", name, f" {often}; each use hands back its part, and the parts are added."
            )


def _about_mean(edge: Edge, inner: tuple[Tensor, ...], named: Named) -> Iterator[Note]:
    count = edge.x.size // max(edge.node.size, 1)
    divided = any(
        t.primitive is arithmetic.divide and type(t.inputs[1]) is not Tensor and np.all(t.inputs[1] == count)
        for t in inner
    )
    if count > 1 and divided:
        yield _note("mean", f"A mean over {count} entries divides by {count}: each entry moves it by 1/{count} only.")


def _about_gate(edge: Edge, inner: tuple[Tensor, ...], named: Named) -> Iterator[Note]:
    if edge.node.primitive in (reductions.max, reductions.min):
        which = "largest" if edge.node.primitive is reductions.max else "smallest"
        yield _note(
            "gate",
            f"Only the {which} entry decides the result, a small change of any other changes nothing: it alone gets "
            "the gradient, and where several tie they share it evenly.",
        )
        return
    for t in inner:
        if t.dtype.kind == "b" and t.primitive is not logic.equal and t.shape == edge.x.shape:  # equality is a guard
            holds = np.broadcast_to(as_numpy(t.data), edge.x.shape)
            passed, count = np.count_nonzero(holds), f"{t.size} entries" if t.size != 1 else "1 entry"
            if np.any(as_numpy(edge.part.data)[~holds]):
                yield _note(
                    *("gate", "The slope depends on whether ", expression(t, named.leaf)),
                    f", which holds at {passed} of {count}.",
                )
            else:
                yield _note(
                    *("gate", "The gradient passes where ", expression(t, named.leaf), f", at {passed} of {count}"),
                    ", and is stopped elsewhere." if t.size > 1 else ".",
                )
            return


def _about_transpose(edge: Edge, inner: tuple[Tensor, ...], named: Named) -> Iterator[Note]:
    x = named.called(edge.x)
    if edge.x.ndim == 1 and edge.node.primitive is products.matmul:
        yield from _about_transpose_for_vectors(edge, named)
        return
    for t in inner:
        if t.primitive is not products.matmul or any(type(i) is not Tensor or i.ndim != 2 for i in t.inputs):
            continue
        shapes_of = " · ".join(_shape(i) for i in t.inputs)
        for place, factor in enumerate(t.inputs):
            if factor.primitive is not shapes.transpose or all(factor.inputs[0] is not i for i in edge.node.inputs):
                continue
            other = named.called(factor.inputs[0])
            if x is None or other is None:
                return
            rows = factor.shape[1]
            why: tuple[Any, ...]
            if place == 1:
                why = (
                    " acts on a whole row of the result, by a row of ",
                    other,
                    "; the transpose brings these together",
                )
            elif rows == 1:
                why = (" meets one entry of ", other, " on the way, which the transpose lays along its rows")
            else:
                why = (" meets every row of ", other, f" on the way; the transpose lines up these {rows} to be added")
            yield _note(
                "transpose",
                *(
                    "Why a transpose: each entry of ",
                    x,
                    *why,
                    f": {shapes_of} gives {_shape(t)}, the shape of ",
                    x,
                    ".",
                ),
            )
            return


def _about_transpose_for_vectors(edge: Edge, named: Named) -> Iterator[Note]:
    """W x and x W of a vector x: the gradient is written Wᵀ g and g Wᵀ."""
    first, last = edge.node.inputs
    from_left = last is edge.x
    x, other, matrix = named.called(edge.x), named.called(first if from_left else last), first if from_left else last
    if x is not None and other is not None and matrix.ndim == 2:
        line = "column" if from_left else "row"
        yield _note(
            "transpose",
            *("Why a transpose: each entry of ", x, f" acts on every entry of the result, by a {line} of ", other),
            f"; so its gradient is that {line} times the gradients there, added up: {matrix.shape[from_left]} entries "
            f"from {matrix.shape[not from_left]}.",
        )


def _about_outer(edge: Edge, inner: tuple[Tensor, ...], named: Named) -> Iterator[Note]:
    if not any(t.primitive is products.outer for t in inner):
        return
    x, others = named.called(edge.x), [i for i in edge.node.inputs if i is not edge.x]
    other = named.called(others[0]) if len(others) == 1 else None
    if x is not None and other is not None:
        yield _note(
            "outer",
            *("Why ⊗: one entry of ", x, " carries one entry of ", other, " to one entry of the result, and so gets "),
            "the product of that entry and of the gradient there: every entry of the one by every entry of the other.",
        )


def _about_broadcast(edge: Edge, inner: tuple[Tensor, ...], named: Named) -> Iterator[Note]:
    """The sums that the engine put last, to fit the gradient to the shape that was repeated."""
    x, part = edge.x, edge.part
    while part.primitive in (shapes.astype, shapes.reshape):
        part = part.inputs[0]
    wide = part
    while wide.primitive is reductions.sum:
        wide = wide.inputs[0]
    if wide is part or wide.size <= x.size:
        return
    padded = (1,) * (wide.ndim - x.ndim) + x.shape
    if len(padded) != wide.ndim or any(n not in (1, m) for n, m in zip(padded, wide.shape, strict=True)):
        return
    axes = [axis for axis, (n, m) in enumerate(zip(padded, wide.shape, strict=True)) if n != m]
    name = named.called(x) or expression(x, named.leaf)
    count = wide.size // max(x.size, 1)
    which = ("axis " if len(axes) == 1 else "axes ") + " and ".join(map(str, axes))
    along = "the only axis" if wide.ndim == 1 else which
    yield _note(
        "broadcast",
        *("Why a sum: broadcasting repeated ", name, f" {count} times along "),
        f"{along}; each copy gets a gradient, and they are added up.",
    )


def _about_spread(edge: Edge, inner: tuple[Tensor, ...], named: Named) -> Iterator[Note]:
    if edge.node.primitive is reductions.sum and edge.node.size < edge.x.size:
        yield _note("spread", "Every entry enters the sum with the factor 1, so each gets the gradient of the sum.")


def _about_ones(inner: tuple[Tensor, ...], formula: Expression, named: Named) -> Iterator[Note]:
    """On a sum that the formula leaves out as a factor."""
    for t in inner:
        if t.primitive is reductions.sum and t.size and (as_numpy(t.data) == as_numpy(t.data).flat[0]).all():
            tree = expression(t, named.backward_leaf, merging=True, factoring=True)
            for ones in filter(is_one, parts(tree)):
                if ones not in parts(formula):
                    which = " is 1" if t.size == 1 else " is 1 in every entry"
                    yield _note("ones", ones, f"{which}, and so is not written as a factor.")


def _recorded(edge: Edge, named: Named) -> Iterator[Tensor]:
    """What the rule recorded between the gradient that arrived and the one it made, last operation first."""
    stack: list[Any] = [edge.part]
    seen, given = {edge.g, edge.node}, named.uses(edge.node)
    while stack:
        t = stack.pop()
        if type(t) is Tensor and t not in seen and t not in given and t.primitive is not None:
            seen.add(t)
            yield t
            stack.extend(reversed(t.inputs))


def _shape(t: Any) -> str:
    return f"({' × '.join(map(str, t.shape))})"
