"""A real browser for tests: Debian's Chromium, driven by Selenium, without a window and without a network.

A test that takes the fixture `browser` bears the marker of that name. Where Chromium or its driver is missing such a
test is skipped; with GLASSGRAD_TOOLS=required, as .ci/run sets it, it fails.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import lacking

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
)


class Browser:
    """One Chromium, its pages opened from disk. What a page logs or asks the network for is kept in `problems`."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver = driver
        self.folder = folder
        self._count = 0

    def show(
        self,
        document: str,
        *,
        dark: bool = False,
        size: tuple[int, int] = (1600, 1000),
        inside: tuple[int, int] | None = None,
    ) -> None:
        """Write a page (HTML, or SVG by itself) to a file and open that, in a light or dark theme.

        `inside`: what the page itself has, however small; a window's size counts its frame, and has a least.
        """
        self._count += 1
        suffix = "svg" if document.startswith("<svg") else "html"
        path = self.folder / f"page{self._count}.{suffix}"
        path.write_text(document, encoding="utf-8")
        if inside is None:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        else:
            screen = {"width": inside[0], "height": inside[1], "deviceScaleFactor": 1, "mobile": False}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        self.open(path, dark=dark, size=size)

    def open(self, path: Path, *, dark: bool = False, size: tuple[int, int] = (1600, 1000)) -> None:
        """Open a file that is there already."""
        self.driver.set_window_size(*size)
        theme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": theme})
        self.problems()  # forget what an earlier page said
        self.driver.get(path.as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function body in JavaScript returns."""
        return self.driver.execute_script(script, *arguments)

    def problems(self) -> list[str]:
        """What the page has logged since it was last asked, warnings and worse, and what it fetched besides itself."""
        said = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if message["params"].get("type") != "Document" and not url.startswith(("data:", "blob:")):
                    said.append(f"asked for {url}")
                elif not url.startswith(("file:", "data:", "blob:", "about:")):
                    said.append(f"went to {url}")
        return said


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser of the whole test run; every test opens pages of its own in it."""
    programs = [shutil.which("chromium"), shutil.which("chromedriver")]
    if not all(programs):
        lacking("no chromium and chromedriver on the PATH (Debian: apt install chromium chromium-driver)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=programs[1]))
    try:
        yield Browser(driver, tmp_path_factory.mktemp("pages"))
    finally:
        driver.quit()


def text_in_a_notebook(browser: Browser, bundle: dict[str, str], **options: Any) -> str:
    """What is to be read where nbconvert, with its `options`, shows an output."""
    from nbconvert import HTMLExporter
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    cell = new_code_cell("shown", outputs=[new_output("display_data", data=bundle)])
    browser.show(HTMLExporter(**options).from_notebook_node(new_notebook(cells=[cell]))[0])
    seen: str = browser.run("return document.querySelector('.jp-OutputArea-output').innerText")
    return seen


VS_CODE_S_THEMES = {
    "vscode-light": "light",
    "vscode-dark": "dark",
    "vscode-high-contrast": "dark",
    "vscode-high-contrast-light": "light",
}
"""What VS Code names on the body of a notebook's page, and the color-scheme that this is."""

CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d");
const channels = colour => {
  canvas.fillStyle = colour;
  return canvas.fillStyle.match(/[0-9a-f]{2}/g).map(x => parseInt(x, 16));
};
const linear = x => x / 255 <= 0.04045 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const contrast = (one, other) => {
  const [low, high] = [light(one), light(other)].sort((p, q) => p - q);
  return (high + 0.05) / (low + 0.05);
};
"""
"""The contrast of two colours, each as its channels (WCAG 2.2, 1.4.3), for what is measured in a page."""
