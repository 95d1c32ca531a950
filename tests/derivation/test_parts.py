"""Long formulas of one gradient: their parts are named, and what is printed is still checked as a whole."""

import re

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.derivation import writing
from autograd.derivation.lines import WIDEST, columns
from tests.derivation.golden_cases import CASES
from tests.derivation.latex_reader import read

generator = np.random.default_rng(5)


def parameter(name, *shape):
    return Tensor(generator.normal(size=shape).round(2), requires_grad=True, name=name)


def singular_values():
    A, c, C = parameter("A", 4, 3), parameter("c", 3), parameter("C", 4, 3)
    U, s, _ = np.linalg.svd(A, full_matrices=False)
    L = np.sum(c * s) + np.sum(C * U) ** 2
    return ag.derive(L)


def eigenvalues():
    A, c, C = parameter("A", 3, 3), parameter("c", 3), parameter("C", 3, 3)
    w, V = np.linalg.eigh(A + A.T)
    L = np.sum(c * w) + np.sum(C * V) ** 2
    return ag.derive(L)


def layer_normalisation_without_names():
    x, c = parameter("x", 4, 5), parameter("c", 4, 5)
    n = np.sqrt(np.mean((x - np.mean(x, axis=1, keepdims=True)) ** 2, axis=1, keepdims=True) + 1e-5)
    L = np.sum(c * ((x - np.mean(x, axis=1, keepdims=True)) / n) ** 3)
    return ag.derive(L)


LONG = [singular_values, eigenvalues, layer_normalisation_without_names]


@pytest.mark.parametrize("case", LONG, ids=lambda case: case.__name__)
def test_the_parts_of_a_long_formula_are_named(case):
    derivation = case()
    assert any(step.parts for step in derivation.steps)
    for step in derivation.steps:
        for tree in (step.formula, step.rule, *(part.formula for part in step.parts)):
            assert len(writing.text(tree)) < 240
    for depth in (None, "rule", "in full"):
        text = derivation.text(depth)
        assert re.search(r" where [a-z] = ", text) and max(map(columns, text.splitlines())) <= WIDEST


@pytest.mark.parametrize("case", LONG, ids=lambda case: case.__name__)
def test_parts_are_shown_wherever_the_formula_is(case):
    derivation = case()
    parts = [part for step in derivation.steps for part in step.parts]
    for part in parts:
        name = part.symbol.name
        assert rf"\text{{where }}{name.latex} &= " in derivation.latex()
        assert rf"\text{{where }}{name.latex} &= " in derivation.markdown()
        assert f'alt="{name.text} = ' in derivation._repr_mimebundle_()["text/html"]
        assert f'aria-label="{name.text}"' in derivation.html()
        read(writing.latex(part.formula, part.symbol.kind == "b"))
        assert f"where {name.text} = " in ag.play(derivation.root.tensor).text()
        assert f"{name.text} = " in ag.draw(derivation.root.tensor).text() + ag.draw(derivation.root.tensor).svg()


@pytest.mark.parametrize("case", LONG, ids=lambda case: case.__name__)
def test_the_whole_is_verified_from_the_values_alone(case):
    result = case().verify()
    assert result.ok, str(result)
    assert any("\n" in check.source for check in result.checks)


def test_a_wrong_part_is_found():
    derivation = layer_normalisation_without_names()
    (step,) = (step for step in derivation.steps if step.parts)
    part = step.parts[0]
    object.__setattr__(part, "formula", writing.Number(2.0))
    (check,) = (check for check in derivation.verify().checks if check.name == step.gradient.name.text)
    assert not check.ok


def test_what_is_repeated_is_named_once_and_before_what_is_only_long():
    (step,) = (step for step in layer_normalisation_without_names().steps if step.parts)
    texts = [writing.text(part.formula) for part in step.parts]
    assert len(set(texts)) == len(texts)
    whole = " ".join([writing.text(step.formula), *texts])
    assert whole.count("mean[axis 1](") <= 2


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.__name__)
def test_what_a_reader_sees_at_a_glance_stays_whole(case):
    assert not any(step.parts for step in case().steps)


def test_a_part_takes_no_name_that_a_value_has():
    a, b1 = parameter("a", 3, 3), parameter("b1", 3)
    w, V = np.linalg.eigh(a + a.T)
    derivation = ag.derive(np.sum(V * V * b1) + np.sum(w))
    names = {part.symbol.name.text for step in derivation.steps for part in step.parts}
    assert names and not names & {"a", "b", "w"}
