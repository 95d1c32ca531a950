"""A derivation as a notebook's cell: images and <details>, nothing that an untrusted notebook removes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..derivation.depths import Line, contributed, of_step, of_value, where
from ..derivation.ellipsis import few, folded, more
from ..derivation.names import Name
from ..derivation.records import Derived, Sentence, Step
from ..derivation.report import TYPESET_AT_EACH_END, is_large, opening
from .equations import equation_piece, line_piece
from .typeset import xml
from .web import SIZE, image_of


def notebook(derivation: Derived) -> str:
    """The values, folded away, and the steps: the rule of each, and below it, to unfold, what is deeper."""
    large = is_large(derivation)
    values = [
        f"<p>{more(v, 'values')}</p>" if isinstance(v, int) else _details(v.symbol.name, of_value(v))
        for v in folded(derivation.values, large, TYPESET_AT_EACH_END)
    ]
    steps = [
        f"<p>{more(s, 'gradients')}</p>" if isinstance(s, int) else _step(s)
        for s in folded(derivation.steps, large, TYPESET_AT_EACH_END)
    ]
    steps += [f"<p>{_words(value.without_gradient)}</p>" for value in derivation.unreached]
    said = " ".join(opening(derivation, TYPESET_AT_EACH_END))
    head = f"<p>{xml(said)}</p>" if said else ""
    forward = f"<details><summary>Forward: {len(derivation.values)} values</summary>{''.join(values)}</details>"
    return f'<div style="overflow-x:auto">{head}{forward}{"".join(steps)}</div>'


def _step(step: Step) -> str:
    inside = "".join(
        f'<div style="margin:.4em 0 .4em 1.5em">{more(part, "parts") if isinstance(part, int) else _where(*part)}</div>'
        for part in where(step)
    )
    if len(step.contributions) > 1:
        items = "".join(
            f"<li>{more(part, 'consumers')}</li>"
            if isinstance(part, int)
            else f"<li>{xml(part.consumer.text)} hands back {_line(contributed(part))}</li>"
            for part in few(step.contributions)
        )
        inside += f"<ul>{items}</ul>"
    inside += "".join(
        f"<p>{more(note, 'notes') if isinstance(note, int) else _words(note.sentence)}</p>" for note in few(step.notes)
    )
    alarms = "".join(
        f'<p style="border-left:4px solid #b35900;padding-left:.75em"><b>{xml(callout.kind.capitalize())}.</b> '
        f"{_words(callout.sentence)}{f' Usual remedy: {xml(callout.remedy)}.' if callout.remedy else ''}</p>"
        for callout in step.callouts
    )
    return _details(step.gradient.name, of_step(step), inside, alarms)


def _where(name: Name, found: Iterable[Line]) -> str:
    return f"where {_lines(name.latex, name.text, list(found))}"


def _details(name: Name, found: Iterable[Line], inside: str = "", below: str = "") -> str:
    """An equation: its first line, and folded up below it the others and what is said about it."""
    rule, *rest = found
    first = _lines(name.latex, name.text, [rule])
    if not rest and not inside:
        return f'<div style="margin:.6em 0">{first}{below}</div>'
    lines = f'<div style="margin:.4em 0 .4em 1.5em">{_lines("", "", rest)}</div>' if rest else ""
    return f'<details style="margin:.6em 0"><summary>{first}</summary>{lines}{inside}</details>{below}'


def _lines(left: str, left_text: str, lines: Sequence[Line]) -> str:
    """Lines of an equation, as one image: each holds its glyphs' outlines."""
    text = " = ".join([left_text, *(line.said for line in lines)]).strip()
    return image_of(equation_piece(left, left_text, lines, SIZE), text)


def _line(line: Line) -> str:
    return image_of(line_piece(line, SIZE), line.said)


def _words(sentence: Sentence) -> str:
    """A sentence in which names are text: an image each would be much for a letter."""
    return xml(sentence.text)
