"""What is very long as it is shown, as a sum: the first and the last of it, and between them how many are left out.

Only what is shown is shortened: the steps keep their formulas whole, and these are what verify() checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..primitives.arithmetic import add, subtract
from ..primitives.notation import Form, Notation, literal
from ..primitives.primitive import primitive
from .trees import Apply, Expression, total
from .writing import notation_of

MOST_TERMS = 20
"""Longer sums, lists of operands, and of what consumers hand back, are shortened."""
TERMS_AT_EACH_END = 5


def more(count: int, kind: str) -> str:
    """What stands in the place of those that are left out."""
    return f"… {count} {kind} more …"


def folded(items: Sequence[Any], large: bool, ends: int = TERMS_AT_EACH_END) -> Iterator[Any]:
    """The items; where they are many the first and the last, and between them how many are left out."""
    if not large or len(items) <= 2 * ends:
        yield from items
        return
    yield from items[:ends]
    yield len(items) - 2 * ends
    yield from items[-ends:]


def few(items: Sequence[Any], whole: bool = False) -> Iterator[Any]:
    """What is listed of a step, folded as its sum is shortened."""
    return folded(items, not whole and len(items) > MOST_TERMS)


def shortened(tree: Expression) -> Expression:
    """The tree as it is shown: of more than `MOST_TERMS` terms of a sum, or operands in a list, the first and the last
    ones."""
    if not isinstance(tree, Apply):
        return tree
    if tree.primitive in _SUMS:
        chain = _chain(tree)
        if len(chain) > MOST_TERMS:
            return _joined(tree, chain)
    listed = tree.operands
    if len(listed) > MOST_TERMS and "{...}" in notation_of(tree).text.template:
        listed = (*listed[:TERMS_AT_EACH_END], _left_out(tree, len(listed), "values"), *listed[-TERMS_AT_EACH_END:])
    return tree.of(tuple(map(shortened, listed)))


_SUMS = frozenset((add, subtract, total))
_Term = tuple[Any, Expression]
"""What comes before a term, + or −, as the primitive that puts it there; and the term."""


def _chain(tree: Expression) -> list[_Term]:
    """The terms of a chain of sums that grew to the right, from the first on."""
    found: list[_Term] = []
    while isinstance(tree, Apply) and tree.primitive in _SUMS:
        first, *others = tree.operands
        sign = subtract if tree.primitive is subtract else add
        found += [(sign, term) for term in reversed(others)]
        tree = first
    return [(add, tree), *reversed(found)]


def _joined(tree: Apply, chain: Sequence[_Term]) -> Expression:
    left_out = (add, _left_out(tree, len(chain), "terms"))
    terms = [*chain[:TERMS_AT_EACH_END], left_out, *chain[-TERMS_AT_EACH_END:]]
    made = shortened(terms[0][1])
    for sign, term in terms[1:]:
        made = Apply(sign, (made, shortened(term)), {}, tree.shape, tree.kind)
    return made


def _left_out(tree: Apply, count: int, kind: str) -> Apply:
    """What stands, among `count` terms or operands, for those in the middle."""
    return Apply(_ellipsis, (), {"count": count - 2 * TERMS_AT_EACH_END, "kind": kind}, tree.shape, tree.kind)


def _words(operands: tuple[Expression, ...], options: dict[str, Any]) -> Notation:
    words = more(options["count"], options["kind"])
    inside = words.strip("… ")
    return Notation(Form(literal(words)), Form(literal(rf"\cdots\ \text{{{inside}}}\ \cdots")))


def _never(terms: Any, **options: Any) -> Any:
    raise NotImplementedError("what is left out of a formula is not computed")


_ellipsis = primitive(_never, joint=lambda g, y, *terms: (), name="left_out", notation=_words)
