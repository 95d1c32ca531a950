"""Diagonals: taking them out of matrices, making matrices of them, adding them up."""

from __future__ import annotations

import math

import numpy as np

from . import shapes
from .answers import composed
from .notation import Form, Notation, literal, operator_name
from .primitive import primitive
from .products import operand


def _from_diagonal(values, shape, offset=0, axis1=0, axis2=1):
    """Zeros of `shape`, with `values` on the diagonal that np.diagonal takes out."""
    if type(values) is not np.ndarray:
        # Other libraries' arrays may not be written to: count the places on the diagonal, weighted by the values.
        size = math.prod(shape)
        places = np.arange(size, like=values).reshape(shape).diagonal(offset, axis1, axis2)
        return np.bincount(places.reshape(-1), values.reshape(-1), size).reshape(shape).astype(values.dtype)
    out = np.zeros_like(values, shape=shape)
    places = out.diagonal(offset, axis1, axis2)
    places.setflags(write=True)  # NumPy protects its diagonals, which once were copies
    places[...] = values
    return out


def _where(options, ndim):
    """What of the options says more than "the main diagonal of a matrix"."""
    offset, axes = options.get("offset", 0), (options.get("axis1", 0), options.get("axis2", 1))
    said = [f"offset {offset}"] if offset else []
    if ndim != 2 or axes[0] % ndim > axes[1] % ndim:
        said.append(f"axes {axes[0] % ndim}, {axes[1] % ndim}")
    return ", ".join(said)


def on_main_diagonal(options, ndim):
    """Whether it is the main diagonal of a matrix."""
    return not _where(options, ndim)


def _named(name, of_options=lambda operands, options: len(operands[0].shape), source=lambda operands, options: None):
    def notation(operands, options):
        where = _where(options, of_options(operands, options))
        in_latex = operator_name(name) + (rf"_{{\text{{{where}}}}}" if where else "")
        return Notation(
            Form(literal(name + (f"[{where}]" if where else "")) + "({0})"),
            Form(literal(in_latex) + r"\left({0}\right)"),
            source(operands, options),
        )

    return notation


def _source_of_from_diagonal(operands, options):
    """np.diag for a square matrix. Else count the places on the diagonal, weighted by the values."""
    shape = options["shape"]
    offset, axes = options.get("offset", 0), (options.get("axis1", 0), options.get("axis2", 1))
    n = operands[0].shape[-1] + abs(offset)
    if shape == (n, n) and tuple(i % 2 for i in axes) == (0, 1):
        return Form(f"np.diag({{0}}, {offset})" if offset else "np.diag({0})")
    size = math.prod(shape)
    places = f"np.arange({size}).reshape({shape}).diagonal({offset}, {axes[0]}, {axes[1]}).ravel()"
    return Form(literal(f"np.bincount({places}, np.ravel(") + "{0}" + literal(f"), {size}).reshape({shape})"))


_diag_of = _named("diag", lambda operands, options: len(options["shape"]), _source_of_from_diagonal)


def _matrices(rng):
    yield (rng.normal(size=(3, 3)),)
    yield rng.normal(size=(3, 4)), {"offset": 1}
    yield rng.normal(size=(4, 2, 3)), {"offset": -1, "axis1": 2, "axis2": 0}
    yield rng.normal(size=(2, 3, 3)), {"axis1": -2, "axis2": -1}
    yield rng.normal(size=(2, 2)), {"offset": 5}


def _positive(a, axis1, axis2):
    return {"axis1": axis1 % a.ndim, "axis2": axis2 % a.ndim}


diagonal = primitive(
    lambda a, offset=0, axis1=0, axis2=1: a.diagonal(offset, axis1, axis2),
    lambda g, y, a, offset=0, axis1=0, axis2=1: from_diagonal(
        g, shape=a.shape, offset=offset, **_positive(a, axis1, axis2)
    ),
    name="diagonal",
    numpy=np.diagonal,
    notation=_named("diagonal"),
    samples=_matrices,
)


def _matrix_of_diagonal(operands, options):
    """A unit matrix, Iₙ, where the diagonal is all ones."""
    shape, spread = options["shape"], operands[0]
    ones = getattr(spread, "primitive", None) is shapes.broadcast_to and spread.operands[0]
    if ones and ones.number == 1 and ones.over == 1 and on_main_diagonal(options, len(shape)) and shape[0] == shape[1]:
        unit = str(shape[0])
        below = unit.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
        return Notation(Form(f"I{below}"), Form(literal(f"I_{{{unit}}}")), _source_of_from_diagonal(operands, options))
    return _diag_of(operands, options)


def identity_like(g, n):
    """The n × n unit matrix, in the dtype and array library of `g`."""
    return np.diag(np.broadcast_to(np.ones_like(g, shape=()), (n,)))


def _diagonals(rng):
    yield rng.normal(size=3), {"shape": (3, 3)}
    yield rng.normal(size=2), {"shape": (4, 3), "offset": -2}
    yield rng.normal(size=(2, 3)), {"shape": (3, 2, 4), "offset": 1, "axis1": 0, "axis2": 2}
    yield rng.normal(size=(2, 3)), {"shape": (2, 3, 4), "axis1": 1, "axis2": 2}


from_diagonal = primitive(
    _from_diagonal,
    lambda g, y, values, shape, offset=0, axis1=0, axis2=1: diagonal(g, offset=offset, axis1=axis1, axis2=axis2),
    name="from_diagonal",
    notation=_matrix_of_diagonal,
    samples=_diagonals,
)


def _trace_rule(g, y, a, offset=0, axis1=0, axis2=1, dtype=None):
    rows, columns = a.shape[axis1], a.shape[axis2]
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    along = np.broadcast_to(np.expand_dims(g, -1) if g.ndim else g, (*g.shape, length))
    return from_diagonal(along, shape=a.shape, offset=offset, **_positive(a, axis1, axis2))


trace = primitive(
    lambda a, offset=0, axis1=0, axis2=1, dtype=None: a.trace(offset, axis1, axis2, dtype),
    _trace_rule,
    name="trace",
    numpy=np.trace,
    notation=_named("tr"),
    samples=_matrices,
)


@composed(np.diag, samples=lambda rng: [(rng.normal(size=(2, 3)), {"k": 1}), (rng.normal(size=2), {"k": -1})])
def diag(v, k=0):
    """np.diag: the diagonal of a matrix; of a vector, the matrix that has it on its diagonal."""
    v = operand(v)
    if v.ndim == 2:
        return np.diagonal(v, k)
    if v.ndim != 1:
        raise ValueError(f"np.diag takes a vector or a matrix, not shape {v.shape}; np.diagonal takes stacks of them")
    n = v.shape[0] + abs(k)
    return from_diagonal(v, shape=(n, n), offset=k)


@composed(np.diagflat, samples=lambda rng: [(rng.normal(size=(2, 2)), {"k": 1})])
def diagflat(v, k=0):
    """np.diagflat: the matrix with all entries of `v` on its diagonal."""
    return diag(operand(v).reshape(-1), k)


@composed(np.linalg.diagonal, samples=lambda rng: [(rng.normal(size=(2, 3, 4)), {"offset": 1})])
def linalg_diagonal(x, *, offset=0):
    """np.linalg.diagonal: the diagonal of each matrix of a stack."""
    return np.diagonal(x, offset, -2, -1)


@composed(np.linalg.trace, samples=lambda rng: [(rng.normal(size=(2, 3, 4)), {"offset": 1})])
def linalg_trace(x, *, offset=0, dtype=None):
    """np.linalg.trace: the trace of each matrix of a stack."""
    return np.trace(x, offset, -2, -1, dtype)
