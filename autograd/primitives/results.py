"""Operations with several results, such as np.linalg.eigh: one node holds them all, `part` takes each out."""

from __future__ import annotations

from typing import Any
from weakref import ref

from ..anomalies import watched
from ..modes import EVERYTHING, Watched, recording
from ..several import Arriving, Several
from ..tensor import Tensor, bare, recorded
from .notation import ATOM, Form, Notation, literal
from .primitive import Primitive, Rule


class SeveralResults(Primitive):
    """A primitive whose forward function returns a tuple of arrays. Called on Tensors, it returns a tuple of them."""

    def __init__(self, name: str, forward: Any, rules: Any, *further: Any):
        super().__init__(
            name,
            lambda *inputs, **options: Several(forward(*inputs, **options)),
            tuple(None if rule is None else severally(*rule) for rule in rules),
            *further,
        )
        given = [rule for rule in rules if rule is not None]
        self._carrying = [any(one) for one in zip(*given, strict=True)]

    def carries(self, index: int) -> bool:
        """Whether a gradient flows from a result to some input."""
        return self._carrying[index]

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        results = super().__call__(*inputs, **options)
        if type(results) is Tensor:
            return results._value.returned(parts(results))
        tensors = any(type(x) is Tensor for x in (*inputs, *options.values()))
        return results.returned([Tensor(part) for part in results] if tensors else results.parts)

    def result(self, data: Any, needs: bool, inputs: tuple[Any, ...], options: dict[str, Any] | None) -> Any:
        mode = recording.get()
        if type(mode) is Watched:
            return watched(self, data, needs, inputs, options)
        if not (needs and mode) and mode != EVERYTHING:
            return data
        return recorded(data, bool(needs and mode), self, inputs, options)


def severally(*rules: Rule | None) -> Rule:
    """The rule for one input, from one rule for each result, in which `g` is what arrives at that result, and `y` the
    tuple of all results. What they give adds up."""

    def rule(g: Arriving, y: Any, *inputs: Any, **options: Any) -> Any:
        results = parts(y)
        handed = [
            one(g.get(i), results, *inputs, **options)
            for i, one in enumerate(rules)
            if one is not None and g.get(i) is not None
        ]
        if not handed:  # this input has to do with other results only
            return 0.0
        total = handed[0]
        for more in handed[1:]:
            total = total + more
        return total

    return rule


def parts(results: Any) -> tuple[Any, ...]:
    """The results one by one. Those of a node are the Tensors that its user holds: they may bear names."""
    if type(results) is not Tensor:
        return results.parts
    if results.primitive is None:  # a constant that stands for a node
        return tuple(bare(part) for part in results._value)
    several, found = results._value, []
    for i, value in enumerate(several):
        node = several.nodes[i]() if i in several.nodes else None
        if node is None:
            node = part(results, index=i) if results.primitive.carries(i) else bare(value)
            several.nodes[i] = ref(node)
        found.append(node)
    return tuple(found)


def _gradients(g: Any, y: Any, results: Any, index: int) -> Arriving:
    return Arriving(results._value if type(results) is Tensor else results, index, g)


def _taken_out(operands: tuple[Any, ...], options: dict[str, Any]) -> Notation:
    form = Form("{0}" + f"[{options['index']}]", ATOM, (ATOM,))
    return Notation(form, Form("{0}" + literal(f"_{{[{options['index']}]}}"), ATOM, (ATOM,)), form)


part = Primitive("part", lambda results, index: results.parts[index], (_gradients,), None, _taken_out, None, "", None)
"""No row: it is tested with the operations whose results it takes out."""
part.__module__ = __name__  # where pickle finds it
