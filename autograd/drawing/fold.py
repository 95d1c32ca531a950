"""What of a large graph a picture shows: which parts stand open, which are folded into one box each."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ..derivation.names import pretty
from ..derivation.steps import Value
from .parts import Part, by_scope, shortened
from .scopes import Scopes

MOST_BOXES = 40
"""A picture with more boxes folds by itself."""


_MANY_BOXES = 400
"""So many are shown where they were asked for."""

_FEWEST_GATHERED = 4
"""So many inputs, constants or parameters are put together, where there are too many boxes."""

_FEW_PARAMETERS = 6
"""So few are shown also where what uses them is folded, unless that is a module: they are what it is all about."""


@dataclass(frozen=True, slots=True)
class View:
    """What a picture shows of the values: `box_of` has for each value's number the part that hides it, or None.

    `around` has the open part that each shown thing lies in: a value's number, or a folded or open part.
    """

    whole: Part
    box_of: list[Part | None]
    around: dict[Part | int, Part]
    folded: tuple[Part, ...]
    opened: tuple[Part, ...]
    by_itself: bool
    """Whether the picture folded more than it was asked to."""

    def notes(self, call: str, so_that: str, all_at_once: bool = True) -> tuple[str, ...]:
        """How much is folded, and the `call` that shows more; nothing where nothing is folded."""
        hidden = sum(part is not None for part in self.box_of)
        if not hidden:
            return ()
        count = len(self.folded)
        boxes = "box" if count == 1 else "boxes"
        said = f"{hidden:,} of {len(self.box_of):,} values are folded into {count} {boxes}"
        if not self.by_itself:
            return (f"{said}.",)
        path = next((part.path for part in self.folded if part.path), "")
        ways = [f'{call}(…, open=["{path}"]) opens a part'] if path else []
        if all_at_once:
            ways.append(f"{call}(…, fold=False) shows them all")
        elif not path:
            ways.append(f'{call}(…, open=["name"]) opens what is around a value')
        return f"{said}, {so_that}.", f"{', '.join(ways)}."


def view(
    values: Sequence[Value],
    scopes: Scopes,
    *,
    depth: int | None = None,
    opened: Iterable[str] = (),
    folded: Iterable[str] = (),
    fold: bool = True,
) -> View:
    """Decide what is shown. `depth`: how many levels of modules stand open; `fold`: whether to fold unasked.

    ValueError for a name in `opened` or `folded` that no part and no value has, with those that come close.
    """
    whole = by_scope(values, scopes)
    opened = tuple(opened)
    closed = {part for name in folded for part in _parts_named(whole, name, values)}
    result: set[Part | int] = {n for n, value in enumerate(values) if value.role == "output"}  # is always shown
    apart = result.union(*(_opened(whole, name, values) for name in opened))
    if depth is not None:
        closed |= {part for part, level in _levels(whole) if part.scope and level > depth} - apart
    by_itself = fold and _boxes(whole, values, closed) > MOST_BOXES
    if by_itself:
        shortened(whole, values, apart)
        apart = result.union(*(_opened(whole, name, values) for name in opened))  # now with what was put around them
        levels = _levels(whole)
        closed |= {part for part, _ in levels if not part.scope} - apart
        for level in range(max((found for _, found in levels), default=0), 0, -1):
            if _boxes(whole, values, closed) <= MOST_BOXES:
                break
            closed |= {part for part, found in levels if found == level} - apart
    seen = _seen(whole, values, closed, by_itself)
    return _with_leaves_gathered(seen, values, apart) if by_itself else seen


def _opened(whole: Part, name: str, values: Sequence[Value]) -> set[Part | int]:
    """What is to stand open so that what is called `name` can be seen: the part, and all around it."""
    found: set[Part | int] = set()
    try:
        parts = _parts_named(whole, name, values)
    except ValueError:
        wanted = pretty(name).text
        numbers = [n for n, value in enumerate(values) if wanted == value.symbol.name.text]
        if not numbers:
            raise
        around = {child: part for part, _ in [(whole, 0), *_levels(whole)] for child in part.children}
        for number in numbers:
            found.add(number)
            if number in around:  # a leaf lies nowhere by itself
                found |= {around[number]} | _around_all({around[number]})
        return found
    return found | set(parts) | _around_all(set(parts))


def _around_all(parts: Collection[Part]) -> set[Part]:
    """The parts and all that they lie in."""
    found = set()
    for part in parts:
        each: Part | None = part
        while each is not None and each not in found:
            found.add(each)
            each = each.parent
    return found


def _parts_named(whole: Part, name: str, values: Sequence[Value]) -> list[Part]:
    parts = [part for part, _ in _levels(whole) if part.scope]
    found = [part for part in parts if name in (part.path, part.label)]
    if not found:
        modules, names = dict.fromkeys(part.path for part in parts), [value.symbol.name.text for value in values]
        if pretty(name).text in names:
            there = f"here are {', '.join(list(modules)[:8])}" if modules else "there are none here"
            raise ValueError(f"{name!r} is a single value; what can be folded are modules: {there}")
        if "[" in name and pretty(name.partition("[")[0]).text in names:
            raise ValueError(f"{name!r} is one entry; a playback has whole values: give ag.draw its open=")
        known = [*modules, *names]
        close = get_close_matches(name, known, 5) or known[:8]
        raise ValueError(f"nothing in this picture is called {name!r}; there are, for example, {', '.join(close)}")
    return found


def _levels(whole: Part) -> list[tuple[Part, int]]:
    """All parts but the whole, each with how many it lies in, the outermost first."""
    found: list[tuple[Part, int]] = []
    level, parts = 1, [child for child in whole.children if isinstance(child, Part)]
    while parts:
        found += [(part, level) for part in parts]
        parts = [child for part in parts for child in part.children if isinstance(child, Part)]
        level += 1
    return found


def _boxes(whole: Part, values: Sequence[Value], closed: Collection[Part]) -> int:
    """How many boxes there are if these parts are closed."""
    seen = _seen(whole, values, closed, False)
    return len(seen.folded) + sum(part is None for part in seen.box_of)


def _seen(whole: Part, values: Sequence[Value], closed: Collection[Part], by_itself: bool) -> View:
    box_of: list[Part | None] = [None] * len(values)
    around: dict[Part | int, Part] = {}
    folded: list[Part] = []
    opened: list[Part] = []
    stack: list[Part | int] = [*reversed(whole.children)]
    for child in whole.children:
        around[child] = whole
    while stack:
        each = stack.pop()
        if not isinstance(each, Part):
            continue
        if each in closed:
            folded.append(each)
            for number in each.values():
                box_of[number] = each
            continue
        opened.append(each)
        for child in each.children:
            around[child] = each
        stack.extend(reversed(each.children))
    _place_leaves(whole, values, box_of, around)
    return View(whole, box_of, around, tuple(folded), tuple(opened), by_itself)


def _place_leaves(
    whole: Part, values: Sequence[Value], box_of: list[Part | None], around: dict[Part | int, Part]
) -> None:
    """What nothing computed lies where all its uses lie: hidden with them, or in the innermost open part around them.

    Inputs stand outside of all parts: they come from there.
    """
    users = _users(values)
    parameters = sum(value.role == "parameter" for value in values)
    for n, value in enumerate(values):
        if value.formula is not None:
            continue
        boxes = {box_of[user] if box_of[user] is not None else user for user in users.get(n, ())}
        only = next(iter(boxes)) if len(boxes) == 1 else None
        few = parameters <= _FEW_PARAMETERS and isinstance(only, Part) and not only.path
        if isinstance(only, Part) and value.role != "input" and not few:
            box_of[n] = only
            continue
        paths = [_path(around, box) for box in boxes if box is not None] if value.role != "input" else []
        common = [part for part in paths[0] if all(part in path for path in paths)] if paths else []
        around[n] = common[0] if common else whole


def _with_leaves_gathered(seen: View, values: Sequence[Value], apart: Collection[Part | int]) -> View:
    """The view with what nothing computed put together, where that alone would be too many boxes.

    Those of one role that are used by the same boxes lie in one; if that does not do, of the same first user; or all.
    """
    shown = [n for n, value in enumerate(values) if value.formula is None and seen.box_of[n] is None and n not in apart]
    users = _users(values)
    boxes = {n: tuple(dict.fromkeys(seen.box_of[user] or user for user in users.get(n, ()))) for n in shown}
    others = len(seen.folded) + seen.box_of.count(None) - len(shown)
    if others + len(shown) <= MOST_BOXES:
        return seen
    ways = [_leaf_groups(shown, values, boxes, length) for length in (None, 1, 0)]  # so many of the users count
    counts = [others + len(shown) - sum(len(group) - 1 for group in way) for way in ways]
    fits = [way for way, count in zip(ways, counts, strict=True) if count <= MOST_BOXES]
    gathered = fits[0] if fits else ways[0] if counts[0] <= _MANY_BOXES else ways[-1]
    box_of, around, folded = [*seen.box_of], dict(seen.around), [*seen.folded]
    for group in gathered:
        names = [values[n].symbol.name.text for n in (group[0], group[-1])]
        part = Part(" … ".join(names), children=[*group])
        places = {around.pop(n) for n in group}
        around[part] = places.pop() if len(places) == 1 else seen.whole
        folded.append(part)
        for n in group:
            box_of[n] = part
    return replace(seen, box_of=box_of, around=around, folded=tuple(folded))


def _leaf_groups(
    shown: Sequence[int], values: Sequence[Value], boxes: dict[int, tuple[Part | int, ...]], length: int | None
) -> list[list[int]]:
    groups: dict[Hashable, list[int]] = {}
    for n in shown:
        groups.setdefault((values[n].role, boxes[n][:length]), []).append(n)
    return [group for group in groups.values() if len(group) >= _FEWEST_GATHERED]


def _users(values: Sequence[Value]) -> dict[int, list[int]]:
    numbers = {value.symbol.name.identifier: n for n, value in enumerate(values)}
    users: dict[int, list[int]] = {}
    for n, value in enumerate(values):
        for name in value.inputs:
            users.setdefault(numbers[name.identifier], []).append(n)
    return users


def _path(around: dict[Part | int, Part], box: Part | int) -> list[Part]:
    """The open parts around a box, from the inside."""
    found = []
    part: Part | None = around[box]
    while part is not None:
        found.append(part)
        part = around.get(part)
    return found
