"""Formulas and plain text as outlines of known size: the same in every renderer, with no fonts and no script.

What ziamath draws is read, not trusted: only outlines and bars are taken from it, as numbers, and the markup is written
anew from those. So nothing in a name or a value can become markup, a link or an attribute.
"""

from __future__ import annotations

import re
import threading
import unicodedata
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby
from typing import Any

from .mathml import prepare

EM = 12.0
"""The size, in pixels, at which an outline's coordinates are given."""

_LINE = 1.35  # from one line of plain text to the next, in em
_LONGEST_LINE, _MOST_LINES, _LONGEST_FORMULA = 120, 40, 3_000
_TALLEST = 60  # em: a matrix of our own has some rows, of 1.5 em, and a few may stand one above the other
_lock = threading.RLock()  # fonts are read through one file handle


@dataclass(frozen=True, slots=True)
class Rectangle:
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A glyph: SVG path data in a 12-pixel font, and the rectangle it covers."""

    path: str
    area: Rectangle


@dataclass(frozen=True, slots=True)
class Glyph:
    outline: Outline
    x: float
    y: float
    scale: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle: of a fraction, of a root."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Words:
    """Characters that the font lacks (emoji, other scripts): left to the renderer's fonts, held to a given width."""

    text: str
    x: float
    y: float
    width: float
    size: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Something typeset: its size in pixels, `baseline` below its top, its marks from its top left corner."""

    width: float
    height: float
    baseline: float
    marks: tuple[Glyph | Bar | Words, ...]


class Outlines:
    """The outlines used in one picture, each kept once, under an id that begins with the picture's prefix."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._ids: dict[str, str] = {}

    def id(self, outline: Outline) -> str:
        return self._ids.setdefault(outline.path, f"{self.prefix}-{len(self._ids)}")

    def defs(self) -> str:
        """The `<defs>` element that the pieces drawn so far refer to."""
        return "<defs>" + "".join(f'<path id="{name}" d="{path}"/>' for path, name in self._ids.items()) + "</defs>"

    def draw(self, piece: Piece, x: float, y: float) -> str:
        """The piece with its top left corner at (x, y), in the colour that the surroundings fill with."""
        parts = [f'<g transform="translate({number(x)} {number(y)})">']
        for (scale, line), run in groupby(piece.marks, _line_of):
            if scale:  # glyphs that stand on one line at one size: that is said once
                parts.append(f'<g transform="translate(0 {number(line)})scale({number(scale)})">')
                parts += [f'<use href="#{self.id(mark.outline)}" x="{number(mark.x / scale)}"/>' for mark in run]  # type: ignore[union-attr]
                parts.append("</g>")
            else:
                parts += map(_drawn, run)
        return "".join([*parts, "</g>"])


def _line_of(mark: Glyph | Bar | Words) -> tuple[float, float]:
    return (mark.scale, mark.y) if type(mark) is Glyph else (0.0, 0.0)


def _drawn(mark: Glyph | Bar | Words) -> str:
    at = f'x="{number(mark.x)}" y="{number(mark.y)}"'
    if isinstance(mark, Words):
        size = f'font-size="{number(mark.size)}" textLength="{number(mark.width)}"'
        return f'<text {at} {size} lengthAdjust="spacingAndGlyphs">{xml(mark.text)}</text>'
    assert isinstance(mark, Bar)
    return f'<rect {at} width="{number(mark.width)}" height="{number(mark.height)}"/>'


def number(value: float) -> str:
    """For an attribute: at most three decimals, no `-0`, no trailing zeros."""
    return f"{round(value, 3) + 0.0:.3f}".rstrip("0").rstrip(".")


def plain(text: str) -> str:
    """`text` without what XML forbids or a terminal would obey: control characters, surrogates, marks of direction."""
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    return "".join(character for character in text if character == "\n" or _printable(character))


def xml(text: str) -> str:
    """`text` for the inside of an element or of an attribute in double or single quotes."""
    return escape(plain(text))


