"""What stands on a backward arrow: the local derivative, as formula and as number, or the product it is part of."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..derivation import writing
from ..derivation.display import displayed
from ..derivation.names import Name
from ..derivation.numbers import number_latex, number_text
from ..derivation.records import Contribution
from ..derivation.simplify import simplified
from ..derivation.trees import Apply, Expression, Number, Symbol
from ..primitives import arithmetic, elementwise
from .scene import Row

_LONGEST = 60
"""So many characters a line on an arrow has at most."""


def label_rows(part: Contribution, arriving: Name, *, at_root: bool) -> tuple[Row, ...]:
    """The local derivative, as formula and as number, where the gradient is multiplied by it entry by entry; else the
    product of the two, as backpropagation takes it. What is too long for an arrow is left to the box it leads to."""
    rows = _label_rows(part, arriving, at_root)
    short = tuple(row for row in rows if len(row.text) <= _LONGEST)
    if short and short[0] is not rows[0]:  # what it is equal to was left out
        first, *rest = short
        short = Row("", first.latex.removeprefix("= "), first.text.removeprefix("= ")), *rest
    return short or (Row("", r"\cdots", "…"),)


def _label_rows(part: Contribution, arriving: Name, at_root: bool) -> tuple[Row, ...]:
    tree, rule = displayed(part.formula), displayed(part.rule)
    factor, short = (tree, rule) if at_root else (_factor(tree, arriving), _factor(rule, arriving))
    if factor is None:
        return (Row("", writing.latex(part.formula), writing.text(part.formula)),)
    latex, text = writing.latex(factor), writing.text(factor)
    symbolic = short is not None and short != factor
    value = None if isinstance(factor, Number) else evaluated(factor)
    number = () if value is None or np.ndim(value) else (f"= {number_latex(value)}", f"= {number_text(value)}")
    if symbolic:  # in lines: what stands on an arrow is to be narrow
        assert short is not None
        rows = Row("", writing.latex(short), writing.text(short)), Row("", f"= {latex}", f"= {text}")
        return (*rows, Row("", *number)) if number else rows
    return (Row("", " ".join((latex, *number[:1])), " ".join((text, *number[1:]))),)


def derivative_rows(formula: Expression, number: float) -> tuple[Row, ...]:
    """A local derivative between scalars: as formula, if a short one says it, and as number."""
    latex, text = number_latex(number), number_text(number, 4)
    said = "" if isinstance(formula, Number) else writing.text(formula)
    if not said or len(said) > _LONGEST:
        return (Row("", latex, text),)
    return Row("", writing.latex(formula), said), Row("", f"= {latex}", f"= {text}")


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


def evaluated(tree: Expression) -> Any:
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
