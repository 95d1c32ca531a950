"""Numbers evenly spaced between two ends; and polynomials given by their coefficients, the highest power first."""

from __future__ import annotations

import operator

import numpy as np

from .answers import anywhere, bare, composed

# Spaced.


def _ends(rng):
    yield rng.uniform(0.5, 1, ()), rng.uniform(2, 3, ()), {"num": 4}
    yield rng.uniform(0.5, 1, 2), rng.uniform(2, 3, (3, 1)), {"num": 3, "endpoint": False, "axis": -1}


@composed(np.linspace, samples=_ends)
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):
    """np.linspace: `num` numbers, evenly spaced from `start` to `stop`."""
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    parts = num - 1 if endpoint else num
    inexact = np.result_type(start, stop, float(num))
    delta = np.subtract(stop, start)
    if delta.dtype.kind not in "fc":
        delta = delta.astype(inexact)
    counts = np.cumsum(np.ones_like(delta, dtype=inexact, shape=(num,) + (1,) * delta.ndim), axis=0) - 1
    step = np.nan if parts <= 0 else delta / parts
    if parts <= 0:
        y = counts * delta
    elif anywhere(step == 0):  # the step is too small for a number, or the ends are equal
        y = counts / parts * delta
    else:
        y = counts * step
    y = y + start
    if endpoint and num > 1:
        y = np.concatenate([y[:-1], np.broadcast_to(stop, y.shape[1:])[None]])
    y = _placed(y, axis)
    if dtype is not None and np.dtype(dtype).kind in "iu":
        y = np.floor(y)
    wanted = inexact if dtype is None else np.dtype(dtype)
    y = y if y.dtype == wanted else y.astype(wanted)
    return (y, step) if retstep else y


def _placed(y, axis):
    """The first axis moved to another place."""
    if axis % y.ndim == 0:
        return y
    others = list(range(1, y.ndim))
    others.insert(axis % y.ndim, 0)
    return y.transpose(others)


@composed(
    np.logspace,
    samples=lambda rng: [
        (rng.uniform(-1, 0, ()), rng.uniform(0.1, 1, ()), {"num": 4}),
        (rng.uniform(-1, 0, 2), rng.uniform(0.1, 1, ()), {"num": 3, "base": 2.0, "axis": 1}),
        (np.array(-1.0), np.array(1.0), {"num": 3, "base": 3}),
    ],
)
def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    """np.logspace: powers of `base`, their exponents evenly spaced."""
    if np.ndim(base):
        most = max(map(np.ndim, (start, stop, base)))
        start, stop, base = (np.reshape(x, (1,) * (most - np.ndim(x)) + np.shape(x)) for x in (start, stop, base))
        base = np.expand_dims(base, axis)
    y = np.power(base, np.linspace(start, stop, num=num, endpoint=endpoint, axis=axis))
    return y if dtype is None or y.dtype == dtype else y.astype(dtype)


@composed(np.geomspace, samples=_ends)
def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """np.geomspace: `num` numbers from `start` to `stop`, each a constant multiple of the one before it."""
    if anywhere(np.equal(start, 0)) or anywhere(np.equal(stop, 0)):
        raise ValueError("Geometric sequence cannot include zero")
    inner = np.result_type(start, stop, float(num), np.zeros((), dtype))
    start, stop = (np.astype(x if hasattr(x, "dtype") else np.array(x), inner) for x in (start, stop))
    sign = np.sign(start)
    start, stop = start / sign, stop / sign
    y = np.logspace(np.log10(start), np.log10(stop), num=num, endpoint=endpoint, base=10.0, dtype=inner)
    if num > 0:
        ends = [np.broadcast_to(x, y.shape[1:])[None] for x in (start, stop)]
        last = num > 1 and endpoint
        y = np.concatenate([ends[0], y[1:-1] if last else y[1:], *ends[last:][:last]])
    y = _placed(y * sign, axis)
    return y if dtype is None or y.dtype == dtype else y.astype(dtype)


# Polynomials.


@composed(
    np.polyval,
    samples=lambda rng: [(rng.normal(size=3), rng.normal(size=(2, 2))), (rng.normal(size=4), rng.normal(size=()))],
)
def polyval(p, x):
    """np.polyval: the value of a polynomial, by Horner's rule."""
    p, x = (given if hasattr(given, "dtype") else np.array(given) for given in (p, x))
    y = np.zeros_like(x)
    for i in range(len(p)):
        y = y * x + p[i]
    return y


def _coefficients(rng):
    yield rng.normal(size=3), rng.normal(size=3)
    yield rng.normal(size=2), rng.normal(size=4)


def _aligned(name, combine):
    def aligned(a1, a2):
        a1, a2 = (np.reshape(x, np.shape(x) or (1,)) for x in (a1, a2))
        longest = max(len(a1), len(a2))
        a1, a2 = (_padded(x, longest - len(x)) for x in (a1, a2))
        return combine(a1, a2)

    aligned.__doc__ = f"np.{name}: of coefficients of equal powers."
    return aligned


def _padded(p, count):
    return np.concatenate([np.zeros_like(p, shape=count), p]) if count else p


polyadd = composed(np.polyadd, samples=_coefficients)(_aligned("polyadd", np.add))
polysub = composed(np.polysub, samples=_coefficients)(_aligned("polysub", np.subtract))


@composed(np.polymul, samples=_coefficients)
def polymul(a1, a2):
    """np.polymul: the product, by a convolution of the coefficients."""
    return np.convolve(_trimmed(a1), _trimmed(a2))


def _trimmed(p):
    """Without the powers in front whose coefficients are 0, as NumPy has it."""
    p = np.reshape(p, np.shape(p) or (1,))
    count = len(p) - len(np.trim_zeros(bare(p), "f"))
    return p[min(count, len(p) - 1) :]


@composed(np.polyder, samples=lambda rng: [(rng.normal(size=4),), (rng.normal(size=4), {"m": 2})])
def polyder(p, m=1):
    """np.polyder: the coefficients of the derivative of order `m`."""
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    for _ in range(int(m)):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


@composed(np.polyint, samples=lambda rng: [(rng.normal(size=3),), (rng.normal(size=2), {"m": 2})])
def polyint(p, m=1, k=None):
    """np.polyint: the coefficients of the antiderivative of order `m`, with constants `k`."""
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    m = int(m)
    k = np.zeros_like(p, dtype=float, shape=m) if k is None else np.reshape(k, np.shape(k) or (1,))
    if len(k) == 1 and m > 1:
        k = k[0] * np.ones(m)
    if len(k) < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    for i in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), k[i : i + 1]])
    return p


@composed(np.vander, samples=lambda rng: [(rng.normal(size=3),), (rng.normal(size=2), {"N": 4, "increasing": True})])
def vander(x, N=None, increasing=False):
    """np.vander: a row of powers of each entry."""
    if np.ndim(x) != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    count = len(x) if N is None else N
    ones = np.ones_like(x, dtype=np.promote_types(x.dtype, int))[:, None]
    if count <= 1:
        return ones[:, :count]
    powers = np.cumprod(np.broadcast_to(x.astype(ones.dtype)[:, None], (len(x), count - 1)), axis=1)
    columns = np.concatenate([ones, powers], axis=1)
    return columns if increasing else columns[:, ::-1]
