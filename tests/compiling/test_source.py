"""The text of a program: what it says, and that nothing from outside becomes code in it."""

from __future__ import annotations

import ast
from collections import namedtuple

import numpy as np
import pytest

import autograd as ag


def text(f, *args, **kwargs):
    compiled = ag.compile(f)
    expected = compiled(*args, **kwargs)
    source = compiled.source()
    exec(source, space := dict(compiled.given))
    (name,) = [line[4 : line.index("(")] for line in source.splitlines() if line.startswith("def ")]
    again = space[name](*args, **kwargs)
    assert repr(again) == repr(expected)
    return source


def lines(f, *args, **kwargs):
    return [line.strip() for line in text(f, *args, **kwargs).splitlines() if line.startswith("    ")]


def test_it_reads_as_a_person_would_write_it():
    def loss(W, x):
        h = np.maximum(x @ W, 0)
        return np.sum(h**2)

    assert text(ag.value_and_grad(loss), np.ones((2, 3)), np.ones(2)) == (
        "import numpy as np\n\n\n"
        "def loss(W, x):\n"
        "    v1 = x @ W  # (3,)\n"
        "    h = np.maximum(v1, 0)  # (3,)\n"
        "    v2 = np.square(h)  # (3,)\n"
        "    v3 = v2.sum()\n"
        "    v4 = 2 * h  # (3,)\n"
        "    v5 = v1 == 0  # (3,)\n"
        "    v6 = v1 > 0  # (3,)\n"
        "    v7 = np.where(v5, 0.5, v6)  # (3,)\n"
        "    v8 = v4 * v7  # (3,)\n"
        "    v9 = np.outer(x, v8)  # (2, 3)\n"
        "    return v3, v9\n"
    )


def test_values_have_the_names_of_the_users_variables_and_arguments_those_of_their_keys():
    def f(p, xs, *, scale):
        total = p["a"] + xs[0]
        total = total * scale
        return total

    x = np.ones(2)
    assert lines(f, {"a": x}, [x, x], scale=x) == [
        "a = p['a']",
        "xs_0 = xs[0]",
        "xs_1 = xs[1]",
        "v1 = a + xs_0  # (2,)",
        "total = v1 * scale  # (2,)",
        "return total",
    ]


def test_a_tensor_is_called_as_it_calls_itself_and_what_a_rule_calls_its_own_is_nobodys_name():
    def slope_of_cube(g, y, x):
        thrice = 3 * x
        return g * thrice * x

    cube = ag.primitive(lambda x: x**3, slope_of_cube, name="cube")

    def f(x):
        h = np.sin(x)
        h.name = "hidden"
        return np.sum(cube(h))

    source = text(ag.grad(f), np.ones(2))
    assert "hidden = np.sin(x)" in source and "thrice" not in source


def test_keys_that_several_arguments_have_are_told_apart_by_the_arguments_names():
    x = np.ones(2)
    assert lines(lambda p, g, p_W: p["W"] - g["W"] * p_W, {"W": x}, {"W": x, "b": x}, x)[:3] == [
        "p_W_2 = p['W']",
        "g_W = g['W']",
        "b = g['b']",
    ]


def test_transposes_are_written_as_attributes():
    assert lines(ag.grad(lambda x: np.sum(x.T @ x)), np.ones((2, 2)))[0].count(".T") == 1


def test_what_is_computed_twice_is_computed_once_and_what_nobody_uses_not_at_all():
    def f(x):
        np.exp(x)
        return np.sin(x) + np.sin(x) * 1.0

    assert lines(f, np.ones(2)) == ["v1 = np.sin(x)  # (2,)", "v2 = v1 + v1  # (2,)", "return v2"]


def test_one_and_true_and_zero_and_minus_zero_are_different_numbers():
    assert lines(lambda x: (x ** np.int8(1), x**1.0), np.ones(2, np.int8)).count("return v1, v2") == 1
    assert lines(lambda x: (x + 0.0, x + -0.0), np.ones(2)) == [
        "v1 = x + 0.0  # (2,)",
        "v2 = x + -0.0  # (2,)",
        "return v1, v2",
    ]


def test_small_arrays_are_written_out_and_large_ones_given():
    small, large = np.array([[1.5, np.nan], [-np.inf, 0.1]], np.float32), np.arange(20.0)
    source = text(lambda x: (np.concatenate([small, x]), large[2:] @ np.ones(18) + x.sum(), np.sort(large)), small)
    assert "c1 = np.array([[1.5, np.nan], [-np.inf, 0.10000000149011612]], dtype=np.float32)" in source
    assert "# c2: float64 (20,), given" in source


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.complex128, np.float16])
def test_numbers_promote_as_they_did(dtype):
    x = np.ones(3, dtype)
    for number in (
        2,
        0.1,
        np.float64(1),
        np.float64(0.1),
        np.float32(0.1),
        np.int64(3),
        np.int8(3),
        True,
        1j,
        np.bool_(True),
    ):
        lines(lambda x, number=number: (x * number, number + x), x)


