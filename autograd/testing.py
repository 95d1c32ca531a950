"""Gradients against central differences, for your own functions and primitives as for ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .tensor import Tensor
from .transforms import grad


def check_grads(
    f: Callable[..., Any], args: Sequence[Any], order: int = 1, rtol: float | None = None, seed: int = 0
) -> float:
    """Compare the gradients of `f` at `args` with central differences, up to the given order.

    Every entry of every real floating argument is moved both ways. The output is weighted by random numbers, never only
    by ones, so a gradient that is wrong in shape or order shows. Nocedal & Wright, "Numerical optimization" (2nd
    edition, Springer 2006), section 8.1.

    Parameters
    ----------
    f : callable
        Takes a Tensor for each real floating argument, returns a Tensor of any shape.
    args : sequence
        Where to compare. Other arguments than real floating ones (integers, None, …) are handed on as they are.
    order : int
        1 for gradients, 2 for gradients of gradients as well, and so on.
    rtol : float, optional
        Largest error accepted, relative to the largest entry of the gradient (or to 1): by default 1e-6, and 2e-3 where
        an argument has fewer than 64 bits.
    seed : int
        Seeds the random weights.

    Returns
    -------
    float
        The largest relative error met.

    Raises
    ------
    TypeError
        No argument is real floating.
    AssertionError
        A gradient differs; the message shows which entry, and both numbers.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> ag.check_grads(lambda x: np.exp(x) * x, [np.array([0.5, -1.0])], order=2) < 1e-6
    True
    """
    moved = [i for i, a in enumerate(args) if _is_floating(a)]
    values = [np.asarray(_plain(a)) if i in moved else a for i, a in enumerate(args)]
    if not moved:
        raise TypeError("check_grads: no argument is real floating")
    if rtol is None:
        rtol = 1e-6 if all(values[i].dtype.itemsize >= 8 for i in moved) else 2e-3
    rng = np.random.default_rng(seed)
    shape = np.shape(f(*(Tensor(a[()]) if i in moved else a for i, a in enumerate(values))))
    weights = rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)

    def weighted(*a: Any) -> Any:
        return np.sum(f(*a) * weights.astype(np.result_type(*(values[i].dtype for i in moved))))

    gradient = grad(weighted, argnums=moved, allow_unused=True)
    worst = 0.0
    for i, exact in zip(moved, gradient(*(a[()] if j in moved else a for j, a in enumerate(values))), strict=True):
        exact = exact.numpy() if type(exact) is Tensor else np.asarray(exact)
        if exact.shape != values[i].shape or exact.dtype != values[i].dtype:
            raise AssertionError(
                f"argument {i} is {values[i].dtype} {values[i].shape}, its gradient {exact.dtype} {exact.shape}"
            )
        difference = _central(weighted, values, moved, i)
        scale = max(1.0, float(np.max(np.abs(difference), initial=0.0)))
        error = np.abs(exact - difference) / scale
        largest = float(np.max(error, initial=0.0))
        if not largest <= rtol:
            at = np.unravel_index(int(np.argmax(np.where(np.isnan(error), np.inf, error))), error.shape)
            raise AssertionError(
                f"gradient with respect to argument {i}, entry {tuple(map(int, at))}: backpropagation gives "
                f"{exact[at]:.10g}, central differences {difference[at]:.10g} "
                f"(relative error {largest:.2g} > {rtol:.2g})"
            )
        worst = max(worst, largest)
    if order > 1:

        def gradients(*a: Any) -> Any:
            parts = grad(weighted, argnums=moved, allow_unused=True)(*a)
            return np.concatenate([np.reshape(part, -1) for part in parts])

        worst = max(worst, check_grads(gradients, values, order - 1, rtol, seed + 1))
    return worst


def _plain(a: Any) -> Any:
    return a.numpy() if type(a) is Tensor else a


def _is_floating(a: Any) -> bool:
    try:
        return np.asarray(_plain(a)).dtype.kind == "f"
    except ValueError:  # nested sequences of unequal lengths
        return False


def _central(f: Callable[..., Any], values: Sequence[Any], moved: Sequence[int], i: int) -> np.ndarray:
    """∂f/∂(argument i) by central differences in float64, two step sizes extrapolated to fourth order."""
    wide = [a.astype(np.float64) if j in moved else a for j, a in enumerate(values)]
    here = wide[i].copy()
    out = np.zeros(here.shape)

    def at(index: tuple[int, ...], step: float) -> float:
        kept = here[index]
        here[index] = kept + step
        given = [here if j == i else a for j, a in enumerate(wide)]
        value = f(*(Tensor(a.copy()[()]) if j in moved else a for j, a in enumerate(given)))
        here[index] = kept
        return float(value.item())

    for index in np.ndindex(here.shape):
        step = 1e-3 * max(1.0, abs(float(here[index])))
        near, far = (at(index, h) - at(index, -h) for h in (step, 2 * step))
        out[index] = (8 * near - far) / (12 * step)
    return out
