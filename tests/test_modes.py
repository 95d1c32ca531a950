"""Modes belong to a thread or a task, and end with their block; threads never see each other's graphs."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.modes import EVERYTHING, GRADIENTS, NOTHING, record, recording


def records():
    return (Tensor(1.0, requires_grad=True) * 2).requires_grad


def test_no_grad_records_nothing_inside_its_block():
    assert records()
    with ag.no_grad():
        assert not records()
        assert not np.sum(Tensor([1.0], requires_grad=True)).requires_grad
    assert records()


def test_no_grad_is_a_decorator_too():
    @ag.no_grad()
    def predict():
        """Docs."""
        return records()

    assert predict() is False and predict() is False and predict.__doc__ == "Docs."
    assert records()


def test_no_grad_nests():
    with ag.no_grad():
        with ag.no_grad():
            assert not records()
        assert not records()
    assert records()


def test_an_exception_ends_the_block():
    with pytest.raises(ZeroDivisionError), ag.no_grad():
        raise ZeroDivisionError
    assert records()
    with ag.no_grad():
        with pytest.raises(ZeroDivisionError), record(GRADIENTS):
            assert records()
            raise ZeroDivisionError
        assert not records()


def test_a_failing_operation_ends_no_mode():
    with ag.no_grad():
        with pytest.raises(ValueError, match="add"):
            Tensor([1.0]) + Tensor([1.0, 2.0]) + Tensor([1.0, 2.0, 3.0])
        assert not records()
    with pytest.raises(TypeError):
        ag.grad(lambda x: [x])(1.0)
    assert recording.get() == GRADIENTS


def test_parameters_made_inside_no_grad_require_gradients():
    with ag.no_grad():
        w = Tensor(2.0, requires_grad=True)
    (w * 3).backward()
    assert w.grad.item() == 3


def test_recording_everything_keeps_constants_too():
    a = Tensor(2.0)
    with record(EVERYTHING):
        b = a * 3
    assert b.primitive.__name__ == "multiply" and not b.requires_grad
    with record(NOTHING):
        assert (a * 3).primitive is None


def test_grad_inside_no_grad_still_computes():
    with ag.no_grad():
        assert ag.grad(lambda x: x**3)(2.0) == 12
        assert not ag.grad(lambda x: x**3)(Tensor(2.0, requires_grad=True)).requires_grad


# Threads ----------------------------------------------------------------------------------------------------------


def test_a_mode_does_not_leak_into_another_thread():
    inside, seen = threading.Event(), threading.Event()
    results = {}

    def other():
        inside.wait(10)
        results["other"] = records()
        seen.set()

    thread = threading.Thread(target=other)
    thread.start()
    with ag.no_grad():
        inside.set()
        assert seen.wait(10)
        results["own"] = records()
    thread.join()
    assert results == {"other": True, "own": False}


def test_a_mode_in_a_thread_does_not_leak_out():
    entered, leave = threading.Event(), threading.Event()

    def other():
        with ag.no_grad():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    assert entered.wait(10)
    assert records()
    leave.set()
    thread.join()


def test_many_threads_differentiate_at_once_and_each_gets_its_own_exact_numbers():
    shared = Tensor(np.linspace(0.5, 1.5, 6), requires_grad=True)

    def work(k):
        x = Tensor(np.arange(1.0, 7.0) * k, requires_grad=True)
        y = np.sum(x * x * x * shared.detach())
        y.backward(create_graph=True)
        first, x.grad = x.grad, None
        np.sum(first * first).backward()
        third = ag.grad(ag.grad(ag.grad(lambda t: t**4 * k)))(2.0)
        g = ag.grad(lambda t: np.sum(np.square(t) * shared.numpy()))(x.numpy())
        return x.grad.numpy(), third, g

    def expected(k):
        a, s = np.arange(1.0, 7.0) * k, shared.numpy()
        return 36 * a**3 * s * s, 48.0 * k, 2 * a * s

    barrier = threading.Barrier(8)

    def many(start):
        barrier.wait(10)
        return [(k, work(k)) for k in range(start, start + 60)]

    with ThreadPoolExecutor(8) as pool:
        for results in pool.map(many, range(1, 9)):
            for k, result in results:
                for actual, wanted in zip(result, expected(k), strict=True):
                    np.testing.assert_allclose(actual, wanted, rtol=1e-14)
    assert shared.grad is None


def test_threads_may_build_on_the_graphs_of_others():
    x = Tensor(2.0, requires_grad=True)
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda k: x * float(k), range(1, 101)))
        halves = list(pool.map(sum, (parts[:50], parts[50:])))
    (halves[0] * halves[1]).backward()
    low, high = sum(range(1, 51)), sum(range(51, 101))
    assert x.grad.item() == 2 * 2.0 * low * high


def test_some_threads_record_while_others_do_not():
    def work(k):
        if k % 2:
            with ag.no_grad():
                return [records() for _ in range(200)]
        return [records() for _ in range(200)]

    with ThreadPoolExecutor(8) as pool:
        for k, seen in enumerate(pool.map(work, range(32))):
            assert set(seen) == {k % 2 == 0}


def test_a_context_that_is_handed_on_takes_its_mode_along():
    with ag.no_grad():
        context = contextvars.copy_context()
    assert records() and not context.run(records)


# Tasks ------------------------------------------------------------------------------------------------------------


def test_a_mode_does_not_leak_between_tasks():
    async def quiet(entered, other_done):
        with ag.no_grad():
            entered.set()
            await other_done.wait()
            return records()

    async def loud(entered, other_done):
        await entered.wait()
        x = Tensor(3.0, requires_grad=True)
        y = x * x
        await asyncio.sleep(0)
        y.backward()
        other_done.set()
        return x.grad.item()

    async def both():
        entered, done = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(quiet(entered, done), loud(entered, done))

    assert asyncio.run(both()) == [False, 6.0]


# One object, many blocks ------------------------------------------------------------------------------------------


def test_one_no_grad_serves_many_blocks():
    quiet = ag.no_grad()
    for _ in range(2):
        with quiet:
            assert not records()
            with quiet, record(GRADIENTS):
                assert records()
                with quiet:
                    assert not records()
                assert records()
            assert not records()
        assert records()


def test_threads_may_share_one_no_grad():
    quiet, both = ag.no_grad(), threading.Barrier(2, timeout=10)

    def work(first):
        with quiet:
            both.wait()
            if first:
                both.wait()
        if not first:
            both.wait()
        return records()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, [True, False])) == [True, True]


def test_a_decorated_function_may_call_itself():
    @ag.no_grad()
    def depth(n):
        return records() or (n and depth(n - 1))

    assert depth(3) == 0 and records()


def test_no_grad_decorates_no_generators_and_coroutines():
    def generator():
        yield 1

    async def coroutine():
        pass

    async def both():
        yield 1

    for function in (generator, coroutine, both):
        with pytest.raises(TypeError, match=f"cannot decorate {function.__name__}.*with no_grad"):
            ag.no_grad()(function)
    with pytest.raises(TypeError, match="decorates functions, not 3"):
        ag.no_grad()(3)
