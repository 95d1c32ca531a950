"""What the golden texts derive. `python -m tests.derivation.golden_cases` writes them anew; read them then."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import autograd as ag
import nn
from autograd import Tensor

GOLDEN = Path(__file__).parent / "golden"
relu, sigmoid = nn.functional.relu, nn.functional.sigmoid


def parameter(values, name):
    return Tensor(np.array(values, dtype=float), requires_grad=True, name=name)


def given(values, name):
    return Tensor(np.array(values, dtype=float), name=name)


def network():
    """The article's 3-4-2 network, with small, distinct weights."""
    x = given([[1, 2, 3], [4, 5, 6], [7, 8, 9]], "x")
    y = given([[0, 1], [1, 0], [1, 1]], "y")
    W1 = parameter([[0.1, -0.2, 0.3, -0.1], [0.2, 0.1, -0.1, 0.2], [-0.1, 0.2, 0.1, -0.3]], "W1")
    b1 = parameter([0.1, -0.1, 0.2, 0.0], "b1")
    W2 = parameter([[0.2, -0.3], [0.1, 0.2], [-0.2, 0.1], [0.3, -0.1]], "W2")
    b2 = parameter([0.1, -0.2], "b2")
    z1 = x @ W1 + b1
    a1 = relu(z1)
    z2 = a1 @ W2 + b2
    y_hat = sigmoid(z2)
    L = np.mean((y - y_hat) ** 2)
    return ag.derive(L)


def network_all_ones():
    """The same with all weights and biases 1: the sigmoid saturates, and nothing can be learned."""
    x, y = given([[1, 2, 3]], "x"), given([[0, 1]], "y")
    W1, b1 = parameter(np.ones((3, 4)), "W1"), parameter(np.ones(4), "b1")
    W2, b2 = parameter(np.ones((4, 2)), "W2"), parameter(np.ones(2), "b2")
    z1 = x @ W1 + b1
    a1 = relu(z1)
    z2 = a1 @ W2 + b2
    y_hat = sigmoid(z2)
    L = np.mean((y - y_hat) ** 2)
    return ag.derive(L)


def column_layer():
    """y = f(W x + b) for a column vector, as in the article's rules."""
    x, W, b = parameter([1.0, -2.0, 0.5], "x"), parameter([[0.2, -0.1, 0.4], [0.3, 0.5, -0.2]], "W"), None
    b = parameter([0.1, -0.3], "b")
    c = given([1.0, 2.0], "c")
    y = np.tanh(W @ x + b)
    L = c @ y
    return ag.derive(L)


def row_batch_layer():
    """Y = f(X W + b) for a batch of rows."""
    X, W = parameter([[1.0, -2.0, 0.5], [0.0, 1.0, 2.0]], "X"), parameter([[0.2, 0.3], [-0.1, 0.5], [0.4, -0.2]], "W")
    b = parameter([0.1, -0.3], "b")
    C = given([[1.0, 2.0], [0.5, -1.0]], "C")
    z = X @ W + b
    Y = np.tanh(z)
    L = np.sum(C * Y)
    return ag.derive(L)


def logistic_regression():
    X, y = given([[1.0, 0.5], [-0.5, 2.0], [1.5, -1.0]], "X"), given([1, 0, 1], "y")
    w, b = parameter([0.4, -0.3], "w"), parameter(0.1, "b")
    z = X @ w + b
    p = sigmoid(z)
    not_y = 1 - y
    L = -np.mean(y * np.log(p) + not_y * np.log(1 - p))
    return ag.derive(L)


def softmax_cross_entropy():
    z, y = parameter([[2.0, 1.0, -1.0], [0.5, 0.0, 1.0]], "z"), given([[1, 0, 0], [0, 0, 1]], "y")
    e = np.exp(z)
    p = e / np.sum(e, axis=1, keepdims=True)
    L = -np.sum(y * np.log(p)) / 2
    return ag.derive(L)


