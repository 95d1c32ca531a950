"""Linear, activations, Sequential, MLP: what they compute, name and refuse."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import Tensor
from nn import reference

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def names(tensor):
    """The names of a result and all it was made from."""
    found, todo = set(), [tensor]
    while todo:
        t = todo.pop()
        if type(t) is Tensor:
            found.add(t.name)
            todo.extend(t.inputs)
    return found


def test_the_article_s_numbers_are_drawn_in_its_order():
    np.random.seed(0)
    expected = [np.random.randn(3, 4), np.random.randn(4), np.random.randn(4, 2), np.random.randn(2)]
    net = nn.MLP(3, 4, 2, init=nn.init.normal, rng=np.random.RandomState(0))
    for value, parameter in zip(expected, net.parameters(), strict=True):
        np.testing.assert_array_equal(value, parameter.numpy())


def test_an_mlp_names_its_parameters_and_what_it_makes():
    net = nn.MLP(3, 4, 2)
    assert [name for name, _ in net.named_parameters()] == ["W1", "b1", "W2", "b2"]
    assert net.W1.name == "W1"
    assert names(nn.functional.mse_loss(net(X), np.ones((2, 2)))) == {
        *("x", "W1", "b1", "z1", "a1", "W2", "b2", "z2", "ŷ", "y", "L")
    }


def test_names_of_the_user_s_stay():
    net = nn.MLP(3, 2)
    assert "pixels" in names(net(Tensor(X, name="pixels")))
    x = Tensor(X)
    net(x)
    assert x.name is None


def test_an_identity_activation_renames_nothing():
    made = nn.MLP(3, 4, 2, activation="identity", output="identity")(X)
    assert names(made) == {"x", "W1", "b1", "z1", "W2", "b2", "ŷ"}


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=5),
    st.sampled_from(sorted(reference.functions)),
    st.sampled_from(sorted(reference.functions)),
    st.integers(0, 2**32 - 1),
)
def test_an_mlp_of_any_sizes_is_the_hand_written_one(sizes, activation, output, seed):
    rng = np.random.RandomState(seed)
    net = nn.MLP(*sizes, activation=activation, output=output, init=nn.init.normal, rng=rng)
    x, y = rng.randn(3, sizes[0]), rng.randn(3, sizes[-1])
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    parameters = [p.numpy() for p in net.parameters()]
    prediction = reference.forward(parameters, x, activation, output)[1][-1]
    assert np.isclose(loss.item(), np.mean((prediction - y) ** 2), rtol=1e-12)
    for p, g in zip(net.parameters(), reference.gradients(parameters, x, y, activation, output), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), g, rtol=1e-9, atol=1e-12)


def test_activations_may_be_functions_and_modules():
    net = nn.MLP(3, 4, 2, activation=np.exp, output=nn.Tanh())
    np.testing.assert_allclose(
        net(X).numpy(), np.tanh(np.exp(X @ net.W1.numpy() + net.b1.numpy()) @ net.W2.numpy() + net.b2.numpy())
    )
    assert "exp" in repr(net) and "Tanh" in repr(net)


@pytest.mark.parametrize("shape", [(3,), (1, 3), (5, 3), (2, 5, 3), (0, 3)])
def test_inputs_of_any_number_of_axes(shape):
    for layer in (nn.MLP(3, 4, 2), nn.Linear(3, 2), nn.Linear(3, 2, bias=False)):
        x = Tensor(np.ones(shape), requires_grad=True)
        out = layer(x)
        assert out.shape == (*shape[:-1], 2)
        out.sum().backward()
        assert x.grad.shape == shape
        assert all(p.grad.shape == p.shape for p in layer.parameters())


@pytest.mark.parametrize("shape", [(2, 4), (3, 2), (4,), (), (3, 1)])
@pytest.mark.parametrize("layer", [nn.MLP(3, 4, 2), nn.Linear(3, 2), nn.Linear(3, 2, bias=False), nn.MLP(3, 2)])
def test_an_input_that_does_not_fit_is_explained(layer, shape):
    with pytest.raises(ValueError) as caught:
        layer(np.ones(shape))
    message = str(caught.value)
    assert message.startswith(f"{type(layer).__name__}(3, ")
    assert "(…, 3)" in message and str(shape) in message
    assert (".T" in message) == (len(shape) == 2 and shape[0] == 3)


def test_an_error_inside_an_activation_stays_its_own():
    def broken(z):
        raise ValueError("mine")

    with pytest.raises(ValueError, match=r"^mine$"):
        nn.MLP(3, 2, 2, activation=broken)(X)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_from_parameters_to_gradients(dtype):
    net = nn.MLP(3, 4, 2, dtype=dtype)
    out = net(X.astype(dtype))
    loss = nn.functional.mse_loss(out, np.ones((2, 2), dtype))
    loss.backward()
    assert {out.dtype, loss.dtype, *(p.dtype for p in net.parameters()), *(p.grad.dtype for p in net.parameters())} == {
        np.dtype(dtype)
    }


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.MLP(3, 4, 2, activation="rellu"), ValueError, "'rellu'.*relu, sigmoid, tanh, identity"),
        (lambda: nn.MLP(3, 4, 2, output="softmax"), ValueError, "unknown output 'softmax'"),
        (lambda: nn.MLP(3, 4, 2, activation=3), TypeError, "a name or a function, not int"),
        (lambda: nn.MLP(3), ValueError, "two sizes or more"),
        (lambda: nn.MLP(), ValueError, "two sizes or more"),
        (lambda: nn.MLP(3, 0, 2), ValueError, "1 or more, not 0"),
        (lambda: nn.MLP(3, -4, 2), ValueError, "1 or more, not -4"),
        (lambda: nn.MLP(3, 4.0, 2), TypeError, "an integer, not 4.0"),
        (lambda: nn.MLP("3", 2), TypeError, "an integer, not '3'"),
        (lambda: nn.MLP([3, 4, 2]), TypeError, "an integer, not"),
        (lambda: nn.Linear(True, 2), ValueError, "1 or more, not True"),
        (lambda: nn.Linear(3, 2, rng="x"), TypeError, "rng is a"),
        (lambda: nn.Linear(3, 2, dtype=int), TypeError, "real floating"),
        (lambda: nn.Linear(3, 2, dtype=complex), TypeError, "real floating"),
        (lambda: nn.Linear(3, 2, init=lambda shape, rng: np.ones(7)), ValueError, r"init gave shape \(7,\)"),
        (lambda: nn.Sequential(nn.Linear(3, 2), 5), TypeError, "layer 1 is a int"),
    ],
)
def test_what_cannot_be_built_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_sizes_may_be_numpy_integers():
    assert nn.MLP(*np.array([3, 4, 2])).sizes == (3, 4, 2)


def test_sequential_is_its_layers_one_after_the_other_and_names_what_they_make():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False), nn.Sigmoid(), nn.Identity(), nn.Tanh())
    out = net(X)
    hidden = np.maximum(X @ net.layers[0].weight.numpy() + net.layers[0].bias.numpy(), 0)
    np.testing.assert_allclose(
        out.numpy(), np.tanh(1 / (1 + np.exp(-(hidden @ net.layers[2].weight.numpy())))), rtol=1e-12
    )
    assert names(out) - {None} == {
        *("x", "layers.0.weight", "layers.0.bias", "z1", "a1", "layers.2.weight", "z2", "a2")
    }


def test_sequential_takes_functions_and_may_be_empty_or_nested():
    x = Tensor(X)
    assert nn.Sequential()(x) is x
    net = nn.Sequential(np.exp, nn.Sequential(nn.Linear(3, 1)), lambda t: t * 2)
    assert net(x).shape == (2, 1)
    assert [name for name, _ in net.named_parameters()] == ["layers.1.layers.0.weight", "layers.1.layers.0.bias"]


def test_layers_pass_gradient_checks():
    net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 2, rng=1), nn.Sigmoid())
    ag.check_grads(net, [X], order=2)


def test_a_copied_network_has_parameters_of_its_own():
    net = nn.MLP(3, 2)
    other = copy.deepcopy(net)
    other.W1.data -= 1.0
    assert not np.array_equal(net.W1.numpy(), other.W1.numpy())
    assert other(X).name == "ŷ"


def test_seeds_decide():
    np.testing.assert_array_equal(nn.Linear(3, 2, rng=1).weight.numpy(), nn.Linear(3, 2, rng=1).weight.numpy())
    assert not np.array_equal(nn.Linear(3, 2).weight.numpy(), nn.Linear(3, 2).weight.numpy())


def test_an_activation_s_result_keeps_the_name_that_it_has():
    scale = Tensor([1.0, 2.0], requires_grad=True)
    assert nn.MLP(3, 2, output=lambda z: scale)(X) is scale and scale.name is None
    named = nn.MLP(3, 4, 2, activation=lambda z: scale_of(z), output="tanh")
    assert {"mine", "z1", "z2", "ŷ"} <= names(named(X)) and "a1" not in names(named(X))
    assert nn.MLP(3, 2, output=lambda z: z.numpy())(X).shape == (2, 2)

    class Constant(nn.Tanh):
        def forward(self, x):
            return scale

    nn.Sequential(nn.Linear(3, 2), Constant())(X)
    assert scale.name is None
    assert nn.Sequential(nn.Linear(3, 2), nn.Tanh())(X).name == "a1"


def scale_of(z):
    result = z * 2
    result.name = "mine"
    return result


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "identity"])
def test_results_are_named_with_and_without_a_graph(activation):
    net = nn.MLP(3, 4, 2, activation=activation, output=activation)
    assert net(X).name == "ŷ"
    with ag.no_grad():
        assert net(X).name == "ŷ"
