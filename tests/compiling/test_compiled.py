"""ag.compile: what may be compiled, and what is given back."""

from __future__ import annotations

import copy
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from tests.duck import Duck


def loss(parameters, x, y):
    h = np.tanh(x @ parameters["W"] + parameters["b"])
    return np.mean((h - y) ** 2)


@pytest.fixture
def arguments(rng):
    return {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}, rng.normal(size=(5, 3)), rng.normal(size=(5, 2))


def test_gradients_come_in_the_containers_that_f_gives_them_in(arguments):
    f = ag.value_and_grad(loss)
    compiled = ag.compile(f)
    for _ in range(2):
        (value, gradient), (expected, slopes) = compiled(*arguments), f(*arguments)
        assert value == expected and list(gradient) == ["W", "b"]
        assert np.array_equal(gradient["W"], slopes["W"]) and np.array_equal(gradient["b"], slopes["b"])


def test_a_program_is_made_for_each_kind_of_arguments_and_found_again(arguments):
    compiled = ag.compile(loss)
    parameters, x, y = arguments
    for one in (x, x[:2], x.astype(np.float32), x, x[:2]):
        assert compiled(parameters, one, y[: len(one)]) == loss(parameters, one, y[: len(one)])
    assert repr(compiled) == "<compiled loss, 3 programs>"


def test_numbers_of_python_promote_as_they_do_without_compiling(rng):
    step = ag.compile(lambda w, g, lr: w - lr * g)
    w = rng.normal(size=4).astype(np.float32)
    for lr in (0.1, 0.2):
        assert step(w, w, lr).dtype == np.float32 and np.array_equal(step(w, w, lr), w - lr * w)
    slope = ag.compile(ag.grad(lambda x: x**3))
    assert slope(2.0) == 12.0 and slope(3.0) == 27.0 and type(slope(3.0)) is np.float64


def test_numbers_of_python_are_computed_with_as_python_does(rng):
    def step(w, lr, t):
        return w - (-lr * 0.5 ** (t + 1.0) / abs(1 - lr)) * w

    compiled, w = ag.compile(step), rng.normal(size=4).astype(np.float32)
    for lr in (0.1, 0.2):
        assert compiled(w, lr, 2.0).dtype == np.float32 and np.array_equal(compiled(w, lr, 2.0), step(w, lr, 2.0))
    same = ag.compile(lambda x: (x, x + 1, np.sin(x)))
    for _ in range(2):
        assert repr(same(2.0)) == repr((2.0, 3.0, np.sin(2.0)))


def test_sums_that_grow_by_one_number_after_the_other_compile(rng):
    def f(x, total):
        for row in x:
            total += np.sum(row)
        return total

    x = rng.normal(size=(3, 2))
    for start in (0.0, np.float64(0.5)):
        compiled = ag.compile(f)
        compiled(x, start)
        assert compiled(2 * x, start) == f(2 * x, start) and repr(compiled).endswith("1 program>")


def test_the_order_of_keys_is_part_of_the_kind_of_arguments(rng):
    a, b = rng.normal(size=(2, 3))
    joined, by_keyword = (
        ag.compile(lambda p: np.stack(list(p.values()))),
        ag.compile(lambda **p: np.stack([*p.values()])),
    )
    for p in ({"a": a, "b": b}, {"a": a, "b": b}, {"b": b, "a": a}):
        assert np.array_equal(joined(p), [*p.values()]) and np.array_equal(by_keyword(**p), [*p.values()])


def test_constants_are_what_they_were_when_they_were_used(rng):
    def f(x):
        place = np.zeros(3)
        for i in range(2):
            place[i] = 1.0
            x = 2 * x + place
        return x

    compiled, x = ag.compile(f), rng.normal(size=3)
    compiled(x)
    assert np.array_equal(compiled(2 * x), f(2 * x))


def test_what_numpy_warns_of_is_what_it_warns_of_without_compiling():
    compiled = ag.compile(ag.grad(lambda x: np.sum(nn.functional.sigmoid(x))))
    compiled(np.zeros(1))
    assert np.array_equal(compiled(np.array([-1000.0])), [0.0])  # warnings are errors in tests
    assert "    with np.errstate(over='ignore'):\n        v1 = -x" in compiled.source()
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        ag.compile(np.log)(np.zeros(1))


def test_what_is_computed_again_where_numpy_is_to_warn_warns():
    def f(x):
        with np.errstate(divide="ignore"):
            quiet = np.log(x)
        return quiet, np.log(x)

    compiled = ag.compile(f)
    compiled(np.ones(1))
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        compiled(np.zeros(1))


