"""Matrices of derivatives: jacobian and hessian; and the Hessian times vectors, hvp, without the matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ..modes import NOTHING, record, recording
from ..nested import mapped
from ..tensor import Tensor
from .first import grad, vjp
from .tracing import Trace, chosen, for_argnums, mapped_with, matched, name_of, traced


def jacobian(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, allow_unused: bool = False, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that computes all derivatives of all entries of what `f` returns.

    `f` runs once; then the graph is swept for a stack of rows at a time.

    Parameters
    ----------
    f : callable
        Returns a Tensor of any shape, or nested containers of Tensors.
    argnums : int or sequence of int
        The positional arguments to differentiate by.
    allow_unused : bool
        Whether an argument that `f` does not depend on gives zeros; it is an error otherwise.
    has_aux : bool
        Whether `f` returns a pair, of which the second is not differentiated but handed on: `(jacobian, aux)`.

    Returns
    -------
    callable
        Takes what `f` takes. For a result of shape `s` and an argument of shape `t` it returns an array of shape
        `s + t`; for containers, those of the result, and in place of each leaf those of the argument (a tuple of them
        if `argnums` is a sequence). Arrays in, arrays out; Tensors in, Tensors out, as with `grad`.

    Raises
    ------
    TypeError, ValueError
        As `grad`'s, except that `f` need not return a scalar.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> ag.jacobian(lambda x: x[:2] * x[2])(np.array([1.0, 2.0, 3.0]))
    array([[3., 0., 1.],
           [0., 3., 2.]])
    """

    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        trace = traced(f, args, kwargs, chosen(argnums, args, f), has_aux, allow_unused)
        lift = trace.lifts
        with record(recording.get() if lift else NOTHING):
            blocks = iter([_block(trace, place, lift) for place in range(len(trace.outs))])

        def of_one(out: Tensor) -> Any:
            block = next(blocks)

            def by_one(original: Any, x: Tensor) -> Any:
                found = block[x]
                return Tensor(found) if type(original) is Tensor and type(found) is not Tensor else found

            containers = (mapped_with(by_one, args[n], trace.tracked[n]) for n in trace.numbers)
            return for_argnums(argnums, tuple(containers))

        found = mapped(of_one, trace.out)
        return (found, trace.auxiliary()) if has_aux else found

    return matrix


def hessian(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, allow_unused: bool = False, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that computes all second derivatives of `f`, which returns a scalar.

    It is `jacobian(grad(f))`: the gradient is recorded once, then its graph is swept for a stack of rows at a time.
    Parameters and errors are `grad`'s; an argument that enters `f` linearly has zeros for second derivatives.

    Returns
    -------
    callable
        Takes what `f` takes; for an argument of shape `s` it returns an array of shape `s + s`; for containers and
        several arguments, all pairs: `h["a"]["b"]`, `h[0][1]`. With `has_aux`, `(hessian, aux)`.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> ag.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums, allow_unused, has_aux), argnums, allow_unused=True, has_aux=has_aux)


def hvp(
    f: Callable[..., Any], args: Sequence[Any], vectors: Sequence[Any], allow_unused: bool = False
) -> tuple[Any, ...]:
    """The Hessian of `f`, which returns a scalar, times vectors: at the price of a few gradients, without the matrix.

    Parameters
    ----------
    f : callable
        Returns a scalar Tensor.
    args : tuple or list
        The arguments of `f`; it is differentiated by all of them.
    vectors : tuple or list
        One for each argument, in its containers and shapes.
    allow_unused : bool
        Whether an argument that `f` does not depend on gives zeros; it is an error otherwise.

    Returns
    -------
    tuple
        One product for each argument, in its containers. Arrays in, arrays out; Tensors in, Tensors out.

    Raises
    ------
    TypeError, ValueError
        As `grad`'s; and where vectors do not fit arguments.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> ag.hvp(lambda x: np.sum(x ** 3), (np.array([1.0, 2.0]),), (np.array([1.0, 10.0]),))
    (array([  6., 120.]),)
    """
    for what, given in (("args", args), ("vectors", vectors)):
        if type(given) not in (tuple, list):
            raise TypeError(
                f"hvp({name_of(f)}, args, vectors): {what} is a tuple with one for each argument, (x,) for a single "
                f"one; got {type(given).__name__}"
            )
    matched(tuple(vectors), tuple(args), f"the vectors of {name_of(f)}")
    gradient = grad(f, tuple(range(len(args))), allow_unused)
    _, pullback = vjp(gradient, *args, allow_unused=True)  # the Hessian is symmetric: vᵀ H is H v
    return pullback(tuple(vectors))


def _block(trace: Trace, place: int, lift: bool) -> dict[Tensor, Any]:
    """All derivatives of one of the results by each of the ends."""
    out = trace.outs[place]
    rows: list[dict[Tensor, Any]] = []
    for i in range(out.size):
        unit = np.zeros(out.size, out.dtype)
        unit[i] = 1
        arriving: list[Any] = [None] * len(trace.outs)
        arriving[place] = unit.reshape(out.shape)[()]
        if lift:
            arriving[place] = Tensor(arriving[place])
        rows.append(trace.sweep(arriving, lift))
    block = {}
    for x in trace.ends:
        zeros = np.zeros_like(x._value)
        stacked = np.stack([row.get(x, zeros) for row in rows]) if rows else np.zeros((0, *x.shape), x.dtype)
        block[x] = stacked.reshape(out.shape + x.shape)[()]
    return block
