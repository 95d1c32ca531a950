"""np.einsum: products of any number of arrays, written by the labels of their axes. Its rule is np.einsum again."""

from __future__ import annotations

import math
from functools import lru_cache
from string import ascii_letters

import numpy as np

from .answers import composed, refuse_out
from .diagonals import identity_like
from .notation import Form, Notation, literal, operator_name
from .primitive import primitive
from .products import operand

_WORTH_A_PLAN = 1 << 14
"""From so many products on, the rule has NumPy look for a good order of contractions, and BLAS do them: that look costs
some 20 µs, and then is up to a hundred times faster than NumPy's plain loop."""


def _einsum(operands, subscripts, optimize=False, **options):
    return np.einsum(subscripts, *operands, optimize=optimize, **options)


@lru_cache(1024)
def _labels(subscripts, ndims):
    """The labels of the axes of each operand, then of the result, the axes behind an ellipsis labelled too."""
    terms, result = subscripts.split("->")
    terms = terms.split(",")
    unused = [letter for letter in ascii_letters if letter not in subscripts]
    hidden = [
        ndim - len(term.replace("...", "")) if "..." in term else 0 for term, ndim in zip(terms, ndims, strict=True)
    ]
    behind = "".join(unused[: max(hidden)])
    found = [term.replace("...", behind[len(behind) - n :]) for term, n in zip(terms, hidden, strict=True)]
    return (*found, result.replace("...", behind))


def _einsum_rules(g, y, *operands, subscripts, optimize=False, **options):
    """The gradient for one operand sums the product of `g` and all others over the labels that this operand lacks.

    Along a label that nothing else has, it is constant; one that an operand has twice takes its diagonal, so there a
    unit matrix keeps the gradient to it.
    """
    *labels, result = _labels(subscripts, tuple(x.ndim for x in operands))
    lengths = {}
    for term, x in zip(labels, operands, strict=True):
        for label, length in zip(term, x.shape, strict=True):
            lengths[label] = max(length, lengths.get(label, 1)) if length else 0

    def rule(k):
        terms = [result, *labels[:k], *labels[k + 1 :]]
        factors = [g, *operands[:k], *operands[k + 1 :]]
        unused = [letter for letter in ascii_letters if letter not in subscripts and letter not in "".join(labels)]
        elsewhere = {*"".join(terms)}
        wanted, shape = "", []
        for label, length in zip(labels[k], operands[k].shape, strict=True):
            if label in wanted:
                terms.append(label + unused[0])
                factors.append(identity_like(g, length))
                label = unused.pop(0)
            elif labels[k].count(label) == 1 and (label not in elsewhere or length == 1):
                shape.append(None)  # the same along this axis, or a sum over all that it was broadcast to
                continue
            wanted += label
            shape.append(length)
        if not result:  # one number, in front of the product
            terms, factors = terms[1:], factors[1:]
        if terms == [wanted]:
            made = factors[0]
        elif terms:
            made = _matrix_product(terms, factors, wanted)
            if made is None:
                plan = math.prod(lengths.values()) >= _WORTH_A_PLAN
                made = np.einsum(f"{','.join(terms)}->{wanted}", *factors, optimize=plan)
        if not result:
            made = g * made if terms else g
        return made if made.ndim == len(shape) else made.reshape(_shape(made.shape, shape))

    return [lambda k=k: rule(k) for k in range(len(operands))]


def _matrix_product(terms, factors, wanted):
    """What is nothing but a product of two matrices, as one: it reads better, and takes no copy. Else None."""
    if len(terms) != 2 or len(wanted) != 2 or any(len({*term}) != 2 for term in terms):
        return None
    (left, right), (a, b) = terms, factors
    if wanted[0] in right:
        left, right, a, b = right, left, b, a
    summed = left.replace(wanted[0], "")
    if {*right} != {summed, wanted[1]} or summed in wanted:
        return None
    a, b = a if left[1] == summed else a.T, b if right[0] == summed else b.T
    return a @ b if a.shape[1] == b.shape[0] else None  # lengths 1 and n are for einsum


def _shape(made, wanted):
    """The shape `made`, which axes of other operands of length 1 may have shortened, with axes of length 1 put in."""
    lengths = iter(made)
    return tuple(1 if length is None else next(lengths) for length in wanted)


