"""Graphs with sliders: what is computed again, what is refused, what the widget sends."""

from __future__ import annotations

import sys
from importlib import resources

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.drawing.live import MOST, Live
from tests.browser import CONTRAST, VS_CODE_S_THEMES


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


@pytest.mark.parametrize(("low", "high", "step"), [(-6, 6, 0.1), (-1, 1, 0.01), (0.1, 2, 0.01), (0, 5e-4, 1e-6)])
def test_a_slider_s_step_is_a_power_of_ten_so_that_round_numbers_can_be_had(low, high, step):
    (slider,) = Live(lambda x: x * x, {"x": 1.0}, {"x": (low, high)}).sliders
    assert slider.step == pytest.approx(step)


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
        ({"x": 1.0}, {"x": (0, np.inf)}, ValueError, "a lower and a higher"),
        ({"x": 1.0}, {"x": (np.nan, 1)}, ValueError, "a lower and a higher"),
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
    assert widget.problem == "ArithmeticError: <b>too large</b> (shown: the numbers before)"
    assert widget.svg == before and widget.answered > answered
    widget.frame = 0
    assert widget.said.startswith("1 of") and widget.svg != before
    bundle = widget._repr_mimebundle_()
    shown = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in shown and "<img " in shown["text/html"]


def test_without_anywidget_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "autograd.drawing.live_widget", raising=False)
    with pytest.raises(RuntimeError, match=r"glassgrad\[widget\]"):
        ag.widget(f, x=1.0, w=1.0)


def test_an_interrupt_is_answered_as_well_and_changes_nothing():
    pytest.importorskip("anywidget")

    def slow(x):
        if x.item() > 5:
            raise KeyboardInterrupt
        return x * x

    widget = ag.widget(slow, x=2.0)
    answered = widget.answered
    widget.numbers = [6.0]
    assert widget.problem == "KeyboardInterrupt (shown: the numbers before)"
    assert widget.answered > answered and widget.live.values["x"] == 2.0


STATIC = ("live.css", "live.js")
MOVE = """
const range = document.querySelectorAll("input")[arguments[0]];
range.value = arguments[1];
range.dispatchEvent(new Event("input"));
"""


def page(host="", attributes=""):
    """A page with the widget's script and style, and a model that keeps what is sent in `sent` until `answer`."""
    css, code = (resources.files("autograd.drawing").joinpath(name).read_text("utf-8") for name in STATIC)
    return f"""<!DOCTYPE html><meta charset="utf-8"><style>{host}{css}</style><body {attributes}></body><script>
    {code.replace("export default { render };", "")}
    const state = {{ numbers: [2], frame: 1, frames: 2, said: "2 of 2", problem: "",
      sliders: [{{ label: "<b>x</b>", low: -3.99, high: 4, step: 0.04 }}],
      svg: '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>' }};
    const heard = [];
    window.sent = [];
    const model = {{ get: key => state[key], set: (key, value) => {{ state[key] = value; }}, off: () => {{}},
      on: (name, f) => heard.push(f), save_changes: () => sent.push([...state.numbers, state.frame]) }};
    window.answer = change => {{ Object.assign(state, change); for (const each of heard) each(); }};
    window.view = el => render({{ model, el }});
    view(document.body);
    </script>"""


@pytest.mark.browser
def test_the_widget_s_script_draws_sliders_sends_their_numbers_and_shows_what_comes_back(browser):
    browser.show(page())
    assert browser.run("return [...document.querySelectorAll('input')].every(x => x.dataset.lmSuppressShortcuts)")
    browser.run(MOVE, 0, 1)
    browser.run(MOVE, 0, 0)
    browser.run(MOVE, 0, -1)
    assert browser.run("return sent") == [[1, 1]]  # the next is sent when the last one is answered
    browser.run("answer({ problem: '<b>no</b>' })")
    assert browser.run("return sent") == [[1, 1], [-1, 1]]
    browser.run("answer({})")
    browser.run(MOVE, 1, 0)
    assert browser.run("return sent")[-1] == [-1, 0]
    assert browser.run("return document.querySelectorAll('b').length") == 0
    assert "<b>no</b>" in browser.run("return document.body.textContent")
    assert browser.run("return document.images[0].naturalWidth") == 10
    assert browser.problems() == []


