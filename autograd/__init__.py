"""glassgrad: reverse-mode automatic differentiation on NumPy that you can see through.

Record:      Tensor, at, no_grad, detect_anomaly, primitive (and notation, how one is written)
Transform:   grad, value_and_grad, derivative, vjp, jvp, jacobian, hessian, hvp, checkpoint, check_grads
Show:        draw (a picture), derive (the derivation of every gradient), play (the same step by step),
             paths (the sum behind one entry of one)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import operators as _operators  # noqa: F401  (gives Tensor its operators and methods)
from .modes import detect_anomaly, no_grad
from .primitives import notation, primitive
from .primitives.placing import at
from .tensor import Tensor
from .testing import check_grads
from .transforms import checkpoint, derivative, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from .showing import derive, draw, paths, play

__all__ = [
    "Tensor",
    "at",
    "check_grads",
    "checkpoint",
    "derivative",
    "derive",
    "detect_anomaly",
    "draw",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "no_grad",
    "notation",
    "paths",
    "play",
    "primitive",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    """What shows graphs, loaded on first use: `import autograd` costs little more than NumPy."""
    if name not in ("derive", "draw", "paths", "play"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import showing

    globals()[name] = found = getattr(showing, name)
    return found


def __dir__() -> list[str]:
    return __all__
