"""What detect_anomaly looks at: values and gradients that are not finite, arrays written to, and the user's lines."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

import numpy as np

from .graph import check_unchanged
from .modes import recording
from .several import Arriving, Several
from .tensor import Tensor, extra, extra_of, label

_LIBRARIES = ("autograd", "nn", "numpy")
"""Whose lines are not the user's."""

_OUTPUT = -1


class Noted:
    """What is kept of an operation that ran: the user's line, and copies of the arrays that it used and made.

    (A copy takes less time than a product of two arrays, and so does comparing with it. A checksum would spare the
    memory; the fastest in the standard library takes eight times as long, and cannot say which entry was written to.)
    """

    __slots__ = ("copies", "line")

    def __init__(self, line: tuple[str, int] | None, copies: dict[int | str, np.ndarray]):
        self.line = line
        self.copies = copies
        """By the number of the input or the name of the option; the output by -1."""


# Forward --------------------------------------------------------------------------------------------------------------


def watched(primitive: Any, data: Any, needs: bool, inputs: tuple[Any, ...], options: dict[str, Any] | None) -> Any:
    """What `primitive.result` gives, under detect_anomaly: checked first, and noted for the backward pass.

    FloatingPointError if `data` has a NaN, or an infinity that no input has.
    """
    _check_made(primitive, data, inputs, options)
    token = recording.set(int(recording.get()))
    try:
        made = primitive.result(data, needs, inputs, options)
    finally:
        recording.reset(token)
    if type(made) is Tensor and made.primitive is not None:
        extra(made).noted = Noted(_line(_user_frame()), dict(_copies(made)))
    return made


def _check_made(primitive: Any, data: Any, inputs: tuple[Any, ...], options: dict[str, Any] | None) -> None:
    flaw = _flaw(data)
    if flaw is None:
        return
    operands = [x._value if type(x) is Tensor else x for x in _operands(inputs, options)]
    flaws = [_flaw(x) for x in operands]
    if flaw in flaws and flaw != "a NaN":
        return  # an infinity that is handed on, as those of a mask
    frame, node = _user_frame(), _node_of_sweep()
    call = f"{primitive.__name__}({_listed(inputs, frame)})"
    lines = [_at("in", _line(frame))]
    if node is not None:
        lines = [f"in the rule of {_call(node, frame)}", _recorded(node), _at("backward in", _line(frame))]
    if flaw in flaws:
        culprit = list(_operands(inputs, options))[flaws.index(flaw)]
        raise FloatingPointError(
            _lines(
                f"{call} was given a NaN",
                *lines,
                f"It came in with {_described(culprit, frame)}; no operation made it",
                "Mend the data, or take it out before by np.nan_to_num or np.where",
            )
        )
    raise FloatingPointError(
        _lines(
            f"{call} made {flaw}",
            *lines,
            _entry(data, inputs, frame),
            "Keep its inputs where it is finite, e.g. by np.maximum or np.where before it; compute what is meant to be "
            "so outside of detect_anomaly()",
        )
    )


def _copies(made: Tensor) -> Iterator[tuple[int | str, np.ndarray]]:
    for number, x in enumerate(made.inputs):
        if type(x) is Tensor and type(x._value) is np.ndarray:
            yield number, _copy_of(x)
        elif type(x) is np.ndarray:
            yield number, x.copy()
    for name, value in (made.options or {}).items():
        if type(value) is np.ndarray:
            yield name, value.copy()
    if type(made._value) is np.ndarray:
        yield _OUTPUT, _copy_of(made)


def _copy_of(x: Tensor) -> np.ndarray:
    """A copy of the value: the one made before where that is still good. That of a result is made once and for all."""
    kept = extra(x)
    if kept.copy is None or (x.primitive is None and not _same(kept.copy, x._value)):
        kept.copy = x._value.copy()
    return kept.copy


# Backward -------------------------------------------------------------------------------------------------------------


class Checked(dict[Tensor, Any]):
    """The gradients of a sweep, checked as they come: in place of its dict, so that a sweep unwatched pays nothing."""

    __slots__ = ("node",)

    def __init__(self, gradients: dict[Tensor, Any]):
        super().__init__(gradients)
        self.node: Tensor | None = None
        for root, gradient in gradients.items():
            if flaw := _flaw(gradient):
                raise FloatingPointError(f"the gradient that is given at {_described(root, _user_frame())} has {flaw}")

    def pop(self, node: Tensor) -> Any:  # type: ignore[override]
        """The gradient of the Tensor whose turn it is, its operation's arrays being as they were."""
        self.node = node
        check_unchanged(node)
        _check_unwritten(node)
        return super().pop(node)

    def __setitem__(self, x: Tensor, gradient: Any) -> None:
        flaw = _flaw(gradient)
        if flaw is not None and self.node is not None:
            frame, node = _user_frame(), self.node
            raise FloatingPointError(
                _lines(
                    f"the rule of {_call(node, frame)} made {flaw} in the gradient of {_described(x, frame)}",
                    _recorded(node),
                    _at("backward in", _line(frame)),
                    _entry(gradient, (x,), frame),
                    "Its value is finite there, its derivative is not: keep its inputs away, e.g. by np.maximum or "
                    "np.where before it",
                )
            )
        super().__setitem__(x, gradient)


def check_hook(called: str, x: Tensor, gradient: Any) -> None:
    """FloatingPointError if what a hook returned is not finite."""
    if flaw := _flaw(gradient):
        frame = _user_frame()
        raise FloatingPointError(
            _lines(
                f"the hook {called} on {_described(x, frame)} made {flaw}",
                _at("backward in", _line(frame)),
                _entry(gradient, (), frame),
            )
        )


