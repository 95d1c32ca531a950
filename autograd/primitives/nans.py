"""Sums, products, means, variances and extremes that leave NaN out: compositions of those that do not."""

from __future__ import annotations

import numpy as np

from .answers import anywhere, bare, composed, refuse_out
from .elementwise import root
from .reductions import per

# nanmedian and its kin are with the medians in statistics.py.


def _with_nan(rng):
    a = rng.normal(size=(3, 4))
    yield (a[0],)
    yield a.reshape(2, 3, 2), {"axis": (0, -1), "keepdims": True}


def _whole(a):
    """Integers and booleans have no NaN."""
    return a.dtype.kind not in "fc"


def _without(a, value):
    return a if _whole(a) else np.where(np.isnan(a), value, a)


@composed(np.nansum, samples=_with_nan)
def nansum(a, axis=None, dtype=None, out=None, keepdims=False, initial=0, where=True):
    """np.nansum: the sum, NaN taken for 0."""
    refuse_out("nansum", out)
    return np.sum(_without(a, 0), axis=axis, dtype=dtype, keepdims=keepdims, **_extra(initial, 0, where))


@composed(np.nanprod, samples=_with_nan)
def nanprod(a, axis=None, dtype=None, out=None, keepdims=False, initial=1, where=True):
    """np.nanprod: the product, NaN taken for 1."""
    refuse_out("nanprod", out)
    return np.prod(_without(a, 1), axis=axis, dtype=dtype, keepdims=keepdims, **_extra(initial, 1, where))


def _extra(initial, default, where):
    given = {} if where is True else {"where": where}
    return given if type(initial) is int and initial == default else {**given, "initial": initial}


def _extreme(name, whole, least):
    def extreme(a, axis=None, out=None, keepdims=False, initial=None, where=True):
        refuse_out(name, out)
        extra = _extra(initial, None, where) if initial is not None or where is not True else {}
        found = whole(_without(a, least), axis=axis, keepdims=keepdims, **extra)
        if _whole(a) or initial is not None:
            return found
        nothing = np.all(np.isnan(a), axis=axis, keepdims=keepdims)
        if isinstance(bare(nothing), (np.ndarray, np.generic)) and not anywhere(nothing):
            return found
        return found + np.where(nothing, np.nan, 0).astype(found.dtype)

    extreme.__doc__ = f"np.{name}: the extreme of all entries but NaN."
    return extreme


nanmax = composed(np.nanmax, samples=_with_nan)(_extreme("nanmax", np.max, -np.inf))
nanmin = composed(np.nanmin, samples=_with_nan)(_extreme("nanmin", np.min, np.inf))


def _floating(name, dtype):
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        raise TypeError(f"{name}: of real numbers the dtype must be a real floating one, not {np.dtype(dtype)}")


@composed(np.nanmean, samples=_with_nan)
def nanmean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    """np.nanmean: the mean of all entries but NaN."""
    refuse_out("nanmean", out)
    masked = {} if where is True else {"where": where}
    if _whole(a):
        return np.mean(a, axis=axis, dtype=dtype, keepdims=keepdims, **masked)
    _floating("nanmean", dtype)
    count = np.sum(~np.isnan(a), axis=axis, dtype=np.intp, keepdims=keepdims, **masked)
    return per(np.sum(_without(a, 0), axis=axis, dtype=dtype, keepdims=keepdims, **masked), count)


@composed(np.nanvar, samples=_with_nan)
def nanvar(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None):
    """np.nanvar: the variance of all entries but NaN."""
    refuse_out("nanvar", out)
    masked = {} if where is True else {"where": where}
    if _whole(a):
        return np.var(a, axis, dtype, None, ddof, keepdims, mean=mean, correction=correction, **masked)
    _floating("nanvar", dtype)
    if correction is not None and ddof != 0:
        raise ValueError("ddof and correction can't be provided simultaneously.")
    gaps, entries = np.isnan(a), _without(a, 0)
    count = np.sum(~gaps, axis=axis, dtype=np.intp, keepdims=True, **masked)
    if mean is None:
        mean = per(np.sum(entries, axis=axis, dtype=dtype, keepdims=True, **masked), count)
    squares = np.square(np.where(gaps, 0, entries - mean))
    total = np.sum(squares, axis=axis, dtype=dtype, keepdims=keepdims, **masked)
    degrees = count.reshape(total.shape) - (ddof if correction is None else correction)
    return per(total, np.where(degrees > 0, degrees, np.nan))


@composed(np.nanstd, samples=_with_nan)
def nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None):
    """np.nanstd: the square root of the variance of all entries but NaN. Where that is 0, so is the gradient."""
    refuse_out("nanstd", out)
    x = np.nanvar(a, axis, dtype, None, ddof, keepdims, **_some(where=where, mean=mean, correction=correction))
    return root(x)


def _some(**options):
    return {name: value for name, value in options.items() if value is not None and value is not True}


def _lines(rng):
    yield (rng.normal(size=3),)
    yield rng.normal(size=(2, 3)), {"axis": -1}


@composed(np.nancumsum, samples=_lines)
def nancumsum(a, axis=None, dtype=None, out=None):
    """np.nancumsum: running sums, NaN taken for 0."""
    refuse_out("nancumsum", out)
    return np.cumsum(_without(a, 0), axis=axis, dtype=dtype)


@composed(np.nancumprod, samples=_lines)
def nancumprod(a, axis=None, dtype=None, out=None):
    """np.nancumprod: running products, NaN taken for 1."""
    refuse_out("nancumprod", out)
    return np.cumprod(_without(a, 1), axis=axis, dtype=dtype)
