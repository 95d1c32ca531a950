"""A derivation as a web page of its own, and as a notebook shows it: typeset, static, without scripts or network."""

from __future__ import annotations

from base64 import b64encode

from ..derivation import writing
from ..derivation.names import Name
from ..derivation.numbers import array_latex, array_text, is_condition
from ..derivation.steps import Derived, Step, Value
from ..derivation.trees import Expression, Number
from ..derivation.verify import Verification, verify
from .portray import scene
from .svg import svg
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
figure { margin: 1.5rem calc(50% - 47vw); overflow-x: auto; }
figure > svg { display: block; max-width: 100%; height: auto; margin: auto; }
.step { margin: 1rem 0; padding: .75rem 1rem; background: var(--card); border-radius: .5rem; overflow-x: auto; }
.step h3 { margin: 0 0 .25rem; font-size: .85rem; font-weight: 600; color: var(--faint); }
.step p { margin: .35rem 0 0; color: var(--faint); font-size: .95rem; }
.step code { font: .85rem ui-monospace, monospace; }
.formula { fill: currentColor; overflow: visible; }
table.equation { border-collapse: collapse; } table.equation td { padding: .3rem .35rem; vertical-align: middle; }
table.check { border-collapse: collapse; }
table.check th, table.check td { text-align: left; padding: .25rem .9rem .25rem 0;
  border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
@media print { .step { break-inside: avoid; background: none; border: 1px solid var(--line); } }
"""


def page(derivation: Derived) -> str:
    """A whole HTML document: the picture, every step typeset, the check of every step."""
    outlines = Outlines("glyph")
    name = derivation.root.symbol.name.text
    forward = [
        _section(_heading(v), _equation(outlines, v.symbol.name, v.formula, v.symbol.value)) for v in derivation.values
    ]
    backward = [
        _section(
            f"Step {i}: the gradient with respect to {step.value.symbol.name.text}",
            _equation(outlines, step.gradient.name, step.formula, step.gradient.value),
            *_fan_out(outlines, step),
        )
        for i, step in enumerate(derivation.steps, 1)
    ]
    body = [
        f"<h1>{xml(f'The gradients of {name}, derived')}</h1>",
        "<p>Each formula was read off the computation itself, and each was checked against the gradient "
        "that the engine computes; the table at the end shows by how much they differ.</p>",
        f"<figure>{svg(scene(derivation))}</figure>",
        "<h2>Forward: how the values are computed</h2>",
        *forward,
        "<h2>Backward: one gradient after the other, from the output to the inputs</h2>",
        *backward,
        "<h2>Check</h2>",
        _check_table(verify(derivation)),
    ]
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{xml(f'The gradients of {name}')}</title>",
            f"<style>{_STYLE}</style>\n</head>\n<body>",
            f'<svg width="0" height="0" style="position:absolute" aria-hidden="true">{outlines.defs()}</svg>',
            *body,
            "</body>\n</html>\n",
        ]
    )


def _heading(value: Value) -> str:
    shape = " × ".join(map(str, value.symbol.shape)) or "scalar"
    return f"{value.symbol.name.text}: {value.role}, {shape}"


def _section(heading: str, *parts: str) -> str:
    return f'<section class="step"><h3>{xml(heading)}</h3>{"".join(parts)}</section>'


def _lines(formula: Expression | None, value: object) -> list[tuple[str, str]]:
    """The right sides of an equation, LaTeX and text: rule, numbers, result; none twice."""
    lines = []
    if formula is not None:
        truth = is_condition(value)
        numbers = " ".join(writing.text_with_numbers(formula, 0, truth))
        lines = [
            (writing.latex(formula, truth), writing.text(formula, truth)),
            (writing.latex_with_numbers(formula, truth), numbers),
        ]
    lines.append((array_latex(value), array_text(value)))
    return [line for i, line in enumerate(lines) if i == 0 or line[0] != lines[i - 1][0]]


def _equation(outlines: Outlines, name: Name, formula: Expression | None, value: object) -> str:
    left = _formula(outlines, name.latex, name.text)
    rows = [
        f"<tr><td>{left if i == 0 else ''}</td><td>=</td><td>{_formula(outlines, *line)}</td></tr>"
        for i, line in enumerate(_lines(formula, value))
    ]
    return f'<table class="equation" role="presentation">{"".join(rows)}</table>{_in_numpy(name, formula)}'


def _in_numpy(name: Name, formula: Expression | None) -> str:
    """The formula's executable twin, a line of code; nothing for a mere number, or where NumPy has no expression."""
    if formula is None or isinstance(formula, Number):
        return ""
    try:
        return f"<p><code>{xml(f'{name.identifier} = {writing.source(formula)}')}</code></p>"
    except writing.NoSourceError:
        return ""


def _fan_out(outlines: Outlines, step: Step) -> list[str]:
    if len(step.contributions) < 2:
        return []
    parts = [
        f"{xml(part.consumer.text)} hands back "
        + _formula(outlines, writing.latex(part.formula), writing.text(part.formula))
        for part in step.contributions
    ]
    return [
        f"<p>{xml(step.value.symbol.name.text)} is used by {len(parts)} values, so its gradient is a sum: "
        f"{'; '.join(parts)}.</p>"
    ]


def _formula(outlines: Outlines, latex: str, text: str) -> str:
    piece = typeset(latex, text, _SIZE)
    width, height, below = number(piece.width), number(piece.height), number(piece.baseline - piece.height)
    return (
        f'<svg class="formula" role="img" aria-label="{xml(text)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" style="vertical-align:{below}px">{outlines.draw(piece, 0, 0)}</svg>'
    )


def _check_table(verification: Verification) -> str:
    rows = "".join(f"<tr>{''.join(f'<td>{xml(cell)}</td>' for cell in row)}</tr>" for row in verification.rows())
    head = "".join(f"<th>{xml(cell)}</th>" for cell in verification.head)
    return (
        "<p>The largest errors, relative to the gradient's largest entry or to 1: of the printed formula, evaluated "
        "from the values alone, and of central differences.</p>"
        f'<table class="check"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def notebook(derivation: Derived) -> str:
    """The values and steps for a notebook's cell: images and <details>, nothing that an untrusted notebook removes."""
    values = "".join(_details(v.symbol.name, v.formula, v.symbol.value, False) for v in derivation.values)
    backward = "".join(_details(s.gradient.name, s.formula, s.gradient.value, True) for s in derivation.steps)
    forward = f"<details><summary>Forward: {len(derivation.values)} values</summary>{values}</details>"
    return f'<div style="overflow-x:auto">{forward}{backward}</div>'


def _details(name: Name, formula: Expression | None, value: object, unfolded: bool) -> str:
    """An equation: its rule, below it, folded away or not, the numbers and the result."""
    rule, *rest = _lines(formula, value)
    first = _image(f"{name.latex} = {rule[0]}", f"{name.text} = {rule[1]}")
    if not rest:
        return f'<div style="margin:.6em 0">{first}</div>'
    lines = "".join(
        f'<div style="margin:.4em 0 .4em 1.5em">{_image("= " + latex, "= " + text)}</div>' for latex, text in rest
    )
    opened = " open" if unfolded else ""
    return f'<details{opened} style="margin:.6em 0"><summary>{first}</summary>{lines}</details>'


def _image(latex: str, text: str) -> str:
    """A formula as an image that stands for itself, dark on white whatever the theme."""
    outlines = Outlines("g")
    piece = typeset(latex, text, _SIZE)
    drawn = outlines.draw(piece, 4, 3)
    width, height = number(piece.width + 8), number(piece.height + 6)
    image = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<rect width="100%" height="100%" rx="4" fill="#ffffff"/>{outlines.defs()}<g fill="#1b1f24">{drawn}</g></svg>'
    )
    data = b64encode(image.encode()).decode()
    return (
        f'<img alt="{xml(text)}" style="vertical-align:middle;max-width:none" src="data:image/svg+xml;base64,{data}">'
    )
