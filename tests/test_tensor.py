"""What a Tensor holds, shows and refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.support import refused


@pytest.fixture
def w():
    return Tensor([1.0, 2.0, 3.0], requires_grad=True, name="w")


# The value ------------------------------------------------------------------------------------------------------


def test_an_array_is_kept_as_it_is():
    for array in (np.ones(3), np.ones((2, 3), np.float32)[:, ::2], np.arange(3), np.array(2.0), np.zeros(0, ">f8")):
        assert Tensor(array).data is array


def test_a_numpy_scalar_stays_one_and_a_number_becomes_one():
    assert type(Tensor(np.float32(2)).data) is np.float32
    assert type(Tensor(2.0).data) is np.float64
    assert type(Tensor(2).data) is np.int64
    assert type(Tensor(True).data) is np.bool_
    assert type(Tensor(2j).data) is np.complex128


def test_sequences_become_arrays():
    assert Tensor([[1, 2.5], [3, 4]]).data.tolist() == [[1, 2.5], [3, 4]]
    assert Tensor(range(3)).shape == (3,)
    assert Tensor([Tensor(1.0), Tensor(2.0)]).data.tolist() == [1, 2]


def test_shape_dtype_ndim_size_len():
    t = Tensor(np.ones((2, 3), np.float32))
    assert (t.shape, t.dtype, t.ndim, t.size, len(t)) == ((2, 3), np.float32, 2, 6, 2)


def test_item_and_numbers():
    assert Tensor(2.5).item() == 2.5 and type(Tensor([[2.5]]).item()) is float
    assert float(Tensor(2.5)) == 2.5 and int(Tensor([7])) == 7 and range(5)[Tensor(3)] == 3
    with refused(ValueError, saying=["item()", "'v'", "(2,)"]):
        Tensor([1.0, 2.0], name="v").item()


def test_numpy_shares_the_memory_and_leaves_the_graph(w):
    y = w * 2
    assert w.numpy() is w.data and y.numpy() is y.data
    assert type(Tensor(2.0).numpy()) is np.ndarray


def test_detach_copies_the_value_and_has_no_graph(w):
    y = (w * 2).detach()
    assert not y.requires_grad and y.primitive is None and y.inputs == () and y.name is None
    d = w.detach()
    assert np.array_equal(d.data, w.data) and not np.shares_memory(d.data, w.data) and not d.requires_grad


def test_asarray_of_a_constant_is_its_data():
    t = Tensor([1.0, 2.0])
    assert np.array_equal(np.asarray(t), t.data) and np.asarray(t, dtype=np.float32).dtype == np.float32
    assert np.array(t) is not t.data


def test_iteration_gives_the_entries_with_their_graph(w):
    a, b, c = w
    (a * b + c).backward()
    assert w.grad.numpy().tolist() == [2, 1, 1]
    assert sum(w).item() == 6 and 2.0 in w


def test_truth_is_that_of_the_value(w):
    assert bool(Tensor(1.0)) and not Tensor(0.0) and (w[0] > 0)
    with pytest.raises(ValueError, match=r"neither true nor false.*np\.where"):
        bool(w)


def test_tensors_are_hashed_and_found_by_identity(w):
    same = Tensor([1.0, 2.0, 3.0])
    assert len({w, same}) == 2 and {w: 1}[w] == 1


def test_text():
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    assert repr(Tensor(np.float32(1), requires_grad=True, name="w")) == (
        "Tensor(1., dtype=float32, requires_grad=True, name='w')"
    )
    assert repr(Tensor([1, 2])) == "Tensor([1, 2])"
    assert f"{Tensor(2.0, requires_grad=True):.3f}" == "2.000"


# requires_grad, grad, name, data ----------------------------------------------------------------------------------


def test_requires_grad_is_switched_on_leaves_only(w):
    w.requires_grad = False
    assert not (w * 2).requires_grad
    w.requires_grad = True
    y = w * 2
    y.name = "y"
    y.requires_grad = True  # as it is
    with refused(TypeError, w, y, saying=["'y'", "multiply", ".detach()"]):
        y.requires_grad = False


@pytest.mark.parametrize("data", [1, [1, 2], True, [True], 1j, np.zeros(2, np.complex64), np.uint8(3)], ids=repr)
def test_only_real_floating_tensors_require_gradients(data):
    with refused(TypeError, saying=["'n'", str(np.asarray(data).dtype), str(np.shape(data)), "1.0", "dtype=float"]):
        Tensor(data, requires_grad=True, name="n")
    t = Tensor(data, name="n")
    with refused(TypeError, t, saying=["'n'", str(t.dtype), "dtype=float"]):
        t.requires_grad = True


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_every_real_floating_dtype_has_gradients(dtype):
    t = Tensor(np.ones(3, dtype), requires_grad=True)
    np.sum(t * t).backward()
    assert t.grad.dtype == dtype


def test_a_gradient_is_a_tensor_of_the_same_shape_or_none(w):
    w.grad = Tensor([1.0, 1.0, 1.0])
    w.zero_grad()
    assert w.grad is None
    for wrong in (np.ones(3), [1.0, 1.0, 1.0], Tensor(1.0), 0, Tensor([1, 2, 3]), Tensor(np.ones(3, np.float32))):
        with refused(TypeError, w, saying=["'w'", "(3,)", "None"]):
            w.grad = wrong


@pytest.mark.parametrize("name", [3, b"w", ["w"], object()], ids=lambda name: type(name).__name__)
def test_a_name_is_a_string(w, name):
    with refused(TypeError, w, saying=["name is a string", type(name).__name__]):
        Tensor(1.0, name=name)
    with refused(TypeError, w, saying=["name is a string", type(name).__name__]):
        w.name = name


def test_any_string_is_a_name():
    for name in ("", "W1", "a b", '"><script>', "\\frac{", "\n", "Ω", "}" * 1000):
        assert Tensor(1.0, name=name).name == name


def test_data_is_assigned_and_converted_like_the_constructors(w):
    w.data = [4.0, 5.0, 6.0]
    assert type(w.data) is np.ndarray
    w.data -= 1.0
    assert w.data.tolist() == [3, 4, 5]
    s = Tensor(1.0, requires_grad=True)
    s.data -= 0.25
    assert type(s.data) is np.float64 and s.item() == 0.75


def test_data_that_could_not_require_a_gradient_is_refused(w):
    for wrong in (np.arange(3), np.zeros(3, bool), np.zeros(3, complex), [1, 2, 3]):
        with refused(TypeError, w, saying=["'w'", "dtype"]):
            w.data = wrong
    with refused(TypeError, w, saying=["object"]):
        w.data = np.array([None, 1, 2])


def test_data_keeps_its_shape(w):
    with refused(ValueError, w, saying=["'w'", "(3,)", "(1,)"]):
        w.data = np.zeros(1)


def test_an_update_by_a_tensor_says_to_use_its_data(w):
    np.sum(w * w).backward()
    with refused(TypeError, w, saying=[".data"]):
        w.data -= 0.1 * w.grad
    s = Tensor(1.0, requires_grad=True, name="s")
    s.grad = Tensor(1.0)
    with refused(TypeError, s, saying=["'s'", ".data"]):
        s.data -= 0.1 * s.grad


# Bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        None,
        "1.0",
        b"1",
        object(),
        {"a": 1},
        np.array([1.0, None]),
        np.array(None),
        np.array(["a"]),
        np.array(["2020"], dtype="M8[D]"),
        np.zeros(2, dtype=[("a", float)]),
        [[1.0, 2.0], [3.0]],
        ["a", 1.0],
        2**80,
    ],
    ids=lambda data: type(data).__name__,
)
def test_what_is_no_array_of_numbers_is_refused(data):
    with pytest.raises(TypeError, match=r"a Tensor holds numbers|no array can be made"):
        Tensor(data)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize(
    "data", [np.ones((1, 1)).view(np.matrix), np.ma.array([[1.0]], mask=[[True]])], ids=["matrix", "masked"]
)
def test_arrays_with_rules_of_their_own_are_refused(data):
    with refused(TypeError, saying=[type(data).__name__, "np.asarray"]):
        Tensor(data)
    t = Tensor([[2.0]], requires_grad=True, name="t")
    for operate in (lambda: t * data, lambda: data * t, lambda: np.multiply(t, data), lambda: np.multiply(data, t)):
        with refused(TypeError, t, saying=["np.asarray"]):
            operate()


def test_functions_on_masked_arrays_do_not_cut_the_graph_either(w):
    with refused(TypeError, w, saying=["np.asarray", "'w'"]):
        np.ma.log(w)


def test_a_tensor_of_a_tensor_is_refused(w):
    with refused(TypeError, w, saying=["'w'", ".detach()"]):
        Tensor(w)


CUTS = {
    "np.asarray(t)": lambda t: np.asarray(t),
    "np.array(t)": lambda t: np.array(t),
    "np.array([t[0], t[0]])": lambda t: np.array([t[0], t[0]]),
    "float(t)": lambda t: float(t),
    "int(t)": lambda t: int(t),
    "complex(t)": lambda t: complex(t),
    "math.exp(t)": lambda t: math.exp(t),
    "Tensor([t[0]])": lambda t: Tensor([t[0]]),
    "a[:] = t": lambda t: np.zeros(1).__setitem__(slice(None), t),
    "np.full(1, t)": lambda t: np.full(1, t[0]),
}


@pytest.mark.parametrize("cut", CUTS)
def test_what_would_cut_the_graph_is_refused(cut):
    t = Tensor([0.5], requires_grad=True, name="t")
    with refused(TypeError, t, saying=[]):
        CUTS[cut](t)


@pytest.mark.parametrize("cut", ["np.asarray(t)", "float(t)", "np.array(t)", "int(t)"])
def test_the_refusal_names_the_tensor_and_the_ways_out(cut):
    t = Tensor([0.5], requires_grad=True, name="t")
    with refused(TypeError, t, saying=["'t'", "cut the graph", "np.stack", "t.numpy()", "t.item()"]):
        CUTS[cut](t)


def test_assignment_to_entries_is_refused(w):
    for index in (0, slice(None), w > 1, ...):
        with refused(TypeError, w, saying=["'w'", "np.where", ".data"]):
            w[index] = 0.0
    with refused(TypeError, w, saying=["'w'"]):
        w[0] += 1.0


def test_deleting_an_entry_is_refused(w):
    with pytest.raises((TypeError, AttributeError)):
        del w[0]


def test_a_float_is_no_index(w):
    for t in (w[0], Tensor(1.0), Tensor([1])[:0]):
        with pytest.raises((TypeError, IndexError)):
            range(5)[t]


def test_a_scalar_has_no_length_and_no_entries():
    t = Tensor(1.0, name="t")
    with refused(TypeError, t, saying=["len()", "'t'", "0-d"]):
        len(t)
    with refused(TypeError, t, saying=["iteration", "'t'", "0-d"]):
        iter(t)


def test_a_subclass_is_refused():
    with refused(TypeError, saying=["subclass", "attribute"]):
        type("Mine", (Tensor,), {})


def test_an_attribute_that_does_not_exist_is_refused(w):
    with pytest.raises(AttributeError):
        w.requires_gard = True


def test_the_public_names_are_there():
    for name in ag.__all__:
        assert getattr(ag, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ag.nothing


# What errors say ------------------------------------------------------------------------------------------------------


def test_errors_name_the_tensor_its_shape_and_the_way_out(w):
    y = w * 2
    for call in (lambda: np.asarray(w), lambda: float(w), lambda: int(w), lambda: w.__setitem__(0, 1.0)):
        with refused(TypeError, w, saying=["Tensor 'w'", "(3,)"]):
            call()
    with refused(TypeError, w, saying=["the result of multiply", "(3,)", "t.numpy()"]):
        np.asarray(y)
    with refused(TypeError, w, saying=["int", "name=str(…)"]):
        w.name = 3
    with pytest.raises(TypeError, match=r"dtype object, shape \(2,\)"):
        Tensor([None, 1.0])


def test_every_public_attribute_has_a_docstring():
    for name, value in vars(Tensor).items():
        if not name.startswith("_") and name not in ("order", "primitive"):
            assert len(value.__doc__ or "") > 10, name
