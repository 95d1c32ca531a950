"""What goes to the layout and comes back from it: links, frames, points, curves, places. Plain records."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot


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


_APART = 4.5  # an arrow back and the one forward that it runs beside


def along(curve: Curve, head: float) -> Curve:
    """The way back beside a curve, for an arrow with a head of that length."""
    points = [curve.tip, *reversed(curve.points[:-1])]
    around = [points[0], *points, points[-1]]
    moved = []
    for before, at, after in zip(around, points, around[2:], strict=False):
        x, y = after.x - before.x, after.y - before.y
        length = hypot(x, y) or 1.0
        moved.append(Point(at.x - y / length * _APART, at.y + x / length * _APART))
    tip, before = moved[-1], moved[-2]
    length = hypot(tip.x - before.x, tip.y - before.y) or 1.0
    part = min(head / length, 0.5)
    return Curve((*moved[:-1], Point(tip.x + (before.x - tip.x) * part, tip.y + (before.y - tip.y) * part)), tip)


def stretched(curve: Curve, start: Point, end: Point) -> Curve:
    """The curve with its start and its end moved by so much, and what lies between accordingly."""
    last = len(curve.points) - 1

    def moved(point: Point, part: float) -> Point:
        return Point(
            point.x + start.x * (1 - part) + end.x * part,
            point.y + start.y * (1 - part) + end.y * part,
        )

    return Curve(tuple(moved(point, i / last) for i, point in enumerate(curve.points)), moved(curve.tip, 1.0))


@dataclass(frozen=True, slots=True)
class Placement:
    """The whole picture's size, the middle of each box, a curve for each arrow in the order given. y grows downward."""

    width: float
    height: float
    centres: dict[str, Point]
    curves: tuple[Curve, ...]
    frames: dict[str, Area]
