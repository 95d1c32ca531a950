"""What the commands of `python -m nn` do: set a network up, train it, and show what was asked for."""

from __future__ import annotations

import argparse
import ast
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import autograd as ag
from autograd.graph import ancestors

from . import data, init
from .checking import Kind, check
from .layers import MLP, activations
from .module import Module
from .options import UsageError, losses, optimizers
from .saving import contents, load, save
from .terminal import path_in_bytes
from .training import fit

_EVERY = 100
_BROWSABLE = (".html", ".svg", ".png", ".gif", ".pdf")
_PICTURES = (".svg", ".html", ".dot", ".png", ".pdf")
_TEXTS = (".html", ".md", ".svg", ".tex", ".txt")
"""What a picture and a derivation are saved as: a wrong name is refused before the training, not after it."""

Browse = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class _Setup:
    """A network and what it learns from: the data as arrays; with cross-entropy, y may be class numbers, one axis."""

    net: MLP
    x: np.ndarray
    y: np.ndarray
    kind: Kind


# The commands ---------------------------------------------------------------------------------------------------------


@np.errstate(over="ignore", invalid="ignore")  # what they lead to is looked for, and said in one line
def everything(given: argparse.Namespace, browse: Browse) -> int:
    """The main job: train, print the derivation, check the gradients, write picture and page."""
    setup = _set_up(given)
    net, x, y = setup.net, setup.x, setup.y
    base = os.path.join(given.out, f"mlp-{_sizes(net)}")
    picture, page = _target(f"{base}.svg"), _target(f"{base}.html")
    print(f"{net}; {len(x)} examples\n")
    _train(setup, given)
    prediction, loss = _losses(setup, given)
    print(f"after {given.epochs} epochs the loss is {loss.item():.4f}\n\npredictions")
    print(np.array2string(prediction.numpy(), precision=4, suppress_small=True), end="\n\n")

    derivation = ag.derive(loss)
    print(derivation.text(), end="\n\n")
    agree = check(net, x, y, setup.kind, given.seed)
    ag.draw(loss).save(picture)
    derivation.save(page)
    print(f"wrote {path_in_bytes(picture)}\nwrote {path_in_bytes(page)}")
    _open(page, given, browse)
    return 0 if agree else 1


@np.errstate(over="ignore", invalid="ignore")
def train(given: argparse.Namespace, browse: Browse) -> int:
    """Train, and save the parameters."""
    setup = _set_up(given)
    net = setup.net
    target = _target(given.save or f"mlp-{_sizes(net)}.npz", (".npz",))
    print(f"{net}; {len(setup.x)} examples\n")
    _train(setup, given)
    prediction, loss = _losses(setup, given)
    print(f"after {given.epochs} epochs the loss is {loss.item():.4f}")
    if setup.y.ndim == 1:
        right = int((prediction.numpy().argmax(axis=1) == setup.y).sum())
        print(f"{right} of {len(setup.y)} examples are put in their class")
    _saved(lambda path: save(net, path), target)
    return 0


@np.errstate(over="ignore", invalid="ignore")
def derive(given: argparse.Namespace, browse: Browse) -> int:
    """Print the derivation of all gradients, or of one entry; save it if asked to."""
    setup = _set_up(given)
    net = setup.net
    target = given.save or (f"derivation-{_sizes(net)}.html" if given.open else None)
    if target is not None:
        target = _target(target, _TEXTS if not given.entry else (*_TEXTS, ".dot", ".png", ".pdf"))
        _check_browsable(target, given)
    loss = _shown_loss(setup, given)
    shown: Any
    if given.entry:
        wrt, index = _entry(loss, given.entry)
        try:
            shown = ag.paths(loss, wrt, index) if given.paths else ag.derive(loss, wrt=wrt, index=index)
        except (IndexError, ValueError) as error:
            raise UsageError(f"--entry {' '.join(given.entry)}: {error}") from None
    else:
        shown = ag.derive(loss)
    print(shown)
    if target is not None:
        _saved(shown.save, target)
        _open(target, given, browse)
    return 0


@np.errstate(over="ignore", invalid="ignore")
def draw(given: argparse.Namespace, browse: Browse) -> int:
    """Save the picture of the graph."""
    setup = _set_up(given)
    net = setup.net  # a variable: the picture frames what was computed in its call
    target = _target(given.save or f"{'units' if given.neurons else 'graph'}-{_sizes(net)}.svg", _PICTURES)
    _check_browsable(target, given)
    loss = _shown_loss(setup, given)
    try:
        picture = ag.draw(loss, neurons=given.neurons)
    except ValueError as error:
        raise UsageError(str(error)) from None
    _saved(picture.save, target)
    _open(target, given, browse)
    return 0


