"""An expression tree written down, by the notation of its primitives: as Unicode text, as LaTeX, as NumPy source."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ..primitives.arithmetic import add, multiply
from ..primitives.elementwise import where
from ..primitives.notation import ATOM, LOOSE, MATRIX, PRODUCT, SUM, Form, Notation, function, printable
from ..primitives.primitive import Primitive
from ..primitives.reductions import masked_sum
from .display import displayed
from .expression import traced
from .numbers import literal_digits, number_latex, number_text
from .trees import Apply, Expression, Number, Symbol

Written = tuple[str, int]
"""What is written, and how tightly it binds."""


class NoSourceError(Exception):
    """A primitive that NumPy has no name for and whose forward function cannot be looked into."""


def text(tree: Expression, condition: bool = False) -> str:
    """The tree in Unicode: `a₁ᵀ ∂L/∂z₂`. `condition`: its value is true or false, and not the number 1 or 0."""
    return write(displayed(tree), "text", lambda symbol: written_name(symbol, "text"), condition)[0]


def latex(tree: Expression, condition: bool = False) -> str:
    r"""The tree in LaTeX: `a_{1}^{\top}\,\frac{\partial L}{\partial z_{2}}`."""
    return write(displayed(tree), "latex", lambda symbol: written_name(symbol, "latex"), condition)[0]


def written_name(symbol: Symbol, style: str) -> Written:
    """A value's name. ∂L/∂z is a quotient to look at: it takes brackets under an exponent."""
    return symbol.name.latex if style == "latex" else symbol.name.text, MATRIX + 1 if symbol.name.compound else ATOM


def source(tree: Expression, condition: bool = False) -> str:
    """The tree as a NumPy expression over the names' identifiers. NoSourceError where there is none.

    It is what the primitives' forward functions compute; its value is that of the tree.
    """
    return write(tree, "source", lambda symbol: (symbol.name.identifier, ATOM), condition)[0]


def inline(written: str) -> Written:
    """A number or an array, and how tightly it binds."""
    if written.startswith(("[", "(", r"{\begin")):  # a matrix has brackets of its own
        return written, ATOM
    return written, SUM if written.startswith(("−", "-", "{-")) else PRODUCT if "e" in written else ATOM


def write(tree: Expression, style: str, name: Callable[[Symbol], Written], condition: bool = False) -> Written:
    """The tree in a style ("text", "latex" or "source"); `name` says how a named value is written.

    `condition` says that truth is wanted here; anywhere else a comparison stands for 1 where it holds, and 0 elsewhere.
    """
    if isinstance(tree, Number):
        return _number(tree, style)
    if tree.kind == "b" and not condition and (isinstance(tree, Apply) or style == "source"):
        inside = write(tree, style, name, condition=True)[0]
        return _INDICATORS[style].replace("CONDITION", inside), ATOM
    if isinstance(tree, Symbol):
        return name(tree)
    notation = notation_of(tree)
    truths = conditions(tree, style)
    if style == "source":
        if tree.means is not None:
            return write(tree.means, style, name, condition)
        form = notation.source if notation else None
        if form is None:
            return _source_by_name(tree, name, truths)
    else:
        form = getattr(notation, style)
    written = [write(x, style, name, truth) for x, truth in zip(tree.operands, truths, strict=True)]
    operands = []
    for i, (string, precedence) in enumerate(written):
        if brackets(tree, i, form, (string, precedence)):
            string = rf"\left({string}\right)" if style == "latex" else f"({string})"
        if style == "latex" and form.template.startswith(r"\frac"):  # ∂L/∂y within a fraction is as large as outside
            string = string.replace(r"\frac{\partial", r"\dfrac{\partial")
        operands.append(string)
    if style == "latex" and form.template.startswith(("{0}^", "{0}_")):
        script = form.template[3]
        if script in operands[0] or (script == "^" and "'" in operands[0]):  # TeX takes no second one
            operands[0] = f"{{{operands[0]}}}"
    template = form.template
    if style == "latex" and tree.primitive is multiply and _STARTS_WITH_A_NUMBER.match(operands[1]):
        template = template.replace(r"\,", r"\cdot")  # 2 · 3, and not 2 3
    values = {"all": ", ".join(string for string, _ in written)}
    return template.replace("{...}", "{all}").format(*operands, **values), form.precedence


