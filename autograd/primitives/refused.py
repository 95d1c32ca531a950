"""NumPy functions that are not differentiated, each with the reason. A test holds the tables to all that NumPy has."""

from __future__ import annotations

import numpy as np

from .answers import refuse

refuse(
    "its result is complex, and gradients here are of real numbers",
    np.linalg.eig,
    np.linalg.eigvals,
    np.roots,
    np.poly,
    np.sort_complex,
    np.angle,
)
refuse(
    "Fourier transforms are complex, and gradients here are of real numbers; what the shifts do, np.roll does",
    "numpy.fft",  # a module's name: NumPy loads it only when it is asked for
)
refuse(
    "it chooses between real and complex results by the values; use np's function of that name, of real numbers",
    "numpy.lib.scimath",
    "numpy.lib._scimath_impl",  # its name before NumPy 2.3
)
refuse(
    "it writes into its argument, which graphs may hold; build the new value with ag.at(t, index).set(values), "
    "or np.where",
    np.copyto,
    np.fill_diagonal,
    np.place,
    np.put,
    np.put_along_axis,
    np.putmask,
)
refuse(
    "it takes dates or bits, not real numbers",
    np.busday_count,
    np.busday_offset,
    np.is_busday,
    np.datetime_as_string,
    np.isnat,
    np.packbits,
    np.unpackbits,
)
refuse("it tells how floating numbers are stored", np.frexp, np.nextafter, np.spacing)
refuse(
    "it calls a function of yours; call that on the slices yourself and join the results by np.stack",
    np.apply_along_axis,
    np.apply_over_axes,
    np.piecewise,
)
refuse("what it counts jumps as values cross the edges of bins", np.histogram, np.histogram2d, np.histogramdd)
refuse("its result is a quotient and a remainder of polynomials by long division", np.polydiv)
refuse("it solves least squares with a choice of scales; write np.linalg.lstsq(np.vander(x, n + 1), y)[0]", np.polyfit)
