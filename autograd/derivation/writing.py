"""An expression tree written down, by the notation of its primitives: as Unicode text, as LaTeX, as NumPy source."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np

from ..primitives.notation import ATOM, COMPARISON, LOOSE, PRODUCT, SUM, Notation, function
from ..primitives.primitive import Primitive
from .expression import Apply, Expression, Number, Symbol, shown, traced
from .numbers import array_block, array_latex, array_text, number_latex, number_text

Written = tuple[str, int]
"""What is written, and how tightly it binds."""


_FIRST_BLOCK = 0xE000  # of Unicode's private characters, which no name that is written here holds


class NoSourceError(Exception):
    """A primitive that NumPy has no name for and whose forward function cannot be looked into."""


def text(tree: Expression) -> str:
    """The tree in Unicode: `a₁ᵀ ∂L/∂z₂`."""
    return write(tree, "text", lambda symbol: (symbol.name.text, ATOM))[0]


def text_with_numbers(tree: Expression, widest: int = 110) -> list[str]:
    """The tree in Unicode, with the values put in for the names: lines of text, in which matrices stand as matrices.

    Where that is wider than `widest`, it is one line, with the longer arrays summarised.
    """
    blocks: list[list[str]] = []

    def as_block(symbol: Symbol) -> Written:
        if symbol.shape == () or len(blocks) > 999:
            return _negative_in_brackets(array_text(symbol.value))
        blocks.append(array_block(symbol.value))
        return chr(_FIRST_BLOCK + len(blocks) - 1), ATOM

    pieces = re.split(f"([{chr(_FIRST_BLOCK)}-{chr(_FIRST_BLOCK + 999)}])", write(tree, "text", as_block)[0])
    columns = [blocks[ord(piece) - _FIRST_BLOCK] if i % 2 else [piece] for i, piece in enumerate(pieces)]
    widths = [max(map(len, column)) for column in columns]
    if sum(widths) > widest:
        return [_on_one_line(tree, widest)]
    lines = zip_longest(*columns, fillvalue="")
    return ["".join(part.ljust(width) for part, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _on_one_line(tree: Expression, widest: int) -> str:
    line = ""
    for most in (12, 4, 1):
        line = write(
            tree, "text", lambda symbol, most=most: _negative_in_brackets(array_text(symbol.value, most=most))
        )[0]  # type: ignore[misc]
        if len(line) <= widest:
            break
    return line


def latex(tree: Expression) -> str:
    r"""The tree in LaTeX: `a_{1}^{\top}\,\frac{\partial L}{\partial z_{2}}`."""
    return write(tree, "latex", lambda symbol: (symbol.name.latex, ATOM))[0]


def latex_with_numbers(tree: Expression) -> str:
    """The tree in LaTeX, with the values put in for the names."""
    # In braces of its own a matrix takes an exponent everywhere.
    return write(tree, "latex", lambda symbol: _negative_in_brackets(f"{{{array_latex(symbol.value)}}}"))[0]


def source(tree: Expression) -> str:
    """The tree as a NumPy expression over the names' identifiers. NoSourceError where there is none.

    It is what the primitives' forward functions compute; its value is that of the tree.
    """
    return write(tree, "source", lambda symbol: (symbol.name.identifier, ATOM))[0]


def _negative_in_brackets(written: str) -> Written:
    return written, SUM if written.startswith(("−", "-", "{-")) or " array of " in written else ATOM


def write(tree: Expression, style: str, name: Callable[[Symbol], Written]) -> Written:
    """The tree in a style ("text", "latex" or "source"); `name` says how a named value is written."""
    if isinstance(tree, Symbol):
        return name(tree)
    if isinstance(tree, Number):
        return _number(tree, style)
    if style != "source":
        tree = shown(tree)  # type: ignore[assignment]
        if not isinstance(tree, Apply):
            return write(tree, style, name)
    notation = _notation(tree)
    if style == "source":
        form = notation.source if notation else None
        if form is None:
            return _source_by_name(tree, name)
    else:
        form = getattr(notation, style)
    written = [write(operand, style, name) for operand in tree.operands]
    operands = []
    for i, (string, precedence) in enumerate(written):
        least = form.operands[i] if i < len(form.operands) else LOOSE
        operands.append(string if precedence >= least else _bracketed(string, precedence, style))
    values = {"all": ", ".join(string for string, _ in written)}
    return form.template.replace("{...}", "{all}").format(*operands, **values), form.precedence


def _notation(tree: Apply) -> Notation:
    notation = tree.primitive.notation
    if callable(notation):
        return notation(tuple(map(shown, tree.operands)), tree.options)
    return notation or function(printable(tree.primitive.__name__))


def printable(name: str) -> str:
    """A primitive's name without control characters: it may come from a user."""
    return "".join(c for c in name if c.isprintable()) or "f"


def _bracketed(string: str, precedence: int, style: str) -> str:
    if precedence == COMPARISON and style != "source":  # a condition among numbers: 1 where it holds, 0 elsewhere
        return f"1[{string}]" if style == "text" else rf"\mathbf{{1}}\left[{string}\right]"
    return rf"\left({string}\right)" if style == "latex" else f"({string})"


def _number(number: Number, style: str) -> Written:
    value, over = number.number, number.over
    if style == "source":
        written = repr(value) if not isinstance(value, float) or np.isfinite(value) else f"np.{value!r}"
        return (written, SUM if np.real(value) < 0 else ATOM) if over == 1 else (f"{written} / {over}", PRODUCT)
    if over == 1:
        return (number_latex if style == "latex" else number_text)(value), SUM if np.real(value) < 0 else ATOM
    if style == "latex":
        sign = "-" if value < 0 else ""
        return rf"{sign}\frac{{{number_latex(abs(value))}}}{{{number_latex(over)}}}", PRODUCT
    return f"{number_text(value)}/{number_text(over)}", PRODUCT


def _source_by_name(tree: Apply, name: Callable[[Symbol], Written]) -> Written:
    primitive: Primitive = tree.primitive
    function = primitive.numpy_function
    if function is None:
        inside = traced(tree)
        if inside is None:
            raise NoSourceError(primitive.__name__)
        return write(inside, "source", name)
    operands = [write(operand, "source", name)[0] for operand in tree.operands]
    if primitive.joint:
        operands = [f"[{', '.join(operands)}]"]
    options = [f"{key}={_literal(value)}" for key, value in tree.options.items()]
    return f"np.{function.__name__}({', '.join(operands + options)})", ATOM


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
