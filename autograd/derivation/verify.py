"""The proof of a derivation: each printed formula evaluated from its values, against the engine and differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..backprop import seed, sweep
from ..graph import ancestors, replay
from ..tensor import Tensor
from .expression import symbols
from .steps import Step, Steps
from .writing import NoSourceError, source

_MOST_ENTRIES = 100
"""Central differences compute the graph again, four times an entry: of larger gradients a sample is compared."""
_MOST_OPERATIONS = 2_000_000
"""And so many operations they may take in all; the steps that come after are not compared with them."""


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
    """The spacing of the gradient's floating numbers at 1."""

    @property
    def ok(self) -> bool:
        """Whether both errors are no more than rounding, and the truncation of the differences, explains."""
        twin, differences = max(1e-9, 1e3 * self.precision), max(1e-5, 1e4 * self.precision)
        return (self.twin is None or self.twin <= twin) and (
            self.differences is None or self.differences <= differences
        )


@dataclass(frozen=True, slots=True)
class Verification:
    """The checks of all gradients of a derivation."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
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


def verify(derivation: Steps) -> Verification:
    """Check every step of a derivation, in its order."""
    root: Tensor = derivation.root.tensor
    engine: dict[Tensor, Any] = {}
    engine |= sweep(root, seed(root, None), notice=engine.__setitem__)
    nodes = ancestors(root)
    left = _MOST_OPERATIONS
    checks = []
    for step in derivation.backward:
        most = min(_MOST_ENTRIES, left // (4 * len(nodes)))
        checks.append(_check(step, nodes, np.asarray(engine[step.value.tensor]), most))
        left -= 4 * len(nodes) * checks[-1].compared
    return Verification(tuple(checks))


def _check(step: Step, nodes: Sequence[Tensor], exact: np.ndarray, most: int) -> Check:
    try:
        written: str | None = source(step.formula)
        names = {identifier: symbol.value for identifier, symbol in symbols(step.formula).items()}
        # The source holds only names and functions from our own notation; without builtins it reaches NumPy alone.
        twin = np.asarray(
            eval(compile(written, step.gradient.name.text, "eval"), {"__builtins__": {}, "np": np, **names})
        )
        twin_error: float | None = _relative(np.broadcast_to(twin, exact.shape), exact)
    except NoSourceError:
        written = twin_error = None
    compared, differences = _differences(step.value.tensor, nodes, exact, most)
    precision = float(np.finfo(exact.dtype).eps)
    return Check(step.gradient.name.text, written, twin_error, differences, compared, exact.size, precision)


def _differences(value: Tensor, nodes: Sequence[Tensor], exact: np.ndarray, most: int) -> tuple[int, float | None]:
    """How many entries were moved, and the largest error of central differences (fourth order) there."""
    wide = np.array(value.data, dtype=np.float64)
    chosen = np.flatnonzero(np.isfinite(wide) & np.isfinite(exact))
    if chosen.size > most:
        chosen = np.sort(np.random.default_rng(0).choice(chosen, most, replace=False))
    if chosen.size == 0:
        return 0, None
    expected = exact.reshape(-1)[chosen].astype(np.float64)
    found = np.empty(chosen.size)
    for position, i in enumerate(chosen):
        at = np.unravel_index(int(i), wide.shape)

        def moved(by: float, at: Any = at) -> float:
            data = wide.copy()
            data[at] += by
            with np.errstate(all="ignore"):
                return float(replay(nodes, {value: data[()]}))

        best = np.inf
        # The next step is taken only where the longer one may have crossed a kink, as of relu.
        for step in (1e-3, 1e-5, 1e-7):
            step *= max(1.0, abs(float(wide[at])))
            here = (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step))) / (12 * step)
            error = abs(here - expected[position])
            if not error >= best:
                found[position], best = here, error
            if best <= 1e-7 * max(1.0, abs(expected[position])):
                break
    return int(chosen.size), _relative(found, expected)


def _relative(found: np.ndarray, exact: np.ndarray) -> float:
    """The largest error, relative to the largest entry or to 1; the same NaN or infinity twice is no error."""
    differ = ~((found == exact) | (np.isnan(found) & np.isnan(exact)))
    scale = max(1.0, float(np.max(np.abs(exact[np.isfinite(exact)]), initial=0.0)))
    return float(np.max(np.abs(found[differ] - exact[differ]), initial=0.0)) / scale
