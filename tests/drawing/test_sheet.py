"""What stands in a box: all of it within, one below the other, the same whatever the values."""

from __future__ import annotations

import pytest

from autograd.drawing.scene import LEVELS, Box, Heat, Mark, Row
from autograd.drawing.sheet import CELL, WIDEST, Placed, label, sheet
from autograd.drawing.typeset import Rectangle, ink, plain
from tests.drawing.scenes import HOSTILE, everything, hostile, network, random_scene


def areas(placed: Placed) -> list[Rectangle]:
    if isinstance(placed.piece, Heat):
        return [Rectangle(0, 0, CELL * len(placed.piece.rows[0]), CELL * len(placed.piece.rows))]
    return [ink(mark) for mark in placed.piece.marks]


@pytest.mark.parametrize(
    "scene",
    [network(), hostile(), everything(), *map(random_scene, range(5))],
    ids=lambda scene: plain(scene.title)[:9],
)
def test_what_stands_in_a_box_lies_within_it(scene):
    for box in scene.boxes:
        made = sheet(box)
        for placed in made.pieces:
            for area in areas(placed):
                assert placed.x + area.left > 0 and placed.x + area.right < made.width
                assert placed.y + area.top > 0 and placed.y + area.bottom < made.height


def test_pieces_of_a_box_stand_below_one_another():
    made = sheet(network().boxes[1])
    assert made.pieces[0].y + made.pieces[0].piece.height <= made.band
    for above, below in zip(made.pieces, made.pieces[1:], strict=False):
        assert above.y + above.piece.height < below.y
    assert len(made.rules) == 1  # between its two captions


def test_marks_stand_below_the_rest_and_within_the_box():
    plain_box, marked = (
        Box("x", "intermediate", Row("", "x", "x"), (Row("value", "", "1"),), "", marks=marks)
        for marks in ((), (Mark("a long word to notice", "why"), Mark("saturated", "σ′ = 0")))
    )
    made = sheet(marked)
    assert made.height > sheet(plain_box).height
    assert all(y >= sheet(plain_box).height and word.width < made.width - 30 for _, word, y in made.marks)


def test_a_box_does_not_grow_without_end():
    long = " + ".join(f"x_{{{i}}}" for i in range(300))
    assert sheet(Box("x", "input", Row("", long, "x + " * 300), (), "")).width < 2 * WIDEST


@pytest.mark.parametrize("name", HOSTILE)
def test_a_label_holds_what_stands_in_it(name):
    made = label((Row("", name, name), Row("", "", name, ((name,),)), Row("", "", "", heat=Heat(((-LEVELS, 0),), ""))))
    for placed in made.pieces:
        for area in areas(placed):
            assert placed.x + area.left > 0 and placed.x + area.right < made.width
            assert placed.y + area.top > 0 and placed.y + area.bottom < made.height
