"""What goes to the layout and comes back from it: links, frames, points, curves, places. Plain records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow between two keys. A `backward` one is laid out from head to tail, and is no reason to stand left."""

    tail: str
    head: str
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A group to lay out: the keys of the boxes in it, not counting those in groups inside, and its title's width."""

    members: tuple[str, ...]
    parent: str = ""
    title_width: float = 0.0


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle by its top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Cubic Béziers one after another: a start, then three points each. `tip` is where the arrow's head ends."""

    points: tuple[Point, ...]
    tip: Point


@dataclass(frozen=True, slots=True)
class Placement:
    """The whole picture's size, the middle of each box, a curve for each arrow in the order given. y grows downward."""

    width: float
    height: float
    centres: dict[str, Point]
    curves: tuple[Curve, ...]
    frames: dict[str, Area]
