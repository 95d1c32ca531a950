"""Long formulas on several lines: broken at sums, at products, inside brackets, each line short enough to be read.

A row is a list of pieces of the tree, and of signs between them, that every notation writes for itself: so text, LaTeX
and images break at the same places.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from string import Formatter

from ..primitives.arithmetic import add, divide, multiply, subtract
from ..primitives.notation import ATOM
from ..primitives.products import matmul
from .display import displayed
from .numbers import array_block, array_latex, array_text
from .trees import Apply, Expression, Symbol, total
from .writing import Written, brackets, conditions, inline, notation_of, write, written_name

WIDEST = 80
"""The columns of a terminal; 80 of 17 pixels also fit a narrow page, and of LaTeX a sheet of paper."""
_FIRST = 0xE000  # of Unicode's private characters, which no name that is written here holds
_MOST = 999
_SUMS = frozenset((add, subtract, total))
_PRODUCTS = frozenset((multiply, divide, matmul))
_DEEPEST = 20  # columns: behind a longer beginning the rest goes to a line of its own
_NARROW = 44  # columns: a matrix of numbers wants so many
_SHORT = 8  # columns: a number in front of a product stays with the next factor


@dataclass(frozen=True, slots=True)
class Sign:
    """What stands before, between and after pieces: operators, functions' names, brackets."""

    text: str
    latex: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a formula that stays on one line."""

    tree: Expression
    condition: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line: how many columns it is moved to the right, and what is on it."""

    indent: int
    parts: tuple[Sign | Piece, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A formula on lines, with the names of its values or with their numbers."""

    rows: tuple[Row, ...]
    text: tuple[str, ...]
    """Lines of Unicode text, in which matrices stand as matrices."""
    numbers: bool

    def latex(self, moved: bool = True) -> tuple[str, ...]:
        """A line of LaTeX for each row, by default moved to its place; brackets that are closed on another row are
        closed invisibly."""
        return tuple((r"\quad " * -(-row.indent // 4) if moved else "") + self._row(row) for row in self.rows)

    def _row(self, row: Row) -> str:
        name = number_in_latex if self.numbers else _name_in_latex
        line = "".join(
            part.latex if isinstance(part, Sign) else write(part.tree, "latex", name, part.condition)[0]
            for part in row.parts
        )
        return _closed(line)


def set_on_lines(tree: Expression, room: int = WIDEST, condition: bool = False, numbers: bool = False) -> Rows:
    """The tree on lines of at most `room` columns, as far as it can be broken."""
    breaker = _Breaker(numbers, room)
    rows = breaker.rows(displayed(tree), room, condition=condition)
    return Rows(tuple(rows), tuple(line for row in rows for line in breaker.lines(row)), numbers)


def number_in_latex(symbol: Symbol) -> Written:
    """A named value's number or matrix; in braces of its own a matrix takes an exponent everywhere."""
    return inline(f"{{{array_latex(symbol.value)}}}")


def _name_in_latex(symbol: Symbol) -> Written:
    return written_name(symbol, "latex")


_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\uff60\uffe0-\uffe6\U0001f000-\U0003fffd]"
)


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: letters with an accent one, Chinese letters and pictures two."""
    if text.isascii():
        return len(text)
    return len(text) + len(_WIDE.findall(text)) - sum(map(bool, map(unicodedata.combining, text)))


class _Measure:
    """How pieces are written in text, and how wide they are; an array is a block of several lines."""

    def __init__(self, numbers: bool, room: int) -> None:
        self.numbers, self.room = numbers, room
        self._signs: dict[int, str] = {}
        self._blocks: dict[str, list[str]] = {}
        self._written: dict[tuple[int, bool], str] = {}  # of pieces, which the tree keeps alive

    def name(self, symbol: Symbol) -> Written:
        if not self.numbers:
            return written_name(symbol, "text")
        if symbol.shape == () or len(self._blocks) > _MOST:
            return inline(array_text(symbol.value))
        sign = self._signs.get(id(symbol.value))
        if sign is None:
            sign = self._signs[id(symbol.value)] = chr(_FIRST + len(self._blocks))
            self._blocks[sign] = array_block(symbol.value, room=max(self.room - 8, 24))
        return sign, ATOM

    def written(self, part: Sign | Piece) -> str:
        if isinstance(part, Sign):
            return part.text
        key = (id(part.tree), part.condition)
        if key not in self._written:
            self._written[key] = write(part.tree, "text", self.name, part.condition)[0]
        return self._written[key]

    def width(self, parts: Sequence[Sign | Piece]) -> int:
        line = "".join(map(self.written, parts))
        return columns(line) + sum(
            line.count(sign) * (max(map(len, block)) - 1) for sign, block in self._blocks.items() if sign in line
        )

    def lines(self, row: Row) -> list[str]:
        line = "".join(map(self.written, row.parts))
        if not self._blocks:
            return [" " * row.indent + line]
        pieces = re.split(f"([{chr(_FIRST)}-{chr(_FIRST + _MOST)}])", line)
        stacks = [self._blocks[piece] if i % 2 else [piece] for i, piece in enumerate(pieces)]
        widths = [max(map(columns, stack)) for stack in stacks]
        found = zip_longest(*stacks, fillvalue="")
        return [
            " " * row.indent
            + "".join(part + " " * (width - columns(part)) for part, width in zip(each, widths, strict=True)).rstrip()
            for each in found
        ]


class _TooDeepError(Exception):
    """A bracket begins so far to the right that a function around it is to be broken first."""


class _Breaker(_Measure):
    """Where a formula is broken."""

    def rows(
        self,
        tree: Expression,
        room: int,
        before: tuple[Sign | Piece, ...] = (),
        after: tuple[Sign, ...] = (),
        condition: bool = False,
        margin: int | None = None,
        apart: bool = False,
        inside: bool = False,
        opened: bool = False,
    ) -> list[Row]:
        """The tree with what goes before and after it. `margin`: how far what is below the first line is moved to the
        right, if not so far that it stands below the tree's beginning; `apart`: it is broken in any case; `inside`: a
        function that can be broken opens before it; `opened`: it is broken behind its own bracket in any case."""
        given = (tree, room, before, after, condition, margin, apart)
        whole = [Row(0, (*before, Piece(tree, condition), *after))]
        if not isinstance(tree, Apply) or (not apart and self.width(whole[0].parts) <= room):
            return whole
        if tree.kind == "b" and not condition:
            before, after, condition = (*before, _INDICATOR[0]), (_INDICATOR[1], *after), True
        taken = _taken_apart(tree)
        if taken is None:
            return whole
        order, signs = taken
        script = len(order) == 1 and signs[-1].latex.startswith(("^", "_"))
        around = [self._bracketed(tree, i, script) for i in order]
        before = (*before, signs[0]) if signs[0].text else before
        if margin is None or signs[0].text:
            margin = self.width(before)
        first = tree.operands[order[0]]
        if tree.primitive is multiply and first.shape == () and self.width([Piece(first)]) <= _SHORT:
            before = (*before, around[0][0], Piece(first), around[0][1], signs[1])  # 2/3 · stays with what follows
            signs, order, around = [signs[0], *signs[2:]], order[1:], around[1:]
        found: list[Row] = []
        deep = self.width(before)
        too_deep = deep > max(_DEEPEST, room // 2) or (deep > _SHORT and self.numbers and room - deep < _NARROW)
        if (opened or too_deep) and (signs[0].text or around[0][0].text):
            if inside:
                raise _TooDeepError
            found.append(Row(0, (*before, around[0][0])))
            before, around[0], margin = (), (Sign("", ""), around[0][1]), 2
        opens = not found and len(signs[0].text) > 1 and signs[0].text.endswith("(")
        truths = conditions(tree, "text")
        for place, i in enumerate(order):
            operand, last = tree.operands[i], place == len(order) - 1
            bracketed = bool(around[place][0].text)
            comma = not last and signs[place + 1].text == ", "
            lead = before if place == 0 else () if signs[place].text == ", " else (_leading(signs[place]),)
            follow = (signs[-1], *after) if last else (_COMMA,) if comma else ()
            moved = margin if place or (not before and found) else 0
            try:
                made = self.rows(
                    operand,
                    room - moved,
                    (*lead, around[place][0]),
                    (around[place][1], *follow),
                    truths[i],
                    None if bracketed else self._margin(tree, place, operand, margin - moved, alone=len(order) == 1),
                    apart=place == 0 and not bracketed and tree.primitive in _SUMS and is_sum(operand),
                    inside=place == 0 and (opens or (inside and not found)),
                )
            except _TooDeepError:
                if inside or not opens:
                    raise
                return self.rows(*given, opened=True)
            found += [replace(row, indent=row.indent + moved) for row in made]
            if place and signs[place].text == ", " and len(made) == 1:
                self._pack(found, room)
        return found

    def _pack(self, found: list[Row], room: int) -> None:
        """Of a list, the last row behind the one before it, if there is room."""
        *others, before, last = found
        if before.parts[-1] == _COMMA:
            together = Row(before.indent, (*before.parts, _SPACE, *last.parts))
            if together.indent + self.width(together.parts) <= room:
                found[:] = [*others, together]

    @staticmethod
    def _margin(tree: Apply, place: int, operand: Expression, margin: int, alone: bool) -> int | None:
        """Where the lines of an operand without brackets begin: a chain of products stands below its beginning, and
        so do the terms of a sum; the factors of a term are moved."""
        if not isinstance(operand, Apply) or (alone and tree.primitive is not multiply):
            return None
        if tree.primitive in _SUMS:
            return margin if is_sum(operand) else margin + 2 if place == 0 else None
        alike = notation_of(tree).text.precedence == notation_of(operand).text.precedence
        return margin if place == 0 or alike else None

    def _bracketed(self, tree: Apply, i: int, script: bool) -> tuple[Sign, Sign]:
        """The brackets around an operand, where it takes any; in LaTeX below a `script` always, as it may bear one."""
        written = write(tree.operands[i], "text", self.name, conditions(tree, "text")[i])
        in_latex = write(tree.operands[i], "latex", _measured_in_latex if self.numbers else _name_in_latex)
        notation = notation_of(tree)
        text, latex = brackets(tree, i, notation.text, written), brackets(tree, i, notation.latex, in_latex)
        latex = text or latex or script
        return Sign("(" * text, r"\left(" * latex), Sign(")" * text, r"\right)" * latex)


def chunks(tree: Expression) -> Iterator[Expression]:
    """The terms of a sum and the factors of a product, which may stand on lines of their own."""
    if isinstance(tree, Apply) and (is_sum(tree) or tree.primitive in _PRODUCTS):
        for operand in tree.operands:
            yield from chunks(operand)
    else:
        yield tree


_INDICATOR = Sign("1[", r"\mathbf{1}\left["), Sign("]", r"\right]")
_COMMA, _SPACE = Sign(",", ","), Sign(" ", " ")


def _measured_in_latex(symbol: Symbol) -> Written:
    return inline("[" if symbol.shape else array_text(symbol.value))


def is_sum(tree: Expression) -> bool:
    """Whether it is a sum or a difference, whose terms may stand one below the other."""
    return isinstance(tree, Apply) and tree.primitive in _SUMS


def _leading(sign: Sign) -> Sign:
    """An operator at the beginning of a line, where a product needs one to be seen."""
    text, latex = sign.text.strip() or "·", sign.latex.strip()
    return Sign(f"{text} ", rf"{{}} {latex} " if latex not in ("", r"\,") else r"{} \cdot ")


def _taken_apart(tree: Apply) -> tuple[list[int], list[Sign]] | None:
    """The operands in the order in which they are written, and what stands before, between and after them."""
    notation = notation_of(tree)
    order, text = _literals(notation.text.template, len(tree.operands))
    if not order or len(set(order)) < len(order):
        return None
    order_in_latex, latex = _literals(notation.latex.template, len(tree.operands))
    if order_in_latex != order or any(part.count("{") != part.count("}") for part in latex):
        latex = [_LATEX_SIGN.sub(_in_latex, part) for part in text]
        if any(not _PLAIN.fullmatch(part) for part in latex):
            return None
    elif text[0].endswith("(") and r"\left" not in latex[0]:  # \sum a: over several lines it takes brackets
        latex = [latex[0] + r"\left(", *latex[1:-1], r"\right)" + latex[-1]]
    return order, [Sign(*both) for both in zip(text, latex, strict=True)]


_IN_LATEX = {"√": r"\surd ", "exp": r"\exp ", "(": r"\left(", ")": r"\right)", "⊙": r"\odot ", "·": r"\cdot "}
_LATEX_SIGN = re.compile("|".join([*map(re.escape, _IN_LATEX), "[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+"]))
_PLAIN = re.compile(r"(?:\\(?:surd|exp|left\(|right\)|odot|cdot)|\^\{[-\d]+\}|[\s/+,])*")


def _in_latex(found: re.Match[str]) -> str:
    return _IN_LATEX.get(found[0]) or f"^{{{found[0].translate(_LOWERED)}}}"


_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def _literals(template: str, count: int) -> tuple[list[int], list[str]]:
    order: list[int] = []
    literals = [""]
    for literal, field, _, _ in Formatter().parse(template):
        literals[-1] += literal
        if field in ("...", "all"):
            order += range(count)
            literals += [", "] * (count - 1) + [""]
        elif field is not None:
            order.append(int(field))
            literals.append("")
    return order, literals


_BRACKET = re.compile(r"\\(left|right)(?![a-z])")
_SIGN = re.compile(r"\{\} \S+ ")


def _closed(latex: str) -> str:
    r"""The line with \left. and \right. for what is opened or closed on another line."""
    unopened = depth = 0
    for found in _BRACKET.finditer(latex):
        depth += 1 if found[1] == "left" else -1
        if depth < 0:
            unopened, depth = unopened + 1, 0
    sign = _SIGN.match(latex)  # stays before the bracket: in it, some typesetters take it for a sign of one side only
    start = sign.end() if sign else 0
    return latex[:start] + r"\left." * unopened + latex[start:] + r"\right." * depth
