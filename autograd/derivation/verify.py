"""The proof of a derivation: each printed formula evaluated from its values, against the engine and differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..backprop import seed, sweep
from ..graph import ancestors, replay
from ..several import Several
from ..tensor import Tensor
from .display import displayed
from .evaluate import evaluated
from .numbers import as_numpy, kind_of
from .steps import Derived, Step
from .trees import Expression, symbols
from .writing import NoSourceError, source

_MOST_ENTRIES = 100
"""Central differences compute the graph again, four times an entry: of larger gradients a sample is compared."""
_MOST_WORK, _WORK_OF_A_NODE = 200_000_000, 100
"""And so many entries of arrays they may compute in all, a node counting as some more: where that is not enough for one
entry of each gradient, there are none."""
_ROUGHEST = 0.1
"""No error above this is rounding, not even of float16: there it is 100 spacings, and 20 were the most of 1,000 random
graphs."""


@dataclass(frozen=True, slots=True)
class Check:
    """The errors of one gradient, each relative to its largest entry (or to 1); None where it could not be had."""

    name: str
    source: str | None
    twin: float | None
    """The printed formula's NumPy twin against the engine's gradient."""
    differences: float | None
    """Central differences against the engine's gradient; None for a value that cannot be moved continuously."""
    compared: int
    entries: int
    precision: float
    """The spacing at 1 of the floating numbers of the gradient, or of what the graph computes, if that is wider."""

    @property
    def ok(self) -> bool:
        """Whether both errors are no more than rounding, and the truncation of the differences, explains."""
        twin, differences = (min(most, _ROUGHEST) for most in (1e3 * self.precision, 1e4 * self.precision))
        return (self.twin is None or self.twin <= max(1e-9, twin)) and (
            self.differences is None or self.differences <= max(1e-5, differences)
        )


@dataclass(frozen=True, slots=True)
class Verification:
    """The checks of all gradients of a derivation."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether all gradients agree."""
        return all(check.ok for check in self.checks)

    head = ("gradient", "printed formula", "central differences", "entries compared", "")

    def rows(self) -> list[tuple[str, ...]]:
        """The table's cells, below `head`."""
        return [
            (
                check.name,
                _error(check.twin),
                _error(check.differences),
                f"{check.compared} of {check.entries}",
                "ok" if check.ok else "WRONG",
            )
            for check in self.checks
        ]

    def __str__(self) -> str:
        table = [self.head, *self.rows()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in table)

    __repr__ = __str__


def _error(error: float | None) -> str:
    return "—" if error is None else f"{error:.1e}" if error else "0"


