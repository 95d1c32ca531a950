"""The standard of the reference, held by machine for every public name and every public method of ours.

1. Arrays: what takes or gives arrays says of which shape, and of which dtype, or what becomes of the dtype.
2. Errors: each exception that the source raises, in the function itself or in a helper of the same file that it calls,
   is named in its docstring, or for a method in that of its class. "Errors are `grad`'s" names those of `grad`. What
   ndarray has is NumPy's, and so are its errors.
3. Source: an algorithm that somebody published says who, where and when: losses, activations, optimizers,
   initialisations, transforms.

That every name has a sentence and a doctested example is held by test_public_face.py.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from dataclasses import is_dataclass

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.primitives.primitive import Primitive
from tests.test_public_face import CLASSES, NAMES, public_members

WITHOUT_ARRAYS = (
    "autograd.no_grad", "autograd.detect_anomaly", "autograd.checkpoint",  # they hand on whatever comes
    "autograd.notation.",  # how formulas are written
    "nn.Module", "nn.save", "nn.load", "nn.data.DataError",  # of models and files
)  # fmt: skip

PUBLISHED = {
    *(f"autograd.{name}" for name in ("grad", "vjp", "jvp", "jacobian", "hessian", "hvp", "checkpoint")),
    *(f"autograd.{name}" for name in ("check_grads", "paths")),
    *(f"nn.{name}" for name in ("MLP", "fit", "optim.SGD", "optim.Adam")),
    *(f"nn.init.{name}" for name in ("kaiming_uniform", "xavier_uniform")),
    *(f"nn.functional.{name}" for name in nn.functional.__all__ if name not in ("linear", "one_hot")),
}


def told(found, home=ag):
    """What is said of a name before its examples; and of another, where that points to its errors."""
    said = (found.__doc__ if isinstance(found, Primitive) else inspect.getdoc(found)) or ""
    said = re.split(r"^\s*Examples\n|>>> ", said, maxsplit=1, flags=re.M)[0]
    others = re.findall(r"[Ee]rrors(?: and [\w ]+)? are `(\w+)`'s|[Tt]hose of `(\w+)`", said)
    return said + "".join(told(getattr(home, name, None) or getattr(ag, name), home) for name in map("".join, others))


# Arrays ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [path for path in NAMES if not path.startswith(WITHOUT_ARRAYS)])
def test_shapes_and_dtypes_are_told(path):
    said = told(NAMES[path])
    assert re.search(r"\bshapes?\b|\bscalars?\b|\baxis\b", said), "tells no shape"
    assert re.search(r"\bdtypes?\b|\bfloat\d*\b|\bfloating\b|\bintegers?\b|\breal\b", said), "tells no dtype"


# Errors ---------------------------------------------------------------------------------------------------------------


def raised(function):
    """The exceptions that a function's source raises by name, and that of the functions of its file which it calls."""
    module = inspect.getmodule(function)
    found, seen, waiting = set(), {function}, [function]
    while waiting:
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(waiting.pop())))
        except SyntaxError:  # a lambda out of a table
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                found.add(ast.unparse(node.exc.func).split(".")[-1])
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called = vars(module).get(node.func.id)
                if inspect.isfunction(called) and called.__module__ == module.__name__ and called not in seen:
                    seen.add(called)
                    waiting.append(called)
    return {name for name in found if name.endswith("Error")} - {"NotImplementedError"}  # that is a subclass's


def functions():
    """Functions, constructors and methods of ours, each with all that a reader is told."""
    for path, found in NAMES.items():
        if inspect.isfunction(found):
            yield pytest.param(found, told(found), id=path)
    for path, kind in CLASSES.items():
        if inspect.isfunction(vars(kind).get("__init__")) and not is_dataclass(kind):
            yield pytest.param(kind.__init__, told(kind) + told(kind.__init__), id=f"{path}()")
        for name, member in public_members(kind):
            overridden = member is not inspect.getattr_static(kind, name)
            if not overridden and not (kind is ag.Tensor and hasattr(np.ndarray, name)):
                function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
                if inspect.isfunction(function):
                    yield pytest.param(function, told(function, kind) + told(kind), id=f"{path}.{name}")


@pytest.mark.parametrize(("function", "said"), list(functions()))
def test_the_errors_that_are_raised_are_told(function, said):
    missing = {name for name in raised(function) if not re.search(rf"\b{name}\b", said)}
    assert not missing, f"raises {missing}, and does not say so"


# Sources --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(PUBLISHED))
def test_published_algorithms_name_their_source(path):
    assert re.search(r"\([^()]*\b(?:1[89]|20)\d\d\b[^()]*\)", told(NAMES[path])), "names no author, title and year"
