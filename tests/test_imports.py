"""The rooms of the house: who may import whom, and what an import costs."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

ROOMS = [
    {
        "autograd.modes",
        "autograd.nested",
        "autograd.files",
        "autograd.several",
        "autograd.tensor",
        "autograd.attached",
        "autograd.protocols",
        "autograd.numpy",
    },
    {"autograd.anomalies", "autograd.graph", "autograd.hooks", "autograd.primitives"},
    {"autograd.backprop", "autograd.copying", "autograd.numpy_dispatch"},
    {"autograd.operators"},
    {"autograd.transforms"},
    {"autograd.testing"},
    {"autograd.derivation", "autograd.compiling"},
    {"autograd.drawing"},
    {"autograd.showing"},
    {"autograd"},
    {"nn"},
]
"""From the ground floor up. A module imports from its own floor and below; only nn imports from the roof."""


def source_files():
    return sorted(path for package in ("autograd", "nn") for path in (ROOT / package).rglob("*.py"))


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor(module):
    """The number of the floor that a module is on, by its longest known prefix; None for modules from elsewhere."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        for number, rooms in enumerate(ROOMS):
            if prefix in rooms and (length == len(parts) or prefix != "autograd"):
                return number
    return None


def imported(path):
    """All modules that a file imports, wherever in the file, in full; those for type checkers only left out."""
    package = module_name(path).split(".") if path.name == "__init__.py" else module_name(path).split(".")[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_checkers = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in for_checkers:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                is_module = (ROOT / Path(*inner.split("."))).is_dir() or (
                    ROOT / Path(*inner.split(".")).with_suffix(".py")
                ).is_file()
                yield inner if is_module else base


@pytest.mark.parametrize("path", source_files(), ids=module_name)
def test_no_module_imports_a_room_above_it(path):
    own = floor(module_name(path))
    assert own is not None, f"{module_name(path)} is in no room: give it one in ROOMS"
    for module in imported(path):
        assert floor(module) is None or floor(module) <= own, f"{module_name(path)} imports {module}"


@pytest.mark.parametrize("path", [p for p in source_files() if module_name(p).startswith("autograd")], ids=module_name)
def test_the_engine_does_not_know_the_modules_on_top(path):
    assert not [module for module in imported(path) if module.split(".")[0] in ("nn", "tests")]


@pytest.mark.parametrize("path", [p for p in source_files() if module_name(p).split(".")[0] == "nn"], ids=module_name)
def test_modules_have_no_private_door_into_the_engine(path):
    private = [m for m in imported(path) if m.startswith("autograd.") and any(p[0] == "_" for p in m.split("."))]
    assert not private


def loaded_by(statement):
    """The modules that a fresh interpreter has loaded after `statement`, beyond those that NumPy alone loads."""
    script = f"import numpy, sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.split()


def test_import_autograd_loads_numpy_and_the_standard_library_only():
    roots = {module.split(".")[0] for module in loaded_by("import autograd")}
    assert roots - set(sys.stdlib_module_names) == {"autograd"}


@pytest.mark.parametrize("package", ["autograd", "nn"])
def test_what_draws_derives_and_compiles_is_loaded_on_first_use(package):
    rooms = ("autograd.derivation", "autograd.drawing", "autograd.showing", "autograd.compiling")
    assert not [module for module in loaded_by(f"import {package}") if module.startswith(rooms)]


def test_import_nn_loads_the_two_packages_only():
    roots = {module.split(".")[0] for module in loaded_by("import nn")}
    assert roots - set(sys.stdlib_module_names) <= {"autograd", "nn"}


def test_every_package_is_installed():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    assert {*settings["packages"]} == {module_name(path) for path in source_files() if path.name == "__init__.py"}


def test_every_file_says_in_its_first_line_what_it_is_for_and_is_short():
    for path in source_files():
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), f"{module_name(path)} has no docstring"
        assert text.count("\n") < 450, f"{module_name(path)} has {text.count(chr(10))} lines"