def _check_unwritten(node: Tensor) -> None:
    kept = extra_of(node)
    if kept is None or kept.noted is None:
        return
    for key, before in kept.noted.copies.items():
        holder = node if key == _OUTPUT else node.options[key] if isinstance(key, str) else node.inputs[key]
        now = holder._value if type(holder) is Tensor else holder
        if not _same(before, now):
            entry = tuple(map(int, np.argwhere(~((before == now) | ((before != before) & (now != now))))[0]))
            used = "computed it" if holder is node else "used it"
            raise RuntimeError(
                _lines(
                    f"{_described(holder, _user_frame())} was written to after {node.primitive.__name__} had {used}",
                    _at("in", kept.noted.line),
                    f"Entry {entry} was {before[entry]} and is {now[entry]}",
                    "The gradient would mix old and new values: run backward before writing, or compute the result "
                    "again after it",
                )
            )


# Finding and describing -----------------------------------------------------------------------------------------------


def _flaw(data: Any) -> str | None:
    if type(data) in (Several, Arriving):
        found = [_flaw(part) for part in data]
        return "a NaN" if "a NaN" in found else next(filter(None, found), None)
    data = data._value if type(data) is Tensor else data
    if isinstance(data, float):
        data = np.float64(data)
    if getattr(getattr(data, "dtype", None), "kind", "") not in ("f", "c") or bool(np.isfinite(data).all()):
        return None
    return "a NaN" if bool(np.isnan(data).any()) else "an infinity"


def _same(before: np.ndarray, now: np.ndarray) -> bool:
    return np.array_equal(before, now) or (before.dtype.kind in "fc" and np.array_equal(before, now, equal_nan=True))


def _operands(inputs: Iterable[Any], options: dict[str, Any] | None) -> Iterator[Any]:
    yield from inputs
    yield from (options or {}).values()


def _lines(*lines: str) -> str:
    return "\n  ".join(line for line in lines if line)


def _entry(data: Any, inputs: Iterable[Any], frame: FrameType | None) -> str:
    """Which entry is not finite, and what the inputs of that shape hold there."""
    data = data._value if type(data) is Tensor else data
    if not isinstance(data, (np.ndarray, np.generic)):
        return ""
    kind, bad = ("NaN", np.isnan(data)) if np.isnan(data).any() else ("infinity", np.isinf(data))
    index = tuple(map(int, np.argwhere(bad)[0])) if data.ndim else ()
    held = " and ".join(
        f"{_called(x, frame)} is {x._value[index] if data.ndim else x._value}"
        for x in inputs
        if type(x) is Tensor and x.shape == data.shape and isinstance(x._value, (np.ndarray, np.generic))
    )
    if not data.ndim:
        return f"It is {data}" + (f", where {held}" if held else "")
    among = f"{np.count_nonzero(~np.isfinite(data))} of {data.size} entries are not finite; the first {kind} is entry"
    return f"{among} {index}" + (f", where {held}" if held else "")


def _called(x: Any, frame: FrameType | None) -> str:
    """The name of a Tensor: its own, that of the user's variable which holds it, or what made it."""
    if type(x) is Tensor:
        if x.name is not None:
            return repr(x.name)
        for variables in (frame.f_locals, frame.f_globals) if frame is not None else ():
            for name, value in list(variables.items()):
                if value is x:
                    return repr(name)
        return "an unnamed Tensor" if x.primitive is None else label(x)
    return "an array" if hasattr(x, "shape") else label(x)


def _described(x: Any, frame: FrameType | None) -> str:
    return f"{_called(x, frame)} {x.dtype} {x.shape}" if hasattr(x, "shape") else repr(x)[:40]


def _listed(inputs: Iterable[Any], frame: FrameType | None) -> str:
    return ", ".join(_described(x, frame) for x in inputs)


def _call(node: Tensor, frame: FrameType | None) -> str:
    return f"{node.primitive.__name__}({_listed(node.inputs, frame)})"


def _recorded(node: Tensor) -> str:
    kept = extra_of(node)
    if kept is None or kept.noted is None:
        return "recorded outside of detect_anomaly(), which would tell the line"
    return _at("recorded in", kept.noted.line)


def _frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back


def _user_frame() -> FrameType | None:
    """The innermost frame that is not this library's: the line that the user wrote."""
    for frame in _frames():
        library = str(frame.f_globals.get("__name__", "")).partition(".")[0] in _LIBRARIES
        if not library or frame.f_code.co_filename.startswith("<doctest"):
            return frame
    return None


def _node_of_sweep() -> Tensor | None:
    """The Tensor whose rule is running, if the operation at hand is one of a rule."""
    for frame in _frames():
        function = (frame.f_globals.get("__name__"), frame.f_code.co_name)
        if function == ("autograd.backprop", "sweep"):
            return frame.f_locals.get("node")
        if function == ("autograd.hooks", "hooked"):
            return None
    return None


def _line(frame: FrameType | None) -> tuple[str, int] | None:
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def _at(what: str, line: tuple[str, int] | None) -> str:
    """`in train.py, line 12: y = np.log(x)`."""
    if line is None:
        return ""
    code = linecache.getline(*line).strip()
    return f"{what} {_shown(line[0])}, line {line[1]}" + (f": {code}" if code else "")


def _shown(filename: str) -> str:
    """A file as the user knows it: a notebook's cell by its number, others from the working directory if below it."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        try:
            kind, cell = shell.compile.format_code_name(filename)
            if kind.lower() == "cell":
                return f"cell {cell}"
        except (AttributeError, TypeError, ValueError):  # another version of IPython, or no cell
            pass
    if filename.startswith("<"):
        return filename
    try:
        short = os.path.relpath(filename)
    except ValueError:  # another drive
        return filename
    return filename if short.startswith("..") else short
