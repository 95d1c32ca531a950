"""A primitive: one row of the table. A forward function, one derivative rule per input, a notation, all in plain NumPy.

What a rule runs on decides what it gives: on arrays the gradient, on Tensors a recorded graph of the gradient.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MethodType
from typing import Any

import numpy as np
from numpy import ndarray

from ..anomalies import watched
from ..modes import EVERYTHING, GRADIENTS, Watched, recording
from ..tensor import Tensor, described, needs_gradient, recorded
from .notation import Chosen, Notation

Rule = Callable[..., Any]
by_numpy_function: dict[Callable[..., Any], Callable[..., Any]] = {}
"""What answers when NumPy's own function is called with a Tensor: a primitive, or a function that calls one."""


class Primitive:
    """An operation that is recorded, made by `primitive`. Call it on Tensors, arrays and numbers alike."""

    def __init__(self, name, forward, rules, joint, notation, samples, hint, numpy_function, identities=None):
        self.__name__ = name
        self.__doc__ = (inspect.isfunction(forward) and inspect.getdoc(forward)) or _summary(numpy_function, name)
        self.forward = forward
        self.rules = rules
        self.joint = joint
        self.notation = notation
        self.samples = samples
        self.hint = hint
        self.numpy_function = numpy_function
        self.identities = identities
        self.arity = 1 if joint else len(rules)
        self._exactly = -1 if joint else len(rules)
        self.differentiable = joint is not None or any(rules)
        self.throughout = joint is not None or all(rules)
        self._parameters: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return f"<primitive {self.__name__}>"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __copy__(self) -> Primitive:
        return self  # one of a kind: rows of the table are found and compared by identity

    def __deepcopy__(self, memo: Any) -> Primitive:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if _in_the_table(self):
            return _row, (self.__name__,)
        module = sys.modules.get(self.__module__)
        for name, value in list(vars(module).items()) if module is not None else ():
            if value is self:
                return _variable, (self.__module__, name)
        raise TypeError(
            f"the primitive {self.__name__} cannot be pickled: it is found again by the variable of the module "
            f"{self.__module__} that holds it, and there is none. Define it at the top level of a module"
        )

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Run forward on the data of the inputs and record the result. Without a Tensor among them: plain data."""
        if len(inputs) != self._exactly:
            inputs, options = self._sorted(inputs, options)
        values = []
        tensors = needs = False
        for x in inputs:
            if type(x) is Tensor:
                tensors = True
                if x._requires_grad:
                    needs = True
                values.append(x._value)
            elif type(x) is list or type(x) is tuple:
                arrays = [np.array(i) if isinstance(i, (list, tuple)) else i for i in inputs]
                return self(*arrays, **options) if self.joint is None else self(arrays, **options)
            else:
                values.append(x)
        try:
            if self.joint is not None:
                data = self.forward(values, **options)
            else:  # without ** 0.1 µs faster, and options are seldom there
                data = self.forward(*values, **options) if options else self.forward(*values)
        except (ValueError, TypeError, IndexError) as error:
            raise explained(self, inputs, options, error) from error
        if not tensors:
            return data
        # `result` for what is most frequent, without its 0.2 µs.
        if (
            needs
            and self.throughout
            and type(data) is ndarray
            and data.dtype.kind == "f"
            and recording.get() is GRADIENTS
        ):
            return recorded(data, True, self, inputs, options or None)
        return self.result(data, needs, inputs, options or None)

    def result(self, data: Any, needs: bool, inputs: tuple[Any, ...], options: dict[str, Any] | None) -> Tensor:
        """`data` as a Tensor: recorded where a gradient flows (or where everything is recorded), else bare.

        TypeError if one should flow through a dtype that is not real floating.
        """
        mode = recording.get()
        if type(mode) is Watched:
            return watched(self, data, needs, inputs, options)
        # A condition such as x > 0 is recorded too, so that a derivation can show it; no gradient flows through it.
        keep = mode == EVERYTHING or (mode and not self.differentiable and (needs or any(map(_is_result, inputs))))
        if needs and not self.throughout:
            needs = any(needs_gradient(x) for x, rule in zip(inputs, self.rules, strict=True) if rule is not None)
        needs = bool(needs and mode)
        if not needs and not keep:
            return Tensor(data)
        if type(data) is not np.ndarray and not isinstance(data, np.generic):
            data = Tensor(data)._value
        if needs and data.dtype.kind != "f":
            raise TypeError(
                f"{self.__name__}({described(inputs)}) gives dtype {data.dtype}, through which no gradient flows: "
                "only real floating dtypes have one here. Call .detach() on the inputs if none is wanted"
            )
        return recorded(data, needs, self, inputs, options)

    def _sorted(self, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """A call with inputs by keyword or options by position, as inputs and options."""
        if self._parameters is None:
            self._parameters = _parameter_names(self.numpy_function) or _parameter_names(self.forward)
        names, arity = self._parameters, self.arity
        if self.joint is None and not options and arity <= len(args) <= len(names):
            return args[:arity], dict(zip(names[arity:], args[arity:], strict=False))  # the most frequent, made fast
        given = dict(options)
        if len(args) > len(names):
            known = f"{len(names)} arguments ({', '.join(names)})" if names else f"{arity} inputs"
            raise TypeError(f"{self.__name__}() takes {known}, got {len(args)}")
        for name, value in zip(names, args, strict=False):
            if name in given:
                raise TypeError(f"{self.__name__}() got two values for {name!r}")
            given[name] = value
        missing = [name for name in names[: self.arity] if name not in given]
        if missing:
            raise TypeError(f"{self.__name__}() needs {self.arity} inputs; missing: {', '.join(missing)}")
        inputs = tuple(given.pop(name) for name in names[: self.arity])
        return (tuple(inputs[0]) if self.joint else inputs), given


def primitive(
    forward: Callable[..., Any],
    *rules: Rule | tuple[Rule | None, ...] | None,
    joint: Callable[..., Iterable[Any]] | None = None,
    name: str | None = None,
    numpy: Callable[..., Any] | None = None,
    notation: Notation | Chosen | None = None,
    samples: Callable[[np.random.Generator], Iterable[tuple[Any, ...]]] | None = None,
    hint: str = "",
    identities: Mapping[Callable[..., Any], Primitive] | None = None,
) -> Primitive:
    """Define a primitive of your own, by the call that defines every primitive here.

    Called on Tensors, it records; called on arrays, it gives arrays: of whatever shape and dtype `forward` gives. A
    gradient has its input's dtype, a real floating one.

    Parameters
    ----------
    forward : callable
        `forward(*inputs, **options)` in NumPy functions and operators, without branching on values. A NumPy function
        given here is also answered for: `np.<name>(tensor)` then arrives at this primitive.
    *rules : callable or None
        One for each input, in order: `rule(g, y, *inputs, **options)` is the gradient that arrives, `g`, carried over
        to that input; `y` is the output. The result may have any shape that broadcasts to the input's, or that the
        input broadcasts to: the engine sums or spreads it. None where no derivative passes. If forward returns a tuple
        of arrays, the rule for an input is a tuple of rules, one for each result, called with the gradient `g` that
        arrives at that result, and `y` the tuple of all; what they give adds up.
    joint : callable, optional
        In place of the rules, for an operation on one sequence of inputs: `joint(g, y, *inputs, **options)` returns a
        gradient for each.
    name : str, optional
        Printed in errors, derivations and pictures; the forward function's own name by default.
    numpy : callable, optional
        The NumPy function to answer for, where it is not `forward` itself.
    notation : Notation, optional
        How it is written in text, LaTeX and source; `name(…)` by default.
    samples : callable, optional
        `samples(rng)` yields tuples of inputs (a dict at the end holds options) on which tests run the rules.
    hint : str
        The way out that an error message adds.
    identities : dict, optional
        What functions of the result are by a simpler name: `{np.exp: softmax}` says of the logarithm of the softmax
        that np.exp of it is the primitive softmax, of the same inputs and options; gradients are written so.

    Raises
    ------
    TypeError
        Forward or a rule is not callable, or there is no rule.
    ValueError
        A primitive of this library answers for the NumPy function already. (One of your own is replaced.)

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> cube = ag.primitive(lambda x: x * x * x, lambda g, y, x: g * 3 * x * x, name="cube")
    >>> t = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> cube(t).sum().backward()
    >>> t.grad
    Tensor([ 3., 12.])
    """
    several = any(isinstance(rule, tuple) for rule in rules)
    flat = [one for rule in rules for one in (rule if isinstance(rule, tuple) else [rule])]
    if not callable(forward) or not all(rule is None or callable(rule) for rule in (*flat, joint)):
        raise TypeError("primitive(forward, *rules): forward is a function, and so is each rule (or None)")
    if bool(rules) == (joint is not None):
        raise TypeError(
            "primitive(forward, *rules) takes a rule for each input (None where no gradient passes), or joint="
        )
    name = name or getattr(numpy or forward, "__name__", "primitive")
    if numpy is None and any(getattr(home, name, None) is forward for home in (np, np.linalg)):
        numpy = forward
    from .results import SeveralResults  # it imports this file

    made = (SeveralResults if several else Primitive)(
        name, forward, rules, joint, notation, samples, hint, numpy, identities
    )
    made.__module__ = sys._getframe(1).f_globals.get("__name__", "__main__")  # whose variable it will be, for pickle
    if numpy is not None:
        before = by_numpy_function.get(numpy)
        if before is not None and (not isinstance(before, Primitive) or _in_the_table(before)):
            raise ValueError(f"np.{numpy.__name__} has a primitive already; give yours a function of its own")
        by_numpy_function[numpy] = made
    return made


def is_elementwise(function: Any) -> bool:
    """Whether it is a ufunc that makes each entry of a result from the entries in its place: without a signature, as
    matmul has one."""
    return isinstance(function, np.ufunc) and function.signature is None


def _row(name: str) -> Primitive:
    """A row of the table by its name, for pickle."""
    from . import rows

    for row in rows:
        if row.__name__ == name:
            return row
    raise ValueError(f"this version has no primitive {name!r}: the pickle is another version's")


def _variable(module: str, name: str) -> Primitive:
    """A primitive that is no row by the variable that holds it, for pickle."""
    found = getattr(import_module(module), name, None)
    if not isinstance(found, Primitive):
        raise ValueError(f"{module}.{name} is no primitive any more, as it was when it was pickled")
    return found


def _in_the_table(made: Primitive) -> bool:
    from . import rows  # complete only once all families, which import this file, are

    return made in rows


def _is_result(x: Any) -> bool:
    return type(x) is Tensor and x.primitive is not None


def explained(
    primitive: Primitive, inputs: Iterable[Any], options: dict[str, Any] | None, error: Exception
) -> Exception:
    """NumPy's error again, with the operation, the operands and the way out."""
    kinds = (np.exceptions.AxisError, np.linalg.LinAlgError, IndexError, ValueError, TypeError)
    kind = next(kind for kind in kinds if isinstance(error, kind))
    about_shapes = re.search("shape|broadcast|mismatch|dimension", str(error))
    hint = primitive.hint if kind in (ValueError, np.linalg.LinAlgError) and about_shapes else ""
    if kind is TypeError and any(getattr(getattr(x, "dtype", None), "kind", "f") not in "biufc" for x in inputs):
        hint = "The operands hold numbers; convert first, e.g. with np.asarray(x, dtype=float)"
    if kind is TypeError and any(x is None for x in inputs):
        hint = "A function without return gives None: return a value; .grad is None before backward: call that first"
    if options and "out" in options:
        hint = "out= would overwrite an array that graphs may hold; use the result that is returned"
    given = "".join(f", {name}={value!r}" for name, value in (options or {}).items() if name != "out")
    said = str(error).rstrip(" .")
    unknown = re.search("unexpected keyword argument '(.*)'", said)
    if kind is TypeError and unknown:
        known = _parameter_names(primitive.forward)[primitive.arity :]
        said = f"{unknown[1]}= is no option here; " + (f"there are {', '.join(known)}" if known else "there are none")
    return kind(f"{primitive.__name__}({described(inputs)}{given}): {said}" + (f". {hint}" if hint else ""))


def _summary(function: Callable[..., Any] | None, name: str) -> str:
    """The first sentence of what NumPy says about its function; a ufunc's text begins with its call."""
    if function is None:
        return f"The primitive {name}."
    # Of the first paragraphs only: taking apart whole docstrings took a third of `import autograd`.
    paragraphs = [" ".join(p.split()) for p in (function.__doc__ or "").split("\n\n", 4)[:4]]
    call = f"{function.__name__}("
    return next((p for p in paragraphs if p and not p.startswith(call)), f"The primitive behind np.{name}.")


def _parameter_names(function: Callable[..., Any] | None) -> tuple[str, ...]:
    if function is None or isinstance(function, np.ufunc):
        return ()
    try:
        return tuple(inspect.signature(function).parameters)
    except ValueError:  # NumPy's functions written in C
        return ()
