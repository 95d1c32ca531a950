"""glassgrad: reverse-mode automatic differentiation on NumPy that you can see through.

Record
    Tensor          a scalar or array that records what NumPy does to it: np.exp(t), t @ W, t[1:]
    at              what t[index] = v and t[index] += v would do, as a new Tensor
    no_grad         record nothing inside
    detect_anomaly  name the first operation that makes a NaN or an infinity
    primitive       an operation of your own, with its derivative rules
    notation        how a primitive is written in text, LaTeX and source

Transform, from function to function
    grad            the gradient of a scalar
    value_and_grad  both at once
    derivative      of an elementwise function, entry by entry
    vjp, jvp        the value, and what pulls gradients back; the value, and the derivative along a direction
    jacobian        all first derivatives
    hessian         all second derivatives
    hvp             the Hessian times vectors, without the Hessian
    checkpoint      the same function in less memory: computed again on the way back
    compile         the same function as straight-line NumPy source
    check_grads     gradients against central differences

Show
    derive          the derivation of every gradient, or of one entry of one
    paths           the sum over paths behind one entry of a gradient
    draw            the picture of a graph with its gradients
    play            the picture step by step: who waits for whom, what arrives where
    widget          a graph with sliders, in a notebook

t.backward() leaves the gradients in t.grad; help(ag.Tensor) and help(ag.grad) go on from here. Networks are in `nn`.
"""

from __future__ import annotations

from importlib import import_module
from os.path import dirname, exists, join
from typing import TYPE_CHECKING, Any

if exists(join(dirname(__file__), "tracer.py")):  # a file of HIPS autograd's, in the folder that both are installed to
    raise ImportError(
        "two distributions that are imported as `autograd` are installed here, glassgrad and HIPS autograd (on the "
        f"package index: autograd), and have overwritten each other's files in {dirname(__file__)}. Use an environment "
        "of its own for each, or keep one: pip uninstall -y autograd glassgrad, then install glassgrad again"
    )

from . import operators as _operators  # noqa: F401  (gives Tensor its operators and methods)
from . import protocols as _protocols  # noqa: F401  (and this one Python's protocols)
from .modes import detect_anomaly, no_grad
from .primitives import notation, primitive
from .primitives.placing import at
from .tensor import Tensor
from .testing import check_grads
from .transforms import checkpoint, derivative, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from .compiling import compile
    from .showing import derive, draw, paths, play, widget

__all__ = [
    "Tensor",
    "at",
    "check_grads",
    "checkpoint",
    "compile",
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
    "widget",
]


_ON_FIRST_USE = dict.fromkeys(("derive", "draw", "paths", "play", "widget"), ".showing") | {"compile": ".compiling"}
_ELSEWHERE = {"elementwise_grad": "derivative", "make_vjp": "vjp", "make_jvp": "jvp", "hessian_vector_product": "hvp"}
"""What HIPS autograd calls what is here."""


def __getattr__(name: str) -> Any:
    """What shows graphs and what compiles, loaded on first use: `import autograd` costs little more than NumPy."""
    if name in _ELSEWHERE:  # no AttributeError, which `from autograd import …` would swallow with its message
        raise ImportError(f"autograd has no {name!r}: that is HIPS autograd's; here write ag.{_ELSEWHERE[name]}")
    if name not in _ON_FIRST_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_ON_FIRST_USE[name], __name__), name)
    return found


def __dir__() -> list[str]:
    return __all__
