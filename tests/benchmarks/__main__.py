"""Prints each target and what is reached.

Usage: python -m tests.benchmarks [--torch PYTHON] [--hips FOLDER] [--threads N]

PyTorch runs where PYTHON (by default this interpreter, or the one that GLASSGRAD_TORCH_PYTHON names) has it.
HIPS autograd, whose import name is ours, is loaded from a folder of its own: pip install --target FOLDER autograd.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from .timing import ROOT, has_torch, in_turn, threads_from_arguments

CHAIN = str(ROOT / "tests" / "benchmarks" / "chain.py")


def line(what: str, target: str, result: str, met: bool | None = None) -> None:
    print(
        f"{what:<46} {target:<22} {result:<40} {'' if met is None else 'met' if met else 'MISSED'}".rstrip(), flush=True
    )


def training_steps() -> None:
    from .training_step import seconds

    for what, sizes, batch, dtype, target, rounds, repeats in (
        ("training step 3-4-2, batch 3, float64", (3, 4, 2), 3, np.float64, 2.0, 400, 50),
        ("training step 784-256-10, batch 64, float32", (784, 256, 10), 64, np.float32, 1.1, 300, 3),
    ):
        times = seconds(sizes, batch, dtype, rounds, repeats)
        for name, said, bound in (("engine", what, target), ("compiled", "  by ag.compile", 1.2)):
            reached = times[name] / times["hand"]
            result = f"{reached:.2f} ×   ({times[name] * 1e6:.1f} µs, by hand {times['hand'] * 1e6:.1f})"
            line(said, f"≤ {bound} × by hand", result, reached <= bound)


def chains(torch_python: str) -> None:
    with_torch = has_torch(torch_python)
    commands = {"engine": [sys.executable, CHAIN, "glassgrad", "20000", "time"]}
    if with_torch:
        commands["torch"] = [torch_python, CHAIN, "torch", "20000", "time"]
    times = {name: median(found[0] for found in rounds) * 1e6 for name, rounds in in_turn(commands, 5).items()}
    line(
        "chain of 20,000 scalars, forward + backward",
        "≤ 2.0 µs a node",
        f"{times['engine']:.2f} µs",
        times["engine"] <= 2,
    )
    if with_torch:
        part = times["engine"] / times["torch"]
        line("  in parts of PyTorch's time", "≤ 0.30", f"{part:.2f}   (PyTorch {times['torch']:.2f} µs)", part <= 0.3)
    else:
        line("  in parts of PyTorch's time", "≤ 0.30", f"not measured: {torch_python} has no torch (--torch PYTHON)")
    million = {
        "time": [sys.executable, CHAIN, "glassgrad", "1000000", "time"],
        "memory": [sys.executable, CHAIN, "glassgrad", "1000000", "memory"],
    }
    found = in_turn(million, 1)
    time, memory = found["time"][0][0] * 1e6, found["memory"][0][0]
    line("chain of 1,000,000 scalars", "≤ 2.0 µs a node", f"{time:.2f} µs", time <= 2)
    line("  memory", "≤ 350 bytes a node", f"{memory:.0f} bytes", memory <= 350)


def hessians(folder: str | None) -> None:
    from .hessian import seconds

    took = seconds(folder)
    what, target, here = "Hessian of a 100-variable Rosenbrock", "≥ 5 × HIPS' speed", f"{took['engine'] * 1e3:.2f} ms"
    if folder is None:
        line(what, target, f"{here}, HIPS not measured (--hips FOLDER)")
    else:
        times = took["hips"] / took["engine"]
        line(what, target, f"{times:.0f} ×   ({here}, HIPS {took['hips'] * 1e3:.1f} ms)", times >= 5)


def imports() -> None:
    script = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
    commands = {
        "numpy": [sys.executable, "-c", script.format("import numpy")],
        "autograd": [sys.executable, "-c", script.format("import autograd")],
    }
    found = {name: median(values[0] for values in rounds) for name, rounds in in_turn(commands, 25).items()}
    extra = (found["autograd"] - found["numpy"]) * 1e3
    result = f"{extra:.1f} ms   (numpy {found['numpy'] * 1e3:.0f} ms)"
    line("import autograd, over import numpy", "≤ 30 ms", result, extra <= 30)


def showing() -> None:
    """The 3-4-2 network's derivation and picture, its numbers new each time, everything else warm."""
    import autograd as ag
    import nn

    def timed(show: Callable[[Any], object]) -> float:
        times = []
        for seed in range(6):
            net = nn.MLP(3, 4, 2, rng=seed)
            rng = np.random.default_rng(seed)
            loss = nn.functional.mse_loss(net(rng.normal(size=(3, 3))), rng.uniform(size=(3, 2)))
            start = perf_counter()
            show(loss)
            times.append(perf_counter() - start)
        return median(times[1:]) * 1e3

    for what, limit, show in (
        ("derivation of the 3-4-2 network as text", 20, lambda loss: ag.derive(loss).text()),
        ("  as a notebook shows it", 150, lambda loss: ag.derive(loss)._repr_mimebundle_()),
        ("its picture as SVG", 150, lambda loss: ag.draw(loss).svg()),
        ("its playback as a page", 400, lambda loss: ag.play(loss).html()),
    ):
        took = timed(show)
        line(what, f"≤ {limit} ms", f"{took:.1f} ms", took <= limit)
    for nodes, seconds in ((1_000, 3), (10_000, 10)):
        value = ag.Tensor(0.5, requires_grad=True, name="v0")
        for i in range(nodes // 2):  # two nodes to each name
            value = np.sin(value) * (0.9 if i % 3 else 1.1)
            value.name = f"v{i + 1}"
        start = perf_counter()
        ag.draw(value).svg()
        took = perf_counter() - start
        line(f"picture of a graph of {nodes:,} nodes, folded", f"≤ {seconds} s", f"{took:.2f} s", took <= seconds)
        start = perf_counter()
        size = len(ag.play(value).html())
        took = perf_counter() - start
        line("  its playback as a page", f"≤ {seconds} s", f"{took:.2f} s   ({size / 1e3:.0f} kB)", took <= seconds)

    chain = ag.Tensor(0.1, requires_grad=True, name="x")
    for _ in range(5_000):
        chain = np.tanh(chain) * 1.01
    W, U = (ag.Tensor(np.full((n, 4), 0.1), requires_grad=True, name=name) for n, name in ((4, "W"), (3, "U")))
    x, state = np.ones((2, 3)), np.zeros((2, 4))
    for _ in range(2_500):
        state = np.tanh(x @ U + state @ W)
    for what, value in (("derivation of 10,000 nodes as text", chain), ("  of a recurrent loop", np.mean(state**2))):
        start = perf_counter()
        ag.derive(value).text()
        seconds = perf_counter() - start
        line(what, "≤ 5 s", f"{seconds:.2f} s", seconds <= 5)


def arrays() -> None:
    from .indexing import indexed, iterated, joined

    for what, forward, backward in joined():
        result = f"{forward * 1e3:.2f} ms   (backward {backward * 1e3:.1f})"
        line(f"np.{what} of 5,000 Tensors", "≤ 10 ms", result, forward <= 0.01)
    line("iteration over 2,000 rows, there and back", "", f"{iterated() * 1e6:.1f} µs a row")
    for what, hand, ours in indexed():
        result = f"{ours / hand:.2f} ×   ({ours * 1e6:.0f} µs, by hand {hand * 1e6:.0f})"
        few = what.startswith("5 ")  # what the engine costs by itself
        line(
            f"x[index] and back, {what}", "" if few else "≤ 1.5 × by hand", result, None if few else ours <= 1.5 * hand
        )


def dispatching() -> None:
    from .dispatch import added

    times = added()
    slowest = max(times, key=lambda name: times[name])
    line(
        f"np.<name>(t) beyond its operator or method, {len(times)} pairs",
        "≤ 1.0 µs",
        f"{times[slowest] * 1e6:.2f} µs at most ({slowest})",
        times[slowest] <= 1e-6,
    )


def reductions() -> None:
    from .reductions import ratios

    for what, time, memory in ratios():
        result = f"{time:.2f} ×   (memory {memory:.2f} ×)"
        line(f"{what}, 1000 × 1000, and gradient", "≤ 1.1 × by hand", result, time <= 1.1 and memory <= 1.1)


def products() -> None:
    from .products import measured

    for what, hand, engine, memory in measured():
        result = f"{engine / hand:.2f} ×   ({engine * 1e3:.1f} ms, by hand {hand * 1e3:.1f}), memory {memory:.2f} ×"
        line(what, "≤ 1.1 × by hand", result, max(engine / hand, memory) <= 1.1)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Prints each target and what is reached."
    )
    default = os.environ.get("GLASSGRAD_TORCH_PYTHON", sys.executable)
    parser.add_argument("--torch", metavar="PYTHON", default=default, help="an interpreter that has PyTorch")
    parser.add_argument("--hips", metavar="FOLDER", help="a folder that has HIPS autograd")
    parser.add_argument("--threads", type=int, default=2, help="threads of linear algebra, for all alike (2)")
    options = parser.parse_args()
    threads_from_arguments(options.threads)
    line("what", "target", "reached")
    training_steps()
    reductions()
    products()
    chains(options.torch)
    hessians(options.hips)
    imports()
    dispatching()
    showing()
    arrays()


if __name__ == "__main__":
    main()
