"""A small document of formulas: its parts, each in text and in LaTeX, and how they are set as either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from .lines import WIDEST


@dataclass(frozen=True, slots=True)
class Formula:
    """One thing to show, in both notations."""

    text: str
    latex: str


@dataclass(frozen=True, slots=True)
class Heading:
    """Plain words."""

    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with formulas in them, which stand between dollar signs in LaTeX."""

    text: str
    latex: str


@dataclass(frozen=True, slots=True)
class Equation:
    """`left` = each line in turn, the last the result; `caption` stands above, if there is one."""

    left: Formula
    lines: tuple[Formula, ...]
    caption: Formula | None = None
    sign: str = "="
    """Between left and the first line: "=" or ":"."""


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[Formula, ...], ...]


Part = Heading | Sentence | Equation | Table


def as_text(title: str, parts: Sequence[Part]) -> str:
    """The document for a terminal."""
    lines = [title]
    for part in parts:
        match part:
            case Heading():
                lines += ["", "", part.text]
            case Sentence():
                lines += ["", *wrap(part.text, WIDEST, initial_indent="  ", subsequent_indent="  ")]
            case Equation():
                lines += ["", *_text_equation(part)]
            case Table():
                lines += ["", *_text_table(part)]
    return "\n".join(lines) + "\n"


def _text_equation(part: Equation) -> list[str]:
    """The equal signs one below the other."""
    captions = [] if part.caption is None else [f"  {part.caption.text}"]
    margin = "  " if part.caption is None else "    "
    if part.sign == ":":
        return [*captions, f"{margin}{part.left.text}:   {' = '.join(line.text for line in part.lines)}"]
    starts = [f"{part.left.text} = ", *[" " * (len(part.left.text) + 1) + "= "] * len(part.lines)]
    return captions + [f"{margin}{start}{line.text}" for start, line in zip(starts, part.lines, strict=False)]


def _text_table(part: Table) -> list[str]:
    cells = [part.head, *[tuple(cell.text for cell in row) for row in part.rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  " + "   ".join(map(str.ljust, row, widths)).rstrip() for row in cells]


def as_latex(title: Formula, parts: Sequence[Part]) -> str:
    """A LaTeX document that compiles as it stands."""
    body = [rf"\section*{{${title.latex}$}}"]
    for part in parts:
        match part:
            case Heading():
                body.append(rf"\subsection*{{{part.text}}}")
            case Sentence():
                body += ["", part.latex, ""]
            case Equation():
                body.append(_latex_equation(part))
            case Table():
                body.append(_latex_table(part))
    return latex_document(body)


def latex_document(body: Sequence[str]) -> str:
    """A body with the preamble that all LaTeX documents of derivations have."""
    return "\n".join(
        [
            r"\documentclass{article}  % pdflatex sets it; names beyond Latin and Greek letters want xelatex",
            r"\usepackage{amsmath,amssymb}",
            r"\usepackage[margin=2cm]{geometry}",
            r"\providecommand{\lt}{<}\providecommand{\gt}{>}  % as KaTeX and MathJax have them; in names",
            r"\allowdisplaybreaks",
            r"\setlength{\parindent}{0pt}",
            r"\begin{document}",
            *body,
            r"\end{document}",
            "",
        ]
    )


def as_markdown(title: Formula, parts: Sequence[Part]) -> str:
    """Markdown with formulas between dollar signs, as GitHub, VS Code and Jupyter take them."""
    body = [f"# ${title.latex}$"]
    for part in parts:
        match part:
            case Heading():
                body.append(f"## {part.text}")
            case Sentence():
                body.append(part.latex)
            case Equation():
                body.append(_latex_equation(part).replace("\\[\n", "$$\n", 1).removesuffix("\\]") + "$$")
            case Table():
                rows = [" | ".join(f"${cell.latex}$" for cell in row) for row in part.rows]
                body.append(
                    "\n".join(
                        f"| {row} |" for row in [" | ".join(part.head), "--- | " * (len(part.head) - 1) + "---", *rows]
                    )
                )
    return "\n\n".join(body) + "\n"


def _latex_equation(part: Equation) -> str:
    sign = "&=" if part.sign == "=" else r"&:\quad"
    rows = [f"{part.left.latex} {sign} {part.lines[0].latex}", *[f" &= {line.latex}" for line in part.lines[1:]]]
    if part.caption is not None:
        rows.insert(0, rf"&{part.caption.latex}")
    body = " \\\\\n".join(rows)
    return f"\\[\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n\\]"


def _latex_table(part: Table) -> str:
    head = " & ".join(rf"\text{{{x}}}" for x in part.head)
    rows = [head, *[" & ".join(cell.latex for cell in row) for row in part.rows]]
    body = " \\\\\n".join(rows)
    return f"\\[\n\\begin{{array}}{{{'l' * len(part.head)}}}\n" + body + "\n\\end{array}\n\\]"
