"""A chain of scalar nodes, forward and backward, in a process of its own: prints seconds a node, or bytes a node.

Usage: python tests/benchmarks/chain.py glassgrad|torch NODES time|memory
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any


def leaf_maker(system: str) -> Callable[[float], Any]:
    if system == "torch":
        import torch

        torch.set_num_threads(1)
        return lambda value: torch.tensor(value, dtype=torch.float64, requires_grad=True)
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
    from autograd import Tensor

    return lambda value: Tensor(value, requires_grad=True)


W = 1 - 1e-6


def chain(x: Any, w: Any, nodes: int) -> Any:
    """x w w w …: every node has two inputs that gradients flow to."""
    for _ in range(nodes):
        x = x * w
    return x


def run(system: str, nodes: int, what: str) -> float:
    leaf = leaf_maker(system)

    def once(nodes: int) -> tuple[float, Any, Any]:
        x, w = leaf(1.0), leaf(W)
        start = perf_counter()
        y = chain(x, w, nodes)
        y.backward()
        return perf_counter() - start, x.grad.item(), w.grad.item()

    _, by_x, by_w = once(nodes)
    assert abs(by_x / W**nodes - 1) < 1e-8 and abs(by_w / (nodes * W ** (nodes - 1)) - 1) < 1e-8
    if what == "memory":
        x, w = leaf(1.0), leaf(W)
        tracemalloc.start()
        y = chain(x, w, nodes)
        used = tracemalloc.get_traced_memory()[0]
        del y
        return used / nodes
    return median(once(nodes)[0] for _ in range(max(3, 300_000 // nodes))) / nodes


if __name__ == "__main__":
    print(run(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
