"""A derivation as a document: plain text for a terminal, LaTeX that compiles as it stands, Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from textwrap import wrap

from . import writing
from .depths import (
    DEPTHS,
    IN_FULL,
    LONGEST_LEFT,
    NUMBERS,
    RULE,
    WRITTEN_OUT,
    Line,
    in_full,
    of_step,
    of_value,
    room_after,
    where,
)
from .documents import latex_document
from .ellipsis import MOST_TERMS, TERMS_AT_EACH_END, few, folded, more, shortened
from .lines import WIDEST, columns, set_on_lines
from .names import Name
from .records import Callout, Derived, Note, Step, Value
from .trees import Expression, Symbol
from .words import latex_words, markdown_sentence, markdown_words, maths, sentence_latex

MOST_SHOWN = 400
"""A derivation of more values and gradients in all is folded: a summary, its beginnings and its ends."""
_AT_EACH_END, TYPESET_AT_EACH_END = 20, 5
_OF_A_KIND = 2
"""In text a note of one kind is printed so often, and once at a step, but for fan-out; the steps have all."""


def checked_depth(depth: str | None) -> str:
    """The depth asked for; ValueError for one that there is not."""
    if depth is not None and depth not in (*DEPTHS, IN_FULL):
        raise ValueError(f"depth is one of {', '.join(map(repr, (*DEPTHS, IN_FULL)))}, not {depth!r}")
    return depth or NUMBERS


def _up_to(depth: str, found: Iterable[Line]) -> list[Line]:
    """The lines that a depth shows: at the depth of numbers all, at the others no numbers."""
    found = list(found)
    if depth == NUMBERS:
        return found
    shown = [line for line in found if line.depth in ((RULE,) if depth == RULE else (RULE, WRITTEN_OUT))]
    return shown or found


def is_large(derived: Derived) -> bool:
    """Whether it is folded, where not the whole of it is asked for."""
    return len(derived.values) + len(derived.steps) > MOST_SHOWN


def as_text(derived: Derived, depth: str | None = None, whole: bool = False) -> str:
    """The derivation in Unicode text, each value and gradient down to `depth`."""
    depth = checked_depth(depth)
    large = is_large(derived) and not whole
    if depth == IN_FULL:
        return "\n".join(_text_in_full(derived, large, whole)) + "\n"
    head = [] if whole else list(opening(derived))
    out = [*head, ""] if head else []
    out.append("Forward")
    for value in folded(derived.values, large, _AT_EACH_END):
        if isinstance(value, int):
            out += ["", f"  {more(value, 'values')}"]
            continue
        note = value.role if value.formula is None else ""
        if depth == NUMBERS or value.formula is not None:
            out += ["", *_equation(value.symbol.name, _up_to(depth, of_value(value, whole)), note)]
    out += ["", "", "Backward"]
    said: Counter[str] = Counter()
    for step in folded(derived.steps, large, _AT_EACH_END):
        if isinstance(step, int):
            out += ["", f"  {more(step, 'gradients')}"]
        else:
            out += ["", *_step(step, depth, said, whole)]
    for value in derived.unreached:
        out += ["", f"  {value.without_gradient.text}"]
    return "\n".join(out) + "\n"


def opening(derived: Derived, ends: int = _AT_EACH_END, way: str = "text") -> Iterator[str]:
    """What stands first where something is left out; `way` is the method that gives the whole."""
    if is_large(derived):
        yield from _summary(derived, ends, way)
    elif any(map(_is_shortened, derived.values)) or any(map(_is_shortened, derived.steps)):
        yield (
            f"Of more than {MOST_TERMS} terms or operands the first and last {TERMS_AT_EACH_END} are shown; "
            f".steps has all, .{way}(whole=True) prints all."
        )


def _is_shortened(item: Value | Step) -> bool:
    return item.formula is not None and shortened(item.formula) is not item.formula


def _summary(derived: Derived, ends: int, way: str) -> Iterator[str]:
    values, steps = len(derived.values), len(derived.steps)
    root = derived.root.symbol.name.text
    leaves = [step for step in derived.steps if step.value.formula is None]
    alarms = Counter(callout.kind for step in derived.steps for callout in step.callouts)
    yield f"The derivation of {root}: {values} named values, {steps} gradients, {len(leaves)} of them of inputs."
    if alarms:
        yield f"Call-outs: {', '.join(f'{kind} ({count})' for kind, count in alarms.most_common())}."
    yield f"Shown are the first and last {ends} of each; .steps has all, .{way}(whole=True) prints all."


def _equation(name: Name, shown: list[Line], note: str = "") -> list[str]:
    """`left = rule`, below it `= numbers`, below it `= result`, the equal signs aligned."""
    width = columns(name.text)
    out = [] if width <= LONGEST_LEFT else [f"  {name.text}"]
    margin = " " * (2 + (width if not out else 2))
    for i, line in enumerate(shown):
        start = f"  {name.text} = " if i == 0 and not out else f"{margin} = "
        out += [(start if j == 0 else " " * len(margin) + "   ") + text for j, text in enumerate(line.text)]
    if note:
        out[0] += f"   {note}"
    return out


def _step(step: Step, depth: str, said: Counter[str], whole: bool) -> list[str]:
    out = _equation(step.gradient.name, _up_to(depth, of_step(step, whole)))
    for i, part in enumerate(where(step, whole)):
        if isinstance(part, int):
            out.append(f"          {more(part, 'parts')}")
            continue
        equation = _equation(part[0], _up_to(depth, part[1]))
        out += [f"    {'where' if i + j == 0 else '     '} {line[2:]}" for j, line in enumerate(equation)]
    if len(step.contributions) > 1:
        out.append(f"    the sum of what {len(step.contributions)} consumers hand back:")
        for each in few(step.contributions, whole):
            if isinstance(each, int):
                out.append(f"      {more(each, 'consumers')}")
            else:
                formula = each.rule if depth == RULE else each.formula
                out += _hung(f"      from {each.consumer.text}: ", formula if whole else shortened(formula))
    here: set[str] = set()
    for note in few(step.notes, whole):
        if isinstance(note, int):
            out.append(f"    {more(note, 'notes')}")
        elif note.kind == "fan-out" or not (said[note.kind] >= _OF_A_KIND or note.kind in here or note.kind == "seed"):
            here.add(note.kind)
            out += _wrapped("· ", note.text)
    said.update(here)
    for callout in step.callouts:
        out += _wrapped("! ", callout.text)
    return out


def _hung(left: str, formula: Expression, condition: bool = False) -> list[str]:
    """A formula after a beginning of its line; what is too long goes on below it, or on the next line."""
    width = columns(left)
    first = [] if width <= LONGEST_LEFT + 8 else [left.rstrip()]
    margin = " " * (width if not first else len(left) - len(left.lstrip()) + 2)
    found = set_on_lines(formula, WIDEST - len(margin), condition).text
    return [*first, *((margin if i or first else left) + line for i, line in enumerate(found))]


def _wrapped(bullet: str, text: str) -> list[str]:
    """Words on lines; what is of a formula, as 2 × 3, is not torn."""
    margin = "    "
    text = re.sub(r"(?<=[^\W_]|[\])]) ([×·⊙/−+]) (?=\S)", "\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", text)
    found = wrap(text, WIDEST, initial_indent=margin + bullet, subsequent_indent=margin + " " * len(bullet))
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in found]


def _text_in_full(derived: Derived, large: bool, whole: bool) -> Iterator[str]:
    """For each input, or what was asked for, the formula of its gradient, then the parts that are named in it."""
    for i, step in enumerate(derived.ends):
        if i:
            yield ""
        (symbol, tree), *parts = _in_full(derived, step, whole)
        yield from _hung(f"{symbol.name.text} = ", tree)
        for part in folded(parts, large, _AT_EACH_END):
            if isinstance(part, int):
                yield f"  {more(part, 'parts')}"
            else:
                yield from _hung(f"  where {part[0].name.text} = ", part[1], part[0].kind == "b")
    yield from ("", *(value.without_gradient.text for value in derived.unreached)) if derived.unreached else ()


def _in_full(derived: Derived, step: Step, whole: bool) -> list[tuple[Symbol, Expression]]:
    return [(symbol, tree if whole else shortened(tree)) for symbol, tree in in_full(derived, step)]


# LaTeX ----------------------------------------------------------------------------------------------------------


def as_latex(derived: Derived, depth: str | None = None, whole: bool = False) -> str:
    """The derivation as a LaTeX document of its own; without a depth, with results but no numbers put in."""
    checked_depth(depth)
    large = is_large(derived) and not whole
    body = [rf"\section*{{The gradients of ${derived.root.symbol.name.latex}$, derived}}"]
    if not whole:
        body.append(latex_words(" ".join(opening(derived, TYPESET_AT_EACH_END, "latex"))))
    if depth == IN_FULL:
        body += [_aligned_in_full(derived, step, large, whole) for step in derived.ends]
        return latex_document([*body, *_latex_without_gradient(derived)])
    body.append(r"\subsection*{Forward}")
    for value in folded(derived.values, large, TYPESET_AT_EACH_END):
        if isinstance(value, int):
            body.append(_centered(more(value, "values")))
        else:
            body.append(_displayed(_value_latex(value, depth, whole)))
    body.append(r"\subsection*{Backward}")
    for step in folded(derived.steps, large, TYPESET_AT_EACH_END):
        if isinstance(step, int):
            body.append(_centered(more(step, "gradients")))
            continue
        body += [_displayed(latex) for latex in _step_latex(step, depth, whole)]
        body += _latex_remarks(step, depth, whole)
    return latex_document([*body, *_latex_without_gradient(derived)])


def as_latex_fragment(derived: Derived) -> str:
    """The rules and results of the gradients as one formula, as notebooks take it (VS Code's KaTeX, a PDF by LaTeX)."""
    rows: list[str] = []
    for step in folded(derived.steps, is_large(derived), TYPESET_AT_EACH_END):
        if isinstance(step, int):
            rows.append(_left_out(step, "gradients"))
            continue
        shown = _latex_lines(WRITTEN_OUT, of_step(step))
        rows += _rows(step.gradient.name, [line.latex for line in shown])
        for part in where(step):
            if isinstance(part, int):
                rows.append(_left_out(part, "parts"))
            else:
                rows += _rows(part[0], [line.latex for line in _latex_lines(WRITTEN_OUT, part[1])], _WHERE)
    return f"$${_aligned(rows)}$$"


def _latex_lines(depth: str | None, found: Iterable[Line]) -> list[Line]:
    return _up_to(depth, found) if depth else [line for line in found if line.depth != NUMBERS]


_WHERE = r"\text{where }"


def _value_latex(value: Value, depth: str | None, whole: bool) -> str:
    """The equation of a value; of one that nothing computed, what it is."""
    rows = _rows(value.symbol.name, [line.latex for line in _latex_lines(depth, of_value(value, whole))])
    if value.formula is None:
        rows[-1] += rf"\quad\text{{{value.role}}}"
    return _aligned(rows)


def _step_latex(step: Step, depth: str | None, whole: bool) -> Iterator[str]:
    """The equation of a gradient, and those of the parts that were named in it."""
    yield aligned(step.gradient.name, _latex_lines(depth, of_step(step, whole)))
    for part in where(step, whole):
        if isinstance(part, int):
            yield _aligned([_left_out(part, "parts")])
        else:
            yield aligned(part[0], _latex_lines(depth, part[1]), _WHERE)


def _left_out(count: int, kind: str) -> str:
    return rf"&\text{{{latex_words(more(count, kind))}}}"


def aligned(left: Name, shown: list[Line], before: str = "") -> str:
    r"""An equation in an `aligned` environment, which stands wherever mathematics does."""
    return _aligned(_rows(left, [line.latex for line in shown], before))


def _aligned(rows: list[str]) -> str:
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _rows(left: Name, right: Iterable[tuple[str, ...]], before: str = "") -> list[str]:
    """left = the first line, below it = the second; what a line has below it is moved to the right."""
    rows = [f"&= {row}" if i == 0 else rf"&\quad {row}" for line in right for i, row in enumerate(line)]
    return [f"{before}{left.latex} {rows[0]}", *rows[1:]]


def _displayed(latex: str) -> str:
    return f"\\[\n{latex}\n\\]"


def _centered(words: str) -> str:
    return rf"\begin{{center}}{latex_words(words)}\end{{center}}"


def _aligned_in_full(derived: Derived, step: Step, large: bool, whole: bool) -> str:
    rows: list[str] = []
    for part in folded(_in_full(derived, step, whole), large, TYPESET_AT_EACH_END):
        if isinstance(part, int):
            rows.append(_left_out(part, "parts"))
            continue
        symbol, tree = part
        rows += _rows(symbol.name, [set_on_lines(tree, room_after(symbol.name), symbol.kind == "b").latex()])
    return _displayed(_aligned(rows))


def _latex_remarks(step: Step, depth: str | None, whole: bool) -> list[str]:
    remarks = []
    for part in few(step.contributions, whole) if len(step.contributions) > 1 else ():
        if isinstance(part, int):
            remarks.append(latex_words(more(part, "consumers")))
        else:
            formula = part.rule if depth == RULE else part.formula
            latex = writing.latex(formula if whole else shortened(formula))
            remarks.append(f"from ${part.consumer.latex}$: ${latex}$")
    remarks += [
        latex_words(more(note, "notes")) if isinstance(note, int) else sentence_latex(note.sentence)
        for note in few(step.notes, whole)
    ]
    for callout in step.callouts:
        remedy = f" Usual remedy: {latex_words(callout.remedy)}." if callout.remedy else ""
        remarks.append(
            rf"\textbf{{{latex_words(callout.kind.capitalize())}:}} {sentence_latex(callout.sentence)}{remedy}"
        )
    return [r"\begin{itemize}", *(rf"\item {remark}" for remark in remarks), r"\end{itemize}"] if remarks else []


def _latex_without_gradient(derived: Derived) -> Iterator[str]:
    for value in derived.unreached:
        yield from ("", sentence_latex(value.without_gradient))


# Markdown -------------------------------------------------------------------------------------------------------


def as_markdown(derived: Derived, whole: bool = False) -> str:
    """The derivation in GitHub's Markdown.

    Formulas stand in ```math blocks and between $` and `$: there, unlike between plain dollar signs, Markdown leaves
    backslashes and underscores alone. GitLab and VS Code read these, too; a reader that does not shows LaTeX.
    """
    large = is_large(derived) and not whole
    out = [f"# The gradients of {maths(derived.root.symbol.name.latex)}, derived"]
    if not whole and (head := " ".join(opening(derived, TYPESET_AT_EACH_END, "markdown"))):
        out += ["", markdown_words(head)]
    out += ["", "## Forward"]
    for value in folded(derived.values, large, TYPESET_AT_EACH_END):
        if isinstance(value, int):
            out += ["", more(value, "values")]
        else:
            out += ["", *_math_block(_value_latex(value, None, whole))]
    out += ["", "## Backward"]
    for each in folded(tuple(enumerate(derived.steps, 1)), large, TYPESET_AT_EACH_END):
        if isinstance(each, int):
            out += ["", more(each, "gradients")]
            continue
        i, step = each
        names = few(step.waits_for, whole)
        after = ", ".join(more(name, "values") if isinstance(name, int) else maths(name.latex) for name in names)
        out += ["", f"### Step {i}: {maths(step.gradient.name.latex)}{f', after {after}' if after else ''}", ""]
        for latex in _step_latex(step, None, whole):
            out += _math_block(latex)
        if len(step.contributions) > 1:
            out.append("")
            for part in few(step.contributions, whole):
                if isinstance(part, int):
                    out.append(f"- {more(part, 'consumers')}")
                else:
                    formula = part.formula if whole else shortened(part.formula)
                    out.append(f"- from {maths(part.consumer.latex)}: {maths(writing.latex(formula))}")
        for remark in (*few(step.notes, whole), *step.callouts):
            out += ["", more(remark, "notes") if isinstance(remark, int) else _markdown_remark(remark)]
    for value in derived.unreached:
        out += ["", markdown_sentence(value.without_gradient)]
    return "\n".join(out) + "\n"


def _math_block(latex: str) -> list[str]:
    return ["```math", latex, "```"]


def _markdown_remark(remark: Note | Callout) -> str:
    words = markdown_sentence(remark.sentence)
    if isinstance(remark, Callout):
        remedy = f" Usual remedy: {remark.remedy}." if remark.remedy else ""
        return f"> **{remark.kind.capitalize()}:** {words}{remedy}"
    return words
