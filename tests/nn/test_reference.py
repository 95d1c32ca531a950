"""The hand-written backpropagation, against differences of its own loss."""

import ast
import inspect

import numpy as np
import pytest

from nn import reference


@pytest.mark.parametrize("activation", sorted(reference.functions))
@pytest.mark.parametrize("output", sorted(reference.functions))
@pytest.mark.parametrize("loss", ["mse", "cross_entropy", "cross_entropy of classes"])
def test_gradients_are_central_differences(activation, output, loss):
    rng = np.random.default_rng(1)
    sizes = [3, 5, 4, 2]
    parameters = [rng.normal(size=s) for n in range(3) for s in ((sizes[n], sizes[n + 1]), (sizes[n + 1],))]
    x, y = rng.normal(size=(6, 3)), rng.uniform(size=(6, 2))
    if loss.endswith("classes"):
        y = rng.integers(0, 2, size=6)
    kind, loss = (activation, output), loss.split()[0]
    gradients = reference.gradients(parameters, x, y, *kind, loss)
    for which, gradient in enumerate(gradients):
        differences = reference.central_differences(parameters, x, y, *kind, which, range(gradient.size), loss=loss)
        np.testing.assert_allclose(gradient.reshape(-1), differences, atol=1e-8 * max(1, np.abs(gradient).max()))


def test_the_change_of_a_loss_is_the_difference_of_two():
    rng = np.random.default_rng(2)
    p, q, y = rng.normal(size=(3, 4, 3))
    shares = np.abs(y) / np.abs(y).sum(axis=1, keepdims=True)

    def log_softmax(p):
        return p - np.log(np.exp(p).sum(axis=1, keepdims=True))

    squares = np.mean((p - y) ** 2) - np.mean((q - y) ** 2)
    entropies = (shares * (log_softmax(q) - log_softmax(p))).sum() / 4
    assert reference.losses["mse"].change(p, q, y) == pytest.approx(squares, rel=1e-12)
    assert reference.losses["cross_entropy"].change(p, q, shares) == pytest.approx(entropies, rel=1e-12)


def test_a_kink_is_left_out():
    parameters = [np.ones((1, 1)), np.zeros(1), np.ones((1, 1)), np.zeros(1)]
    x, y = np.zeros((1, 1)), np.ones((1, 1))
    assert np.isnan(reference.central_differences(parameters, x, y, "relu", "identity", 1, [0])).all()
    assert np.isfinite(reference.central_differences(parameters, x, y, "tanh", "identity", 1, [0])).all()


def test_nothing_is_changed():
    parameters = [np.ones((2, 1)), np.ones(1)]
    reference.central_differences(parameters, np.ones((1, 2)), np.ones((1, 1)), "relu", "sigmoid", 0, [0, 1])
    assert all((p == 1).all() for p in parameters)


def test_it_shares_no_code_with_what_it_checks():
    imported = {
        name
        for node in ast.walk(ast.parse(inspect.getsource(reference)))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported == {"__future__", "collections.abc", "typing", "numpy"}
