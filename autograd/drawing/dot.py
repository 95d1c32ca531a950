"""A scene as DOT source, for other people's Graphviz: the formulas as plain text, groups as clusters."""

from __future__ import annotations

from typing import Any

from .looks import LIGHT, LOOKS
from .network import Network
from .scene import Row, Scene
from .typeset import plain


def dot(scene: Scene) -> str:
    """The scene as DOT source."""
    from graphviz import Digraph

    graph = Digraph(
        graph_attr={"rankdir": "LR", "label": _label(scene.title, *scene.notes), "labeljust": "l"},
        node_attr={"shape": "box", "fontname": "serif"},
        edge_attr={"arrowsize": "0.8"},
    )
    names = {box.key: f"n{index}" for index, box in enumerate(scene.boxes)}
    for box in scene.boxes:
        look = LOOKS[box.role]
        lines = [*box.title.split("\n"), *(line for row in box.rows for line in _lines_of(row))]
        graph.node(
            names[box.key],
            label=_label(*lines, *(f"⚠ {mark.word}" for mark in box.marks)),
            color=look.light,
            style=look.dot_style,
            peripheries="2" if look.double else "1",
        )
    _add_groups(graph, scene, names)
    for arrow in scene.arrows:
        said = {"label": _label(*(line for row in arrow.rows for line in _lines_of(row)))} if arrow.rows else {}
        if arrow.backward:
            said |= {"style": "dashed", "color": LIGHT["back"], "fontcolor": LIGHT["back"], "constraint": "false"}
        if arrow.lit:
            said["penwidth"] = "3"
        graph.edge(names[arrow.tail], names[arrow.head], **said)
    return graph.source


def network_dot(net: Network) -> str:
    """A network as DOT source: a rank for each column, the weights as labels."""
    from graphviz import Digraph

    graph = Digraph(
        graph_attr={"rankdir": "LR", "ranksep": "2", "label": _label(net.title, *net.notes), "labeljust": "l"},
        node_attr={"shape": "circle", "fontname": "serif"},
        edge_attr={"arrowhead": "none", "fontsize": "9"},
    )
    for i, column in enumerate(net.columns):
        with graph.subgraph(name=f"cluster{i}") as cluster:
            cluster.attr(label=_label(*(row.text for row in column.heading)), color="transparent")
            for j, unit in enumerate(column.units):
                cluster.node(f"n{i}_{j}", label=_label(unit.value))
    for wire in net.wires:
        colour = LIGHT["positive" if wire.positive else "negative"]
        width = f"{0.5 + 3 * wire.strength:.2f}"
        said = {"label": _label(wire.value)} if wire.labelled else {}
        graph.edge(
            f"n{wire.column}_{wire.source}", f"n{wire.column + 1}_{wire.target}", color=colour, penwidth=width, **said
        )
    if net.result.text:
        graph.node("result", label=_label(net.result.text, net.result.caption), shape="box")
        for j in range(len(net.columns[-1].units)):
            graph.edge(f"n{len(net.columns) - 1}_{j}", "result")
    return graph.source


def _add_groups(graph: Any, scene: Scene, names: dict[str, str]) -> None:
    numbers = {group.key: index for index, group in enumerate(scene.groups) if group.key}

    def add(parent: Any, key: str) -> None:
        for group in scene.groups:
            if group.key and (group.parent if group.parent in numbers else "") == key:
                with parent.subgraph(name=f"cluster{numbers[group.key]}") as cluster:
                    cluster.attr(label=_label(group.title), labeljust="l", style="dashed")
                    for box in scene.boxes:
                        if box.group == group.key:
                            cluster.node(names[box.key])
                    add(cluster, group.key)

    add(graph, "")


def _label(*lines: str) -> Any:
    from graphviz.quoting import NoHtml

    left_aligned = (plain(line).replace("\\", "\\\\").replace("&", "&amp;") + "\\l" for line in lines)
    return NoHtml("".join(left_aligned))  # else a name such as <b> would be read as markup


def _lines_of(row: Row) -> list[str]:
    lines = (row.text or row.latex).split("\n")
    return [f"{row.caption}: {lines[0]}" if row.caption else lines[0], *lines[1:]]
