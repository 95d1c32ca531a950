"""Transforms: from a function to the function that computes its derivatives. They nest, to any order."""

from .checkpointing import checkpoint
from .first import derivative, grad, jvp, value_and_grad, vjp
from .matrices import hessian, hvp, jacobian

__all__ = ["checkpoint", "derivative", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]