def _written(operands, options):
    subscripts = options["subscripts"]
    all_of_them = ", ".join(f"{{{i}}}" for i in range(len(operands)))
    below = subscripts.replace("->", " → ").replace(",", ", ")
    in_latex = subscripts.replace("->", r" \to ").replace(",", r",\,").replace("...", r"\ldots ")
    further = "".join(f", {name}={value!r}" for name, value in options.items() if name == "optimize" and value)
    return Notation(
        Form(literal(f"einsum[{below}]") + "({...})"),
        Form(literal(operator_name("einsum") + f"_{{{in_latex}}}") + r"\left({...}\right)"),
        Form(literal(f"np.einsum({subscripts!r}, ") + all_of_them + literal(f"{further})")),
    )


def _sums(rng):
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    yield [a, b], {"subscripts": "ij,jk->ik"}
    yield [rng.normal(size=(3, 3, 2))], {"subscripts": "iij->ji"}  # a diagonal
    yield [a, b, rng.normal(size=2)], {"subscripts": "ij,lk,k->ik"}  # labels that one operand alone has, summed over
    yield [rng.normal(size=(4, 1, 2)), rng.normal(size=(3, 2))], {"subscripts": "...ij,ij->...i"}  # broadcast
    yield [rng.normal(size=(2, 2, 2)), rng.normal(size=(2, 1))], {"subscripts": "iii,ji->", "optimize": True}
    yield [rng.normal(size=(2, 1, 3)), rng.normal(size=(2, 3))], {"subscripts": "...i,...i->..."}


einsum = primitive(
    _einsum,
    joint=_einsum_rules,
    name="einsum",
    numpy=np.einsum,
    notation=_written,
    samples=_sums,
    hint="Axes with the same label must be equally long, or of length 1",
)


def _explicit(subscripts):
    """The subscripts without spaces, and with the result's, which NumPy otherwise takes to be every label that occurs
    once, in the order of the alphabet, behind the axes of an ellipsis."""
    subscripts = subscripts.replace(" ", "")
    if "->" in subscripts:
        return subscripts
    letters = subscripts.replace(",", "").replace(".", "")
    once = "".join(sorted(label for label in {*letters} if letters.count(label) == 1))
    return f"{subscripts}->{'...' if '...' in subscripts else ''}{once}"


def _from_lists(arguments):
    """Operands and subscripts of np.einsum(a, [0, 1], b, [1, 2], [0, 2]): integers, or `...`, in place of letters."""
    lists = [*arguments[1::2], *([arguments[-1]] if len(arguments) % 2 else [])]
    numbers = sorted({entry for labels in lists for entry in labels if entry is not Ellipsis})
    if len(numbers) > len(ascii_letters):
        raise ValueError(f"np.einsum takes at most {len(ascii_letters)} labels, not {len(numbers)}")
    letters = sorted(ascii_letters)[26 if len(numbers) <= 26 else 0 :]  # in the order of the integers
    named = dict(zip(numbers, letters, strict=False))
    terms = ["".join("..." if entry is Ellipsis else named[entry] for entry in labels) for labels in lists]
    count = len(arguments) // 2
    return arguments[: 2 * count : 2], ",".join(terms[:count]) + "".join(f"->{term}" for term in terms[count:])


def _ways_of_calling(rng):
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    yield a, b, {"subscripts": "ij, jk"}
    yield [rng.normal(size=(3, 3))], {"subscripts": "ii"}
    yield a, {"subscripts": "...i"}


@composed(np.einsum, samples=_ways_of_calling)
def numpy_einsum(*operands, out=None, optimize=False, **options):
    """np.einsum: the sum of products that a formula of labels describes, the labels a string or lists of integers."""
    refuse_out("einsum", out)
    if not operands:
        raise ValueError("np.einsum takes the subscripts and at least one operand: np.einsum('ij->ji', a)")
    if isinstance(operands[0], str):
        subscripts, operands = operands[0], operands[1:]
    else:
        operands, subscripts = _from_lists(operands)
    return einsum([operand(x) for x in operands], subscripts=_explicit(subscripts), optimize=optimize, **options)
