"""From a derivation to the scene of its picture: a box for each named value, an arrow for each use, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..derivation import writing
from ..derivation.display import displayed
from ..derivation.names import Name
from ..derivation.numbers import array_text, is_condition, number_latex, number_text
from ..derivation.simplify import simplified
from ..derivation.steps import Contribution, Derived, Step, Value
from ..derivation.trees import Apply, Expression, Number, Symbol
from ..primitives import arithmetic, elementwise
from .scene import Arrow, Box, Mark, Row, Scene
from .shown import shape_text, value_row

BACKWARD_UP_TO = 12
"""So many boxes get their backward arrows unasked."""


def scene(derivation: Derived, backward: bool | None = None) -> Scene:
    """The picture of a graph: each value's formula and value, and its gradient's formula and value.

    With `backward`, by default for a small graph, arrows that carry the local derivatives lead back from the result.
    """
    steps = {step.value.symbol.name.identifier: step for step in derivation.steps}
    keys = {value.symbol.name.identifier: f"v{i}" for i, value in enumerate(derivation.values)}
    boxes = tuple(value_box(keys[name], v, steps.get(name)) for name, v in zip(keys, derivation.values, strict=True))
    arrows = [
        Arrow(keys[x.identifier], keys[value.symbol.name.identifier], f"{x.text} is used in {value.symbol.name.text}")
        for value in derivation.values
        for x in value.inputs
    ]
    if backward or (backward is None and len(boxes) <= BACKWARD_UP_TO):
        arrows += [
            backward_arrow(keys[part.consumer.identifier], keys[step.value.symbol.name.identifier], step, part, steps)
            for step in derivation.steps
            for part in step.contributions
        ]
    return Scene(*titles(derivation, len(boxes)), boxes, tuple(arrows))


def titles(derivation: Derived, count: int) -> tuple[str, str]:
    """The title and description of a whole picture."""
    name = derivation.root.symbol.name.text
    parameters = [v.symbol.name.text for v in derivation.values if v.role == "parameter"]
    if len(parameters) > 12:
        parameters = [*parameters[:11], f"{len(parameters) - 11} more parameters"]
    return (
        f"How {name} is computed, and its gradients",
        f"A graph of {count} values that ends in {name}. Gradients are shown with respect to "
        + (", ".join(parameters) or "no parameter")
        + " and all that lies between.",
    )


def value_box(key: str, value: Value, step: Step | None, group: str = "", role: str = "") -> Box:
    """The box of one named value."""
    name, data = value.symbol.name, value.symbol.value
    heading = Row("", name.latex, name.text)
    if value.formula is not None:
        truth = is_condition(data)
        latex, text = writing.latex(value.formula, truth), writing.text(value.formula, truth)
        heading = Row("", f"{name.latex} = {latex}", f"{name.text} = {text}")
    rows = [value_row("value", data)]
    marks: tuple[Mark, ...] = ()
    if step is None:
        rows.append(Row("gradient", r"\text{—}", "—"))
    else:
        rows += _gradient_rows(step)
        marks = tuple(Mark(found.kind, found.text) for found in step.callouts)
    role = role or value.role
    return Box(key, role, heading, tuple(rows), f"{name.text}: {role}, {shape_text(value.symbol.shape)}", group, marks)


def _gradient_rows(step: Step) -> list[Row]:
    latex, text = f"{step.gradient.name.latex} = ", f"{step.gradient.name.text} = "
    caption = "gradient" if len(step.contributions) < 2 else f"gradient, a sum of {len(step.contributions)}"
    formula = Row(caption, latex + writing.latex(step.formula), text + writing.text(step.formula))
    if array_text(step.gradient.value) == writing.text(step.formula):
        return [formula]
    return [formula, value_row("", step.gradient.value)]


def backward_arrow(tail: str, head: str, step: Step, part: Contribution, steps: dict[str, Step]) -> Arrow:
    """The arrow on which a consumer hands the gradient back, with the local derivative on it."""
    arriving = steps[part.consumer.identifier].gradient.name
    said = f"the gradient of {part.consumer.text} comes back to {step.value.symbol.name.text}"
    return Arrow(
        tail,
        head,
        said,
        backward=True,
        rows=tuple(_label_rows(part, arriving, not steps[part.consumer.identifier].contributions)),
    )


def _label_rows(part: Contribution, arriving: Name, at_root: bool) -> list[Row]:
    """The local derivative, as formula and as number, where the gradient is multiplied by it entry by entry; else the
    product of the two, as backpropagation takes it."""
    tree = displayed(part.formula)
    factor = tree if at_root else _factor(tree, arriving)
    if factor is None:
        return [Row("", writing.latex(part.formula), writing.text(part.formula))]
    latex, text = writing.latex(factor), writing.text(factor)
    if len(part.locals) == 1:
        symbol = part.locals[0].symbol
        latex, text = f"{writing.latex(symbol)} = {latex}", f"{writing.text(symbol)} = {text}"
    if isinstance(factor, Number):
        return [Row("", latex, text)]
    value = _evaluated(factor)
    if value is None or np.ndim(value):
        return [Row("", latex, text)]
    if len(part.locals) == 1:  # symbol and formula take a line already
        return [Row("", latex, text), Row("", f"= {number_latex(value)}", f"= {number_text(value)}")]
    return [Row("", f"{latex} = {number_latex(value)}", f"{text} = {number_text(value)}")]


def _factor(tree: Expression, gradient: Name) -> Expression | None:
    """What the gradient is multiplied by entry by entry in `tree`; None where that is not all that happens to it."""
    if isinstance(tree, Symbol) and tree.name == gradient:
        return Number(1)
    if not isinstance(tree, Apply):
        return None
    holding = [i for i, operand in enumerate(tree.operands) if _holds(operand, gradient)]
    known = tree.primitive in (arithmetic.multiply, elementwise.negative) or (
        tree.primitive is arithmetic.divide and holding == [0]
    )
    if not known or len(holding) != 1:
        return None
    inner = _factor(tree.operands[holding[0]], gradient)
    if inner is None:
        return None
    operands = tuple(inner if i == holding[0] else operand for i, operand in enumerate(tree.operands))
    shape = np.broadcast_shapes(*(operand.shape for operand in operands))
    return simplified(Apply(tree.primitive, operands, tree.options, shape))


def _holds(tree: Expression, name: Name) -> bool:
    if isinstance(tree, Symbol):
        return tree.name == name
    return isinstance(tree, Apply) and any(_holds(operand, name) for operand in tree.operands)


def _evaluated(tree: Expression) -> Any:
    """The value of a tree; None where it can't be computed."""
    try:
        with np.errstate(all="ignore"):
            return _value(tree)
    except Exception:  # a forward function of the user's: its label then goes without a number
        return None


def _value(tree: Expression) -> Any:
    if isinstance(tree, Symbol):
        return tree.value
    if isinstance(tree, Number):
        return tree.number / tree.over if tree.over != 1 else tree.number
    operands = [_value(operand) for operand in tree.operands]
    return tree.primitive.forward(*([operands] if tree.primitive.joint else operands), **tree.options)
