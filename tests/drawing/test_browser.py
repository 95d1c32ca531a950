"""The picture in a real browser: nothing overflows, nothing is fetched, nothing complains, all can be read."""

from __future__ import annotations

import pytest

from autograd.drawing.picture import Picture
from tests.browser import Browser
from tests.drawing.scenes import hostile, network

pytestmark = pytest.mark.browser

OVERFLOWS = """
const outside = [];
for (const group of document.querySelectorAll("svg g")) {
  const paper = group.querySelector(":scope > rect");
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
BOXES = 'return document.querySelectorAll("svg g > title + rect").length'


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("scene", [network(), hostile()], ids=["network", "hostile"])
def test_a_page_opened_from_disk_is_whole_and_quiet(browser: Browser, scene, dark):
    browser.show(Picture(scene).html(), dark=dark)
    assert browser.run(BOXES) == len(scene.boxes)
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
