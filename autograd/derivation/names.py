"""What the values of a graph are called: in text, in LaTeX, as Python identifiers. Names are untrusted text."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from ..tensor import Tensor

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_ACCENTS = {
    "\u0300": "grave", "\u0301": "acute", "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0306": "breve",
    "\u0307": "dot", "\u0308": "ddot", "\u030c": "check",
}  # fmt: skip
_ACCENT_WORDS = {word: mark for mark, word in _ACCENTS.items()}
_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega".split()  # noqa: SIM905
)
_GREEK_LETTERS = {
    unicodedata.lookup(f"GREEK SMALL LETTER {'lamda' if name == 'lambda' else name}"): name for name in _GREEK
}
_ESCAPES = {
    "\\": r"\backslash ", "<": r"\lt ", ">": r"\gt ", "&": r"\& ", "{": r"\{ ", "}": r"\} ", "$": r"\$ ", "#": r"\# ",
    "%": r"\% ", "_": r"\_ ", "^": r"\wedge ", "~": r"\sim ",
}  # fmt: skip
_LONGEST = 40
_FOR_PARTS = "abcfghkmpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Name:
    """One name in the three notations."""

    text: str
    latex: str
    identifier: str
    compound: bool = False
    """Whether it is more than a letter to look at, as ∂L/∂z is."""


def pretty(name: str) -> Name:
    """How a name is shown: trailing digits as a subscript, `_hat` and the like as accents, all else as it is.

    >>> pretty("W1").text, pretty("W1").latex
    ('W₁', 'W_{1}')
    >>> pretty("y_hat").latex
    '\\\\hat{y}'
    """
    shown = "".join(c for c in name.translate(_DIGITS) if c.isprintable()) or "?"
    shown = shown if shown.strip() else "?"
    if len(shown) > _LONGEST:
        shown = shown[: _LONGEST - 1] + "…"
    base, _, word = shown.partition("_")
    digits = re.search(r"\d+$", word)
    if digits:
        word = word[: digits.start()]
    if word in _ACCENT_WORDS and len(base) == 1:
        shown = unicodedata.normalize("NFC", base + _ACCENT_WORDS[word]) + (digits[0] if digits else "")
    match = re.fullmatch(r"([^\W\d_]+?\W?)_?(\d*)", shown)
    if match:
        stem, number = match.groups()
        latex = _letters(stem)
        text = _greek_letter(stem) + number.translate(_SUBSCRIPTS)
        return Name(text, f"{latex}_{{{number}}}" if number else latex, _identifier(stem + number))
    match = re.fullmatch(r"([^\W\d_])_(\w+)", shown)  # W_h: one letter with a word below it
    if match:
        return Name(shown, f"{_letters(match[1])}_{{{_upright(match[2])}}}", _identifier(shown))
    return Name(shown, _upright(shown), _identifier(shown))


def gradient_name(of: Name, by: Name) -> Name:
    """∂of/∂by."""
    return Name(
        f"∂{of.text}/∂{by.text}",
        rf"\frac{{\partial {of.latex}}}{{\partial {by.latex}}}",
        f"d{of.identifier}_d{by.identifier}",
        compound=True,
    )


def _letters(stem: str) -> str:
    """A stem of letters in LaTeX: one letter in italics, perhaps accented; a Greek letter's name; else a word."""
    decomposed = unicodedata.normalize("NFD", stem)
    if len(decomposed) == 2 and decomposed[1] in _ACCENTS:
        return rf"\{_ACCENTS[decomposed[1]]}{{{decomposed[0]}}}"
    if stem in _GREEK:
        return rf"\{stem}"
    if stem in _GREEK_LETTERS:
        return rf"\{_GREEK_LETTERS[stem]}"
    if len(stem) == 1:
        return stem
    return rf"\mathit{{{stem}}}" if stem.isascii() and stem.isalpha() else _upright(stem)


def _greek_letter(stem: str) -> str:
    return next((letter for letter, name in _GREEK_LETTERS.items() if name == stem), stem)


def _upright(text: str) -> str:
    """Any text in LaTeX, harmless: what LaTeX or XML could take for markup is spelled as a symbol."""
    parts = re.split(r"([\\<>&{}$#%_^~])", text)
    return "".join(_ESCAPES.get(part, rf"\text{{{part}}}") for part in parts if part)


