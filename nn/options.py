"""What `python -m nn` takes: each command's options, with their help and examples."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any, NamedTuple, NoReturn

from .layers import activations
from .losses import cross_entropy, mse_loss
from .optim import SGD, Adam

losses = {"mse": mse_loss, "cross_entropy": cross_entropy}
optimizers = {"sgd": SGD, "adam": Adam}


class UsageError(Exception):
    """Something about the call that stops the job; the message is one line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


class _Command(NamedTuple):
    """What a command's help says, and which of the options it takes."""

    summary: str
    description: str
    examples: str
    options: tuple[Callable[[_Parser], None], ...]


def parsed(argv: Sequence[str]) -> argparse.Namespace:
    """The options of the command that `argv` begins with, its name in `command`: "" for the main job.

    UsageError for what cannot be; --help prints and exits.
    """
    name, rest = (argv[0], argv[1:]) if argv and not argv[0].startswith("-") else ("", argv)
    if name not in _COMMANDS:
        known = ", ".join(filter(None, _COMMANDS))
        raise UsageError(f"unknown command {name!r}: the commands are {known}; without one, the main job is run")
    command = _COMMANDS[name]
    parser = _Parser(
        prog=f"python -m nn {name}".rstrip(),
        description=command.description,
        epilog="\n".join(filter(None, (_listed() if not name else "", f"examples:\n{command.examples}", _DATA))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for add_options in command.options:
        add_options(parser)
    given = parser.parse_args(rest)
    given.command = name
    if given.sizes is not None and len(given.sizes) < 2:
        parser.error("argument --sizes: give two sizes or more, inputs first and outputs last")
    if getattr(given, "paths", False) and not given.entry:
        parser.error("argument --paths: say of which entry, e.g. --entry W1 0 0")
    if given.model is not None:
        for option in ("sizes", "activation", "output"):
            if getattr(given, option) is not None:
                parser.error(f"argument --{option}: the file of --model says it; leave one of the two out")
    return given


def _listed() -> str:
    lines = [f"  {name:<8}{command.summary}" for name, command in _COMMANDS.items() if name]
    return "\n".join(["commands, each with its own --help:", *lines, ""])


# The options, by group ------------------------------------------------------------------------------------------------


def _network(parser: _Parser) -> None:
    known = tuple(activations)
    add = parser.add_argument_group("network and data").add_argument
    positive = _number(int, "an integer of 1 or more", lambda n: n >= 1)
    seed = _number(int, "an integer from 0 to 4294967295", lambda n: 0 <= n < 2**32)
    add("--sizes", nargs="+", type=positive, metavar="N", help="inputs, hidden units, outputs (3 4 2)")
    add("--activation", choices=known, help="of the hidden layers (relu)")
    add("--output", choices=known, help="of the last layer (sigmoid; for cross_entropy identity)")
    add("--data", metavar="FILE", help="a .csv or .npz file (three built-in rows)")
    add("--loss", choices=tuple(losses), default="mse", help="what is made small (mse)")
    add("--seed", type=seed, default=0, metavar="N", help="of the random start (0)")
    add("--model", metavar="FILE", help="start from what `train` saved, a .npz file")


def _training(epochs: int) -> Callable[[_Parser], None]:
    def options(parser: _Parser) -> None:
        add = parser.add_argument_group("training").add_argument
        not_negative = _number(int, "an integer of 0 or more", lambda n: n >= 0)
        positive = _number(int, "an integer of 1 or more", lambda n: n >= 1)
        rate = _number(float, "a finite number of 0 or more", lambda n: isfinite(n) and n >= 0)
        add("--epochs", type=not_negative, default=epochs, metavar="N", help=f"how often through the data ({epochs})")
        add("--lr", type=rate, default=0.01, metavar="RATE", help="the learning rate (0.01)")
        add("--optimizer", choices=tuple(optimizers), default="sgd", help="what moves the parameters (sgd)")
        add("--batch-size", type=positive, metavar="N", help="examples for each update (all)")

    return options


def _shown(parser: _Parser) -> None:
    positive = _number(int, "an integer of 1 or more", lambda n: n >= 1)
    parser.add_argument("--rows", type=positive, default=3, metavar="N", help="of the first N examples (3)")


def _entry(parser: _Parser) -> None:
    parser.add_argument(
        "--entry",
        nargs="+",
        metavar=("NAME", "I"),
        help="of one entry of one gradient in scalar terms: a name (W1, b1, a1, …) and an index for each axis, from 0",
    )
    parser.add_argument("--paths", action="store_true", help="list the paths behind that entry, the largest first")


def _neurons(parser: _Parser) -> None:
    parser.add_argument("--neurons", action="store_true", help="as columns of units, for the first example")


def _folder(parser: _Parser) -> None:
    parser.add_argument(
        "--out", default=".", metavar="FOLDER", help="where the two files go; must exist (the current folder)"
    )


def _file(kinds: str, default: str) -> Callable[[_Parser], None]:
    def options(parser: _Parser) -> None:
        parser.add_argument("--save", metavar="FILE", help=f"{kinds} ({default})")

    return options


def _open(parser: _Parser) -> None:
    parser.add_argument("--open", action="store_true", help="show the result in a browser")


def _number(kind: Callable[[str], Any], wanted: str, fits: Callable[[Any], bool]) -> Callable[[str], Any]:
    def parsed(text: str) -> Any:
        try:
            number = kind(text)
        except ValueError:
            number = None
        if number is None or not fits(number):
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return number

    return parsed


# The commands ---------------------------------------------------------------------------------------------------------

_DATA = """
The data is a .csv or .npz file. CSV: a row of numbers for each example; with a header row, columns named x… are inputs
and columns named y… targets; without one, the last columns are the targets, as many as --sizes ends with. .npz: two
arrays, x and y, of two axes. For --loss cross_entropy the targets are a column of class numbers, from 0, or a column of
probabilities for each class.
"""

_COMMANDS: dict[str, _Command] = {
    "train": _Command(
        "train a network and save its parameters",
        "Train a multilayer perceptron. Print the losses; save the parameters for the other commands' --model.",
        """\
  python -m nn train                              the 3-4-2 network on the three built-in rows
  python -m nn train --data table.csv --sizes 2 8 8 1 --activation tanh --output identity --epochs 3000
  python -m nn train --data iris.csv --sizes 4 8 3 --loss cross_entropy --optimizer adam --batch-size 16
""",
        (_network, _training(1000), _file("where the parameters go, a .npz file", "mlp-SIZES.npz")),
    ),
    "derive": _Command(
        "derive the gradients of the loss, or one entry of one",
        "Derive every gradient of the loss, as backpropagation takes its steps: rule, numbers, result.",
        """\
  python -m nn derive                             the 3-4-2 network, before it has learned
  python -m nn derive --entry W1 0 0              one entry: the sum over all paths from it to the loss
  python -m nn derive --entry W1 0 0 --paths      these paths, the largest first
  python -m nn derive --data table.csv --sizes 2 5 1 --save derivation.html --open
  python -m nn derive --data table.csv --model mlp-2-5-1.npz
""",
        (_entry, _shown, _file("write it too, as .html, .md, .svg, .tex or .txt", "print only"), _open,
         _network, _training(0)),
    ),
    "draw": _Command(
        "draw the graph of the loss with its gradients",
        "Draw how the loss is computed, and its gradients with the formulas that backpropagation derives for them.",
        """\
  python -m nn draw                               the 3-4-2 network, as graph-3-4-2.svg
  python -m nn draw --neurons --save units.svg    the same as units and weights
  python -m nn draw --data table.csv --sizes 2 8 8 1 --save graph.html --open
""",
        (_neurons, _shown, _file("where it goes, a .svg, .html, .dot, .png or .pdf file", "graph-SIZES.svg"), _open,
         _network, _training(0)),
    ),
    "play": _Command(
        "go through backpropagation step by step",
        "Write a page that goes through backpropagation step by step: which value waits for which, and what arrives.",
        """\
  python -m nn play                               the 3-4-2 network, as play-3-4-2.html
  python -m nn play --rows 1 --open               of one example, in the browser
  python -m nn play --data table.csv --sizes 2 5 1 --activation tanh --save play.gif
""",
        (_shown, _file("where it goes, a .html, .svg, .gif or .txt file", "play-SIZES.html"), _open,
         _network, _training(0)),
    ),
    "": _Command(
        "",
        """\
Train a multilayer perceptron by gradient descent on the mean squared error, or on another loss. Print the losses, the
predictions and the derivation of every parameter's gradient; check these gradients against central differences and
against hand-written NumPy. Write mlp-SIZES.svg, the picture of the graph, and mlp-SIZES.html, picture and derivation.
""",
        """\
  python -m nn                                    the 3-4-2 network on the three built-in rows
  python -m nn --lr 0.03 --epochs 5000            the same, learning faster and longer
  python -m nn --data table.csv --sizes 2 8 8 1 --activation tanh --output identity --out pictures
""",
        (_network, _training(1000), _folder, _open),
    ),
}  # fmt: skip