def verify(derivation: Derived) -> Verification:
    """Check every step of a derivation, in its order."""
    root: Tensor = derivation.root.tensor
    engine: dict[Tensor, Any] = {}
    engine |= sweep({root: seed(root, None)}, notice=engine.__setitem__, hooks=False)
    nodes = ancestors(root)
    replayed = sum(_WORK_OF_A_NODE + node.size for node in nodes if node.primitive is not None)
    most = min(_MOST_ENTRIES, _MOST_WORK // (4 * replayed * len(derivation.steps) + 1))
    if any(type(x) is Tensor and not isinstance(x.data, (np.ndarray, np.generic, Several)) for x in nodes):
        most = 0  # another library's arrays: no entry of theirs is moved here
    dtypes = {node.data.dtype for node in nodes if node.primitive is not None and kind_of(node.data) == "f"}
    return Verification(
        tuple(_check(step, nodes, as_numpy(engine[step.value.tensor]), most, dtypes) for step in derivation.steps)
    )


def _check(step: Step, nodes: Sequence[Tensor], exact: np.ndarray, most: int, computed: set[Any]) -> Check:
    written, twin = _twin(step, exact)
    compared, differences = _differences(step.value.tensor, nodes, exact, most)
    trees = [*(part.formula for part in step.parts), step.formula]
    values = [symbol.value for tree in trees for symbol in symbols(tree).values()]
    dtypes = [exact.dtype, *computed, *(value.dtype for value in values if kind_of(value) == "f")]
    precision = max(float(np.finfo(dtype).eps) for dtype in dtypes)
    return Check(step.gradient.name.text, written, twin, differences, compared, exact.size, precision)


def _twin(step: Step, exact: np.ndarray) -> tuple[str | None, float | None]:
    """The formula in NumPy, and the largest error of all that is printed of a step: of its parts, of the formula, of
    the rule with its local derivatives put in, of what each consumer hands back.

    The parts are computed from the values alone, one after the other, and the rest from these. The printed forms leave
    reshapes and broadcasts out; they may evaluate to something that broadcasts to the gradient.
    """
    parts: dict[str, Any] = {}
    worst, lines = 0.0, []
    try:
        for part in step.parts:
            tree, value, truth = part.formula, as_numpy(part.symbol.value), part.symbol.kind == "b"
            line = source(tree, truth)
            worst = max(worst, _error_of(source(displayed(tree), truth), tree, value, False, parts))
            worst = max(worst, _error_of(line, tree, value, True, parts))
            if np.isfinite(worst):
                parts[part.symbol.name.identifier] = evaluated(line, tree, parts)[()]
            lines.append(part.source)
        written = source(step.formula)
        printed = [(step.formula, exact), (step.rule, exact)]
        if len(step.contributions) > 1:
            printed += [(part.formula, as_numpy(part.value)) for part in step.contributions]
        worst = max(worst, _error_of(written, step.formula, exact, True, parts))
        for tree, value in printed:
            worst = max(worst, _error_of(source(displayed(tree)), tree, value, False, parts))
    except NoSourceError:
        return None, None
    return "\n".join([*lines, written]), worst


def _error_of(code: str, tree: Expression, exact: np.ndarray, whole: bool, parts: Mapping[str, Any]) -> float:
    """The error of a line of NumPy, evaluated from the named values alone."""
    try:
        value = evaluated(code, tree, parts)
        value = value if whole else np.broadcast_to(value, exact.shape)
    except Exception:  # a formula that does not run, or not to this shape, is a wrong formula
        return np.inf
    return _relative(value, exact) if value.shape == exact.shape else np.inf


def _differences(value: Tensor, nodes: Sequence[Tensor], exact: np.ndarray, most: int) -> tuple[int, float | None]:
    """How many entries were moved with a clear result, and the largest error of central differences there."""
    wide = np.array(as_numpy(value.data), dtype=np.float64)
    chosen = np.flatnonzero(np.isfinite(wide) & np.isfinite(exact))
    if chosen.size > most:
        chosen = np.sort(np.random.default_rng(0).choice(chosen, most, replace=False))
    found, expected = [], []
    for i in chosen:
        at = np.unravel_index(int(i), wide.shape)
        difference = central_difference(value, nodes, wide, at, float(exact[at]))
        if difference is not None:
            found.append(difference)
            expected.append(float(exact[at]))
    return len(found), _relative(np.array(found), np.array(expected)) if found else None


def central_difference(
    value: Tensor, nodes: Sequence[Tensor], wide: np.ndarray, at: Any, expected: float
) -> float | None:
    """The central difference (fourth order) that comes nearest to `expected`, by steps of three lengths.

    A shorter step is taken only where the longer one may have crossed a kink, as of relu. None where none comes near
    and they do not agree with each other either: then the function is too rough there for differences to tell.
    """

    def moved(by: float) -> float:
        data = wide.copy()
        data[at] += by
        with np.errstate(all="ignore"):
            return float(replay(nodes, {value: data[()]}))

    near = 1e-6 * max(1.0, abs(expected))
    tried = []
    for step in (1e-3, 1e-5, 1e-7):
        step *= max(1.0, abs(float(wide[at])))
        with np.errstate(all="ignore"):
            here = (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step))) / (12 * step)
        if abs(here - expected) <= near:
            return here
        tried.append(here)
    best = min(tried, key=lambda here: abs(here - expected) if np.isfinite(here) else np.inf)
    agree = np.ptp(tried[:2]) <= 1e-3 * abs(tried[1]) if np.isfinite(tried[:2]).all() else False
    return best if agree and not _at_a_kink(moved, expected) else None


def _at_a_kink(moved: Callable[[float], float], expected: float) -> bool:
    """Whether the slopes to the left and right differ, and `expected` lies between: then any of these is as good."""
    step = 1e-6
    here = moved(0.0)
    left, right = sorted(((here - moved(-step)) / step, (moved(step) - here) / step))
    margin = 1e-4 * max(1.0, abs(left), abs(right))
    return right - left > 10 * margin and left - margin <= expected <= right + margin


def _relative(found: np.ndarray, exact: np.ndarray) -> float:
    """The largest error, relative to the largest entry or to 1; the same NaN or infinity twice is no error."""
    if exact.dtype.kind == "b":
        found, exact = found.astype(float), exact.astype(float)
    differ = ~((found == exact) | (np.isnan(found) & np.isnan(exact)))
    scale = max(1.0, float(np.max(np.abs(exact[np.isfinite(exact)]), initial=0.0)))
    with np.errstate(invalid="ignore"):
        return float(np.max(np.abs(found[differ] - exact[differ]), initial=0.0)) / scale
