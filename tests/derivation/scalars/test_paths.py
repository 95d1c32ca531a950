"""Paths: they add up to the gradient, are counted exactly, the largest are found; and what is said of them."""

import math
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor
from autograd.derivation.scalars.graph import opened
from nn.functional import sigmoid


def random_graph(seed):
    """A scalar of a small graph made at random: sums, products, matrix products, values used again and again."""
    rng = np.random.default_rng(seed)
    x = Tensor(rng.uniform(-1.0, 1.0, (2, 2)), requires_grad=True, name="x")
    pool = [x, Tensor(rng.uniform(-1.0, 1.0, (2, 2)), requires_grad=True), rng.uniform(-1.0, 1.0, (2, 2))]
    for _ in range(int(rng.integers(1, 6))):
        a, b = (pool[i] for i in rng.integers(len(pool), size=2))
        made = [
            lambda a=a, b=b: a @ b,
            lambda a=a, b=b: a * b,
            lambda a=a, b=b: a + b[0],
            lambda a=a: np.tanh(a),
            lambda a=a: np.maximum(a, 0.0),
            lambda a=a: a.T * 2.0,
            lambda a=a: a.sum(axis=1, keepdims=True) * a,
        ][rng.integers(7)]()
        pool.append(made)
    total = np.sum(pool[-1] * 1.5) + np.mean(x)
    index = tuple(int(i) for i in rng.integers(2, size=2))
    return total, x, index


def enumerated(root, x, index):
    """The products of all paths, one by one, from the opened graph."""
    graph = opened(root, {x: np.array([np.ravel_multi_index(index, x.shape)])})
    onward = {}
    for b in graph.blocks:
        for source, target, derivative in zip(b.sources.tolist(), b.targets.tolist(), b.derivatives, strict=True):
            onward.setdefault((b.source, source), []).append(((b.target, target), float(derivative)))

    def products(at):
        if at[0] is root:
            return [1.0]
        return [d * p for end, d in onward.get(at, ()) for p in products(end)]

    return products((x, 0)) if x in graph.entries else []


@given(st.integers(0, 10_000))
def test_the_products_of_all_paths_add_up_to_the_gradient_and_are_counted(seed):
    root, x, index = random_graph(seed)
    root.backward()
    found = ag.paths(root, x, index, k=7)
    products = enumerated(root, x, index)
    assert found.gradient == x.grad.numpy()[index]
    assert found.total == pytest.approx(found.gradient, rel=1e-9, abs=1e-12)
    assert math.fsum(products) == pytest.approx(found.total, rel=1e-9, abs=1e-12)
    assert found.count == len(products)
    assert found.live == sum(p != 0 for p in products)
    largest = sorted((abs(p) for p in products), reverse=True)[:7]
    assert [abs(path.product) for path in found.paths] == pytest.approx(largest, rel=1e-9, abs=1e-14)
    listed = math.fsum(path.product for path in found.paths)
    assert listed + found.rest == pytest.approx(found.total, rel=1e-9, abs=1e-12)
    assert found.rest_count == found.count - len(found.paths)


@given(st.integers(0, 10_000))
def test_listed_paths_are_paths_of_the_graph_and_differ(seed):
    root, x, index = random_graph(seed)
    found = ag.paths(root, x, index, k=50)
    for path in found.paths:
        assert path.nodes[0] == found.start and path.nodes[-1] == found.root
        assert all(one.target is other.source for one, other in pairwise(path.edges))
        assert path.product == pytest.approx(math.prod(edge.derivative for edge in path.edges), rel=1e-12)
        assert {id(edge) for edge in path.edges} <= {id(edge) for edge in found.edges}
    chains = [tuple(id(edge) for edge in path.edges) for path in found.paths]
    assert len(set(chains)) == len(chains)
    assert {id(node) for path in found.paths for node in path.nodes} <= {id(node) for node in found.nodes}


def doublings(count, factor=0.5):
    w = Tensor(1.0, requires_grad=True, name="w")
    value = w
    for _ in range(count):
        value = value * factor + value * factor
    return w, value


def test_the_count_is_exact_where_no_float_is():
    w, value = doublings(200)
    found = ag.paths(value, w, k=3)
    assert found.count == 2**200
    assert found.multiplications == 2**200 * 400 and found.backpropagation == 800
    assert found.total == pytest.approx(1.0)
    assert [path.product for path in found.paths] == [0.5**200] * 3
    assert "1.607 × 10^60 paths" in found.text() and "10^{60}" in found.latex()


def test_a_deep_graph_with_ties_everywhere_takes_no_recursion_and_little_time():
    w, value = doublings(700, factor=0.6)
    found = ag.paths(value, w, k=5)
    assert found.count == 2**700
    assert len(found.paths) == 5 and all(len(path.edges) == 1400 for path in found.paths)
    assert len(found.text()) < 5000


