"""Local derivatives: the factor that a recorded rule multiplies the arriving gradient by, as a symbol such as σ′(z).

Whether there is one is read off what the rule recorded, and how it is written off the primitive's own notation.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from ..primitives import arithmetic, elementwise
from ..primitives.notation import Form, Notation, function, literal, operator_name, printable
from ..primitives.primitive import Primitive
from ..tensor import Tensor
from .expression import Leaf, expression
from .records import Local
from .simplify import has_simpler_name, merged, simplified
from .trees import Apply, Expression, Number

_TEXT_CALL = re.compile(r"([^({]+)(\(\{(?:0|\.\.\.)\}\))")
_LATEX_CALL = re.compile(r"((?:[^({]|\{\{)+?)(\\left\(\{(?:0|\.\.\.)\}\\right\))")
_primed: dict[Primitive, Primitive] = {}


class Locals:
    """The local derivatives met in one derivation, by the Tensors that are arriving gradients times one of them."""

    def __init__(self, leaf: Leaf) -> None:
        self._leaf = leaf
        self._factored: dict[int, tuple[Tensor, Tensor, Local]] = {}

    def notice(self, node: Tensor, g: Tensor, part: Any) -> None:
        """Look at `part`, which the rule of `node` made of the gradient `g`: is it g times a local derivative?"""
        primitive = node.primitive
        if primitive.arity != 1 or primitive.joint is not None or type(part) is not Tensor or part is g:
            return
        (x,) = node.inputs
        if part.shape != node.shape:
            return
        if type(x) is not Tensor or x.shape != node.shape or not _is_factor(g, part, {node, x}):
            return
        operand = expression(x, self._leaf)
        symbol = _symbol(node, operand)
        if symbol is None:
            return
        written = expression(part, lambda t: Number(1) if t is g else self._leaf(t), merging=True, factoring=True)
        with np.errstate(all="ignore"):
            ones = np.ones_like(node.data)[()]
            value = primitive.rules[0](ones, node.data, x.data, **(node.options or {}))
        self._factored[id(part)] = (part, g, Local(replace(symbol, means=written), written, value, x.data))

    def rule(self, part: Any) -> tuple[Expression, tuple[Local, ...]]:
        """The tree of a gradient with local derivatives as symbols, and which these are."""
        found: dict[int, Local] = {}

        def leaf(x: Any) -> Expression | None:
            if id(x) not in self._factored:
                return self._leaf(x)
            _, g, local = self._factored[id(x)]
            found[id(x)] = local
            arriving = expression(g, leaf, merging=True, factoring=True)
            return merged(simplified(Apply(arithmetic.multiply, (arriving, local.symbol), {}, x.shape, x.dtype.kind)))

        return expression(part, leaf, merging=True, factoring=True), tuple(found.values())


def _is_factor(g: Tensor, part: Any, known: set[Tensor]) -> bool:
    """Whether `part` is g multiplied or divided by what does not depend on g, but for its sign."""
    at = part
    while at is not g:
        if type(at) is not Tensor or at in known:
            return False
        if at.primitive is elementwise.negative:
            at = at.inputs[0]
        elif at.primitive in (arithmetic.multiply, arithmetic.divide):
            left, right = at.inputs
            if _depends(right, g, known):
                left, right = right, left
                if at.primitive is arithmetic.divide or _depends(right, g, known):
                    return False
            at = left
        else:
            return False
    return True


def _depends(x: Any, g: Tensor, known: set[Tensor]) -> bool:
    stack, seen = [x], set(known)
    while stack:
        at = stack.pop()
        if at is g:
            return True
        if type(at) is Tensor and at not in seen:
            seen.add(at)
            stack.extend(at.inputs)
    return False


def _symbol(node: Tensor, operand: Expression) -> Apply | None:
    """f′(operand) for what computed `node`; None where that is an operator or a sign, as √x or x², or where f(operand)
    has another name, as exp(log_softmax(x)): such derivatives are clearer written out."""
    f, options = node.primitive, node.options or {}
    if _notation(f, (operand,), options) is None or has_simpler_name(f, operand):
        return None
    if f not in _primed:

        def notation(operands: tuple[Expression, ...], options: dict[str, Any]) -> Notation | None:
            return _notation(f, operands, options)

        _primed[f] = Primitive(f"{f.__name__}′", f.forward, (None,), None, notation, None, "", None)
    return Apply(_primed[f], (operand,), options, node.shape, node.dtype.kind)


def _notation(f: Primitive, operands: tuple[Expression, ...], options: dict[str, Any]) -> Notation | None:
    own = f.notation(operands, options) if callable(f.notation) else f.notation
    own = own or function(printable(f.__name__))
    text = _TEXT_CALL.fullmatch(own.text.template)
    if text is None:
        return None
    latex = _LATEX_CALL.fullmatch(own.latex.template)
    head = latex[1] if latex else literal(operator_name(text[1]))
    return Notation(Form(f"{text[1]}′{text[2]}"), Form(rf"{head}'\left({{...}}\right)"))
