"""The same graph gives the same bytes, a hundred times over, in another process, and whatever was drawn before.

`python -m tests.drawing.test_same_bytes` prints what a process of its own makes of the graphs: a digest a form.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.drawing.playbacks import chain, hostile, named, network

ROOT = Path(__file__).parent.parent.parent
TIMES = 100


def small() -> Tensor:
    w = Tensor([3.0, -0.5], requires_grad=True, name="w")
    return named(np.sum(np.sin(w * w)), "L")


def together(shown: object) -> str:
    """All forms of something shown that are made quickly, as one text."""
    forms = (form for name in ("html", "svg", "dot", "text") if (form := getattr(shown, name, None)))
    return "\n".join((*(form() for form in forms), json.dumps(shown._repr_mimebundle_())))


FORMS: dict[str, Callable[[], str | bytes]] = {
    "picture": lambda: together(ag.draw(small())),
    "playback": lambda: together(ag.play(small())),
}
"""So quick that a hundred of them are nothing."""
SLOWER: dict[str, Callable[[], str | bytes]] = {
    "picture of the network": lambda: together(ag.draw(network())),
    "playback of the network": lambda: together(ag.play(network())),
    "folded picture": lambda: ag.draw(chain(60)).svg(),
    "folded playback": lambda: together(ag.play(chain(60))),
    "hostile": lambda: ag.draw(hostile()).svg() + ag.play(hostile()).html(),
    "PNG": lambda: ag.draw(small()).png(),
    "PDF": lambda: ag.draw(small()).pdf(),
    "GIF": lambda: ag.play(small()).gif(),
}


def digest(form: Callable[[], str | bytes]) -> str:
    made = form()
    return sha256(made if isinstance(made, bytes) else made.encode("utf-8")).hexdigest()


@pytest.fixture(scope="module")
def elsewhere() -> dict[str, str]:
    """The digests from a process with other hashes, that took the graphs in the opposite order."""
    environment = {**os.environ, "PYTHONHASHSEED": "5"}
    command = [sys.executable, "-m", "tests.drawing.test_same_bytes"]
    return json.loads(subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=environment).stdout)


@pytest.mark.parametrize("form", FORMS)
def test_a_hundred_renders_give_the_same_bytes(form, elsewhere):
    assert {digest(FORMS[form]) for _ in range(TIMES)} == {elsewhere[form]}


@pytest.mark.parametrize("form", SLOWER)
def test_every_form_is_the_same_again_and_in_another_process(form, elsewhere):
    assert {digest(SLOWER[form]) for _ in range(2)} == {elsewhere[form]}


if __name__ == "__main__":
    print(json.dumps({name: digest(form) for name, form in reversed([*FORMS.items(), *SLOWER.items()])}))
