"""Tensor: a value that remembers how it was made.

A Tensor is also the node of the recorded graph: `primitive`, `inputs` and `options` say which operation made it from
what, `order` when. Operators and array methods are attached in operators.py, from the table of primitives, Python's
protocols in protocols.py; attached.py declares them for readers and type checkers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

if TYPE_CHECKING:
    from .attached import Attached
else:
    Attached = object

next_order = count(1).__next__
"""The one clock of all graphs: an operation's inputs are always older than its result, whichever thread made them."""

last_change = [0]
"""When any Tensor's data was last assigned to: what was recorded after that needs no check. (A list, to be shared.)"""

_NUMBER_KINDS = "biufc"


class SwitchedOn(int):
    """The time of a change that was not one of data: `requires_grad` was switched on."""


class Outdated(int):
    """The time at which a result was copied that no longer was what its operation gives for its inputs."""


class Extra:
    """What few Tensors have beside a name: hooks on the gradient, whether it is retained, what detect_anomaly noted,
    what it was detached from.

    It lies where the name alone would: a place of its own would cost each of a million nodes 16 bytes and 0.01 µs.
    """

    __slots__ = ("copy", "hooks", "name", "noted", "retains", "source")

    def __init__(self, name: str | None) -> None:
        self.name = name
        self.hooks: dict[Any, Any] = {}
        self.retains = False
        self.noted: Any = None
        self.copy: Any = None
        self.source: Any = None


