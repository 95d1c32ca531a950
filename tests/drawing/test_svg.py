"""The picture as SVG and as DOT: complete, safe, the same every time."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
import wasmtime

from autograd.drawing import layout
from autograd.drawing import svg as module
from autograd.drawing.dot import dot
from autograd.drawing.looks import DARK, LIGHT, LOOKS
from autograd.drawing.scene import ROLES, Arrow, Box, Row, Scene
from autograd.drawing.svg import MOST_TYPESET, Drawing, svg
from autograd.drawing.typeset import plain
from tests.drawing.scenes import HOSTILE, everything, grouped, hostile, network, random_scene

NS = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "style", "defs", "g", "path", "rect", "use", "text", "circle"}
ATTRIBUTES = {"width", "height", "viewBox", "role", "aria-labelledby", "id", "class", "d", "x", "y", "rx", "transform"}
ATTRIBUTES |= {"href", "font-size", "textLength", "lengthAdjust", "fill-rule", "cx", "cy", "r"}


def groups(document: str, name: str) -> list[ET.Element]:
    """The groups whose class ends with the name, in the picture itself, not in its legend."""
    root = ET.fromstring(document)
    return [
        g for g in root.iter(f"{NS}g") if g.get("class", "").endswith(f"-{name}") and g.find(f"{NS}title") is not None
    ]


def arrows(document: str) -> list[ET.Element]:
    groups = [g for g in ET.fromstring(document).iter(f"{NS}g") if re.fullmatch(r"\w+-arrow\d+", g.get("id", ""))]
    return [p for g in groups for p in g.iter(f"{NS}path") if p.get("class", "").endswith("shaft")]


def safe(document: str) -> None:
    root = ET.fromstring(document)
    for element in root.iter():
        assert element.tag.removeprefix(NS) in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES
        assert element.attrib.get("href", "#").startswith("#")
    assert "<script" not in document.lower() and "<a " not in document.lower()
    assert "url(" not in "".join(style.text or "" for style in root.iter(f"{NS}style"))


def test_it_shows_every_box_once_and_every_arrow_as_often_as_it_is_used():
    scene = network()
    document = svg(scene)
    assert sum(len(groups(document, role)) for role in ROLES) == len(scene.boxes)
    drawn = [path.attrib["d"] for path in arrows(document)]
    assert len(drawn) == len(set(drawn)) == len(scene.arrows)


def test_the_picture_boxes_and_arrows_are_described():
    root = ET.fromstring(svg(network()))
    assert root.get("role") == "img"
    by_id = {element.get("id"): element.text for element in root.iter()}
    assert [by_id[name] for name in root.attrib["aria-labelledby"].split()] == [
        "A little network",
        "Five values, made from one another.",
    ]
    titles = {title.text for title in root.iter(f"{NS}title")}
    assert {"x. input. an input of 3 × 3", "W. parameter", "W is used in z", "x → z = x W"} <= titles


def test_the_view_box_is_the_size():
    root = ET.fromstring(svg(network()))
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"


def test_a_role_is_told_by_more_than_colour():
    marks = {(look.width, look.corner, look.dash, look.double) for look in LOOKS.values()}
    assert set(LOOKS) == set(ROLES) and len(marks) == len(ROLES)


def test_the_legend_names_the_roles_that_occur_and_no_others():
    document = svg(Scene("", "", (Box("x", "constant", Row("", "x", "x"), (), ""),), ()))
    assert "-constant" in document
    assert not any(f"-{role}" in document for role in set(ROLES) - {"constant"})


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("palette", "shade"), [(LIGHT, "light"), (DARK, "dark")])
def test_lines_and_type_stand_out(palette, shade):
    for ground in (palette["page"], palette["paper"]):
        for look in LOOKS.values():
            assert contrast(getattr(look, shade), ground) >= 3
        for name in ("shaft", "frame", "negative", "positive"):
            assert contrast(palette[name], ground) >= 3
        assert contrast(palette["ink"], ground) >= 7
        for name in ("quiet", "alarm", "back"):
            assert contrast(palette[name], ground) >= 4.5


def test_dark_mode_has_every_colour():
    light, dark = svg(network()).split("@media (prefers-color-scheme: dark){")
    dark = dark[: dark.index("</style>")]
    coloured = re.compile(r"(\.[\w. -]+)\{(?:fill|stroke):#")
    assert set(coloured.findall(light)) == set(coloured.findall(dark)) != set()


def test_several_pictures_can_share_a_page():
    one, other = svg(network()), svg(random_scene(1))
    names = [set(re.findall(r'(?:id|class)="([^"]*)"', document)) for document in (one, other)]
    assert not names[0] & names[1]
    for document, used in zip((one, other), names, strict=True):
        assert len(set(re.findall(r'id="([^"]*)"', document))) == len(re.findall(r'id="([^"]*)"', document))
        assert len({name.split("-")[0] for name in used}) == 1


def test_a_hundred_drawings_of_a_scene_are_the_same_bytes():
    first = svg(network())
    for _ in range(99):
        assert svg(network()) == first


def test_the_same_scene_gives_the_same_bytes_here_and_in_another_process():
    documents = svg(network()) + dot(network()) + svg(hostile())
    assert svg(network()) + dot(network()) + svg(hostile()) == documents
    program = (
        "import sys; from tests.drawing.scenes import *;"
        "from autograd.drawing.dot import dot; from autograd.drawing.svg import svg;"
        "svg(random_scene(3));"  # what was drawn before leaves no trace
        "sys.stdout.buffer.write((svg(network()) + dot(network()) + svg(hostile())).encode())"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert other.stdout.decode() == documents


@pytest.mark.parametrize("seed", range(30))
def test_random_scenes_render(seed):
    scene = grouped(seed)
    document = svg(scene)
    safe(document)
    shafts = sum(1 + bool(arrow.rows) for arrow in scene.arrows)  # a label parts its arrow in two
    assert len(arrows(document)) == shafts


@pytest.mark.parametrize("count", [MOST_TYPESET, MOST_TYPESET + 1])
def test_formulas_are_typeset_until_there_are_too_many(monkeypatch, count):
    formulas = []
    monkeypatch.setattr(module, "sheet", lambda box: formulas.append(box.heading.latex))
    boxes = tuple(Box(f"b{i}", "input", Row("", f"b_{{{i}}}", f"b{i}"), (), "") for i in range(count))
    Drawing(Scene("", "", boxes, ()))
    assert set(formulas) == {""} if count > MOST_TYPESET else len(set(formulas)) == count


def test_long_formulas_count_as_several(monkeypatch):
    formulas = []
    monkeypatch.setattr(module, "sheet", lambda box: formulas.append(box.heading.latex))
    for length in (1, 60):  # terms: 300 letters are three formulas
        names = [" + ".join(f"b_{{{i}}}" for _ in range(length)) for i in range(MOST_TYPESET // 2)]
        Drawing(Scene("", "", tuple(Box(name, "input", Row("", name, "b"), (), "") for name in names), ()))
    assert formulas == [f"b_{{{i}}}" for i in range(MOST_TYPESET // 2)] + [""] * (MOST_TYPESET // 2)


def test_an_empty_scene_is_an_empty_picture():
    safe(svg(Scene("nothing", "", (), ())))
    assert "digraph" in dot(Scene("nothing", "", (), ()))


def test_everything_a_scene_holds_is_drawn():
    document = svg(everything())
    safe(document)
    titles = {title.text for title in ET.fromstring(document).iter(f"{NS}title")}
    assert {"net: a module with a name of some length. two blocks", "layer", "σ′ = 1e−13", "∂L/∂a 7"} <= titles
    assert {"18 × 2, full colour for ±3", "a = w u → Block × 12 (3 uses)", "the first"} <= titles
    assert "The gradients that arrive at a = w u are added up" in titles


def test_gradients_are_added_up_only_where_several_arrive():
    document = svg(everything())
    assert len(list(ET.fromstring(document).iter(f"{NS}circle"))) == 2  # one sign, its ground and its line


def test_hostile_names_stay_text():
    document = svg(hostile())
    safe(document)
    titles = [title.text or "" for title in ET.fromstring(document).iter(f"{NS}title")]
    for name in HOSTILE:
        shown = plain(name)
        assert shown.strip() == "" or any(shown in title for title in titles)


def drawn_by_graphviz(source: str) -> ET.Element:
    """What Graphviz makes of it. A session of the embedded one may break on text: then a fresh one is asked."""
    for _ in range(3):
        try:
            return ET.fromstring(layout._backend().render(source, format="svg"))
        except wasmtime.Trap:
            layout._backend.cache_clear()
    raise AssertionError("Graphviz cannot read this")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_in_dot(name):
    row = Row(name, "", name)
    boxes = tuple(Box(key, role, row, (row,), name) for key, role in (("a", "input"), ("b", "output")))
    source = dot(Scene(name, name, boxes, (Arrow("a", "b", name),)))
    drawn = drawn_by_graphviz(source)
    known = {"svg", "g", "title", "polygon", "polyline", "path", "text"}
    assert {element.tag.removeprefix(NS) for element in drawn.iter()} <= known
    assert len([g for g in drawn.iter(f"{NS}g") if g.get("class") == "node"]) == 2
    shown = {" ".join((text.text or "").split()) for text in drawn.iter(f"{NS}text")}
    first = " ".join(plain(name).split("\n")[0].split())
    assert first == "" or any(first in " ".join(line.split()) for line in shown)


def test_dot_shows_roles_and_every_arrow():
    source = dot(network())
    assert source.count(" -> ") == len(network().arrows)
    assert all(look in source for look in ("dashed", "rounded", "bold", "peripheries=2"))
