"""What a picture shows, before anyone decides where: boxes of formulas and numbers, arrows between them, groups around.

Between a graph and its picture stands nothing but these plain records: whoever makes a Scene, of whatever source, has
it drawn by `Picture(scene)`. A key is any string that is unique among its kind; all text is shown as text, whatever it
holds; LaTeX that cannot be set is replaced by the text beside it.

>>> from autograd.drawing.picture import Picture
>>> x = Box("x", "input", Row("", "x", "x"), (Row("value", "", "3"),), "an input")
>>> square = Row("", "x^{2}", "x²")
>>> y = Box("y", "output", Row("", "y", "y"), (Row("value", "", "9"),), "the result", operation=(square,))
>>> Picture(Scene("A square", "x is squared.", (x, y), (Arrow("x", "y"),)))
<Picture: 2 boxes, 1 arrow>
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

ROLES = ("parameter", "input", "constant", "intermediate", "gradient", "folded", "output", "sum")
"""Of a box. A "gradient" was computed by a backward pass; a "folded" box stands for many values; a "sum" adds up what
is seen elsewhere in the picture."""

LEVELS = 8
"""A heat strip's colours go from −LEVELS to LEVELS; one more stands for what is not finite."""


@dataclass(frozen=True, slots=True)
class Heat:
    """Numbers as colours: rows of levels, from −LEVELS for the most negative to LEVELS, 0 for zero.

    LEVELS is the largest magnitude, which `scale` writes out; LEVELS + 1 is a number that is not finite.
    """

    rows: tuple[tuple[int, ...], ...]
    scale: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a box: a short caption in small print; a heat strip, if there is one; numbers, else a formula."""

    caption: str
    latex: str
    text: str
    """The same in plain Unicode: for screen readers, terminals, and where typesetting fails."""
    numbers: tuple[tuple[str, ...], ...] = ()
    """Rows of numbers, as `number_text` writes them; a single one is shown without brackets."""
    heat: Heat | None = None
    part: str = field(default="", repr=False)
    """Where it is not empty, the row is drawn in a group of the class `part-…`, for a page that hides and shows it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to notice at a box, in a word ("saturated") and in a sentence."""

    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Box:
    """A value of the graph, or many folded into one."""

    key: str
    role: str
    heading: Row
    rows: tuple[Row, ...]
    description: str
    group: str = ""
    """The key of the innermost group that it lies in."""
    marks: tuple[Mark, ...] = ()
    count: int = 1
    """How many alike it stands for; several are drawn as a stack."""
    operation: tuple[Row, ...] = ()
    """What computes it, in lines, drawn as a shape of its own beside the heading, which then is a name."""

    @property
    def title(self) -> str:
        """The heading and what computes it, as text."""
        heading = self.heading.text or self.heading.latex
        return " ".join(
            [heading, *(["="] if self.operation else []), *((row.text or row.latex).strip() for row in self.operation)]
        )


@dataclass(frozen=True, slots=True)
class Arrow:
    """From the box of an input to the box of what was made from it; twice the same pair: used twice.

    `backward`: from a value to an input of it, what the gradient takes on its way. Where several of these arrive at one
    box, the picture shows their sum. `rows` stand on the arrow.
    """

    tail: str
    head: str
    description: str = ""
    backward: bool = False
    rows: tuple[Row, ...] = ()
    count: int = 1
    """How many uses it stands for, where boxes are folded."""
    lit: bool = False
    """Drawn strong, as one of the paths that a picture is about."""
    along: bool = False
    """Of a backward one: drawn beside the forward arrow between the same boxes, its rows only said, where there are too
    many arrows for more."""


@dataclass(frozen=True, slots=True)
class Group:
    """A dashed frame around boxes, and around the groups whose `parent` it is."""

    key: str
    title: str
    description: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture's content. `title` and `description` are read out for the whole picture; `notes` stand below it."""

    title: str
    description: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    groups: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()


def as_text(scene: Scene) -> Scene:
    """The scene with its formulas as plain text, which is set in a tenth of the time."""

    def plain(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(replace(row, latex="") if row.text else row for row in rows)

    boxes = tuple(
        replace(box, heading=plain((box.heading,))[0], operation=plain(box.operation), rows=plain(box.rows))
        for box in scene.boxes
    )
    return replace(scene, boxes=boxes, arrows=tuple(replace(arrow, rows=plain(arrow.rows)) for arrow in scene.arrows))
