"""The playback without a browser: its frames, its questions, its page, what a notebook gets, what is exported."""

from __future__ import annotations

import io
import re
import tomllib
import xml.etree.ElementTree as ET
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path
from zlib import decompress

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.derivation.steps import steps
from autograd.drawing.looks import DARK, LIGHT
from autograd.drawing.playback.plan import BACKWARD, FORWARD, Plan
from autograd.drawing.playback.questions import near, question
from autograd.drawing.playback.stage import COLOURS
from autograd.drawing.playback.stills import Stills
from autograd.drawing.shown import value_row
from tests.drawing.playbacks import HOSTILE, chain, data_of, fan_out, hostile, named, network, playback
from tests.support import need_cairo

ROOT = Path(__file__).parent.parent.parent


def asked(result, name):
    """The question at the step of one value."""
    plan = Plan(steps(result))
    step = next(step for step in plan.steps.values() if step.value.symbol.name.text == name)
    arriving = {plan.values[n].symbol.name.identifier: each.gradient.value for n, each in plan.steps.items()}
    return question(step, arriving)


@pytest.mark.parametrize("make", [fan_out, network, hostile])
def test_a_value_is_ready_exactly_when_nothing_that_it_waits_for_is_missing(make):
    plan = Plan(steps(make()))
    for frame in plan.frames:
        for n, state in enumerate(frame.nodes):
            if state in "wW":
                assert plan.missing(frame, n)
            elif state != "-":
                assert not plan.missing(frame, n)


@pytest.mark.parametrize("make", [fan_out, network, hostile])
def test_each_value_and_each_gradient_has_its_turn_once_and_stays_done(make):
    plan = Plan(steps(make()))
    for phase, now, done in ((FORWARD, "n", "d"), (BACKWARD, "N", "D")):
        turns = [frame.node for frame in plan.frames if frame.phase == phase]
        assert len(set(turns)) == len(turns)
        for k, frame in enumerate(plan.frames):
            if frame.phase == phase:
                assert frame.nodes[frame.node] == now
                later = [other for other in plan.frames[k + 1 :] if other.phase == phase]
                assert all(other.nodes[frame.node] == done for other in later)
    assert [plan.steps[n] for n in turns] == list(plan.derived.steps)


def test_gradients_arrive_when_their_consumer_is_done_and_are_taken_when_it_is_the_turn():
    plan = Plan(steps(fan_out()))
    for frame in plan.frames:
        for link, state in zip(plan.links, frame.arrows, strict=True):
            if link.backward:
                tail, head = frame.nodes[link.tail], frame.nodes[link.head]
                assert state == ("o" if tail != "D" else "l" if head == "N" else "a")


def test_the_question_asks_for_the_entry_of_largest_magnitude():
    x = Tensor([1.0, -5.0, 2.0], requires_grad=True, name="x")
    found = asked(named(np.sum(x * x), "L"), "x")
    assert found.asked == "∂L/∂x[1]" and found.answer == -10


def test_usual_mistakes_are_recognised_by_the_numbers_that_they_lead_to():
    found = {
        mistake.said.split(":")[0].split(" alone")[0]: mistake.number for mistake in asked(fan_out(), "a").mistakes
    }
    b, c = np.sin(-6.0), -12.0
    answer = 1 + b * 2 + c * np.cos(-6.0)
    assert found["That is what comes back from c"] == pytest.approx(b * 2)
    assert found["The size is right, but the sign is lost."] == pytest.approx(-answer)
    assert found["That is the local derivative"] == pytest.approx(np.cos(-6.0))
    assert b in found.values() and c in found.values()  # what arrived from c and from b, not yet multiplied


def test_a_missing_factor_of_a_mean_of_squares_is_recognised():
    y = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True, name="y")
    found = asked(named(np.mean(y**2), "L"), "y")
    said = {mistake.said: mistake.number for mistake in found.mistakes}
    assert found.answer == pytest.approx(2 / 6 * 6)
    assert said["The factor 2/6 is missing."] == pytest.approx(6.0)
    assert said["The factor 1/6 is missing."] == pytest.approx(12.0)


def test_one_row_of_a_sum_over_a_batch_is_recognised():
    b = Tensor([0.0, 0.0], requires_grad=True, name="b")
    z = named(np.array([[1.0, 2.0], [3.0, 5.0]]) + b, "z")
    found = asked(named(np.sum(z * z), "L"), "b")
    assert found.answer == pytest.approx(14.0)
    assert any(mistake.number == 10.0 and "added up" in mistake.said for mistake in found.mistakes)


