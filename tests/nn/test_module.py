"""Module: what it finds, names, saves and shows."""

import timeit
from collections import OrderedDict, UserDict, defaultdict, namedtuple
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor


def weight(*shape):
    return Tensor(np.ones(shape), requires_grad=True)


class Net(nn.Module):
    def __init__(self):
        self.scale = weight()
        self.constant = Tensor(np.ones(3))
        self.blocks = [nn.Linear(2, 3), {"inner": nn.Linear(3, 3, bias=False)}]
        self.extra = (weight(4),)
        self.size = 3

    def forward(self, x):
        x = self.blocks[0](x * self.scale)
        self.seen = x
        return self.blocks[1]["inner"](x)


NAMES = ["scale", "blocks.0.weight", "blocks.0.bias", "blocks.1.inner.weight", "extra.0"]


def test_parameters_are_found_in_attributes_lists_tuples_and_dicts():
    assert [name for name, _ in Net().named_parameters()] == NAMES


def test_results_of_operations_and_constants_are_no_parameters():
    net = Net()
    net(np.ones((1, 2)))
    assert net.seen.requires_grad
    assert [name for name, _ in net.named_parameters()] == NAMES


def test_a_parameter_without_a_name_gets_its_path_at_the_first_call():
    net = Net()
    net.scale.name = "α"
    assert net.blocks[0].weight.name is None
    net(np.ones((1, 2)))
    assert [p.name for p in net.parameters()] == ["α", *NAMES[1:]]


def test_shared_parameters_and_modules_are_listed_once():
    net = Net()
    net.again = net.blocks[0]
    net.tied = net.scale
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert len(net.modules()) == 3


def test_cycles_end():
    net = Net()
    net.me = net
    net.loop = [net]
    net.loop.append(net.loop)
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert "Net(…)" in repr(net)
    net.eval()


def test_two_parameters_never_share_a_name():
    net = nn.Module()
    net.parts = {1: weight(1), "1": weight(1)}
    with pytest.raises(ValueError, match=r"parts\.1"):
        net.named_parameters()


def test_state_is_copied_out_and_in():
    first, second = Net(), Net()
    state = first.state_dict()
    assert list(state) == NAMES
    state["extra.0"][:] = 5
    assert (first.extra[0].data == 1).all()
    second.load_state_dict(state)
    state["extra.0"][:] = 6
    assert (second.extra[0].data == 5).all()
    assert type(second.scale.data) is type(first.scale.data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("scale"), r"missing: 'scale' \(\)"),
        (lambda s: s.update(more=np.ones(1)), "unexpected: 'more'"),
        (lambda s: s.update({"extra.0": np.ones(5)}), r"'extra.0' has shape \(5,\), the parameter \(4,\)"),
        (lambda s: s.update({"extra.0": np.ones(4, np.float32)}), "'extra.0' is float32, the parameter float64"),
        (lambda s: s.update({"extra.0": np.ones(4, int)}), "'extra.0' is int64"),
    ],
)
def test_a_wrong_state_is_refused_and_changes_nothing(change, message):
    net = Net()
    net.loop = [net]
    net.loop.append(net.loop)
    before = net.state_dict()
    state = {name: value + 1 for name, value in before.items()}
    change(state)
    with pytest.raises(ValueError, match=message):
        net.load_state_dict(state)
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_a_wrong_state_is_described_in_full():
    with pytest.raises(ValueError) as caught:
        Net().load_state_dict({"a": 1, "b": 2})
    assert all(repr(name) in str(caught.value) for name in ["a", "b", *NAMES])
    with pytest.raises(TypeError, match="state_dict"):
        Net().load_state_dict([1])


def test_loading_is_noticed_by_graphs_that_used_the_old_values():
    net = nn.Linear(2, 1)
    loss = net(np.ones((1, 2))).sum()
    net.load_state_dict(net.state_dict())
    with pytest.raises(RuntimeError, match="was changed"):
        loss.backward()


def test_train_and_eval_reach_every_module():
    net = Net()
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    net.train()
    assert all(m.training for m in net.modules())


def test_zero_grad_forgets_all_gradients():
    net = nn.Linear(2, 1)
    net(np.ones((1, 2))).sum().backward()
    assert net.weight.grad is not None
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_the_repr_shows_the_tree():
    assert repr(Net()).splitlines() == [
        "Net(",
        "  (scale): ()",
        "  (blocks.0): Linear(2, 3)",
        "  (blocks.1.inner): Linear(3, 3, bias=False)",
        "  (extra.0): (4,)",
        ")  # 23 parameters",
    ]
    assert repr(nn.Sequential(nn.Sequential(nn.ReLU()))).count("\n") == 4


