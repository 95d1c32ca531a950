"""The Hessian of Rosenbrock's function, against HIPS autograd's, in one process."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np

import autograd as ag

from .timing import interleaved


def rosenbrock(np: Any) -> Any:
    return lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def hips(folder: str) -> tuple[Any, Any]:
    """HIPS autograd and its NumPy, from the folder that `pip install --target` put it in.

    It calls itself `autograd` as well, also in its own imports. So it gets that name while it is loaded; once it is, it
    needs the name no more, and ours is put back.
    """

    def of_that_name() -> dict[str, Any]:
        return {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "autograd"}

    ours = of_that_name()
    sys.path.insert(0, folder)
    try:
        theirs, their_numpy = importlib.import_module("autograd"), importlib.import_module("autograd.numpy")
    finally:
        sys.path.remove(folder)
        of_that_name()
        sys.modules.update(ours)
    if not hasattr(theirs, "elementwise_grad"):
        raise SystemExit(f"--hips {folder}: the autograd found is not HIPS'")
    return theirs, their_numpy


def seconds(folder: str | None, variables: int = 100) -> dict[str, float]:
    """Medians of both Hessians, after a check that they agree; ours alone without a folder."""
    x = np.random.default_rng(0).normal(size=variables)
    ours = ag.hessian(rosenbrock(np))
    functions = {"engine": lambda: ours(x)}
    if folder is not None:
        theirs, their_numpy = hips(folder)
        other = theirs.hessian(rosenbrock(their_numpy))
        np.testing.assert_allclose(ours(x), other(x), rtol=1e-12, atol=1e-9)
        functions["hips"] = lambda: other(x)
    return interleaved(functions, 30, 3)
