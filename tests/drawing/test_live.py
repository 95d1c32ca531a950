"""Graphs with sliders: what is computed again, what is refused, what the widget sends."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.drawing.live import MOST, Live


def f(x, w):
    a = x * w
    a.name = "a"
    return np.sin(a) * x


def gradients(live):
    return {s.value.symbol.name.text: np.asarray(s.gradient.value) for s in live.stills.plan.derived.steps}


def test_everything_is_computed_again_from_the_new_numbers(rng):
    live = Live(f, {"x": 2.0, "w": -3.0})
    for _ in range(3):
        x, w = rng.normal(size=2)
        live.set([x, w])
        by_x, by_w = _by_engine(x, w)
        assert gradients(live)["x"] == pytest.approx(by_x) and gradients(live)["w"] == pytest.approx(by_w)


def _by_engine(x, w):
    tensors = [Tensor(x, requires_grad=True), Tensor(w, requires_grad=True)]
    f(*tensors).backward()
    return [t.grad.item() for t in tensors]


def test_arrays_have_a_slider_for_each_entry_and_the_user_s_own_stay_as_they_are():
    W = Tensor([[1.0, -2.0]], requires_grad=True)
    live = Live(lambda W: (W * W).sum(), {"W": W}, {"W": (-4, 4)})
    assert [slider.label for slider in live.sliders] == ["W[0, 0]", "W[0, 1]"]
    assert all((slider.low, slider.high) == (-4, 4) for slider in live.sliders)
    live.set([3.0, 0.5])
    assert gradients(live)["W"].tolist() == [[6.0, 1.0]] and W.data.tolist() == [[1.0, -2.0]] and W.grad is None


def test_the_function_s_variables_name_what_it_computes_and_its_own_name_the_result():
    data = np.array([[1.0, 2.0]])

    def loss(W, b):
        z = data @ W
        for _ in range(2):
            z = np.tanh(z + b)
        return np.mean(z**2)

    before = sys.getprofile()
    values = Live(loss, {"W": [[1.0], [2.0]], "b": 0.5}).stills.plan.values
    assert [value.symbol.name.text for value in values] == ["data", "W", "b", "z", "loss"]
    values = Live(lambda x: x * x, {"x": 1.0}).stills.plan.values
    assert [value.symbol.name.text for value in values] == ["x", "v₁"]
    with pytest.raises(ZeroDivisionError):
        Live(lambda x: x * (1 / 0), {"x": 1.0})
    assert sys.getprofile() is before


def test_a_change_that_fails_changes_nothing():
    def picky(x):
        if x.item() > 2:
            raise ArithmeticError("too large")
        return x * x

    live = Live(picky, {"x": 1.0})
    before = live.stills
    with pytest.raises(ArithmeticError):
        live.set([3.0])
    for numbers in ([], [1.0, 2.0], [float("nan")]):
        with pytest.raises(ValueError, match="1 sliders"):
            live.set(numbers)
    assert live.stills is before and live.values["x"] == 1.0


@pytest.mark.parametrize(
    ("inputs", "ranges", "error", "said"),
    [
        ({}, None, ValueError, "needs inputs"),
        ({"x": np.zeros(MOST + 1)}, None, ValueError, f"up to {MOST} sliders"),
        ({"x": "2"}, None, TypeError, "x is a number"),
        ({"x": 1j}, None, TypeError, "real numbers"),
        ({"x": np.nan}, None, ValueError, "finite"),
        ({"x": 1.0}, {"y": (0, 1)}, ValueError, "'y', which is no input"),
        ({"x": 1.0}, {"x": (1, 0)}, ValueError, "a lower and a higher"),
    ],
)
def test_bad_inputs_are_refused(inputs, ranges, error, said):
    with pytest.raises(error, match=said):
        Live(lambda x=0.0: x * x, inputs, ranges)


def test_a_function_that_gives_no_tensor_is_refused():
    with pytest.raises(TypeError, match="gave a float"):
        Live(lambda x: 1.0, {"x": 1.0})


def test_the_widget_answers_sliders_and_steps_and_says_what_went_wrong():
    pytest.importorskip("anywidget")

    def picky(x, w):
        if x.item() > 5:
            raise ArithmeticError("<b>too large</b>")
        return f(x, w)

    widget = ag.widget(picky, x=2.0, w=-3.0)
    last = widget.frames - 1
    assert widget.frame == last and "<svg" in widget.svg and len(widget.sliders) == 2
    before, answered = widget.svg, widget.answered
    widget.numbers = [1, 0.5]  # as JSON has it
    assert isinstance(widget.numbers[0], float)
    assert widget.svg != before and widget.answered > answered and widget.problem == ""
    assert widget.live.values["w"] == 0.5
    before, answered = widget.svg, widget.answered
    widget.numbers = [6.0, 0.5]
    assert widget.problem == "ArithmeticError: <b>too large</b>" and widget.svg == before and widget.answered > answered
    widget.frame = 0
    assert widget.said.startswith("1 of") and widget.svg != before
    bundle = widget._repr_mimebundle_()
    shown = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in shown and "<img " in shown["text/html"]


def test_without_anywidget_it_is_said_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "autograd.drawing.live_widget", raising=False)
    with pytest.raises(RuntimeError, match=r"glassgrad\[widget\]"):
        ag.widget(f, x=1.0, w=1.0)


@pytest.mark.browser
def test_the_widget_s_script_draws_sliders_sends_their_numbers_and_shows_what_comes_back(browser):
    from importlib import resources

    code = resources.files("autograd.drawing").joinpath("live.js").read_text("utf-8")
    script = (
        code.replace("export default { render };", "")
        + """
    const state = { sliders: [{ label: "<b>x</b>", low: -4, high: 4, step: 0.04 }], numbers: [2], frame: 1, frames: 2,
      svg: '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>', said: "2 of 2", problem: "" };
    const heard = {};
    window.sent = [];
    const model = { get: key => state[key], set: (key, value) => { state[key] = value; }, off: () => {},
      on: (name, f) => { heard[name] = f; }, save_changes: () => sent.push([...state.numbers, state.frame]) };
    window.answer = (change) => { Object.assign(state, change); heard["change:answered"](); };
    render({ model, el: document.body });
    """
    )
    browser.show(f"<!DOCTYPE html><meta charset='utf-8'><body></body><script>{script}</script>")
    move = (
        "const r = document.querySelectorAll('input')[arguments[0]]; r.value = arguments[1];"
        "r.dispatchEvent(new Event('input'));"
    )
    assert browser.run("return [...document.querySelectorAll('input')].every(x => x.dataset.lmSuppressShortcuts)")
    browser.run(move, 0, 1)
    browser.run(move, 0, 0)
    browser.run(move, 0, -1)
    assert browser.run("return sent") == [[1, 1]]  # the next is sent when the last one is answered
    browser.run("answer({ problem: '<b>no</b>' })")
    assert browser.run("return sent") == [[1, 1], [-1, 1]]
    browser.run("answer({})")
    browser.run(move, 1, 0)
    assert browser.run("return sent")[-1] == [-1, 0]
    assert browser.run("return document.querySelectorAll('b').length") == 0
    assert "<b>no</b>" in browser.run("return document.body.textContent")
    assert browser.run("return document.images[0].naturalWidth") == 10
    assert browser.problems() == []
