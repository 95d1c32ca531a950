"""Words, and sentences with names and formulas in them, in LaTeX and in Markdown."""

from __future__ import annotations

import re

from . import writing
from .names import Name
from .records import Sentence
from .trees import Expression

_IN_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\^{}", "~": r"\~{}", "<": "$<$", ">": "$>$", "−": "$-$", "·": r"$\cdot$", "×": r"$\times$", "…": r"\dots{}",
    "′": "$'$", "σ": r"$\sigma$", "|": "$|$",
}  # fmt: skip


def latex_words(text: str) -> str:
    """Plain words as LaTeX's."""
    return "".join(_IN_LATEX.get(c, c) for c in text)


def sentence_latex(sentence: Sentence) -> str:
    """A sentence in LaTeX, its names and formulas between dollar signs."""
    return "".join(latex_words(part) if isinstance(part, str) else f"${_latex_of(part)}$" for part in sentence.parts)


def _latex_of(part: Name | Expression) -> str:
    return part.latex if isinstance(part, Name) else writing.latex(part, part.kind == "b")


def maths(latex: str) -> str:
    """A formula within a line of Markdown."""
    return f"$`{latex}`$"


def markdown_words(text: str) -> str:
    """Plain words as Markdown's."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", text)


def markdown_sentence(sentence: Sentence) -> str:
    """A sentence in Markdown, its names and formulas as formulas."""
    return "".join(markdown_words(part) if isinstance(part, str) else maths(_latex_of(part)) for part in sentence.parts)
