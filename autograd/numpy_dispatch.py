"""NumPy's protocols to the table: what happens when a Tensor is handed to np.<name>."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .primitives import scans
from .primitives.answers import bare, reason_to_refuse
from .primitives.primitive import by_numpy_function
from .tensor import Tensor, described, label

_WAY_OUT = (
    "Compose it from functions that have one, define it by ag.primitive, or pass t.numpy() if no gradient is wanted"
)

QUESTIONS: frozenset[Callable[..., Any]] = frozenset(
    (
        np.shape,
        np.ndim,
        np.size,
        np.result_type,
        np.can_cast,
        np.min_scalar_type,
        np.common_type,
        np.iscomplexobj,
        np.isrealobj,
        np.allclose,
        np.array_equal,
        np.array_equiv,
        np.may_share_memory,
        np.shares_memory,
        np.array2string,
        np.array_repr,
        np.array_str,
        np.einsum_path,
        np.save,
        np.savetxt,
        np.savez,
        np.savez_compressed,
    )
)
"""Questions about a Tensor that are answered in plain Python or NumPy values; and its value written to a file."""
LIKE = frozenset((np.zeros_like, np.ones_like, np.empty_like))
"""Constants made to a Tensor's shape: Tensors without a graph."""

_REDUCTIONS = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
    np.fmax: np.nanmax,
    np.fmin: np.nanmin,
    np.logaddexp: np.logaddexp.reduce,
}
_BY_METHOD = {
    "reduce": lambda ufunc: by_numpy_function.get(_REDUCTIONS.get(ufunc)),
    "accumulate": lambda ufunc: scans.ACCUMULATED.get(ufunc),
    "outer": lambda ufunc: _outer(by_numpy_function[ufunc]) if ufunc in by_numpy_function else None,
}
"""What answers for np.add.reduce and the like."""


by_operator: dict[np.ufunc, Callable[[Any, Any], Any]] = {}
"""The Tensor's operators by the ufunc that they record: on scalars 1 µs faster than the primitive."""


