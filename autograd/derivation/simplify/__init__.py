"""Trees as one would write them: a table of rewriting rules, a few for each primitive."""

from __future__ import annotations

from ...primitives import arithmetic, elementwise, indexing, products, reductions, shapes
from . import arrays, factors, fractions, sums
from .rewriting import HIDDEN, MERGES, RESHAPING, RULES, made, merged, simplified

__all__ = ["HIDDEN", "RESHAPING", "made", "merged", "simplified"]

RULES |= {
    arithmetic.add: (sums.signs, sums.zero, sums.chain),
    arithmetic.subtract: (sums.signs, sums.zero),
    arithmetic.multiply: (factors.numbers_in_front,),
    arithmetic.divide: (fractions.no_ties, factors.numbers_in_front),
    elementwise.negative: (factors.numbers_in_front,),
    arithmetic.power: (fractions.first_power,),
    elementwise.where: (arrays.indicator, arrays.guard),
    shapes.astype: (arrays.converted_number,),
    shapes.transpose: (arrays.transposed,),
}

MERGES |= {
    arithmetic.add: (sums.like_terms, sums.common_factor, sums.positive_first),
    arithmetic.subtract: (sums.like_terms, sums.common_factor),
    arithmetic.multiply: (fractions.one_fraction, fractions.squared),
    arithmetic.divide: (fractions.squared_below,),
    elementwise.square: (fractions.square_of_root,),
    reductions.sum: (arrays.out_of_linear,),
    products.matmul: (arrays.out_of_linear,),
    products.outer: (arrays.out_of_linear,),
    shapes.transpose: (arrays.out_of_linear, arrays.product_transposed),
    indexing.getitem: (arrays.out_of_linear,),
    indexing.scatter: (arrays.out_of_linear,),
}
