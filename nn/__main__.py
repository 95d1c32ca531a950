"""The main job, `python -m nn`: train a small network, show its graph, derive its gradients, and check them."""

from __future__ import annotations

import argparse
import codecs
import os
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import isfinite
from typing import Any, NamedTuple, NoReturn

import numpy as np

import autograd as ag

from . import data, init, reference
from .functional import mse_loss
from .layers import MLP, activations
from .training import fit

_EVERY = 100
_ENTRIES = 2000
"""Of a parameter with more entries than this, as many are compared with central differences, chosen by the seed."""

_DESCRIPTION = """\
Train a multilayer perceptron by gradient descent on the mean squared error. Print the losses, the predictions and the
derivation of every parameter's gradient; check these gradients against central differences and against hand-written
NumPy. Write mlp-SIZES.svg, the picture of the graph, and mlp-SIZES.html, picture and derivation.
"""

_EXAMPLES = """
examples:
  python -m nn                                    the 3-4-2 network on the three built-in rows
  python -m nn --lr 0.03 --epochs 5000            the same, learning faster and longer
  python -m nn --data table.csv --sizes 2 8 8 1 --activation tanh --output identity --out pictures

The data is a .csv or .npz file. CSV: a row of numbers for each example; with a header row, columns named x… are inputs
and columns named y… targets; without one, the last columns are the targets, as many as --sizes ends with. .npz: two
arrays, x and y, of two axes.
"""


class UsageError(Exception):
    """Something about the call that stops the job; the message is one line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the job; returns the exit status.

    0 done, 1 the gradients disagree, 2 the call or the data is unusable, 130 interrupted, 141 nobody reads the output.
    """
    _write_to_any_terminal()
    try:
        status = _run(_arguments(argv))
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except BrokenPipeError:
        _drop_output()
        return 141
    except KeyboardInterrupt:
        print("nn: interrupted", file=sys.stderr)
        return 130
    except (UsageError, data.DataError, FloatingPointError) as error:
        message = str(error)
    except MemoryError as error:
        message = f"not enough memory for this network and data ({error})" if str(error) else "not enough memory"
    except OSError as error:
        message = f"cannot write {error.filename or 'the output'}: {error.strerror or error}"
        _drop_output()
    print(f"nn: error: {' '.join(message.split())}", file=sys.stderr)
    return 2


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="python -m nn",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    known = tuple(activations)
    positive = _number(int, "an integer of 1 or more", lambda n: n >= 1)
    add = parser.add_argument
    add(
        "--sizes",
        nargs="+",
        type=positive,
        default=[3, 4, 2],
        metavar="N",
        help="inputs, hidden units, outputs (3 4 2)",
    )
    add("--activation", choices=known, default="relu", help="of the hidden layers (relu)")
    add("--output", choices=known, default="sigmoid", help="of the last layer (sigmoid)")
    add("--data", metavar="FILE", help="a .csv or .npz file (three built-in rows)")
    not_negative = _number(int, "an integer of 0 or more", lambda n: n >= 0)
    add("--epochs", type=not_negative, default=1000, metavar="N", help="how many updates (1000)")
    rate = _number(float, "a finite number of 0 or more", lambda n: isfinite(n) and n >= 0)
    add("--lr", type=rate, default=0.01, metavar="RATE", help="the learning rate (0.01)")
    seed = _number(int, "an integer from 0 to 4294967295", lambda n: 0 <= n < 2**32)
    add("--seed", type=seed, default=0, metavar="N", help="of the random start (0)")
    add("--out", default=".", metavar="FOLDER", help="where the two files go; must exist (the current folder)")
    given = parser.parse_args(argv)
    if len(given.sizes) < 2:
        parser.error("argument --sizes: give two sizes or more, inputs first and outputs last")
    return given


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