def __array_ufunc__(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:  # noqa: N807
    if not options and method == "__call__" and type(inputs[0]) is Tensor:
        operate = by_operator.get(ufunc)
        if operate is not None:
            return operate(*inputs)
    answer = by_numpy_function.get(ufunc)
    if method != "__call__":
        found = _BY_METHOD.get(method, lambda ufunc: None)(ufunc)
        if found is None:
            reason = (
                "it writes into its argument, which graphs may hold; build the new value" if method == "at" else None
            )
            raise no_rule(f"np.{ufunc.__name__}.{method}", inputs, reason)
        if method in ("reduce", "accumulate") and len(inputs) == 1:
            options.setdefault("axis", 0)  # a ufunc's own, unlike that of np.sum
        answer = found
    if answer is None:
        raise no_rule(f"np.{ufunc.__name__}", inputs, reason_to_refuse(ufunc))
    if options:
        if ufunc.signature is not None and not options.keys().isdisjoint(("axis", "axes", "keepdims")):
            answer = _along_axes(
                ufunc, answer, **{name: options.pop(name, None) for name in ("axis", "axes", "keepdims")}
            )
        inputs = _by_ufunc_options(ufunc, inputs, options)
        if options:
            return answer(*inputs, **options)
    return answer(*inputs)


def _by_ufunc_options(ufunc: np.ufunc, inputs: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, ...]:
    """The inputs, in the dtype asked for. Takes out of `options` what is dealt with here."""
    out = options.pop("out", None)
    if out is not None:
        raise written_to(f"np.{ufunc.__name__}", inputs, out)
    if options.get("where", True) is not True and ufunc.signature is None and "axis" not in options:
        raise TypeError(
            f"np.{ufunc.__name__}({described(inputs)}, where=…) leaves entries without a value; write "
            "np.where(condition, result, otherwise) around it"
        )
    if options.get("where") is True:
        del options["where"]
    if options.get("subok", True) and options.get("order", "K") == "K":
        options.pop("subok", None)
        options.pop("order", None)
    if "axis" in options or "dtype" not in options:
        return inputs
    dtype, casting = options.pop("dtype"), options.pop("casting", "same_kind")
    if dtype is None:
        return inputs
    converted = []
    for x in inputs:
        if hasattr(x, "dtype") and x.dtype != dtype:
            if not np.can_cast(x.dtype, dtype, casting):
                raise TypeError(
                    f"np.{ufunc.__name__}({described(inputs)}, dtype={np.dtype(dtype)}): {x.dtype} cannot be cast to "
                    f"{np.dtype(dtype)} by the rule {casting!r}"
                )
            x = x.astype(dtype)
        converted.append(x)
    return tuple(converted)


def _along_axes(ufunc: np.ufunc, answer: Callable[..., Any], axis: Any, axes: Any, keepdims: Any) -> Callable[..., Any]:
    """A ufunc of vectors or matrices, such as np.matmul, with these along other axes than the last ones."""
    if axis is not None:
        axes = [axis] * ufunc.nin
    places = [entry if isinstance(entry, tuple) else (entry,) for entry in axes or [-1] * ufunc.nin]

    def along(*inputs: Any) -> Any:
        ends = zip(inputs, places, strict=False)
        result = answer(*(np.moveaxis(x, place, tuple(range(-len(place), 0))) for x, place in ends))
        if keepdims:
            return np.expand_dims(result, places[-1])
        if len(places) == ufunc.nin or not places[-1]:
            return result
        return np.moveaxis(result, tuple(range(-len(places[-1]), 0)), places[-1])

    return along


def _outer(answer: Callable[..., Any]) -> Callable[..., Any]:
    """ufunc.outer: the operation on every pair of entries."""

    def outer(a: Any, b: Any) -> Any:
        return answer(np.expand_dims(a, tuple(range(np.ndim(a), np.ndim(a) + np.ndim(b)))), b)

    return outer


def __array_function__(self: Tensor, function: Any, types: Any, args: Any, options: Any) -> Any:  # noqa: N807
    answer = by_numpy_function.get(function)
    if answer is not None:
        if "out" in options:
            if options["out"] is not None:
                raise written_to(name_of(function), args, options["out"])
            options = {name: value for name, value in options.items() if name != "out"}
        return answer(*args, **options)
    if function in QUESTIONS:
        return function(*bare(args), **{name: bare(value) for name, value in options.items()})
    if function in LIKE:
        return Tensor(function(*map(bare, args), **{name: bare(value) for name, value in options.items()}))
    raise no_rule(name_of(function), args, reason_to_refuse(function))


def written_to(name: str, inputs: Iterable[Any], out: Any) -> TypeError:
    """The error for out=, by which a ufunc also does a += t: what is written to is a Tensor, or an array."""
    (out,) = out if type(out) is tuple and len(out) == 1 else (out,)
    if type(out) is Tensor:
        target = out.name or "t"
        return TypeError(
            f"{name} with out={label(out)}, shape {out.shape}, would write into a value that graphs may hold; use the "
            f"result that is returned, {target} = {name}(…), or assign it to {target}.data"
        )
    return TypeError(
        f"{name}({described(inputs)}) with out= (or an in-place operator on an array, a += t) would put a Tensor's "
        "value into an array and lose its graph; use the result that is returned, a = a + t, or the bare value, "
        "a += t.data"
    )


HOMES = {
    "numpy.linalg": "np.linalg",
    "numpy.fft": "np.fft",
    "numpy.lib.stride_tricks": "np.lib.stride_tricks",
    "numpy.lib.scimath": "np.emath",
    "numpy.lib._scimath_impl": "np.emath",
}
"""How users write the modules of functions that are not in np itself."""


def name_of(function: Callable[..., Any]) -> str:
    """How users write a function of NumPy's: np.linalg.svd."""
    home = (getattr(function, "__module__", None) or "numpy").removesuffix("._linalg")
    return f"{HOMES.get(home, 'np')}.{function.__name__}"


def no_rule(name: str, inputs: Iterable[Any], reason: str | None = None) -> TypeError:
    """The error for an operation that the table lacks."""
    said = f"has no derivative here: {reason}" if reason else "has no derivative here"
    return TypeError(f"{name}({described(inputs)}) {said}. {_WAY_OUT}")
