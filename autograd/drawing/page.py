"""A derivation as a web page of its own: typeset, static, without scripts or network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..derivation import writing
from ..derivation.depths import RULE, Line, contributed, formula_line, in_full, of_step, of_value, room_after, where
from ..derivation.ellipsis import few, folded, more, shortened
from ..derivation.names import Name
from ..derivation.records import Callout, Derived, Part, Sentence, Step, Value
from ..derivation.report import TYPESET_AT_EACH_END, is_large, opening
from ..derivation.trees import Expression, Number, Symbol
from ..derivation.verify import Verification, verify
from .equations import line_piece
from .portray import scene
from .svg import svg
from .typeset import xml
from .web import SIZE, Page, figure

_STYLE = """
.card h3 { margin: 0 0 .25rem; font-size: .85rem; font-weight: 600; color: var(--faint); }
.card p, .card ul { margin: .5rem 0 0; max-width: 48rem; }
.card ul { padding-left: 1.25rem; } .card li { margin: .5rem 0; }
.card .alarm { padding: .1rem 0 .1rem .75rem; border-left: .25rem solid var(--alarm); }
.card .alarm b { color: var(--alarm); }
.card details { margin: .35rem 0 0; } .card summary { cursor: pointer; color: var(--faint); font-size: .9rem; }
.card code { font: .85rem ui-monospace, monospace; white-space: pre-wrap; }
.where { display: flex; align-items: baseline; gap: .5rem; margin-left: 1.5rem; }
.check td, .check th { padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line);
  font-variant-numeric: tabular-nums; }
