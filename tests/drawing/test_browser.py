"""The picture in a real browser: nothing overflows, nothing is fetched, nothing complains, all can be read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.drawing.network import Network
from autograd.drawing.picture import Picture
from tests.browser import CONTRAST, Browser, text_in_a_notebook
from tests.drawing.scenes import HOSTILE, everything, hostile, network

pytestmark = pytest.mark.browser

OVERFLOWS = """
const outside = [];
const within = (area, box) =>
  area.left >= box.left && area.right <= box.right && area.top >= box.top && area.bottom <= box.bottom;
const ends = (shape, name) => (shape.getAttribute("class") || "").endsWith(name);
for (const group of document.querySelectorAll("svg g")) {
  const shapes = [...group.querySelectorAll(":scope > rect, :scope > circle")];
  const papers = shapes.filter(shape => ends(shape, "-paper")), discs = shapes.filter(shape => shape.cx);
  const holders = discs.length ? shapes : papers.length ? papers.slice(-1) : shapes.slice(0, 1);
  if (!holders.length || !group.querySelector(":scope > title")) continue;
  const boxes = holders.map(shape => shape.getBoundingClientRect());
  const pill = shapes.find(shape => ends(shape, "-ground"))?.getBoundingClientRect();
  for (const mark of group.querySelectorAll("use, text")) {
    const area = mark.getBoundingClientRect(), x = area.left + area.width / 2, y = area.top + area.height / 2;
    const inPill = pill && x > pill.left && x < pill.right && y > pill.top && y < pill.bottom;
    if (!(inPill ? [pill] : boxes).some(box => within(area, box)))
      outside.push([group.querySelector("title").textContent, mark.outerHTML.slice(0, 60)]);
  }
}
return outside;
"""
"""The titles of boxes, labels and frames that something written leaves, and what."""

BOXES = """return document.querySelectorAll('svg g[id*="-box"]').length"""

CONTRASTS = (
    CONTRAST
    + """
