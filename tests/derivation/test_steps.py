"""The steps of a derivation: order, contributions, sums, names."""

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.derivation.steps import steps
from autograd.derivation.verify import verify
from tests.derivation.golden_cases import CASES
from tests.derivation.support import lines


def leaf(value, name=None):
    return Tensor(value, requires_grad=True, name=name)


def test_a_value_used_twice_sums_what_its_consumers_hand_back():
    x = leaf(3.0, "x")
    y = x * 2
    z = y * y
    L = z + y
    derived = steps(L, {"y": y, "z": z, "L": L})
    assert lines(derived) == ["∂L/∂L = 1", "∂L/∂z = 1", "∂L/∂y = 1 + 2 · ∂L/∂z · y", "∂L/∂x = 2 · ∂L/∂y"]
    y_step = derived.steps[2]
    assert [part.consumer.text for part in y_step.contributions] == ["L", "z"]


def test_using_a_value_twice_in_one_operation_is_two_uses():
    x = leaf(3.0, "x")
    derived = steps(x * x)
    assert [name.text for name in derived.root.inputs] == ["x", "x"]
    assert derived.steps[-1].gradient.value == 6.0


def test_steps_come_in_the_order_of_the_reverse_sweep():
    x = leaf([1.0, 2.0], "x")
    a = np.exp(x)
    b = np.tanh(x)
    L = np.sum(a * b)
    order = [step.value.symbol.name.text for step in steps(L, {"a": a, "b": b, "L": L}).steps]
    assert order == ["L", "b", "a", "x"]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_leafs_gradient_comes_as_soon_as_it_is_complete(case):
    """W₂'s and b₂'s come right after z₂'s, where a learner looks for them."""
    done = case().steps
    place = {step.value.symbol.name.identifier: i for i, step in enumerate(done)}
    for i, step in enumerate(done):
        waited_for = [place[name.identifier] for name in step.waits_for]
        assert all(consumer < i for consumer in waited_for)
        if step.value.formula is None and waited_for:
            assert all(other.value.formula is None for other in done[max(waited_for) + 1 : i])


def test_shared_unnamed_values_get_a_name_so_that_formulas_do_not_grow():
    x = leaf(1.1, "x")
    value = x
    for _ in range(18):  # 2¹⁸ paths
        value = value * value
        value = value / 2
    derived = steps(value)
    assert len(derived.values) < 40
    assert max(len(line) for line in lines(derived)) < 80


def test_long_chains_are_broken_into_named_lines():
    value = x = leaf(0.1, "x")
    for _ in range(300):
        value = np.tanh(value) + 0.001
    derived = steps(value)
    assert verify(derived).ok
    assert max(len(line) for line in lines(derived)) < 300
    assert derived.steps[-1].value.tensor is x


def test_roles():
    w, b = leaf([1.0, 2.0], "w"), leaf(0.5)
    x, mask = Tensor([3.0, 4.0], name="x"), np.array([1.0, 0.0])
    L = np.sum(w * x * mask * np.array([2.0, 2.0])) + b
    roles = {v.symbol.name.text: v.role for v in steps(L, {"mask": mask, "L": L}).values}
    assert roles == {
        "w": "parameter", "x": "input", "mask": "input", "v₁": "constant", "v₂": "parameter", "L": "output",
    }  # fmt: skip


def test_a_derivation_leaves_no_trace():
    w = leaf([1.0, 2.0], "w")
    L = np.sum(w * w)
    L.backward()
    before = w.grad.data.copy()
    steps(L)
    assert w.grad.data.tolist() == before.tolist() and w.grad.primitive is None
    assert L.name is None and L.grad is None


def test_a_derivation_is_recorded_even_where_nothing_else_is():
    w = leaf(2.0, "w")
    L = w * w
    with ag.no_grad():
        assert lines(steps(L, {"L": L})) == ["∂L/∂L = 1", "∂L/∂w = 2 · w"]


def test_what_cannot_be_derived_is_refused():
    w = leaf([1.0, 2.0], "w")
    with pytest.raises(ValueError, match=r"scalar.*'w'.*\(2,\)"):
        steps(w)
    with pytest.raises(RuntimeError, match="requires_grad"):
        steps(Tensor(1.0))
    L = np.sum(w * w)
    w.data = np.array([5.0, 6.0])
    with pytest.raises(RuntimeError, match=r"'w'.*changed"):
        steps(L)
