"""Scenes made by hand, for the tests of what draws them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograd.drawing.scene import LEVELS, ROLES, Arrow, Box, Group, Heat, Mark, Row, Scene

HOSTILE = (
    "<script>alert(1)</script>",
    "<b>bold</b>",
    "<img src=x onerror=alert(1)>",
    'x",URL="javascript:alert(1)',
    "javascript:alert(1)",
    "\"' onload='alert(1)' x=\"",
    "]]>",
    "<![CDATA[",
    "-->",
    "&amp;&#60;&nope;",
    "{a|<port> b}",
    "a\\nb\\l\\N\\G",
    "a -> b; b [label=<x>]",
    r"\href{javascript:alert(1)}{x}",
    r"\style{background:url(javascript:alert(1))}{x}",
    r"\text{<script>alert(1)</script>}",
    r"\color{red\" onload=\"alert(1)}{a}",
    r"\frac{a",
    r"\unknown{x}",
    r"\begin{bmatrix} 1 & 2",
    r"x & y \\ $ # % _ ^ ~",
    "\x00\x01\x1b[31mred\x1b[0m\x7f\u0085\u2028",
    "\ud800\ufffe\uffff",
    "\u202eabc\u202c",
    "😀 중文 é e\u0301 \u200d",
    "",
    " ",
    "\n\n",
    "W" * 5000,
)


def matrix(rng: np.random.Generator, rows: int, columns: int) -> Row:
    values = [[f"{value:.3g}" for value in line] for line in rng.normal(size=(rows, columns))]
    latex = r" \\ ".join(" & ".join(line) for line in values)
    text = "\n".join("[" + "  ".join(line) + "]" for line in values)
    return Row("value", rf"\begin{{bmatrix}} {latex} \end{{bmatrix}}", text)


def network() -> Scene:
    """A little network: every role, captions that repeat and captions that are empty."""
    rng = np.random.default_rng(0)
    gradient = Row("gradient", r"\frac{\partial L}{\partial W} = x^{\top}\,\frac{\partial L}{\partial z}", "∂L/∂W = …")
    inner = matrix(rng, 3, 4)
    boxes = (
        Box("x", "input", Row("", "x", "x"), (matrix(rng, 3, 3),), "an input of 3 × 3"),
        Box("w", "parameter", Row("", "W", "W"), (matrix(rng, 3, 4), gradient, Row("", inner.latex, inner.text)), ""),
        Box("z", "intermediate", Row("", r"z = x\,W", "z = x W"), (matrix(rng, 3, 4), gradient), ""),
        Box("c", "constant", Row("", "2", "2"), (), ""),
        Box("l", "output", Row("", r"L = \sum z^{2}", "L = sum(z²)"), (Row("value", "0.337", "0.337"),), "the loss"),
    )
    arrows = (Arrow("x", "z"), Arrow("w", "z", "W is used in z"), Arrow("z", "l"), Arrow("z", "l"), Arrow("c", "l"))
    return Scene("A little network", "Five values, made from one another.", boxes, arrows)


def everything() -> Scene:
    """One of each thing that a scene can hold."""
    strip = Heat((tuple(range(-LEVELS, LEVELS + 2)), (0,) * 18), "18 × 2, full colour for ±3")
    boxes = (
        Box(
            "w", "parameter", Row("", "w", "w"), (Row("value, 2 × 18", "", "−3 … 3", (("−3", "…", "3"),), strip),), "w"
        ),
        Box("u", "input", Row("", "u", "u"), (Row("value", "", "[1, 2]", (("1", "−2.5e−07"), ("nan", "inf"))),), "u"),
        Box("a", "intermediate", Row("", "a = w u", "a = w u"), (Row("value", "", "6", (("6",),)),), "a", "inner"),
        Box("b", "folded", Row("", "", "Block × 12"), (), "twelve blocks", "outer", count=12),
        Box("d", "gradient", Row("", "d", "d"), (), "of a backward pass", "inner", (Mark("saturated", "σ′ = 1e−13"),)),
        Box("l", "output", Row("", "L", "L"), (Row("gradient", "", "—"),), "the result"),
    )
    note = Row("", r"\frac{\partial L}{\partial a}", "∂L/∂a")
    arrows = (
        Arrow("w", "a", lit=True),
        Arrow("u", "a"),
        Arrow("a", "b", count=3),
        Arrow("a", "d"),
        Arrow("b", "l"),
        Arrow("d", "l"),
        Arrow("l", "d", backward=True, rows=(note,)),
        Arrow("l", "b", backward=True),
        Arrow("b", "a", "the first", backward=True, rows=(note, Row("", "", "7", (("7",),)))),
        Arrow("d", "a", "the second", backward=True, rows=(note,), lit=True),
    )
    groups = (
        Group("outer", "net: a module with a name of some length", "two blocks"),
        Group("inner", "layer", "", "outer"),
    )
    return Scene("Everything", "One of each thing.", boxes, arrows, groups, ("12 of 18 values are folded.",))


def hostile() -> Scene:
    boxes = tuple(
        Box(f"k{index}", ROLES[index % len(ROLES)], Row("", name, name), (Row(name, "", name),), name)
        for index, name in enumerate(HOSTILE)
    )
    arrows = tuple(
        Arrow("k0", box.key, box.description, index % 3 == 0, (box.heading,) if index % 2 else ())
        for index, box in enumerate(boxes[1:])
    )
    groups = tuple(Group(name, name, name) for name in HOSTILE)
    boxes = tuple(replace(box, group=name, marks=(Mark(name, name),)) for box, name in zip(boxes, HOSTILE, strict=True))
    return Scene(HOSTILE[0], HOSTILE[3], boxes, arrows, groups, HOSTILE)


def grouped(seed: int) -> Scene:
    """A random scene with arrows back and groups, some of them in one another, some empty."""
    scene, rng = random_scene(seed), np.random.default_rng(seed)
    count = int(rng.integers(0, 4))
    groups = tuple(
        Group(f"g{i}", f"group {i}", "", f"g{int(rng.integers(0, i))}" if i and rng.random() < 0.5 else "")
        for i in range(count)
    )
    boxes = tuple(
        replace(box, group=f"g{int(rng.integers(0, count))}" if count and rng.random() < 0.7 else "")
        for box in scene.boxes
    )
    back = tuple(
        Arrow(arrow.head, arrow.tail, "", True, (Row("", "x^2", "x²"),) if rng.random() < 0.7 else ())
        for arrow in scene.arrows
        if rng.random() < 0.5
    )
    return replace(scene, boxes=boxes, arrows=scene.arrows + back, groups=groups)


def random_scene(seed: int) -> Scene:
    """A random directed graph without cycles, some of its arrows doubled, some of its boxes alone."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 16))
    boxes = tuple(
        Box(
            f"v{index}",
            str(rng.choice(ROLES)),
            Row("", f"v_{{{index}}}", f"v{index}"),
            tuple(matrix(rng, int(rng.integers(1, 4)), int(rng.integers(1, 4))) for _ in range(rng.integers(0, 3))),
            "",
        )
        for index in range(count)
    )
    arrows = tuple(
        Arrow(f"v{tail}", f"v{head}")
        for head in range(count)
        for tail in range(head)
        if rng.random() < 0.25
        for _ in range(rng.integers(1, 3))
    )
    return Scene(f"random {seed}", "", boxes, arrows)