def test_arrays_and_tensors_meet_in_functions_as_in_operators(rng):
    x, w = rng.normal(size=(2, 3))
    slope = ag.grad(lambda w, x: np.sum(np.outer(x, w) * np.outer(w, x)))
    compiled = ag.compile(slope)
    compiled(w, x)
    assert np.array_equal(compiled(2 * w, x), slope(2 * w, x))


def test_a_profiler_at_work_stays_at_work():
    before = sys.getprofile()
    sys.setprofile(profiler := lambda *_: None)
    try:
        ag.compile(np.sin)(np.ones(2))
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(before)


def test_a_callable_object_is_compiled_itself_not_what_it_holds():
    class Doubled:
        def __init__(self, f):
            self._f = f

        def __call__(self, x):
            return 2 * self._f(x)

    compiled, x = ag.compile(Doubled(np.sin)), np.ones(2)
    compiled(x)
    assert np.array_equal(compiled(x), 2 * np.sin(x))


def test_copies_within_are_values_like_others():
    def f(x):
        return copy.deepcopy({"x": x})["x"] + copy.copy(x)

    compiled, x = ag.compile(f), np.ones(2)
    compiled(x)
    assert np.array_equal(compiled(3 * x), 6 * x)


def test_a_long_loop_compiles_in_time_that_grows_as_it_does():
    def f(x):
        for _ in range(1000):
            x = np.sin(x) + 0.1 * x
        return np.sum(x)

    compiled, x = ag.compile(ag.value_and_grad(f)), np.ones(3)
    start = time.process_time()
    compiled(x)
    assert time.process_time() - start < 8  # 0.9 s, where names were counted from 1 each time 14 s
    assert compiled(2 * x)[0] == f(2 * x)


def test_integers_strings_and_booleans_are_part_of_the_program():
    power = ag.compile(lambda x, n, kind="times": x**n if kind == "times" else n * x)
    x = np.array([2.0, 3.0])
    for n, kind in ((2, "times"), (3, "times"), (3, "plus"), (2, "times")):
        assert np.array_equal(power(x, n, kind=kind), x**n if kind == "times" else n * x)
    assert repr(power).endswith("3 programs>")


def test_hessians_and_other_compositions_compile(rng):
    def f(x):
        return np.sum(np.sin(x) * np.cumsum(x))

    x, other = rng.normal(size=4), rng.normal(size=4)
    for transformed in (ag.hessian(f), lambda x: ag.hvp(f, (x,), (x,)), ag.jacobian(ag.grad(f)), ag.checkpoint(f)):
        compiled = ag.compile(transformed)
        compiled(x)
        np.testing.assert_allclose(compiled(other), transformed(other), 1e-10, 1e-10)


def test_modules_compile_as_functions_of_their_parameters(rng):
    net = nn.MLP(3, 4, 2, rng=0)
    x, y = rng.normal(size=(5, 3)), rng.uniform(size=(5, 2))
    step = ag.compile(ag.value_and_grad(lambda p: nn.functional.mse_loss(nn.functional_call(net, p, x), y)))
    for _ in range(2):
        value, gradient = step(net.state_dict())
        net.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        assert value == loss.item()
        for name, p in net.named_parameters():
            np.testing.assert_allclose(gradient[name], p.grad.data, 1e-12)
            p.data -= p.grad.data


def test_class_numbers_may_be_arguments_and_stay_checked(rng):
    net = nn.MLP(3, 4, 2, rng=0)

    def loss(parameters, x, labels):
        return nn.functional.cross_entropy(nn.functional_call(net, parameters, x), labels)

    compiled, x = ag.compile(ag.value_and_grad(loss)), rng.normal(size=(3, 3))
    compiled(net.state_dict(), x, np.array([0, 1, 0]))
    labels = np.array([1, 1, 0])
    assert compiled(net.state_dict(), x, labels)[0] == loss(net.state_dict(), x, labels).item()
    for wrong in (-1, 2):
        with pytest.raises(ValueError, match="invalid entry in coordinates array"):
            compiled(net.state_dict(), x, np.array([0, wrong, 0]))


def test_tensors_other_arrays_and_modes_go_through_f_itself(arguments):
    compiled = ag.compile(loss)
    parameters, x, y = arguments
    expected = compiled(parameters, x, y)
    W = Tensor(parameters["W"], requires_grad=True)
    result = compiled({"W": W, "b": parameters["b"]}, x, y)
    result.backward()
    np.testing.assert_allclose(W.grad.data, ag.grad(loss)(parameters, x, y)["W"], 1e-12)
    assert np.array_equal(ag.grad(compiled)(parameters, x, y)["W"], W.grad.data)
    duck = compiled({name: Duck(p) for name, p in parameters.items()}, Duck(x), Duck(y))
    assert type(duck) is Duck and duck.inside == expected
    with ag.detect_anomaly(), pytest.raises(FloatingPointError):
        ag.compile(ag.value_and_grad(lambda x: np.sum(np.log(x))))(np.array([-1.0]))
    with ag.no_grad():
        assert compiled(parameters, x, y) == expected


