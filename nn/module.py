"""Module: a part of a network. It holds parameters and other Modules in plain attributes, and finds them there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any, Self

import numpy as np

from autograd import Tensor
from autograd.tensor import label, next_order

_CALLS_KEPT = 256


class Module:
    """A part of a network: assign Tensors and Modules to attributes, define `forward`, call it.

    A Tensor that requires gradients and is not the result of an operation is a parameter. Parameters and Modules are
    found in attributes, and in lists, tuples and dicts there. Each is listed once, under the first of its dotted names,
    in the order of assignment. A parameter without a name gets its dotted name when it is first listed or the Module is
    first called.

    Examples
    --------
    >>> import nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         self.factor = Tensor(2.0, requires_grad=True)
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> scale = Scale()
    >>> scale(np.array([1.0, 3.0]))
    Tensor([2., 6.], requires_grad=True)
    >>> scale
    Scale(
      (factor): ()
    )  # 1 parameter
    """

    training: bool = True
    _calls: deque[tuple[int, int]] | None = None
    """When it was last called, by the clock of all graphs: pictures find by this which values were computed inside."""

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """What the Module computes. Each kind of Module defines its own."""
        raise NotImplementedError(
            f"{type(self).__name__} defines no forward(self, x): write one that returns the result"
        )

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        calls = self._calls
        if calls is None:
            self.named_parameters()
            calls = self._calls = deque(maxlen=_CALLS_KEPT)
        start = next_order()  # with what becomes of it below, 0.2 µs
        # An empty dict handed on costs as much as the rest of this call: 0.08 µs.
        result = self.forward(*inputs, **options) if options else self.forward(*inputs)
        calls.append((start, next_order()))
        return result

    def __scopes__(self) -> Iterator[tuple[str, str, tuple[tuple[int, int], ...]]]:
        """For pictures: each Module's dotted name, kind and last calls; see autograd.drawing.scopes."""
        yield "", type(self).__name__, tuple(self._calls or ())
        for name, part in _parts(self, "", set()):
            if isinstance(part, Module):
                yield name, type(part).__name__, tuple(part._calls or ())

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_calls"}  # another clock, another time

    def named_parameters(self) -> list[tuple[str, Tensor]]:
        """The parameters of this Module and those inside it, with their dotted names, e.g. "layers.0.weight".

        Raises ValueError if two different parameters have the same dotted name (dict keys 1 and "1").

        >>> import nn
        >>> [name for name, _ in nn.Sequential(nn.Linear(3, 4), nn.ReLU()).named_parameters()]
        ['layers.0.weight', 'layers.0.bias']
        """
        found: dict[str, Tensor] = {}
        for name, part in _parts(self, "", set()):
            if type(part) is Tensor:
                if name in found:
                    raise ValueError(f"two parameters of {type(self).__name__} are called {name!r}; rename one of them")
                found[name] = part
                if part.name is None:
                    part.name = name
        return list(found.items())

    def parameters(self) -> list[Tensor]:
        """The parameters of this Module and those inside it, in the order of `named_parameters`.

        >>> import nn
        >>> [p.shape for p in nn.MLP(3, 4, 2).parameters()]
        [(3, 4), (4,), (4, 2), (2,)]
        """
        return [parameter for _, parameter in self.named_parameters()]

    def modules(self) -> list[Module]:
        """This Module and those inside it, each once, the outer before the inner.

        >>> import nn
        >>> [type(module).__name__ for module in nn.Sequential(nn.Linear(3, 4), nn.Tanh()).modules()]
        ['Sequential', 'Linear', 'Tanh']
        """
        return [self, *(part for _, part in _parts(self, "", set()) if isinstance(part, Module))]

    def state_dict(self) -> dict[str, np.ndarray]:
        """Copies of the values of all parameters, by dotted name.

        >>> import nn
        >>> nn.Linear(2, 1, init=nn.init.zeros).state_dict()["weight"]
        array([[0.],
               [0.]])
        """
        return {name: parameter.numpy().copy() for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set every parameter to a copy of the value under its dotted name, or, after any error, none of them.

        Parameters
        ----------
        state : mapping from dotted names to arrays
            Exactly the names of `named_parameters`, each array of its parameter's shape and dtype.

        Raises
        ------
        ValueError
            Names are missing or unexpected, or a shape or dtype differs; the message lists them all.
        TypeError
            It is no mapping.

        Examples
        --------
        >>> import nn
        >>> layer = nn.Linear(1, 1)
        >>> layer.load_state_dict({"weight": [[2.0]], "bias": [0.5]})
        >>> layer([[3.0]]).item()
        6.5
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict takes what state_dict() returns, not {type(state).__name__}")
        parameters = dict(self.named_parameters())
        arrays = {name: value.numpy() if type(value) is Tensor else np.asarray(value) for name, value in state.items()}
        wrong = list(_misfits(parameters, arrays))
        for name in parameters.keys() & arrays.keys():
            given, own = arrays[name], parameters[name]
            if given.shape == own.shape and given.dtype != own.dtype:
                wrong.append(f"{name!r} is {given.dtype}, the parameter {own.dtype} (convert with .astype)")
        if wrong:
            raise ValueError(
                f"load_state_dict of {type(self).__name__}, nothing was loaded: " + "; ".join(sorted(wrong)) + ". Use "
                "a model of the same layers and sizes"
            )
        for name, parameter in parameters.items():
            value = arrays[name].copy()
            parameter.data = value[()] if isinstance(parameter.data, np.generic) else value

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and in all Modules inside; returns this Module.

        >>> import nn
        >>> nn.Linear(1, 1).train(False).training
        False
        """
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """The opposite of `train`.

        >>> import nn
        >>> nn.Linear(1, 1).eval().training
        False
        """
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters.

        >>> import nn
        >>> layer = nn.Linear(1, 1)
        >>> layer([[1.0]]).sum().backward()
        >>> layer.zero_grad()
        >>> print(layer.weight.grad)
        None
        """
        for parameter in self.parameters():
            parameter.zero_grad()

    def extra_repr(self) -> str:
        """What stands in the brackets of the repr; if it is empty, the Module's own parameters are listed."""
        return ""

    def __repr__(self) -> str:
        number = sum(parameter.size for parameter in self.parameters())
        return f"{_tree(self, ())}  # {number:,} parameter{'' if number == 1 else 's'}"


def functional_call(module: Module, parameters: Mapping[str, Any], *inputs: Any, **options: Any) -> Any:
    """`module(*inputs, **options)` as a function of its parameters too: these stand in their places for this one call.

    So a Module can be differentiated, and compiled, as a function: `ag.value_and_grad` and `ag.compile` hand on what
    they are given. The Module itself stays as it is; what its `forward` assigns to attributes is forgotten.

    Parameters
    ----------
    module : Module
    parameters : mapping from dotted names to Tensors or arrays
        Exactly the names of `named_parameters`, each of its parameter's shape, of a real floating dtype: for example
        what `state_dict` returns.
    *inputs, **options
        What the Module is called with.

    Raises
    ------
    ValueError
        Names are missing or unexpected, or a shape differs.
    TypeError
        `parameters` is no mapping, or holds something else than real floating numbers.

    Examples
    --------
    >>> import autograd as ag
    >>> import nn
    >>> net = nn.MLP(1, 1, init=nn.init.zeros)
    >>> def loss(parameters, x):
    ...     return nn.functional_call(net, parameters, x).sum()
    >>> ag.grad(loss)(net.state_dict(), np.array([[2.0]]))
    {'W1': array([[0.5]]), 'b1': array([0.25])}
    """
    if not isinstance(parameters, Mapping):
        raise TypeError(f"functional_call takes parameters as state_dict() returns them, not {label(parameters)}")
    own = dict(module.named_parameters())
    given = {name: x if type(x) is Tensor else Tensor(x) for name, x in parameters.items()}
    wrong = list(_misfits(own, given))
    if wrong:
        raise ValueError(f"functional_call of {type(module).__name__}: {'; '.join(wrong)}")
    for name, x in given.items():
        if x.dtype.kind != "f":
            raise TypeError(f"functional_call of {type(module).__name__}: {name!r} is {x.dtype}, not real floating")
    return _with({id(p): given[name] for name, p in own.items()}, module)(*inputs, **options)


def _misfits(own: Mapping[str, Tensor], given: Mapping[str, Any]) -> Iterator[str]:
    """Which names are missing or unexpected among the `given` values of parameters, and which shapes differ."""
    yield from (f"missing: {name!r} {p.shape}" for name, p in own.items() if name not in given)
    yield from (f"unexpected: {name!r}" for name in given if name not in own)
    for name, p in own.items():
        if name in given and given[name].shape != p.shape:
            yield f"{name!r} has shape {given[name].shape}, the parameter {p.shape}"


def _with(instead: dict[int, Any], value: Any) -> Any:
    """The Module or container with what is `instead` of an object, by its id, in its place, also deep inside."""
    if id(value) in instead:
        return instead[id(value)]
    if isinstance(value, tuple):
        members = [_with(instead, member) for member in value]
        return type(value)(*members) if hasattr(value, "_fields") else type(value)(members)
    if isinstance(value, Mapping) and not isinstance(value, dict):
        return type(value)({key: _with(instead, member) for key, member in value.items()})  # type: ignore[call-arg]
    if not isinstance(value, (Module, list, dict)):
        return value
    made = instead[id(value)] = copy(value)  # before its parts, of which one may be itself
    if isinstance(value, Module):  # its copy forgets when it was called, which pictures want to know
        vars(made).update({name: _with(instead, member) for name, member in vars(value).items()})
    else:
        for place, member in list(enumerate(value) if isinstance(value, list) else value.items()):
            made[place] = _with(instead, member)
    return made


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """What a Module holds in its attributes, a container in its places: names and values."""
    if isinstance(value, Module):
        yield from vars(value).items()
    elif isinstance(value, Mapping):
        yield from ((str(key), member) for key, member in value.items())
    elif isinstance(value, (list, tuple)):
        yield from ((str(place), member) for place, member in enumerate(value))


def _is_parameter(value: Any) -> bool:
    return type(value) is Tensor and value.requires_grad and value.primitive is None


def _parts(value: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Module | Tensor]]:
    """The parameters and Modules below `value` with their dotted names, depth first, each once."""
    seen.add(id(value))
    for name, member in _members(value):
        if id(member) in seen:
            continue
        if _is_parameter(member):
            seen.add(id(member))
            yield path + name, member
        elif isinstance(member, (Module, Mapping, list, tuple)):
            if isinstance(member, Module):
                yield path + name, member
            yield from _parts(member, f"{path}{name}.", seen)


def _tree(module: Module, around: tuple[Module, ...]) -> str:
    """The repr without the count. A Module that is inside itself is shown as …."""
    kind = type(module).__name__
    if any(module is outer for outer in around):
        return f"{kind}(…)"
    extra = module.extra_repr()
    lines = [f"({name}): {shown}" for name, shown in _lines(module, "", (*around, module), not extra, set())]
    if not lines:
        return f"{kind}({extra})"
    body = "\n".join(lines).replace("\n", "\n  ")
    return f"{kind}({extra}\n  {body}\n)"


def _lines(
    value: Any, path: str, around: tuple[Module, ...], parameters: bool, seen: set[int]
) -> Iterator[tuple[str, str]]:
    """A line for each Module, and if wanted each parameter, in the attributes of one Module."""
    seen.add(id(value))
    for name, member in _members(value):
        if isinstance(member, Module):
            yield path + name, _tree(member, around)
        elif parameters and _is_parameter(member):
            yield path + name, str(member.shape)
        elif isinstance(member, (Mapping, list, tuple)) and id(member) not in seen:
            yield from _lines(member, f"{path}{name}.", around, parameters, seen)