class Tensor(Attached):
    """A scalar or array that records the operations it goes through.

    Parameters
    ----------
    data : array_like
        An ndarray or NumPy scalar is kept as it is, memory shared; so is another library's array that speaks NumPy's
        protocols. Numbers and nested sequences become what `np.array` makes of them.
    requires_grad : bool
        Whether `backward` computes the gradient of this Tensor. The dtype must then be a real floating one.
    name : str, optional
        What pictures, derivations and errors call it. Trailing digits are shown as a subscript.

    Raises
    ------
    TypeError
        `data` holds no numbers, or is a Tensor itself; `name` is no string; a gradient is asked of integers, booleans
        or complex numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> loss = np.sum(w ** 2)
    >>> loss.backward()
    >>> w.grad
    Tensor([2., 4.])
    """

    # `_value` is what others would call `_data`; np.ma reads an attribute of that name from whatever it is given.
    __slots__ = (
        "__weakref__",
        "_changed",
        "_first",
        "_grad",
        "_name",
        "_requires_grad",
        "_second",
        "_value",
        "order",
        "primitive",
    )

    def __init__(self, data: Any, requires_grad: bool = False, name: str | None = None):
        plain = type(data) is np.ndarray and data.dtype.kind in _NUMBER_KINDS  # 0.1 µs less for what is most frequent
        self._value = data if plain else _numbers(data, name)
        self._changed = self.order = 0
        self._grad = self._name = self.primitive = self._second = None
        self._first: Any = ()
        self._requires_grad = False
        if name is not None:
            self.name = name
        if requires_grad:
            if self._value.dtype.kind != "f":
                raise TypeError(_no_gradient(self, self._value.dtype))
            self._requires_grad = True

    def __init_subclass__(cls, **kwargs: Any):
        raise TypeError("Tensor cannot be subclassed: hold a Tensor in an attribute of your own class instead")

    # The node. A call's inputs and options are in _first and _second; a binary operator's two inputs lie there bare,
    # without a tuple: of a million nodes, that saves 0.25 µs (the garbage collector's) and 56 bytes each.

    @property
    def inputs(self) -> tuple[Any, ...]:
        """What the operation was called with, Tensors and others, in order; nothing for a leaf."""
        return self._first if type(self._first) is tuple else (self._first, self._second)

    @property
    def options(self) -> dict[str, Any] | None:
        """The operation's keyword arguments, if there were any."""
        return self._second if type(self._first) is tuple else None

    # The value ------------------------------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        """The value: ndarray, NumPy scalar or another library's array.

        Assigning to it, also by `t.data -= …`, is noted: a graph that used the old value refuses to run backward. What
        is written to single entries of an ndarray (`t.data[0] = …`, or to the array a Tensor was made of) is noticed
        under detect_anomaly() only.
        """
        return self._value

    @data.setter
    def data(self, value: Any) -> None:
        if value is not self._value:  # t.data -= … writes into the array and assigns it to itself
            if type(value) is Tensor:
                raise TypeError(
                    f"{label(self)}.data takes an array; write .data on the right side, too: {label(value)}"
                )
            value = _numbers(value)
            if value.shape != self._value.shape:
                raise ValueError(
                    f"{label(self)} has shape {self.shape}; its data cannot take shape {value.shape}: bring it to that "
                    "shape, or make a new Tensor of it"
                )
            if value.dtype != self._value.dtype:
                raise TypeError(
                    f"{label(self)} has dtype {self.dtype}; its data cannot become {value.dtype}: write "
                    f"value.astype({str(self.dtype)!r})"
                )
        self._value = value
        self._changed = now = next_order()
        # Another thread's later change may have come between: this never runs back. (A lock would cost 0.05 µs.)
        if now > last_change[0]:
            last_change[0] = now

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to this Tensor. Can be switched on a leaf, not on the result of an operation.

        Switching it on is noted: a graph that used the Tensor before, and would miss that use, refuses to run backward.
        """
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if self.primitive is not None and bool(flag) != self._requires_grad:
            raise TypeError(
                f"requires_grad of {origin(self)} follows from its inputs; use .detach() for one without graph"
            )
        if flag and self._value.dtype.kind != "f":
            raise TypeError(_no_gradient(self, self._value.dtype))
        if flag and not self._requires_grad:
            self._changed = now = SwitchedOn(next_order())
            if now > last_change[0]:
                last_change[0] = now
        self._requires_grad = bool(flag)

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward` left here, a Tensor of this one's shape and dtype; None before that."""
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        fits = type(value) is Tensor and value.shape == self.shape and value.dtype == self.dtype
        if value is not None and not fits:
            raise TypeError(
                f"the gradient of {label(self)} is a {self.dtype} Tensor of shape {self.shape}, or None, not a "
                f"{type(value).__name__} {described((value,))}; write t.grad = Tensor(array), or t.zero_grad()"
            )
        self._grad = value

    @property
    def name(self) -> str | None:
        """What pictures, derivations and errors call this Tensor."""
        name = self._name
        return name.name if type(name) is Extra else name

    @name.setter
    def name(self, name: str | None) -> None:
        if type(name) is not str and name is not None and not isinstance(name, str):
            raise TypeError(
                f"a Tensor's name is a string, not {type(name).__name__}: write name=str(…) instead of {name!r}"
            )
        if type(self._name) is Extra:
            self._name.name = name
        else:
            self._name = name

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes; () for a scalar."""
        return self._value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the value, and of the gradient."""
        return self._value.dtype

    @property
    def ndim(self) -> int:
        """The number of axes; 0 for a scalar."""
        return self._value.ndim

    @property
    def size(self) -> int:
        """The number of entries; 1 for a scalar."""
        return self._value.size

    def detach(self) -> Tensor:
        """A copy of the value in a new Tensor without graph or gradient: what becomes of one does not touch the other.

        (Were memory shared, a graph that used the one could not know that the other was changed.)

        >>> Tensor(3.0, requires_grad=True).detach()
        Tensor(3.)
        """
        made = bare(self._value if isinstance(self._value, np.generic) else self._value.copy())
        extra(made).source = ref(self)  # for who explains the graph; it keeps nothing alive
        return made

    def item(self) -> float:
        """The value of a one-element Tensor as a Python number. ValueError if there are more elements.

        >>> Tensor([[0.5]]).item()
        0.5
        """
        if self.size != 1:
            raise ValueError(f"item(): {label(self)} has shape {self.shape}, {self.size} elements; item() needs one")
        return self._value.item()

    def numpy(self) -> np.ndarray:
        """The value as an ndarray, outside of any graph; memory is shared where the data is an ndarray.

        >>> Tensor([1.0, 2.0], requires_grad=True).numpy()
        array([1., 2.])
        """
        return np.asarray(self._value)

    def zero_grad(self) -> None:
        """Forget the gradient: `grad` is None again.

        >>> w = Tensor(3.0, requires_grad=True)
        >>> (w * w).backward()
        >>> w.zero_grad()
        >>> print(w.grad)
        None
        """
        self._grad = None

    __hash__ = object.__hash__  # equality is attached, entry by entry; a Tensor is a key by what it is


def recorded(data: Any, requires_grad: bool, primitive: Any, inputs: Sequence[Any], options: Any, _new=Tensor.__new__):
    """The result of an operation as a Tensor and node. It skips __init__, which costs as much as a scalar node."""
    tensor = _new(Tensor)
    tensor._value = data
    tensor._requires_grad = requires_grad
    tensor.primitive = primitive
    tensor._first = inputs
    tensor._second = options
    tensor.order = next_order()
    tensor._changed = 0
    tensor._grad = tensor._name = None
    return tensor


def bare(data: Any, _new=Tensor.__new__) -> Tensor:
    """A Tensor without graph or gradient, of data that is known to be numbers."""
    tensor = _new(Tensor)
    tensor._value = data
    tensor._requires_grad = False
    tensor._first = ()
    tensor.order = tensor._changed = 0
    tensor._grad = tensor._name = tensor.primitive = tensor._second = None
    return tensor


def extra(tensor: Tensor) -> Extra:
    """What is kept beside a Tensor's own, made on first use."""
    if type(tensor._name) is not Extra:
        tensor._name = Extra(tensor._name)
    return tensor._name


def extra_of(tensor: Tensor) -> Extra | None:
    """What is kept beside a Tensor's own, if there is anything."""
    return tensor._name if type(tensor._name) is Extra else None


def needs_gradient(x: Any) -> bool:
    """Whether `x` is a Tensor that gradients flow to."""
    return type(x) is Tensor and x._requires_grad


def label(tensor: Any) -> str:
    """How an error message names an operand, or what was given in the place of one."""
    if tensor is None:
        return "None"
    if type(tensor) is not Tensor:
        name = type(tensor).__name__
        return f"an {name}" if name.startswith((*"aeioAEIO", "nd")) else f"a {name}"
    if tensor.name is not None:
        return f"Tensor {tensor.name!r}"
    return "an unnamed Tensor" if tensor.primitive is None else f"the result of {tensor.primitive.__name__}"


def origin(result: Tensor) -> str:
    """How an error message names the result of an operation: with the operation, also where it has a name."""
    return label(result) if result.name is None else f"{label(result)}, the result of {result.primitive.__name__},"


def described(operands: Iterable[Any]) -> str:
    """How an error message lists operands: names, dtypes, shapes."""
    return ", ".join(_described(x) for x in operands)


def _described(x: Any) -> str:
    if isinstance(x, type) or not (hasattr(x, "dtype") and hasattr(x, "shape")):
        text = repr(x)
        return text if len(text) < 40 else type(x).__name__
    name = f"{x.name!r} " if type(x) is Tensor and x.name is not None else ""
    return f"{name}{x.dtype} {x.shape}"


def _numbers(data: Any, name: str | None = None) -> Any:
    """`data` as an array or NumPy scalar of numbers; kept as it is where it already is one."""
    if type(data) is not np.ndarray and not isinstance(data, np.generic):
        if type(data) is Tensor:
            raise TypeError(f"{label(data)} is a Tensor already; use .detach() for one of the same value without graph")
        if isinstance(data, (np.matrix, np.ma.MaskedArray)):
            raise TypeError(f"{type(data).__name__} has rules of its own for * or gaps; pass np.asarray(data) instead")
        if not (hasattr(data, "__array_ufunc__") and hasattr(data, "dtype")):
            try:
                array = np.array(data)
            except ValueError as error:
                raise TypeError(f"no array can be made of this {type(data).__name__}: {error}") from error
            data = array if array.dtype == object else array[()]
    if data.dtype.kind not in _NUMBER_KINDS:
        raise TypeError(
            f"a Tensor holds numbers, not dtype {data.dtype}, shape {data.shape}"
            + (f", for {name!r}" if name is not None else "")
            + "; convert first, e.g. "
            "np.array(data, dtype=float)"
        )
    return data


def _no_gradient(tensor: Tensor, dtype: Any) -> str:
    parts = "; of complex numbers take .real and .imag apart" if dtype.kind == "c" else ""
    return (
        f"{label(tensor)} of dtype {dtype}, shape {tensor.shape}, cannot require a gradient: only real floating dtypes "
        f"have derivatives. Write 1.0 instead of 1, or convert with np.asarray(data, dtype=float){parts}"
    )
