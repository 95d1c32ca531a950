"""From a derivation to the scene of its picture: a box for each named value, an arrow for each use."""

from __future__ import annotations

from ..derivation import writing
from ..derivation.numbers import array_latex, array_text, is_condition
from ..derivation.steps import Derived, Step, Value
from .scene import Arrow, Box, Row, Scene


def scene(derivation: Derived) -> Scene:
    """The picture of a graph: each value's formula and value, and its gradient's formula and value."""
    steps = {step.value.symbol.name.identifier: step for step in derivation.steps}
    keys = {value.symbol.name.identifier: f"v{i}" for i, value in enumerate(derivation.values)}
    boxes = tuple(
        _box(keys[v.symbol.name.identifier], v, steps.get(v.symbol.name.identifier)) for v in derivation.values
    )
    arrows = tuple(
        Arrow(keys[x.identifier], keys[value.symbol.name.identifier], f"{x.text} is used in {value.symbol.name.text}")
        for value in derivation.values
        for x in value.inputs
    )
    name = derivation.root.symbol.name.text
    parameters = [v.symbol.name.text for v in derivation.values if v.role == "parameter"]
    return Scene(
        f"How {name} is computed, and its gradients",
        f"A graph of {len(boxes)} values that ends in {name}. Gradients are shown with respect to "
        + (", ".join(parameters) or "no parameter")
        + " and all that lies between.",
        boxes,
        arrows,
    )


def _box(key: str, value: Value, step: Step | None) -> Box:
    name, data = value.symbol.name, value.symbol.value
    heading = Row("", name.latex, name.text)
    if value.formula is not None:
        truth = is_condition(data)
        latex, text = writing.latex(value.formula, truth), writing.text(value.formula, truth)
        heading = Row("", f"{name.latex} = {latex}", f"{name.text} = {text}")
    rows = [Row("value", array_latex(data), array_text(data))]
    if step is None:
        rows.append(Row("gradient", r"\text{—}", "—"))
    else:
        latex, text = f"{step.gradient.name.latex} = ", f"{step.gradient.name.text} = "
        rows.append(Row("gradient", latex + writing.latex(step.formula), text + writing.text(step.formula)))
        if array_text(step.gradient.value) != writing.text(step.formula):
            rows.append(Row("", array_latex(step.gradient.value), array_text(step.gradient.value)))
    shape = " × ".join(map(str, value.symbol.shape)) or "scalar"
    return Box(key, value.role, heading, tuple(rows), f"{name.text}: {value.role}, {shape}")
