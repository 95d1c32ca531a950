"""ag.compile: a function as the straight-line program that it runs."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any

import numpy as np

from ..modes import GRADIENTS, recording
from ..nested import leaves, pairs
from ..tensor import label
from ..transforms.tracing import name_of
from .arguments import fitting, leaf_names, parameters
from .capture import capture
from .program import Names, Program
from .source import LANGUAGES, Source, source
from .written import BY_VALUE, NUMBERS, CompileError

_KEPT = 64
"""Programs of one function: one for each kind of arguments. The oldest goes first."""


def compile(f: Callable[..., Any]) -> Compiled:
    """`f` as straight-line NumPy source: what it computes, without the graph and the sweep that computed it.

    The first call with arguments of these containers, shapes and dtypes runs `f` twice: as it is, for the result, and
    on arrays that write down which functions of NumPy are called, backward passes included; what was written down must
    give the same. From then on only that runs. Large intermediate arrays are written over, and given back early.

    Parameters
    ----------
    f : callable
        Takes arrays, numbers, or nested tuples, lists and dicts of them, and returns such: often
        `ag.value_and_grad(loss)`. It must be a function of its arguments alone: what it uses from around it, and every
        argument that is no array and no float (an int, a string), is part of the program. Python's loops and branches
        are run while it is written, as is all that does more than compute (print, what is assigned to attributes).

    Returns
    -------
    Compiled
        Called as `f` is, with equal results: shapes and dtypes the same, every array the caller's own. With Tensors
        among its arguments, with another library's arrays, and within `no_grad` or `detect_anomaly`, it is `f` itself.

    Raises
    ------
    TypeError
        `f` is no function. On a call: `f` asks for the value of an array (in a branch), writes into one, or returns a
        Tensor.
    ValueError
        On a call: what was written down gives something else than `f`, as when it draws random numbers.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> slope = ag.compile(ag.grad(lambda x: np.sum(np.tanh(x))))
    >>> slope(np.array([0.0, 1.0]))
    array([1.        , 0.41997434])
    >>> print(slope.source())
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    def f(x):
        v1 = np.tanh(x)  # (2,)
        v2 = v1 ** 2  # (2,)
        v3 = 1 - v2  # (2,)
        return v3
    <BLANKLINE>
    """
    return Compiled(f)


class Compiled:
    """What `compile` makes: called as the function is, with its results; and its source.

    >>> import numpy as np
    >>> import autograd as ag
    >>> norm = ag.compile(lambda x: np.sqrt(np.sum(x * x)))
    >>> norm(np.array([3.0, 4.0]))
    np.float64(5.0)
    >>> norm
    <compiled <lambda>, 1 program>
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        if not callable(f):
            raise TypeError(f"ag.compile(f) takes a function f, not a {type(f).__name__}")
        self._f = f
        self._programs: list[_Runnable] = []
        update_wrapper(self, f, updated=())

    def __repr__(self) -> str:
        return f"<compiled {name_of(self._f)}, {len(self._programs)} program{'s' * (len(self._programs) != 1)}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if recording.get() is GRADIENTS:
            for program in self._programs:
                if program.fits(args, kwargs):
                    return program.run(*args, **kwargs)
            if all(map(_plain, leaves((args, kwargs)))):
                return self._first(args, kwargs)
        return self._f(*args, **kwargs)

    def _first(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of `f`, and a program for the next call with such arguments."""
        _check_arguments(name_of(self._f), args, kwargs)
        result = self._f(*args, **kwargs)
        program = _runnable(self._f, args, kwargs, result)
        self._programs = [program, *self._programs][:_KEPT]
        return result

    def source(self, language: str = "numpy") -> str:
        """The source for arguments like the latest new ones, as text.

        Parameters
        ----------
        language : str
            "numpy", which is the text that runs; or "jax", to be used with `jax.jit`.

        Raises
        ------
        RuntimeError
            It was not called yet, so that shapes and dtypes are not known.
        ValueError
            Another language.

        Examples
        --------
        >>> import autograd as ag
        >>> slope = ag.compile(ag.grad(lambda x: x ** 3))
        >>> slope(2.0)
        np.float64(12.0)
        >>> print(slope.source())
        import numpy as np
        <BLANKLINE>
        <BLANKLINE>
        def f(x):
            v1 = np.float64(x)
            v2 = v1 ** 2
            v3 = 3.0 * v2
            return v3
        <BLANKLINE>
        """
        if language not in LANGUAGES:
            raise ValueError(f"source({language!r}): there is {' and '.join(map(repr, LANGUAGES))}")
        return self._latest().source(language).text

    @property
    def given(self) -> dict[str, Any]:
        """What that source names and does not define, by name: large arrays that are part of the program, and functions
        and types that are not NumPy's. Empty for most; RuntimeError before the first call.

        >>> import numpy as np
        >>> import autograd as ag
        >>> shifted = ag.compile(lambda x: x + np.arange(100.0))
        >>> _ = shifted(np.zeros(100))
        >>> exec(shifted.source(), space := dict(shifted.given))
        >>> space["f"](np.zeros(100))[-1]
        np.float64(99.0)
        """
        return self._latest().source("numpy").given

    def _latest(self) -> _Runnable:
        if not self._programs:
            raise RuntimeError(
                f"call {name_of(self._f)} once: its source depends on the shapes and dtypes of the arguments"
            )
        return self._programs[0]


@dataclass(frozen=True, slots=True)
class _Runnable:
    """The program for one kind of arguments, ready to run."""

    program: Program
    name: str
    parameters: list[str]
    fits: Callable[[tuple[Any, ...], dict[str, Any]], bool]
    run: Callable[..., Any]

    def source(self, language: str) -> Source:
        return source(self.program, self.name, self.parameters, language)


def _runnable(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> _Runnable:
    """The program that gives this result, or the error that says why there is none."""
    name = Names(kwargs).unused("f" if name_of(f) == "<lambda>" else name_of(f), "f")
    names = parameters(f, args, kwargs)
    failure: Exception
    # A Python number promotes weakly in NumPy; in a Tensor it has become a NumPy number, which promotes others.
    for typed in (True, False) if any(type(leaf) in (float, complex) for leaf in leaves((args, kwargs))) else (False,):
        try:
            program = capture(f, args, kwargs, leaf_names(names, args, kwargs), typed)
        except CompileError as error:
            failure = TypeError(f"ag.compile: {name} {error}")
            continue
        written = source(program, name, names)
        space = dict(written.given)
        exec(builtins.compile(written.text, f"<compiled {name}>", "exec"), space)
        run = space[name]
        difference = _difference(result, run(*args, **kwargs))
        if difference is None:
            return _Runnable(program, name, names, fitting(program.arguments), run)
        failure = ValueError(
            f"ag.compile: {name} is no function of its arguments alone: run once more, it gives {difference}. Pass "
            "random numbers, and whatever else changes from call to call, as arguments"
        )
    raise failure


def _plain(leaf: Any) -> bool:
    """Whether a program can take it, or be made for it: no Tensor, and no array of another library."""
    return type(leaf) is np.ndarray or not hasattr(leaf, "__array_ufunc__")


def _check_arguments(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """TypeError for an object that may change, as what is no array is part of the program; for a keyword that cannot be
    written."""
    for key in kwargs:
        if Names(()).unused(key) != key:
            raise TypeError(f"ag.compile: {name} was given the keyword {key!r}, which cannot be a name in its source")
    for leaf in leaves((args, kwargs)):
        if type(leaf) not in (float, complex) and not isinstance(leaf, (np.ndarray, np.generic, *BY_VALUE)):
            raise TypeError(
                f"ag.compile: {name} was given {label(leaf)}, which a program cannot follow when it changes: pass "
                "arrays, numbers and strings, in tuples, lists and dicts"
            )


def _difference(expected: Any, found: Any) -> str | None:
    """What of `found` is not as `expected`; None if nothing is."""
    try:
        both = list(pairs(expected, found))
    except ValueError as error:
        return f"another container ({error})"
    for one, other in both:
        if type(one) is not type(other):
            return f"{type(other).__name__} for {type(one).__name__}"
        if not isinstance(one, NUMBERS):
            if one != other:
                return f"{other!r} for {one!r}"
        elif np.shape(one) != np.shape(other) or np.result_type(one) != np.result_type(other):
            return f"{np.result_type(other)} {np.shape(other)} for {np.result_type(one)} {np.shape(one)}"
        elif not _close(np.asarray(one), np.asarray(other)):
            by = (
                f", by up to {np.nanmax(np.abs(np.subtract(one, other))):.2g}"
                if np.result_type(one).kind in "fc"
                else ""
            )
            return f"other values{by}"
    return None


def _close(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two arrays agree but for rounding, by the largest of their entries."""
    if one.dtype.kind not in "fc":
        return np.array_equal(one, other)
    finite = one[np.isfinite(one)]
    least = np.sqrt(np.finfo(one.dtype).eps)
    return np.allclose(one, other, least, least * np.max(np.abs(finite), initial=0), equal_nan=True)
