"""How a primitive is written down: a form each for text, LaTeX and NumPy source. Only data; derivation/ writes.

A form is a template with `{0}`, `{1}`, … for the operands and `{axis}` and the like for the options. It states how
tightly it binds and how tightly each operand must bind to go without brackets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LOOSE, COMPARISON, SUM, PRODUCT, MATRIX, POWER, ATOM = 0, 5, 10, 20, 25, 40, 50


__all__ = [
    "AS_IT_IS",
    "ATOM",
    "COMPARISON",
    "LOOSE",
    "MATRIX",
    "POWER",
    "PRODUCT",
    "SUM",
    "Chosen",
    "Form",
    "Notation",
    "function",
    "infix",
    "literal",
    "named",
    "operator_name",
]


def __dir__() -> list[str]:
    return __all__


@dataclass(frozen=True, slots=True)
class Form:
    """A template, its precedence, and the least precedence of each operand that needs no brackets.

    >>> Form("{0}²", POWER, (ATOM,))
    Form(template='{0}²', precedence=40, operands=(50,))
    """

    template: str
    precedence: int = ATOM
    operands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Notation:
    """The forms of one primitive. `source` None means: NumPy's own name, or what the forward function computes.

    >>> Notation(Form("{0}²", POWER, (ATOM,)), Form("{0}^{{2}}", POWER, (ATOM,))).latex.template
    '{0}^{{2}}'
    """

    text: Form
    latex: Form
    source: Form | None = None


AS_IT_IS = Notation(Form("{0}", LOOSE, (LOOSE,)), Form("{0}", LOOSE, (LOOSE,)))
"""For what a formula does not show: reshapes, broadcasts. The operand is written alone."""

Chosen = Callable[[tuple[Any, ...], dict[str, Any]], Notation]
"""A notation that depends on the operands (expressions with a `shape`) and the options."""


def function(text: str, latex: str | None = None) -> Notation:
    """`name(operands)`; the writer puts all operands, comma-separated, in place of `{...}`.

    >>> function("tanh").text.template
    'tanh({...})'
    """
    return Notation(
        Form(literal(text) + "({...})"),
        Form(literal(operator_name(text) if latex is None else latex) + r"\left({...}\right)"),
    )


def literal(part: str) -> str:
    """A part of a template that holds no operand: its braces are meant.

    >>> literal(r"\\sqrt{2}")
    '\\\\sqrt{{2}}'
    """
    return part.replace("{", "{{").replace("}", "}}")


def operator_name(name: str) -> str:
    """An upright name in LaTeX, its special characters made harmless.

    >>> print(operator_name("log_softmax"))
    \\operatorname{log\\_softmax}
    """
    return (
        r"\operatorname{" + "".join(c if c.isalnum() and c.isascii() else r"\_" if c == "_" else "" for c in name) + "}"
    )


def infix(text: str, latex: str, source: str, precedence: int, right: int | None = None) -> Notation:
    """`a ∘ b`; `right` is what the right operand must bind at least, one more than the left where order matters.

    >>> infix("⊙", r"\\odot", "*", PRODUCT).text.template
    '{0} ⊙ {1}'
    """
    operands = (precedence, precedence if right is None else right)
    return Notation(
        Form(f"{{0}} {text} {{1}}", precedence, operands),
        Form(f"{{0}} {latex} {{1}}", precedence, operands),
        Form(f"{{0}} {source} {{1}}", precedence, (precedence, precedence + 1)),
    )


def printable(name: str) -> str:
    """A primitive's name without control characters: it may come from a user."""
    return "".join(c for c in name if c.isprintable()) or "f"


def named(name: str, show: Callable[[dict[str, Any], tuple[Any, ...]], str], operands: int | None = 1) -> Chosen:
    """`name[what](x)`, what being an option that says more than the name. `operands` None: as many as there are.

    >>> shown = named("sum", lambda options, operands: f"axis {options['axis']}")
    >>> shown((), {"axis": 0}).text.template
    'sum[axis 0]({0})'
    """

    def notation(given: tuple[Any, ...], options: dict[str, Any]) -> Notation:
        what = show(options, given)
        inside = f"[{what}]" if what else ""
        below = rf"_{{\text{{{what}}}}}" if what else ""
        inner = "{0}" if operands == 1 else "{...}"
        return Notation(
            Form(literal(name + inside) + f"({inner})"),
            Form(literal(operator_name(name) + below) + rf"\left({inner}\right)"),
        )

    return notation


def axis_shown(options: dict[str, Any], operands: tuple[Any, ...]) -> str:
    """The axis or axes of a reduction; nothing where it is over all."""
    axis = options.get("axis")
    return "" if axis is None else "axis " + ", ".join(map(str, axis if isinstance(axis, tuple) else (axis,)))


def line_shown(options: dict[str, Any], operands: tuple[Any, ...]) -> str:
    """The axis along which something is ordered, by default the last; nothing where there is only one."""
    axis, ndim = options.get("axis", -1), len(operands[0].shape)
    return "" if axis is None or ndim < 2 else f"axis {axis % ndim}"