def test_a_number_that_the_others_dtype_cannot_hold_and_another_order_of_bytes_stay():
    assert "np.int64(1000)" in text(lambda x: x * np.int64(1000), np.ones(2, np.int8))
    swapped = np.array([1.5, 2.5], ">f8")
    compiled = ag.compile(lambda x: (x + 1, swapped))
    compiled(np.ones(2))
    assert compiled(np.ones(2))[1].dtype == swapped.dtype


def test_negative_bases_and_minus_zero_keep_their_signs():
    compiled = ag.compile(lambda x: np.power(-2.0, x))
    compiled(np.array([1.0]))
    assert compiled(np.array([2.0])) == 4.0
    assert "complex(-0.0, 1.0)" in text(lambda x: x * complex(-0.0, 1.0), np.ones(2, complex))


def test_numbers_that_python_has_no_text_for_are_given():
    x, day = np.ones(2), np.datetime64("2020-01-01")
    assert "given" in text(lambda x: x * np.longdouble(0.1), x)
    assert "given" in text(lambda d: d - day, np.array(["2021-01-01"], "M8[D]"))
    assert "given" in text(lambda x: x.astype(np.dtype(object)), x)
    assert "np.multiply(s, [1, 2])" in text(lambda s: np.multiply(s, [1, 2]), np.int64(2))


def test_indices_slices_and_arrays_in_them_are_written(rng):
    x, i = rng.normal(size=(4, 5, 6)), np.array([0, 2])
    assert lines(lambda x, i: x[1:, ..., None, ::2][i] + x[-1, 0, 0], x, i) == [
        "v1 = x[1:, ..., None, ::2]  # (3, 5, 1, 3)",
        "v2 = v1[i]  # (2, 5, 1, 3)",
        "v3 = x[-1, 0, 0]",
        "v4 = v2 + v3  # (2, 5, 1, 3)",
        "return v4",
    ]


def test_functions_of_several_results_are_taken_apart(rng):
    a = rng.normal(size=(3, 3))
    result = lines(lambda a: tuple(np.linalg.eigh(a + a.T)), a)
    assert result[:3] == ["v1 = a + a.T  # (3, 3)", "v2 = np.linalg.eigh(v1)", "eigenvalues = v2[0]  # (3,)"]


def test_functions_that_are_not_numpys_are_given(rng):
    shift = np.frompyfunc(lambda x: x, 1, 1)
    source = text(lambda x: shift(x).astype(float), np.ones(2))
    assert "given" in source
    Pair = namedtuple("Pair", "one other")
    assert "Pair(" in text(lambda x: Pair(x + 1, x), np.ones(2))


def test_a_container_of_one_and_none_and_strings_come_back():
    assert lines(lambda x: (x + 1,), np.ones(2))[-1] == "return (v1,)"
    assert lines(lambda x: [x + 1, None, {"s": "it's", 2: (True,)}], np.ones(2))[-1] == (
        "return [v1, None, {'s': \"it's\", 2: (True,)}]"
    )


EVIL = ["x'] + __import__('os').abort() #", "a\nimport os", "class", "np", "\u2028", "ﬁ", "__x", "given1", "v1"]
EVIL += ["__debug__", "slice", "x=print()"]


@pytest.mark.parametrize("name", EVIL)
def test_names_from_outside_never_become_code(name):
    x = np.ones(2)
    source = text(lambda p: {name: p[name] + 1, "f": p["f"]}, {name: x, "f": 2 * x})
    tree = ast.parse(source)
    assert sum(isinstance(node, (ast.Import, ast.Call)) for node in ast.walk(tree)) == 2  # import numpy, and .copy()

    class Named:
        __name__ = name

        def __call__(self, x):
            return x + 1

    text(Named(), x)


@pytest.mark.parametrize("name", ["class", "np", "ﬁ", "x=print()", "a b"])
def test_keywords_that_cannot_be_written_are_refused(name):
    with pytest.raises(TypeError, match=r"was given the keyword .*, which cannot be a name in its source"):
        ag.compile(lambda **p: p[name] + 1)(**{name: np.ones(2)})


def test_keywords_and_positional_arguments_have_different_names():
    x = np.ones(2)
    assert lines(lambda *a, **p: a[0] + p["a0"], x, a0=x)[0] == "v1 = a0_2 + a0  # (2,)"


def test_names_that_python_reads_alike_are_kept_apart():
    x = np.ones(2)
    assert np.array_equal(ag.compile(lambda p: p["ﬁ"] - p["fi"])({"ﬁ": x, "fi": 3 * x}), -2 * x)
    text(lambda p: p["ﬁ"] - p["fi"], {"ﬁ": x, "fi": 3 * x})


def test_for_jax_64_bits_are_switched_on_where_they_are_used():
    compiled = ag.compile(np.tanh)
    compiled(np.ones(2))
    assert 'jax.config.update("jax_enable_x64", True)' in compiled.source("jax")
    compiled(np.ones(2, np.float32))
    assert compiled.source("jax") == (
        "import jax\nimport jax.numpy as jnp\n\n\ndef tanh(x):\n    v1 = jnp.tanh(x)  # (2,)\n    return v1\n"
    )