def test_products_too_small_for_a_float_are_still_put_in_order():
    w = Tensor(1.0, requires_grad=True, name="w")
    small, large = w * 1e-200, w * 2e-200
    value = (small * 1e-200 + large * 1e-200) * 1e250
    found = ag.paths(value, w, k=1)
    assert found.paths[0].edges[0].derivative == 2e-200


def test_the_edges_of_a_square_are_two():
    x = Tensor(3.0, requires_grad=True, name="x")
    found = ag.paths(x * x, x)
    assert found.count == 2 and [path.product for path in found.paths] == [3.0, 3.0]
    assert {path.edges[0].position for path in found.paths} == {0, 1}


def test_the_result_itself_is_a_path_without_edges():
    x = Tensor(3.0, requires_grad=True, name="x")
    found = ag.paths(x, x)
    assert (found.count, found.total, found.multiplications, found.paths[0].edges) == (1, 1.0, 0, ())
    assert "∂x/∂x" in found.text()


def test_a_value_on_the_way_may_be_asked_for():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    z = x * 3.0
    L = np.sum(z * z)
    assert ag.paths(L, z, 1).total == 12.0


def test_a_value_that_only_decides_has_no_path():
    x = Tensor([1.0, -2.0], requires_grad=True, name="x")
    y = Tensor([1.0, 2.0], requires_grad=True, name="y")
    L = np.sum(np.where(x > 0, y, 0.0)) + 0.0 * np.sum(y)
    L2 = np.sum(np.where(x * 1.0 > 0, y, 0.0))
    assert ag.paths(L, y, 1).total == 0.0
    found = ag.paths(L2, x, 0)
    assert found.count == 0 and found.total == 0.0 and "No path leads from x[0]" in found.text()
    assert ag.derive(L2, wrt=x, index=0).verify().ok


def test_nan_and_infinity_are_shown():
    x = Tensor([np.nan, 0.0], requires_grad=True, name="x")
    L = np.sum(np.sqrt(x) * 2.0)
    for i in (0, 1):
        found = ag.paths(L, x, i)
        assert not np.isfinite(found.total)
        assert found.text() and found.latex() and found.html()
    assert "nan" in ag.paths(L, x, 0).text() and "inf" in ag.paths(L, x, 1).text()


def test_float32_agrees_to_its_own_precision():
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(8, 5)).astype(np.float32), requires_grad=True, name="x")
    W = Tensor(rng.normal(size=(5, 3)).astype(np.float32), requires_grad=True, name="W")
    L = np.mean(np.tanh(x @ W) ** 2)
    L.backward()
    found = ag.paths(L, W, (2, 1))
    assert found.total == pytest.approx(W.grad.numpy()[2, 1], rel=1e-5)
    assert ag.derive(L, wrt=W, index=(2, 1)).verify().ok


def test_a_rule_that_is_not_linear_is_found_out():
    clipped = ag.primitive(lambda x: x * 1.0, lambda g, y, x: np.clip(g, -1.0, 1.0), name="clipped")
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    with pytest.raises(RuntimeError, match="not linear in the gradient"):
        ag.paths(np.sum(clipped(x) * 5.0), x, 0)


def test_what_cannot_be_answered_is_refused():
    W = Tensor(np.ones((2, 3)), requires_grad=True, name="W")
    fixed = Tensor(np.ones((2, 3)), name="fixed")
    whole = Tensor(np.ones((2, 3), dtype=int), name="whole")
    elsewhere = Tensor(np.ones((2, 3)), requires_grad=True, name="V")
    L = np.sum(W * fixed * whole)
    for index, kind, said in [
        ((2, 0), IndexError, r"out of range for Tensor 'W'.*axis 0 has 2"),
        ((0, -4), IndexError, "out of range"),
        ((0,), IndexError, "a whole number for each axis, e.g. index=\\(0, 0\\)"),
        ((), IndexError, "for each axis"),
        (0, IndexError, "for each axis"),
        ((0, 1.0), TypeError, "whole numbers"),
        ((0, True), TypeError, "whole numbers"),
        ((slice(None), 0), TypeError, "whole numbers"),
        (("a", 0), TypeError, "whole numbers"),
    ]:
        with pytest.raises(kind, match=said):
            ag.paths(L, W, index)
        with pytest.raises(kind, match=said):
            ag.derive(L, wrt=W, index=index)
    for wrt, kind, said in [
        (elsewhere, ValueError, "'V'.*not in the graph"),
        (fixed, ValueError, "requires_grad=True"),
        (whole, ValueError, "only real floating numbers"),
        (W.data, TypeError, "Give the Tensor itself"),
        ("W", TypeError, "this is a str"),
    ]:
        with pytest.raises(kind, match=said):
            ag.paths(L, wrt, (0, 0))
    with pytest.raises(TypeError, match="a loss"):
        ag.paths(3.0, W, (0, 0))
    with pytest.raises(ValueError, match="scalar"):
        ag.paths(W * 2.0, W, (0, 0))
    with pytest.raises(ValueError, match="whole number from 0"):
        ag.paths(L, W, (0, 0), k=-1)
    with pytest.raises(TypeError, match="wrt="):
        ag.derive(L, index=(0, 0))
    empty = Tensor(np.ones((0, 3)), requires_grad=True, name="empty")
    with pytest.raises(IndexError, match="out of range"):
        ag.paths(np.sum(empty) + np.sum(W), empty, (0, 0))
    with pytest.raises(RuntimeError, match="changed"):
        W.data = W.data * 2
        ag.paths(L, W, (0, 0))