def typeset(latex: str, text: str, size: float) -> Piece:
    """The formula `latex` at `size` pixels; where it can't be set, or is empty, `text`. Never raises."""
    with _lock:
        return _typeset(latex, text, float(size))


@lru_cache(maxsize=4096)
def _typeset(latex: str, text: str, size: float) -> Piece:
    if latex.strip():
        # A formula comes from a user's names and from other libraries: whatever is wrong with it, its text is shown.
        try:
            return _formula(latex, size)
        except Exception:
            return _plain_text(text.strip() or latex, size)
    return _plain_text(text, size)


def _formula(latex: str, size: float) -> Piece:
    if len(latex) > _LONGEST_FORMULA:
        raise ValueError("too long to be read as a formula")
    ziamath = _ziamath()
    from ziamath.tex import tex2mml

    mathml = ET.fromstring(tex2mml(latex))
    prepare(mathml)
    _font().language("math", "")  # a fault in an earlier formula may have left it otherwise
    formula = ziamath.Math(mathml, size=size, margin=0)
    canvas = _Canvas("svg")
    formula.node.draw(0, 0, canvas)
    made = assembled(_marks(canvas, ziamath.config.math.color))
    if made.height > _TALLEST * size:
        raise ValueError("a sign that was stretched without end")
    return made


class _Canvas(ET.Element):
    """Makes ziamath define each glyph where it is used: it gives brackets of different heights the same id."""

    def findall(self, path: str, namespaces: dict[str, str] | None = None) -> list[ET.Element]:
        return []


def _marks(canvas: ET.Element, ink: str) -> Iterable[Glyph | Bar]:
    """What ziamath drew, as numbers. Raises on anything else than glyphs and bars in the plain ink."""
    outline, corner, height = None, (0.0, 0.0), 1.0
    for element in canvas:
        if element.tag == "symbol":
            if element.attrib["id"].endswith("_0"):
                raise ValueError("the font lacks a character")
            outline = _outline(" ".join(path.attrib["d"] for path in element.iter("path")))
            left, top, _, height = map(float, element.attrib["viewBox"].split())
            corner = (left, top)
        elif element.tag == "use" and outline is not None:
            if outline.path:
                scale = float(element.attrib["height"]) / height
                x, y = float(element.attrib["x"]), float(element.attrib["y"])
                yield Glyph(outline, x - corner[0] * scale, y - corner[1] * scale, scale)
        elif element.tag == "rect" and element.attrib.get("fill", ink) == ink and "stroke" not in element.attrib:
            yield Bar(*(float(element.attrib[name]) for name in ("x", "y", "width", "height")))
        else:
            raise ValueError(f"cannot draw a {element.tag}")


@lru_cache(maxsize=4096)
def _outline(path: str) -> Outline:
    if not re.fullmatch(r"[MLQCZ0-9.\- ]*", path):
        raise ValueError("not an outline")
    short = re.sub(r"-?\d+\.?\d*", lambda found: number(round(float(found[0]), 2)), path)
    short = re.sub(r" ?([A-Z]) ?", r"\1", short).replace(" -", "-").strip()
    values = [float(found) for found in re.findall(r"-?\d+\.?\d*", short)]
    xs, ys = values[::2] or [0.0], values[1::2] or [0.0]
    return Outline(short, Rectangle(min(xs), min(ys), max(xs), max(ys)))


def _plain_text(text: str, size: float) -> Piece:
    marks: list[Glyph | Words] = []
    width = 0.0
    lines = plain(text).strip("\n").split("\n")
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], "…"]
    for index, line in enumerate(lines):
        if len(line) > _LONGEST_LINE:
            line = line[: _LONGEST_LINE - 1] + "…"
        line_marks, line_width = text_line(line, size, index * _LINE * size)
        marks += line_marks
        width = max(width, line_width)
    return assembled(marks, Rectangle(0.0, -0.75 * size, width, ((len(lines) - 1) * _LINE + 0.25) * size))