def test_forward_must_be_defined_and_gets_what_the_call_got():
    with pytest.raises(NotImplementedError, match="Module defines no forward"):
        nn.Module()(1)

    class Options(nn.Module):
        def forward(self, a, b=1, *, c=2):
            return a, b, c

    assert Options()(1, 5, c=6) == (1, 5, 6)
    assert Options()(a=3) == (3, 1, 2)
    with pytest.raises(TypeError):
        Options()()


def test_a_call_costs_little_beside_the_smallest_layer():
    module, layer, x = nn.Identity(), nn.Linear(1, 1), Tensor([[1.0]])
    call, forward, linear = (
        min(timeit.repeat(lambda f=f: f(x), number=5000, repeat=9)) for f in (module, module.forward, layer.forward)
    )
    assert call - forward < linear / 4  # 0.3 of 3 µs


def test_a_module_is_a_function_of_its_parameters_and_stays_as_it_is():
    net = Net()
    before = net.state_dict()
    doubled = {name: 2 * value for name, value in before.items()}
    x = np.ones((1, 2))
    found = nn.functional_call(net, doubled, x)
    assert all(np.array_equal(value, before[name]) for name, value in net.state_dict().items())
    net.load_state_dict(doubled)
    assert np.array_equal(found.data, net(x).data)


def test_gradients_flow_to_the_parameters_that_are_given():
    layer, W = nn.Linear(2, 1, rng=0), Tensor([[1.0], [2.0]], requires_grad=True)
    nn.functional_call(layer, {"weight": W, "bias": layer.bias}, [[3.0, 4.0]]).sum().backward()
    assert np.array_equal(W.grad.data, [[3.0], [4.0]]) and np.array_equal(layer.bias.grad.data, [1.0])
    assert layer.weight.grad is None


def test_a_module_that_holds_itself_or_one_parameter_twice_is_called_with_others_too():
    class Tied(nn.Module):
        def __init__(self):
            self.own = Tensor(2.0, requires_grad=True)
            self.again, self.me = [self.own, ("text", 3)], self

        def forward(self, x):
            return self.me.own * x + self.again[0]

    tied = Tied()
    assert nn.functional_call(tied, {"own": 5.0}, 1.0).item() == 10.0 and tied(1.0).item() == 4.0


def test_what_is_computed_so_stands_in_the_module_s_frame_in_pictures():
    net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Linear(3, 1, rng=0))
    net(np.ones((1, 2)))
    trained = {name: Tensor(value, requires_grad=True) for name, value in net.state_dict().items()}
    loss = np.sum(nn.functional_call(net, trained, np.ones((1, 2))))
    assert (
        [group.title for group in ag.draw(loss).scene.groups]
        == [group.title for group in ag.draw(np.sum(net(np.ones((1, 2))))).scene.groups]
        != []
    )


def test_parameters_in_containers_of_any_kind_are_called_with_others():
    class Held(nn.Module):
        def __init__(self, hold):
            self.held = hold([("w", nn.Linear(1, 1, init=nn.init.zeros))])

        def forward(self, x, *, times):
            ((_, layer),) = self.held.items() if isinstance(self.held, Mapping) else self.held
            return times * layer(x)

    Pairs = namedtuple("Pairs", "first")
    kinds = (dict, list, tuple, OrderedDict, UserDict, type("Own", (list,), {}), lambda pairs: Pairs(*pairs))
    for hold in (*kinds, lambda pairs: defaultdict(list, pairs), lambda pairs: MappingProxyType(dict(pairs))):
        module = Held(hold)
        ones = {name: np.ones_like(value) for name, value in module.state_dict().items()}
        found = nn.functional_call(module, ones, [[2.0]], times=10)
        assert found.item() == 30.0 and module([[2.0]], times=10).item() == 0.0


def test_parameters_that_do_not_fit_are_all_named():
    with pytest.raises(
        ValueError, match=r"Linear: missing: 'bias' \(1,\); unexpected: 'bia'; 'weight' has shape \(3,\)"
    ):
        nn.functional_call(nn.Linear(2, 1), {"weight": np.ones(3), "bia": 1.0}, [[1.0, 2.0]])


def test_parameters_that_are_no_mapping_or_not_real_are_refused():
    with pytest.raises(TypeError, match=r"takes parameters as state_dict\(\) returns them, not a list"):
        nn.functional_call(nn.Linear(2, 1), [np.ones((2, 1))], [[1.0, 2.0]])
    with pytest.raises(TypeError, match="Linear: 'weight' is int64, not real floating"):
        nn.functional_call(nn.Linear(2, 1), {"weight": [[1], [2]], "bias": [0.0]}, [[1.0, 2.0]])