@np.errstate(over="ignore", invalid="ignore")  # what they lead to is looked for, and said in one line
def _run(given: argparse.Namespace) -> int:
    x, y = _data(given)
    picture, page = _targets(given)
    net = MLP(
        *given.sizes,
        activation=given.activation,
        output=given.output,
        init=init.normal,
        rng=np.random.RandomState(given.seed),
    )
    print(f"{net}; {len(x)} examples\n")
    _train(net, x, y, given)

    prediction = net(ag.Tensor(x, name="x"))
    loss = mse_loss(prediction, ag.Tensor(y, name="y"))
    net.zero_grad()
    loss.backward()
    results = [loss, *(p.grad for p in net.parameters())]
    if not all(np.isfinite(t.numpy()).all() for t in results if t is not None):
        raise FloatingPointError("training diverged: the loss or a gradient at the end is not finite; lower --lr")
    print(f"after {given.epochs} epochs the loss is {loss.item():.4f}\n\npredictions")
    print(np.array2string(prediction.numpy(), precision=4, suppress_small=True), end="\n\n")

    derivation = ag.derive(loss)
    print(derivation.text(), end="\n\n")
    agree = _check(net, x, y, given)
    ag.draw(loss).save(picture)
    derivation.save(page)
    print(f"wrote {_in_bytes(picture)}\nwrote {_in_bytes(page)}")
    return 0 if agree else 1


