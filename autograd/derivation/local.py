"""Local derivatives: the factor that a recorded rule multiplies the arriving gradient by, as a symbol such as σ′(z).

Whether there is one is read off what the rule recorded, and how it is written off the primitive's own notation.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from ..primitives import arithmetic, elementwise
from ..primitives.notation import Form, Notation, function, literal, operator_name, printable
from ..primitives.primitive import Primitive
from ..tensor import Tensor
from .expression import Leaf, expression
from .names import Name
from .records import Contribution, Local
from .simplify import has_simpler_name, merged, simplified
from .trees import Apply, Expression, Number

_TEXT_CALL = re.compile(r"([^({]+)(\(\{(?:0|\.\.\.)\}\))")
_LATEX_CALL = re.compile(r"((?:[^({]|\{\{)+?)(\\left\(\{(?:0|\.\.\.)\}\\right\))")
_primed: dict[Primitive, Primitive] = {}


class Locals:
    """The local derivatives met on the ways back from one value."""

    def __init__(self, leaf: Leaf) -> None:
        self._leaf = leaf
        self._factored: dict[Tensor, tuple[Tensor, Local]] = {}  # what is a gradient times one: that gradient, and it
        self._formulas: dict[Tensor, Expression] = {}
        self._rules: dict[Tensor, tuple[Expression, dict[Tensor, Local]]] = {}

    def notice(self, node: Tensor, g: Tensor, part: Any) -> None:
        """Look at `part`, which the rule of `node` made of the gradient `g`: is it g times a local derivative?"""
        primitive = node.primitive
        if primitive.arity != 1 or primitive.joint is not None or type(part) is not Tensor or part is g:
            return
        (x,) = node.inputs
        if part.shape != node.shape or type(x) is not Tensor or x.shape != node.shape:
            return
        products = _products(g, part, {node, x})
        symbol = _symbol(node, expression(x, self._leaf)) if products else None
        if symbol is None:
            return

        def leaf(t: Any) -> Expression | None:
            return Number(1) if t is g else None if t in products else self._formula(t)

        written = expression(part, leaf, merging=True, factoring=True)
        with np.errstate(all="ignore"):
            ones = np.ones_like(node.data)[()]
            value = primitive.rules[0](ones, node.data, x.data, **(node.options or {}))
        self._factored[part] = (g, Local(replace(symbol, means=written), written, value, x.data))

    def contribution(self, consumer: Name, part: Any) -> Contribution:
        """What a consumer hands back, which its rules recorded as `part`."""
        rule, found = self._rule(part) if self._factored else (self._formula(part), {})
        formula = self._formula(part) if found else rule
        return Contribution(consumer, rule, formula, part.data, tuple(found.values()))

    def _formula(self, part: Any) -> Expression:
        """The tree of a gradient, or of a factor of one, with local derivatives written out."""
        return expression(part, self._leaf, merging=True, factoring=True, known=self._formulas)

    def _rule(self, part: Any) -> tuple[Expression, dict[Tensor, Local]]:
        """The tree of a gradient with local derivatives as symbols, and which these are."""
        found: dict[Tensor, Local] = {}

        def leaf(x: Any) -> Expression | None:
            if type(x) is not Tensor or x not in self._factored:
                return self._leaf(x)
            if x not in self._rules:
                g, local = self._factored[x]
                arriving, others = self._rule(g)
                tree = Apply(arithmetic.multiply, (arriving, local.symbol), {}, x.shape, x.dtype.kind)
                self._rules[x] = (merged(simplified(tree)), {x: local, **others})
            tree, here = self._rules[x]
            found.update(here)
            return tree

        return expression(part, leaf, merging=True, factoring=True), found


def _products(g: Tensor, part: Any, known: set[Tensor]) -> set[Tensor]:
    """The products, quotients and signs by which `part` is g times what does not depend on g; none if it is not."""
    found = set()
    at = part
    while at is not g:
        if type(at) is not Tensor or at in known:
            return set()
        found.add(at)
        if at.primitive is elementwise.negative:
            at = at.inputs[0]
        elif at.primitive in (arithmetic.multiply, arithmetic.divide):
            left, right = at.inputs
            if _depends(right, g, known):
                left, right = right, left
                if at.primitive is arithmetic.divide or _depends(right, g, known):
                    return set()
            at = left
        else:
            return set()
    return found


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
    return _derived(own or function(printable(f.__name__)))


@lru_cache
def _derived(own: Notation) -> Notation | None:
    text = _TEXT_CALL.fullmatch(own.text.template)
    if text is None:
        return None
    latex = _LATEX_CALL.fullmatch(own.latex.template)
    head = latex[1] if latex else literal(operator_name(text[1]))
    return Notation(Form(f"{text[1]}′{text[2]}"), Form(rf"{head}'\left({{...}}\right)"))
