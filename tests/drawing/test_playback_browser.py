"""The playback in a real browser, from disk: each control by keyboard and mouse, states and numbers read back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from autograd import Tensor, derive, draw
from autograd.derivation.numbers import array_text
from autograd.drawing.playback import Playback
from autograd.drawing.playback.plan import STATES
from tests.browser import CONTRAST, VS_CODE_S_THEMES, Browser, text_in_a_notebook
from tests.drawing.playbacks import chain, fan_out, hostile, named, network, playback
from tests.drawing.test_playback_folded import deep

pytestmark = pytest.mark.browser

STATE = """
const picture = document.querySelector("#stage svg"), prefix = arguments[0];
const visible = element => getComputedStyle(element).visibility === "visible";
return [...Array(arguments[1]).keys()].map(n => {
  const box = document.getElementById(`${prefix}-box${n}`);
  const signs = [...box.querySelectorAll(`.${prefix}-pill`)].filter(visible);
  const pills = signs.map(sign => sign.getAttribute("href").split("-").pop());
  const parts = ["value", "gradient"].filter(part => {
    const shown = [...box.querySelectorAll(`.${prefix}-part-${part}`)];
    return shown.length && shown.every(visible);
  });
  return { pills, parts, label: box.getAttribute("aria-label") };
});
"""
"""Of each box: the signs to be seen on it, the numbers to be seen in it, what a screen reader says."""

OUTSIDE = """
const outside = [];
const written = "h1, h2, .why, #said, button, select, #where, label, .states li, .notes li, .formula";
for (const element of document.querySelectorAll(written)) {
  const scrolled = element.matches(".formula") && element.closest(".equation, .line, .given li, .results div");
  const area = (scrolled || element).getBoundingClientRect();
  if (!area.width || element.closest("[hidden]")) continue;
  const box = element.closest("#panel, header, footer, #stage").getBoundingClientRect();
  if (area.left < box.left - 0.5 || area.right > box.right + 0.5) outside.push(element.outerHTML.slice(0, 120));
}
for (const box of document.querySelectorAll("#stage [role=button]")) {
  const paper = [...box.querySelectorAll(':scope > [class$="-paper"]')].pop().getBoundingClientRect();  // of a stack
  for (const mark of box.querySelectorAll(":scope > g use")) {
    const area = mark.getBoundingClientRect();
    if (area.left < paper.left || area.right > paper.right || area.top < paper.top || area.bottom > paper.bottom)
      outside.push(box.getAttribute("aria-label"));
  }
}
const whole = document.documentElement;
if (whole.scrollWidth > innerWidth || whole.scrollHeight > innerHeight) outside.push("page");
return outside;
"""

LEAST_CONTRAST = (
    CONTRAST
    + """
const ground = element => {
  for (; element; element = element.parentElement) {
    const colour = getComputedStyle(element).backgroundColor;
    if (colour !== "rgba(0, 0, 0, 0)") return channels(colour);
  }
};
let least = [99, ""];
const written = "h1, h2, .why, #said, button:not(:disabled), select, #where, label, .states li, .notes li, "
  + ".equation th, .formula, #verdict, kbd, .keys";
for (const element of document.querySelectorAll(written)) {
  if (!element.getBoundingClientRect().width || getComputedStyle(element).visibility === "hidden") continue;
  const found = contrast(channels(getComputedStyle(element).color), ground(element));
  if (found < least[0]) least = [found, element.outerHTML.slice(0, 100)];
}
return least;
"""
)


PICTURE = (
    CONTRAST
    + """
