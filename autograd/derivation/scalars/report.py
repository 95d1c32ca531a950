"""What is said of a sum over paths: the parts of its two documents, the table and the derivation of one entry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from ...primitives.arithmetic import multiply
from ...primitives.notation import ATOM, PRODUCT, SUM
from .. import writing
from ..documents import Equation, Formula, Heading, Part, Sentence, Table
from ..lines import set_on_lines
from ..names import Name
from ..numbers import number_latex, number_text
from ..simplify import simplified
from ..trees import Apply, Expression, Number, Symbol
from .graph import ScalarEdge, ScalarNode
from .paths import Path, PathSum

_MOST_NODES = 12
"""A path through more named values is written with an ellipsis."""
_MOST_FACTORS = 12
_MOST_EQUATIONS = 200
_MOST_TERMS = 8


# The parts ------------------------------------------------------------------------------------------------------


def table(paths: PathSum) -> list[Part]:
    """The paths as a table: product and way of each, and what they add up to."""
    rows = [(_value(path.product), _way(path, paths)) for path in paths.paths]
    if paths.rest_count:
        rows.append((_value(paths.rest), _others(paths.rest_count)))
    if rows:
        rows.append((_value(paths.total), _words("their sum")))
    return [
        Equation(_name(paths.name), (_value(paths.gradient),)),
        _summary(paths),
        *([Table(("product", "path"), tuple(rows))] if rows else []),
        _cost(paths),
    ]


def derivation(paths: PathSum) -> list[Part]:
    """The entry derived: the values on the way, the local derivatives, each path's product, their sum, the cost."""
    parts: list[Part] = [_summary(paths)]
    on_paths = [node for node in paths.nodes if node.formula is not None]
    values = [*[node for node in paths.others if node.formula is not None], *on_paths]
    if values:
        parts.append(Heading("The values on the way"))
        parts += _limited([_equation(_name(node.name), node.formula, node.value) for node in values])
    if paths.paths:
        parts.append(Heading("The local derivatives, arrow by arrow"))
        parts += _limited(list(_arrows(paths)))
        parts.append(Heading("The paths: along each, the product of its local derivatives"))
        parts += [_product(i, path, paths) for i, path in enumerate(paths.paths, 1)]
        parts.append(Heading("Their sum" if paths.count > 1 else "The gradient"))
    parts.append(_sum(paths))
    parts.append(_cost(paths))
    return parts


def _limited(equations: list[Equation]) -> list[Part]:
    if len(equations) <= _MOST_EQUATIONS:
        return list(equations)
    left_out = whole(len(equations) - _MOST_EQUATIONS)
    return [*equations[:_MOST_EQUATIONS], said("And {count} more, left out here.", count=left_out)]


def _equation(name: Formula, formula: Expression | None, value: Any) -> Equation:
    lines = [Formula(number_text(value), number_latex(value))]
    if formula is not None:
        numbers = " ".join(set_on_lines(formula, numbers=True).text)
        lines = [
            Formula(writing.text(formula), _dotted(writing.latex(formula))),
            Formula(numbers, _dotted(writing.write(formula, "latex", _number_in_latex)[0])),
            *lines,
        ]
    lines = [line for i, line in enumerate(lines) if i == 0 or line.text != lines[i - 1].text]
    return Equation(name, tuple(lines))


def _number_in_latex(symbol: Symbol) -> writing.Written:
    written = number_latex(symbol.value)
    return written, SUM if written.startswith("-") else PRODUCT if "times" in written else ATOM


def _dotted(latex: str) -> str:
    """Products with a dot: 2 · 3, not 2 3. (There are only scalars here.)"""
    return latex.replace(r"\,", r" \cdot ").replace("  ", " ")


@dataclass(frozen=True, slots=True)
class Arrow:
    """A stretch of a path from one named entry to the next, and the derivative along it."""

    source: ScalarNode
    target: ScalarNode
    formula: Expression
    derivative: float


