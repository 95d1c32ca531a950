"""ag.at: what `t[index] = values` and `t[index] += values` would do, as new arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tensor import described
from .indexing import LONGEST_INDEX, added, can_repeat, index_text, kept, scattered
from .notation import ATOM, SUM, Form, Notation, literal
from .primitive import primitive


def _assigned(a, values, index):
    values = _castable(values, a, "set")
    if isinstance(a, (np.ndarray, np.generic)):
        out = a.copy() if a.ndim else np.array(a)
        out[index] = values
        return out if out.ndim or isinstance(a, np.ndarray) else out[()]
    origin, there = _origin(a.shape, index)  # other libraries' arrays may not be written to
    return np.concatenate([a.reshape(-1), np.broadcast_to(values, there).reshape(-1)])[origin].astype(a.dtype)


def _origin(shape, index):
    """For each entry of the result, a number that says which of the old ones, or further on of the values, it is; and
    the shape that the values have or broadcast to."""
    size = math.prod(shape)
    origin = np.arange(size).reshape(shape)
    there = origin[index].shape
    origin[index] = size + np.arange(math.prod(there)).reshape(there)
    return origin, there


def _where_last(g, y, a, values, index):
    """The gradient of what was assigned: of several values for one entry, the last stayed."""
    g = g[index]
    if not can_repeat(index):
        return g
    numbers = np.arange(math.prod(g.shape)).reshape(g.shape)
    last = np.zeros(a.shape, numbers.dtype)
    last[index] = numbers
    stayed = last[index] == numbers
    return g if stayed.all() else np.where(stayed, g, 0)


def _castable(values, a, method):
    if not np.can_cast(values.dtype, a.dtype, "same_kind"):
        raise TypeError(
            f".{method}() of {values.dtype} into {a.dtype} would lose what they say; convert with .astype()"
        )
    return values


def _written(sign):
    """at(a, index).set(v) is written a with [index] = v."""

    def notation(operands, options):
        text = index_text(options["index"], exact=False)
        return Notation(
            Form("({0} with " + literal(f"[{text}] {sign} ") + "{1})", ATOM, (ATOM,)),
            Form(r"\left({0}" + literal(rf"\text{{ with [{text}]}} {sign} ") + r"{1}\right)", ATOM, (ATOM,)),
            _chosen(operands[0].shape, options["index"]) if sign == "=" else _increased(operands[0].shape, options),
        )

    return notation


def _chosen(shape, index):
    """In NumPy's expressions: the old entries and the values in a row, and of these the right ones."""
    if math.prod(shape) > LONGEST_INDEX:
        return None
    origin, there = _origin(shape, index)
    return Form(
        "np.concatenate([np.ravel({0}), np.ravel(np.broadcast_to({1}, " + f"{there}))])[np.array({origin.tolist()})]"
    )


def _increased(shape, options):
    there = np.empty(shape, bool)[options["index"]].shape
    added = scattered((), {"index": options["index"], "shape": shape}).source
    return added and Form("{0} + " + added.template.replace("{0}", f"np.broadcast_to({{1}}, {there})"), SUM, (SUM,))


def _places(rng):
    for index in (slice(1, None), (0, 2), ([1, 0, 1], 2)):
        a = rng.normal(size=(3, 4))
        yield a, rng.normal(size=a[index].shape), {"index": index}
    yield a, rng.normal(size=()), {"index": a > 0}


set_at = primitive(
    _assigned,
    lambda g, y, a, values, index: set_at(g, np.zeros_like(g, shape=()), index=index),
    _where_last,
    name="set_at",
    notation=_written("="),
    samples=_places,
)
add_at = primitive(
    lambda a, values, index: (
        a + added(np.broadcast_to(_castable(values, a, "add"), a[index].shape), index, a.shape).astype(a.dtype)
    ),
    lambda g, y, a, values, index: g,
    lambda g, y, a, values, index: g[index],
    name="add_at",
    notation=_written("+="),
    samples=_places,
)


class At:
    """Places of an array, to be given other values. Made by `at`."""

    __slots__ = ("_array", "_index")

    def __init__(self, array: Any, index: Any):
        self._array, self._index = array if hasattr(array, "dtype") else np.asarray(array), kept(index)

    def set(self, values: Any) -> Any:
        """A copy of the array with `values`, which broadcast, at the places; at one named twice, the last of them.

        >>> import autograd as ag
        >>> ag.at(np.zeros(3), [0, 2]).set([1.0, 5.0])
        array([1., 0., 5.])
        """
        return set_at(self._array, _as_array(values, self._array), index=self._index)

    def add(self, values: Any) -> Any:
        """A copy of the array with `values` added at the places; at one named twice, all of them.

        >>> import autograd as ag
        >>> ag.at(np.zeros(3), [0, 0, 2]).add(1.0)
        array([2., 0., 1.])
        """
        return add_at(self._array, _as_array(values, self._array), index=self._index)

    def __repr__(self) -> str:
        return f"<places of {described((self._array,))}>"


def _as_array(values, array):
    if hasattr(values, "dtype"):
        return values
    made = np.asarray(values)
    # Python's numbers take the dtype of the array, as in NumPy's own assignments.
    return made.astype(np.result_type(array.dtype, values)) if isinstance(values, (int, float)) else made


def at(array: Any, index: Any) -> At:
    """What `t[index] = values` and `t[index] += values` would do, as a new array: gradients flow to both.

    Parameters
    ----------
    array : Tensor or array_like
        It is left as it is.
    index : index
        All that NumPy takes between brackets. No gradient passes to it.

    Returns
    -------
    At
        `.set(values)` and `.add(values)` give the new array, of the array's shape and dtype. Where an index names an
        entry several times, all values are added, as by np.add.at, and the last stays that is set, as in NumPy.

    Raises
    ------
    IndexError, ValueError
        The index does not fit the array; the values do not broadcast to what it names. (By set and add.)
    TypeError
        The values cannot be cast to the dtype of the array: fractions to integers.

    Examples
    --------
    >>> import autograd as ag
    >>> t, v = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True), ag.Tensor(5.0, requires_grad=True)
    >>> y = ag.at(t, [0, 2]).set(v)
    >>> y
    Tensor([5., 2., 5.], requires_grad=True)
    >>> y.sum().backward()
    >>> t.grad, v.grad
    (Tensor([0., 1., 0.]), Tensor(2.))
    >>> ag.at(t, [1, 1]).add([10.0, 20.0])
    Tensor([ 1., 32.,  3.], requires_grad=True)
    """
    return At(array, index)
