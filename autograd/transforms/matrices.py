"""Matrices of derivatives: jacobian and hessian; and the Hessian times vectors, hvp, without the matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ..backprop import as_constant, as_it_is
from ..modes import NOTHING, record, recording
from ..nested import mapped
from ..tensor import Tensor
from .first import grad, vjp
from .stacks import sweep_stack
from .tracing import Trace, check_callable, chosen, for_argnums, mapped_with, matched, name_of, traced

_STACK = 2**17
"""So many entries may the largest gradient of a stack have: a megabyte, which stays in a core's cache."""
_WIDE = 4
"""By so much must results outnumber arguments for columns to be cheaper than rows: they need a second trace."""


def jacobian(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, allow_unused: bool = False, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that computes all derivatives of all entries of what `f` returns.

    `f` runs once; then the graph is swept for a stack of rows at a time. Griewank & Walther, "Evaluating derivatives"
    (2nd edition, SIAM 2008), chapter 3.

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
        `s + t`, in the argument's dtype; for containers, those of the result, and in place of each leaf those of the
        argument (a tuple of them if `argnums` is a sequence). Arrays in, arrays out; Tensors in, Tensors out, as with
        `grad`.

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
    check_callable(f, "jacobian")

    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        trace = traced(f, args, kwargs, chosen(argnums, args, f), has_aux, allow_unused)
        lift = trace.lifts
        with record(recording.get() if lift else NOTHING):
            blocks = _blocks(trace, lift)
        places = iter(range(len(trace.outs)))

        def of_one(out: Tensor) -> Any:
            place = next(places)

            def by_one(original: Any, x: Tensor) -> Any:
                found = blocks[place, x]
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
    check_callable(f, "hessian")
    return jacobian(grad(f, argnums, allow_unused, has_aux), argnums, allow_unused=True, has_aux=has_aux)


def hvp(
    f: Callable[..., Any], args: Sequence[Any], vectors: Sequence[Any], allow_unused: bool = False
) -> tuple[Any, ...]:
    """The Hessian of `f`, which returns a scalar, times vectors: at the price of a few gradients, without the matrix.

    Pearlmutter, "Fast exact multiplication by the Hessian" (Neural Computation 6, 1994).

    Parameters
    ----------
    f : callable
        Returns a scalar Tensor.
    args : tuple or list
        The arguments of `f`; it is differentiated by all of them.
    vectors : tuple or list
        One for each argument, in its containers and shapes, of real floating dtypes.
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
    check_callable(f, "hvp")
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


Blocks = dict[tuple[int, Tensor], Any]
"""All derivatives of one of the results, by its place in `outs`, by one of the `ends`."""


def _blocks(trace: Trace, lift: bool) -> Blocks:
    """All blocks of the Jacobian: by rows, or by columns where these are far fewer."""
    rows, columns = (sum(x.size for x in several) for several in (trace.outs, trace.ends))
    if rows > _WIDE * columns:
        try:
            return _by_columns(trace, lift)
        except TypeError:
            pass  # a rule, of a user's primitive perhaps, that does not run on Tensors; or an error that rows meet too
    return {(place, x): block for place in range(len(trace.outs)) for x, block in _by_rows(trace, place, lift).items()}


def _by_rows(trace: Trace, place: int, lift: bool) -> dict[Tensor, Any]:
    """A unit gradient for every entry of one result, swept in stacks; each sweep gives so many rows."""
    out = trace.outs[place]
    most = max(1, _STACK // max((node.size or 1 for node in trace.through), default=1))
    elsewhere: dict[str, Any] = {} if isinstance(out._value, (np.ndarray, np.generic)) else {"like": out._value}
    pieces: dict[Tensor, list[Any]] = {x: [] for x in trace.ends}
    if out in trace.through:
        for start in range(0, out.size, most):
            count = min(most, out.size - start)
            units = np.eye(count, out.size, start, dtype=out.dtype, **elsewhere).reshape((count, *out.shape))
            arriving = {out: Tensor(units) if lift else units}
            found = sweep_stack(arriving, count, ends=trace.ends, through=trace.through, lift=lift)
            for x, rows in pieces.items():
                rows.append(found[x] if x in found else np.zeros((count, *x.shape), x.dtype))
    blocks = {}
    for x, rows in pieces.items():
        whole = np.concatenate(rows) if rows else np.zeros((out.size, *x.shape), x.dtype)
        blocks[x] = whole.reshape(out.shape + x.shape)[()]
    return blocks


def _by_columns(trace: Trace, lift: bool) -> Blocks:
    """The pullback is linear: its own Jacobian, by rows, is the transpose."""

    def pull(*arriving: Tensor) -> list[Tensor]:
        found = trace.sweep(arriving, as_it_is if lift else as_constant)
        return [found[x] if x in found else Tensor(np.zeros_like(x._value)) for x in trace.ends]

    at = [np.ones_like(out._value)[()] for out in trace.outs]
    pulled = traced(pull, at, {}, range(len(at)), allow_unused=True)
    lift = pulled.lifts
    blocks = {}
    for k, x in enumerate(trace.ends):
        of_one = _by_rows(pulled, k, lift)
        for place, (out, end) in enumerate(zip(trace.outs, pulled.ends, strict=True)):
            axes = (*range(x.ndim, x.ndim + out.ndim), *range(x.ndim))
            blocks[place, x] = np.transpose(of_one[end], axes)[()]
    return blocks