@media print { details::details-content { content-visibility: visible; block-size: auto; } }
"""


def page(derivation: Derived) -> str:
    """A whole HTML document: the picture, every step at its depths, the check of every step."""
    return _Document(derivation).html()


class _Document:
    """One page, whose formulas share their outlines."""

    def __init__(self, derivation: Derived) -> None:
        self.derivation = derivation
        self.page = Page()
        self._formula = self.page.formula

    def html(self) -> str:
        derivation = self.derivation
        name = derivation.root.symbol.name.text
        large = is_large(derivation)
        body = [f"<h1>{xml(f'The gradients of {name}, derived')}</h1>"]
        if head := " ".join(opening(derivation, TYPESET_AT_EACH_END)):
            body.append(f"<p>{xml(head)}</p>")
        if not large:
            body += [
                "<p>Each formula was read off the computation itself, and each was checked against the gradient "
                "that the engine computes; the table at the end shows by how much they differ.</p>",
                figure(svg(scene(derivation))),
            ]
        body.append("<h2>Forward: how the values are computed</h2>")
        body += [
            f"<p>{more(v, 'values')}</p>" if isinstance(v, int) else self._value(v)
            for v in folded(derivation.values, large, TYPESET_AT_EACH_END)
        ]
        body.append("<h2>Backward: one gradient after the other, from the output to the inputs</h2>")
        steps = tuple(enumerate(derivation.steps, 1))
        body += [
            f"<p>{more(each, 'gradients')}</p>" if isinstance(each, int) else self._step(*each)
            for each in folded(steps, large, TYPESET_AT_EACH_END)
        ]
        for value in derivation.unreached:
            body.append(f'<section class="card"><p>{self._words(value.without_gradient)}</p></section>')
        if not large:
            body += ["<h2>Check</h2>", _check_table(verify(derivation))]
        return self.page.document(f"The gradients of {name}", _STYLE, body)

    def _value(self, value: Value) -> str:
        shape = " × ".join(map(str, value.symbol.shape)) or "scalar"
        heading = xml(f"{value.symbol.name.text}: {value.role}, {shape}")
        return _section(heading, self._equation(value.symbol.name, of_value(value)), _code(value.formula))

    def _step(self, i: int, step: Step) -> str:
        names = few(step.waits_for)
        after = ", ".join(more(name, "values") if isinstance(name, int) else name.text for name in names)
        heading = f"Step {i}: the gradient with respect to {step.value.symbol.name.text}"
        return _section(
            xml(heading + (f", after that of {after}" if after else "")),
            self._equation(step.gradient.name, of_step(step)),
            *(
                f'<div class="where">{more(part, "parts")}</div>'
                if isinstance(part, int)
                else f'<div class="where">where {self._equation(*part)}</div>'
                for part in where(step)
            ),
            *self._contributions(step),
            *(
                f"<p>{more(note, 'notes') if isinstance(note, int) else self._words(note.sentence)}</p>"
                for note in few(step.notes)
            ),
            *(self._alarm(callout) for callout in step.callouts),
            *self._in_full(step),
            _code(step.formula, step.parts),
        )

    def _equation(self, name: Name, found: Iterable[Line]) -> str:
        left = self._formula(name.latex, name.text)
        rows = "".join(
            f"<tr><td>{left if i == 0 else ''}</td><td>=</td><td>{self._line(line)}</td></tr>"
            for i, line in enumerate(found)
        )
        return f'<table class="equation" role="presentation">{rows}</table>'

    def _line(self, line: Line) -> str:
        return self.page.piece(line_piece(line, SIZE), line.said)

    def _contributions(self, step: Step) -> Iterator[str]:
        if len(step.contributions) > 1:
            items = "".join(
                f"<li>{more(part, 'consumers')}</li>"
                if isinstance(part, int)
                else f"<li>{xml(part.consumer.text)} hands back {self._line(contributed(part))}</li>"
                for part in few(step.contributions)
            )
            yield f"<ul>{items}</ul>"

    def _in_full(self, step: Step) -> Iterator[str]:
        """For an input, or what was asked for, the formula of its gradient down to the inputs."""
        if not any(step is end for end in self.derivation.ends):
            return
        rows = in_full(self.derivation, step)
        if len(rows) == 1 and rows[0][1] is step.formula:
            return
        table = "".join(
            f'<tr><td colspan="3">{more(part, "parts")}</td></tr>' if isinstance(part, int) else self._part(*part)
            for part in folded(tuple(rows), is_large(self.derivation), TYPESET_AT_EACH_END)
        )
        yield (
            "<details><summary>in full, down to the inputs</summary>"
            f'<table class="equation" role="presentation">{table}</table></details>'
        )

    def _part(self, symbol: Symbol, tree: Expression) -> str:
        line = formula_line(RULE, shortened(tree), room_after(symbol.name), symbol.kind == "b")
        left = self._formula(symbol.name.latex, symbol.name.text)
        return f"<tr><td>{left}</td><td>=</td><td>{self._line(line)}</td></tr>"

    def _alarm(self, callout: Callout) -> str:
        remedy = f" Usual remedy: {xml(callout.remedy)}." if callout.remedy else ""
        words = self._words(callout.sentence)
        return f'<p class="alarm"><b>{xml(callout.kind.capitalize())}.</b> {words}{remedy}</p>'

    def _words(self, sentence: Sentence) -> str:
        return "".join(
            xml(part)
            if isinstance(part, str)
            else self._formula(part.latex, part.text)
            if isinstance(part, Name)
            else self._tree(part, part.kind == "b")
            for part in sentence.parts
        )

    def _tree(self, tree: Expression, truth: bool = False) -> str:
        return self._formula(writing.latex(tree, truth), writing.text(tree, truth))


def _section(heading: str, *parts: str) -> str:
    return f'<section class="card"><h3>{heading}</h3>{"".join(parts)}</section>'


def _code(formula: Expression | None, parts: tuple[Part, ...] = ()) -> str:
    """The formula's executable twin, lines of NumPy; nothing for a mere number, a very long sum, or where
    NumPy has no expression."""
    if formula is None or isinstance(formula, Number) or shortened(formula) is not formula:
        return ""
    try:
        code = "\n".join([*(part.source for part in parts), writing.source(formula)])
    except writing.NoSourceError:
        return ""
    return f"<details><summary>in NumPy</summary><code>{xml(code)}</code></details>"


def _check_table(verification: Verification) -> str:
    rows = "".join(f"<tr>{_cells(row, 'td')}</tr>" for row in verification.rows())
    return (
        "<p>The largest errors, relative to the gradient's largest entry or to 1: of the printed formula, evaluated "
        "from the values alone, and of central differences.</p>"
        f'<table class="check"><thead><tr>{_cells(verification.head, "th")}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _cells(cells: Iterable[str], tag: str) -> str:
    return "".join(f"<{tag}>{xml(cell)}</{tag}>" for cell in cells)
