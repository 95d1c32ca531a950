"""The paths behind one entry of a gradient as a scene: the entries on the way, lit up, the products and their sum."""

from __future__ import annotations

from ..derivation.names import Name
from ..derivation.numbers import number_latex, number_text
from ..derivation.scalars.graph import ScalarNode
from ..derivation.scalars.paths import Path, PathSum
from ..derivation.scalars.report import Arrow as Stretch
from ..derivation.scalars.report import arrows as stretches
from .local import derivative_rows
from .operation import operation
from .scene import Arrow, Box, Row, Scene

_MOST_PATHS = 24
"""So many paths are drawn; the sum counts the others."""
_LONGEST_WAY = 4
"""A way over more entries is written with an ellipsis."""
_ELLIPSIS = Name("…", r"\cdots", "_")


def scene(paths: PathSum) -> Scene:
    """Each entry on the listed paths, each step with its local derivative, and the sum of the products beside them."""
    shown = paths.paths[:_MOST_PATHS]
    keys: dict[str, str] = {}
    boxes: list[Box] = []
    lit: dict[tuple[str, str, str, float], Arrow] = {}

    def key(node: ScalarNode) -> str:
        if node.name.identifier not in keys:
            keys[node.name.identifier] = f"n{len(keys)}"
            boxes.append(_box(keys[node.name.identifier], node, paths))
        return keys[node.name.identifier]

    for node in (paths.start, paths.root):
        key(node)
    for path in shown:
        for stretch in stretches(path, paths):
            ends = key(stretch.source), key(stretch.target)
            rows = derivative_rows(stretch.formula, stretch.derivative)
            lit.setdefault((*ends, rows[0].text, stretch.derivative), _arrow(*ends, stretch, rows))
    boxes.append(_sum(paths, shown))
    count = "one path" if paths.count == 1 else f"{paths.count:,} paths"
    notes = [f"{paths.name.text} is the sum over {count}: along each, the local derivatives are multiplied."]
    if paths.count > len(shown):
        notes.append(f"Drawn are the {len(shown)} of largest size.")
    return Scene(
        f"The paths behind {paths.name.text}",
        f"The entries between {paths.start.name.text} and {paths.root.name.text}, and the derivative of each by the "
        "one before.",
        tuple(boxes),
        tuple(lit.values()),
        notes=tuple(notes),
    )


def _box(key: str, node: ScalarNode, paths: PathSum) -> Box:
    name = node.name
    computed = operation(None if node is paths.start else node.formula)
    text = number_text(node.value, 4)
    rows = [Row("value", "", text, ((text,),))]
    gradient = "—" if node.gradient is None else number_text(node.gradient, 4)
    rows.append(Row("gradient", "", gradient, ((gradient,),)))
    role = "output" if node is paths.root else "parameter" if node is paths.start else "intermediate"
    heading, said = Row("", name.latex, name.text), f"{name.text}, an entry on the way"
    return Box(key, role, heading, tuple(rows), said, operation=computed)


def _arrow(tail: str, head: str, stretch: Stretch, rows: tuple[Row, ...]) -> Arrow:
    said = f"the derivative of {stretch.target.name.text} by {stretch.source.name.text}"
    return Arrow(tail, head, said, rows=rows, lit=stretch.derivative != 0)


def _sum(paths: PathSum, shown: tuple[Path, ...]) -> Box:
    """The products of the paths, and what they add up to."""
    total = number_text(paths.total, 4)
    rows = [Row("" if i else "products", *_product(path, paths)) for i, path in enumerate(shown)]
    others = paths.count - len(shown)
    if others:
        rest = paths.total - sum(path.product for path in shown)
        said = f"{others:,} other {'path' if others == 1 else 'paths'}: "
        rows.append(Row("", rf"\text{{{said}}}{{{number_latex(rest)}}}", said + number_text(rest)))
    rows.append(Row("their sum", "", total, ((total,),)))
    heading = Row("", paths.name.latex, paths.name.text)
    return Box("sum", "sum", heading, tuple(rows), "the sum over the paths")


def _product(path: Path, paths: PathSum) -> tuple[str, str]:
    """The way of a path by its inner entries, and its product: in LaTeX, in text."""
    inner = [stretch.target.name for stretch in stretches(path, paths)[:-1]]
    if len(inner) > _LONGEST_WAY:
        inner = [*inner[: _LONGEST_WAY // 2], _ELLIPSIS, *inner[-(_LONGEST_WAY - _LONGEST_WAY // 2) :]]
    text = f"via {' → '.join(name.text for name in inner)}" if inner else "directly"
    latex = r"\text{via }" + r" \to ".join(name.latex for name in inner) if inner else r"\text{directly}"
    return rf"{latex}\text{{:  }}{{{number_latex(path.product)}}}", f"{text}:  {number_text(path.product)}"
