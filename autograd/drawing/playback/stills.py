"""Frames of a playback as pictures: stills for viewers without scripts, an animated SVG, a GIF for slides."""

from __future__ import annotations

import io
import re
from typing import Any

from ...derivation.numbers import is_condition
from ...derivation.records import Step
from ..equations import on_baseline
from ..in_numbers import beside, formula, formula_in_numbers, matrix
from ..looks import themed
from ..typeset import Outlines, Piece, number, typeset, xml
from .folded import summary
from .plan import BACKWARD, END, FORWARD, LISTED, START, Frame, Plan
from .stage import Stage, with_style

_SIZE, _GAP, _MARGIN = 16.0, 8.0, 20.0
_BETWEEN, _NARROW = 24.0, 560.0  # room between results, and for them below a narrow picture
SECONDS = 2.5
"""A frame of an animation stands so long."""
_WIDEST = 1600  # pixels of a GIF: a slide's width


class Stills:
    """The frames of a plan, each the picture in its state with the step's formula, numbers and result below it."""

    def __init__(self, plan: Plan, bare: bool = False) -> None:
        """`bare`: small, of boxes with names alone, and without titles."""
        self.plan = plan
        self.stage = Stage(plan, bare)
        self.document = with_style(self.stage.document(), self.stage.states())
        self.timelines = [*self.stage.timelines()]
        size = self.document.split('viewBox="0 0 ', 1)[1].split('"', 1)[0]
        self.width, self.height = map(float, size.split())
        self.captions = [self._caption(k, frame) for k, frame in enumerate(plan.frames)]
        self.below = [sum(piece.height + _GAP for piece in caption) + _MARGIN for caption in self.captions]
        if not bare:  # frames that follow one another are of one size
            self.below = [max(self.below)] * len(self.captions)
        self.wide = max(self.width, *(each.width + 2 * _MARGIN for caption in self.captions for each in caption))

    def _caption(self, k: int, frame: Frame) -> list[Piece]:
        title = f"{k + 1} of {len(self.plan.frames)}. {self.plan.title(frame)}"
        pieces = [] if self.stage.bare else [typeset("", title, _SIZE)]
        if frame.phase == START:
            return [*pieces, *(typeset("", note, _SIZE) for note in self.plan.notes)]
        if frame.phase in (FORWARD, BACKWARD) and self.plan.items[frame.node].part is not None:
            return [*pieces, typeset("", summary(self.plan, frame), _SIZE)]
        if frame.phase == FORWARD:
            value = self.plan.value(frame.node)
            pieces += _equation(value.symbol.name, value.formula, value.symbol.value, is_condition(value.symbol.value))
        elif frame.phase == END:
            pieces += self._results()
        else:
            step = self.plan.step(frame.node)
            assert step is not None
            if said := self.plan.summed(step):
                return [*pieces, typeset("", said, _SIZE), _result(step)]
            pieces += _equation(step.gradient.name, step.rule, step.gradient.value, False, step.formula)
            for named in reversed(step.parts):
                pieces += _equation(named.symbol.name, named.formula, named.symbol.value, named.symbol.kind == "b")
        return pieces

    def _results(self) -> list[Piece]:
        """The gradients that it was all done for, beside one another as far as they fit."""
        rows: list[list[Piece]] = [[]]
        for step in self.plan.results[:LISTED]:
            made = _result(step)
            if rows[-1] and sum(piece.width + _BETWEEN for piece in rows[-1]) + made.width > max(self.width, _NARROW):
                rows.append([])
            rows[-1].append(made)
        more = len(self.plan.results) - LISTED
        said = [typeset("", f"and {more:,} more", _SIZE)] if more > 0 else []
        return [*(beside(row, _BETWEEN) for row in rows), *said]

    def svg(self, k: int) -> str:
        """One frame as an SVG document."""
        classes = {name: f"{own} s-{letters[k]}".strip() for name, own, letters in self.timelines}

        def in_state(found: re.Match[str]) -> str:
            return f'class="{classes[found[2]]}" {found[1]}' if found[2] in classes else found[0]

        document = re.sub(r'(?:class="[^"]*" )?(id="([^"]*)")', in_state, self.document)
        outlines = Outlines(f"{self.stage.prefix}t")
        caption = self._drawn(self.captions[k], outlines)
        return self._whole(k, document, f"{outlines.defs()}{caption}")

    def animated(self) -> str:
        """All frames in one SVG document, over and over. There is no script: the elements' classes change."""
        p, frames = self.stage.prefix, self.plan.frames
        outlines = Outlines(f"{p}t")
        parts = []
        for name, own, letters in self.timelines:
            values = ";".join(f"{own} s-{letter}".strip() for letter in letters)
            parts.append(_animation(name, "class", values))
        captions = []
        for k, caption in enumerate(self.captions):
            shown = ";".join("visible" if k == other else "hidden" for other in range(len(frames)))
            first = "visible" if k == len(frames) - 1 else "hidden"
            drawn = self._drawn(caption, outlines)
            captions.append(f'<g id="{p}-caption{k}" visibility="{first}">{drawn}</g>')
            parts.append(_animation(f"{p}-caption{k}", "visibility", shown))
        duration = f'dur="{number(SECONDS * len(frames))}s"'
        moving = "".join(part.replace("DURATION", duration) for part in parts)
        return self._whole(0, self.document, f"{outlines.defs()}{''.join(captions)}{moving}")

    def gif(self, theme: str = "auto") -> bytes:
        """The frames as an animated GIF, "dark" or light. RuntimeError where the extra `export` is missing."""
        try:
            from cairosvg import svg2png
            from PIL import Image
        except (ImportError, OSError) as problem:
            raise RuntimeError(
                f"a GIF is made by CairoSVG and Pillow: pip install 'glassgrad[export]' ({problem})"
            ) from problem
        width = round(min(_WIDEST, 1.5 * self.wide))
        images: list[Any] = []
        for k in range(len(self.plan.frames)):
            drawn = without_uses(themed(self.svg(k), "light" if theme == "auto" else theme)).encode("utf-8")
            data = svg2png(drawn, output_width=width, background_color="white")
            images.append(Image.open(io.BytesIO(data)).convert("RGB").quantize(64, dither=Image.Dither.NONE))
        stream = io.BytesIO()
        images[0].save(
            stream,
            "GIF",
            save_all=True,
            append_images=images[1:],
            duration=round(SECONDS * 1000),
            loop=0,
        )
        return stream.getvalue()

    def _drawn(self, pieces: list[Piece], outlines: Outlines) -> str:
        p, y, parts = self.stage.prefix, self.height, []
        for i, piece in enumerate(pieces):
            style = "back" if i == 0 and not self.stage.bare else "ink"
            x = max(_MARGIN, (self.wide - piece.width) / 2)
            parts.append(f'<g class="{p}-{style}">{outlines.draw(piece, x, y)}</g>')
            y += piece.height + _GAP
        return "".join(parts)

    def _whole(self, k: int, document: str, caption: str) -> str:
        width, height = number(self.wide), number(self.height + self.below[k])
        inner = document.replace("<svg ", f'<svg x="{number((self.wide - self.width) / 2)}" ', 1)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img"><title>{xml(self.stage.scene.title)}</title>'
            f'<rect class="{self.stage.prefix}-page" width="{width}" height="{height}"/>\n{inner}{caption}</svg>\n'
        )