def test_compiling_what_is_compiled_gives_one_program(arguments):
    inner = ag.compile(loss)
    outer = ag.compile(lambda *given: 2 * inner(*given))
    assert outer(*arguments) == outer(*arguments) == 2 * loss(*arguments)
    assert "loss" not in outer.source()


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x,
        lambda x: (x, x),
        lambda x: (y := x + 1, y),
        lambda x: x.T,
        lambda x: (y := x + 1, y.T),
        lambda x: np.arange(4.0),
        np.copy,
    ],
    ids=["itself", "itself twice", "twice", "view", "both", "constant", "copy"],
)
def test_arrays_that_are_returned_are_the_callers_own(f):
    compiled = ag.compile(f)
    x = np.arange(4.0).reshape(2, 2)
    compiled(x)
    results = compiled(x)
    results = results if type(results) is tuple else (results,)
    expected = [np.copy(r) for r in results]
    for r in results:
        r += 1
        assert np.array_equal(x, np.arange(4.0).reshape(2, 2))
    for r, e in zip(results, expected, strict=True):
        assert np.array_equal(r, e + 1)
    again = compiled(x)
    assert all(map(np.array_equal, again if type(again) is tuple else (again,), expected))


def test_threads_may_share_what_is_compiled(rng):
    f = ag.value_and_grad(lambda x: np.sum(np.tanh(x) * np.exp(x)))
    compiled = ag.compile(f)
    inputs = [rng.normal(size=(100, 200)) for _ in range(4)]
    compiled(inputs[0])
    expected = [f(x) for x in inputs]
    wrong = []

    def run(i):
        for _ in range(50):
            value, gradient = compiled(inputs[i])
            if value != expected[i][0] or not np.array_equal(gradient, expected[i][1]):
                wrong.append(i)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def branches(x):
    return x if x.sum() > 0 else -x


def writes(x):
    y = x * 1.5
    y += 1
    return y


def sets(x):
    y = x + 1
    y[0] = 2.0
    return y


def fills(x):
    y = np.empty(2)
    for i in range(2):
        y[i] = x[i]
    return y


def writes_by(write):
    def f(x):
        y = np.outer(x, x)
        write(y, x)
        return y

    return f


FROZEN = Tensor([1.0, 2.0], requires_grad=True, name="weights")
FROZEN_NUMBER = Tensor(0.5, requires_grad=True, name="slope")


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (branches, r"asks for the value of an array, bool \(\), in a branch.*np.where"),
        (writes, r"\+=\): write x = x \+ y for x \+= y"),
        (sets, r"x\[i\] = …: ag.at\(x, i\).set"),
        (fills, r"asks for the value of an array, float64 \(\).*np.stack for an array of others"),
        (lambda x: Tensor([x[0], 1.0]).data, "asks for the value of an array"),
        (lambda x: f"{x[0]:.2f}", "asks for the value of an array"),
        (writes_by(lambda y, x: np.add.at(y, 0, x)), r"writes into an array by np.add.at: ag.at\(x, i\).add"),
        (writes_by(lambda y, x: np.clip(y, 0, x, y)), "writes into an array by np.clip"),
        (writes_by(lambda y, x: np.cumsum(y, axis=0, out=y)), r"writes into an array by np.cumsum \(out=\)"),
        (writes_by(np.copyto), "writes into an array by np.copyto"),
        (writes_by(lambda y, x: np.put(y, [0], x)), "writes into an array by np.put"),
        (writes_by(lambda y, x: np.putmask(y, y > 1, x)), "writes into an array by np.putmask"),
        (writes_by(lambda y, x: np.place(y, y > 1, x)), "writes into an array by np.place"),
        (writes_by(np.fill_diagonal), "writes into an array by np.fill_diagonal"),
        (lambda x: x[: np.argmax(x)], r"shape depends on values, by x\[i:j\]"),
        (lambda x: x.sum(axis=np.argmin(x)), "shape depends on values, by .sum"),
        (lambda x: np.tile(x, np.argmax(x)), "shape depends on values, by np.tile.*counts and axes as Python ints"),
        (lambda x: np.broadcast_to(x, (np.argmax(x), 2)), "shape depends on values, by np.broadcast_to"),
        (lambda x: (i for i in x), "returns a generator: return arrays"),
        (lambda x: SimpleNamespace(x=x), "returns a SimpleNamespace: return arrays"),
        (lambda x: x[x > 0], r"shape depends on values, by x\[mask\].*np.where\(mask, x, 0\)"),
        (lambda x: np.repeat(x, x.astype(int)), "shape depends on values, by np.repeat"),
        (lambda x: float(x[0]), "asks for the value of an array, float64"),
        (lambda x: x.tolist(), r"asks an array, float64 \(2,\), for .tolist"),
        (lambda x: np.array_equal(x, x), "asks for a bool that depends on the values of arrays, by array_equal"),
        (lambda x: Tensor(x) * 2, r"returns a Tensor, float64 \(2,\): return its .data"),
        (lambda x: np.where(x > 0, x, FROZEN_NUMBER).data, r"uses Tensor 'slope', float64 \(\), which requires"),
        (lambda x: (x * FROZEN).data, r"uses Tensor 'weights', float64 \(2,\), which requires a gradient.*argument"),
    ],
)
def test_what_no_program_can_do_is_refused_with_the_way_out(f, said):
    compiled = ag.compile(f)
    with pytest.raises(TypeError, match=rf"(?s)^ag.compile: \w+ .*{said}"):
        compiled(np.array([1.0, 2.0]))
    assert repr(compiled).endswith("0 programs>")


