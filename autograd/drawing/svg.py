"""A scene as SVG, typeset and laid out.

The same scene gives the same bytes. Every id and class begins with a prefix made from the scene's content, so that
several pictures can stand in one page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import hypot

from .geometry import Curve, Frame, Link, Placement, Point, along
from .layout import FRAME_MARGIN, FRAME_TITLE, PAGE, RANK_GAP, place
from .legend import legend
from .looks import style_sheet
from .scene import ROLES, Arrow, Box, Group, Row, Scene, as_text
from .sheet import STACK, Sheet, draw_placed, draw_sheet, label, sheet
from .typeset import Outlines, number, typeset, xml

MARGIN = 20.0
LABEL_GAP = 21.0  # between boxes and labels, along the arrows
HEAD_LENGTH, HEAD_WIDTH = 9.0, 7.0  # of an arrow's head
NOTE, FRAME = 13.0, 12.5  # sizes of type
MOST_TYPESET = 400  # different formulas; of more, their plain text is set, which takes a tenth of the time
_CROWD = 30  # boxes: of more, and of more arrows yet, the arrows are fans
SUM = 12.0  # the radius of the sign that stands where gradients are summed


def svg(scene: Scene, page: tuple[float, float] = PAGE) -> str:
    """The scene as a complete SVG document, from left to right or from the top, as fits the page better.

    RuntimeError where no Graphviz works.
    """
    return Drawing(scene, page=page).document()


@dataclass(slots=True)
class _Route:
    """The links that one arrow of the scene takes, by their numbers; it may pass a label, a backward one also a sum.
    None where it runs along another arrow."""

    links: list[int] = field(default_factory=list)
    label: Sheet | None = None


class Drawing:
    """A scene on its way to an SVG document. `explained`: with a legend below."""

    role = "img"
    """ARIA's; an "img" hides from screen readers what is in it."""
    label_gap = LABEL_GAP

    def __init__(self, scene: Scene, explained: bool = True, page: tuple[float, float] = PAGE) -> None:
        if _formulas(scene) > MOST_TYPESET:
            scene = as_text(scene)
        self.scene, self.explained, self.page = scene, explained, page
        self.prefix = "g" + sha256(repr(scene).encode("utf-8", "replace")).hexdigest()[:8]
        self.outlines = Outlines(self.prefix)
        self.sheets = {f"box {box.key}": sheet(box) for box in scene.boxes}
        self.names = {box.key: box.title for box in scene.boxes}
        self.places = {box.key: index for index, box in enumerate(scene.boxes)}
        self.titles = {group.key: typeset("", group.title, FRAME) for group in scene.groups}
        arriving = Counter(arrow.head for arrow in scene.arrows if arrow.backward and not arrow.along)
        self.sums = {key: f"sum {key}" for key, number_of in arriving.items() if number_of > 1}
        self.links: list[Link] = []
        self.forward = {(arrow.tail, arrow.head): i for i, arrow in enumerate(scene.arrows) if not arrow.backward}
        self.routes = [self._route(index, arrow) for index, arrow in enumerate(scene.arrows)]
        self.from_sums = {key: self._link(node, f"box {key}", True) for key, node in self.sums.items()}

    def _link(self, tail: str, head: str, backward: bool) -> int:
        self.links.append(Link(tail, head, backward))
        return len(self.links) - 1

    def _route(self, index: int, arrow: Arrow) -> _Route:
        if arrow.along and (arrow.head, arrow.tail) in self.forward:
            return _Route()
        tail, head = f"box {arrow.tail}", f"box {arrow.head}"
        if arrow.backward:
            head = self.sums.get(arrow.head, head)
        if not arrow.rows:
            return _Route([self._link(tail, head, arrow.backward)])
        between = f"label {index}"
        links = [self._link(tail, between, arrow.backward), self._link(between, head, arrow.backward)]
        return _Route(links, label(arrow.rows, "back" if arrow.backward else "ink"))

    def document(self) -> str:
        scene, prefix = self.scene, self.prefix
        placement = self._place()
        roles = tuple(role for role in ROLES if any(box.role == role for box in scene.boxes))
        words = self.outlines if self.explained else Outlines(prefix)
        below = legend(scene, roles, words, max(placement.width, 560.0))
        if not self.explained:
            below = replace(below, markup="", width=0.0, height=0.0)
        notes = [typeset("", note, NOTE) for note in scene.notes]
        above = sum(note.height + 6 for note in notes) + (10 if notes else 0)
        width = max([placement.width, below.width, *(note.width for note in notes)]) + 2 * MARGIN
        height = placement.height + above + 2 * MARGIN + (below.height + MARGIN if below.markup else 0.0)
        body = []
        y = MARGIN
        for note in notes:
            body.append(f'<g class="{prefix}-quiet">{self.outlines.draw(note, MARGIN, y)}</g>')
            y += note.height + 6
        body.append(_group(Point((width - placement.width) / 2, MARGIN + above)))
        body += self._content(placement)
        body += ["</g>", _group(Point((width - below.width) / 2, height - MARGIN - below.height)), below.markup, "</g>"]
        size = f'width="{number(width)}" height="{number(height)}"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {number(width)} {number(height)}" '
                f'role="{self.role}" aria-labelledby="{prefix}-title {prefix}-desc">',
                f'<title id="{prefix}-title">{xml(scene.title)}</title>',
                f'<desc id="{prefix}-desc">{xml(scene.description)}</desc>',
                f"<style>\n{self.style(roles, below.levels)}\n</style>",
                self.outlines.defs(),
                f'<rect class="{prefix}-page" {size}/>',
                *body,
                "</svg>\n",
            ]
        )

    def style(self, roles: Iterable[str], levels: Iterable[int]) -> str:
        return style_sheet(self.prefix, roles, levels)

    def _place(self) -> Placement:
        sizes = {
            key: (made.width + 2 * made.border, made.height + 2 * made.border) for key, made in self.sheets.items()
        }
        for index, route in enumerate(self.routes):
            if route.label is not None:
                sizes[f"label {index}"] = (route.label.width, route.label.height)
        sizes |= dict.fromkeys(self.sums.values(), (2 * SUM, 2 * SUM))
        labels = any(route.label for route in self.routes)
        fans = not labels and _CROWD < len(sizes) < len(set(self.links)) and not any(x.backward for x in self.links)
        gap = self.label_gap if labels else RANK_GAP
        beside = self._beside()
        return place(sizes, self.links, self._frames(), rank_gap=gap, beside=beside, page=self.page, fans=fans)

    def _beside(self) -> dict[str, str]:
        """Parameters and constants that are used once stand beside what they are used in, if that has other inputs."""
        roles = {box.key: (box.role, box.group) for box in self.scene.boxes}
        uses: dict[str, list[str]] = {}
        for arrow in self.scene.arrows:
            if not arrow.backward:
                uses.setdefault(arrow.tail, []).append(arrow.head)
        computed = {head for heads in uses.values() for head in heads}
        wanted = {
            tail: heads[0]
            for tail, heads in uses.items()
            if len(heads) == 1
            and tail not in computed
            and roles[tail][0] in ("parameter", "constant")
            and roles[tail][1] == roles[heads[0]][1]
        }
        flowing = {head for tail, heads in uses.items() if tail not in wanted for head in heads}
        return {f"box {tail}": f"box {head}" for tail, head in wanted.items() if head in flowing}

    def _frames(self) -> dict[str, Frame]:
        groups = {group.key: group for group in self.scene.groups if group.key}
        of_box = {box.key: box.group for box in self.scene.boxes if box.group in groups}
        members: dict[str, list[str]] = {key: [] for key in groups}
        for key, group in of_box.items():
            members[group].append(f"box {key}")
            if key in self.sums:
                members[group].append(self.sums[key])
        for index, (arrow, route) in enumerate(zip(self.scene.arrows, self.routes, strict=True)):
            if route.label is not None:
                both = [_around(of_box.get(end, ""), groups) for end in (arrow.tail, arrow.head)]
                common = next((key for key in both[0] if key in both[1]), None)
                if common:
                    members[common].append(f"label {index}")
        return {key: Frame(tuple(members[key]), group.parent, self.titles[key].width) for key, group in groups.items()}

    def _content(self, placement: Placement) -> list[str]:
        scene, prefix = self.scene, self.prefix
        body = []
        for group in scene.groups:
            area = placement.frames.get(group.key)
            if area is not None:
                said = ". ".join(part for part in (group.title, group.description) if part)
                title = self.outlines.draw(self.titles[group.key], FRAME_MARGIN, (FRAME_TITLE - FRAME) / 2 + 4)
                size = f'width="{number(area.width)}" height="{number(area.height)}" rx="10"'
                body.append(
                    f"{_group(Point(area.x, area.y))}<title>{xml(said)}</title>"
                    f'<rect class="{prefix}-frame" {size}/><g class="{prefix}-quiet">{title}</g></g>'
                )
        for index, (arrow, route) in enumerate(zip(scene.arrows, self.routes, strict=True)):
            curves = [placement.curves[number_of] for number_of in route.links]
            if not curves:
                against = self.routes[self.forward[arrow.head, arrow.tail]].links[::-1]
                curves = [along(placement.curves[number_of], HEAD_LENGTH) for number_of in against]
            body.append(self._arrow(index, arrow, curves))
        for key, number_of in self.from_sums.items():
            body.append(self._sum(key, placement.centres[self.sums[key]], placement.curves[number_of]))
        for index, route in enumerate(self.routes):
            if route.label is not None:
                body.append(self._label(index, route.label, placement.centres[f"label {index}"]))
        for box in scene.boxes:
            body.append(self._box(box, placement.centres[f"box {box.key}"]))
        return body

    def _arrow(self, index: int, arrow: Arrow, curves: list[Curve]) -> str:
        ends = (arrow.tail, arrow.head)
        said = arrow.description or " → ".join(self.names[key] for key in ends)
        if arrow.count > 1:
            said += f" ({arrow.count} uses)"
        if arrow.along and arrow.rows:
            said = " ".join([f"{said}:", *map(_said, arrow.rows)])
        style = ("backshaft", "back") if arrow.backward else ("shaft", "head")
        strokes = "".join(
            _stroke(curve, self.prefix, style, last=curve is curves[-1], lit=arrow.lit) for curve in curves
        )
        if arrow.along:  # what it says is to be had without hitting a dash
            strokes += "".join(f'<path class="{self.prefix}-reach" d="{_course(curve)}"/>' for curve in curves)
        return f'<g id="{self.prefix}-arrow{index}"><title>{xml(said)}</title>{strokes}</g>'

    def _sum(self, key: str, centre: Point, curve: Curve) -> str:
        p, r = self.prefix, number(SUM - 1)
        said = f"The gradients that arrive at {self.names[key]} are added up"
        at = f'cx="{number(centre.x)}" cy="{number(centre.y)}" r="{r}"'
        sign = f"M{number(centre.x - 5)} {number(centre.y)}h10M{number(centre.x)} {number(centre.y - 5)}v10"
        return (
            f"<g><title>{xml(said)}</title>{_stroke(curve, p, ('backshaft', 'back'), last=True, lit=False)}"
            f'<circle class="{p}-paper" {at}/><circle class="{p}-backline" {at}/>'
            f'<path class="{p}-backline" d="{sign}"/></g>'
        )

    def _label(self, index: int, made: Sheet, centre: Point) -> str:
        p = self.prefix
        shape = f'width="{number(made.width)}" height="{number(made.height)}" rx="5"'
        arrow = self.scene.arrows[index]
        said = " ".join(_said(row) for row in arrow.rows)
        line = "backline" if arrow.backward else "labelline"
        pieces = "".join(draw_placed(each, self.outlines) for each in made.pieces)
        return (
            f"{_group(Point(centre.x - made.width / 2, centre.y - made.height / 2))}<title>{xml(said)}</title>"
            f'<rect class="{p}-paper" {shape}/>{pieces}<rect class="{p}-{line}" {shape}/></g>'
        )

    def _box(self, box: Box, centre: Point) -> str:
        made = self.sheets[f"box {box.key}"]
        corner = Point(centre.x - made.width / 2, centre.y - made.height / 2)
        if box.count > 1:  # the sheets behind stand out to the right and below
            corner = Point(corner.x - STACK, corner.y - STACK)
        said = ". ".join(part for part in (self.names[box.key], box.role, box.description) if part)
        more = [_said(row) for row in box.rows] + [mark.text for mark in box.marks]
        index = self.places[box.key]
        return "".join(
            [
                _group(corner, f'class="{self.prefix}-{box.role}" id="{self.prefix}-box{index}" '),
                f"<title>{xml(said)}</title>",
                f"<desc>{xml('; '.join(more))}</desc>" if more else "",
                draw_sheet(made, box.role, box.count, self.outlines),
                "</g>",
            ]
        )