const grounds = [...document.querySelectorAll("svg > rect, svg g rect, svg g circle, svg g path")].map(shape => {
  const style = getComputedStyle(shape);
  return {shape, fill: style.fill, opacity: parseFloat(style.fillOpacity), area: shape.getBoundingClientRect()};
}).filter(({fill}) => fill !== "none");
const found = [];
for (const written of document.querySelectorAll("svg use, svg text")) {
  const area = written.getBoundingClientRect(), x = area.left + area.width / 2, y = area.top + area.height / 2;
  let ground = [255, 255, 255];
  for (const {shape, fill, opacity, area: over} of grounds) {
    if (x < over.left || x > over.right || y < over.top || y > over.bottom) continue;
    if (!(shape.compareDocumentPosition(written) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
    if (!shape.isPointInFill(new DOMPoint(x, y).matrixTransform(shape.getScreenCTM().inverse()))) continue;
    ground = channels(fill).map((c, i) => c * opacity + ground[i] * (1 - opacity));
  }
  found.push([contrast(channels(getComputedStyle(written).fill), ground), written.closest("g[id]")?.id]);
}
return [found.length, found.sort((p, q) => p[0] - q[0])[0]];
"""
)
"""How many characters stand in the picture; the least contrast of one to all that is painted below it, and where."""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("scene", [network(), hostile(), everything()], ids=["network", "hostile", "everything"])
def test_a_page_opened_from_disk_is_whole_and_quiet(browser: Browser, scene, dark):
    browser.show(Picture(scene).html(), dark=dark)
    assert browser.run(BOXES) == len(scene.boxes)
    assert browser.run(OVERFLOWS) == []
    assert browser.problems() == []


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


def closed() -> Picture:
    """A saturated sigmoid, a dead ReLU, what is added up from two sides, an operation of every shape."""
    x, W = Tensor([[1.0, -2.0]], name="x"), Tensor([[60.0, -0.25], [0.75, 1.0]], requires_grad=True, name="W")
    z = x @ W
    z.name = "z"
    a = nn.functional.sigmoid(z) + nn.functional.relu(z)
    a.name = "a"
    return ag.draw(np.mean((a - 1.0) ** 2))


def one_entry() -> Picture:
    W = Tensor(np.arange(40.0).reshape(8, 5) / 40, requires_grad=True, name="W")
    z = np.tanh(np.ones((2, 8)) @ W)
    z.name = "z"
    return ag.draw(np.sum(z * z), open=["W[0,1]"], backward=True)


def modules() -> Picture:
    net = nn.Sequential(*(nn.Sequential(nn.Linear(3, 3), nn.ReLU()) for _ in range(14)), nn.Linear(3, 2))
    return ag.draw(nn.functional.mse_loss(net(Tensor(np.ones((2, 3)), name="x")), np.zeros((2, 2))))


def neurons() -> Picture:
    net = nn.MLP(3, 4, 2, activation="relu", output="sigmoid")
    loss = nn.functional.mse_loss(net(Tensor(np.ones((2, 3)), name="x")), np.zeros((2, 2)))
    return ag.draw(loss, neurons=True)


def of_hostile_names() -> Picture:
    names = [name for name in HOSTILE if name.strip()][:12]
    tensors = [Tensor(float(i + 1), requires_grad=True, name=name) for i, name in enumerate(names)]
    return ag.draw(sum(a * b for a, b in pairwise(tensors)), backward=True)


KINDS = [closed, opened, one_entry, paths, neurons, modules, folded, of_a_gradient, not_finite, of_hostile_names]


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_pictures_of_graphs_are_whole_quiet_and_can_be_read_light_and_dark(browser: Browser, make):
    picture = make()
    grounds = set()
    for dark in (False, True):
        browser.show(picture.html(), dark=dark)
        if not isinstance(picture.scene, Network):
            assert browser.run(BOXES) == len(picture.scene.boxes)
        assert browser.run(OVERFLOWS) == []
        count, (least, where) = browser.run(CONTRASTS)
        assert count > 30 and least >= 4.5, (least, where)
        assert browser.problems() == []
        grounds.add(browser.run("return getComputedStyle(document.querySelector('svg > rect')).fill"))
    assert len(grounds) == 2


def test_the_svg_opens_by_itself(browser: Browser):
    browser.show(Picture(everything()).svg())
    assert browser.run(BOXES) == len(everything().boxes)
    assert browser.run(OVERFLOWS) == []
    assert browser.problems() == []


@pytest.mark.parametrize("name", ["w", "</style></pre><script>document.title=1</script>"], ids=["plain", "hostile"])
@pytest.mark.parametrize("show", [ag.draw, ag.derive, lambda L: ag.paths(L, L)], ids=["draw", "derive", "paths"])
def test_where_a_notebook_escapes_markup_there_is_the_text_elsewhere_the_pictures(browser: Browser, show, name):
    w = Tensor(3.0, requires_grad=True, name=name)
    shown = show(w * 2.0 - 1.0)
    bundle = shown._repr_mimebundle_()
    seen, text = (
        [" ".join(line.split()) for line in each.splitlines() if line.strip()]
        for each in (text_in_a_notebook(browser, bundle, sanitize_html=True), shown.text())
    )
    assert seen == text
    text_in_a_notebook(browser, bundle)
    assert browser.run("return document.querySelectorAll('.jp-OutputArea-output pre').length") == 0
    assert browser.run("return [...document.images].some(i => i.checkVisibility() && i.naturalWidth)")


def test_the_browser_reports_what_a_page_logs_and_asks_for(browser: Browser):
    browser.show("<!DOCTYPE html><img src='https://example.invalid/x.png'><script>console.error('no')</script>")
    said = " ".join(browser.problems())
    assert "example.invalid" in said and "no" in said


def test_text_that_leaves_its_box_is_found(browser: Browser):
    box = '<g><title>t</title><rect width="9" height="9"/><text>W</text></g>'
    browser.show(f'<svg xmlns="http://www.w3.org/2000/svg">{box}</svg>')
    assert browser.run(OVERFLOWS) != []
