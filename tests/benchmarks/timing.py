"""Medians of code that takes turns, in one process or in many, so that the machine's moods meet all of it alike."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent.parent
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def interleaved(functions: Mapping[str, Callable[[], object]], rounds: int, repeats: int) -> dict[str, float]:
    """The median seconds of a call, by name: in every round, each function in turn is called `repeats` times."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for function in functions.values():
        for _ in range(repeats):
            function()
    for _ in range(rounds):
        for name, function in functions.items():
            start = perf_counter()
            for _ in range(repeats):
                function()
            times[name].append((perf_counter() - start) / repeats)
    return {name: median(found) for name, found in times.items()}


def in_turn(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[list[float]]]:
    """What each command printed last, as numbers, in each round; every command runs in a process of its own."""
    printed: dict[str, list[list[float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
            if done.returncode:
                raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
            printed[name].append([float(word) for word in done.stdout.split("\n")[-2].split()])
    return printed


def has_torch(python: str) -> bool:
    command = [python, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"]
    return subprocess.run(command, capture_output=True).returncode == 0


def threads_from_arguments(number: int) -> None:
    """Start this process again with that many threads for every linear algebra library, unless it has them already."""
    if any(os.environ.get(name) != str(number) for name in THREADS):
        os.environ.update(dict.fromkeys(THREADS, str(number)))
        os.execv(sys.executable, [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]])
