"""A derivation as a document: plain text for a terminal, LaTeX that compiles as it stands."""

from __future__ import annotations

from . import writing
from .numbers import array_block, array_latex, is_condition
from .steps import Derived, Step, Value
from .trees import Expression


def as_text(derivation: Derived) -> str:
    """The whole derivation in Unicode text: rule, numbers, result for each value and each gradient."""
    lines = ["Forward"]
    for value in derivation.values:
        lines += ["", *_forward(value)]
    lines += ["", "", "Backward"]
    for step in derivation.steps:
        lines += ["", *_backward(step)]
    return "\n".join(lines) + "\n"


def _forward(value: Value) -> list[str]:
    return _equation(
        value.symbol.name.text, value.formula, value.symbol.value, value.role if value.formula is None else ""
    )


def _backward(step: Step) -> list[str]:
    lines = _equation(step.gradient.name.text, step.formula, step.gradient.value)
    if len(step.contributions) > 1:
        lines.append(f"    the sum of what {len(step.contributions)} consumers hand back:")
        lines += [f"      from {part.consumer.text}: {writing.text(part.formula)}" for part in step.contributions]
    return lines


def _equation(left: str, formula: Expression | None, value: object, note: str = "") -> list[str]:
    """`left = rule`, below it `= numbers`, below it `= result`, the equal signs aligned."""
    result = array_block(value)
    blocks = [result]
    if formula is not None:
        truth = is_condition(value)
        blocks = [[writing.text(formula, truth)], writing.text_with_numbers(formula, condition=truth), result]
    lines: list[str] = []
    before: list[str] = []
    for block in blocks:
        if block != before:
            margin = f"  {left if not lines else ' ' * len(left)} = "
            lines += [(margin if i == 0 else " " * len(margin)) + line for i, line in enumerate(block)]
        before = block
    if note:
        lines[0] += f"   {note}"
    return lines


def as_latex(derivation: Derived) -> str:
    """The whole derivation as a LaTeX document of its own."""
    forward = [_aligned(v.symbol.name.latex, v.formula, v.symbol.value) for v in derivation.values]
    backward = [_aligned(s.gradient.name.latex, s.formula, s.gradient.value) for s in derivation.steps]
    return "\n".join(
        [
            r"\documentclass{article}  % pdflatex sets it; names beyond Latin and Greek letters want xelatex",
            r"\usepackage{amsmath,amssymb}",
            r"\usepackage[margin=2cm]{geometry}",
            r"\allowdisplaybreaks",
            r"\begin{document}",
            r"\section*{Forward}",
            *forward,
            r"\section*{Backward}",
            *backward,
            r"\end{document}",
            "",
        ]
    )


def _aligned(left: str, formula: Expression | None, value: object) -> str:
    rules = [] if formula is None else [writing.latex(formula, is_condition(value))]
    result = array_latex(value)
    if rules != [result]:
        rules.append(result)
    body = " \\\\\n".join(f"{left if i == 0 else ''} &= {rule}" for i, rule in enumerate(rules))
    return f"\\[\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n\\]"
