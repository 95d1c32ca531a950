"""The LaTeX of derivations: read by a parser of LaTeX, and set by the typesetter, for every row of the table."""

import re

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.derivation import writing
from autograd.derivation.lines import set_on_lines
from autograd.derivation.steps import steps
from autograd.derivation.words import latex_words, sentence_latex
from autograd.drawing.typeset import typeset
from tests.derivation.golden_cases import CASES
from tests.derivation.latex_reader import read
from tests.derivation.rows import derived_from, samples
from tests.test_showing import HOSTILE


def formulas(derived):
    """All formulas of a derivation."""
    for value in derived.values:
        yield value.symbol.name.latex
        if value.formula is not None:
            yield writing.latex(value.formula)
    for step in derived.steps:
        for tree in (step.rule, step.formula, *(part.rule for part in step.contributions)):
            yield writing.latex(tree)
        yield from set_on_lines(step.formula, numbers=True).latex()


def is_typeset(latex):
    """Whether the typesetter took it, and did not fall back to plain text."""
    plain = typeset("", "fallback", 17.0)
    return typeset(latex, "fallback", 17.0) != plain


def by_row():
    """The rows, each with all its samples."""
    found = {}
    for case in samples():
        row, sample = case.values
        found.setdefault(row, []).append(sample)
    return [pytest.param(row, of_row, id=row.__name__) for row, of_row in found.items()]


@pytest.mark.parametrize(("row", "of_row"), by_row())
def test_the_latex_of_every_row_is_read_and_typeset(row, of_row):
    found = {latex for sample in of_row for latex in formulas(derived_from(row, sample))}
    for latex in found:
        read(latex)
    # Formulas of names only, and not the longest: setting one takes long.
    of_names = sorted((latex for latex in found if "matrix" not in latex and len(latex) < 400), key=len)
    for latex in of_names[-3:]:
        assert is_typeset(latex), latex


@pytest.mark.parametrize("name", CASES)
def test_whole_documents_are_read(name):
    derivation = CASES[name]()
    for latex in formulas(derivation):
        read(latex)
    document = derivation.latex()
    assert document.count(r"\begin{") == document.count(r"\end{") and "$$" not in document
    body = document.split(r"\begin{document}")[1]
    for formula in re.findall(r"\\\[\n(.*?)\n\\\]", body, re.S):
        read(formula)
    for formula in re.findall(r"\$(.+?)\$", re.sub(r"\\\[\n.*?\n\\\]", "", body, flags=re.S)):
        read(formula)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_harmless_in_latex_and_markdown(name):
    a = Tensor([1.0, 2.0], requires_grad=True, name=name)
    L = np.sum(np.tanh(a) * a)
    derivation = ag.derive(L)
    for latex in formulas(derivation):
        assert not re.search(r"\\(input|write|def|include|catcode)\b", latex)
        read(latex)
    assert "<script" not in derivation.markdown() and "<img" not in derivation.markdown()
    for step in derivation.steps:
        for remark in (*step.notes, *step.callouts):
            words = sentence_latex(remark.sentence)
            assert words.replace(r"\$", "").count("$") % 2 == 0


def test_words_are_escaped():
    assert latex_words("50 % of x_1 & {y} − 2 × 3") == r"50 \% of x\_1 \& \{y\} $-$ 2 $\times$ 3"


def test_two_tensors_of_one_name_are_told_apart():
    first, second = (Tensor(value, requires_grad=True, name="W") for value in (2.0, 3.0))
    derived = steps(first**2 * second**2)
    read(writing.latex(derived.root.formula))
    assert writing.text(derived.root.formula) == "W² · (W⁽²⁾)²"
    assert is_typeset(writing.latex(derived.root.formula))


def test_text_latex_and_markdown_say_the_same_of_inputs_of_sums_of_alarms_and_of_what_gets_no_gradient():
    u, z = Tensor(2.5, requires_grad=True, name="u"), Tensor(40.0, requires_grad=True, name="z")
    a = np.tanh(z)
    derivation = ag.derive(np.floor(u) * a + z)
    said = "gets no gradient: nothing differentiable leads from it to the result."
    for way in (derivation.text(), derivation.latex(), derivation.markdown()):
        words = " ".join(re.sub(r"[$`]", "", way).split())
        assert words.count(f"u {said}") == 1
        assert words.count("from a: ") == 1
        assert words.count("Usual remedy: smaller weights, inputs brought") == 1
        assert words.count("parameter") == 2
    assert said in derivation.text("in full") and said in derivation.latex("in full")
    assert said in derivation.html() and derivation._repr_mimebundle_()["text/html"].count(said) == 2  # and as text
