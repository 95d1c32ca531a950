"""What stands beside what it is used in: the parameters of a layer above and below it, on no rank of their own.

Data then flows along the arrows, and a picture is as many boxes long as there are steps, not one more. Graphviz is
told the order of such a column; the arrows in it are straight, and made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .geometry import Curve, Link, Point

ROOM = 18.0
"""Next to a label, for the arrow that passes it."""
_HEAD, _MARGIN = 9.0, 8.0

Sizes = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Beside:
    """A key that stands beside its `user`; the number of the link there; those of the way back, and its label."""

    leaf: str
    user: str
    forward: int
    back: tuple[int, ...] = ()
    label: str = ""

    @property
    def links(self) -> tuple[int, ...]:
        return (self.forward, *self.back)


def found(links: Sequence[Link], wanted: Mapping[str, str], sizes: Sizes, upright: bool) -> list[Beside]:
    """Those of `wanted`, each with what it is used in, that can stand beside it: two at most, if their arrows fit.

    `upright`: whether a column stands from top to bottom, as it does where the arrows run from left to right.
    """
    made: list[Beside] = []
    for leaf, user in wanted.items():
        (forward,) = (i for i, link in enumerate(links) if link.tail == leaf)
        back = [i for i, link in enumerate(links) if link.head == leaf]
        label = next((links[i].tail for i in back if links[i].tail != user), "")
        back = [*(i for i, link in enumerate(links) if label and link.head == label), *back]
        room = min(_across(sizes[leaf], upright), _across(sizes[user], upright)) - _MARGIN
        fits = not label or _across(sizes[label], upright) + ROOM <= room
        if fits and sum(each.user == user for each in made) < 2:
            made.append(Beside(leaf, user, forward, tuple(back), label))
    return made


def columns(found: Iterable[Beside]) -> dict[str, list[str]]:
    """For each user, the keys of its column in their order."""
    made: dict[str, list[str]] = {}
    for each in found:
        keys = made.get(each.user)
        between = [each.label] if each.label else []
        made[each.user] = [each.leaf, *between, each.user] if keys is None else [*keys, *between, each.leaf]
    return made


def roomy(sizes: Sizes, found: Iterable[Beside], upright: bool) -> dict[str, tuple[float, float]]:
    """The sizes with room for the arrows that pass labels."""
    made = dict(sizes)
    for each in found:
        if each.label:
            width, height = sizes[each.label]
            made[each.label] = (width + ROOM, height) if upright else (width, height + ROOM)
    return made


def arrange(each: Beside, sizes: Sizes, centres: dict[str, Point], upright: bool) -> dict[int, Curve]:
    """The curves of its links by their numbers; its label is moved to one side of its room."""

    def turned(at: Point) -> Point:
        return at if upright else Point(at.y, at.x)

    def edges(key: str) -> tuple[float, float]:
        half, middle = _across(sizes[key], not upright) / 2, turned(centres[key]).y
        return middle - half, middle + half

    def straight(x: float, tail: str, head: str) -> Curve:
        (top, bottom), (to_top, to_bottom) = edges(tail), edges(head)
        start, tip = (bottom, to_top) if top < to_top else (top, to_bottom)
        base = tip - _HEAD if start < tip else tip + _HEAD
        points = tuple(turned(Point(x, start + (base - start) * part / 3)) for part in range(4))
        return Curve(points, turned(Point(x, tip)))

    middle = turned(centres[each.label or each.user]).x
    aside = _across(sizes[each.label], upright) / 2 if each.label else 0.0
    forward, back = (middle - aside, middle + ROOM / 2) if each.back else (middle, middle)
    if each.label:
        centres[each.label] = turned(Point(back, turned(centres[each.label]).y))
    way = [each.user, each.label, each.leaf] if each.label else [each.user, each.leaf]
    curves = {each.forward: straight(forward, each.leaf, each.user)}
    for number, tail, head in zip(each.back, way, way[1:], strict=False):
        curves[number] = straight(back, tail, head)
    return curves


def _across(size: tuple[float, float], upright: bool) -> float:
    return size[0] if upright else size[1]