def brackets(tree: Apply, i: int, form: Form, written: Written) -> bool:
    """Whether an operand takes brackets, as it is written."""
    string, precedence = written
    least = form.operands[i] if i < len(form.operands) else LOOSE
    return precedence < least or bool(i and tree.primitive is add and string.startswith(("−", "-", "{-")))


_STARTS_WITH_A_NUMBER = re.compile(r"\{*(\\frac\{+)?\d")


def conditions(tree: Apply, style: str) -> list[bool]:
    """Which operands are asked for truth."""
    if tree.primitive is masked_sum:
        return [False, True]
    if tree.primitive is where:
        return [True, tree.kind == "b", tree.kind == "b"]
    if style == "source" and tree.primitive is multiply and tree.kind != "b":
        return [False, True]  # NumPy multiplies by a condition as by 1 and 0, but has no −c for one in front
    return [tree.kind == "b"] * len(tree.operands)


_INDICATORS = {
    "text": "1[CONDITION]",
    "latex": r"\mathbf{1}\left[CONDITION\right]",
    "source": "np.where(CONDITION, 1.0, 0.0)",
}


def notation_of(tree: Apply) -> Notation:
    """The notation of a primitive, or its name."""
    notation = tree.primitive.notation
    chosen = notation(tree.operands, tree.options) if callable(notation) else notation
    return chosen or function(printable(tree.primitive.__name__))


def _number(number: Number, style: str) -> Written:
    value, over = number.number, number.over
    if over != 1 and value != int(value) and style != "source":
        value, over = value / over, 1  # 0.8/2 is 0.4, but 2/6 is as it is read
    if style == "source":
        written = _literal(value)
        return (written, SUM if np.real(value) < 0 else ATOM) if over == 1 else (f"{written} / {over}", PRODUCT)
    write_number = number_latex if style == "latex" else number_text
    written = write_number(value, literal_digits(value))
    if over == 1:
        return written, SUM if np.real(value) < 0 else PRODUCT if "e" in written or "times" in written else ATOM
    if style == "latex":
        sign = "-" if value < 0 else ""
        return rf"{sign}\frac{{{written.removeprefix('-')}}}{{{number_latex(over, literal_digits(over))}}}", PRODUCT
    return f"{written}/{number_text(over, literal_digits(over))}", PRODUCT


def _source_by_name(tree: Apply, name: Callable[[Symbol], Written], conditions: list[bool]) -> Written:
    primitive: Primitive = tree.primitive
    function = primitive.numpy_function
    if function is None:
        inside = traced(tree)
        if inside is None:
            raise NoSourceError(primitive.__name__)
        return write(inside, "source", name, tree.kind == "b")
    operands = [write(x, "source", name, truth)[0] for x, truth in zip(tree.operands, conditions, strict=True)]
    if primitive.joint:
        operands = [f"[{', '.join(operands)}]"]
    options = [f"{key}={_literal(value)}" for key, value in tree.options.items()]
    module = "np.linalg" if getattr(function, "__module__", None) == "numpy.linalg" else "np"
    return f"{module}.{function.__name__}({', '.join(operands + options)})", ATOM


def _literal(value: Any) -> str:
    if isinstance(value, type) and issubclass(value, np.generic):
        return f"np.{value.__name__}"
    if isinstance(value, np.dtype):
        return f"np.dtype({value.str!r})"
    if isinstance(value, (float, complex)):
        return re.sub(r"inf|nan", r"np.\g<0>", repr(value))
    if isinstance(value, (int, str, bool, type(None))):
        return repr(value)
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(_literal, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner},)" if len(value) == 1 else f"({inner})"
    raise NoSourceError(f"an option of type {type(value).__name__}")