@np.errstate(over="ignore", invalid="ignore")
def play(given: argparse.Namespace, browse: Browse) -> int:
    """Save the backward pass, step by step."""
    setup = _set_up(given)
    target = _target(given.save or f"play-{_sizes(setup.net)}.html", (".html", ".svg", ".gif", ".txt"))
    _check_browsable(target, given)
    loss = _shown_loss(setup, given)
    try:
        steps = ag.play(loss)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if target.lower().endswith(".gif"):  # a second each, where there are many values
        print(f"drawing {len(steps.plan.frames)} pictures", flush=True)
    _saved(steps.save, target)
    _open(target, given, browse)
    return 0


known: dict[str, Callable[[argparse.Namespace, Browse], int]] = {
    "": everything,
    "train": train,
    "derive": derive,
    "draw": draw,
    "play": play,
}
"""By the name that the command line begins with; "" is the main job."""


# The network and its data ---------------------------------------------------------------------------------------------


def _set_up(given: argparse.Namespace) -> _Setup:
    net = _network(given) if given.model is None else _loaded(given.model)
    classes = given.loss == "cross_entropy"
    # Without a header, a table's last column holds the class numbers; its targets are not as many as the outputs.
    x, y = data.article() if given.data is None else data.load(given.data, 1 if classes else net.sizes[-1])
    if classes:
        y = _classes(y, net.sizes[-1])
    for what, has, role, size, edge in (
        ("inputs (x)", x.shape[1], "starts", net.sizes[0], "first"),
        ("targets (y)", y.shape[1] if y.ndim == 2 else net.sizes[-1], "ends", net.sizes[-1], "last"),
    ):
        if has != size:
            where = "--sizes" if given.model is None else "the model"
            raise UsageError(f"the data has {has} {what}, but {where} {role} with {size}; make the {edge} size {has}")
    activation, output = (
        next(name for name, function in activations.items() if function is used)
        for used in (net.activation, net.output)
    )
    return _Setup(net, x, y, Kind(activation, output, given.loss))


def _network(given: argparse.Namespace) -> MLP:
    return MLP(
        *(given.sizes or (3, 4, 2)),
        activation=given.activation or "relu",
        output=given.output or ("identity" if given.loss == "cross_entropy" else "sigmoid"),
        init=init.normal,
        rng=np.random.RandomState(given.seed),
    )


