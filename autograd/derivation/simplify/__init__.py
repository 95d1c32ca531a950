"""Trees as one would write them: a table of rewriting rules, a few for each primitive."""

from __future__ import annotations

from ...primitives import (
    arithmetic,
    contractions,
    diagonals,
    einsum,
    elementwise,
    indexing,
    linalg,
    norms,
    products,
    rearranging,
    reductions,
    scans,
    shapes,
)
from . import arrays, factors, fractions, sums
from .known import is_one
from .rewriting import FACTORS, HIDDEN, MERGES, PLUMBING, RESHAPING, RULES, has_simpler_name, made, merged, simplified

__all__ = ["HIDDEN", "PLUMBING", "RESHAPING", "has_simpler_name", "is_one", "made", "merged", "simplified"]

LINEAR = (
    contractions.tensordot,
    diagonals.diagonal,
    diagonals.from_diagonal,
    diagonals.trace,
    einsum.einsum,
    indexing.getitem,
    indexing.scatter,
    rearranging.tril,
    rearranging.triu,
    reductions.mean,
    scans.cumsum,
)
"""What numbers in front of operands may stand in front of."""

RULES |= {
    arithmetic.add: (sums.signs, sums.zero, sums.chain),
    arithmetic.subtract: (sums.signs, sums.zero),
    arithmetic.multiply: (factors.numbers_in_front,),
    arithmetic.divide: (fractions.no_ties, factors.numbers_in_front),
    norms.over: (fractions.without_guard,),
    reductions.sum: (arrays.over_all,),
    elementwise.negative: (factors.numbers_in_front,),
    arithmetic.power: (fractions.first_power,),
    elementwise.where: (arrays.indicator, arrays.guard),
    shapes.astype: (arrays.converted_number,),
    shapes.transpose: (arrays.transposed,),
}

MERGES |= {
    arithmetic.add: (sums.like_terms, sums.common_matrix),
    arithmetic.subtract: (sums.like_terms, sums.common_matrix),
    arithmetic.multiply: (fractions.one_fraction,),
    arithmetic.divide: (fractions.one_fraction,),
    shapes.expand_dims: (arrays.out_of_linear, arrays.reciprocal_spread),
    elementwise.where: (arrays.gate,),
    elementwise.square: (fractions.square_of_root,),
    reductions.sum: (arrays.out_of_linear, arrays.out_of_sum),
    products.matmul: (arrays.unit_matrix, arrays.out_of_linear),
    linalg.solve: (arrays.out_of_linear_right, arrays.by_inverse_transposed),
    products.outer: (arrays.out_of_linear,),
    shapes.transpose: (arrays.out_of_linear, arrays.product_transposed, arrays.inverse_transposed),
    **dict.fromkeys(LINEAR, (arrays.out_of_linear,)),
}

FACTORS |= {
    arithmetic.add: (sums.common_factor, sums.positive_first),
    arithmetic.subtract: (sums.common_factor,),
}