const over = (colour, opacity, ground) => channels(colour).map((x, i) => x * opacity + ground[i] * (1 - opacity));
const picture = document.querySelector("#stage svg"), seen = e => getComputedStyle(e).visibility === "visible";
const page = channels(getComputedStyle(picture.querySelector(":scope > rect")).fill);
const paper = channels(getComputedStyle(picture.querySelector('[class$="-paper"]')).fill);
let letters = 99, lines = 99, count = 0;
for (const letter of picture.querySelectorAll("use, text")) {
  const box = letter.closest('g[id*="-box"]'), sign = letter.getAttribute("class")?.includes("-pill");
  if (!seen(letter) || sign || letter.closest("defs")) continue;
  let ground = box || letter.closest('g[id*="-label"]') ? paper : page;
  const tint = box?.querySelector(':scope > [class$="-tint"]');
  if (tint && letter.getBoundingClientRect().top < tint.getBoundingClientRect().bottom) {
    const style = getComputedStyle(tint);
    ground = over(style.fill, parseFloat(style.fillOpacity), paper);
  }
  letters = Math.min(letters, contrast(channels(getComputedStyle(letter).fill), ground));
  count += 1;
}
for (const line of picture.querySelectorAll('[class$="-shaft"], [class$="-backshaft"], [class$="-edge"]')) {
  if (!seen(line)) continue;
  const style = getComputedStyle(line);
  lines = Math.min(lines, contrast(over(style.stroke, parseFloat(style.strokeOpacity), page), page));
}
return [letters, lines, count];
"""
)
"""The least contrast of a letter, and of a line, in the picture as it stands; and of how many letters."""


class Page:
    """A playback opened from disk, and what drives it."""

    def __init__(self, browser: Browser, result, *, dark=False, size=(1280, 943), inside=None):
        self.browser, self.driver = browser, browser.driver
        self.shown = result if isinstance(result, Playback) else playback(result)
        self.plan = self.shown.plan
        browser.show(self.shown.html(), dark=dark, size=size, inside=inside)
        self.data = json.loads(browser.run('return document.getElementById("data").textContent'))

    @property
    def at(self) -> int:
        return int(self.browser.run("return document.getElementById('slider').value"))

    def key(self, *keys):
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def click(self, name):
        self.driver.find_element("id", name).click()

    def text(self, name):
        return self.browser.run("return document.getElementById(arguments[0]).textContent", name)

    def go(self, k):
        script = (
            "const s = document.getElementById('slider'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))"
        )
        self.browser.run(script, k)
        assert self.at == k

    def number(self, name):
        return next(n for n, value in enumerate(self.plan.values) if value.symbol.name.text == name)

    def turn(self, name):
        return next(
            k
            for k, frame in enumerate(self.plan.frames)
            if frame.phase == "backward" and frame.node == self.number(name)
        )

    def box(self, name):
        return self.driver.find_element("id", f"{self.data['prefix']}-box{self.number(name)}")

    def states(self):
        return self.browser.run(STATE, self.data["prefix"], len(self.plan.items))

    def formulas(self):
        """What is said of the formulas to be seen, in order."""
        return self.browser.run(
            "return [...document.querySelectorAll('#panel .formula')].filter(f => f.checkVisibility())"
            ".map(f => f.getAttribute('aria-label'))"
        )


@pytest.mark.parametrize("make", [fan_out, network])
def test_every_frame_shows_the_engine_s_states_and_numbers(browser, make):
    page = Page(browser, make())
    for k, frame in enumerate(page.plan.frames):
        if k:
            page.key("\ue014")  # →
        assert page.at == k
        for n, (letter, seen) in enumerate(zip(frame.nodes, page.states(), strict=True)):
            assert seen["pills"] == ([STATES[letter]] if STATES[letter] else [])
            parts = [] if letter in "wr" else ["value"]
            assert seen["parts"] == parts + (["gradient"] if letter in "ND" else [])
            assert STATES[letter] in seen["label"] and page.plan.values[n].symbol.name.text in seen["label"]
        if frame.phase == "backward":
            step = page.plan.steps[frame.node]
            assert page.formulas()[-1] == array_text(step.gradient.value)
    assert browser.run(OUTSIDE) == []
    assert browser.problems() == []


def test_keys_and_buttons_do_the_same(browser):
    page = Page(browser, fan_out())
    last = len(page.plan.frames) - 1
    for key, button, found in (
        ("\ue010", "last", last),  # End
        ("\ue012", "back", last - 1),  # ←
        ("\ue011", "first", 0),  # Home
        ("\ue014", "next", 1),  # →
    ):
        before = page.at
        page.key(key)
        assert page.at == found
        page.go(before)
        page.click(button)
        assert page.at == found
    page.key("\ue004", "\ue014")  # the key works wherever the focus is
    assert page.at == 2


def test_the_slider_moves_by_mouse_and_by_keys(browser):
    page = Page(browser, fan_out())
    slider = page.driver.find_element("id", "slider")
    slider.click()  # in its middle
    middle = page.at
    assert 3 <= middle <= len(page.plan.frames) - 4
    page.key("\ue014")
    assert page.at == middle + 1
    where = f"{middle + 2} of {len(page.plan.frames)}"
    assert page.text("where") == where
    spoken = f"{where}: {page.plan.title(page.plan.frames[middle + 1])}"
    assert slider.get_attribute("aria-valuetext") == spoken and page.text("step") == f"{spoken}."


@pytest.mark.parametrize("start", ["key", "mouse"])
def test_play_goes_on_by_itself_at_the_chosen_speed_until_it_is_paused_or_at_the_end(browser, start):
    from selenium.webdriver.support.ui import Select, WebDriverWait

    page = Page(browser, fan_out())
    Select(page.driver.find_element("id", "speed")).select_by_value("400")
    browser.run("document.activeElement.blur()")
    page.key(" ") if start == "key" else page.click("play")
    assert page.text("play") == "❚❚ Pause"
    WebDriverWait(page.driver, 10, 0.05).until(lambda _: page.at >= 2)
    page.key(" ") if start == "key" else page.click("play")
    assert page.text("play") == "▶ Play"
    page.go(len(page.plan.frames) - 2)
    browser.run("document.getElementById('play').click()")
    WebDriverWait(page.driver, 10, 0.05).until(lambda _: page.text("play") == "▶ Play")
    assert page.at == len(page.plan.frames) - 1


def test_a_click_on_a_value_tells_why_it_waits(browser):
    page = Page(browser, fan_out())
    page.go(page.turn("c"))
    page.box("x").click()
    assert page.text("why") == "x waits: the gradients of c and a are still missing."
    page.click("close")
    assert not page.driver.find_element("id", "node").is_displayed()
    page.box("L").click()
    assert page.text("why") == "L is done: its gradient is there."
    page.click("goto")
    assert page.at == page.turn("L") and not page.driver.find_element("id", "node").is_displayed()


def test_a_value_is_reached_and_chosen_by_keyboard(browser):
    page = Page(browser, fan_out())
    page.go(page.turn("b"))
    browser.run("document.body.focus()")
    for _ in range(len(page.plan.values)):
        page.key("\ue004")  # Tab
        if browser.run("return document.activeElement.getAttribute('aria-label')").startswith("a,"):
            break
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.key("\ue007")  # Enter
    assert (
        page.text("why") == "a waits: the gradient of b is still missing."
        or "a waits" in page.text("why")
        or "turn" in page.text("why")
    )
    page.key("\ue00c")  # Escape
    assert not page.driver.find_element("id", "node").is_displayed()
    page.key(" ")  # on a value: chosen, and nothing is played
    assert page.driver.find_element("id", "node").is_displayed() and page.text("play") == "▶ Play"


def test_the_panel_shows_three_depths(browser):
    page = Page(browser, fan_out())
    page.go(page.turn("w"))
    rule, numbers = "∂L/∂a · x", array_text(page.plan.steps[page.number("w")].gradient.value)
    page.go(page.turn("a"))
    seen = {}
    for level in "123":
        page.key(level)
        seen[level] = page.formulas()
        page.key("1")
        page.driver.find_element("css selector", f'[data-level="{level}"]').click()
        assert page.formulas() == seen[level]
    assert set(seen["1"]) < set(seen["2"]) < set(seen["3"])
    assert "sin′(a)" not in seen["1"] and "cos(a)" in seen["2"] and "−11.52" in seen["3"]
    page.go(page.turn("w"))
    assert rule in page.formulas() and numbers in page.formulas()


def test_a_right_prediction_is_told_from_a_wrong_one_and_why(browser):
    page = Page(browser, fan_out())
    page.key("p")
    page.go(page.turn("a"))
    answer = page.data["questions"][str(page.at)]["answer"]
    assert page.states()[page.number("a")]["parts"] == ["value"]  # not told before
    assert array_text(answer) not in page.formulas()
    field = page.driver.find_element("id", "answer")
    assert page.driver.switch_to.active_element == field
    for typed, said in (
        (str(-answer), "sign is lost"),
        ("0.5588309963978517", "comes back from c alone"),
        ("0.960170", "local derivative alone"),
        ("12,5", "multiply it by the local derivative"),
        ("alert(1)", "That is no number"),
    ):
        field.clear()
        field.send_keys(typed, "\ue007")
        assert said in page.text("verdict"), typed
        assert "wrong" in page.driver.find_element("id", "verdict").get_attribute("class")
    field.clear()
    field.send_keys("\u22129.96")
    page.click("check")
    assert page.text("verdict").startswith("Right: ∂L/∂a = −9.963")
    assert page.states()[page.number("a")]["parts"] == ["value", "gradient"]
    assert array_text(answer) in page.formulas()
    assert page.text("score") == "1 of 5 right"
    assert browser.problems() == []


def test_of_very_small_numbers_a_mistake_is_told_only_where_it_is_that_mistake(browser):
    w = Tensor(1.0, requires_grad=True, name="w")
    page = Page(browser, named(named(w * 1e-200, "a") * 1e-100, "L"))
    page.key("p")
    page.go(page.turn("w"))
    field = page.driver.find_element("id", "answer")
    for typed, said in (("-1e-300", "sign is lost"), ("5e-300", "Look at what arrives"), ("1e-300", "Right")):
        field.clear()
        field.send_keys(typed, "\ue007")
        assert said in page.text("verdict"), typed


def test_at_the_start_is_seen_what_comes_first(browser):
    from selenium.webdriver.support.ui import WebDriverWait

    page = Page(browser, chain(30), size=(1000, 700))
    inside = """
