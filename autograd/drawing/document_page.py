"""A document of formulas (derivation/documents.py) as a web page of its own, and as a notebook's cell: static HTML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from itertools import groupby

from ..derivation.documents import Equation, Formula, Heading, Part, Sentence, Table
from .typeset import Outlines, number, typeset, xml

_SIZE = 17.0

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #59636e; --line: #d5dae0; --page: #ffffff; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --faint: #9aa5b1; --line: #3a424c; --page: #15181c; --card: #1e2329; }
}
body { margin: 2rem auto; max-width: 76rem; padding: 0 1.25rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
p { max-width: 46rem; }
.equation { margin: 1rem 0; padding: .75rem 1rem; background: var(--card); border-radius: .5rem; overflow-x: auto; }
.equation p { margin: 0 0 .5rem; color: var(--faint); }
.equation td { padding: .3rem .35rem; vertical-align: middle; }
.wide { overflow-x: auto; }
table.paths { border-collapse: collapse; }
table.paths th, table.paths td { text-align: left; padding: .4rem 1.5rem .4rem 0;
  border-bottom: 1px solid var(--line); }
table.paths th { font-size: .85rem; color: var(--faint); }
.formula { fill: currentColor; overflow: visible; }
@media print { .equation { break-inside: avoid; background: none; border: 1px solid var(--line); } }
"""


def page(title: Formula, parts: Sequence[Part]) -> str:
    """A whole HTML document, without scripts or network."""
    outlines = Outlines("glyph")

    def shown(formula: Formula) -> str:
        piece = typeset(formula.latex, formula.text, _SIZE)
        width, height, below = number(piece.width), number(piece.height), number(piece.baseline - piece.height)
        return (
            f'<svg class="formula" role="img" aria-label="{xml(formula.text)}" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" style="vertical-align:{below}px">{outlines.draw(piece, 0, 0)}</svg>'
        )

    body = "\n".join(_html(list(group), shown) for _, group in groupby(parts, _is_one_line))
    heading = shown(title)
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{xml(title.text)}</title>",
            f"<style>{_STYLE}</style>\n</head>\n<body>",
            f'<svg width="0" height="0" style="position:absolute" aria-hidden="true">{outlines.defs()}</svg>',
            f"<h1>{heading}</h1>",
            body,
            "</body>\n</html>\n",
        ]
    )


def _is_one_line(part: Part) -> bool:
    return isinstance(part, Equation) and part.sign == ":"


def _html(parts: list[Part], shown: Callable[[Formula], str]) -> str:
    if _is_one_line(parts[0]):
        rows = "".join(_row(part, shown) for part in parts if isinstance(part, Equation))
        return f'<div class="equation"><table role="presentation">{rows}</table></div>'
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
    return f'<div class="equation">{caption}<table role="presentation">{"".join(rows)}</table></div>'


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
                head = "".join(f'<th style="text-align:left">{xml(cell)}</th>' for cell in part.head)
                cells = [[f'<td style="text-align:left">{_image(cell)}</td>' for cell in row] for row in part.rows]
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
    """A formula as an image that stands for itself, dark on white whatever the theme."""
    outlines = Outlines("g")
    piece = typeset(formula.latex, formula.text, _SIZE)
    drawn = outlines.draw(piece, 4, 3)
    width, height = number(piece.width + 8), number(piece.height + 6)
    image = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<rect width="100%" height="100%" rx="4" fill="#ffffff"/>{outlines.defs()}<g fill="#1b1f24">{drawn}</g></svg>'
    )
    data = b64encode(image.encode()).decode()
    return (
        f'<img alt="{xml(formula.text)}" style="vertical-align:middle;max-width:none" '
        f'src="data:image/svg+xml;base64,{data}">'
    )
