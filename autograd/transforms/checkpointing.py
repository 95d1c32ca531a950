"""Checkpoints: a function whose intermediate values are not kept for the backward pass, but computed again in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np

from ..backprop import as_it_is, sweep
from ..graph import ancestors, replay
from ..modes import EVERYTHING, GRADIENTS, NOTHING, record, recording
from ..nested import leaves, mapped
from ..primitives import primitive
from ..primitives.shapes import alias
from ..tensor import Tensor, bare, next_order, recorded
from .tracing import check_callable, name_of

F = TypeVar("F", bound=Callable[..., Any])


def checkpoint(f: F) -> F:
    """`f`, recorded as one operation: less memory for more time.

    Of a call only the arguments and the result are kept. The backward pass runs `f` again and sweeps over what that
    records; a gradient of a gradient does so in its turn. Calls of a deep network's layers through it need memory for
    one layer at a time (and for the values between them), and about one more forward pass. Chen, Xu, Zhang & Guestrin,
    "Training deep nets with sublinear memory cost" (2016).

    Parameters
    ----------
    f : callable
        Takes and returns Tensors, and nested tuples, lists and dicts of them. Tensors that it uses from around it, the
        parameters of a module for example, get their gradients too. It must do the same each time it is run: random
        numbers are drawn outside, and passed in.

    Returns
    -------
    callable
        Takes and returns what `f` does.

    Raises
    ------
    RuntimeError
        In the backward pass, if `f` gives another result than the first time.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> layer = ag.checkpoint(lambda x, w: np.tanh(x * w))
    >>> x, w = ag.Tensor([1.0, 2.0]), ag.Tensor(0.0, requires_grad=True)
    >>> layer(layer(x, w), w).sum().backward()
    >>> w.grad
    Tensor(0.)
    """
    check_callable(f, "checkpoint")

    @wraps(f)
    def kept_short(*args: Any, **kwargs: Any) -> Any:
        if recording.get() == NOTHING:
            return f(*args, **kwargs)
        given = (args, kwargs)
        inputs = [x for x in leaves(given) if type(x) is Tensor]
        run = _Run(f, given, [_leaf(x._value, x._requires_grad, x.name) for x in inputs])
        outside = run.used_from_around()
        call = _Call(f, given, [x._requires_grad for x in inputs], tuple(outside))
        packed: Any = None
        if run.outs:
            packed = recorded(run.packed(), True, checkpointed, (*inputs, *outside), {"call": call})
        pieces = iter(run.unpacked(packed))

        def shown(x: Any) -> Any:
            return x if type(x) is not Tensor else next(pieces) if x._requires_grad else bare(x._value)

        return mapped(shown, run.result)

    return kept_short  # type: ignore[return-value]


class _Call:
    """What it takes to run a checkpointed call again: an option of its node."""

    __slots__ = ("asked", "f", "given", "outside")

    def __init__(self, f: Callable[..., Any], given: Any, asked: list[bool], outside: tuple[Tensor, ...]):
        self.f, self.given, self.asked, self.outside = f, given, asked, outside

    def __repr__(self) -> str:
        return name_of(self.f)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Call:
        """Itself: a copied function goes on using the Tensors around it, which therefore are not copied either."""
        return self

    def forward(self, values: Sequence[Any]) -> Any:
        """The result for other data of the inputs, of the Tensors from around `f` too."""
        number = len(self.asked)
        run = _Run(self.f, self.given, [_leaf(v, asked) for v, asked in zip(values, self.asked, strict=False)])
        others = dict(zip(self.outside, values[number:], strict=True))
        return run.packed([replay(ancestors(out), others) for out in run.outs])

    def pull(self, g: Any, y: Any, inputs: Sequence[Any]) -> list[Any]:
        """The gradients by the inputs and the Tensors from around `f`, given the one that arrives; None for none."""
        made: list[Tensor] = []

        def asking(x: Any, asked: bool) -> Tensor:
            """`x` as a Tensor that requires a gradient if that of the first run did."""
            if type(x) is Tensor and x._requires_grad == asked:
                return x
            made.append(_leaf(x._value if type(x) is Tensor else x, asked))
            return alias(made[-1])

        with record(recording.get() or GRADIENTS):
            within = [asking(x, asked) for x, asked in zip(inputs, self.asked, strict=True)]
        run = _Run(self.f, self.given, within)
        for leaf in made:  # as in a Trace: the alias goes on requiring a gradient, and nobody else waits for one
            leaf._requires_grad = False
        again = run.packed() if run.outs else None
        before = y._value if type(y) is Tensor else y
        if np.shape(again) != before.shape or not _close(again, before):
            raise RuntimeError(
                f"{name_of(self.f)} under checkpoint gave another result when it was run again for the backward pass. "
                "Draw random numbers outside and pass them in; do not change what it uses before backward"
            )
        arriving: dict[Tensor, Any] = {}
        for out, part in zip(run.outs, run.unpacked(g), strict=True):
            arriving[out] = arriving[out] + part if out in arriving else part
        ends = {*within, *self.outside}
        # The hooks of Tensors from around `f` wait for the outer sweep, which knows their whole gradients.
        lift = as_it_is if type(g) is Tensor else None
        found = sweep(arriving, ends=ends, lift=lift, unhooked=set(self.outside))
        if found.keys() - ends:
            raise RuntimeError(
                f"{name_of(self.f)} under checkpoint used other Tensors that require gradients when it was run again "
                "for the backward pass. Make them outside, and only once"
            )
        return [found.get(x) for x in (*within, *self.outside)]


class _Run:
    """One run of `f`: its result, and the leaves of that which gradients flow through."""

    def __init__(self, f: Callable[..., Any], given: Any, within: Sequence[Tensor]):
        self.start = next_order()
        self.within = within
        own = iter(within)
        args, kwargs = mapped(lambda x: next(own) if type(x) is Tensor else x, given)
        with record(recording.get() or GRADIENTS):
            self.result = f(*args, **kwargs)
        self.outs = [x for x in leaves(self.result) if type(x) is Tensor and x._requires_grad]

    def used_from_around(self) -> list[Tensor]:
        """The Tensors that require gradients and that `f` used, though they were not given to it."""
        seen = set(self.outs)
        stack = list(seen)
        found = []
        ends = set(self.within)
        while stack:
            node = stack.pop()
            if node in ends:
                continue
            if node.primitive is None or node.order < self.start:
                if node._requires_grad:
                    found.append(node)
                continue
            fresh = [x for x in node.inputs if type(x) is Tensor and x not in seen]
            seen.update(fresh)
            stack += fresh
        return sorted(found, key=lambda x: x.order)

    def packed(self, values: Sequence[Any] | None = None) -> Any:
        """The one array that the node holds: the only result as it is, several in a row."""
        values = [out._value for out in self.outs] if values is None else values
        return values[0] if len(values) == 1 else np.concatenate([np.ravel(value) for value in values])

    def unpacked(self, packed: Any) -> list[Any]:
        """The results again, of the packed ones or of gradients by them."""
        if len(self.outs) <= 1:
            return [packed] * len(self.outs)
        stops = list(accumulate(out.size for out in self.outs))
        pieces = [packed[stop - out.size : stop] for out, stop in zip(self.outs, stops, strict=True)]
        shaped = [piece.reshape(out.shape) for piece, out in zip(pieces, self.outs, strict=True)]
        return [p if p.dtype == out.dtype else p.astype(out.dtype) for p, out in zip(shaped, self.outs, strict=True)]


def _leaf(value: Any, asked: bool, name: str | None = None) -> Tensor:
    own = Tensor(value, name=name)
    own._requires_grad = asked  # not through the setter: nothing has used this Tensor yet, no graph is outdated
    return own


def _close(now: Any, before: Any) -> bool:
    precise = 1e3 * np.finfo(before.dtype).eps
    return bool(np.allclose(now, before, rtol=precise, atol=precise, equal_nan=True))


def _gradients(g: Any, y: Any, *inputs: Any, call: _Call) -> list[Any]:
    """The rule: on arrays, run again and sweep. On Tensors that is a function of theirs, and checkpointed as well."""
    inputs = inputs[: len(call.asked)]
    if type(g) is not Tensor or recording.get() == EVERYTHING:  # a derivation shows what the rules of `f` itself give
        return call.pull(g, y, inputs)
    value = y._value if type(y) is Tensor else y
    return checkpoint(lambda g, *within: call.pull(g, value, within))(g, *inputs)


checkpointed = primitive(
    lambda values, call: call.forward(values),
    joint=_gradients,
    name="checkpoint",
)
