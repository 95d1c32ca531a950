"""The reverse sweep: backpropagation over a recorded graph."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
from numpy import float64, ndarray

from .anomalies import Checked
from .graph import check_unchanged, recorded_sweeps
from .hooks import hooked, last_hook, retains
from .modes import GRADIENTS, Watched, record, recording
from .tensor import Tensor, bare, label, last_change, next_order

_FILLED = 4096
"""Up to this size a scalar gradient is spread by filling an array: 0.3 µs; np.broadcast_to takes 2.5, but no memory."""


def sweep(
    gradients: dict[Tensor, Any],
    *,
    ends: AbstractSet[Tensor] | tuple[()] = (),
    through: AbstractSet[Tensor] | None = None,
    lift: Callable[[Any], Any] | None = None,
    notice: Callable[[Tensor, Any], None] | None = None,
    hooks: bool = True,
    unhooked: AbstractSet[Tensor] | tuple[()] = (),
    retain: bool = False,
) -> dict[Tensor, Any]:
    """The gradients at the leaves, and at the Tensors in `ends`, given those that arrive at the Tensors in `gradients`.

    The youngest Tensor whose gradient is begun is next: all that used it is younger, so its gradient is complete. It
    hands on to its inputs what its primitive's rules make of its gradient, and is forgotten.

    `through` limits the sweep to these Tensors, whether they require gradients or not. `lift` runs the rules on
    Tensors, which records them; it says what stands for a node or an input there. `notice` is called with each
    Tensor and its complete gradient, in the order of the sweep. `hooks` says whether hooks run, `unhooked` of which
    Tensors, among those at the end, they do not. `retain` adds to what is returned the results that retain their
    gradients.
    """
    if type(recording.get()) is Watched:
        gradients = Checked(gradients)
    begun = next_order() if lift is as_it_is else 0
    changed = last_change[0]
    hooked_until = last_hook[0] if hooks else 0
    marked = changed if changed > hooked_until else hooked_until
    waiting = [(-root.order, root) for root in gradients if root.primitive is not None and root not in ends]
    heapify(waiting)
    while waiting:
        node = heappop(waiting)[1]
        g = gradients.pop(node)
        if node.order <= marked:
            check_unchanged(node)
            if hooked_until:
                g = hooked(node, g)
                if retain and retains(node):
                    gradients[node] = g  # nothing is added any more: all that used it has been
        if notice is not None:
            notice(node, g)
        inputs, options, primitive = node._first, node._second, node.primitive
        if type(inputs) is not tuple:  # what .inputs and .options do, without their 0.1 µs
            inputs, options = (inputs, options), None
        if lift is not None:
            arguments = (g, lift(node), *[lift(x) for x in inputs])
        elif len(inputs) == 2:  # written out, which saves a tenth of a scalar node
            a, b = inputs
            arguments = (g, node._value, a._value if type(a) is Tensor else a, b._value if type(b) is Tensor else b)
        else:
            arguments = (g, node._value, *[x._value if type(x) is Tensor else x for x in inputs])
        joint = primitive.joint
        rules = primitive.rules if joint is None else joint(*arguments, **(options or {}))
        for x, rule in zip(inputs, rules):  # noqa: B905  (strict= costs a tenth of a scalar node)
            if type(x) is not Tensor or rule is None:
                continue
            if not x._requires_grad if through is None else x not in through:
                continue
            if joint is not None:
                part = rule() if callable(rule) else rule
            elif options is None:
                part = rule(*arguments)
            else:
                part = rule(*arguments, **options)
            like = x._value
            # Two scalars fit without a look at their shapes; that look costs 0.1 µs, as do two dtypes compared by ==.
            if type(part) is not float64 or type(like) is not float64:
                try:
                    if part.shape != like.shape or part.dtype is not like.dtype:
                        part = fitted(part, like)
                except (AttributeError, ValueError) as error:
                    part = _refit(part, x, node, error)
            if x in gradients:
                gradients[x] = gradients[x] + part
            else:
                gradients[x] = part
                if x.primitive is not None and x not in ends:
                    heappush(waiting, (-x.order, x))
    if hooked_until:
        for x in gradients:
            if (x.primitive is None or x in ends) and x not in unhooked:
                gradients[x] = hooked(x, gradients[x])
    if begun:
        recorded_sweeps.append((begun, next_order()))
    return gradients  # of the ends only: the others were popped


def as_it_is(x: Any) -> Any:
    """Lifts to a record of how gradients depend on the nodes and leaves of the graph, and on those that arrive."""
    return x


def as_constant(x: Any) -> Any:
    """Lifts to a record of how gradients depend on those that arrive alone."""
    return bare(x._value) if type(x) is Tensor else x


def fitted(gradient: Any, like: Any) -> Any:
    """`gradient` in the shape and dtype of `like`: summed where `like` was broadcast, spread where it was reduced."""
    shape = like.shape
    extra = gradient.ndim - len(shape)
    if extra > 0:
        axis = 0 if extra == 1 else tuple(range(extra))
        # The ufunc is what ndarray.sum ends in, without its detour through Python: 0.1 µs for each bias.
        gradient = np.add.reduce(gradient, axis) if type(gradient) is ndarray else gradient.sum(axis=axis)
    if gradient.shape != shape:
        axes = zip(range(gradient.ndim), gradient.shape, shape[-gradient.ndim :], strict=False)
        ones = tuple(axis for axis, length, wanted in axes if wanted == 1 and length != 1)
        if ones:
            gradient = gradient.sum(axis=ones, keepdims=True)
        if gradient.shape != shape:
            gradient = _spread(gradient, like)
    if gradient.dtype != like.dtype:
        gradient = gradient.astype(like.dtype)
    return gradient


def _refit(part: Any, x: Tensor, node: Tensor, error: Exception) -> Any:
    """What a rule gave, if it is a mere number; else the error that says whose rule gave what."""
    if isinstance(part, (int, float)):
        return fitted(x.dtype.type(part), x._value)
    given = f"shape {part.shape}" if hasattr(part, "shape") else label(part)
    raise ValueError(
        f"a rule of {node.primitive.__name__} gives {given} as the gradient of {label(x)}, shape {x.shape}; it must "
        "broadcast to that shape, or that shape to it"
    ) from error


def _spread(gradient: Any, like: Any) -> Any:
    if isinstance(gradient, np.generic) and type(like) is np.ndarray and like.size <= _FILLED:
        filled = np.empty(like.shape, gradient.dtype)
        filled.fill(gradient)
        return filled
    return np.broadcast_to(gradient, like.shape)


def one(root: Tensor) -> Any:
    """The gradient of a scalar by itself, in the array library that its graph is in."""
    data = root._value
    return root.dtype.type(1) if isinstance(data, (np.generic, ndarray)) else np.ones_like(data)


def seed(root: Tensor, gradient: Any) -> Any:
    """The data of the gradient that a sweep from `root` starts with; 1 for a scalar unless another is given."""
    if not root._requires_grad:
        raise RuntimeError(
            f"{label(root)}, shape {root.shape}, depends on no Tensor that requires a gradient: create the parameters "
            "with requires_grad=True, and compute it outside of no_grad(); a gradient is differentiated where backward "
            "was run with create_graph=True"
        )
    if gradient is None:
        if root.shape != ():
            raise ValueError(
                f"only a scalar has a gradient by itself, but {label(root)} has shape {root.shape}: reduce it "
                "first, e.g. np.sum(t).backward(), or give backward() the gradient that arrives at it"
            )
        return one(root)
    data = gradient._value if type(gradient) is Tensor else Tensor(gradient)._value
    if data.shape != root.shape:
        raise ValueError(
            f"the gradient has shape {data.shape}, but {label(root)} has shape {root.shape}; they must agree"
        )
    if data.dtype.kind not in "fiu":
        raise TypeError(f"the gradient of {label(root)} is a real array, not dtype {data.dtype}")
    return data if data.dtype == root.dtype else data.astype(root.dtype)


def backward(self: Tensor, gradient: Any = None, create_graph: bool = False) -> None:
    """Compute the gradient of this Tensor by every leaf that requires one, and add it to the leaf's `grad`.

    So are the gradients of results that `retain_grad` was called on. Hooks run on the way (`register_hook`).

    Parameters
    ----------
    gradient : array_like, optional
        The gradient that arrives at this Tensor, of its shape; 1 by default, for a scalar only.
    create_graph : bool
        Record the backward pass, so that the gradients can be differentiated again.

    Raises
    ------
    RuntimeError
        It depends on nothing that requires a gradient; or a value was changed after it was used.
    ValueError
        It is no scalar and no gradient is given, or one of another shape.

    Examples
    --------
    >>> x = Tensor(3.0, requires_grad=True)
    >>> (x * x).backward()
    >>> x.grad
    Tensor(6.)
    """
    start = seed(self, gradient)
    if create_graph:
        with record(GRADIENTS):
            given = gradient if type(gradient) is Tensor else Tensor(start)
            if given.dtype != self.dtype:
                given = given.astype(self.dtype)  # recorded: the gradients depend on what was given
            taken = {id(given), id(start)}
            for x, g in sweep({self: given}, lift=as_it_is, retain=True).items():
                x._grad = owned(g, taken) if x._grad is None else x._grad + g
    else:
        taken = {id(start)}
        for x, g in sweep({self: start}, retain=True).items():
            if x._grad is not None:
                g = x._grad._value + g
            elif type(g) is not ndarray or g.base is not None or id(g) in taken:
                g = owned(g, taken)
            else:  # what `owned` does with most; calling it costs a small network 3 % of a step
                taken.add(id(g))
            x._grad = bare(g)


def owned(gradient: Any, taken: set[int]) -> Any:
    """An array or Tensor to keep: a copy of a view, and of what is in other hands too and so among the ids in `taken`.

    An addition, for example, hands one and the same array to both its inputs.
    """
    data = gradient._value if type(gradient) is Tensor else gradient
    if type(data) is not ndarray and data is gradient:
        return gradient  # a NumPy scalar cannot be written to
    if id(data) in taken or id(gradient) in taken or getattr(data, "base", None) is not None:
        gradient = np.copy(gradient) if type(gradient) is Tensor else gradient.copy()
    taken |= {id(gradient), id(gradient._value if type(gradient) is Tensor else gradient)}
    return gradient
