"""Programs as source. The text that is shown is the text that runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from .memory import planned
from .program import Call, Names, Program, Variable, parameters_of, variables

_OPERATORS = {
    np.add: "{} + {}",
    np.subtract: "{} - {}",
    np.multiply: "{} * {}",
    np.divide: "{} / {}",
    np.floor_divide: "{} // {}",
    np.remainder: "{} % {}",
    np.power: "{} ** {}",
    np.matmul: "{} @ {}",
    np.negative: "-{}",
    np.positive: "+{}",
    np.greater: "{} > {}",
    np.greater_equal: "{} >= {}",
    np.less: "{} < {}",
    np.less_equal: "{} <= {}",
    np.equal: "{} == {}",
    np.not_equal: "{} != {}",
    np.bitwise_and: "{} & {}",
    np.bitwise_or: "{} | {}",
    np.invert: "~{}",
}
_SILENT = {"axis": None, "dtype": None, "keepdims": False, "out": None}
"""What the methods of an array take if nothing is said, and its copies."""
_IN_C = {np.concatenate: {"axis": 0, "out": None, "dtype": None, "casting": "same_kind"}}
"""What functions take if nothing is said that have no signature."""
_SHORT = 16
"""Up to so many entries a constant array is written out."""

LANGUAGES = {"numpy": ("np", "import numpy as np\n"), "jax": ("jnp", "import jax\nimport jax.numpy as jnp\n")}
"""What the array library is called in the text, and how it is imported."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a program, imports included; and `given`, what it names and does not define: large arrays, functions
    and types from elsewhere."""

    text: str
    given: dict[str, Any]


def source(program: Program, name: str, parameters: Sequence[str], language: str = "numpy") -> Source:
    """The program as one function, its positional parameters of these names."""
    return _Writer(program, name, parameters, language).source()


class _Writer:
    """Writes one program. `given` and `free` grow with what has been written."""

    def __init__(self, program: Program, name: str, parameters: Sequence[str], language: str) -> None:
        self.program, self.name, self.parameters, self.language = program, name, parameters, language
        self.library, self.imports = LANGUAGES[language]
        self.plan = planned(program) if language == "numpy" else None
        self.variables = list(
            variables((program.arguments, list(program.constants), [call.target for call in program.calls]))
        )
        self.free = Names((name, *parameters, *(v.name for v in self.variables)))
        self.inline = program.inline
        self.given: dict[str, Any] = {}

    def source(self) -> Source:
        constants = [line for each in self.program.constants.items() for line in self._constant(*each)]
        body = [f"{leaf.name} = {path}" for path, leaf in self._unpacked()]
        body += self._calls()
        result = self._text(self.program.result)
        body.append(f"return {result[1:-1] if type(self.program.result) is tuple and result[-2] != ',' else result}")
        comments = [f"# {name}: {_described(value)}, given" for name, value in self.given.items()]
        by_keyword = ["*", *self.program.arguments[1]] if self.program.arguments[1] else []
        blocks = [self.imports]
        if self.language == "jax" and any(v.dtype is not None and v.dtype.itemsize == 8 for v in self.variables):
            blocks.append('jax.config.update("jax_enable_x64", True)\n')
        if comments or constants:
            blocks.append("".join(f"{line}\n" for line in (*comments, *constants)))
        lines = "".join(f"    {line}\n" for line in body)
        function = f"def {self.name}({', '.join([*self.parameters, *by_keyword])}):\n{lines}"
        return Source("\n".join(blocks) + f"\n\n{function}", self.given)

    def _calls(self) -> Iterator[str]:
        """The lines of the calls, those under the same np.errstate in one block."""
        for errors, calls in groupby(self.program.calls, lambda call: dict(call.errors)):
            lines = [line for call in calls for line in self._lines(call)]
            if errors and lines and self.language == "numpy":
                yield f"with np.errstate({', '.join(f'{kind}={what!r}' for kind, what in errors.items())}):"
                lines = [f"    {line}" for line in lines]
            yield from lines

    def _lines(self, call: Call) -> Iterator[str]:
        """A call, and what is given back after it."""
        if call.target in self.inline:
            return
        shape = f"  # {call.target.shape}" if call.target.kind == "array" else ""
        yield f"{call.target.name} = {self._call(call)}{shape}"
        gone = self.plan.freed.get(call, []) if self.plan is not None else []
        names = [v.name for v in gone if v not in self.inline]
        if names:
            yield f"del {', '.join(names)}"

    def _call(self, call: Call) -> str:
        if call.kind == "index":
            return f"{self._text(call.args[0])}[{self._index(call.args[1])}]"
        if call.kind == "attribute":
            return f"{self._text(call.args[0])}.{call.what}"
        is_ufunc = isinstance(call.what, np.ufunc)
        operands = [self._operand(x, call) if is_ufunc else self._text(x) for x in call.args]
        silent = _SILENT if call.kind == "method" else _defaults(call.what)
        options = [
            f"{name}={self._text(value)}"
            for name, value in call.options.items()
            if not (name in silent and type(value) is type(silent[name]) and value == silent[name])
        ]
        if call.what is np.bincount and self.library == "jnp" and len(operands) == 3:
            operands[2] = f"length={operands[2]}"  # there, under jit, the length must be known
        over = self.plan and self.plan.over.get(call.target)
        if over is not None:
            options.append(f"out={over.name}")
        elif is_ufunc and call.what in _OPERATORS and not options and not any(type(x) is list for x in call.args):
            if call.what is np.power and operands[0].startswith("-"):
                operands[0] = f"({operands[0]})"
            return _OPERATORS[call.what].format(*operands)
        elif call.what is np.absolute and call.target.kind == "python":
            return f"abs({operands[0]})"
        first = f"{operands.pop(0)}.{call.what}" if call.kind == "method" else self._function(call.what)
        return f"{first}({', '.join([*operands, *options])})"

    def _function(self, function: Any) -> str:
        owner = getattr(function, "__self__", None)
        if isinstance(owner, np.ufunc):
            return f"{self._function(owner)}.{function.__name__}"
        for inside, module in (("", np), (".linalg", np.linalg), (".fft", np.fft)):
            if getattr(module, function.__name__, None) is function:
                return f"{self.library}{inside}.{function.__name__}"
        return self._object(function, function.__name__)

    def _object(self, value: Any, name: str | None = None) -> str:
        """A name for what has no text of its own."""
        for known, other in self.given.items():
            if other is value:
                return known
        made = self.free.unused(name, "given")
        self.given[made] = value
        return made

    def _operand(self, x: Any, call: Call) -> str:
        """An operand of a ufunc. A NumPy scalar is written as a mere number where the result's dtype is the same."""
        if isinstance(x, np.generic) and _is_written_out(x.dtype):
            others = [v.dtype for v in call.uses if v.kind != "python" and v.dtype is not None]
            if others and np.result_type(*others, x.item()) == np.result_type(*others, x.dtype):
                return self._text(x.item())
        return self._text(x)

    def _text(self, x: Any) -> str:
        """An argument, or a container of them, as source."""
        if type(x) is Variable:
            return self._call(self.inline[x]) if x in self.inline else x.name
        if x is None or type(x) in (bool, int, str):
            return repr(x)
        if type(x) is complex:
            return f"complex({self._text(x.real)}, {self._text(x.imag)})"  # 1j * y + x would lose a minus zero
        if type(x) is float:
            return repr(x) if math.isfinite(x) else self._not_finite(x)
        if isinstance(x, np.generic) and _is_written_out(x.dtype):
            return f"{self.library}.{x.dtype.name}({self._text(x.item())})"
        if isinstance(x, np.dtype) or (isinstance(x, type) and issubclass(x, np.generic)):
            dtype = np.dtype(x)
            return f"{self.library}.{dtype.name}" if dtype.kind in "biufc" and dtype.isnative else self._object(x)
        if any(x is number for number in (float, int, bool)):
            return x.__name__
        if x is Ellipsis:
            return "..."
        if type(x) is slice:
            return f"slice({self._text(x.start)}, {self._text(x.stop)}, {self._text(x.step)})"
        if isinstance(x, dict):
            return "{" + ", ".join(f"{self._text(key)}: {self._text(value)}" for key, value in x.items()) + "}"
        if isinstance(x, (tuple, list)):
            inner = ", ".join(map(self._text, x))
            if type(x) in (tuple, list):
                return f"[{inner}]" if type(x) is list else f"({inner},)" if len(x) == 1 else f"({inner})"
            return f"{self._object(type(x), type(x).__name__)}({inner if hasattr(x, '_fields') else f'[{inner}]'})"
        return self._object(x)

    def _not_finite(self, x: float) -> str:
        return f"{self.library}.nan" if math.isnan(x) else f"{'-' if x < 0 else ''}{self.library}.inf"

    def _index(self, x: Any) -> str:
        if type(x) is tuple and x:
            return ", ".join(map(self._index, x)) + ("," if len(x) == 1 else "")
        if type(x) is slice:
            ends = ["" if end is None else self._index(end) for end in (x.start, x.stop, x.step)]
            return ":".join(ends[: 2 + (x.step is not None)])
        return self._text(x.item() if isinstance(x, np.integer) else x)

    def _constant(self, variable: Variable, array: np.ndarray) -> Iterator[str]:
        """The line that makes a small array; a large one is an object that the text names."""
        if 0 < array.size <= _SHORT and _is_written_out(array.dtype):
            entries = self._text(array.tolist())
            yield f"{variable.name} = {self.library}.array({entries}, dtype={self._text(array.dtype)})"
        else:
            self.given[variable.name] = array

    def _unpacked(self) -> Iterator[tuple[str, Variable]]:
        """Where in the arguments each variable is, unless it is an argument itself."""
        args, kwargs = self.program.arguments
        for name, tree in (*zip(self.parameters, args, strict=False), *kwargs.items()):
            yield from ((path, leaf) for path, leaf in self._leaves(name, tree) if path != name)

    def _leaves(self, path: str, tree: Any) -> Iterator[tuple[str, Variable]]:
        if isinstance(tree, (dict, tuple, list)):
            for key, branch in tree.items() if isinstance(tree, dict) else enumerate(tree):
                yield from self._leaves(f"{path}[{self._text(key)}]", branch)
        elif type(tree) is Variable:
            yield path, tree


def _is_written_out(dtype: np.dtype[Any]) -> bool:
    """Whether Python's numbers hold its values; a longdouble is more than a float."""
    return dtype.kind in "biuf" and dtype != np.longdouble


def _defaults(function: Any) -> dict[str, Any]:
    """What a function takes for each option that is not given."""
    return _IN_C.get(function) or {name: p.default for name, p in parameters_of(function).items()}


def _described(x: Any) -> str:
    """What is said of an object in a comment: of text from elsewhere, only what fits in a line."""
    if isinstance(x, np.ndarray):
        return f"{x.dtype} {x.shape}"
    said = getattr(x, "__name__", type(x).__name__)
    return "".join(c for c in said if c.isprintable())
