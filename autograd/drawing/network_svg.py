"""The picture of a network as SVG: columns of circles. No Graphviz is needed, everything stands in a grid."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

from .digits import numbers
from .looks import level_class, style_sheet
from .network import Column, Network, Unit, Wire
from .scene import LEVELS
from .sheet import formula
from .typeset import Outlines, Piece, number, typeset, xml

RADIUS, STEP, ACROSS = 27.0, 104.0, 270.0  # of a unit; from one to the next; from column to column
MARGIN, HEADING, VALUE, SMALL, NOTE = 24.0, 15.0, 13.0, 11.0, 13.0
RING = 5.0


def network_svg(net: Network) -> str:
    """The network as a complete SVG document."""
    return _Drawing(net).document()


class _Drawing:
    def __init__(self, net: Network) -> None:
        self.net = net
        self.prefix = "n" + sha256(repr(net).encode("utf-8", "replace")).hexdigest()[:8]
        self.outlines = Outlines(self.prefix)
        self.headings = [[formula(row.latex, row.text, HEADING) for row in column.heading] for column in net.columns]
        self.notes = [typeset("", note, NOTE) for note in net.notes]
        widest = [max(piece.width for piece in pieces) for pieces in self.headings]
        self.xs = [max(widest[0] / 2, RADIUS + 40) + MARGIN]
        for left, right in pairwise(widest):
            self.xs.append(self.xs[-1] + max(ACROSS, (left + right) / 2 + 30))
        self.rows = max(_places(column) for column in net.columns)
        self.above = MARGIN + sum(note.height + 6 for note in self.notes) + (12 if self.notes else 0)
        self.head = max(sum(piece.height + 8 for piece in pieces) for pieces in self.headings)
        self.top = self.above + self.head + 30 + RADIUS

    def y(self, column: Column, place: int) -> float:
        """The height of a shown unit: columns stand centred, what is left out takes a place."""
        nth = place + (1 if column.left_out and place >= column.gap else 0)
        return self.top + ((self.rows - _places(column)) / 2 + nth) * STEP

    def document(self) -> str:
        net, p = self.net, self.prefix
        body = []
        y = MARGIN
        for note in self.notes:
            body.append(self._text(note, MARGIN, y, "quiet"))
            y += note.height + 6
        body += [self._wire(wire) for wire in net.wires if not wire.labelled]
        labelled = [wire for wire in net.wires if wire.labelled]
        body += [self._wire(wire) for wire in labelled]
        body += [self._wire_label(wire) for wire in labelled]
        result, width = self._result()
        body.append(result)
        for i, column in enumerate(net.columns):
            body += self._column(i, column)
        bottom = self.top + (self.rows - 1) * STEP + RADIUS + 44
        legend, legend_width, height = self._legend(bottom + 14)
        body.append(legend)
        width = max([width, legend_width, *(note.width + 2 * MARGIN for note in self.notes)])
        levels = {
            level for column in net.columns for unit in column.units for level in (unit.level, unit.gradient_level)
        }
        size = f'width="{number(width)}" height="{number(height)}"'
        style = style_sheet(p, (), levels | set(range(-LEVELS, LEVELS + 1, 2)))
        extra = f"\n.{p}-unit{{fill-opacity:.5}}"
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {number(width)} {number(height)}" '
                f'role="img" aria-labelledby="{p}-title {p}-desc">',
                f'<title id="{p}-title">{xml(net.title)}</title>',
                f'<desc id="{p}-desc">{xml(net.description)}</desc>',
                f"<style>\n{style}{extra}\n</style>",
                self.outlines.defs(),
                f'<rect class="{p}-page" {size}/>',
                *body,
                "</svg>\n",
            ]
        )

    def _text(self, piece: Piece, x: float, y: float, style: str) -> str:
        return f'<g class="{self.prefix}-{style}">{self.outlines.draw(piece, x, y)}</g>'

    def _centred(self, piece: Piece, x: float, y: float, style: str) -> str:
        return self._text(piece, x - piece.width / 2, y - piece.height / 2, style)

    def _on_ground(self, piece: Piece, x: float, y: float, style: str) -> str:
        """In the middle of a patch of the page's colour, so that no line runs through it."""
        width, height = piece.width + 6, piece.height + 2
        place = f'x="{number(x - width / 2)}" y="{number(y - height / 2)}"'
        ground = f'<rect class="{self.prefix}-page" {place} width="{number(width)}" height="{number(height)}" rx="3"/>'
        return ground + self._centred(piece, x, y, style)

    def _column(self, index: int, column: Column) -> list[str]:
        x = self.xs[index]
        body = []
        y = self.above
        for piece in self.headings[index]:
            body.append(self._centred(piece, x, y + piece.height / 2, "ink"))
            y += piece.height + 8
        body += [self._unit(index, place, unit, x, self.y(column, place)) for place, unit in enumerate(column.units)]
        if column.left_out:
            y = self.top + ((self.rows - _places(column)) / 2 + column.gap) * STEP
            dots = "".join(f'<circle cx="{number(x)}" cy="{number(y + d)}" r="2.2"/>' for d in (-22, -12, -2))
            said = typeset("", f"{column.left_out:,} more", SMALL)
            body.append(f'<g class="{self.prefix}-quiet">{dots}</g>{self._centred(said, x, y + 16, "quiet")}')
        return body

    def _unit(self, index: int, place: int, unit: Unit, x: float, y: float) -> str:
        p = self.prefix
        at = f'cx="{number(x)}" cy="{number(y)}"'
        value = numbers(((unit.value,),), VALUE, False)
        if value.width > 2 * RADIUS - 8:
            value = numbers(((unit.value,),), VALUE * (2 * RADIUS - 8) / value.width, False)
        gradient = numbers(((unit.gradient,),), SMALL, False)
        parts = [
            f'<g id="{p}-unit{index}-{place}"><title>{xml(unit.description)}</title>',
            f'<circle class="{p}-{level_class(unit.gradient_level)}" {at} r="{number(RADIUS + RING)}"/>',
            f'<circle class="{p}-paper" {at} r="{number(RADIUS)}"/>',
            f'<circle class="{p}-unit {p}-{level_class(unit.level)}" {at} r="{number(RADIUS)}"/>',
            f'<circle class="{p}-shaft" {at} r="{number(RADIUS)}"/>',
            f'<circle class="{p}-shaft" {at} r="{number(RADIUS + RING)}"/>',
            self._centred(value, x, y, "ink"),
            self._on_ground(gradient, x, y + RADIUS + RING + 11, "back"),
        ]
        if unit.before:
            before = numbers(((unit.before,),), SMALL, False)
            parts.append(self._on_ground(before, x, y - RADIUS - RING - 11, "quiet"))
        if unit.beside:
            beside = typeset("", unit.beside, VALUE)
            parts.append(self._on_ground(beside, x + RADIUS + RING + 12 + beside.width / 2, y, "ink"))
        return "".join([*parts, "</g>"])

    def _ends(self, wire: Wire) -> tuple[float, float, float, float]:
        left, right = self.net.columns[wire.column], self.net.columns[wire.column + 1]
        return (
            self.xs[wire.column],
            self.y(left, wire.source),
            self.xs[wire.column + 1],
            self.y(right, wire.target),
        )

    def _wire(self, wire: Wire) -> str:
        x, y, to_x, to_y = self._ends(wire)
        p = self.prefix
        colour = "plus" if wire.positive else "minus"
        thick = number(0.6 + (4.4 if wire.labelled else 1.4) * wire.strength)
        d = f"M{number(x)} {number(y)}L{number(to_x)} {number(to_y)}"
        return (
            f'<path class="{p}-{colour}" stroke-width="{thick}" d="{d}"><title>{xml(wire.description)}</title></path>'
        )

    def _wire_label(self, wire: Wire) -> str:
        """The weight, where the lines from all units are equally far apart."""
        x, y, to_x, to_y = self._ends(wire)
        part = max(1 / (len(self.net.columns[wire.column + 1].units) + 1), 0.2)
        piece = numbers(((wire.value,),), SMALL, False)
        label = self._on_ground(piece, x + part * (to_x - x), y + part * (to_y - y), "ink")
        return f"<g><title>{xml(wire.description)}</title>{label}</g>"

    def _result(self) -> tuple[str, float]:
        """The box that the outputs end in, and how wide the picture is with it."""
        row, x, last = self.net.result, self.xs[-1], self.net.columns[-1]
        if not row.text:
            return "", x + max(RADIUS + 120, max(piece.width for piece in self.headings[-1]) / 2) + MARGIN
        heading, value = formula(row.latex, row.text, HEADING), numbers(((row.caption,),), HEADING, False)
        width, height = max(heading.width, value.width) + 28, heading.height + value.height + 30
        left = x + max(150.0, max(piece.width for piece in self.headings[-1]) / 2 + 30)
        middle = self.top + (self.rows - 1) / 2 * STEP
        p = self.prefix
        lines = "".join(
            f'<path class="{p}-shaft" d="M{number(x)} {number(self.y(last, i))}L{number(left)} {number(middle)}"/>'
            for i in range(len(last.units))
        )
        shape = (
            f'x="{number(left)}" y="{number(middle - height / 2)}" width="{number(width)}" height="{number(height)}"'
        )
        return (
            f'{lines}<g><title>{xml(f"{row.text} = {row.caption}")}</title><rect class="{p}-paper" {shape} rx="4"/>'
            f'<rect class="{p}-result" {shape} rx="4"/>'
            f"{self._text(heading, left + 14, middle - height / 2 + 11, 'ink')}"
            f"{self._text(value, left + 14, middle + height / 2 - value.height - 11, 'ink')}</g>",
            left + width + MARGIN,
        )

    def _legend(self, y: float) -> tuple[str, float, float]:
        """The swatches in lines from `y` downward; how wide and how high the picture is with them."""
        p = self.prefix
        x = MARGIN
        parts = []
        cells = "".join(
            f'<rect class="{p}-unit {p}-{level_class(level)}" x="{i * 8}" y="4" width="8" height="10"/>'
            for i, level in enumerate(range(-LEVELS, LEVELS + 1, 2))
        )
        swatches = [
            (f'{cells}<rect class="{p}-rule" y="4" width="72" height="10"/>', 72, "disc: the unit's value, − to +"),
            (
                f'<circle class="{p}-{level_class(6)}" cx="9" cy="9" r="9"/>'
                f'<circle class="{p}-page" cx="9" cy="9" r="5.5"/>',
                18,
                "ring: its gradient",
            ),
            (f'<path class="{p}-plus" stroke-width="3.5" d="M0 9H30"/>', 30, "weight above 0"),
            (f'<path class="{p}-minus" stroke-width="3.5" d="M0 9H30"/>', 30, "below 0; the thicker, the larger"),
        ]
        sample = typeset("", "0.5", SMALL)
        swatches.append((self._text(sample, 0, 5, "back"), sample.width, "below a unit: its gradient"))
        if any(unit.before for column in self.net.columns for unit in column.units):
            swatches.append((self._text(sample, 0, 5, "quiet"), sample.width, "above: before the activation"))
        widest = max(self.xs[-1] + RADIUS, 700.0)
        farthest = 0.0
        for swatch, width, words in swatches:
            said = typeset("", words, 12.5)
            if x > MARGIN and x + width + 8 + said.width > widest:
                x, y = MARGIN, y + 22
            drawn = self._text(said, width + 8, 13 - said.baseline, "quiet")
            parts.append(f'<g transform="translate({number(x)} {number(y)})">{swatch}{drawn}</g>')
            x += width + 8 + said.width + 26
            farthest = max(farthest, x - 26)
        return "".join(parts), farthest + MARGIN, y + 18 + MARGIN


def _places(column: Column) -> int:
    return len(column.units) + (1 if column.left_out else 0)