def attention():
    """softmax(Q Kᵀ / √d) V of two queries and three keys."""
    Q, K = parameter([[1.0, 0.5], [-0.5, 1.0]], "Q"), parameter([[0.2, 0.1], [0.4, -0.3], [-0.1, 0.6]], "K")
    V = parameter([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]], "V")
    C = given([[1.0, -1.0], [0.5, 2.0]], "C")
    S = Q @ K.T / np.sqrt(2.0)
    E = np.exp(S)
    A = E / np.sum(E, axis=1, keepdims=True)
    O = A @ V  # noqa: E741
    L = np.sum(C * O)
    return ag.derive(L)


def layer_normalisation():
    x = parameter([[1.0, 2.0, 4.0], [0.5, -1.0, 0.0]], "x")
    gamma, beta = parameter([1.0, 1.5, 0.5], "gamma"), parameter([0.0, 0.1, -0.1], "beta")
    c = given([[1.0, -1.0, 0.5], [2.0, 0.0, 1.0]], "c")
    mu = np.mean(x, axis=1, keepdims=True)
    d = x - mu
    var = np.mean(d**2, axis=1, keepdims=True)
    n = d / np.sqrt(var + 1e-5)
    y = gamma * n + beta
    L = np.sum(c * y)
    return ag.derive(L)


def recurrent_cell():
    """h ← tanh(W h + U x + b), three steps."""
    W, U, b = parameter([[0.5, -0.2], [0.1, 0.3]], "W"), parameter([0.4, -0.6], "U"), parameter([0.1, 0.0], "b")
    h = given([0.0, 0.0], "h0")
    for i, x in enumerate([1.0, -0.5, 2.0], 1):
        h = np.tanh(W @ h + U * x + b)
        h.name = f"h{i}"
    L = np.sum(h**2)
    return ag.derive(L)


def second_derivative_of_tanh():
    x = parameter(0.5, "x")
    y = np.tanh(x)
    y.backward(create_graph=True)
    return ag.derive(x.grad)


def second_derivative_of_a_quadratic_form():
    A, x = given([[2.0, 1.0], [0.0, 3.0]], "A"), parameter([1.0, -2.0], "x")
    q = x @ A @ x
    q.backward(create_graph=True)
    v = given([1.0, 0.0], "v")
    return ag.derive(x.grad, gradient=v)


def second_derivative_of_softmax_cross_entropy():
    z, y = parameter([2.0, 1.0, -1.0], "z"), given([0, 0, 1], "y")
    L = np.log(np.sum(np.exp(z))) - y @ z
    L.backward(create_graph=True)
    v = given([1.0, 0.0, 0.0], "v")
    return ag.derive(z.grad, gradient=v)


def cross_entropy_of_logits():
    """nn's loss, which takes the logarithm of the softmax, of class numbers."""
    x, W = given([[1.0, 2.0], [0.5, -1.0]], "x"), parameter([[0.5, -0.5, 0.0], [0.25, 0.0, 1.0]], "W")
    z = x @ W
    L = nn.functional.cross_entropy(z, [0, 2])
    return ag.derive(L)


def second_derivative_of_cross_entropy_of_logits():
    z = parameter([[2.0, 1.0, -1.0], [0.5, 0.0, 1.0]], "z")
    L = nn.functional.cross_entropy(z, [0, 2])
    L.backward(create_graph=True)
    v = given([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], "v")
    return ag.derive(z.grad, gradient=v)


CASES = {
    case.__name__: case
    for case in (
        network,
        network_all_ones,
        column_layer,
        row_batch_layer,
        logistic_regression,
        softmax_cross_entropy,
        cross_entropy_of_logits,
        attention,
        layer_normalisation,
        recurrent_cell,
        second_derivative_of_tanh,
        second_derivative_of_a_quadratic_form,
        second_derivative_of_softmax_cross_entropy,
        second_derivative_of_cross_entropy_of_logits,
    )
}


def golden_text(derivation):
    """What is kept: the whole text, and each gradient in full."""
    return f"{derivation.text()}\n\nIn full\n\n{derivation.text('in full')}"


if __name__ == "__main__":
    for name, case in CASES.items():
        (GOLDEN / f"{name}.txt").write_text(golden_text(case()), encoding="utf-8")
