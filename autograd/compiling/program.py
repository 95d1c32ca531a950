"""A straight-line program: calls of NumPy on variables, one after the other, each variable given its value once."""

from __future__ import annotations

import inspect
import keyword
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from unicodedata import normalize

import numpy as np

from ..nested import leaves, mapped
from ..primitives.primitive import is_elementwise

NOT_FREE = frozenset(("np", "jnp", "jax", "abs", "bool", "complex", "float", "int", "slice", "__debug__"))
"""Names that mean something else in source: modules, what Python has built in, and what cannot be assigned to."""

_NEW = ("copy", "cumprod", "cumsum", "dot", "max", "mean", "min", "prod", "sum")
"""Methods of an array whose result never shares its memory."""


@dataclass(frozen=True, eq=False, slots=True)
class Variable:
    """One value of the program. Its kind, shape and dtype are the same in each run."""

    name: str
    kind: str
    """An "array", a NumPy "scalar", a "python" number, or "several" results."""
    shape: tuple[int, ...] = ()
    dtype: np.dtype[Any] | None = None

    @property
    def nbytes(self) -> int:
        return self.dtype.itemsize * int(np.prod(self.shape)) if self.dtype is not None else 0


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """One line: what is called on what, and which variable takes the result.

    `kind` says how it is written: a "function" (the object itself), a "method" or an "attribute" (its name) of the
    first argument, or an "index" into the first argument.
    """

    target: Variable
    kind: str
    what: Any
    args: tuple[Any, ...]
    options: Mapping[str, Any]
    errors: Mapping[str, str] = field(default_factory=dict)
    """What np.errstate said where it was called."""

    @property
    def uses(self) -> Iterator[Variable]:
        """The variables among the arguments, also within containers, indices and slices."""
        return variables((self.args, self.options))

    @property
    def elementwise(self) -> bool:
        """Whether each entry of the one result is made from the entries of the arguments in its place alone."""
        return is_elementwise(self.what) and self.what.nout == 1

    @property
    def fresh(self) -> bool:
        """Whether the result certainly has memory of its own. Anything else may be a view of an argument."""
        if self.kind == "function":
            by_ufunc = isinstance(self.what, np.ufunc) or isinstance(getattr(self.what, "__self__", None), np.ufunc)
            return by_ufunc or self.what in (np.where, np.concatenate, np.stack, np.dot, np.outer)
        return self.kind == "method" and self.what in _NEW


@dataclass(frozen=True, eq=False, slots=True)
class Program:
    """Calls in the order in which they run, with what they start from and what they end in.

    Attributes
    ----------
    arguments : nested containers
        The positional arguments and those by keyword, `(args, kwargs)`: a Variable for each array or number, in any
        other place the object that has to be there.
    constants : dict of Variable
        Arrays that are part of the program.
    calls : tuple of Call
    result : nested containers
        A Variable for each array or number; anything else as it is.
    """

    arguments: Any
    constants: Mapping[Variable, Any]
    calls: Sequence[Call]
    result: Any

    @property
    def inline(self) -> dict[Variable, Call]:
        """The calls that are written where their result is used: attributes such as x.T that are used once."""
        uses = Counter(v for call in self.calls for v in call.uses)
        uses.update(variables(self.result))
        return {call.target: call for call in self.calls if call.kind == "attribute" and uses[call.target] == 1}

    def simplified(self) -> Program:
        """The same program without what is computed twice, copied for nothing, or used by nobody."""
        return _used(_uncopied(_merged(self)))

    def rewritten(self, calls: Iterable[Call], instead: Mapping[Variable, Variable]) -> Program:
        """The program of these calls, with what is `instead` of a variable wherever one uses it or it is returned."""
        made = [replace(call, args=put(instead, call.args), options=put(instead, call.options)) for call in calls]
        return replace(self, calls=made, result=put(instead, self.result))

    def named(self, names: Mapping[Variable, str]) -> Program:
        """The program with these names for its variables, made different from one another; v1, v2, … for the others."""
        free = Names(v.name for v in variables(self.arguments))
        fresh = {variable: replace(variable, name="") for variable in self.inline}
        for variable in (*self.constants, *(call.target for call in self.calls if call.target not in fresh)):
            prefix = "c" if variable in self.constants else "v"
            fresh[variable] = replace(variable, name=free.unused(names.get(variable), prefix))
        made = self.rewritten((replace(call, target=fresh[call.target]) for call in self.calls), fresh)
        return replace(made, constants={fresh[v]: array for v, array in self.constants.items()})


