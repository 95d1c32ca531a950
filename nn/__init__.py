"""nn: networks on top of autograd.

Modules:   Module, Linear, ReLU, Sigmoid, Tanh, Identity, Sequential, MLP
Functions: functional (relu, sigmoid, linear, mse_loss), init, optim (SGD), fit, data
"""

from __future__ import annotations

from . import data, functional, init, optim
from .layers import MLP, Identity, Linear, ReLU, Sequential, Sigmoid, Tanh
from .module import Module
from .training import fit

__all__ = [
    "MLP",
    "Identity",
    "Linear",
    "Module",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "data",
    "fit",
    "functional",
    "init",
    "optim",
]
