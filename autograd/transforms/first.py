"""First derivatives: of scalars (grad), of elementwise functions (derivative), and along directions (vjp, jvp)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ..backprop import as_constant, as_it_is, one
from ..modes import NOTHING, record, recording
from ..nested import leaves, mapped
from ..tensor import Tensor, needs_gradient
from .tracing import Trace, check_callable, chosen, for_argnums, mapped_with, matched, name_of, traced


def grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, allow_unused: bool = False, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that computes the gradient of `f`, which returns a scalar.

    By one sweep back, at a small multiple of the cost of `f`. Griewank & Walther, "Evaluating derivatives" (2nd
    edition, SIAM 2008).

    Parameters
    ----------
    f : callable
        Takes arrays or nested tuples, lists and dicts of them; is run on Tensors. Returns a scalar Tensor.
    argnums : int or sequence of int
        The positional arguments to differentiate by.
    allow_unused : bool
        Whether an argument that `f` does not depend on gives zeros; it is an error otherwise.
    has_aux : bool
        Whether `f` returns a pair, of which the second is not differentiated but handed on: `(gradient, aux)`.

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
    check_callable(f, "grad")
    both = value_and_grad(f, argnums, allow_unused, has_aux)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, allow_unused: bool = False, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """The function that computes `(f(x), gradient)` in one go; parameters, errors and kinds of result are `grad`'s.

    With `has_aux` it gives `((f(x), aux), gradient)`.

    >>> import numpy as np
    >>> import autograd as ag
    >>> ag.value_and_grad(lambda p: np.sum(p["a"] * p["b"]))({"a": np.array([1.0, 2.0]), "b": 3.0})
    (np.float64(9.0), {'a': array([3., 3.]), 'b': np.float64(3.0)})
    """
    check_callable(f, "value_and_grad")

    @wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        trace = traced(f, args, kwargs, chosen(argnums, args, f), has_aux, allow_unused, scalar=True)
        found = for_argnums(argnums, pulled(trace, [one(trace.out)]))
        value = trace.result()
        return ((value, trace.auxiliary()) if has_aux else value), found

    return both


def derivative(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """The derivative of an elementwise function, entry by entry: from np.tanh to 1 − np.tanh², for any shape.

    It is for functions whose every entry depends on that entry of the argument alone: curves to plot, activation
    functions. (The name is that of SciPy's numerical one; others call it `elementwise_grad`, or write
    `grad(lambda x: f(x).sum())`, which gives sums of columns of the Jacobian, unnoticed, if entries do mix.
    Here that is noticed: a second sweep with other weights must agree.) It nests.

    Parameters
    ----------
    f : callable
        Returns a Tensor of the argument's shape.
    argnums : int
        The positional argument to differentiate by: an array of a real floating dtype, which the derivative has too,
        not a container.

    Raises
    ------
    TypeError
        The argument is a container, or not real floating; `f` returns no Tensor.
    ValueError
        `f` returns another shape, or an entry of its result depends on other entries of the argument.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> ag.derivative(np.square)(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    >>> ag.derivative(ag.derivative(lambda x: x ** 3))(np.array([1.0, 2.0]))
    array([ 6., 12.])
    """
    check_callable(f, "derivative")

    @wraps(f)
    def slope(*args: Any, **kwargs: Any) -> Any:
        trace = traced(f, args, kwargs, chosen((argnums,), args, f))
        out, x = trace.out, trace.tracked[argnums]
        if type(out) is not Tensor or type(x) is not Tensor:
            raise TypeError(f"derivative takes {trace.called} from one array to one array; of containers, see vjp")
        if out.shape != x.shape:
            raise ValueError(
                f"{trace.called} returned shape {out.shape} for shape {x.shape}: not an elementwise function. "
                "See grad for scalars, jacobian for all else"
            )
        ones = np.ones_like(out._value)[()]
        (found,) = pulled(trace, [ones])
        weights = ones * _powers_of_two(out)
        with record(NOTHING):
            weighted = trace.sweep([weights], None).get(x)
        plain = found._value if type(found) is Tensor else found
        limits = np.finfo(out.dtype)
        if weighted is not None and not np.allclose(
            weighted, weights * plain, rtol=1e3 * limits.eps, atol=limits.tiny, equal_nan=True
        ):
            raise ValueError(
                f"{trace.called}, shape {x.shape}, is not elementwise: an entry of its result depends on several "
                "entries of the argument. jacobian gives all these derivatives, vjp weighted sums of them"
            )
        return found

    return slope


def _powers_of_two(out: Tensor) -> np.ndarray:
    """Different weights for the entries of `out`, by which sums and products scale without a rounding error."""
    powers = np.random.default_rng(0).permutation(out.size) % (4 if out.dtype == np.float16 else 16)
    return np.ldexp(np.ones((), out.dtype), powers.reshape(out.shape))


def vjp(f: Callable[..., Any], *args: Any, has_aux: bool = False, allow_unused: bool = False) -> tuple[Any, ...]:
    """`f(*args)`, and the function that pulls a gradient at the result back to the arguments: g ↦ gᵀ J.

    The reverse mode itself. Linnainmaa, "Taylor expansion of the accumulated rounding error" (BIT 16, 1976).

    Parameters
    ----------
    f : callable
        Returns a Tensor, or nested containers of Tensors.
    *args : array_like or nested containers
        Where to differentiate, by all of them: any shapes, of real floating dtypes; what is not to be differentiated is
        closed over.
    has_aux : bool
        Whether `f` returns a pair, of which the second is not differentiated but handed on.
    allow_unused : bool
        Whether an argument that `f` does not depend on gives zeros; it is an error otherwise.

    Returns
    -------
    out
        The value, in the containers that `f` returns.
    pullback : callable
        Takes a gradient in the containers and shapes of `out`; returns a tuple, one for each argument, in its
        containers, of its shapes and dtypes. It can be called any number of times, and be differentiated. It holds the
        recorded graph.
    aux
        With `has_aux` only.

    Raises
    ------
    TypeError, ValueError
        As `grad`'s; and where a gradient does not fit `out`.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> out, pullback = ag.vjp(lambda A, x: A @ x, np.eye(2), np.array([1.0, 2.0]))
    >>> out
    array([1., 2.])
    >>> pullback(np.array([1.0, 0.0]))
    (array([[1., 2.],
           [0., 0.]]), array([1., 0.]))
    """
    check_callable(f, "vjp")
    if not args:
        raise TypeError(f"vjp({name_of(f)}) needs the arguments to differentiate at: vjp(f, x)")
    trace = traced(f, args, {}, range(len(args)), has_aux, allow_unused)

    def pullback(gradient: Any) -> tuple[Any, ...]:
        arriving = matched(gradient, trace.out, f"the gradient for the result of {trace.called}")
        return pulled(trace, arriving, tensors=any(type(g) is Tensor for g in leaves(gradient)))

    return (trace.result(), pullback, trace.auxiliary()) if has_aux else (trace.result(), pullback)


def jvp(
    f: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool = False,
    allow_unused: bool = False,
) -> tuple[Any, ...]:
    """`f(*primals)`, and its derivative along `tangents`: v ↦ J v.

    The pullback of `f` is a linear function of the gradient that it is given, gᵀ J; its own pullback is J v. So this
    is exact, by the same rules as every gradient, and nests like one. It costs about three gradients. Townsend, "A new
    trick for calculating Jacobian vector products" (2017).

    Parameters
    ----------
    f : callable
        Returns a Tensor, or nested containers of Tensors.
    primals : tuple or list
        The arguments of `f`; it is differentiated by all of them.
    tangents : tuple or list
        How each of them moves, in its containers and shapes, of real floating dtypes.
    has_aux : bool
        Whether `f` returns a pair, of which the second is not differentiated but handed on.
    allow_unused : bool
        Whether `f` may not depend on an argument; it is an error otherwise.

    Returns
    -------
    out, tangent
        The value, and how it moves, in the containers that `f` returns; `aux` as a third with `has_aux`.

    Raises
    ------
    TypeError, ValueError
        As `vjp`'s; and where tangents do not fit primals.

    Examples
    --------
    >>> import autograd as ag
    >>> ag.jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.5))
    (np.float64(6.0), np.float64(4.0))
    """
    check_callable(f, "jvp")
    for what, given in (("primals", primals), ("tangents", tangents)):
        if type(given) not in (tuple, list):
            raise TypeError(
                f"jvp({name_of(f)}, primals, tangents): {what} is a tuple with one for each argument, (x,) for a "
                f"single one; got {type(given).__name__}"
            )
    primals = tuple(primals)
    along = matched(tuple(tangents), primals, f"the tangents of {name_of(f)}")
    out, pullback, *aux = vjp(f, *primals, has_aux=has_aux, allow_unused=allow_unused)
    at = mapped(_ones, out)  # any point would do: the pullback is linear
    _, push = vjp(pullback, at, allow_unused=True)
    (tangent,) = push(mapped_with(lambda _, v: v, primals, along))
    return out, tangent, *aux


def _ones(x: Any) -> Any:
    return Tensor(np.ones_like(x._value)[()]) if type(x) is Tensor else np.ones_like(x)[()]


def pulled(trace: Trace, arriving: list[Any], tensors: bool = False) -> tuple[Any, ...]:
    """The gradients in the arguments' containers, given what arrives at each of the results; recorded where of use.

    Rules run on bare arrays if neither the graph nor what arrives can be differentiated by anything but this call's
    arguments.
    """
    taken = {id(g) for g in arriving}
    lift = as_it_is if trace.lifts else as_constant if any(map(needs_gradient, arriving)) and recording.get() else None
    if lift:
        arriving = [g if type(g) is Tensor else Tensor(g) for g in arriving]
    with record(recording.get() if lift else NOTHING):
        found = trace.sweep(arriving, lift)
    return trace.in_containers(found, tensors or trace.lifts, taken)