def _data(given: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    inputs, outputs = given.sizes[0], given.sizes[-1]
    x, y = data.article() if given.data is None else data.load(given.data, outputs)
    for what, has, role, size, edge in (
        ("inputs (x)", x.shape[1], "starts", inputs, "first"),
        ("targets (y)", y.shape[1], "ends", outputs, "last"),
    ):
        if has != size:
            raise UsageError(f"the data has {has} {what}, but --sizes {role} with {size}; make the {edge} size {has}")
    return x, y


def _targets(given: argparse.Namespace) -> tuple[str, str]:
    """Where the two files will go, once it is certain that they can."""
    folder = os.path.expanduser(given.out)
    name = "mlp-" + "-".join(map(str, given.sizes))
    targets = (os.path.join(folder, f"{name}.svg"), os.path.join(folder, f"{name}.html"))
    if not os.path.isdir(folder):
        raise UsageError(f"folder {folder!r} {'is no folder' if os.path.lexists(folder) else 'not found'}")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
        for target in targets:
            if os.path.exists(target) and not os.path.isfile(target):
                raise UsageError(f"cannot write {target!r}: it exists and is no regular file")
            with suppress(FileNotFoundError):  # any other error, such as a name that is too long, is found here
                os.lstat(target)
    except OSError as error:
        raise UsageError(f"cannot write to folder {folder!r}: {error.strerror or error}") from None
    return targets


def _train(net: MLP, x: np.ndarray, y: np.ndarray, given: argparse.Namespace) -> None:
    on_terminal = sys.stderr is not None and sys.stderr.isatty()
    write: Callable[[str], Any] = print
    if on_terminal:
        from tqdm import tqdm  # type: ignore[import-untyped]

        write = tqdm.write  # print, without writing into the bar

    def report(epoch: int, loss: float) -> None:
        if epoch % _EVERY == 0:
            write(f"epoch {epoch:4d}  loss {loss:.4f}")

    fit(net, x, y, epochs=given.epochs, lr=given.lr, progress=on_terminal, report=report)


def _check(net: MLP, x: np.ndarray, y: np.ndarray, given: argparse.Namespace) -> bool:
    """Print how far the gradients are from both references; whether they agree."""
    named = net.named_parameters()
    parameters = [p.numpy() for _, p in named]
    rng = np.random.default_rng(given.seed)
    kind = (given.activation, given.output)
    largest = max(float(np.abs(values).max()) for values in (x, y, *reference.forward(parameters, x, *kind)[0]))
    by_hand, central, compared, kinks = [], [], 0, 0
    for which, exact in enumerate(reference.gradients(parameters, x, y, *kind)):
        name, p = named[which]
        gradient = p.grad.numpy() if p.grad is not None else np.zeros(p.shape)
        scale = max(1.0, float(np.abs(gradient).max()))
        by_hand.append(_Error(float(np.abs(gradient - exact).max()) / scale, 1e-8, name))
        entries = rng.permutation(p.size)[:_ENTRIES]
        near, far = (
            reference.central_differences(parameters, x, y, *kind, which, entries, step) for step in (1e-6, 2e-6)
        )
        smooth = np.isfinite(near) & np.isfinite(far)
        error, doubt = (
            float(np.abs(difference[smooth]).max(initial=0.0)) / scale
            for difference in (gradient.reshape(-1)[entries] - near, near - far)
        )
        # How far differences can be trusted, two step lengths say; and a step is lost in the rounding of a huge value.
        central.append(_Error(error, 1e-6 + 10 * doubt + 1e-9 * largest, name))
        compared, kinks = compared + int(smooth.sum()), kinks + int((~smooth).sum())
    left_out = f", {kinks} at a kink of relu left out" if kinks else ""
    print(f"the gradients of all {len(named)} parameters, largest error relative to max(1, largest entry)")
    agree = [
        _verdict(f"against central differences ({compared} entries{left_out})", central),
        _verdict("against hand-written NumPy", by_hand),
    ]
    print()
    return all(agree)


class _Error(NamedTuple):
    """How far a parameter's gradient is from a reference, how far it may be, and which parameter it is."""

    size: float
    limit: float
    name: str


def _verdict(what: str, errors: list[_Error]) -> bool:
    worst = max(errors)
    print(f"  {what}: {worst.size:.1e}, in {worst.name}")
    wrong = [error.name for error in errors if not error.size <= error.limit]
    if wrong:
        print(f"nn: error: gradients disagree {what}, in {', '.join(wrong)}", file=sys.stderr)
    return not wrong


# The terminal ---------------------------------------------------------------------------------------------------------

_PLAIN = {
    "∂": "d", "−": "-", "⊙": "*", "·": "*", "×": "x", "σ": "sigma", "Σ": "sum", "√": "sqrt", "ŷ": "y_hat", "→": "->",
    "←": "<-", "⇒": "=>", "≈": "~", "≤": "<=", "≥": ">=", "≠": "!=", "∈": "in", "∞": "inf", "…": "...", "—": "-",
    "–": "-", "δ": "delta",
}  # fmt: skip


def _in_ascii(error: UnicodeError) -> tuple[str | bytes, int]:
    """Mathematics for a terminal that has ASCII only: ∂L/∂W₁ becomes dL/dW1, e⁻ˣ becomes e^-x.

    The bytes of a path, as `_in_bytes` marks them, are written as they are.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = ""
    before = error.object[error.start - 1 : error.start]
    for end, c in enumerate(error.object[error.start : error.end], error.start):
        if "\udc80" <= c <= "\udcff":
            return (text, end) if text else (c.encode("ascii", "surrogateescape"), end + 1)
        ascii_part = "".join(d for d in unicodedata.normalize("NFKD", c).replace("−", "-") if d.isascii())
        text += "^" if _is_raised(c) and not _is_raised(before) else ""
        text += _PLAIN.get(c) or ascii_part or "?"
        before = c
    return text, error.end


def _is_raised(c: str) -> bool:
    return c != "" and unicodedata.decomposition(c).startswith("<super>")


def _in_bytes(path: str) -> str:
    """A path for the output: where that lacks its characters, its very bytes, and not letters that look like them."""
    try:
        path.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        return path
    except UnicodeEncodeError:
        return os.fsencode(path).decode("ascii", "surrogateescape")


def _write_to_any_terminal() -> None:
    codecs.register_error("nn.in_ascii", _in_ascii)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="nn.in_ascii")


def _drop_output() -> None:
    """Nobody reads: what is still buffered goes nowhere, so that Python's exit does not complain about it."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, AttributeError, ValueError):
        sys.stdout = None


if __name__ == "__main__":
    sys.exit(main())
