"""A document of formulas (derivation/documents.py) as a web page of its own, and as a notebook's cell: static HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from ..derivation.documents import Equation, Formula, Heading, Part, Sentence, Table
from .typeset import xml
from .web import Page, figure, image

_STYLE = """
p { max-width: 46rem; }
.card p { margin: 0 0 .5rem; color: var(--faint); }
.wide { overflow-x: auto; }
.paths td, .paths th { padding: .4rem 1.5rem .4rem 0; border-bottom: 1px solid var(--line); }
.paths th { font-size: .85rem; color: var(--faint); }
"""


def page(title: Formula, picture: str, parts: Sequence[Part]) -> str:
    """A whole HTML document, without scripts or network: the picture, an SVG document, below the title."""
    made = Page()

    def shown(formula: Formula) -> str:
        return made.formula(formula.latex, formula.text)

    body = [f"<h1>{shown(title)}</h1>", figure(picture)]
    body += [_html(list(group), shown) for _, group in groupby(parts, _is_one_line)]
    return made.document(title.text, _STYLE, body)


def _is_one_line(part: Part) -> bool:
    return isinstance(part, Equation) and part.sign == ":"


def _html(parts: list[Part], shown: Callable[[Formula], str]) -> str:
    if _is_one_line(parts[0]):
        rows = "".join(_row(part, shown) for part in parts if isinstance(part, Equation))
        return f'<div class="card"><table class="equation" role="presentation">{rows}</table></div>'
    return "\n".join(_one(part, shown) for part in parts)


def _row(part: Equation, shown: Callable[[Formula], str]) -> str:
    lines = " &ensp;=&ensp; ".join(map(shown, part.lines))
    return f"<tr><td>{shown(part.left)}</td><td>:&emsp;</td><td>{lines}</td></tr>"


def _one(part: Part, shown: Callable[[Formula], str]) -> str:
    match part:
        case Heading():
            return f"<h2>{xml(part.text)}</h2>"
        case Sentence():
            return f"<p>{xml(part.text)}</p>"
        case Equation():
            return _equation(part, shown)
        case Table():
            head = "".join(f'<th scope="col">{xml(cell)}</th>' for cell in part.head)
            rows = "".join(f"<tr>{''.join(f'<td>{shown(cell)}</td>' for cell in row)}</tr>" for row in part.rows)
            table = f'<table class="paths"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
            return f'<div class="wide">{table}</div>'


def _equation(part: Equation, shown: Callable[[Formula], str]) -> str:
    caption = "" if part.caption is None else f"<p>{shown(part.caption)}</p>"
    rows = [
        f"<tr><td>{shown(part.left) if i == 0 else ''}</td><td>=</td><td>{shown(line)}</td></tr>"
        for i, line in enumerate(part.lines)
    ]
    return f'<div class="card">{caption}<table class="equation" role="presentation">{"".join(rows)}</table></div>'


def notebook(title: Formula, parts: Sequence[Part]) -> str:
    """The document for a notebook's cell: images and <details>, nothing that an untrusted notebook removes.

    What is under a heading is folded away behind it.
    """
    made = [f'<div style="margin:.6em 0;font-size:1.1em">{_image(title)}</div>']
    folded = False
    for part in parts:
        match part:
            case Heading():
                made.append("</details>" if folded else "")
                made.append(f'<details style="margin:.6em 0"><summary>{xml(part.text)}</summary>')
                folded = True
            case Sentence():
                made.append(f'<div style="margin:.6em 0;max-width:46em">{xml(part.text)}</div>')
            case Equation():
                made.append(f'<div style="margin:.6em 0 .6em 1em">{_equation_in_cell(part)}</div>')
            case Table():
                style = 'style="text-align:left;padding:.25em 1.5em .25em 0"'
                head = "".join(f"<th {style}>{xml(cell)}</th>" for cell in part.head)
                cells = [[f"<td {style}>{_image(cell)}</td>" for cell in row] for row in part.rows]
                rows = "".join(f"<tr>{''.join(row)}</tr>" for row in cells)
                made.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    return f'<div style="overflow-x:auto">{"".join(made)}{"</details>" if folded else ""}</div>'


def _equation_in_cell(part: Equation) -> str:
    """The lines one below the other, each with the sign that leads to it."""
    captions = [] if part.caption is None else [part.caption]
    if part.sign == ":":
        text, latex = (" = ".join(getattr(line, style) for line in part.lines) for style in ("text", "latex"))
        return _image(Formula(f"{part.left.text}: {text}", rf"{part.left.latex}:\quad {latex}"))
    first, *rest = part.lines
    lines = [
        *captions,
        Formula(f"{part.left.text} = {first.text}", f"{part.left.latex} = {first.latex}"),
        *[Formula(f"= {line.text}", f"= {line.latex}") for line in rest],
    ]
    return "".join(f'<div style="margin:.3em 0">{_image(line)}</div>' for line in lines)


def _image(formula: Formula) -> str:
    return image(formula.latex, formula.text)
