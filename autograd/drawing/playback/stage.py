"""The picture of a playback: the graph with each value's state on its box, and gradients on their way back.

It is drawn once. A frame of it is nothing but a style: which boxes wait, which arrows are lit, which numbers are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...derivation import writing
from ...derivation.numbers import is_condition
from ...derivation.records import Contribution, Step
from ..boxes import folded_box
from ..geometry import Curve, Placement, Point
from ..operation import operation
from ..parts import Part
from ..scene import Arrow, Box, Group, Row, Scene
from ..sheet import Sheet
from ..shown import magnitudes_row, shape_text, value_row
from ..svg import Drawing
from ..typeset import number, typeset
from .plan import Frame, Plan

PILL, PILL_HEIGHT, PILL_PAD = 10.5, 16.0, 6.0  # the small sign on a box: type, height, space beside the word
PILL_UP = 13.0  # how far it stands up from the box, clear of the heading
WIDEST_LABEL = 190.0
_ROOM = (Row("", "", " "),)  # for the sign, in a box that holds nothing else
COLOURS = {
    "light": {"waiting": "#5B6470", "ready": "#8A5A00", "now": "#B3125F", "done": "#00694E"},
    "dark": {"waiting": "#A3ADB9", "ready": "#F2C14E", "now": "#FF8AB8", "done": "#3FD0A2"},
}
_WORDS = {"waiting": "waiting", "ready": "ready", "now": "now", "done": "✓ done"}


def scene(plan: Plan, bare: bool = False) -> Scene:
    """A box for each item with its formula, value and gradient; `bare`: its name alone. Arrows: `plan.links`."""
    groups = _groups(plan)
    boxes = tuple(_box(plan, k, bare) for k in range(len(plan.items)))
    arrows = []
    for link in plan.links:
        tail, head = (plan.items[end].name for end in (link.tail, link.head))
        said = f"the gradient of {tail} comes back to {head}" if link.backward else f"{tail} is used in {head}"
        step = plan.step(link.head)
        rows = () if bare or step is None or link.part < 0 else (_label(step, link.part, plan.large),)
        arrows.append(Arrow(f"v{link.tail}", f"v{link.head}", said, link.backward, rows, link.count))
    name = plan.derived.root.symbol.name.text
    if plan.large:
        boxes = tuple(
            replace(box, heading=_quick(box.heading), operation=tuple(map(_quick, box.operation))) for box in boxes
        )
        arrows = [replace(arrow, rows=tuple(map(_quick, arrow.rows))) for arrow in arrows]
    return Scene(
        f"Backpropagation through {name}, step by step",
        f"A graph of {len(plan.values)} values that ends in {name}.",
        boxes,
        tuple(arrows),
        groups,
    )


def _quick(row: Row) -> Row:
    """A row that is set as text, which takes a tenth of the time."""
    return replace(row, latex="")


def _groups(plan: Plan) -> tuple[Group, ...]:
    """A frame for each module that stands open."""
    if plan.seen is None:
        return ()
    around = plan.seen.around
    return tuple(
        Group(_frame(plan, part), part.title, part.path, _frame(plan, around[part])) for part in plan.seen.opened
    )


def _frame(plan: Plan, part: Part) -> str:
    assert plan.seen is not None
    return f"g{plan.seen.opened.index(part)}" if part in plan.seen.opened else ""


def _box(plan: Plan, k: int, bare: bool) -> Box:
    item, key = plan.items[k], f"v{k}"
    group = "" if plan.seen is None else _frame(plan, plan.seen.around[item.part or item.values[0]])
    if item.part is not None:
        return _folded_box(plan, k, item.part, group, bare)
    value, step = plan.value(k), plan.step(k)
    name, data = value.symbol.name, value.symbol.value
    heading = Row("", name.latex, name.text)
    if bare:
        return Box(key, item.role, heading, _ROOM, item.role, group)
    rows = [replace(value_row("value", data), part="value")]
    if step is not None:
        rows.append(replace(value_row("gradient", step.gradient.value), part="gradient"))
    said, computed = f"{item.role}, {shape_text(value.symbol.shape)}", operation(value.formula, is_condition(data))
    return Box(key, item.role, heading, tuple(rows), said, group, operation=computed)


def _folded_box(plan: Plan, k: int, part: Part, group: str, bare: bool) -> Box:
    """What is folded: how much it is, what it gives, how large the gradients in it are."""
    if bare:
        return Box(f"v{k}", "folded", Row("", "", part.title), _ROOM, "folded", group, count=part.count)
    inside = [plan.values[n] for n in sorted(part.values())]
    parameters = [plan.values[n] for n in plan.items[k].values if plan.values[n].role == "parameter"]
    given = next(iter(sorted(plan.arriving(k), key=lambda value: value.role in ("parameter", "constant"))), None)
    box = folded_box(f"v{k}", part, inside, parameters, given, (), group)
    rows = [*box.rows]
    if plan.computed(k):
        rows.append(replace(value_row("gives", plan.value(k).symbol.value), part="value"))
    if steps := plan.steps_in(k):
        sizes = magnitudes_row("gradients, last to first", [step.gradient.value for step in steps])
        rows.append(replace(sizes, part="gradient"))
    return replace(box, rows=tuple(rows))


def _label(step: Step, which: int, quick: bool) -> Row:
    """What a consumer hands back: the arriving gradient times the local derivative, if that fits beside an arrow."""
    part: Contribution = step.contributions[which]
    latex, text = writing.latex(part.rule), writing.text(part.rule)
    if len(text) > 120 or typeset("" if quick else latex, text, 12.0).width > WIDEST_LABEL:
        return Row("", r"\cdots", "…")
    return Row("", latex, text)


class Stage(Drawing):
    """A scene whose boxes bear signs of their state, and whose labels and sums can be found by their ids."""

    role = "group"
    label_gap = 24.0

    def __init__(self, plan: Plan, bare: bool = False) -> None:
        super().__init__(scene(plan, bare), explained=False)
        self.plan, self.bare = plan, bare
        self.pills = {state: self._drawn_pill(state) for state in _WORDS}
        self.sum_heads = [k for k in range(len(plan.items)) if f"v{k}" in self.sums]

    def style(self, roles: Iterable[str], levels: Iterable[int]) -> str:
        p = f".{self.prefix}"

        def colours(shade: str) -> list[str]:
            rules = []
            for state, colour in COLOURS[shade].items():
                rules.append(f"{p}-sign-{state} rect{{stroke:{colour}}}{p}-sign-{state} g{{fill:{colour}}}")
            return rules

        return "\n".join(
            [
                super().style(roles, levels),
                ",".join(f"{p}-sign-{state} rect" for state in _WORDS) + "{stroke-width:1.3}",
                f"{p}-pill{{visibility:hidden}}",
                *colours("light"),
                "@media (prefers-color-scheme: dark){",
                *colours("dark"),
                "}",
            ]
        )

    def _box(self, box: Box, centre: Point) -> str:
        made: Sheet = self.sheets[f"box {box.key}"]
        drawn = super()._box(box, centre).removesuffix("</g>")
        return drawn + "".join(self._pill(state, made) for state in _WORDS) + "</g>"

    def _pill(self, state: str, made: Sheet) -> str:
        """On the box's upper edge; in a bare box below the name: the boxes are small there, and arrows short."""
        p, width = self.prefix, self.pills[state][0]
        x, y = made.width - width - 6, -PILL_UP
        if self.bare:
            x, y = (made.width - width) / 2, made.band + (made.height - made.band - PILL_HEIGHT) / 2
        at = f'x="{number(x)}" y="{number(y)}"'
        return f'<use class="{p}-pill {p}-pill-{state}" href="#{p}-{state}" {at}/>'

    def _content(self, placement: Placement) -> list[str]:
        return [f"<defs>{''.join(drawn for _, drawn in self.pills.values())}</defs>", *super()._content(placement)]

    def _drawn_pill(self, state: str) -> tuple[float, str]:
        """A sign's width, and its markup, which the boxes use."""
        p, word = self.prefix, typeset("", _WORDS[state], PILL)
        width = word.width + 2 * PILL_PAD
        shape = f'width="{number(width)}" height="{number(PILL_HEIGHT)}" rx="{number(PILL_HEIGHT / 2)}"'
        drawn = self.outlines.draw(word, PILL_PAD, PILL_HEIGHT / 2 + 0.33 * PILL - word.baseline)
        return width, f'<g id="{p}-{state}" class="{p}-sign-{state}"><rect class="{p}-paper" {shape}/>{drawn}</g>'

    def _label(self, index: int, made: Sheet, centre: Point) -> str:
        return f'<g id="{self.prefix}-label{index}">{super()._label(index, made, centre)}</g>'

    def _sum(self, key: str, centre: Point, curve: Curve) -> str:
        return f'<g id="{self.prefix}-sum{self.places[key]}">{super()._sum(key, centre, curve)}</g>'

    def _rules(self, shade: str) -> str:
        """The style of the states, whose letters are classes."""
        p, colour = f".{self.prefix}", COLOURS[shade]
        found: list[str] = []

        def rule(letters: str, inside: str, declarations: str) -> None:
            found.append(f"{','.join(f'.s-{letter}{inside}' for letter in letters)}{{{declarations}}}")

        for state, letters in (("waiting", "wW"), ("ready", "rR"), ("now", "nN"), ("done", "dD")):
            rule(letters, f" {p}-pill-{state}", "visibility:visible")
        rule("wW", f" {p}-tint", "fill-opacity:0")
        rule("wW", f" {p}-edge", f"stroke:{colour['waiting']};stroke-width:1.2;stroke-dasharray:2 4")
        rule("rR", f" {p}-edge", f"stroke:{colour['ready']};stroke-width:2.4;stroke-dasharray:8 4")
        rule("nN", f" {p}-edge", f"stroke:{colour['now']};stroke-width:4.5;stroke-dasharray:none")
        rule("nN", f"{p}-output {p}-edge", "stroke-width:2.4")  # which has two
        rule("nN", f" {p}-tint", f"fill:{colour['now']};fill-opacity:.16")
        rule("wr", f" {p}-part-value", "visibility:hidden")
        rule("wrndWR", f" {p}-part-gradient", "visibility:hidden")
        rule("l", f" {p}-shaft", f"stroke:{colour['now']};stroke-width:3")
        rule("l", f" {p}-head", f"fill:{colour['now']}")
        rule("l", f" {p}-backshaft", "stroke-width:3.4;stroke-dasharray:9 4")
        rule("q", f" {p}-shaft", "stroke-opacity:.65")
        rule("q", f" {p}-head", "fill-opacity:.65")
        rule("o", "", "visibility:hidden")
        return "\n".join(found)

    def sums_of(self, frame: Frame) -> str:
        """A letter for each sum: hidden until something arrives there."""
        states = []
        for head in self.sum_heads:
            into = [
                state
                for link, state in zip(self.plan.links, frame.arrows, strict=True)
                if link.backward and link.head == head
            ]
            states.append("l" if "l" in into else "a" if "a" in into else "o")
        return "".join(states)

    def states(self) -> str:
        """The style of all states, for a document in which something gives each element the class of its state."""
        hidden = f".s-hidden .{self.prefix}-part-gradient{{visibility:hidden}}"
        dark = self._rules("dark")
        return f"{self._rules('light')}\n{hidden}\n@media (prefers-color-scheme: dark){{\n{dark}\n}}"

    def timelines(self) -> Iterator[tuple[str, str, str]]:
        """Of each element whose state changes: its id, its own class, and its state's letter in every frame."""
        p, frames = self.prefix, self.plan.frames
        for n, item in enumerate(self.plan.items):
            yield f"{p}-box{n}", f"{p}-{item.role}", "".join(frame.nodes[n] for frame in frames)
        for n in range(len(self.plan.links)):
            letters = "".join(frame.arrows[n] for frame in frames)
            yield f"{p}-arrow{n}", "", letters
            if self.routes[n].label is not None:
                yield f"{p}-label{n}", "", letters
        sums = [self.sums_of(frame) for frame in frames]
        for i, head in enumerate(self.sum_heads):
            yield f"{p}-sum{head}", "", "".join(each[i] for each in sums)


def with_style(svg: str, style: str) -> str:
    """An SVG document of ours with one style more."""
    return svg.replace("</style>", f"\n{style}\n</style>", 1)
