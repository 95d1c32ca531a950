"""A derivation as one image: equation below equation, as on a board."""

from __future__ import annotations

from collections.abc import Iterable

from ..derivation.depths import NUMBERS, Line, of_step, of_value, where
from ..derivation.ellipsis import folded, more
from ..derivation.names import Name
from ..derivation.records import Derived
from ..derivation.report import TYPESET_AT_EACH_END, is_large
from .equations import line_piece
from .typeset import Outlines, Piece, number, typeset, xml

_SIZE, _HEADING, _MARGIN, _GAP, _BETWEEN = 17.0, 20.0, 24.0, 8.0, 14.0

_WHERE = 68.0  # the room for the word and around it

_STYLE = """
.ink { fill: #1b1f24 } .paper { fill: #ffffff }
@media (prefers-color-scheme: dark) { .ink { fill: #e6e9ed } .paper { fill: #15181c } }
"""


def board(derivation: Derived) -> str:
    """A self-contained SVG document: every value and gradient, from the rule to the result."""
    name = derivation.root.symbol.name.text
    large = is_large(derivation)
    page = _Board()
    page.heading("Forward")
    for value in folded(derivation.values, large, TYPESET_AT_EACH_END):
        if isinstance(value, int):
            page.heading(more(value, "values"))
        else:
            page.equation(value.symbol.name, of_value(value))
    page.heading("Backward")
    for step in folded(derivation.steps, large, TYPESET_AT_EACH_END):
        if isinstance(step, int):
            page.heading(more(step, "gradients"))
        else:
            page.equation(step.gradient.name, of_step(step))
            for part in where(step):
                if isinstance(part, int):
                    page.heading(more(part, "parts"))
                else:
                    page.equation(*part, _WHERE)
    return page.svg(f"The gradients of {name}, derived")


class _Board:
    """Pieces placed from top to bottom."""

    def __init__(self) -> None:
        self.outlines = Outlines("b")
        self.drawn: list[str] = []
        self.said: list[str] = []
        self.width, self.y = 0.0, _MARGIN

    def heading(self, words: str) -> None:
        self.y += _BETWEEN
        self._row([(typeset("", words, _HEADING), _MARGIN)])
        self.said.append(words)
        self.y += _GAP

    def equation(self, left: Name, lines: Iterable[Line], moved: float = 0.0) -> None:
        """`moved`: to the right, and below a "where"."""
        name, equals = typeset(left.latex, left.text, _SIZE), typeset("=", "=", _SIZE)
        sign = _MARGIN + moved + name.width + _GAP
        word = [(typeset("", "where", _SIZE), _MARGIN + _GAP)] if moved else []
        for i, line in enumerate(line for line in lines if line.depth != NUMBERS):
            right = line_piece(line, _SIZE)
            row = [(equals, sign), (right, sign + equals.width + _GAP)]
            self._row([*word, (name, _MARGIN + moved), *row] if i == 0 else row)
            self.said.append(f"{left.text} = {line.said}")
        self.y += _BETWEEN

    def _row(self, pieces: list[tuple[Piece, float]]) -> None:
        above = max(piece.baseline for piece, _ in pieces)
        below = max(piece.height - piece.baseline for piece, _ in pieces)
        for piece, x in pieces:
            self.drawn.append(self.outlines.draw(piece, x, self.y + above - piece.baseline))
            self.width = max(self.width, x + piece.width)
        self.y += above + below + _GAP

    def svg(self, title: str) -> str:
        width, height = number(self.width + _MARGIN), number(self.y + _MARGIN)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title said">\n'
            f'<title id="title">{xml(title)}</title>\n<desc id="said">{xml(". ".join(self.said))}</desc>\n'
            f"<style>{_STYLE}</style>\n"
            f'<rect class="paper" width="100%" height="100%"/>\n{self.outlines.defs()}\n'
            f'<g class="ink">{"".join(self.drawn)}</g>\n</svg>\n'
        )
