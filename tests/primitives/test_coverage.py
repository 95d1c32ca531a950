"""Every function of NumPy's that takes arrays is a row, a composition of rows, a constant, a question, or a refusal."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from autograd import Tensor
from autograd.numpy_dispatch import HOMES, LIKE, QUESTIONS
from autograd.primitives import rows
from autograd.primitives.answers import compositions, constants, reason_to_refuse
from autograd.primitives.primitive import by_numpy_function
from tests.support import refused


def in_scope():
    """What dispatches, ufuncs and functions that look for __array_function__, each once, by its first name."""
    found = {}
    for module in (np, np.linalg, np.fft, np.emath, np.lib.stride_tricks):
        for name in sorted(dir(module)):
            function = getattr(module, name)
            if isinstance(function, np.ufunc) or (hasattr(function, "_implementation") and name[0] != "_"):
                found.setdefault(function, f"{HOMES.get(module.__name__, 'np')}.{name}")
    return found


SCOPE = in_scope()


def places(function):
    """The tables that know a function. What only sorts arguments for a row counts as that row."""
    answer = by_numpy_function.get(function)
    row = answer is not None and any(answer is by_numpy_function.get(r.numpy_function) for r in rows)
    tables = {
        "row": row,
        "composition": not row and any(answer is c.answer for c in compositions),
        "constant": function in constants,
        "question": function in QUESTIONS or function in LIKE,
        "refusal": reason_to_refuse(function) is not None,
    }
    return [table for table, holds in tables.items() if holds]


def differentiable(function):
    """Whether what answers for a function carries gradients."""
    answer = by_numpy_function.get(function)
    known = [(x, getattr(x, "answer", by_numpy_function.get(x.numpy_function))) for x in (*rows, *compositions)]
    return answer is not None and any(x.differentiable for x, answers in known if answers is answer)


@pytest.mark.parametrize("function", SCOPE, ids=SCOPE.values())
def test_every_function_has_its_place_in_one_table(function):
    assert len(places(function)) == 1, f"{SCOPE[function]} is in {places(function) or 'no table'}"


def test_the_tables_are_counted_and_ahead_of_the_closest_peer(capsys):
    counts = Counter(place for function in SCOPE for place in places(function))
    number = sum(map(differentiable, SCOPE))
    with capsys.disabled():
        listed = ", ".join(f"{count} by {place}" for place, count in counts.most_common())
        print(f"\n{len(rows)} rows; of NumPy's {len(SCOPE)} functions {number} are differentiable ({listed})")
    assert number > 216  # HIPS autograd 1.8 has first-order rules for so many


@pytest.mark.parametrize("function", [f for f in SCOPE if places(f) == ["refusal"]], ids=SCOPE.get)
def test_a_refusal_says_why_and_what_to_do(function):
    t = Tensor([1.0, 2.0], requires_grad=True, name="t")
    if isinstance(function, np.ufunc):
        call = lambda: function(*[t] * function.nin)
    else:
        call = lambda: t.__array_function__(function, (Tensor,), (t,), {})
    with refused(TypeError, t, saying=[function.__name__, "'t'", reason_to_refuse(function), "ag.primitive"]):
        call()


def test_the_readme_lists_every_refusal_with_its_reason_and_nothing_else():
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    table = text.partition("| refused | why |\n| --- | --- |\n")[2].partition("\n\n")[0]
    shown = {}
    for row in table.splitlines():
        _, names, reason, _ = row.split("|")
        shown.update(dict.fromkeys((name.strip(" `") for name in names.split(",")), reason.strip()))
    assert shown == {SCOPE[f]: reason_to_refuse(f) for f in SCOPE if places(f) == ["refusal"]}
