"""The scalar view of a graph: it agrees with the engine's gradients, for every row of the table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor
from autograd.derivation import writing
from autograd.derivation.scalars.entries import Entries
from autograd.derivation.scalars.graph import opened
from autograd.derivation.scalars.jacobians import Chain, Gathered, Probed, Product, Scattered, TooLargeError
from autograd.derivation.scalars.operations import Operation
from autograd.derivation.scalars.paths import path_sum
from autograd.derivation.scalars.recognised import jacobian
from autograd.derivation.trees import Number
from tests.primitives.test_table import TABLE, Sample, every_differentiable_sample

import nn  # isort: skip


def _one_a_row():
    """Of each differentiable row the sample with the most axes."""
    for row in TABLE:
        if row.differentiable:
            samples = [Sample(row, sample) for sample in row.samples(np.random.default_rng(0))]
            yield max(samples, key=lambda sample: max(x.ndim for x in sample.inputs))


ONE_A_ROW = list(_one_a_row())


def pulled(root, x):
    """The gradient of `root` by all entries of `x`, from the opened graph alone: each block's edges, backwards."""
    graph = opened(root, {x: np.arange(x.size)})
    totals = {t: np.zeros(len(entries)) for t, entries in graph.entries.items()}
    if root in totals:
        totals[root][:] = 1.0
    for b in reversed(graph.blocks):
        np.add.at(totals[b.source], b.sources, b.derivatives * totals[b.target][b.targets])
    found = np.zeros(x.size)
    if x in totals:
        found[graph.entries[x]] = totals[x]
    return found.reshape(x.shape)


@every_differentiable_sample
def test_the_scalar_view_of_every_row_agrees_with_the_engine_for_random_incoming_gradients(sample):
    rng = np.random.default_rng(2)
    inputs = [Tensor(x, requires_grad=x.dtype.kind == "f") for x in sample.inputs]
    y = sample(*inputs)
    root = np.sum(y * rng.uniform(0.5, 1.5, y.shape) * rng.choice([-1.0, 1.0], y.shape))
    root.backward()
    for x in inputs:
        if x.grad is not None:
            exact = x.grad.numpy()
            scale = np.max(np.abs(exact), initial=0.0)
            np.testing.assert_allclose(pulled(root, x), exact, rtol=1e-9, atol=1e-12 * scale)


@pytest.mark.parametrize("sample", ONE_A_ROW, ids=lambda sample: sample.row.__name__)
def test_every_printed_derivative_of_every_row_evaluates_to_its_number(sample):
    rng = np.random.default_rng(3)
    inputs = [Tensor(x, requires_grad=x.dtype.kind == "f") for x in sample.inputs]
    root = np.sum(sample(*inputs) * 1.0)
    for x in inputs:
        if x.requires_grad and x.size and root.requires_grad:
            index = np.unravel_index(rng.integers(x.size), x.shape)
            try:
                found = path_sum(root, x, tuple(map(int, index)), 3)
            except ValueError as error:
                assert "not in the graph" in str(error)
                continue
            for edge in found.edges:
                assert writing.text(edge.formula) and writing.latex(edge.formula)
                try:
                    source = writing.source(edge.formula)
                except writing.NoSourceError:
                    continue
                value = eval(source, {"np": np, **found.namespace})
                np.testing.assert_allclose(value, edge.derivative, rtol=1e-7, atol=1e-12)


def shape_of(made, position=0):
    return type(jacobian(Operation(made), position))


def leaf(*shape, name=None, rng=np.random.default_rng(0)):  # noqa: B008
    return Tensor(rng.uniform(0.5, 1.5, shape)[()], requires_grad=True, name=name)


def test_the_usual_shapes_of_a_jacobian_are_recognised():
    x, W = leaf(2, 3), leaf(3, 4)
    assert shape_of(np.tanh(x)) is Gathered
    assert shape_of(x * np.ones((5, 2, 3))) is Gathered
    assert shape_of(x[[0, 1, 0]]) is Gathered
    assert shape_of(x.sum(axis=1)) is Scattered
    assert shape_of(x.T) is Scattered
    assert shape_of(np.concatenate([x, x])) is Scattered
    assert shape_of(x @ W) is Product
    assert shape_of(nn.functional.linear(x, W, leaf(4))) is Chain
    assert shape_of(np.outer(x, W)) is Probed


