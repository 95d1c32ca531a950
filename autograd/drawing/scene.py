"""What a picture shows, before anyone decides where: boxes of formulas, arrows between them. Plain records.

Between a graph and its picture stands nothing but these, so other sources can be drawn by making them.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("parameter", "input", "constant", "intermediate", "output")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a box: a short caption in small print, and a formula."""

    caption: str
    latex: str
    text: str
    """The formula in plain Unicode: for screen readers, terminals, and where typesetting fails."""


@dataclass(frozen=True, slots=True)
class Box:
    """A value of the graph. `key` is unique in the scene, stable, and safe as an identifier."""

    key: str
    role: str
    heading: Row
    rows: tuple[Row, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """From the box of an input to the box of what was made from it. Twice the same pair: used twice."""

    tail: str
    head: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture's content. `title` and `description` are read out for the whole picture."""

    title: str
    description: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