def test_indices_count_from_the_end_too_and_may_be_numpys():
    W = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True, name="W")
    L = np.sum(W * W)
    assert ag.paths(L, W, (np.int64(-1), -1)).start.index == (1, 2)
    assert ag.paths(L, W, [0, 1]).start.name.text == "W[0,1]"


def test_no_path_may_be_listed():
    w, value = doublings(3)
    found = ag.paths(value, w, k=0)
    assert found.paths == () and found.rest_count == 8 and found.rest == pytest.approx(1.0)
    assert "the 8 other paths together" in found.text()


def network():
    """The 3-4-2 network on three rows, with weights of one digit."""
    rng = np.random.default_rng(63)
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]) / 10
    y = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    W1 = Tensor(rng.normal(size=(3, 4)).round(1), requires_grad=True)
    b1 = Tensor(rng.normal(size=4).round(1), requires_grad=True)
    W2 = Tensor(rng.normal(size=(4, 2)).round(1), requires_grad=True)
    b2 = Tensor(rng.normal(size=2).round(1), requires_grad=True)
    z1 = x @ W1 + b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2 + b2
    y_hat = sigmoid(z2)
    L = np.mean((y_hat - y) ** 2)
    return ag.derive(L, wrt=W1, index=(0, 1)), ag.paths(L, W1, (0, 1))


def test_the_derivation_of_one_entry_reads_as_in_a_lesson():
    golden = Path(__file__).with_name("entry_3_4_2.txt").read_text("utf-8")
    assert network()[0].text() == golden


def test_the_derivation_is_proved_line_by_line():
    for shown in network():
        checks = shown.verify()
        assert checks.ok and len(checks.checks) > 20
        assert all(check.twin is not None for check in checks.checks)
        assert checks.checks[-1].differences is not None


def readmes_example():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], name="x")
    W = Tensor([[0.2], [-0.4]], requires_grad=True, name="W")
    b = Tensor(0.5, requires_grad=True, name="b")
    L = np.mean(np.tanh(x @ W + b) ** 2)
    L.name = "L"
    return L, W


def test_where_no_value_has_a_name_each_that_a_formula_speaks_of_is_said_first():
    text = ag.derive(*readmes_example(), (0, 0)).text()
    values = text.partition("The values on the way")[2].partition("The local derivatives")[0]
    for formula in ("v₁[1,0] = x[1,0] · W[0,0] + x[1,1] · W[1,0]", "v₂[1,0] = v₁[1,0] + b", "v₃[1,0] = tanh(v₂[1,0])"):
        assert formula in values
    assert "v₂[1,0] → v₃[1,0]:   1 − v₃[1,0]² =" in text and "1/2 · (v₄[0,0] + v₄[1,0])" in text


def test_the_boxes_of_values_without_a_name_hold_their_formulas():
    picture = ag.paths(*readmes_example(), (0, 0)).picture()
    formulas = {box.title: box.operation for box in picture.scene.boxes if box.role == "intermediate"}
    assert len(formulas) == 8 and all(formulas.values())


def test_sentences_stay_within_80_columns():
    text = ag.derive(*readmes_example(), (0, 0)).text()
    sentences = [line for line in text.split("\n") if "=" not in line and "→" not in line]
    assert len(sentences) > 20 and max(map(len, sentences)) <= 80


def test_the_products_of_a_picture_are_typeset_as_its_other_numbers_are():
    w = Tensor(1e-3, requires_grad=True, name="w")
    (box,) = (box for box in ag.paths(w * w * w + w * 0.5, w).picture().scene.boxes if box.role == "sum")
    products = {row.latex.rpartition("  }")[2]: row.text.rpartition("  ")[2] for row in box.rows}
    assert products[r"{1\times 10^{-6}}"] == "1e−06" and products["{0.5}"] == "0.5"


