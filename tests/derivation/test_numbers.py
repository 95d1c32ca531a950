import numpy as np
import pytest

from autograd.derivation.numbers import array_block, array_latex, array_text, number_latex, number_text


@pytest.mark.parametrize(
    ("value", "text", "latex"),
    [
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (1.0, "1", "1"),
        (-2.5, "−2.5", "-2.5"),
        (1 / 3, "0.3333", "0.3333"),
        (1.5e-13, "1.5e−13", r"1.5\times 10^{-13}"),
        (np.float32(0.1), "0.1", "0.1"),
        (True, "True", r"\text{true}"),
        (np.inf, "inf", r"\infty"),
        (-np.inf, "−inf", r"-\infty"),
        (np.nan, "nan", r"\text{nan}"),
        (7, "7", "7"),
    ],
)
def test_numbers_have_significant_digits(value, text, latex):
    assert number_text(value) == text
    assert number_latex(value) == latex


def test_columns_are_aligned():
    assert array_block(np.array([[1.0, -20.5], [300.25, 4.0]])) == ["[    1  −20.5]", "[300.2      4]"]


def test_long_arrays_are_cut():
    lines = array_block(np.arange(2000.0).reshape(100, 20))
    assert len(lines) == 9 and "…" in lines[0] and lines[4] == " ⋮"
    assert array_text(np.zeros((64, 10))) == "(64 × 10 values 0 … 0)"
    assert r"\cdots" in array_latex(np.zeros((20, 20))) and r"\vdots" in array_latex(np.zeros((20, 20)))


@pytest.mark.parametrize("shape", [(), (0,), (3,), (0, 3), (2, 3), (2, 2, 2), (1, 1, 1, 1)])
def test_every_shape_can_be_written(shape):
    value = np.ones(shape)
    assert array_text(value) and array_latex(value) and array_block(value)


def test_matrices_in_latex_are_rectangular():
    rows = array_latex(np.arange(400.0).reshape(20, 20)).removeprefix(r"\begin{bmatrix}").split(r"\\")
    assert len({row.count("&") for row in rows}) == 1


def test_a_block_keeps_to_the_room_there_is():
    wide = np.arange(8.0) * -1.2345e-7
    assert max(map(len, array_block(wide, room=40))) <= 40 and "…" in array_block(wide, room=40)[0]
