"""What a reader finds: every public name is documented by a sentence and an example, and nothing else is offered."""

from __future__ import annotations

import inspect
import pydoc
import re

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.hooks import Hook
from autograd.operators import REFUSED
from autograd.primitives.primitive import Primitive

MODULES = {
    "autograd": ag,
    "autograd.notation": ag.notation,
    "nn": nn,
    "nn.functional": nn.functional,
    "nn.init": nn.init,
    "nn.optim": nn.optim,
    "nn.data": nn.data,
}
NAMES = {
    f"{path}.{name}": getattr(module, name)
    for path, module in MODULES.items()
    for name in module.__all__
    if inspect.isclass(getattr(module, name)) or inspect.isroutine(getattr(module, name)) or module is nn.functional
}


def results():
    """One of each kind of thing that the public functions give."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    L = np.sum(w * w)
    derivation = ag.derive(L)
    kinds = [
        L,
        derivation,
        derivation.verify(),
        ag.derive(L, wrt=w, index=0),
        ag.paths(L, w, 0),
        ag.draw(L),
        ag.play(L),
    ]
    return [*kinds, ag.at(w, 0), w.register_hook(print), ag.no_grad(), nn.functional.relu, nn.MLP(3, 4, 2)]


CLASSES = {path: found for path, found in NAMES.items() if inspect.isclass(found)}
CLASSES |= {type(found).__name__: type(found) for found in results() if type(found).__module__ != "autograd.modes"}


def paragraph(found):
    """The first paragraph of what is said of a name, by itself or where it is inherited from."""
    said = found.__doc__ if isinstance(found, Primitive) else inspect.getdoc(found)
    return (said or "").strip().split("\n\n")[0]


def is_a_sentence(text):
    return bool(re.match(r"\S", text)) and text.rstrip().endswith((".", ":"))


@pytest.mark.parametrize("path", NAMES)
def test_every_public_name_is_documented_by_a_sentence_and_an_example(path):
    assert is_a_sentence(paragraph(NAMES[path])), paragraph(NAMES[path])
    assert ">>>" in NAMES[path].__doc__, "has no example"


def public_members(kind):
    """Methods and properties, its own and inherited ones of ours."""
    for owner in kind.__mro__:
        if owner.__module__.split(".")[0] in ("autograd", "nn"):
            for name, member in vars(owner).items():
                if name[0] != "_" and (callable(member) or isinstance(member, (property, classmethod, staticmethod))):
                    yield name, member


@pytest.mark.parametrize("path", CLASSES)
def test_every_public_method_is_documented_by_a_sentence(path):
    for name, _ in public_members(CLASSES[path]):
        said = paragraph(inspect.getattr_static(CLASSES[path], name)) or paragraph(getattr(CLASSES[path], name))
        assert is_a_sentence(said), f"{path}.{name}: {said!r}"


@pytest.mark.parametrize("kind", [Tensor, nn.Module, nn.optim.SGD, nn.optim.Adam, type(ag.at([1.0], 0))])
def test_every_method_that_numpy_has_not_got_shows_an_example(kind):
    for name, member in public_members(kind):
        subclasses_define = kind is nn.Module and name in ("forward", "extra_repr")
        numpy_s = hasattr(np.ndarray, name) or name in REFUSED
        abstract = member is vars(nn.optim.Optimizer).get(name) and name == "step"
        if inspect.isfunction(member) and not numpy_s and not subclasses_define and not abstract:
            assert ">>>" in (member.__doc__ or ""), f"{kind.__name__}.{name} has no example"


# The tables of contents -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", [ag, nn], ids=["autograd", "nn"])
def test_help_begins_with_a_table_of_contents_of_all_there_is_and_no_more(package):
    entries = re.findall(r"^    ([A-Za-z_]\w*(?:, [A-Za-z_]\w*)*)(?:  +\S|$)", package.__doc__, re.M)
    assert sorted(name for entry in entries for name in entry.split(", ")) == sorted(package.__all__)
    shown = pydoc.plain(pydoc.render_doc(package))
    assert inspect.getdoc(package).splitlines()[-1] in "\n".join(shown.splitlines()[:50])


@pytest.mark.parametrize("path", MODULES)
def test_completion_offers_the_public_face_only(path):
    assert dir(MODULES[path]) == sorted(MODULES[path].__all__)


def test_completion_of_a_tensor_offers_what_can_be_used():
    w = Tensor([1.0, 2.0], requires_grad=True)
    offered = [name for name in dir(w) if name[:2] != "__"]
    assert {"backward", "grad", "data", "sum", "reshape", "T", "name", "detach"} <= set(offered)
    assert not [name for name in offered if name[0] == "_"]
    refused = []
    for name in set(dir(Tensor)) - set(dir(w)):
        if name[0] != "_":
            with pytest.raises(TypeError, match="would"):
                getattr(w, name)()
            refused.append(name)
    assert refused, "methods that only say what to write instead are not offered"


# What is shown of a thing ---------------------------------------------------------------------------------------------


def test_every_repr_is_a_short_line():
    for found in results():
        shown = repr(found)
        if type(found).__name__ != "Verification":  # a table
            assert "\n" not in shown and len(shown) <= 120 and " object at 0x" not in shown, shown


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (lambda w: w, "Tensor([1., 2.], requires_grad=True, name='w')"),
        (lambda w: ag.derive(nn.functional.mse_loss(w, [0.0, 0.0])), "<Derivation of L: 2 gradients>"),
        (lambda w: ag.derive(Tensor(1.0, requires_grad=True, name="x")), "<Derivation of x: 1 gradient>"),
        (lambda w: ag.draw(np.sum(w * w)), "<Picture: 2 boxes, 2 arrows>"),
        (lambda w: ag.at(w, 0), "<places of 'w' float64 (2,)>"),
        (lambda w: ag.no_grad(), "no_grad()"),
        (lambda w: ag.detect_anomaly(), "detect_anomaly()"),
        (lambda w: nn.functional.relu, "<primitive relu>"),
        (lambda w: nn.MLP(3, 4, 2), "MLP(3, 4, 2, activation='relu', output='sigmoid')  # 26 parameters"),
    ],
)
def test_the_reprs(made, shown):
    assert repr(made(Tensor([1.0, 2.0], requires_grad=True, name="w"))) == shown


def test_the_repr_of_a_million_entries_is_a_few_lines():
    assert len(repr(Tensor(np.zeros((1000, 1000)), requires_grad=True))) < 1000


def test_hooks_say_what_they_are():
    w = Tensor(1.0, requires_grad=True, name="w")
    hook = w.register_hook(print)
    assert type(hook) is Hook and repr(hook) == "<hook print>"
    hook.remove()
    assert repr(hook) == "<hook, removed>"