def _equation(name: Any, rule: Any, value: Any, truth: bool, full: Any = None) -> list[Piece]:
    """name = rule, and below it the numbers and the result."""
    written, text = formula(rule, _SIZE, truth)
    equals = typeset("=", "=", _SIZE)
    first = on_baseline([typeset(name.latex, name.text, _SIZE), equals, written], _SIZE)
    result = matrix(value, _SIZE)
    numbers, said = formula_in_numbers(full or rule, _SIZE, truth)
    if said == text:  # a mere number
        return [first]
    return [first, beside([equals, numbers, equals, result], 0.35 * _SIZE)]


def _result(step: Step) -> Piece:
    name, value = step.gradient.name, matrix(step.gradient.value, _SIZE)
    return beside([typeset(name.latex, name.text, _SIZE), typeset("=", "=", _SIZE), value], 0.35 * _SIZE)


def without_uses(svg: str) -> str:
    """A document of ours, glyphs drawn where they are used: CairoSVG searches the whole document for each use."""
    outlines = dict(re.findall(r'<path id="([^"]+)" d="([^"]*)"/>', svg))

    def outline(found: re.Match[str]) -> str:
        path = outlines.get(found[1])
        return found[0] if path is None else f'<path transform="translate({found[2]} 0)" d="{path}"/>'

    return re.sub(r'<use href="#([^"]+)" x="([^"]+)"/>', outline, svg)


def _animation(name: str, attribute: str, values: str) -> str:
    return (
        f'<animate href="#{name}" attributeName="{attribute}" values="{values}" DURATION calcMode="discrete" '
        'repeatCount="indefinite"/>'
    )