def _formulas(scene: Scene) -> int:
    """How many different ones there are to set, a long one counted as several: it takes as much time."""
    rows = [row for box in scene.boxes for row in (box.heading, *box.operation, *box.rows)]
    rows += [row for arrow in scene.arrows if not arrow.along for row in arrow.rows]
    return sum(max(1, len(latex) // 100) for latex in {row.latex for row in rows})


def _around(key: str, groups: dict[str, Group]) -> list[str]:
    """A group and those around it, from the inside."""
    found = []
    while key in groups and key not in found:
        found.append(key)
        key = groups[key].parent
    return found


def _said(row: Row) -> str:
    return f"{row.caption}: {row.text or row.latex}" if row.caption else row.text or row.latex


def _group(at: Point, attributes: str = "") -> str:
    return f'<g {attributes}transform="translate({_at(at)})">'


def _stroke(curve: Curve, prefix: str, style: tuple[str, str], *, last: bool, lit: bool) -> str:
    """A curve, and, if it is the arrow's last, the arrow's head."""
    end, tip = curve.points[-1], curve.tip
    strong = f" {prefix}-lit" if lit else ""
    shaft = f'<path class="{prefix}-{style[0]}{strong}" d="{_course(curve)}'
    if not last:
        return f'{shaft}L{_at(tip)}"/>'
    length = hypot(tip.x - end.x, tip.y - end.y) or 1.0
    along = Point((tip.x - end.x) / length, (tip.y - end.y) / length)
    long, wide = HEAD_LENGTH * (1.3 if lit else 1.0), HEAD_WIDTH * (1.5 if lit else 1.0)
    base = Point(tip.x - along.x * long, tip.y - along.y * long)
    aside = Point(-along.y * wide / 2, along.x * wide / 2)
    head = (tip, Point(base.x + aside.x, base.y + aside.y), Point(base.x - aside.x, base.y - aside.y))
    return f'{shaft}L{_at(base)}"/><path class="{prefix}-{style[1]}" d="M{"L".join(map(_at, head))}Z"/>'


def _course(curve: Curve) -> str:
    start, *rest = curve.points
    return f"M{_at(start)}C{' '.join(map(_at, rest))}"


def _at(point: Point) -> str:
    return f"{number(point.x)} {number(point.y)}"
