"""nn: networks on top of autograd.

Modules
    Module          a part of a network: its parameters and Modules are plain attributes
    Linear          x W + b
    ReLU, Sigmoid, Tanh, Identity
                    activations
    Sequential      one Module after another
    MLP             a multilayer perceptron: MLP(3, 4, 2)
    functional_call
                    a Module as a function of its parameters, for transforms

Functions
    functional      relu, sigmoid, softmax, linear, mse_loss, cross_entropy, …
    init            where a network starts: normal, kaiming_uniform, xavier_uniform, …

Training
    fit             the loop: all data at once or in batches, with any loss and optimizer
    optim           SGD, Adam
    data            a table of your own, from CSV or .npz
    save, load      parameters in a .npz file

python -m nn --help has the commands: train, derive, draw, play.
"""

from __future__ import annotations

import autograd

if not hasattr(autograd, "Tensor"):
    raise ImportError(
        f"nn needs glassgrad's package `autograd`; the one found, {autograd.__file__}, is another distribution's "
        "(HIPS autograd, on the package index: autograd). Use an environment of its own for each"
    )

from . import data, functional, init, optim
from .layers import MLP, Identity, Linear, ReLU, Sequential, Sigmoid, Tanh
from .module import Module, functional_call
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
    "functional_call",
    "init",
    "load",
    "optim",
    "save",
]


def __dir__() -> list[str]:
    return __all__
