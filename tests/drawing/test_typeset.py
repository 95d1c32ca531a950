"""Typesetting: outlines of known size, whatever is to be set."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograd.derivation.names import pretty
from autograd.drawing import typeset as module
from autograd.drawing.typeset import Glyph, Outlines, Words, ink, number, plain, typeset, xml
from tests.drawing.scenes import HOSTILE

FORMULAS = (
    "x",
    r"z_{1} = x\,W_{1} + b_{1}",
    r"\frac{\partial L}{\partial z_{1}} = \frac{\partial L}{\partial a_{1}} \odot \mathbf{1}\left[z_{1} > 0\right]",
    r"\begin{bmatrix} 0.2 & -0.4 \\ 0.7 & 0.1 \end{bmatrix}",
    r"\hat{y} = \sigma\left(\sqrt{\frac{1}{1 + e^{-x}}}\right)",
    r"\sum_{i=1}^{n} x_{i}^{2}",
    r"\text{layers.0.weight}",
)


def drawn(latex: str, text: str = "", size: float = 16) -> ET.Element:
    outlines = Outlines("p")
    body = outlines.draw(typeset(latex, text, size), 3, 4)
    return ET.fromstring(f"<svg>{outlines.defs()}{body}</svg>")


def characters(element: ET.Element) -> str:
    return "".join(element.itertext())


def test_the_names_of_functions_are_upright_also_those_with_an_underscore():
    def glyphs(latex: str) -> set[str]:
        return {mark.outline.path for mark in typeset(latex, "", 16).marks}

    assert glyphs(r"\operatorname{softmax}") < glyphs(r"\operatorname{log\_softmax}")
    assert not glyphs("softmax") & glyphs(r"\operatorname{softmax}")


@pytest.mark.parametrize("latex", FORMULAS)
def test_a_formula_becomes_outlines_only(latex):
    piece = typeset(latex, "the text", 16)
    assert piece.marks and not any(isinstance(mark, Words) for mark in piece.marks)
    assert {element.tag for element in drawn(latex).iter()} <= {"svg", "defs", "path", "g", "use", "rect"}


@pytest.mark.parametrize("latex", [*FORMULAS, *HOSTILE])
def test_every_mark_lies_within_the_size_given(latex):
    piece = typeset(latex, latex, 16)
    for mark in piece.marks:
        area = ink(mark)
        assert area.left >= -1e-6 and area.right <= piece.width + 1e-6
        assert area.top >= -1e-6 and area.bottom <= piece.height + 1e-6
    assert 0 <= piece.baseline <= piece.height + 1e-6 or not piece.marks


@pytest.mark.parametrize("name", ["learning_rate", "net.layer_norm.weight", "_private", "hidden_state_2"])
def test_a_name_with_underscores_is_one_word(name):
    one, other = (typeset(latex, name, 24) for latex in (pretty(name).latex, ""))
    assert "_" in pretty(name).latex and one.width == pytest.approx(other.width, abs=2)


def test_sizes_grow_with_the_size_of_type():
    small, large = (typeset(FORMULAS[2], "", size) for size in (10, 20))
    assert large.width == pytest.approx(2 * small.width, rel=0.02)
    assert large.height == pytest.approx(2 * small.height, rel=0.02)


def test_a_glyph_is_kept_once_at_whatever_size_it_is_used():
    outlines = Outlines("p")
    outlines.draw(typeset("x + x^{2}", "", 12), 0, 0)
    outlines.draw(typeset("x", "", 30), 0, 0)
    paths = [path.attrib["d"] for path in ET.fromstring(outlines.defs())]
    assert len(paths) == len(set(paths))


def test_brackets_of_different_heights_are_different_glyphs():
    rows = [r" \\ ".join(["1"] * count) for count in (9, 14)]
    pieces = [typeset(rf"\begin{{bmatrix}} {row} \end{{bmatrix}}", "", 14) for row in rows]
    together = typeset(" ".join(rf"\begin{{bmatrix}} {row} \end{{bmatrix}}" for row in rows), "", 14)
    assert together.height == pytest.approx(pieces[1].height, rel=0.01)
    tallest = [max(ink(mark).bottom - ink(mark).top for mark in piece.marks) for piece in pieces]
    heights = {round(ink(mark).bottom - ink(mark).top) for mark in together.marks}
    assert {round(height) for height in tallest} <= heights


def test_bold_numbers_differ_from_plain_ones():
    assert typeset(r"\mathbf{1}", "", 16).marks != typeset("1", "", 16).marks


def test_a_sign_stands_closer_than_a_difference():
    sign, difference = typeset("a, -b", "", 16), typeset("a - b", "", 16)
    gaps = [ink(piece.marks[-1]).left - ink(piece.marks[-2]).right for piece in (sign, difference)]
    assert gaps[0] < gaps[1] / 2


def test_columns_of_numbers_are_flush_right_and_of_letters_centred():
    numbers, letters = (
        typeset(rf"\begin{{matrix}} {rows} \end{{matrix}}", "", 16) for rows in (r"1 \\ -100", r"a \\ abc")
    )
    assert ink(numbers.marks[0]).left > numbers.width / 2
    assert ink(letters.marks[0]).left < letters.width / 2


def test_brackets_are_as_high_as_their_own_matrix():
    column = r"\begin{bmatrix} 1 \\ 2 \\ 3 \end{bmatrix}"
    row = r"\begin{bmatrix} 4 & 5 \end{bmatrix}"
    last = typeset(column + row, "", 16).marks[-1]
    assert ink(last).bottom - ink(last).top < typeset(column, "", 16).height / 2


def test_ids_begin_with_the_prefix():
    root = drawn(FORMULAS[1])
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert ids and all(name.startswith("p-") for name in ids)
    assert {element.attrib["href"] for element in root.iter("use")} == {f"#{name}" for name in ids}


@pytest.mark.parametrize(
    "latex", [r"\frac{a", "x & y", r"\unknown{x}", r"\boxed{x}", r"\text{<b>}", "", "  ", "{" * 900]
)
def test_what_cannot_be_set_is_shown_as_its_text(latex):
    assert typeset(latex, "its text", 16) == typeset("", "its text", 16)


def test_without_a_text_the_formula_itself_is_shown():
    assert typeset(r"\frac{a", "", 16) == typeset("", r"\frac{a", 16)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_is_well_formed_and_stays_text(name):
    for root in (drawn(name, name), drawn("", name)):
        assert {element.tag for element in root.iter()} <= {"svg", "defs", "path", "g", "use", "rect", "text"}
        allowed = {
            "id",
            "d",
            "transform",
            "href",
            "x",
            "y",
            "width",
            "height",
            "font-size",
            "textLength",
            "lengthAdjust",
        }
        for element in root.iter():
            assert set(element.attrib) <= allowed
            assert element.attrib.get("href", "#").startswith("#")


def test_characters_that_the_font_lacks_are_left_to_the_renderer_at_a_fixed_width():
    piece = typeset("", "a 😀中 b", 20)
    words = [mark for mark in piece.marks if isinstance(mark, Words)]
    assert [mark.text for mark in words] == ["😀中"]
    assert words[0].width == 40
    assert sum(isinstance(mark, Glyph) for mark in piece.marks) == 2
    assert "textLength" in ET.tostring(drawn("", "😀"), encoding="unicode")


def test_lines_of_text_stand_below_one_another():
    one, three = typeset("", "abc", 12), typeset("", "abc\nabc\nabc", 12)
    assert three.width == one.width
    assert three.height > 3 * one.height


def test_endless_text_is_cut():
    assert typeset("", "W" * 100_000, 12).width < 3000
    assert typeset("", "W\n" * 100_000, 12).height < 1000


def test_deep_formulas_take_no_exponential_time():
    formula = "x"
    for _ in range(25):
        formula = rf"\frac{{\left({formula} + 1\right)}}{{2}}"
    start = time.perf_counter()
    typeset(formula, "deep", 14)
    assert time.perf_counter() - start < 5


def test_without_ziamath_text_is_still_shown(monkeypatch):
    def missing() -> None:
        raise ImportError("no ziamath")

    monkeypatch.setattr(module, "_ziamath", missing)
    monkeypatch.setattr(module, "_font", lambda: None)
    module._typeset.cache_clear()
    try:
        (words,) = typeset("x^{2}", "x²", 16).marks
        assert isinstance(words, Words) and words.text == "x²"
    finally:
        module._typeset.cache_clear()


def test_many_threads_get_what_one_gets():
    alone = [typeset(latex, "", 15.5) for latex in FORMULAS]
    module._typeset.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda latex: typeset(latex, "", 15.5), FORMULAS * 8))
    assert together == alone * 8


def test_an_earlier_failure_changes_nothing():
    before = typeset(r"\text{fi ffi} W_{1}^{\prime}", "", 14)
    module._typeset.cache_clear()
    typeset(r"\text{}", "", 14)
    assert typeset(r"\text{fi ffi} W_{1}^{\prime}", "", 14) == before


def test_plain_drops_what_xml_and_terminals_must_not_see():
    assert plain("a\x00\x1b[31mb\ud800\ufffe\u202ec\r\n\td") == "a[31mbc\n    d"
    assert xml("<&'\">") == "&lt;&amp;&#x27;&quot;&gt;"


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0"), (-0.0001, "0"), (1.5, "1.5"), (100.0, "100"), (2 / 3, "0.667")]
)
def test_numbers_are_written_short(value, written):
    assert number(value) == written


@pytest.mark.parametrize(
    "inside", [r"\sum\limits_{\text{axis }1} E", r"\frac{a}{\sum\limits_{\text{axis }1} E}", r"-\frac{\max_{i} a}{b}"]
)
def test_brackets_are_as_tall_as_what_they_hold(inside):
    bare, bracketed = typeset(inside, "", 12), typeset(rf"\left({inside}\right)", "", 12)
    assert bracketed.height < 1.7 * bare.height


def test_a_bracket_stretched_without_end_is_not_shown():
    assert typeset(r"\left(\sum_i E\right)", "sum of E", 12) == typeset("", "sum of E", 12)
