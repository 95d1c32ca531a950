"""The picture in a real browser: nothing overflows, nothing is fetched, nothing complains, all can be read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.drawing.picture import Picture
from tests.browser import Browser
from tests.drawing.scenes import HOSTILE, everything, hostile, network

pytestmark = pytest.mark.browser

OVERFLOWS = """
const outside = [];
for (const group of document.querySelectorAll("svg g")) {
  const rects = [...group.querySelectorAll(":scope > rect")];
  const paper = rects.filter(rect => (rect.getAttribute("class") || "").endsWith("-paper")).pop() || rects[0];
  if (!paper || !group.querySelector(":scope > title")) continue;
  const box = paper.getBoundingClientRect();
  for (const mark of group.querySelectorAll("use, text")) {
    const area = mark.getBoundingClientRect();
    if (area.left < box.left || area.right > box.right || area.top < box.top || area.bottom > box.bottom)
      outside.push([group.querySelector("title").textContent, area.left - box.left, box.right - area.right]);
  }
}
return outside;
"""
"""The titles of boxes, labels and frames that something written leaves, and by how much."""

BOXES = """return document.querySelectorAll('svg g[id*="-box"]').length"""

CONTRASTS = """
const canvas = document.createElement("canvas").getContext("2d");
const channels = colour => {
  canvas.fillStyle = colour;
  return canvas.fillStyle.match(/[0-9a-f]{2}/g).map(x => parseInt(x, 16));
};
const linear = x => x / 255 <= 0.04045 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const contrast = (one, other) => { const [low, high] = [light(one), light(other)].sort((p, q) => p - q);
  return (high + 0.05) / (low + 0.05); };
const fill = element => channels(getComputedStyle(element).fill);
const page = fill(document.querySelector('svg > rect'));
const found = [];
for (const written of document.querySelectorAll("svg use, svg text")) {
  let ground = page;
  const box = written.closest('g[id*="-box"]');
  if (box) {
    ground = fill(box.querySelector(':scope > [class$="-paper"]'));
    const tint = box.querySelector(':scope > [class$="-tint"]');
    const opacity = parseFloat(getComputedStyle(tint).fillOpacity);
    const above = tint.getBoundingClientRect(), area = written.getBoundingClientRect();
    if (area.top < above.bottom) ground = fill(tint).map((x, i) => x * opacity + ground[i] * (1 - opacity));
  }
  found.push(contrast(fill(written), ground));
}
return [found.length, Math.min(...found)];
"""
"""How many characters stand in the picture, and the least contrast of one to its ground."""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("scene", [network(), hostile(), everything()], ids=["network", "hostile", "everything"])
def test_a_page_opened_from_disk_is_whole_and_quiet(browser: Browser, scene, dark):
    browser.show(Picture(scene).html(), dark=dark)
    assert browser.run(BOXES) == len(scene.boxes)
    assert browser.run(OVERFLOWS) == []
    assert browser.problems() == []


def test_all_that_is_written_can_be_read_light_and_dark(browser: Browser):
    document = Picture(everything()).html()
    grounds = set()
    for dark in (False, True):
        browser.show(document, dark=dark)
        count, least = browser.run(CONTRASTS)
        assert count > 100 and least >= 4.5
        grounds.add(browser.run("return getComputedStyle(document.querySelector('svg > rect')).fill"))
    assert len(grounds) == 2


def folded() -> Picture:
    value = Tensor(0.5, requires_grad=True, name="v0")
    for i in range(1, 90):
        value = np.sin(value)
        value.name = f"v{i}"
    return ag.draw(value, open="v40")


def opened() -> Picture:
    W = Tensor([[0.5, -2.5e-7], [0.75, 1e9]], requires_grad=True, name="W")
    z = np.tanh(np.array([[1.0, 2.0]]) @ W)
    z.name = "z"
    return ag.draw(np.sum(z * z), scalars=True)


def paths() -> Picture:
    W = Tensor([[0.5, -0.25], [0.75, 1.0]], requires_grad=True, name="W")
    z = np.tanh(np.array([[1.0, 2.0]]) @ W) @ W
    z.name = "z"
    return ag.paths(np.sum(z * z), W, (0, 1)).picture()


def of_a_gradient() -> Picture:
    v = Tensor(0.3, requires_grad=True, name="v")
    return ag.draw(ag.grad(ag.grad(lambda x: np.tanh(x) ** 2))(v))


def not_finite() -> Picture:
    a = Tensor([1.0, -1.0, 0.0, np.inf], requires_grad=True, name="a")
    big = Tensor(np.where(np.arange(300) % 7 == 0, np.nan, 1.0), requires_grad=True, name="big")
    with np.errstate(all="ignore"):
        return ag.draw(np.sum(np.log(a) * a) + np.sum(big * big))


def of_hostile_names() -> Picture:
    names = [name for name in HOSTILE if name.strip()][:12]
    tensors = [Tensor(float(i + 1), requires_grad=True, name=name) for i, name in enumerate(names)]
    return ag.draw(sum(a * b for a, b in pairwise(tensors)), backward=True)


@pytest.mark.parametrize(
    "make", [folded, opened, paths, of_a_gradient, not_finite, of_hostile_names], ids=lambda make: make.__name__
)
def test_pictures_of_graphs_are_whole_and_quiet(browser: Browser, make):
    picture = make()
    browser.show(picture.html())
    assert browser.run(BOXES) == len(picture.scene.boxes)
    assert browser.run(OVERFLOWS) == []
    assert browser.problems() == []


def test_the_svg_opens_by_itself(browser: Browser):
    browser.show(Picture(everything()).svg())
    assert browser.run(BOXES) == len(everything().boxes)
    assert browser.run(OVERFLOWS) == []
    assert browser.problems() == []


def test_the_browser_reports_what_a_page_logs_and_asks_for(browser: Browser):
    browser.show("<!DOCTYPE html><img src='https://example.invalid/x.png'><script>console.error('no')</script>")
    said = " ".join(browser.problems())
    assert "example.invalid" in said and "no" in said


def test_text_that_leaves_its_box_is_found(browser: Browser):
    box = '<g><title>t</title><rect width="9" height="9"/><text>W</text></g>'
    browser.show(f'<svg xmlns="http://www.w3.org/2000/svg">{box}</svg>')
    assert browser.run(OVERFLOWS) != []