def test_a_step_that_trains_a_module_from_outside_is_refused_and_leaves_it_whole(rng):
    net = nn.MLP(3, 4, 2, rng=0)
    optimizer = nn.optim.SGD(net.parameters(), lr=0.1)

    def step(x, y):
        loss = nn.functional.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data

    with pytest.raises(TypeError, match=r"step uses Tensor 'W1', .*nn.functional_call gives a Module other values"):
        ag.compile(step)(np.ones((5, 3)), np.ones((5, 2)))
    assert all(type(p.data) is np.ndarray and p.grad is None for p in net.parameters())
    offset = Tensor(np.zeros(2), requires_grad=True)  # a mere 0 to the program
    with pytest.raises(TypeError, match="uses an unnamed Tensor"):
        ag.compile(lambda x: (x + offset).data)(np.ones(2))


def test_what_a_function_keeps_for_itself_says_so():
    kept = []
    ag.compile(lambda x: (kept.append(x * 2), x + 1)[1])(np.ones(2))
    with pytest.raises(Exception, match=r"kept a value from when it was compiled.*must be returned"):
        kept[-1] + 1


def test_a_function_of_more_than_its_arguments_is_noticed():
    rng = np.random.default_rng(0)
    noisy = ag.compile(lambda x: x + rng.normal(size=2))
    with pytest.raises(ValueError, match=r"no function of its arguments alone.*other values, by up to.*as arguments"):
        noisy(np.zeros(2))
    calls = []

    def counts(x):
        calls.append(x)
        return x, len(calls)

    with pytest.raises(ValueError, match="gives 2 for 1"):
        ag.compile(counts)(np.zeros(2))
    coin = ag.compile(lambda x: rng.random(40) + x > 0.5)
    with pytest.raises(ValueError, match=r"gives other values\. Pass random numbers"):
        coin(0.0)


def test_an_error_of_the_functions_own_is_its_own():
    with pytest.raises(ZeroDivisionError):
        ag.compile(lambda x: 1 / 0)(np.zeros(2))
    with pytest.raises(TypeError, match="was given a list_iterator"):
        ag.compile(lambda x, y: x)(np.zeros(2), iter([]))
    with pytest.raises(TypeError, match="was given a Half, which a program cannot follow"):
        ag.compile(lambda x: x)(type("Half", (float,), {})(0.5))
    with pytest.raises(TypeError, match="takes a function f, not a ndarray"):
        ag.compile(np.zeros(2))


def test_the_source_is_there_after_the_first_call():
    compiled = ag.compile(np.tanh)
    for ask in (compiled.source, lambda: compiled.given):
        with pytest.raises(RuntimeError, match=r"call tanh once: its source depends on the shapes"):
            ask()
    compiled(np.zeros(2))
    with pytest.raises(ValueError, match=r"source\('fortran'\): there is 'numpy' and 'jax'"):
        compiled.source("fortran")


def test_the_number_of_programs_is_bounded():
    compiled = ag.compile(lambda x, n: x + n)
    for n in range(70):
        assert compiled(1.0, n) == 1.0 + n
    assert repr(compiled).endswith("64 programs>")
