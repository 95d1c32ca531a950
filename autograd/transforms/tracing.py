"""What all transforms share: run a function on arguments that are tracked, then sweep back over what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import index
from typing import Any

import numpy as np

from ..backprop import owned, sweep
from ..graph import ancestors
from ..modes import GRADIENTS, NOTHING, record, recording
from ..nested import leaves, mapped, pairs
from ..primitives.shapes import alias
from ..tensor import Tensor, label, needs_gradient


class Trace:
    """One run of `f`: its arguments as they were tracked, its result, and which Tensors lie between the two.

    Attributes
    ----------
    args, tracked : sequences
        The arguments as given, and with a Tensor of its own for each leaf of the chosen ones.
    numbers : tuple of int
        The places of the chosen arguments, as the caller listed them.
    out, aux : nested containers
        What `f` returned: Tensors to differentiate, and anything else.
    outs : list of Tensor
        The leaves of `out`.
    ends : dict of Tensor
        The leaves of the chosen arguments (a dict for its order; the values mean nothing).
    through : set of Tensor
        What gradients flow through from `outs` to `ends`.
    live : bool
        Whether `outs` can be differentiated by more than these arguments' leaves: an argument is part of an outer
        graph, or `f` uses Tensors from around it that require gradients.
    """

    __slots__ = ("_leaves", "args", "aux", "called", "ends", "live", "numbers", "out", "outs", "through", "tracked")

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], numbers: Iterable[int]):
        self.called = name_of(f)
        self.args = args
        self.numbers = tuple(numbers)
        self._leaves: list[Tensor] = []
        chosen = {n % len(args) for n in self.numbers}
        with record(GRADIENTS):
            self.tracked = [self._tracked(arg, i) if i in chosen else arg for i, arg in enumerate(args)]
            self.out = f(*self.tracked, **kwargs)
        self.aux: Any = None
        self.ends: dict[Tensor, None] = {x: None for n in self.numbers for x in leaves(self.tracked[n])}

    def _tracked(self, argument: Any, number: int) -> Any:
        """A Tensor of its own for each leaf: gradients by it stay apart from other uses of the value."""

        def tracked(leaf: Any) -> Tensor:
            if not needs_gradient(leaf):
                leaf = self._own_leaf(leaf, number, "" if leaf is argument else ", in part,")
            inner = alias(leaf)
            inner.name = leaf.name
            return inner

        return mapped(tracked, argument)

    def _own_leaf(self, given: Any, number: int, inside: str) -> Tensor:
        """A leaf for this call. `f` sees its alias, which goes on requiring gradients when the leaf no longer does."""
        own = Tensor(given._value, name=given.name) if type(given) is Tensor else Tensor(given)
        if own.dtype.kind != "f":
            raise TypeError(
                f"argument {number} of {self.called} is{inside} {own.dtype}, shape {own.shape}: only real floating "
                "dtypes have derivatives. Write 1.0 instead of 1, convert with np.asarray(data, dtype=float), or "
                "leave it out of argnums (where there are none, close over it: lambda x: f(x, data))"
            )
        own._requires_grad = True  # not through the setter: nothing has used this Tensor yet, so no graph is outdated
        self._leaves.append(own)
        return own

    def split_aux(self) -> None:
        """Take `out` for a pair: what is differentiated, and what is only handed on."""
        if type(self.out) is not tuple or len(self.out) != 2:
            raise TypeError(
                f"has_aux=True: {self.called} must return a pair, what is to be differentiated and the rest; it "
                f"returned {_kind(self.out)}"
            )
        self.out, self.aux = self.out

    def check_scalar(self) -> None:
        if type(self.out) is not Tensor:
            raise TypeError(
                f"{self.called} returned {_kind(self.out)}, not a Tensor: a gradient is of one scalar, computed by "
                "NumPy functions of the arguments; return that, and take no .item() or .numpy() on the way. What is "
                "only to be handed on goes through has_aux=True"
            )
        if self.out.shape != ():
            raise ValueError(
                f"{self.called} returned shape {self.out.shape}; a gradient is of a scalar. Sum or index it first, or "
                "see vjp, jacobian and derivative"
            )

    def close(self, allow_unused: bool) -> None:
        """Check what came out, and find what gradients flow through."""
        self.outs = list(leaves(self.out))
        for out in self.outs:
            if type(out) is not Tensor:
                raise TypeError(
                    f"{self.called} returned {'' if out is self.out else 'a container with '}{type(out).__name__}, not "
                    "a Tensor: its value does not come from NumPy functions of its arguments, so there is nothing to "
                    "differentiate. What is only to be handed on goes through has_aux=True"
                )
        nodes = ancestors(*self.outs, stop=self.ends.keys())
        self.through = {
            node
            for node in _reached(nodes, self.ends)
            if node._requires_grad  # a condition such as x > 0 is on the way too, but no gradient flows through it
        }
        unused = self.ends.keys() - set(nodes)
        if unused and not allow_unused:
            x = next(x for x in self.ends if x in unused)
            raise ValueError(
                f"{self.called} does not depend on its argument of shape {x.shape}, or the graph was cut on the way "
                "(by detach, no_grad, item or numpy). allow_unused=True gives zeros for it"
            )
        for out in self.outs:
            if out.dtype.kind != "f":
                raise TypeError(
                    f"{self.called} returned {out.dtype}, shape {out.shape}: only real floating dtypes have "
                    "derivatives. Return it beside the result, with has_aux=True, or convert it with .astype(float)"
                )
        for leaf in self._leaves:  # only here for this call; what was recorded on it no longer waits for its gradient
            leaf._requires_grad = False
        self.live = _differentiable(nodes, self.ends)

    @property
    def lifts(self) -> bool:
        """Whether a sweep begun now is to be recorded, as its result depends on more than what arrives."""
        return self.live and recording.get() != NOTHING

    def sweep(self, arriving: Iterable[Any], lift: Callable[[Any], Any] | None) -> dict[Tensor, Any]:
        """The gradients by `ends` (those that any flows to), given what arrives at each of `outs`."""
        gradients: dict[Tensor, Any] = {}
        for out, g in zip(self.outs, arriving, strict=True):
            if out in self.through:
                gradients[out] = gradients[out] + g if out in gradients else g
        return sweep(gradients, ends=self.ends.keys(), through=self.through, lift=lift)

    # What the caller gets -------------------------------------------------------------------------------------

    @property
    def bare(self) -> bool:
        """Whether arrays go out, as arrays came in."""
        return not self.lifts and not any(type(x) is Tensor for n in self.numbers for x in leaves(self.args[n]))

    def result(self) -> Any:
        """`out` for the caller: arrays if arrays came in, Tensors if Tensors did or if they can be differentiated."""
        bare, live = self.bare, self.lifts
        return mapped(lambda t: t._value if bare else t if live else t.detach(), self.out)

    def auxiliary(self) -> Any:
        """`aux` for the caller, its Tensors treated as those of the result."""
        bare, recorded = self.bare, recording.get() != NOTHING

        def shown(x: Any) -> Any:
            if type(x) is not Tensor:
                return x
            if recorded and _differentiable(ancestors(x, stop=self.ends.keys()), self.ends):
                return x
            return x._value if bare else x.detach()

        return mapped(shown, self.aux)

    def in_containers(self, gradients: dict[Tensor, Any], tensors: bool, taken: set[int]) -> tuple[Any, ...]:
        """The gradients in the containers of the chosen arguments, each the caller's own; zeros where none came.

        `tensors` makes all of them Tensors, not only those of Tensors. `taken`: the ids of arrays in other hands.
        """
        taken |= {id(x._value) for x in self.ends}

        def one(original: Any, x: Tensor) -> Any:
            g = gradients.get(x)
            g = np.zeros_like(x._value)[()] if g is None else owned(g, taken)
            return Tensor(g) if type(g) is not Tensor and (tensors or type(original) is Tensor) else g

        return tuple(mapped_with(one, self.args[n], self.tracked[n]) for n in self.numbers)


def traced(
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    numbers: Iterable[int],
    has_aux: bool = False,
    allow_unused: bool = False,
    scalar: bool = False,
) -> Trace:
    """Run `f` and record it as a function of the leaves of the arguments with these numbers."""
    trace = Trace(f, args, kwargs, numbers)
    if has_aux:
        trace.split_aux()
    if scalar:
        trace.check_scalar()
    trace.close(allow_unused)
    return trace


def chosen(argnums: int | Sequence[int], args: Sequence[Any], f: Callable[..., Any]) -> tuple[int, ...]:
    """`argnums` as a tuple, checked against a call of `f` with `args`."""
    try:
        numbers = (index(argnums),) if not isinstance(argnums, (tuple, list)) else tuple(map(index, argnums))
    except TypeError:
        raise TypeError(f"argnums={argnums!r}: an integer, or a tuple of integers") from None
    for n in numbers:
        if not -len(args) <= n < len(args):
            raise ValueError(f"argnums={argnums}: {name_of(f)} was called with {len(args)} positional arguments")
    return numbers


def for_argnums(argnums: int | Sequence[int], found: tuple[Any, ...]) -> Any:
    """The one thing that was asked for by a number; the tuple if by a sequence of numbers."""
    return found if isinstance(argnums, (tuple, list)) else found[0]


def matched(given: Any, like: Any, what: str) -> list[Any]:
    """The leaves of `given`, checked against those of `like`: an array each, or a Tensor if it is part of a graph.

    ValueError or TypeError that says `what` does not fit, if containers or shapes differ or a leaf is not real.
    """
    try:
        both = list(pairs(like, given))
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from None
    return [_matched(one, original, what) for original, one in both]


def _matched(given: Any, like: Any, what: str) -> Any:
    t = given if type(given) is Tensor else Tensor(given)
    like = like if type(like) is Tensor else Tensor(like)
    if t.shape != like.shape:
        raise ValueError(f"{what}: shape {t.shape} was given for shape {like.shape}; they must agree")
    if t.dtype.kind not in "fiu":
        raise TypeError(f"{what}: real numbers are expected for shape {like.shape}, not dtype {t.dtype}")
    if t.dtype != like.dtype:
        t = t.astype(like.dtype)
    return t if t._requires_grad else t._value


def mapped_with(function: Callable[[Any, Any], Any], tree: Any, other: Any) -> Any:
    """The containers of `tree` with `function(leaf, leaf of other)`; the two have the same containers."""
    others = leaves(other)
    return mapped(lambda leaf: function(leaf, next(others)), tree)


def check_callable(f: Any, transform: str) -> None:
    """TypeError unless `f`, which `transform` was given, is a function."""
    if not callable(f):
        what = f"{label(f)}, shape {f.shape}" if type(f) is Tensor else label(f)
        instead = "; or call .backward() on the Tensor" if type(f) is Tensor else ""
        raise TypeError(
            f"ag.{transform}(f, …) takes a function f, not {what}: write the function that computes it, "
            f"ag.{transform}(lambda x: …, …){instead}"
        )


def name_of(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", "f")


def _kind(x: Any) -> str:
    return f"a tuple of {len(x)}" if type(x) is tuple else type(x).__name__


def _reached(nodes: Iterable[Tensor], ends: dict[Tensor, None]) -> set[Tensor]:
    """Which of `nodes`, oldest first, are made from `ends`."""
    reached: set[Tensor] = set()
    for node in nodes:
        if node in ends or any(type(x) is Tensor and x in reached for x in node.inputs):
            reached.add(node)
    return reached


def _differentiable(nodes: Iterable[Tensor], ends: dict[Tensor, None]) -> bool:
    """Whether `nodes`, listed as far as `ends`, lead to a Tensor beyond those that requires a gradient."""
    return any(
        node._requires_grad
        and (any(needs_gradient(x) for x in node.inputs) if node in ends else node.primitive is None)
        for node in nodes
    )
