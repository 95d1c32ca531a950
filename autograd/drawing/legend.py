"""The legend below a picture: what its boxes, arrows, colours and marks mean; only what occurs is explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .looks import LOOKS, level_class
from .scene import LEVELS, Scene
from .sheet import pill, warning
from .typeset import Outlines, number, typeset

LINE, GAP, SWATCH, SIZE = 22.0, 26.0, 26.0, 12.5


@dataclass(frozen=True, slots=True)
class Legend:
    markup: str
    width: float
    height: float
    levels: frozenset[int]
    """The levels of heat strips that the picture and its legend use."""


@dataclass(frozen=True, slots=True)
class _Item:
    swatch: Callable[[str], str]
    swatch_width: float
    words: str


def legend(scene: Scene, roles: Sequence[str], outlines: Outlines, widest: float) -> Legend:
    """Swatches and words, in as many lines as a width of `widest` asks for."""
    heats = [row.heat for box in scene.boxes for row in box.rows if row.heat is not None]
    heats += [row.heat for arrow in scene.arrows for row in arrow.rows if row.heat is not None]
    levels = {level for heat in heats for row in heat.rows for level in row}
    items = [_Item(_box_swatch(role), SWATCH, LOOKS[role].words or role) for role in roles]
    if any(box.operation for box in scene.boxes):
        items.append(_Item(lambda prefix: pill(0, 1.5, SWATCH, 15, prefix), SWATCH, "operation"))
    if any(arrow.backward for arrow in scene.arrows):
        items.append(_Item(_arrow_swatch(False), SWATCH + 6, "forward: values"))
        items.append(_Item(_arrow_swatch(True), SWATCH + 6, "backward: gradients, by the local derivative"))
    if heats:
        levels |= set(range(-LEVELS, LEVELS + 1, 2))
        items.append(_Item(_heat_swatch, 9 * 8, "− to +, on the scale of each strip"))
    if any(LEVELS + 1 in row for heat in heats for row in heat.rows):
        items.append(_Item(_broken_swatch, 12, "not finite"))
    if any(box.marks for box in scene.boxes):
        items.append(_Item(lambda prefix: warning(0, 9, prefix), 12, "something to notice"))
    lines: list[list[tuple[float, str]]] = [[]]
    x = farthest = 0.0
    for item in items:
        words = typeset("", item.words, SIZE)
        width = item.swatch_width + 8 + words.width
        if lines[-1] and x + width > widest:
            lines.append([])
            x = 0.0
        drawn = outlines.draw(words, item.swatch_width + 8, 13 - words.baseline)
        lines[-1].append((x, f'{item.swatch(outlines.prefix)}<g class="{outlines.prefix}-quiet">{drawn}</g>'))
        farthest = max(farthest, x + width)
        x += width + GAP
    if not items:
        return Legend("", 0.0, 0.0, frozenset(levels))
    markup = "".join(
        f'<g transform="translate({number(x)} {number(i * LINE)})">{drawn}</g>'
        for i, line in enumerate(lines)
        for x, drawn in line
    )
    return Legend(markup, farthest, LINE * len(lines) - 4, frozenset(levels))


def _box_swatch(role: str) -> Callable[[str], str]:
    look = LOOKS[role]

    def swatch(p: str) -> str:
        shape = f'y="2" width="{number(SWATCH)}" height="14" rx="{number(min(look.corner, 7))}"'
        inner = f'<rect class="{p}-edge" x="3" y="5" width="20" height="8" rx="1"/>' if look.double else ""
        return (
            f'<g class="{p}-{role}"><rect class="{p}-paper" {shape}/><rect class="{p}-tint" {shape}/>'
            f'<rect class="{p}-edge" {shape}/>{inner}</g>'
        )

    return swatch


def _arrow_swatch(backward: bool) -> Callable[[str], str]:
    shaft, head = ("backshaft", "back") if backward else ("shaft", "head")

    def swatch(p: str) -> str:
        if backward:
            return f'<path class="{p}-{shaft}" d="M32 9H9"/><path class="{p}-{head}" d="M0 9l9 -3.5v7z"/>'
        return f'<path class="{p}-{shaft}" d="M0 9H23"/><path class="{p}-{head}" d="M32 9l-9 -3.5v7z"/>'

    return swatch


def _heat_swatch(p: str) -> str:
    cells = enumerate(range(-LEVELS, LEVELS + 1, 2))
    drawn = "".join(
        f'<rect class="{p}-{level_class(level)}" x="{i * 8}" y="4" width="8" height="10"/>' for i, level in cells
    )
    return f'{drawn}<rect class="{p}-rule" y="4" width="72" height="10"/>'


def _broken_swatch(p: str) -> str:
    return f'<rect class="{p}-{level_class(LEVELS + 1)}" y="4" width="10" height="10"/>'