def test_a_jacobian_of_no_usual_shape_is_asked_for_by_columns_and_by_rows():
    softmax = ag.primitive(
        lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True),
        lambda g, y, x: y * (g - (g * y).sum(axis=-1, keepdims=True)),
        name="softmax",
    )
    y = softmax(leaf(2, 3))
    probed = jacobian(Operation(y), 0)
    assert type(probed) is Probed
    p = y.numpy()
    block = np.einsum("ri,ij->rij", p, np.eye(3)) - np.einsum("ri,rj->rij", p, p)
    for edges in (probed.by_inputs(np.arange(6)), probed._rows(np.arange(6))):
        full = np.zeros((6, 6))
        full[edges.sources, edges.targets] = edges.derivatives
        np.testing.assert_allclose(full[:3, :3], block[0])
        np.testing.assert_allclose(full[3:, 3:], block[1])
        assert len(edges.sources) == 18


def test_a_rule_of_no_usual_shape_is_written_in_symbols():
    softmax = ag.primitive(
        lambda x: np.exp(x) / np.exp(x).sum(),
        lambda g, y, x: y * (g - (g * y).sum()),
        name="softmax",
    )
    x = leaf(3, name="x")
    p = softmax(x)
    p.name = "p"
    L = p[0] * 2.0
    by_itself, by_another = (path_sum(L, x, i, 5).edges[0].formula for i in (0, 1))
    assert writing.text(by_itself) == "p[0] · (1 − p[0])"
    assert writing.text(by_another) == "−p[1] · p[0]"


def test_formulas_say_how_an_entry_is_computed():
    x, W, b = leaf(2, 3, name="x"), leaf(3, 2, name="W"), leaf(2, name="b")
    y = np.tanh(x @ W + b)
    L = np.mean(y**2)
    entries = Entries(opened(L, {x: np.array([0])}), {"y": y, "L": L})
    written = {
        "y": "tanh(x[0,0] · W[0,1] + x[0,1] · W[1,1] + x[0,2] · W[2,1] + b[1])",
        "L": "1/4 · (y[0,0]² + y[0,1]² + y[1,0]² + y[1,1]²)",
    }
    assert writing.text(entries.formula(y, 1)) == written["y"]
    assert writing.text(entries.formula(L, 0)) == written["L"]


def test_a_long_sum_is_written_with_an_ellipsis_and_keeps_its_value():
    x = leaf(50, name="x")
    L = np.sum(np.exp(x))
    formula = Entries(opened(L, {x: np.array([0])}), {"L": L}).formula(L, 0)
    assert writing.text(formula) == "exp(x[0]) + exp(x[1]) + … + exp(x[49])"
    assert sum(t.value for t in formula.operands if hasattr(t, "value")) == pytest.approx(np.exp(x.numpy()[2:-1]).sum())


def test_only_what_lies_between_the_entry_and_the_result_is_opened():
    x, W = leaf(5, 3), leaf(3, 4)
    z = x @ W
    L = np.sum(z[0] ** 2)
    graph = opened(L, {W: np.array([1])})
    assert {len(entries) for entries in graph.entries.values()} == {1}
    assert graph.edges == 4


def test_a_graph_too_large_to_open_is_refused_at_once():
    x = leaf(2500, 1)
    L = np.sum(np.exp(x @ leaf(1, 2500)))
    with pytest.raises(TooLargeError, match=r"matmul of shape \(2500, 2500\)"):
        opened(L, {x: np.arange(2500)})
    f = ag.primitive(lambda x: np.cumsum(x), lambda g, y, x: np.cumsum(g[::-1])[::-1], name="running")
    wide = leaf(20_000)
    with pytest.raises(ValueError, match="cumsum of shape"):
        opened(np.sum(f(wide) ** 2), {wide: np.arange(20_000)})


@given(st.integers(0, 10_000))
def test_matrix_products_of_all_shapes_open_into_their_terms(seed):
    rng = np.random.default_rng(seed)
    n, k, m = rng.integers(1, 4, 3)
    stacks = [((), ()), ((2,), ()), ((), (2,)), ((2, 1), (3,)), ((1,), (2,))]
    left, right = stacks[rng.integers(len(stacks))]
    a_shape = (k,) if rng.random() < 0.2 else (*left, n, k)
    b_shape = (k,) if rng.random() < 0.2 else (*right, k, m)
    a, b = (Tensor(rng.normal(size=shape), requires_grad=True) for shape in (a_shape, b_shape))
    y = a @ b
    L = np.sum(y * rng.normal(size=y.shape))
    L.backward()
    np.testing.assert_allclose(pulled(L, a), a.grad.numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(pulled(L, b), b.grad.numpy(), rtol=1e-9, atol=1e-12)
    for x in (a, b):
        found = path_sum(L, x, tuple(int(i) for i in np.unravel_index(rng.integers(x.size), x.shape)), 4)
        for edge in found.edges:
            value = edge.formula.number / edge.formula.over if isinstance(edge.formula, Number) else edge.formula.value
            assert value == pytest.approx(edge.derivative)