def arrows(path: Path, paths: PathSum) -> list[Arrow]:
    """A path by its named entries. What has no name is passed in silence."""
    found: list[Arrow] = []
    source: ScalarNode | None = None
    stretch: list[ScalarEdge] = []
    for edge in path.edges:
        source = edge.source if source is None else source
        stretch.append(edge)
        if edge.target.named:
            formula = reduce(_times, (e.formula for e in stretch))
            found.append(Arrow(source, edge.target, formula, math.prod(e.derivative for e in stretch)))
            source, stretch = None, []
    return found


def _times(a: Expression, b: Expression) -> Expression:
    return simplified(Apply(multiply, (a, b), {}, ()))


def _arrows(paths: PathSum) -> Iterator[Equation]:
    seen = set()
    for path in paths.paths:
        for arrow in arrows(path, paths):
            made = replace(_equation(_arrow_name(arrow), arrow.formula, arrow.derivative), sign=":")
            if made not in seen:
                seen.add(made)
                yield made


def _arrow_name(arrow: Arrow) -> Formula:
    source, target = arrow.source.name, arrow.target.name
    return Formula(f"{source.text} → {target.text}", rf"{source.latex} \to {target.latex}")


def _product(number: int, path: Path, paths: PathSum) -> Equation:
    parts = arrows(path, paths)
    shown = _cut(parts, _MOST_FACTORS)
    symbols = [_factor(arrow.formula) for arrow in shown if arrow is None or arrow.formula != Number(1)]
    values = [_numeral(arrow.derivative) if arrow else _ELLIPSIS for arrow in shown]
    lines = [_joined(symbols), *([_joined(values)] if len(values) > 1 else []), _value(path.product)]
    lines = [line for i, line in enumerate(lines) if line.text and (i == 0 or line.text != lines[i - 1].text)]
    way = _way(path, paths)
    total = whole(paths.count)
    caption = Formula(
        f"{number} of {total.text}:  {way.text}", rf"{number}\text{{ of }}{total.latex}\text{{: }}\quad {way.latex}"
    )
    return Equation(Formula("product", r"\text{product}"), tuple(lines), caption)


_ELLIPSIS = Formula("…", r"\cdots")


