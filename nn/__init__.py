"""nn: networks on top of autograd.

Modules:    Module, Linear, ReLU, Sigmoid, Tanh, Identity, Sequential, MLP
Functions:  functional (relu, sigmoid, softmax, linear, mse_loss, cross_entropy, …), init (where a network starts)
Training:   fit, optim (SGD, Adam), data (a table of your own), save and load
Commands:   python -m nn --help
"""

from __future__ import annotations

from . import data, functional, init, optim
from .layers import MLP, Identity, Linear, ReLU, Sequential, Sigmoid, Tanh
from .module import Module
from .saving import load, save
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
    "load",
    "optim",
    "save",
]
