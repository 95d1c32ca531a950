"""Functions to functions: from f to the function that computes its gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .backprop import as_it_is, owned, seed, sweep
from .graph import ancestors
from .modes import GRADIENTS, NOTHING, record, recording
from .nested import leaves, mapped
from .primitives.shapes import alias
from .tensor import Tensor, needs_gradient


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, allow_unused: bool = False) -> Callable[..., Any]:
    """The function that computes the gradient of `f`, which returns a scalar.

    Parameters
    ----------
    f : callable
        Takes arrays or nested tuples, lists and dicts of them; is run on Tensors. Returns a scalar Tensor.
    argnums : int or sequence of int
        The positional arguments to differentiate by.
    allow_unused : bool
        Whether an argument that `f` does not depend on gives zeros; it is an error otherwise.

    Returns
    -------
    callable
        Takes what `f` takes; returns the gradient in the containers of the argument, a tuple of them if `argnums` is a
        sequence. Arrays in, arrays out; Tensors in, Tensors out, so that `grad` nests. If `f` also uses Tensors from
        around it that require gradients, the result is a Tensor in any case, and can be differentiated by them; under
        no_grad() it is not.

    Raises
    ------
    TypeError
        `f` returns no Tensor, or an argument is not real floating.
    ValueError
        `f` returns no scalar, or does not depend on an argument.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> ag.grad(lambda x: np.sum(x ** 2))(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> ag.grad(ag.grad(lambda x: x ** 3))(2.0)
    np.float64(12.0)
    """
    both = value_and_grad(f, argnums, allow_unused)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, allow_unused: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """The function that computes `(f(x), gradient)` in one go; parameters, errors and kinds of result are `grad`'s.

    >>> import numpy as np
    >>> import autograd as ag
    >>> ag.value_and_grad(lambda p: np.sum(p["a"] * p["b"]))({"a": np.array([1.0, 2.0]), "b": 3.0})
    (np.float64(9.0), {'a': array([3., 3.]), 'b': np.float64(3.0)})
    """
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    called = getattr(f, "__name__", "f")

    @wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        for n in numbers:
            if not -len(args) <= n < len(args):
                raise ValueError(f"argnums={argnums}: {called} was called with {len(args)} positional arguments")
        outer = recording.get()
        chosen = {n % len(args) for n in numbers}
        with record(GRADIENTS):
            tracked = [_tracked(arg, i, called) if i in chosen else arg for i, arg in enumerate(args)]
            out = f(*tracked, **kwargs)
        inputs = [x for n in numbers for x in leaves(tracked[n])]
        if type(out) is not Tensor:
            raise TypeError(
                f"{called} returned {type(out).__name__}, not a Tensor: its value does not come from NumPy functions "
                "of its arguments, so there is nothing to differentiate"
            )
        if out.shape != ():
            raise ValueError(f"{called} returned shape {out.shape}; a gradient is of a scalar. Sum or index it first")

        ends = set(inputs)
        nodes = ancestors(out, stop=ends)
        through: set[Tensor] = set()
        for node in nodes:
            if node in ends or any(type(x) is Tensor and x in through for x in node.inputs):
                through.add(node)
        for x in ends - through:
            if not allow_unused:
                raise ValueError(
                    f"{called} does not depend on its argument of shape {x.shape}, or the graph was cut on the way (by "
                    "detach, no_grad, item or numpy). allow_unused=True gives zeros for it"
                )
        # Whether the result itself can be differentiated: by an argument that is part of an outer graph, or by a Tensor
        # from around f. Otherwise the rules run on bare arrays.
        wanted = outer != NOTHING and any(
            node.requires_grad
            and (any(needs_gradient(x) for x in node.inputs) if node in ends else node.primitive is None)
            for node in nodes
        )
        gradients: dict[Tensor, Any] = {}
        if ends & through:
            start = seed(out, None)
            with record(outer if wanted else NOTHING):
                gradients = sweep(
                    out,
                    Tensor(start) if wanted else start,
                    ends=ends,
                    through=through,
                    lift=as_it_is if wanted else None,
                )

        for x in ends:
            if x.primitive is None:  # only here for this call; what was recorded on it no longer waits for its gradient
                x.requires_grad = False

        taken = {id(x._value) for x in ends}

        def result(original: Any, x: Any) -> Any:
            g = gradients.get(x)
            g = np.zeros_like(x._value)[()] if g is None else owned(g, taken)
            if type(original) is Tensor:
                return g if type(g) is Tensor else Tensor(g)
            return g

        found = tuple(_zipped(result, args[n], tracked[n]) for n in numbers)
        bare = not wanted and not any(type(x) is Tensor for n in numbers for x in leaves(args[n]))
        return (out._value if bare else out if wanted else out.detach()), found[0] if isinstance(
            argnums, int
        ) else found

    return both


def _tracked(argument: Any, number: int, called: str) -> Any:
    """An argument with a Tensor of its own for each leaf: gradients by it stay apart from other uses of the value."""

    def tracked(leaf: Any) -> Tensor:
        if needs_gradient(leaf):
            inner = alias(leaf)
            inner.name = leaf.name
            return inner
        own = Tensor(leaf._value, name=leaf.name) if type(leaf) is Tensor else Tensor(leaf)
        if own.dtype.kind != "f":
            inside = "" if leaf is argument else ", in part,"
            raise TypeError(
                f"argument {number} of {called} is{inside} {own.dtype}, shape {own.shape}: only real floating dtypes "
                "have derivatives. Write 1.0 instead of 1, convert with np.asarray(data, dtype=float), or leave it out "
                "of argnums"
            )
        own._requires_grad = True  # not through the setter: nothing has used this Tensor yet, so no graph is outdated
        return own

    return mapped(tracked, argument)


def _zipped(function: Callable[[Any, Any], Any], tree: Any, other: Any) -> Any:
    others = leaves(other)
    return mapped(lambda leaf: function(leaf, next(others)), tree)
