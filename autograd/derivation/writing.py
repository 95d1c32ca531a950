"""An expression tree written down, by the notation of its primitives: as Unicode text, as LaTeX, as NumPy source."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np

from ..primitives.arithmetic import add, multiply, subtract
from ..primitives.elementwise import where
from ..primitives.notation import ATOM, LOOSE, MATRIX, PRODUCT, SUM, Notation, function, printable
from ..primitives.primitive import Primitive
from ..primitives.reductions import masked_sum
from .display import displayed
from .expression import traced
from .numbers import array_block, array_latex, array_text, number_latex, number_text
from .trees import Apply, Expression, Number, Symbol

Written = tuple[str, int]
"""What is written, and how tightly it binds."""


_FIRST_BLOCK = 0xE000  # of Unicode's private characters, which no name that is written here holds


class NoSourceError(Exception):
    """A primitive that NumPy has no name for and whose forward function cannot be looked into."""


def text(tree: Expression, condition: bool = False) -> str:
    """The tree in Unicode: `a₁ᵀ ∂L/∂z₂`. `condition`: its value is true or false, and not the number 1 or 0."""
    return write(displayed(tree), "text", lambda symbol: (symbol.name.text, _binding(symbol)), condition)[0]


def text_on_lines(tree: Expression, condition: bool = False, widest: int = 110) -> list[str]:
    """The tree in Unicode; where that is wider than `widest`, the terms of a sum stand one below the other."""
    line = text(tree, condition)
    if len(line) <= widest or not isinstance(tree, Apply) or tree.primitive not in (add, subtract) or tree.kind == "b":
        return [line]
    return _term_below_term(tree, lambda term: text_on_lines(term, False, widest - 2))


def text_with_numbers(tree: Expression, widest: int = 110, condition: bool = False) -> list[str]:
    """The tree in Unicode, with the values put in for the names: lines of text, in which matrices stand as matrices.

    Where that is wider than `widest`, the terms of a sum stand one below the other; what is still wider is one line,
    with the longer arrays summarised.
    """
    return _lines_with_numbers(displayed(tree), widest, condition)


def _lines_with_numbers(tree: Expression, widest: int, condition: bool) -> list[str]:
    blocks: list[list[str]] = []

    def as_block(symbol: Symbol) -> Written:
        if symbol.shape == () or len(blocks) > 999:
            return _inline(array_text(symbol.value))
        blocks.append(array_block(symbol.value))
        return chr(_FIRST_BLOCK + len(blocks) - 1), ATOM

    line = write(tree, "text", as_block, condition)[0]
    pieces = re.split(f"([{chr(_FIRST_BLOCK)}-{chr(_FIRST_BLOCK + 999)}])", line)
    columns = [blocks[ord(piece) - _FIRST_BLOCK] if i % 2 else [piece] for i, piece in enumerate(pieces)]
    widths = [max(map(len, column)) for column in columns]
    if sum(widths) > widest:
        if isinstance(tree, Apply) and tree.primitive in (add, subtract) and tree.kind != "b":
            return _term_below_term(tree, lambda term: _lines_with_numbers(term, widest - 2, False))
        return [_on_one_line(tree, widest, condition)]
    lines = zip_longest(*columns, fillvalue="")
    return ["".join(part.ljust(width) for part, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _term_below_term(tree: Apply, written: Callable[[Expression], list[str]]) -> list[str]:
    first, last = tree.operands
    sign = "+ " if tree.primitive is add else "− "
    below = written(last)
    if tree.primitive is subtract and isinstance(last, Apply) and last.primitive in (add, subtract):
        below = [f"({below[0]}", *below[1:]]
        below[-1] += ")"
    return [*written(first), *((sign if i == 0 else "  ") + line for i, line in enumerate(below))]


def _on_one_line(tree: Expression, widest: int, condition: bool) -> str:
    line = ""
    for most in (12, 4, 1):
        line = write(tree, "text", lambda symbol, most=most: _inline(array_text(symbol.value, most=most)), condition)[0]  # type: ignore[misc]
        if len(line) <= widest:
            break
    return line


def latex(tree: Expression, condition: bool = False) -> str:
    r"""The tree in LaTeX: `a_{1}^{\top}\,\frac{\partial L}{\partial z_{2}}`."""
    return write(displayed(tree), "latex", lambda symbol: (symbol.name.latex, _binding(symbol)), condition)[0]


def latex_with_numbers(tree: Expression, condition: bool = False) -> str:
    """The tree in LaTeX, with the values put in for the names."""
    # In braces of its own a matrix takes an exponent everywhere.
    return write(displayed(tree), "latex", lambda x: _inline(f"{{{array_latex(x.value)}}}"), condition)[0]


def _binding(symbol: Symbol) -> int:
    """∂L/∂z is a quotient to look at: it takes brackets under an exponent."""
    return MATRIX + 1 if symbol.name.compound else ATOM


def source(tree: Expression, condition: bool = False) -> str:
    """The tree as a NumPy expression over the names' identifiers. NoSourceError where there is none.

    It is what the primitives' forward functions compute; its value is that of the tree.
    """
    return write(tree, "source", lambda symbol: (symbol.name.identifier, ATOM), condition)[0]


def _inline(written: str) -> Written:
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
    notation = _notation(tree)
    conditions = _takes_conditions(tree, style)
    if style == "source":
        if tree.means is not None:
            return write(tree.means, style, name, condition)
        form = notation.source if notation else None
        if form is None:
            return _source_by_name(tree, name, conditions)
    else:
        form = getattr(notation, style)
    written = [write(x, style, name, truth) for x, truth in zip(tree.operands, conditions, strict=True)]
    operands = []
    for i, (string, precedence) in enumerate(written):
        least = form.operands[i] if i < len(form.operands) else LOOSE
        if precedence < least or (i and tree.primitive is add and string.startswith(("−", "-", "{-"))):
            string = rf"\left({string}\right)" if style == "latex" else f"({string})"
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


_STARTS_WITH_A_NUMBER = re.compile(r"\{*(\\frac\{+)?\d")


def _takes_conditions(tree: Apply, style: str) -> list[bool]:
    """Which operands are asked for truth."""
    if tree.primitive is masked_sum:
        return [False, True]
    if tree.primitive is where:
        return [True, tree.kind == "b", tree.kind == "b"]
    if style == "source" and tree.primitive is multiply and tree.kind != "b":
        return [True, True]  # NumPy multiplies by a condition as by 1 and 0
    return [tree.kind == "b"] * len(tree.operands)


_INDICATORS = {
    "text": "1[CONDITION]",
    "latex": r"\mathbf{1}\left[CONDITION\right]",
    "source": "np.where(CONDITION, 1.0, 0.0)",
}


def _notation(tree: Apply) -> Notation:
    notation = tree.primitive.notation
    chosen = notation(tree.operands, tree.options) if callable(notation) else notation
    return chosen or function(printable(tree.primitive.__name__))


def _number(number: Number, style: str) -> Written:
    value, over = number.number, number.over
    if style == "source":
        written = repr(value) if not isinstance(value, float) or np.isfinite(value) else f"np.{value!r}"
        return (written, SUM if np.real(value) < 0 else ATOM) if over == 1 else (f"{written} / {over}", PRODUCT)
    if over == 1:
        written = (number_latex if style == "latex" else number_text)(value)
        return written, SUM if np.real(value) < 0 else PRODUCT if "e" in written or "times" in written else ATOM
    if style == "latex":
        sign = "-" if value < 0 else ""
        return rf"{sign}\frac{{{number_latex(abs(value))}}}{{{number_latex(over)}}}", PRODUCT
    return f"{number_text(value)}/{number_text(over)}", PRODUCT


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
    if isinstance(value, (int, float, str, bool, type(None))):
        return repr(value)
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(_literal, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner},)" if len(value) == 1 else f"({inner})"
    raise NoSourceError(f"an option of type {type(value).__name__}")
