"""Initial values."""

import numpy as np
import pytest

from nn import init

GENERATORS = [np.random.default_rng, np.random.RandomState]
FUNCTIONS = [init.normal, init.zeros, init.uniform, init.kaiming_uniform, init.xavier_uniform]


@pytest.mark.parametrize("make", GENERATORS)
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("shape", [(3, 4), (4,), (1, 1)])
def test_every_init_gives_float64_of_the_shape_and_the_seed_decides(make, function, shape):
    first, second = function(shape, make(7)), function(shape, make(7))
    assert (first.shape, first.dtype) == (shape, np.float64)
    np.testing.assert_array_equal(first, second)


def test_normal_draws_what_randn_draws():
    np.testing.assert_array_equal(init.normal((3, 4), np.random.RandomState(5)), np.random.RandomState(5).randn(3, 4))


@pytest.mark.parametrize(
    ("function", "limit"), [(init.uniform, 1), (init.kaiming_uniform, (6 / 50) ** 0.5), (init.xavier_uniform, 0.2)]
)
def test_uniform_inits_fill_their_interval(function, limit):
    values = function((50, 100), np.random.default_rng(0))
    assert 0.99 * limit < np.abs(values).max() <= limit
    assert abs(values.mean()) < 0.05 * limit


@pytest.mark.parametrize("function", [init.kaiming_uniform, init.xavier_uniform])
def test_scaled_inits_start_biases_at_zero_and_refuse_other_shapes(function):
    assert not function((5,), np.random.default_rng(0)).any()
    for shape in [(), (2, 3, 4)]:
        with pytest.raises(ValueError, match="neither a weight"):
            function(shape, np.random.default_rng(0))


def test_kaiming_keeps_the_variance_through_relu_layers():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 300))
    for _ in range(10):
        x = np.maximum(x @ init.kaiming_uniform((300, 300), rng), 0)
    assert 0.3 < np.mean(x**2) < 3


def test_a_generator_is_a_seed_or_something_that_draws():
    assert init.generator(np.random) is np.random
    assert init.generator(3).uniform() == np.random.default_rng(3).uniform()
    for wrong in ("seed", 1.5, True):
        with pytest.raises(TypeError, match="rng is a"):
            init.generator(wrong)
