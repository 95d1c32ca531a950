"""NumPy functions through which no gradient flows: places, counts and yes or no. Their results are constants."""

from __future__ import annotations

import numpy as np

from .answers import constant

# Places.
constant(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argpartition, np.lexsort)
constant(np.argwhere, np.nonzero, np.flatnonzero, np.searchsorted, np.digitize)
constant(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, np.ix_)
constant(np.unravel_index, np.ravel_multi_index)

# Counts.
constant(np.count_nonzero, np.histogram_bin_edges, np.linalg.matrix_rank)

# Yes or no.
constant(np.isclose, np.isin, np.iscomplex, np.isreal, np.isposinf, np.isneginf)

# Of real numbers, 0.
constant(np.imag)

# Operations on integers.
constant(np.gcd, np.lcm, np.bitwise_count, np.bitwise_left_shift, np.bitwise_right_shift)
if hasattr(np, "in1d"):  # gone since NumPy 2.4
    constant(np.in1d)
