"""What other libraries do, asked of them: the README's comparison, as a table in Markdown.

Usage: python -m tests.benchmarks.peers PYTHON

PYTHON is the interpreter of an environment of its own, in which
`pip install micrograd autograd mygrad torch torchviz torchview graphviz` was run: HIPS autograd has our import name.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]

PRELUDES = {
    "glassgrad": "import autograd as ag; leaf = lambda v: ag.Tensor(v, requires_grad=True); array = leaf",
    "micrograd": "from micrograd.engine import Value; leaf = Value; array = lambda v: list(map(Value, v))",
    "HIPS autograd": "import autograd, autograd.numpy",
    "MyGrad": "import mygrad as mg; leaf = array = mg.tensor",
    "PyTorch": "import torch; leaf = array = lambda v: torch.tensor(v, dtype=torch.float64, requires_grad=True)",
}
DISTRIBUTIONS = {
    "micrograd": "micrograd",
    "HIPS autograd": "autograd",
    "MyGrad": "mygrad",
    "PyTorch": "torch",
    "torchviz": "torchviz",
    "torchview": "torchview",
}

NUMPY = "x = array([1.0, 2.0]); np.sum(np.sin(x) * x).backward(); print('yes' if np.isfinite(x.grad[0]) else 'no')"
SECOND = "x = leaf(2.0); (x**3).backward(); x.grad.backward(); print('yes')"
CHAIN = """
x = v = leaf(1.0)
for _ in range(20_000):
    v = v * 1.0
v.backward()
print('yes' if x.grad == 1 else 'no')
"""
NORM = "x = array([0.0, 0.0]); y = np.linalg.norm(x); y.backward(); print(f'{float(x.grad[0]):g}')"

QUESTIONS = {
    "differentiates NumPy's own functions": {
        "*": NUMPY,
        "HIPS autograd": "print('yes' if autograd.grad(lambda x: np.sum(np.sin(x) * x))(np.ones(2))[0] else 'no')",
    },
    "second derivatives": {
        "*": SECOND,
        "glassgrad": "print('yes' if ag.grad(ag.grad(lambda x: x**3))(2.0) == 12 else 'no')",
        "HIPS autograd": "print('yes' if autograd.grad(autograd.grad(lambda x: x**3))(2.0) == 12 else 'no')",
        "PyTorch": "g = lambda y, x: torch.autograd.grad(y, x, create_graph=True)[0]; x = leaf(2.0); "
        "print('yes' if g(g(x**3, x), x) == 12 else 'no')",
    },
    "a chain of 20,000 operations": {
        "*": CHAIN,
        "HIPS autograd": "def f(x):\n    for _ in range(20_000): x = x * 1.0\n    return x\n"
        "print('yes' if autograd.grad(f)(1.0) == 1 else 'no')",
    },
    "the gradient of a norm at 0": {
        "*": NORM,
        "micrograd": "print('no norm')",
        "HIPS autograd": "print(f'{autograd.grad(np.linalg.norm)(np.zeros(2))[0]:g}')",
        "PyTorch": "x = array([0.0, 0.0]); torch.linalg.norm(x).backward(); print(f'{float(x.grad[0]):g}')",
    },
    "its pictures show": {
        "glassgrad": "x = leaf(3.0); x.name = 'x'; s = ag.draw(x * x).text(); "
        "print('values, gradients and their formulas' if 'value: 9' in s and '2 · x' in s else 'no')",
        "micrograd": "import micrograd, pkgutil; print(*[m.name for m in pkgutil.iter_modules(micrograd.__path__)"
        " if m.name not in ('engine', 'nn')] or ['none'])",
        "HIPS autograd": "import pkgutil; print(*[m.name for m in pkgutil.walk_packages(autograd.__path__)"
        " if 'graph' in m.name or 'draw' in m.name] or ['none'])",
        "MyGrad": "from mygrad.computational_graph import build_graph as b; x = leaf(3.0); y = x * x; s = b(y).source; "
        "print('values, operations' if 'Tensor(9.)' in s and 'Multiply' in s else 'no')",
        "PyTorch": "import torchviz, torchview; x = leaf(3.0); s = torchviz.make_dot(x * x).source; "
        "m = torchview.draw_graph(torch.nn.Linear(3, 4), input_size=(1, 3), device='cpu').visual_graph.source; "
        "print('operations and shapes' if 'MulBackward0' in s and '9.' not in s and '(1, 4)' in m else 'no')",
    },
    "pictures without Graphviz's program `dot`": {
        "*": "print('no pictures')",
        "glassgrad": "x = leaf(3.0); print('yes' if ag.draw(x * x).svg().startswith('<svg') else 'no')",
        "MyGrad": "from mygrad.computational_graph import build_graph as b; b(leaf(3.0)).pipe('svg'); print('yes')",
        "PyTorch": "import torchviz; x = leaf(3.0); torchviz.make_dot(x * x).pipe('svg'); print('yes')",
    },
}


def answer(python: str, library: str, question: dict[str, str]) -> str:
    """What the library says in a process of its own, with an empty PATH; for an error, no, and its name."""
    code = f"import numpy as np\n{PRELUDES[library]}\n{question.get(library) or question['*']}"
    with tempfile.TemporaryDirectory() as folder:
        env = {"PATH": folder} | ({"PYTHONPATH": str(ROOT)} if library == "glassgrad" else {})
        done = subprocess.run([python, "-W", "ignore", "-c", code], cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode == 0:
        return done.stdout.strip()
    return f"no ({done.stderr.strip().splitlines()[-1].split(':')[0].rpartition('.')[2]})"


def main(python: str) -> None:
    code = f"from importlib.metadata import version\nfor n in {list(DISTRIBUTIONS.values())}: print(version(n))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    named = [f"{name} {version.partition('+')[0]}" for name, version in zip(DISTRIBUTIONS, found, strict=True)]
    print("| | glassgrad |", " | ".join([*named[:3], ", ".join(named[3:])]), "|")
    print("| --- " * (1 + len(PRELUDES)) + "|")
    for said, question in QUESTIONS.items():
        answers = [answer(sys.executable if each == "glassgrad" else python, each, question) for each in PRELUDES]
        print(f"| {said} |", " | ".join(answers), "|", flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else sys.executable)