@pytest.mark.parametrize("make", [fan_out, network, hostile])
def test_no_mistake_is_the_right_answer(make):
    plan = Plan(steps(make()))
    for value in plan.values:
        if plan.number[value.symbol.name.identifier] in plan.steps:
            found = asked(plan.derived.root.tensor, value.symbol.name.text)
            assert not any(near(mistake.number, found.answer) for mistake in found.mistakes)


def test_a_prediction_counts_as_right_within_one_per_cent():
    assert near(1.009, 1.0) and near(-0.991, -1.0) and near(0.0, 0.0)
    assert not near(1.02, 1.0) and not near(-1.0, 1.0) and not near(0.1, 0.0)
    assert near(float("nan"), float("nan")) and near(float("inf"), float("inf"))
    assert not near(1.0, float("nan")) and not near(float("-inf"), float("inf"))


@pytest.mark.parametrize("make", [fan_out, network, hostile])
def test_the_page_s_numbers_are_the_engine_s(make):
    root = make()
    shown = playback(root)
    data = data_of(shown.html())
    root.backward()
    plan = shown.plan
    assert data["frames"] and len(data["nodes"]) == len(plan.values)
    compared = 0
    for k, question_ in data["questions"].items():
        tensor = plan.values[plan.frames[int(k)].node].tensor
        if tensor.primitive is None:
            at = re.search(r"\[([\d, ]+)\]$", question_["asked"])
            index = tuple(map(int, at[1].split(","))) if at else ()
            answer = question_["answer"]
            assert (
                answer == pytest.approx(tensor.grad.numpy()[index])
                if isinstance(answer, float)
                else answer in ("nan", "inf", "-inf")
            )
            compared += 1
    assert compared


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_hostile_names_and_values_stay_text():
    page = playback(hostile()).html()
    parser = Elements()
    parser.feed(page)
    assert [tag for tag, _ in parser.found].count("script") == 2
    for tag, attributes in parser.found:
        assert tag not in ("img", "a", "iframe", "object", "link", "foreignobject")
        assert not [name for name in attributes if name.startswith("on")]
        assert not (attributes.get("href") or "#").strip().lower().startswith("javascript")
    assert "\x00" not in page and "\u202e" not in page and "\x1b" not in page