def _loaded(path: str) -> MLP:
    """The network that `train` saved: its sizes and activations are in the repr that the file holds."""
    try:
        about, state = contents(path)
        net = _described(path, about, state)
        load(net, path)
    except OSError as error:
        raise UsageError(f"model file {path!r}: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not all(np.isfinite(p.numpy()).all() for p in net.parameters()):
        raise UsageError(f"model file {path!r} holds numbers that are not finite")
    return net


def _described(path: str, about: str, state: dict[str, np.ndarray]) -> MLP:
    try:
        call: Any = ast.parse(about, mode="eval").body
        if call.func.id != "MLP":
            raise ValueError
        sizes = [ast.literal_eval(argument) for argument in call.args]
        options = {option.arg: ast.literal_eval(option.value) for option in call.keywords}
        shapes = {f"{letter}{n}": shape for n in range(1, len(sizes)) for letter, shape in
                  (("W", (sizes[n - 1], sizes[n])), ("b", (sizes[n],)))}  # fmt: skip
        if shapes != {name: array.shape for name, array in state.items()}:  # before memory is asked for
            raise ValueError
        return MLP(*sizes, **options, init=init.zeros, dtype=next(iter(state.values())).dtype)
    except (ValueError, TypeError, SyntaxError, AttributeError, RecursionError):
        held = about.splitlines()[0][:60] if about else "arrays of no named model"
        raise UsageError(
            f"model file {path!r} holds {held}; the commands take an MLP with activations by name, as train saves it"
        ) from None


def _classes(y: np.ndarray, number: int) -> np.ndarray:
    """Targets for the cross-entropy: class numbers of one axis, or probabilities, a column for each class."""
    if y.shape[1] == 1 and number > 1:
        wrong = np.flatnonzero((y[:, 0] != np.floor(y[:, 0])) | (y[:, 0] < 0) | (y[:, 0] >= number))
        if len(wrong):
            raise UsageError(
                f"the target of example {wrong[0] + 1} is {y[wrong[0], 0]:g}; for --loss cross_entropy it is a class "
                f"number from 0 to {number - 1}, as --sizes ends with {number}"
            )
        return y[:, 0].astype(np.int64)
    wrong = np.flatnonzero((np.abs(y.sum(axis=1) - 1) > 1e-6) | (y < 0).any(axis=1))
    if len(wrong):
        raise UsageError(
            f"the targets of example {wrong[0] + 1} sum to {y[wrong[0]].sum():g}; for --loss cross_entropy they are "
            "probabilities, which sum to 1, or one column of class numbers"
        )
    return y


def _train(setup: _Setup, given: argparse.Namespace) -> None:
    on_terminal = sys.stderr is not None and sys.stderr.isatty()
    write: Callable[[str], Any] = print
    if on_terminal:
        from tqdm import tqdm  # type: ignore[import-untyped]

        write = tqdm.write  # print, without writing into the bar

    def report(epoch: int, loss: float) -> None:
        if epoch % _EVERY == 0:
            write(f"epoch {epoch:4d}  loss {loss:.4f}")

    fit(
        setup.net,
        setup.x,
        setup.y,
        epochs=given.epochs,
        lr=given.lr,
        loss=losses[given.loss],
        optimizer=optimizers[given.optimizer],
        batch_size=given.batch_size,
        rng=given.seed,
        progress=on_terminal,
        report=report,
    )


def _losses(setup: _Setup, given: argparse.Namespace, rows: int | None = None) -> tuple[ag.Tensor, ag.Tensor]:
    """Prediction and loss of all examples, or of the first ones; the parameters hold its gradients."""
    net: Module = setup.net
    prediction = net(ag.Tensor(setup.x[:rows], name="x"))
    loss = losses[given.loss](prediction, ag.Tensor(setup.y[:rows], name="y"))
    net.zero_grad()
    loss.backward()
    results = [loss, *(p.grad for p in net.parameters())]
    if not all(np.isfinite(t.numpy()).all() for t in results if t is not None):
        if not given.epochs:
            raise FloatingPointError("the loss or a gradient is not finite: scale the data down")
        raise FloatingPointError("training diverged: the loss or a gradient at the end is not finite; lower --lr")
    return prediction, loss


def _shown_loss(setup: _Setup, given: argparse.Namespace) -> ag.Tensor:
    """The loss that derive and draw show: of the first examples, after the training that was asked for."""
    number = len(setup.x)
    which = f"{number} examples"
    if given.rows < number:
        which = f"the first {f'{given.rows} ' if given.rows > 1 else ''}of {which}"
    print(f"{setup.net}; {which}\n")
    if given.epochs:
        _train(setup, given)
        print()
    return _losses(setup, given, given.rows)[1]


def _entry(loss: ag.Tensor, words: list[str]) -> tuple[ag.Tensor, tuple[int, ...]]:
    """The Tensor of the graph that the first word names, and the index that the others are."""
    by_name = {node.name: node for node in ancestors(loss) if node.name is not None and node.requires_grad}
    name, *rest = words
    if name not in by_name:
        names = ", ".join(f"{known} {node.shape}" for known, node in by_name.items())
        raise UsageError(f"--entry: nothing called {name!r} has a gradient here; there are {names}")
    try:
        return by_name[name], tuple(int(word) for word in rest)
    except ValueError:
        raise UsageError(f"--entry {' '.join(words)}: the index is whole numbers, one for each axis") from None


# The files ------------------------------------------------------------------------------------------------------------


def _sizes(net: MLP) -> str:
    return "-".join(map(str, net.sizes))


def _target(path: str, suffixes: tuple[str, ...] = ()) -> str:
    """Where a file will go, once it is certain that it can."""
    path = os.path.expanduser(path)
    folder = os.path.dirname(path) or "."
    if suffixes and os.path.splitext(path)[1].lower() not in suffixes:
        raise UsageError(f"--save {path!r}: the name must end in {', '.join(suffixes)}")
    if not os.path.isdir(folder):
        raise UsageError(f"folder {folder!r} {'is no folder' if os.path.lexists(folder) else 'not found'}")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
        if os.path.exists(path) and not os.path.isfile(path):
            raise UsageError(f"cannot write {path!r}: it exists and is no regular file")
        with suppress(FileNotFoundError):  # any other error, such as a name that is too long, is found here
            os.lstat(path)
    except OSError as error:
        raise UsageError(f"cannot write to folder {folder!r}: {error.strerror or error}") from None
    return path


def _saved(write: Callable[[str], Any], path: str) -> None:
    """Write the file and say so; what it cannot be saved as, or for what something is not installed, is one line."""
    try:
        write(path)
    except (ValueError, RuntimeError) as error:
        raise UsageError(f"{path!r}: {error}") from None
    print(f"wrote {path_in_bytes(path)}")


def _check_browsable(path: str, given: argparse.Namespace) -> None:
    suffix = os.path.splitext(path)[1].lower()
    if given.open and suffix not in _BROWSABLE:
        raise UsageError(f"--open: no browser shows {path!r}; save one of {', '.join(_BROWSABLE)}")


def _open(path: str, given: argparse.Namespace, browse: Browse) -> None:
    if given.open and not browse(Path(path).resolve().as_uri()):
        print(f"nn: found no browser to show it in; open {path_in_bytes(path)} yourself", file=sys.stderr)
