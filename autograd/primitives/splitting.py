"""Arrays taken apart: np.split and its kin, np.unstack, iteration over a Tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..several import Arriving, Several
from ..tensor import Tensor
from .answers import bare, composed
from .indexing import along, scatter
from .notation import ATOM, Form, Notation, axis_shown, named
from .primitive import Primitive, Rule, by_numpy_function
from .results import SeveralResults


class Pieces(SeveralResults):
    """An operation whose results are pieces of its one input, however many: `rule` gets the list of all gradients.

    They are put together by one operation. A slice for each piece would make a gradient as large as the whole for each.
    Where only one arrives, it is one slice's: `where(i, x, **options)` is the index of piece i.
    """

    def __init__(self, function: Any, forward: Any, rule: Rule, where: Rule, notation: Any, samples: Any):
        def together(g: Arriving, y: Any, x: Any, **options: Any) -> Any:
            several = y._value if type(y) is Tensor else y
            gradients = [g.get(i) for i in range(several.ndim)]
            arrived = [i for i, one in enumerate(gradients) if one is not None]
            if len(arrived) == 1:
                return scatter(gradients[arrived[0]], index=where(arrived[0], x, **options), shape=x.shape)
            pairs = zip(gradients, several, strict=True)
            return rule([np.zeros_like(piece) if one is None else one for one, piece in pairs], y, x, **options)

        Primitive.__init__(
            self,
            function.__name__,
            lambda x, **options: Several(forward(x, **options)),
            (together,),
            None,
            notation,
            samples,
            "",
            function,
        )
        by_numpy_function[function] = self

    def carries(self, index: int) -> bool:
        return True


def _parts_of(operands, options):
    """Along the first axis they are x[0], x[1], …"""
    plain = Form("{0}", ATOM, (ATOM,))
    words = named("unstack", axis_shown)(operands, options)
    axis = options.get("axis", 0)
    if axis == 0:
        return Notation(plain, plain, plain)
    return Notation(words.text, words.latex, Form(f"np.unstack({{0}}, axis={axis})"))


unstack = Pieces(
    np.unstack,
    lambda x, axis=0: tuple(np.moveaxis(x, axis, 0)) if x.ndim else np.unstack(x),  # the latter for its error
    lambda g, y, x, axis=0: np.stack(g, axis=axis),
    lambda i, x, axis=0: along(axis, x.ndim, i) if axis else i,
    _parts_of,
    lambda rng: [(rng.normal(size=(2, 3)),), (rng.normal(size=(2, 3)), {"axis": 1}), (rng.normal(size=2),)],
)


def _split_ends(length, sections):
    """Where each piece begins, and where it ends."""
    places = np.array_split(np.arange(length), sections) if np.ndim(sections) == 0 else None
    if places is None:
        ends = [slice(None, i).indices(length)[1] for i in sections]
        return [0, *ends], [*ends, length]
    ends = np.cumsum([len(piece) for piece in places]).tolist()
    return [0, *ends[:-1]], ends


def _unsplit(g, y, x, indices_or_sections, axis=0):
    whole = np.concatenate(g, axis=axis)
    starts, ends = _split_ends(x.shape[axis], indices_or_sections)
    if starts[1:] == ends[:-1] and all(i <= j for i, j in zip(starts, ends, strict=True)):
        return whole
    places = [i for start, end in zip(starts, ends, strict=True) for i in range(start, end)]  # some twice, or never
    return scatter(whole, index=along(axis, x.ndim, np.array(places, dtype=np.intp)), shape=x.shape)


def _piece(i, x, indices_or_sections, axis=0):
    starts, ends = _split_ends(x.shape[axis], indices_or_sections)
    return along(axis, x.ndim, slice(starts[i], max(starts[i], ends[i])))


def _pieces_shown(options, operands):
    sections = options["indices_or_sections"]
    where = f"in {sections}" if np.ndim(sections) == 0 else f"at {', '.join(map(str, sections))}"
    return f"{where}, axis {options.get('axis', 0)}"


def _split_notation(operands, options):
    sections = options["indices_or_sections"]
    sections = sections if np.ndim(sections) == 0 else list(map(int, sections))
    words = named("split", _pieces_shown)(operands, options)
    source = Form(f"np.array_split({{0}}, {sections}, axis={options.get('axis', 0)})")
    return Notation(words.text, words.latex, source)


pieces = Pieces(
    np.array_split,
    lambda x, indices_or_sections, axis=0: np.array_split(x, indices_or_sections, axis=axis),
    _unsplit,
    _piece,
    _split_notation,
    lambda rng: [
        (rng.normal(size=5), {"indices_or_sections": 2}),
        (rng.normal(size=(2, 5)), {"indices_or_sections": (1, 3), "axis": -1}),
        (rng.normal(size=5), {"indices_or_sections": (3, -4, 9)}),  # the second piece is empty, the third overlaps
    ],
)


def _split_samples(shape, *sections):
    return lambda rng: [(rng.normal(size=shape), {"indices_or_sections": each}) for each in sections]


def array_split(ary, indices_or_sections, axis=0):
    """np.array_split: consecutive pieces along an axis, as equal as can be, or between the given places."""
    sections = bare(indices_or_sections)
    sections = int(sections) if np.ndim(sections) == 0 else tuple(int(i) for i in sections)
    return pieces(ary, indices_or_sections=sections, axis=axis)


by_numpy_function[np.array_split] = array_split


@composed(np.split, samples=_split_samples((4, 2), 2, [1]))
def split(ary, indices_or_sections, axis=0):
    """np.split: consecutive pieces along an axis, equally long, or between the given places."""
    if np.ndim(indices_or_sections) == 0 and ary.shape[axis] % int(bare(indices_or_sections)):
        raise ValueError(
            f"split: axis {axis} of shape {ary.shape} does not fall into {indices_or_sections} equal pieces; "
            "np.array_split makes them as equal as can be"
        )
    return array_split(ary, indices_or_sections, axis)


def _splitalong(function, least, axis):
    """np.hsplit and its like: np.split along an axis of their own."""

    def answer(ary, indices_or_sections):
        if ary.ndim < least:
            raise ValueError(f"{function.__name__} takes at least {least} axes, not shape {ary.shape}")
        return split(ary, indices_or_sections, axis if ary.ndim > 1 else 0)

    answer.__doc__ = f"np.{function.__name__}: np.split along axis {axis}."
    return composed(function, samples=_split_samples((2, 2, 2), 2, [1]))(answer)


hsplit = _splitalong(np.hsplit, 1, 1)
vsplit = _splitalong(np.vsplit, 2, 0)
dsplit = _splitalong(np.dsplit, 3, 2)
