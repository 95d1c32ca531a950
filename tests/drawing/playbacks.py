"""Graphs to play, for the tests of the playback."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.derivation.steps import steps
from autograd.drawing.playback import Playback

HOSTILE = (
    "</script><script>document.title='broken'</script>",
    "]]>\"' onload='document.title=1' x=\"",
    "javascript:document.title='broken'",
    r"$\href{javascript:document.title='broken'}{x}$ \frac{a",
    "<!--<script>",
    "\u202eabc\x00\x1b[31m\u2028",
)


def named(tensor: Tensor, name: str) -> Tensor:
    tensor.name = name
    return tensor


def fan_out() -> Tensor:
    """Scalars; x is used twice, a three times; every number can be had by hand."""
    x = Tensor(2.0, requires_grad=True, name="x")
    w = Tensor(-3.0, requires_grad=True, name="w")
    a = named(x * w, "a")
    b = named(np.sin(a), "b")
    c = named(a * x, "c")
    return named(b * c + a, "L")


def network(seed: int = 0) -> Tensor:
    """The 3-4-2 network."""
    rng = np.random.default_rng(seed)
    x = Tensor(np.arange(9.0).reshape(3, 3) / 4, name="x")
    W1 = Tensor(rng.normal(size=(3, 4)), requires_grad=True, name="W1")
    b1 = Tensor(np.zeros(4), requires_grad=True, name="b1")
    W2 = Tensor(rng.normal(size=(4, 2)), requires_grad=True, name="W2")
    b2 = Tensor(np.zeros(2), requires_grad=True, name="b2")
    z1 = named(x @ W1 + b1, "z1")
    a1 = named(np.maximum(z1, 0), "a1")
    z2 = named(a1 @ W2 + b2, "z2")
    y = named(np.tanh(z2), "y_hat")
    return named(np.mean((y - np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])) ** 2), "L")


def hostile() -> Tensor:
    """Names that are markup, script or TeX; values that are not finite."""
    first = Tensor([1.0, np.inf, np.nan], requires_grad=True, name=HOSTILE[0])
    second = Tensor([2.0, -np.inf, 0.0], requires_grad=True, name=HOSTILE[1])
    third = named(first * second, HOSTILE[2])
    fourth = named(third * third, HOSTILE[3])
    fifth = named(fourth + first, HOSTILE[4])
    return named(np.sum(fifth), HOSTILE[5])


def chain(length: int) -> Tensor:
    value = Tensor(0.5, requires_grad=True, name="v")
    for i in range(length):
        value = named(np.sin(value), f"s{i}")
    return value


def data_of(page: str) -> Any:
    """What a page's script is given."""
    return json.loads(page.split('id="data">')[1].split("</script>")[0], parse_constant=_no_number)


def _no_number(written: str) -> None:
    raise AssertionError(f"{written} is no JSON")


def playback(result: Tensor) -> Playback:
    return Playback(steps(result))