def _cut(items: Sequence[Any], most: int) -> list[Any]:
    """The items, the middle ones of many as one None."""
    if len(items) <= most:
        return list(items)
    return [*items[: most // 2], None, *items[-(most - most // 2) :]]


def _factor(tree: Expression | None) -> Formula:
    if tree is None:
        return _ELLIPSIS
    name = {"text": lambda s: s.name.text, "latex": lambda s: s.name.latex}
    made = []
    for style in ("text", "latex"):
        written, precedence = writing.write(tree, style, lambda s, style=style: (name[style](s), ATOM))  # type: ignore[misc]
        if precedence < PRODUCT:
            written = rf"\left({written}\right)" if style == "latex" else f"({written})"
        made.append(written)
    return Formula(made[0], _dotted(made[1]))


def _numeral(value: float) -> Formula:
    text, latex = number_text(value), number_latex(value)
    return Formula(f"({text})", f"({latex})") if value < 0 else Formula(text, latex)


def _joined(factors: Sequence[Formula]) -> Formula:
    return Formula(" · ".join(f.text for f in factors), r" \cdot ".join(f.latex for f in factors)) if factors else _ONE


_ONE = Formula("1", "1")


def _way(path: Path, paths: PathSum) -> Formula:
    """W₁[0,1] → z₁[0,1] → L"""
    names = [node.name for node in path.nodes if node.named] or [paths.root.name]
    shown = _cut(names, _MOST_NODES)
    return Formula(
        " → ".join("…" if name is None else name.text for name in shown),
        r" \to ".join(r"\cdots" if name is None else name.latex for name in shown),
    )


def _sum(paths: PathSum) -> Equation:
    """∂L/∂W₁[0,1] = the products, added up = the gradient."""
    shown = _cut([path.product for path in paths.paths], _MOST_TERMS)
    values = [*shown, paths.rest] if paths.rest_count else shown
    text, latex = _signed(values, "text"), _signed(values, "latex")
    lines = [Formula(text, latex)] if len(values) > 1 else []
    note = None
    if paths.rest_count and paths.paths:
        note = _words("the last term for {others}", others=_others(paths.rest_count))
    return Equation(
        _name(paths.name),
        (*lines, _value(paths.gradient)),
        note,
    )


def _signed(values: Sequence[float | None], style: str) -> str:
    """A sum of numbers; None is an ellipsis."""
    write = number_text if style == "text" else number_latex
    minus = "−" if style == "text" else "-"
    made = ""
    for i, value in enumerate(values):
        term = getattr(_ELLIPSIS, style) if value is None else write(value)
        sign = f" {minus} " if i and term.startswith(minus) else " + " if i else ""
        made += sign + (term[len(minus) :] if i and term.startswith(minus) else term)
    return made


def _summary(paths: PathSum) -> Sentence:
    names = {"start": _name(paths.start.name), "root": _name(paths.root.name), "count": whole(paths.count)}
    if not paths.count:
        return said("No path leads from {start} to {root}: the gradient is 0.", **names)
    if paths.count == 1:
        words = "One path leads from {start} to {root}; the gradient is the product of the derivatives along it."
    else:
        words = (
            "{count} paths lead from {start} to {root}; the gradient is the sum over them of the products of the "
            "derivatives along each."
        )
    dead = paths.count - paths.live
    if dead:
        them = (
            "It carries"
            if paths.count == 1
            else "All of them carry"
            if not paths.live
            else "{dead} of them carry"
            if dead > 1
            else "One of them carries"
        )
        words += f" {them} nothing: a derivative on the way is 0."
    return said(words, **names, dead=whole(dead))


def _cost(paths: PathSum) -> Sentence:
    if paths.count < 2:
        return said("Backpropagation takes the same steps: one multiplication by a local derivative for each edge.")
    words = (
        "Path by path that takes {each} multiplications by local derivatives. Backpropagation goes over each of the "
        "{once} edges once"
    )
    if paths.backpropagation < paths.multiplications:
        words += ": at each value it first adds up what arrives, then goes on with the sum"
    return said(words + ".", each=whole(paths.multiplications), once=whole(paths.backpropagation))


def said(words: str, **formulas: Formula) -> Sentence:
    """A sentence with formulas in it."""
    return Sentence(
        words.format(**{key: f.text for key, f in formulas.items()}),
        words.format(**{key: f"${f.latex}$" for key, f in formulas.items()}),
    )


def _name(name: Name) -> Formula:
    return Formula(name.text, name.latex)


def whole(number: int) -> Formula:
    """A whole number in full, in groups of three; beyond 24 digits as a power of ten."""
    if number < 10**24:
        return Formula(f"{number:,}", f"{number:,}".replace(",", "{,}"))
    exponent = int(math.log10(number))
    mantissa = number // 10 ** (exponent - 4) / 10**4
    return Formula(f"{mantissa:.4g} × 10^{exponent}", rf"{mantissa:.4g} \times 10^{{{exponent}}}")


def _others(count: int) -> Formula:
    return _words("the other path") if count == 1 else _words("the {count} other paths together", count=whole(count))


def _value(value: Any) -> Formula:
    return Formula(number_text(value), number_latex(value))


def _words(words: str, **formulas: Formula) -> Formula:
    """Words among formulas."""
    text = words.format(**{key: f.text for key, f in formulas.items()})
    latex = words.format(**{key: f"}} {f.latex} \\text{{" for key, f in formulas.items()})
    return Formula(text, rf"\text{{{latex}}}")