def text_line(line: str, size: float, y: float) -> tuple[tuple[Glyph | Words, ...], float]:
    """One line of plain text, its marks from x = 0 on a line at `y`, and its width."""
    marks: list[Glyph | Words] = []
    missing = ""
    x = 0.0
    font = _font()
    for character in [*line, ""]:  # the empty one ends the last run
        glyph = _glyph(font, character)
        if glyph is None and character:
            missing += character
            continue
        if missing:
            width = max(sum(map(_guessed_width, missing)), 0.3) * size
            marks.append(Words(missing, x, y, width, size))
            x, missing = x + width, ""
        if glyph is not None:
            outline, advance = glyph
            if outline.path:
                marks.append(Glyph(outline, x, y, size / EM))
            x += advance * size
    return tuple(marks), x


@lru_cache(maxsize=4096)
def _glyph(font: Any, character: str) -> tuple[Outline, float] | None:
    """The outline of a character and its advance in em; None where there is no such glyph."""
    if not character or font is None:
        return None
    try:
        with _lock:
            return _read_glyph(font, character)
    except Exception:  # a fault in a font costs one character its outline
        return None


def _read_glyph(font: Any, character: str) -> tuple[Outline, float] | None:
    index = font.glyphindex(character)
    if index == 0:
        return None
    glyph = font.glyph_fromid(index)
    path = glyph.svgpath()
    advance = glyph.advance() / font.info.layout.unitsperem
    return _outline("" if path is None else path.attrib["d"]), advance


def _guessed_width(character: str) -> float:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else 0.65


def assembled(marks: Iterable[Glyph | Bar | Words], *bounds: Rectangle) -> Piece:
    """The marks moved so that the rectangle around them and `bounds` begins at (0, 0)."""
    marks = tuple(marks)
    rectangles = [*bounds, *map(ink, marks)] or [Rectangle(0.0, 0.0, 0.0, 0.0)]
    left, top = min(area.left for area in rectangles), min(area.top for area in rectangles)
    right, bottom = max(area.right for area in rectangles), max(area.bottom for area in rectangles)
    shifted = tuple(moved(mark, -left, -top) for mark in marks) if left or top else marks
    return Piece(right - left, bottom - top, -top, shifted)


def moved(mark: Glyph | Bar | Words, x: float, y: float) -> Glyph | Bar | Words:
    """The mark, elsewhere. Written out: dataclasses.replace takes five times as long."""
    if type(mark) is Glyph:
        return Glyph(mark.outline, mark.x + x, mark.y + y, mark.scale)
    if type(mark) is Bar:
        return Bar(mark.x + x, mark.y + y, mark.width, mark.height)
    assert type(mark) is Words
    return Words(mark.text, mark.x + x, mark.y + y, mark.width, mark.size)


def ink(mark: Glyph | Bar | Words) -> Rectangle:
    """What a mark covers, from the corner of its piece."""
    if isinstance(mark, Bar):
        return Rectangle(mark.x, mark.y, mark.x + mark.width, mark.y + mark.height)
    if isinstance(mark, Words):
        return Rectangle(mark.x, mark.y - 0.8 * mark.size, mark.x + mark.width, mark.y + 0.25 * mark.size)
    shape, scale = mark.outline.area, mark.scale
    return Rectangle(
        mark.x + shape.left * scale,
        mark.y + shape.top * scale,
        mark.x + shape.right * scale,
        mark.y + shape.bottom * scale,
    )


def _printable(character: str) -> bool:
    code = ord(character)
    if 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 or code & 0xFFFE == 0xFFFE:
        return False
    return unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")


@lru_cache(maxsize=1)
def _ziamath() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds its font by a call that some Python versions deprecate
        import ziamath
    return ziamath


@lru_cache(maxsize=1)
def _font() -> Any:
    """The font that formulas are set in; None where it can't be had."""
    try:
        from importlib import import_module

        _ziamath()
        return import_module("ziamath.zmath").loadedfonts["default"]
    except Exception:
        return None