def _identifier(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(c if c.isalnum() or c == "_" else {"′": "_prime"}.get(c, "_") for c in plain)
    if keyword.iskeyword(plain):
        return f"{plain}_"
    return plain if plain.isidentifier() else f"_{plain}"


def callers_variables(frame: Any) -> Mapping[str, Any]:
    """The variables of a frame, locals before globals."""
    return {**{k: v for k, v in frame.f_globals.items() if k not in frame.f_locals}, **frame.f_locals}


class Names:
    """The names of a graph's values, each its own: a second value of the same name gets a number."""

    def __init__(self, variables: Mapping[str, Any] | None = None):
        """`variables` are the caller's: they name what has no name of its own."""
        self._variables = {
            id(value): name
            for name, value in reversed(list((variables or {}).items()))
            if isinstance(value, (Tensor, np.ndarray)) and name.isidentifier() and not name.startswith("_")
        }
        self._taken: set[str] = {"np"}
        self._often: dict[str, int] = {}
        self._reserved: set[str] = set()
        self._count = 0
        self._letters: list[str] | None = None
        self._numbers = count(1)
        self._arrays: dict[Any, Any] = {}

    def own(self, value: Any) -> str | None:
        """The name that a value has by itself, or by the caller's variable."""
        return (value.name if type(value) is Tensor else None) or self._variables.get(id(value))

    def original(self, value: Any) -> Any:
        """What was met first of all that hold the same array, without a gradient: one name is enough for an array that
        a module wraps and the caller uses as well. Tensors that are called otherwise stay apart."""
        tensor = type(value) is Tensor
        data = value.data if tensor else value
        if not isinstance(data, np.ndarray) or (tensor and (value.requires_grad or value.primitive is not None)):
            return value
        first = self._arrays.setdefault(memory(data), value)
        apart = tensor and type(first) is Tensor and len({self.own(value), self.own(first)} - {None}) == 2
        return value if apart else first

    def name_gradients(self, nodes: Iterable[Tensor]) -> AbstractSet[int]:
        """Name the gradients of leaves after these, x.grad, where they are values of the graph: the ids of these."""
        found = set()
        for x in nodes:
            own = self.own(x) if x.primitive is None and x.requires_grad else None
            if own and type(x.grad) is Tensor and x.grad.primitive is not None:
                found.add(id(x.grad))
                if self.own(x.grad) is None:
                    self._variables[id(x.grad)] = f"{own}.grad"
        return found

    def meet(self, nodes: Sequence[Tensor]) -> None:
        """Look at the values of a graph before the first is named: v1, v2, … keep clear of those that bear such a name,
        and of values that share a name it is the one that one of them has."""
        arrays = (x for node in nodes for x in node.inputs if isinstance(x, np.ndarray))
        for value in (*nodes, *arrays):
            original, own = self.original(value), self.own(value)
            if own:
                self._reserved.add(own)
                if self.own(original) is None:
                    self._variables[id(original)] = own

    def name(self, value: Any) -> Name:
        """A new name for a value: its own, or v1, v2, …."""
        raw = self.own(value)
        while raw is None:
            self._count += 1
            if f"v{self._count}" not in self._reserved:
                raw = f"v{self._count}"
        return self.unique(pretty(raw))

    def part(self) -> Name:
        """A new name for a part of a formula: a letter that no value's name begins with, then t₁, t₂, …."""
        if self._letters is None:
            taken = {identifier.rstrip("0123456789_") for identifier in self._taken}
            self._letters = [letter for letter in _FOR_PARTS if letter not in taken]
        if self._letters:
            return self.unique(pretty(self._letters.pop(0)))
        while f"t{(number := next(self._numbers))}" in self._taken:
            pass
        return self.unique(pretty(f"t{number}"))

    def unique(self, name: Name) -> Name:
        """`name`; W⁽²⁾, W⁽³⁾, … for the second and third value that bears it."""
        unique, often = name, self._often.get(name.identifier, 1)
        while unique.identifier in self._taken:
            self._often[name.identifier] = often = often + 1
            number = str(often)
            unique = Name(
                f"{name.text}⁽{number.translate(_SUPERSCRIPTS)}⁾",
                f"{name.latex}^{{({number})}}",
                f"{name.identifier}_{number}",
                compound=True,
            )
        self._taken.add(unique.identifier)
        return unique


def memory(array: np.ndarray) -> tuple[Any, ...]:
    """Which numbers in memory an array shows, and how."""
    return (array.__array_interface__["data"], array.shape, array.strides, array.dtype.str)
