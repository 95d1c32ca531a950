"""The proof of a sum over paths: each local derivative's formula evaluated from its values, and the sum itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph import ancestors
from ..trees import Number
from ..verify import Check, Verification, central_difference
from ..writing import NoSourceError, source
from .graph import ScalarEdge
from .paths import PathSum


def verify(paths: PathSum) -> Verification:
    """Check the formulas on the listed paths, and the entry against backpropagation and central differences."""
    checks = {}
    for edge in paths.edges:
        if not isinstance(edge.formula, Number):
            check = _check(edge, paths)
            checks.setdefault((check.name, check.source), check)
    return Verification((*checks.values(), _total(paths)))


def _check(edge: ScalarEdge, paths: PathSum) -> Check:
    name = f"{edge.source.name.text} → {edge.target.name.text}"
    precision = float(np.finfo(edge.source.tensor.dtype).eps)
    try:
        written = source(edge.formula)
    except NoSourceError:
        return Check(name, None, None, None, 0, 1, precision)
    try:
        # The source holds only names and functions from our own notation; without builtins it reaches NumPy alone.
        with np.errstate(all="ignore"):
            value = float(eval(compile(written, "formula", "eval"), {"__builtins__": {}, "np": np, **paths.namespace}))
    except Exception:  # a formula that does not run is a wrong formula
        return Check(name, written, np.inf, None, 0, 1, precision)
    return Check(name, written, _error(value, edge.derivative), None, 0, 1, precision)


def _total(paths: PathSum) -> Check:
    tensor, root = paths.start.tensor, paths.root.tensor
    wide = np.array(tensor.data, dtype=np.float64)
    found = None
    if np.isfinite(paths.gradient) and np.isfinite(wide[paths.start.index]):
        found = central_difference(tensor, ancestors(root), wide, paths.start.index, paths.gradient)
    return Check(
        paths.name.text,
        None,
        _error(paths.total, paths.gradient),
        None if found is None else _error(found, paths.gradient),
        0 if found is None else 1,
        1,
        float(np.finfo(tensor.dtype).eps),
    )


def _error(found: Any, exact: float) -> float:
    """The error, relative to the number or to 1; the same NaN or infinity twice is none."""
    if found == exact or (found != found and exact != exact):
        return 0.0
    return float(abs(found - exact) / max(1.0, abs(exact)))
