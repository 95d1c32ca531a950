"""The mistakes that a beginner makes, each as the code that is written, and what the error must say of it.

The standard, `held_to_the_standard`: an error says what was done, where (the operation or the argument), with which
shapes and names, and what to do instead, in one breath and in the reader's own words.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor

ROOT = Path(__file__).resolve().parent.parent

WAY_OUT = re.compile(
    r"\b(write|give|pass|use|take|create|make|bring|call|reduce|run|compute|convert|choose|ask|save|sum|return|count|adds|"
    r"known are|there are|see|swaps|install)\b|e\.g\.",
    re.IGNORECASE,
)
"""An error tells what to do: somewhere in it is one of these verbs, or what there is to choose from."""

INTERNAL = re.compile(r"_value|_first|_second|object at 0x|'?Primitive'?|NotImplemented|\bself\.|Traceback|  File ")
"""What only a reader of our code knows."""


class Mistake(NamedTuple):
    """What a beginner writes, the kind of error, and the words that it must contain: names, shapes, the way out."""

    code: str
    error: type[Exception]
    says: tuple[str, ...]


def held_to_the_standard(error: Exception, mistake: Mistake) -> None:
    message = str(error)
    assert type(error) is mistake.error, f"{type(error).__name__}: {message}"
    missing = [part for part in mistake.says if part not in message]
    assert not missing, f"{missing} not in: {message}"
    assert WAY_OUT.search(message), f"tells no way out: {message}"
    assert not INTERNAL.search(message), f"speaks of the inside: {message}"
    assert 30 <= len(message) <= 480, f"{len(message)} characters: {message}"
    assert "\n" not in message, "one breath"


MISTAKES = {
    # Tensors ----------------------------------------------------------------------------------------------------------
    "integers that should be learned": Mistake(
        'Tensor([1, 2, 3], requires_grad=True, name="W")', TypeError, ("'W'", "int64", "(3,)", "Write 1.0 instead of 1")
    ),
    "a name that is no string": Mistake("Tensor([1.0], name=1)", TypeError, ("name", "int", "str(…)")),
    "words for numbers": Mistake('Tensor(["1.0", "2.0"], name="x")', TypeError, ("'x'", "<U3", "(2,)", "dtype=float")),
    "a Tensor of a Tensor": Mistake("Tensor(w)", TypeError, ("'w'", ".detach()")),
    "a list of Tensors for an array": Mistake(
        "np.array([a, b])", TypeError, ("'a'", "()", "cut the graph", "np.stack")
    ),
    "an entry assigned": Mistake("w[0] = 3.0", TypeError, ("'w'", "(2,)", "ag.at(t, index).set(values)")),
    "an update of the Tensor itself, under no_grad": Mistake(
        "with ag.no_grad():\n    w -= 0.1", TypeError, ("'w' -= …", "no_grad", "write w.data -= …")
    ),
    "an update that takes the gradient as a Tensor": Mistake(
        "np.sum(w * w).backward()\nw.data -= 0.1 * w.grad", TypeError, ("np.subtract", "(2,)", "t.data")
    ),
    "an array for a gradient": Mistake(
        "w.grad = np.zeros(2)", TypeError, ("'w'", "float64", "(2,)", "ndarray", "t.grad = Tensor(array)")
    ),
    "a value of another shape": Mistake("w.data = np.zeros(3)", ValueError, ("'w'", "(2,)", "(3,)", "a new Tensor")),
    # Leaving the graph ------------------------------------------------------------------------------------------------
    "np.asarray in the middle": Mistake("np.asarray(w * 2)", TypeError, ("multiply", "(2,)", "t.numpy()")),
    "math instead of NumPy": Mistake("math.sin(a)", TypeError, ("'a'", "float()", "np.sin(t)")),
    "a float of a Tensor": Mistake("float(a)", TypeError, ("'a'", "()", "t.item()")),
    "math in a function to differentiate": Mistake("ag.grad(lambda x: math.exp(x))(1.0)", TypeError, ("np.sin(t)",)),
    # Operations -------------------------------------------------------------------------------------------------------
    "shapes that do not add": Mistake("W + np.ones((5, 4))", ValueError, ("add", "'W'", "(2, 3)", "(5, 4)", "reshape")),
    "a product of shapes that do not fit": Mistake("W @ W", ValueError, ("matmul", "'W'", "(2, 3)", ".T swaps")),
    "None, as a function without return gives": Mistake("w * None", TypeError, ("multiply", "'w'", "None", "return")),
    "the gradient before backward": Mistake("w - w.grad", TypeError, ("subtract", "'w'", "None", "backward")),
    "a choice by an array": Mistake(
        "if w > 0:\n    pass", ValueError, ("greater", "(2,)", "np.where(t > 0, a, b)", ".any()")
    ),
    "a comparison of three": Mistake("0 < w < 1", ValueError, ("(2,)", "np.where", ".all()")),
    "a Tensor for a number of repetitions": Mistake("range(a)", TypeError, ("'a'", "float64", "int(t.item())")),
    "a float Tensor for an index": Mistake("[1, 2, 3][a]", TypeError, ("'a'", "whole number", "int(t.item())")),
    "a function that has no rule": Mistake(
        "np.linalg.eig(W)", TypeError, ("np.linalg.eig", "'W'", "(2, 3)", "ag.primitive")
    ),
    "out=": Mistake("np.add(w, 1, out=w)", TypeError, ("np.add", "'w'", "(2,)", "w = np.add(…)")),
    # backward and the transforms --------------------------------------------------------------------------------------
    "backward of an array": Mistake("(w * 2).backward()", ValueError, ("multiply", "(2,)", "np.sum(t).backward()")),
    "no Tensor that requires a gradient": Mistake(
        'np.sum(Tensor([1.0], name="x")).backward()', RuntimeError, ("()", "requires_grad=True")
    ),
    "computed under no_grad": Mistake(
        "with ag.no_grad():\n    L = np.sum(w * w)\nL.backward()", RuntimeError, ("outside of no_grad()",)
    ),
    "an update between forward and backward": Mistake(
        "L = np.sum(w * w)\nw.data -= 0.1\nL.backward()", RuntimeError, ("'w'", "(2,)", "multiply", "before the update")
    ),
    "grad of a Tensor": Mistake("ag.grad(np.sum(w * w))", TypeError, ("ag.grad(f, …)", "sum", "()", ".backward()")),
    "grad of a function of many values": Mistake(
        "ag.grad(np.tanh)(np.ones(3))", ValueError, ("tanh", "(3,)", "jacobian")
    ),
    "grad at an integer": Mistake(
        "ag.grad(lambda x: x ** 2)(3)", TypeError, ("argument 0", "int64", "1.0 instead of 1")
    ),
    "grad of a function that returns a number": Mistake(
        "ag.grad(lambda x: 3.0)(1.0)", TypeError, ("float, not a Tensor", "NumPy functions of the arguments")
    ),
    "autograd.numpy": Mistake(
        "import autograd.numpy as np\nnp.tanh(w)", ImportError, ("tanh", "`import numpy as np`", "HIPS")
    ),
    "a function of autograd.numpy": Mistake(
        "from autograd.numpy import exp", ImportError, ("autograd.numpy.exp", "`import numpy as np`", "HIPS")
    ),
    "a function of the other library": Mistake(
        "from autograd import elementwise_grad", ImportError, ("'elementwise_grad'", "ag.derivative", "HIPS")
    ),
    # What is shown ----------------------------------------------------------------------------------------------------
    "derive of an array": Mistake("ag.derive(np.ones(3))", TypeError, ("ag.derive()", "(3,)", "requires_grad=True")),
    "derive of a value without a graph": Mistake(
        'ag.derive(Tensor(1.0, name="L"))', RuntimeError, ("'L'", "()", "requires_grad=True")
    ),
    "draw of an array of results": Mistake("ag.draw(w * 2)", ValueError, ("multiply", "(2,)", "np.sum(t)")),
    "a picture of a kind that there is not": Mistake(
        'ag.draw(np.sum(w * w)).save("x.jpeg")', ValueError, ("'.jpeg'", "use one of .svg")
    ),
    "paths by the array": Mistake(
        "ag.paths(np.sum(w * w), w.data, 0)",
        TypeError,
        ("ndarray", "Give the Tensor itself, not its name or data"),
    ),
    "an entry that there is not": Mistake(
        "ag.paths(np.sum(W * W), W, 4)", IndexError, ("'W'", "(2, 3)", "e.g. index=")
    ),
    # Networks ---------------------------------------------------------------------------------------------------------
    "sizes in a list": Mistake("nn.MLP([3, 4, 2])", TypeError, ("MLP", "[3, 4, 2]", "one by one, MLP(3, 4, 2)")),
    "one size": Mistake("nn.MLP(3)", ValueError, ("MLP(3,)", "two sizes or more", "MLP(3, 4, 2)")),
    "an activation misspelt": Mistake('nn.MLP(3, 2, activation="Relu")', ValueError, ("'Relu'", "relu, sigmoid")),
    "inputs of another size": Mistake(
        "nn.MLP(3, 4, 2)(np.ones((5, 4)))", ValueError, ("MLP(3, 4, 2", "(5, 4)", "(…, 3)")
    ),
    "a column against a row": Mistake(
        'nn.functional.mse_loss(Tensor(np.ones((3, 1)), name="p"), np.ones(3))',
        ValueError,
        ("mse_loss", "'p'", "(3, 1)", "(3,)", "target.reshape(prediction.shape)"),
    ),
    "classes as floats": Mistake(
        "nn.functional.cross_entropy(Tensor(np.ones((3, 2))), np.array([0.0, 1.0, 1.0]))",
        ValueError,
        ("cross_entropy", "(3, 2)", "class numbers of shape (3,)", "float64"),
    ),
    "a class too high": Mistake(
        "nn.functional.cross_entropy(Tensor(np.ones((3, 2))), np.array([0, 1, 2]))", ValueError, ("class 2", "0 and 1")
    ),
    "one parameter without a list": Mistake("nn.optim.SGD(w, 0.1)", TypeError, ("SGD", "write [w]")),
    "an optimizer of results": Mistake("nn.optim.SGD([w * 2], 0.1)", ValueError, ("parameter 0", "requires_grad=True")),
    "a learning rate too high": Mistake(
        "nn.fit(nn.MLP(3, 2, output='identity', rng=0), *nn.data.article(), epochs=1000, lr=1.0)",
        FloatingPointError,
        ("training diverged", "epoch", "smaller learning rate than 1"),
    ),
    "an optimizer of a model": Mistake(
        "nn.optim.SGD(nn.MLP(2, 1), 0.1)", TypeError, ("SGD", "MLP", "model.parameters()")
    ),
    "a function for a model": Mistake(
        "nn.fit(lambda x: x, [[1.0]], [[1.0]], epochs=1, lr=0.1)",
        TypeError,
        ("fit(model, x, y)", "function", "nn.Module"),
    ),
    "a Module without forward": Mistake(
        "class Net(nn.Module):\n    pass\nNet()(w)", NotImplementedError, ("Net", "forward(self, x)")
    ),
    "parameters of another network": Mistake(
        "nn.Linear(2, 1).load_state_dict(nn.MLP(2, 1).state_dict())",
        ValueError,
        ("Linear", "missing: 'weight' (2, 1)", "unexpected: 'W1'"),
    ),
    # Pictures ---------------------------------------------------------------------------------------------------------
    "a picture of a gradient that is not there": Mistake("ag.draw(w.grad)", TypeError, ("ag.draw()", "this is None")),
    "a picture of a gradient that was not recorded": Mistake(
        "(w * w).sum().backward()\nag.draw(w.grad.sum())", RuntimeError, ("shape ()", "create_graph=True")
    ),
    "one number for an entry of a matrix": Mistake(
        'ag.draw(W.sum(), open="W[0]")', IndexError, ("'W[0]'", "(2, 3)", "2 numbers, e.g. W[0,0]")
    ),
    "a value to fold": Mistake('ag.draw((w * w).sum(), fold="w")', ValueError, ("'w'", "single value", "modules")),
    "an entry to play": Mistake('ag.play((w * w).sum(), open="w[0]")', ValueError, ("'w[0]'", "entry", "ag.draw")),
    "neurons with entries": Mistake(
        "ag.draw((w * w).sum(), neurons=True, scalars=True)", TypeError, ("ag.draw()", "give scalars= or neurons=")
    ),
    "a name for a Tensor": Mistake('ag.derive((w * w).sum(), "w")', TypeError, ("str", "not its name")),
    "a widget of a result": Mistake("ag.widget(w * w)", TypeError, ("ag.widget(f, x=2.0, w=-3.0)", "multiply")),
    "a widget of an array": Mistake(
        "ag.widget(lambda x: x * x, x=[1.0, 2.0])", ValueError, ("ag.widget()", "(2,)", "np.sum")
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_answered_by_an_error_that_teaches(mistake):
    def parameter(value, name):
        return Tensor(value, requires_grad=True, name=name)

    import math

    names = {"np": np, "ag": ag, "nn": nn, "math": math, "Tensor": Tensor}
    names |= {"w": parameter([1.0, 2.0], "w"), "W": parameter(np.ones((2, 3)), "W")}
    names |= {"a": parameter(1.0, "a"), "b": parameter(2.0, "b")}
    with pytest.raises(mistake.error) as caught:
        exec(mistake.code, names)
    held_to_the_standard(caught.value, mistake)


# Mistakes that are no errors, since they may be meant: what then holds ------------------------------------------------


def test_a_second_backward_adds_and_zero_grad_forgets():
    w = Tensor([1.0, 2.0], requires_grad=True)
    for expected in ([2.0, 4.0], [4.0, 8.0]):
        np.sum(w * w).backward()
        assert w.grad.numpy().tolist() == expected
    w.zero_grad()
    assert w.grad is None


def test_who_forgets_requires_grad_sees_no_gradient_and_not_zeros():
    w, x = Tensor(2.0, requires_grad=True), Tensor(3.0)
    (w * x).backward()
    assert x.grad is None and w.grad.item() == 3


def test_a_name_that_the_operator_takes_over_is_a_new_tensor_that_keeps_the_graph():
    w = Tensor(2.0, requires_grad=True)
    t = w
    t *= 3
    t.backward()
    assert t is not w and w.grad.item() == 3


class LikeTorch:
    """What a tensor of PyTorch's has of NumPy's protocols: it becomes an array, its dtype and functions are its own."""

    dtype, shape = "torch.float64", (2,)

    def __len__(self):
        return 2

    def __array__(self, dtype=None, copy=None):
        return np.ones(2, dtype or float)


def torch_s():
    torch = pytest.importorskip("torch")
    return torch.ones(2, dtype=torch.float64)


@pytest.mark.parametrize("made", [LikeTorch, torch_s], ids=["like it", "itself"])
def test_a_tensor_of_torch_s_is_taken_as_the_array_it_is(made):
    taken = Tensor(made(), requires_grad=True)
    assert taken.shape == (2,) and type(taken.data) is np.ndarray and taken.dtype == np.float64


# The other distribution of the same import name -----------------------------------------------------------------------


def answer(folder, code):
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1
    return done.stderr.strip().splitlines()[-1]


def test_two_distributions_in_one_folder_are_noticed(tmp_path):
    shutil.copytree(ROOT / "autograd", tmp_path / "autograd", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "autograd" / "tracer.py").write_text("")
    said = answer(tmp_path, "import autograd")
    assert said.startswith("ImportError: two distributions") and str(tmp_path) in said and "pip uninstall" in said


def test_nn_says_that_the_autograd_it_finds_is_another(tmp_path):
    shutil.copytree(ROOT / "nn", tmp_path / "nn", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("def grad(f): ...")
    said = answer(tmp_path, "import nn")
    assert said.startswith("ImportError: nn needs glassgrad's") and str(tmp_path) in said and "environment" in said