def performed(kind: str, what: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What a call gives for these values."""
    if kind == "function":
        return what(*args, **options)
    first, *others = args
    if kind == "index":
        return first[others[0]]
    return getattr(first, what) if kind == "attribute" else getattr(first, what)(*others, **options)


@cache
def parameters_of(function: Any) -> dict[str, inspect.Parameter]:
    """What a function takes; nothing is known of some that are written in C."""
    try:
        return dict(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return {}


class Names:
    """Identifiers that are taken, and those given out since, each once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {*NOT_FREE, *taken}
        self._last: Counter[str] = Counter()  # to count from 1 each time took 14 s for a loop of 1,000 steps

    def unused(self, name: str | None, prefix: str = "v") -> str:
        """`name`, or with a number where it is taken; prefix1, prefix2, … where it is no identifier."""
        name = normalize("NFKC", name) if name is not None else ""  # as Python reads identifiers
        wanted = name if name.isidentifier() and not keyword.iskeyword(name) else ""
        stem = f"{wanted}_" if wanted else prefix
        made = wanted
        while not made or made in self._taken:
            self._last[stem] += 1
            made = f"{stem}{self._last[stem] + bool(wanted)}"
        self._taken.add(made)
        return made


def variables(tree: Any) -> Iterator[Variable]:
    """The Variables in nested containers, from left to right; the ends of slices are looked at, too."""
    for leaf in leaves(tree):
        if type(leaf) is Variable:
            yield leaf
        elif type(leaf) is slice:
            yield from variables((leaf.start, leaf.stop, leaf.step))


def replaced(tree: Any, by: Callable[[Any], Any]) -> Any:
    """The containers of `tree`, slices included, with `by(leaf)` for each leaf."""

    def one(leaf: Any) -> Any:
        return slice(by(leaf.start), by(leaf.stop), by(leaf.step)) if type(leaf) is slice else by(leaf)

    return mapped(one, tree)


def put(instead: Mapping[Variable, Variable], tree: Any) -> Any:
    """The containers of `tree`, slices included, with what is `instead` of a Variable in its place."""
    return replaced(tree, lambda leaf: instead.get(leaf, leaf) if type(leaf) is Variable else leaf)


def _merged(program: Program) -> Program:
    """What is computed twice is computed once. Copies stay: two of them are two arrays."""
    first: dict[Any, Variable] = {}
    instead: dict[Variable, Variable] = {}
    kept = []
    for call in program.calls:
        key = (call.kind, call.what, _key(put(instead, (call.args, call.options))), _key(call.errors))
        if key in first and call.what != "copy":
            instead[call.target] = first[key]
        else:
            first[key] = call.target
            kept.append(call)
    return program.rewritten(kept, instead)


def _key(tree: Any) -> Any:
    """Something hashable that is equal for equal arguments only: 1, 1.0, True and np.float64(1) are four."""
    if isinstance(tree, Mapping):
        return tuple((name, _key(x)) for name, x in tree.items())
    if isinstance(tree, (tuple, list)):
        return type(tree), tuple(map(_key, tree))
    if type(tree) is slice:
        return slice, _key((tree.start, tree.stop, tree.step))
    return tree if type(tree) is Variable else (type(tree), repr(tree))


def _uncopied(program: Program) -> Program:
    """Without the copy of an array that is returned, where that is new and nothing else returned is the same array."""
    fresh = {call.target for call in program.calls if call.fresh and call.what != "copy"}
    returned = Counter(variables(program.result))
    instead: dict[Variable, Variable] = {}
    for call in program.calls:
        if call.what == "copy" and returned[call.target] == 1 and call.args[0] in fresh:
            fresh.discard(call.args[0])
            instead[call.target] = call.args[0]
    return replace(program, result=put(instead, program.result))


def _used(program: Program) -> Program:
    """Without what nobody uses."""
    needed = set(variables(program.result))
    kept = []
    for call in reversed(program.calls):
        if call.target in needed:
            needed.update(call.uses)
            kept.append(call)
    constants = {variable: array for variable, array in program.constants.items() if variable in needed}
    return replace(program, calls=kept[::-1], constants=constants)