@pytest.mark.browser
def test_a_slider_moved_and_moved_back_asks_for_nothing_and_goes_on(browser):
    browser.show(page())
    browser.run(MOVE, 0, 2.001)
    assert browser.run("return sent") == []
    browser.run(MOVE, 0, 1)
    browser.run(MOVE, 1, 0)
    browser.run(MOVE, 1, 1)
    browser.run("answer({})")
    assert browser.run("return sent") == [[1, 1]]
    browser.run(MOVE, 1, 0)
    assert browser.run("return sent") == [[1, 1], [1, 0]]


@pytest.mark.browser
def test_a_slider_s_numbers_are_round_or_the_ends_of_its_range(browser):
    browser.show(page())
    for value, number in ((-4, -3.99), (-3.987, -3.99), (0.011, 0), (9, 4)):
        browser.run(MOVE, 0, value)
        browser.run("answer({})")
        assert browser.run("return sent.at(-1)[0]") == pytest.approx(number)
        said = browser.run("return document.querySelector('input').ariaValueText")
        assert float(said.replace("−", "-")) == pytest.approx(number) and "-" not in said


@pytest.mark.browser
def test_every_view_of_a_widget_shows_the_same_numbers(browser):
    browser.show(page())
    browser.run("const other = document.createElement('div'); document.body.append(other); view(other)")
    browser.run(MOVE, 0, 1)
    browser.run("answer({ frame: 0 })")
    found = browser.run("return [...document.querySelectorAll('input')].map(each => Number(each.value))")
    assert found == [1, 0, 1, 0]


@pytest.mark.browser
def test_an_answer_does_not_move_a_slider_back_that_is_further_on(browser):
    browser.show(page())
    for value in (1, 0, -1):
        browser.run(MOVE, 0, value)
    browser.run(MOVE, 1, 0)
    browser.run("answer({})")
    assert browser.run("return [...document.querySelectorAll('input')].map(each => Number(each.value))") == [-1, 0]


@pytest.mark.browser
def test_the_keys_that_move_a_slider_go_no_further_and_others_do(browser):
    from selenium.webdriver.common.keys import Keys

    browser.show(page())
    browser.run("window.keys = []; addEventListener('keydown', event => keys.push(event.key))")
    slider = browser.driver.find_elements("css selector", "input")[0]
    slider.send_keys(Keys.HOME, Keys.ARROW_RIGHT, Keys.PAGE_UP, Keys.END, "s")
    assert browser.run("return keys") == ["s"]


@pytest.mark.browser
@pytest.mark.parametrize("kind", VS_CODE_S_THEMES)
def test_in_vs_code_which_lays_widgets_on_white_it_stands_on_a_ground_of_its_theme(browser, kind):
    ink = {"light": "#3b3b3b", "dark": "#cccccc"}[VS_CODE_S_THEMES[kind]]
    host = f".cell-output-ipywidget-background {{ background: white !important; color: {ink} }}"
    attributes = f'class="cell-output-ipywidget-background" data-vscode-theme-kind="{kind}"'
    browser.show(page(host=host, attributes=attributes))
    browser.run("answer({ problem: 'no' })")
    found = browser.run(
        CONTRAST
        + """
        const card = getComputedStyle(document.querySelector(".glassgrad-live"));
        return [card.colorScheme, getComputedStyle(document.body).backgroundColor,
          ...["span", "p"].map(each => contrast(...[getComputedStyle(document.querySelector(each)).color,
            card.backgroundColor].map(channels)))];"""
    )
    assert found[:2] == [VS_CODE_S_THEMES[kind], "rgba(0, 0, 0, 0)"] and min(found[2:]) >= 4.5