def test_one_path_over_values_without_a_name_says_what_its_derivative_speaks_of():
    x = np.array([1.0, 2.0])
    W = Tensor([0.2, -0.4], requires_grad=True)
    L = np.tanh(x @ W + 0.5) ** 2
    found = ag.derive(L, W, 0)
    assert "v₁ = x[0] · W[0] + x[1] · W[1]" in found.text()
    assert "W[0] → L:   2 · x[0] · (1 − tanh(v₁ + 0.5)²) · tanh(v₁ + 0.5)" in found.text() and found.verify().ok


def test_paths_and_entries_are_shown_in_a_notebook_and_saved(tmp_path):
    derivation, paths = network()
    for shown in (derivation, paths):
        bundle = shown._repr_mimebundle_()
        html = bundle["text/html"]
        assert bundle["text/plain"] == shown.text() == str(shown)
        assert "<script" not in html and "<svg" not in html and "data:image/svg+xml" in html and "alt=" in html
        for suffix in ("html", "md", "tex", "txt", "svg", "dot"):
            shown.save(tmp_path / f"p.{suffix}")
        page = (tmp_path / "p.html").read_text("utf-8")
        assert "://" not in page.replace("http://www.w3.org/", "")
        for part in page.split("<svg")[1:]:
            ET.fromstring("<svg" + part.split("</svg>")[0] + "</svg>")
        assert (tmp_path / "p.tex").read_text("utf-8") == shown.latex()
        markdown = (tmp_path / "p.md").read_text("utf-8")
        assert markdown.startswith("# $") and markdown.count("$") % 2 == 0 and r"\[" not in markdown
        drawn = (tmp_path / "p.svg").read_text("utf-8")
        assert drawn == shown.svg() == shown.picture().svg() and drawn.split("<style>")[1] in page
        with pytest.raises(ValueError, match=r"\.html, \.md, \.svg"):
            shown.save(tmp_path / "p.gif")
    assert repr(paths) == "<Paths of ∂L/∂W₁[0,1]: 6 paths>"
    assert repr(derivation) == "<EntryDerivation of ∂L/∂W₁[0,1]: 6 paths>"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", r"\input{x} $ % & _ ^ ~ # {", "a]\x1b[0m", "W[0]", ""])
def test_hostile_names_are_shown_as_text(name):
    x = Tensor([1.0, 2.0], requires_grad=True, name=name)
    L = np.sum(x * x)
    for shown in (ag.paths(L, x, 1), ag.derive(L, wrt=x, index=1)):
        assert "\x1b" not in shown.text() and "<script" not in shown.html()
        assert "<script" not in shown._repr_mimebundle_()["text/html"]
        assert shown.latex() and shown.verify()


def test_single_results_of_an_operation_with_several_are_opened():
    halves = ag.primitive(
        lambda x: (np.exp(x[:2]), x[2:].sum()),
        (
            lambda g, y, x: np.concatenate([g * y[0], 0 * x[2:]]),
            lambda g, y, x: np.concatenate([0 * x[:2], g + 0 * x[2:]]),
        ),
        name="halves",
    )
    x = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True, name="x")
    first, second = halves(x)
    L = np.sum(first) * second
    L.backward()
    for i in range(4):
        found = ag.paths(L, x, i)
        assert found.total == pytest.approx(x.grad.numpy()[i]) and found.count == 1
    assert [node.name.text for node in found.paths[0].nodes if node.named] == ["x[3]", "second", "L"]


def test_formulas_stay_a_line_long():
    x = Tensor(np.linspace(0.1, 1.0, 40), requires_grad=True, name="x")
    spread = ag.primitive(
        lambda x: np.mean((x - np.mean(x)) ** 2),
        lambda g, y, x: g * 2 * (x - np.mean(x)) / x.size,
        name="spread",
    )
    L = spread(x) * 3.0
    for shown in (ag.paths(L, x, 3), ag.derive(L, wrt=x, index=3)):
        assert max(map(len, shown.text().splitlines())) < 250
    few = Tensor([1.0, 2.0, 4.0], requires_grad=True, name="x")
    derivation = ag.derive(spread(few), wrt=few, index=0)
    assert "2/3 · (x[0] − 1/3 · (x[0] + x[1] + x[2])) = 2/3 · (1 − 1/3 · (1 + 2 + 4)) = −0.8889" in derivation.text()


def test_a_graph_of_too_many_values_is_refused_in_time():
    w = Tensor(1.0, requires_grad=True, name="w")
    value = w
    for _ in range(100_001):
        value = value * 1.0
    with pytest.raises(ValueError, match="more than the 100,000"):
        ag.paths(value, w)


def test_another_librarys_arrays_are_opened_too():
    dask = pytest.importorskip("dask.array")
    x = Tensor(dask.from_array(np.arange(6.0).reshape(2, 3), chunks=2), requires_grad=True, name="x")
    found = ag.paths((x * x).sum(), x, (1, 2))
    assert found.total == 10.0 and "x[1,2]" in found.text()