const box = document.getElementById(arguments[0]).getBoundingClientRect();
const stage = document.getElementById("stage").getBoundingClientRect();
return box.top >= stage.top && box.bottom <= stage.bottom && box.left >= stage.left && box.right <= stage.right
"""
    first = f"{page.data['prefix']}-box{page.number('s₀')}"
    browser.run("const s = document.getElementById('stage'); s.scrollTo({left: 1e6, top: 1e6, behavior: 'instant'})")
    assert not browser.run(inside, first)
    page.key("\ue011")  # Home
    WebDriverWait(page.driver, 10, 0.05).until(lambda d: d.execute_script(inside, first))


def test_hints_come_one_after_the_other_and_reveal_shows_the_rest(browser):
    page = Page(browser, fan_out())
    page.click("predict")
    page.go(page.turn("a"))
    assert page.formulas() == []
    page.click("hint")
    assert "∂L/∂b · sin′(a)" in page.formulas() and "cos(a)" not in page.formulas()
    page.click("hint")
    assert "cos(a)" in page.formulas() and "−9.963" not in page.formulas()
    page.click("reveal")
    assert "−9.963" in page.formulas() and "−9.963" in page.text("verdict")


def test_play_stops_at_a_question(browser):
    from selenium.webdriver.support.ui import WebDriverWait

    page = Page(browser, fan_out())
    page.key("p")
    page.go(page.turn("L"))
    browser.run("document.getElementById('speed').value = '400'; document.getElementById('play').click()")
    WebDriverWait(page.driver, 10, 0.05).until(lambda _: page.at == page.turn("L") + 1)
    assert page.text("play") == "▶ Play"


def test_numbers_that_are_not_finite_can_be_predicted(browser):
    page = Page(browser, hostile())
    page.key("p")
    for k, question in page.data["questions"].items():
        if isinstance(question["answer"], str):
            page.go(int(k))
            field = page.driver.find_element("id", "answer")
            field.clear()
            field.send_keys(question["answer"], "\ue007")
            assert page.text("verdict").startswith("Right")
    assert browser.problems() == []


def test_hostile_names_are_shown_and_do_nothing(browser):
    page = Page(browser, hostile())
    title = browser.run("return document.title")
    for k in range(len(page.plan.frames)):
        page.go(k)
        page.box(page.plan.values[0].symbol.name.text).click()
    assert browser.run("return document.title") == title and "broken" not in title
    assert browser.run("return document.querySelectorAll('script').length") == 2
    assert browser.problems() == []


@pytest.mark.parametrize("make", [fan_out, network, hostile])
@pytest.mark.parametrize("size", [(1280, 800), (1920, 1223)])
def test_nothing_leaves_its_box(browser, make, size):
    page = Page(browser, make(), size=size)
    for k in range(len(page.plan.frames)):
        page.go(k)
        assert browser.run(OUTSIDE) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_that_is_written_can_be_read(browser, dark):
    page = Page(browser, network(), dark=dark)
    for k in (0, 3, page.turn("z₁"), len(page.plan.frames) - 1):
        page.go(k)
        least, where = browser.run(LEAST_CONTRAST)
        assert least >= 4.5, where
    page.key("p")
    page.go(page.turn("z₂"))
    page.driver.find_element("id", "answer").send_keys("7", "\ue007")
    least, where = browser.run(LEAST_CONTRAST)
    assert least >= 4.5, where


def test_the_picture_is_shown_whole_or_in_full_size(browser):
    page = Page(browser, network())
    width = "return document.querySelector('#stage svg').getBoundingClientRect().width"
    whole = browser.run(width)
    page.key("f")
    assert browser.run(width) > whole
    page.click("fit")
    assert browser.run(width) == pytest.approx(whole)


def test_without_scripts_all_steps_can_be_read(browser):
    shown = playback(fan_out())
    page = shown.html()
    start = page.rindex("<script>")
    browser.show(page[:start] + page[page.rindex("</script>") :])
    seen = browser.run("return [...document.querySelectorAll('section')].filter(s => s.checkVisibility()).length")
    assert seen == len(shown.plan.frames)


def test_the_animated_svg_shows_the_same_states(browser):
    shown = playback(fan_out())
    browser.show(shown.svg())
    data = json.loads(shown.html().split('id="data">')[1].split("</script>")[0])
    for k, frame in enumerate(shown.plan.frames):
        browser.run(
            f"document.documentElement.pauseAnimations(); document.documentElement.setCurrentTime({2.5 * k + 1})"
        )
        states = browser.run(STATE, data["prefix"], len(shown.plan.values))
        assert [each["pills"] for each in states] == [[STATES[x]] if STATES[x] else [] for x in frame.nodes]
        assert [("gradient" in each["parts"]) for each in states] == [x in "ND" for x in frame.nodes]
    assert browser.problems() == []


def test_a_trusted_notebook_s_cell_becomes_the_page_an_untrusted_one_keeps_the_pictures(browser):
    from selenium.webdriver.support.ui import WebDriverWait

    html = playback(fan_out())._repr_mimebundle_()["text/html"]
    browser.show(f"<!DOCTYPE html><body>{html}{html}")  # shown twice, as by two cells
    frames = "return document.querySelectorAll('iframe').length"
    WebDriverWait(browser.driver, 10, 0.05).until(lambda d: d.execute_script(frames) == 2)
    browser.driver.switch_to.frame(0)
    try:
        WebDriverWait(browser.driver, 10, 0.05).until(
            lambda d: d.execute_script("return document.documentElement.className") == "js"
        )
        browser.driver.find_element("id", "predict").click()
        while not (field := browser.driver.find_element("id", "answer")).is_displayed():
            browser.driver.find_element("id", "next").click()
        for hand_in in (lambda: field.send_keys("\ue007"), browser.driver.find_element("id", "check").click):
            field.send_keys("x")
            hand_in()
            assert "no number" in browser.driver.find_element("id", "verdict").text
            browser.run("document.getElementById('verdict').textContent = ''")
    finally:
        browser.driver.switch_to.default_content()
    assert browser.problems() == []
    browser.show(f"<!DOCTYPE html><body>{html.partition('<script>')[0]}")
    widths = "return [...document.images].filter(i => i.checkVisibility()).map(i => i.naturalWidth)"
    assert browser.run("return document.images.length") > 5 and all(browser.run(widths))


@pytest.mark.parametrize("kind", VS_CODE_S_THEMES)
def test_in_vs_code_pages_and_pictures_take_the_theme_that_it_names(browser, kind):
    from selenium.webdriver.support.ui import WebDriverWait

    for shown, tag in ((playback(fan_out()), "iframe"), (derive(fan_out()), "img"), (draw(fan_out()), "img")):
        browser.show(f'<!DOCTYPE html><body data-vscode-theme-kind="{kind}">{shown._repr_mimebundle_()["text/html"]}')
        found = WebDriverWait(browser.driver, 10, 0.05).until(lambda d, tag=tag: d.find_elements("tag name", tag))[0]
        assert browser.run("return getComputedStyle(arguments[0]).colorScheme", found) == VS_CODE_S_THEMES[kind]


@pytest.mark.parametrize("make", [fan_out, hostile])
def test_where_a_notebook_s_markup_is_escaped_the_steps_are_there_as_text_and_no_markup(browser, make):
    shown = playback(make())
    bundle = shown._repr_mimebundle_()
    seen = text_in_a_notebook(browser, bundle, sanitize_html=True)
    assert [line.strip() for line in seen.splitlines() if line.strip()] == [
        line.strip() for line in shown.text().splitlines() if line.strip()
    ]


def test_where_it_is_not_the_text_is_not_shown_twice(browser):
    bundle = playback(fan_out())._repr_mimebundle_()
    bundle["text/html"] = bundle["text/html"].replace("<script>", "<script type='none'>")
    seen = text_in_a_notebook(browser, bundle)
    assert "1. What is given" not in seen and "step by step" in seen
    assert browser.run("return [...document.images].filter(i => i.checkVisibility()).length") == 2


SCREENS = {"projector": (1280, 720), "half a screen": (800, 900), "phone": (390, 844)}


SCROLLED = """
const whole = e => e.scrollWidth <= e.clientWidth + 1 && e.getBoundingClientRect().width >= e.clientWidth - 1;
const shown = [...document.querySelectorAll(".equation, .line, .given li, .results div")];
return shown.filter(e => e.checkVisibility() && !whole(e)).map(e => e.textContent + e.innerHTML.slice(0, 200));
"""


@pytest.mark.parametrize(("make", "screen"), [(network, "projector"), (network, "half a screen"), (fan_out, "phone")])
def test_the_formulas_of_a_small_graph_are_read_without_scrolling_them(browser, make, screen):
    page = Page(browser, make(), inside=SCREENS[screen])
    for k in range(len(page.plan.frames)):
        page.go(k)
        assert browser.run(SCROLLED) == []


@pytest.mark.parametrize("make", [fan_out, network, hostile, deep, lambda: chain(7)])
@pytest.mark.parametrize("screen", SCREENS)
def test_it_fits_a_projector_half_a_screen_and_a_phone(browser, make, screen):
    page = Page(browser, make(), inside=SCREENS[screen])
    for k in range(len(page.plan.frames)):
        page.go(k)
        assert browser.run(OUTSIDE) == []
    shown = browser.run(
        "return [...document.querySelectorAll('footer button, footer select, footer input')]"
        ".map(e => e.getBoundingClientRect()).every(a => a.width >= 24 && a.height >= 24 && a.bottom <= innerHeight)"
    )
    assert shown
    stage = browser.run(
        "const a = document.getElementById('stage').getBoundingClientRect(); return [a.width, a.height]"
    )
    assert stage[0] > 0.5 * SCREENS[screen][0] and stage[1] > 0.25 * SCREENS[screen][1]


def test_a_folded_page_shows_the_plan_s_states_and_what_crosses_a_border(browser):
    page = Page(browser, deep())
    part = next(k for k, item in enumerate(page.plan.items) if item.part is not None)
    for k, frame in enumerate(page.plan.frames):
        if k:
            page.key("\ue014")
        for n, (letter, seen) in enumerate(zip(frame.nodes, page.states(), strict=True)):
            assert seen["pills"] == ([STATES[letter]] if STATES[letter] else [])
            assert page.plan.items[n].name in seen["label"]
            if n == part:
                assert ("gradient" in seen["parts"]) == (letter in "ND") and ("value" in seen["parts"]) == (
                    letter not in "wr"
                )
        if frame.node == part:
            said = page.formulas()
            crossing = (
                [value.symbol.value for value in (*page.plan.arriving(part), *page.plan.leaving(part))]
                if frame.phase == "forward"
                else [each.value for _, each in (*page.plan.handed_in(part), *page.plan.handed_on(part))]
            )
            assert crossing and all(array_text(value) in said for value in crossing)
    page.driver.find_element("id", f"{page.data['prefix']}-box{part}").click()
    assert page.text("why") == "Block × 12 is done: its gradient is there."
    page.click("goto")
    assert page.plan.frames[page.at].node == part
    assert browser.problems() == []


def test_of_a_folded_part_is_asked_what_comes_of_the_numbers_that_stand_there(browser):
    page = Page(browser, deep())
    part = next(k for k, item in enumerate(page.plan.items) if item.part is not None)
    turn = next(k for k, frame in enumerate(page.plan.frames) if frame.phase == "backward" and frame.node == part)
    page.go(turn)
    seen = page.formulas()
    page.key("1", "p")
    assert page.text("question").startswith("Predict the sum of what goes to v₁[")
    assert page.formulas() == seen  # at any depth
    field = page.driver.find_element("id", "answer")
    page.click("hint")
    assert page.text("verdict").startswith("Add up what goes to v₁, entry [")
    question = page.data["questions"][str(turn)]
    for number, said in (
        (question["mistakes"][0]["number"], "That is one of the 2 that go to v₁"),
        (1000.0, "is not it. Add up what goes to v₁"),
        (question["answer"], "Right: the sum of what goes to v₁"),
    ):
        field.clear()
        field.send_keys(str(number), "\ue007")
        assert said in page.text("verdict")
    page.key("p", "p")
    assert not page.driver.find_element("id", "answer").is_displayed() and browser.problems() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("make", [network, deep])
def test_what_stands_in_the_picture_can_be_read_in_every_state(browser, make, dark):
    page = Page(browser, make(), dark=dark)
    for k in range(len(page.plan.frames)):
        page.go(k)
        letters, lines, count = browser.run(PICTURE)
        assert letters >= 4.5 and lines >= 3 and count > 50
        least, where = browser.run(LEAST_CONTRAST)
        assert least >= 4.5, where


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_focus_is_seen_on_everything_that_takes_it(browser, dark):
    page = Page(browser, fan_out(), dark=dark)
    page.go(1)
    page.key("p")
    page.go(page.turn("a"))
    browser.run("const top = document.querySelector('h1'); top.tabIndex = -1; top.focus()")
    seen = set()
    for _ in range(60):
        page.key("\ue004")  # Tab
        name, style, width = browser.run(
            "const e = document.activeElement, s = getComputedStyle(e); return [e.id || e.dataset?.level || e.tagName,"
            " s.outlineStyle, parseFloat(s.outlineWidth)]"
        )
        if name in seen or name == "BODY":
            break
        seen.add(name)
        assert style == "solid" and width >= 2, name
    boxes = {f"{page.data['prefix']}-box{n}" for n in range(len(page.plan.values))}
    controls = {"first", "back", "play", "next", "last", "slider", "speed", "1", "2", "3", "predict", "fit"}
    assert seen >= boxes | controls | {"answer", "check", "hint", "reveal"}


def test_nothing_moves_by_itself_for_those_who_ask_for_that(browser):
    page = Page(browser, fan_out())
    page.go(page.turn("a"))
    moving = "return document.getAnimations().length"
    assert browser.run(moving) > 0
    browser.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    )
    page.go(page.turn("c"))
    assert browser.run(moving) == 0


def tall():
    """So many values side by side that the picture is higher than wide."""
    x = Tensor(2.0, requires_grad=True, name="x")
    return sum(named(np.sin(x * i), f"s{i}") for i in range(12))


@pytest.mark.parametrize("make", [fan_out, tall])
def test_on_paper_all_steps_stand_below_the_finished_picture(browser, make):
    page = Page(browser, make())
    assert page.browser.run("return document.body.className") == ("tall" if make is tall else "wide")
    page.go(3)
    browser.run("dispatchEvent(new Event('beforeprint'))")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert all("gradient" in each["parts"] for each in page.states())
        seen = browser.run("return [...document.querySelectorAll('section')].filter(s => s.checkVisibility()).length")
        assert seen == len(page.plan.frames)
        assert not page.driver.find_element("tag name", "footer").is_displayed()
        whole = "const wide = e => e.getBoundingClientRect().width; return wide(arguments[0]) / wide(document.body)"
        for part in ("stage", "panel"):
            found = page.driver.find_element("id", part)
            assert browser.run(whole, found) == 1
            assert browser.run("return getComputedStyle(arguments[0]).overflow", found) == "visible"
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert page.at == 3


@pytest.mark.parametrize("typed", ["3 m", "", "--1", "1/2/3", "0x10", "∂L/∂a", "NaN", "-inf", "1e999", "1/0"])
def test_what_is_no_answer_is_wrong_and_never_taken_as_right(browser, typed):
    page = Page(browser, fan_out())
    page.key("p")
    page.go(page.turn("a"))
    field = page.driver.find_element("id", "answer")
    field.send_keys(typed, "\ue007")
    assert "wrong" in page.driver.find_element("id", "verdict").get_attribute("class")
    assert page.formulas() == [] and browser.problems() == []


@pytest.mark.parametrize("form", ["{:.6g}", "{:.3e}", "+{}", " {:.4f} "])
def test_a_right_number_is_right_however_it_is_written(browser, form):
    page = Page(browser, fan_out())
    page.key("p")
    page.go(page.turn("w"))
    answer = page.data["questions"][str(page.at)]["answer"]
    typed = form.format(answer)
    page.driver.find_element("id", "answer").send_keys(typed.replace("+-", "-"), "\ue007")
    assert page.text("verdict").startswith("Right")
