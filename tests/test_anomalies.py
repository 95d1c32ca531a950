"""detect_anomaly: names the first operation that made a NaN or an infinity, its Tensors, and the lines that ran it."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import linecache
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.modes import EVERYTHING, GRADIENTS, NOTHING, Watched, record, recording
from tests.support import refused, same

HERE = "in tests/test_anomalies.py, line "


@pytest.fixture
def x():
    return Tensor([1.0, 0.0, -2.0], requires_grad=True, name="x")


def line(code):
    """How an error message shows a line of this file: the first of that code."""
    number = next(n for n, text in enumerate(linecache.getlines(__file__), 1) if text.strip() == code)
    return f"tests/test_anomalies.py, line {number}: {code}"


# Forward ----------------------------------------------------------------------------------------------------------


def test_the_first_operation_that_makes_a_nan_is_named_with_its_tensors_and_the_line(x):
    saying = [
        "log('x' float64 (3,)) made a NaN",
        "in " + line("y = np.log(x) * 2"),
        "(2,)",
        "'x' is -2.0",
        "np.where",
    ]
    with refused(FloatingPointError, x, saying=saying), ag.detect_anomaly():
        y = np.log(x) * 2
        y + 1


def test_an_infinity_is_told_as_one(x):
    with (
        ag.detect_anomaly(),
        refused(FloatingPointError, x, saying=["divide(1, 'x'", "made an infinity", "entry (1,)"]),
    ):
        1 / x


OPERATIONS = {
    "an operator": lambda s, a: s / np.float64(0),
    "a reflected operator": lambda s, a: 1.0 / (s * 0),
    "an operator on arrays": lambda s, a: a * 1e200 * 1e200,
    "a function": lambda s, a: np.exp(a * 1e4),
    "an operation on a sequence": lambda s, a: np.concatenate([a, a * 1e300 * 1e300]),
    "a matrix product": lambda s, a: (a * 1e200) @ (a * 1e200),
    "a reduction": lambda s, a: np.sum(np.full(3, 1.0) * a * 1e308),
    "a constant's": lambda s, a: Tensor(1.0) / Tensor(0.0),
    "one without a gradient": lambda s, a: np.sign(Tensor(1.0) / 0.0),
    "one of the user's": lambda s, a: ag.primitive(lambda x: x / 0, lambda g, y, x: g)(a),
    "one with several results": lambda s, a: ag.primitive(
        lambda x: (x, x / 0), (lambda g, y, x: g, lambda g, y, x: g), name="two"
    )(a),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("mode", [NOTHING, GRADIENTS, EVERYTHING])
def test_every_kind_of_operation_is_watched_in_every_mode(operation, mode):
    s, a = Tensor(2.0, requires_grad=True), Tensor([1.0, 2.0, 3.0], requires_grad=True)
    with ag.detect_anomaly(), record(mode), pytest.raises(FloatingPointError, match="made an infinity"):
        OPERATIONS[operation](s, a)
    with np.errstate(all="ignore"):
        OPERATIONS[operation](s, a)


def test_an_unnamed_tensor_is_called_as_the_variable_that_holds_it():
    width = Tensor(0.0, requires_grad=True)
    with ag.detect_anomaly(), pytest.raises(FloatingPointError, match=r"divide\(1, 'width' float64 \(\)\)"):
        1 / width


def test_a_nan_that_comes_in_is_told_with_where_from(x):
    data = Tensor([1.0, 2.0, np.nan], name="data")
    with (
        ag.detect_anomaly(),
        refused(FloatingPointError, x, saying=["multiply(", "was given a NaN", "came in with 'data'", "np.nan_to_num"]),
    ):
        x * data


def test_a_nan_that_is_taken_out_may_come_in(x):
    with ag.detect_anomaly():
        np.sum(np.where(np.isnan([1.0, 2.0, np.nan]), 0.0, x)).backward()


def test_an_infinity_that_comes_in_may_pass_on_as_that_of_a_mask():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    with ag.detect_anomaly():
        masked = np.where(np.tri(2, dtype=bool), x, -np.inf)
        np.sum(np.exp(masked - masked.detach().max(axis=1, keepdims=True))).backward()
    assert np.isfinite(x.grad.numpy()).all()
    with ag.detect_anomaly(), pytest.raises(FloatingPointError, match=r"subtract.*made a NaN"):
        masked - masked


def test_integers_and_booleans_pass(x):
    with ag.detect_anomaly():
        assert ((x > 0) & (x < 2)).numpy().tolist() == [True, False, False]
        assert (Tensor([1, 2]) + 1).numpy().tolist() == [2, 3]


def test_a_notebook_cell_is_called_by_its_number(monkeypatch):
    class Compiler:
        def format_code_name(self, name):
            return ("Cell", "In[7]") if name.startswith("/tmp/ipykernel") else ("File", name)

    shell = SimpleNamespace(compile=Compiler())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    code = "import autograd as ag\nx = ag.Tensor(0.0)\nwith ag.detect_anomaly():\n    1 / x\n"
    for file, said in (("/tmp/ipykernel_1/23.py", "in cell In[7], line 4"), ("<stdin>", "in <stdin>, line 4")):
        with pytest.raises(FloatingPointError) as caught:
            exec(compile(code, file, "exec"), {"__name__": "__main__"})
        assert said in str(caught.value)
    shell.compile = None  # a shell of another kind
    with pytest.raises(FloatingPointError, match=r"in elsewhere\.py, line 4"):
        exec(compile(code, "elsewhere.py", "exec"), {"__name__": "__main__"})


# Backward ---------------------------------------------------------------------------------------------------------


def test_a_rule_that_makes_an_infinity_is_named_with_both_lines(x):
    with ag.detect_anomaly():
        y = np.sqrt(np.abs(x))
        with refused(
            FloatingPointError,
            x,
            saying=[
                "the rule of sqrt(the result of absolute float64 (3,)) made an infinity in the gradient of the",
                "recorded in " + line("y = np.sqrt(np.abs(x))"),
                "backward in " + line("y.sum().backward()"),
                "entry (1,)",
            ],
        ):
            y.sum().backward()


@pytest.mark.parametrize("create_graph", [False, True])
def test_rules_are_watched_in_recorded_sweeps_too(x, create_graph):
    with ag.detect_anomaly():
        y = np.sum(np.sqrt(x * x))
        with refused(FloatingPointError, x, saying=["the rule of sqrt(", "np.sum(np.sqrt(x * x))", "backward("]):
            y.backward(create_graph=create_graph)


def test_joint_rules_and_those_of_the_user_are_watched(x):
    joint = ag.primitive(sum, joint=lambda g, y, *xs: [g, g * np.inf], name="joint")
    bad = ag.primitive(lambda a: a * 1.0, lambda g, y, a: g * np.nan, name="bad")
    for y, saying in ((joint([x, x * 1]), ["rule of joint(", "infinity"]), (bad(x), ["rule of bad('x'", "NaN"])):
        with ag.detect_anomaly(), refused(FloatingPointError, x, saying=saying):
            np.sum(y).backward()


def test_a_sum_of_gradients_that_overflows_is_told():
    a = Tensor(1e-3, requires_grad=True, name="a")
    y = a * 1e308 + a * 1e308
    with (
        ag.detect_anomaly(),
        refused(FloatingPointError, a, saying=["multiply('a'", "infinity in the gradient of 'a'"]),
    ):
        y.backward()


def test_a_graph_from_outside_of_the_block_is_told_as_such(x):
    with np.errstate(all="ignore"):
        y = np.sum(np.sqrt(x * x))
    with ag.detect_anomaly(), pytest.raises(FloatingPointError, match=r"recorded outside of detect_anomaly\(\)"):
        y.backward()


def test_transforms_are_watched():
    with ag.detect_anomaly():
        for f in (ag.grad(np.sqrt), ag.grad(ag.grad(lambda t: t**1.5)), lambda t: ag.jacobian(np.sqrt)(t)):
            with pytest.raises(FloatingPointError):
                f(0.0)


def test_gradients_and_hooks_that_are_not_finite_are_told(x):
    with ag.detect_anomaly():
        y = x * 2
        with refused(FloatingPointError, x, saying=["gradient that is given at 'y'", "a NaN"]):
            y.backward(np.array([1.0, np.nan, 1.0]))
        x.register_hook(lambda g: g.numpy() / 0)
        with refused(FloatingPointError, x, saying=["the hook", "<lambda>", "on 'x'", "an infinity"]):
            np.sum(y).backward()


def test_an_operation_in_a_hook_is_not_said_to_be_one_of_a_rule(x):
    y = x * 2
    y.register_hook(lambda g: g / 0.0)
    with ag.detect_anomaly(), pytest.raises(FloatingPointError, match=r"divide.*made an infinity\n  in tests"):
        np.sum(y).backward()


# Arrays written to behind the engine's back ---------------------------------------------------------------------------


def written(kind):
    a = np.array([1.0, 2.0, 3.0])
    w = Tensor(a, requires_grad=True, name="w")
    if kind == "entry of a leaf":
        y = np.sum(w * w)
        w.data[1] = 7
    elif kind == "the array that a Tensor was made of":
        y = np.sum(w * w)
        a[1] = 7
    elif kind == "a view of it":
        y = np.sum(w[::-1] * 2.0 * w[::-1])
        a[1] = 7
    elif kind == "a result":
        h = w * 1.0
        y = np.sum(h * h)
        h.data[1] = 7
    elif kind == "a result before its use":
        h = np.exp(w)
        h.data[1] = 7
        y = np.sum(h)
    elif kind == "a constant array":
        c = np.array([1.0, 2.0, 3.0])
        y = np.sum(w * c)
        c[1] = 7
    elif kind == "from or to a NaN":
        c = np.array([1.0, 2.0, 3.0])
        y = np.sum(w * c)
        c[1] = np.nan
    return w, y


WRITTEN = [
    "entry of a leaf", "the array that a Tensor was made of", "a view of it", "a result", "a result before its use",
    "a constant array", "from or to a NaN",
]  # fmt: skip


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("kind", WRITTEN)
def test_what_was_written_to_between_forward_and_backward_is_noticed(kind, create_graph):
    with ag.detect_anomaly():
        w, y = written(kind)
        with refused(RuntimeError, w, saying=["was written to after", "had", HERE, "Entry (1,) was", "again after it"]):
            y.backward(create_graph=create_graph)


def test_the_line_and_the_entry_are_told():
    with ag.detect_anomaly():
        w = Tensor([[1.0, 2.0]], requires_grad=True, name="w")
        y = np.sum(w * w)  # of the line that is told
        w.data[0, 1] = 5
        with refused(
            RuntimeError,
            w,
            saying=[
                "'w' float64 (1, 2) was written to after multiply had used it",
                line("y = np.sum(w * w)  # of the line that is told"),
                "Entry (0, 1) was 2.0 and is 5.0",
            ],
        ):
            y.backward()


def test_a_leaf_may_be_written_to_before_it_is_used_again():
    w = Tensor([1.0, 2.0], requires_grad=True)
    with ag.detect_anomaly():
        for _ in range(3):
            w.zero_grad()
            np.sum(w * w).backward()
            w.data[:] -= 0.1 * w.grad.data
    np.testing.assert_allclose(w.numpy(), [0.512, 1.024])


def test_an_assignment_to_data_is_told_as_ever(x):
    with ag.detect_anomaly():
        y = np.sum(x * x)
        x.data -= 1.0
        with refused(RuntimeError, x, saying=["'x'", "assignment to .data"]):
            y.backward()


def test_a_graph_is_freed_with_what_was_noted():
    with ag.detect_anomaly():
        x = Tensor([1.0], requires_grad=True)
        y = np.exp(x * x)
        ghosts = [weakref.ref(y), weakref.ref(y.inputs[0])]
        gc.disable()
        try:
            del y
            assert [ghost() for ghost in ghosts] == [None, None]
        finally:
            gc.enable()


# Nothing else changes -------------------------------------------------------------------------------------------------


def test_a_network_trains_the_same_under_it():
    def trained():
        net = nn.MLP(3, 4, 2, rng=0)
        optimizer = nn.optim.SGD(net.parameters(), 0.1)
        for _ in range(3):
            for p in net.parameters():
                p.zero_grad()
            nn.functional.mse_loss(net(np.ones((5, 3))), np.zeros((5, 2))).backward()
            optimizer.step()
        return [p.data for p in net.parameters()]

    plain = trained()
    with ag.detect_anomaly():
        watched = trained()
        assert ag.derive(nn.MLP(3, 4, 2, rng=0)(np.ones((1, 3))).sum()).verify().ok
    for a, b in zip(plain, watched, strict=True):
        same(a, b)


# The mode -------------------------------------------------------------------------------------------------------------


def watching():
    try:
        Tensor(1.0, requires_grad=True) / 0.0
    except FloatingPointError:
        return True
    except RuntimeWarning:
        return False
    return False


def test_it_ends_with_its_block_and_nests_with_the_other_modes():
    assert not watching()
    with ag.detect_anomaly():
        with ag.no_grad():
            assert watching() and type(recording.get()) is Watched and recording.get() == NOTHING
            with ag.detect_anomaly():
                assert recording.get() == NOTHING
        assert watching() and recording.get() == GRADIENTS
    with ag.no_grad(), ag.detect_anomaly():
        assert not (Tensor(1.0, requires_grad=True) * 2).requires_grad
    assert not watching() and type(recording.get()) is int
    with pytest.raises(ZeroDivisionError), ag.detect_anomaly():
        raise ZeroDivisionError
    assert not watching()


def test_numpy_warns_again_after_the_block():
    before = np.geterr()
    watch = ag.detect_anomaly()
    with watch, watch:
        assert np.geterr()["divide"] == "ignore"
    assert np.geterr() == before


def test_it_is_a_decorator():
    @ag.detect_anomaly()
    def watched():
        """Docs."""
        return watching()

    assert watched() and watched() and watched.__doc__ == "Docs." and not watching()
    with pytest.raises(TypeError, match=r"detect_anomaly\(\) decorates functions"):
        ag.detect_anomaly()(3)

    def generator():
        yield

    with pytest.raises(TypeError, match=r"detect_anomaly\(\) cannot decorate generator.*with detect_anomaly\(\)"):
        ag.detect_anomaly()(generator)


def test_it_does_not_leak_between_threads_but_goes_along_with_a_context():
    inside, seen = threading.Event(), threading.Event()
    results = {}

    def other():
        inside.wait(10)
        results["other"] = watching()
        seen.set()

    thread = threading.Thread(target=other)
    thread.start()
    with ag.detect_anomaly():
        inside.set()
        assert seen.wait(10)
        results["own"] = watching()
        context = contextvars.copy_context()
    thread.join()
    assert results == {"other": False, "own": True}
    assert context.run(watching) and not watching()


def test_threads_watch_on_their_own():
    def work(k):
        if k % 2:
            with ag.detect_anomaly():
                return watching()
        return watching()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(40))) == [bool(k % 2) for k in range(40)]


def test_it_does_not_leak_between_tasks():
    async def one(entered, done):
        with ag.detect_anomaly():
            entered.set()
            await done.wait()
            return watching()

    async def other(entered, done):
        await entered.wait()
        found = watching()
        done.set()
        return found

    async def both():
        entered, done = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(one(entered, done), other(entered, done))

    assert asyncio.run(both()) == [True, False]