def test_the_page_allows_its_own_script_and_styles_and_nothing_else():
    page = playback(fan_out()).html()
    policy = re.search('Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "://" not in policy
    assert "://" not in page.replace("http://www.w3.org/2000/svg", "") and " style=" not in page


def test_the_page_of_the_network_is_small():
    assert len(playback(network()).html().encode()) < 300_000


def test_the_text_tells_each_step_and_who_waits():
    text = playback(fan_out()).text()
    assert "   ∂L/∂a = 1 + ∂L/∂c · x + ∂L/∂b · cos(a) = −9.963" in text.splitlines()
    assert "   waiting: x for a; w for a" in text.splitlines()


def test_a_notebook_gets_static_pictures_and_a_script_that_replaces_them():
    bundle = playback(fan_out())._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    static, _, rest = bundle["text/html"].partition("<script>")
    script, _, text = rest.partition("</script>")
    assert (
        "<details" in static
        and "data:image/svg+xml;base64," in static
        and "<svg" not in static
        and "style>" not in static
    )
    assert "<" not in script and "srcdoc" in script and "<style type" in text and "<script" not in text
    assert playback(fan_out())._repr_mimebundle_(include={"text/plain"}).keys() == {"text/plain"}


def test_a_notebook_is_not_filled_with_pictures_and_says_how_many_steps_share_one(monkeypatch):
    whole = playback(network())._repr_mimebundle_()["text/html"]
    monkeypatch.setattr("autograd.drawing.playback.notebook._MOST", 150_000)
    some = playback(network())._repr_mimebundle_()["text/html"]
    assert "one picture for" not in whole and "one picture for" in some
    shown = whole.count("<img"), some.count("<img")
    assert 2 <= shown[1] < shown[0] and "Every gradient is there" in some


def test_the_page_in_a_notebook_is_packed_and_a_large_graph_s_steps_stand_there_as_text():
    shown = playback(chain(100))
    cell = shown._repr_mimebundle_()["text/html"]
    static, _, script = cell.partition("<script>")
    packed = re.search(r'atob\("([^"]*)"\)', script)[1]
    assert decompress(b64decode(packed)).decode() == shown.html()
    assert len(cell) < 0.3 * len(shown.html())
    assert "<img" not in static and "<summary>The steps as text</summary><pre>1. What is given" in static


def test_the_last_picture_shows_what_it_was_all_done_for():
    root = network()
    stills = Stills(playback(root).plan, bare=True)
    step = {step.gradient.name.text: step for step in stills.plan.results}["∂L/∂W₂"]
    assert len(stills.plan.results) == 4 and len(stills.captions[-1]) == 2  # rows
    marks = [mark for piece in stills.captions[-1] for mark in piece.marks]
    digits = sum(len(cell) for row in value_row("", step.gradient.value).numbers for cell in row)
    assert len(marks) > digits > 20 and max(piece.width for piece in stills.captions[-1]) < 650


def test_an_animated_svg_is_well_formed_and_ends_where_everything_is_there():
    root = ET.fromstring(playback(fan_out()).svg())
    animations = root.findall(".//{*}animate")
    frames = len(playback(fan_out()).plan.frames)
    assert animations and all(len(each.get("values").split(";")) == frames for each in animations)
    ids = {element.get("id") for element in root.iter()}
    assert all(each.get("href")[1:] in ids for each in animations)


def test_a_gif_has_a_frame_for_each_step():
    need_cairo()
    image = pytest.importorskip("PIL.Image")
    w = Tensor(3.0, requires_grad=True, name="w")
    shown = playback(named(w * w, "L"))
    with image.open(io.BytesIO(shown.gif())) as gif:
        assert gif.n_frames == len(shown.plan.frames) and gif.info["loop"] == 0
    with image.open(io.BytesIO(shown.gif("dark"))) as gif:
        assert gif.convert("RGB").getpixel((0, 0)) == (0x14, 0x17, 0x1B)


def test_a_playback_is_saved_by_suffix(tmp_path):
    shown = playback(fan_out())
    for suffix, start in (("html", "<!DOCTYPE html>"), ("svg", "<svg"), ("txt", "1. What is given")):
        assert shown.save(tmp_path / f"p.{suffix}").read_text("utf-8").startswith(start)
    with pytest.raises(ValueError, match=r"'.mp4'.*\.html, \.svg, \.gif, \.txt"):
        shown.save(tmp_path / "p.mp4")
    with pytest.raises(FileNotFoundError):
        shown.save(tmp_path / "nowhere" / "p.html")
    with pytest.raises(ValueError, match=r"theme= is for \.svg and \.gif"):
        shown.save(tmp_path / "dark.html", theme="dark")
    shown.save(tmp_path / "p.svg", theme="dark")
    assert "prefers-color-scheme" in shown.svg() and "prefers-color-scheme" not in (tmp_path / "p.svg").read_text(
        "utf-8"
    )
    assert len(list(tmp_path.iterdir())) == 3


def test_what_cannot_be_played_is_refused():
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    with pytest.raises(TypeError, match=r"ag\.play\(\).*Tensor"):
        ag.play(3.0)
    with pytest.raises(ValueError, match=r"'w'.*\(2,\)"):
        ag.play(w)
    with pytest.raises(RuntimeError, match="requires_grad"):
        ag.play(Tensor(1.0))


def test_variables_of_the_caller_name_what_has_no_name():
    gain = Tensor(2.0, requires_grad=True)
    loss = gain * gain
    assert repr(ag.play(loss)) == "<Playback of loss: 5 steps>" and "∂loss/∂gain" in str(ag.play(loss))


def test_a_hundred_values_still_make_a_page():
    shown = playback(chain(100))
    page = shown.html()
    assert shown.plan.large and page.count("<section") == 2 * 100 + 3 and len(page) < 2_000_000
    assert data_of(page)["frames"][-1]["nodes"] == "D" * 101


def test_hostile_names_are_as_they_are_in_text():
    text = playback(hostile()).text()
    assert HOSTILE[2] in text and "\x1b" not in text and "\u202e" not in text


def test_the_page_s_script_and_style_are_packaged():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"][
        "autograd"
    ]
    packaged = {path for pattern in patterns for path in (ROOT / "autograd").glob(pattern)}
    static = {path for path in (ROOT / "autograd").rglob("*") if path.suffix in (".js", ".css")}
    assert static and static <= packaged


@pytest.mark.parametrize(("shade", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_the_states_colours_can_be_read_on_their_grounds(shade, palette):
    def light(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in channels]
        return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for colour in COLOURS[shade].values():
        for ground in (palette["paper"], palette["page"]):
            low, high = sorted((light(colour), light(ground)))
            assert (high + 0.05) / (low + 0.05) >= 4.5


def test_long_formulas_of_the_panel_stand_on_lines():
    w, h = Tensor(0.7, requires_grad=True, name="w"), Tensor(0.5, requires_grad=True, name="x")
    for _ in range(25):
        h = np.sin(h * w)
    shown = playback(named(h * h, "L"))
    page = shown.html()
    widths = [float(width) for width in re.findall(r'class="formula" role="img"[^>]* width="([\d.]+)"', page)]
    assert len(widths) > 100 and max(widths) < 720
    assert "7 parts, added up" in page and "∂L/∂w = 7 parts, added up = 2.952e−07" in shown.text()
    assert max(Stills(shown.plan).below) < 400  # no frame of an animation is a page long
