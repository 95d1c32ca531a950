"""A playback in a notebook's cell: static first, the page in its place where scripts run.

What an untrusted notebook, GitHub and nbconvert keep: <details>, and pictures as data. A script at the end, which only
a trusted notebook runs, puts the whole page in place of them, in a frame that can reach nothing outside of it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from math import ceil

from .playback_plan import BACKWARD, END, Plan
from .playback_stills import Stills
from .typeset import xml

_MOST = 700_000
"""Bytes of pictures: they stay in the notebook's file for good. Of more, some steps are left out, and that is said."""

_SCRIPT = """(() => {
  const page = PAGE;
  for (const cell of document.querySelectorAll("[data-glassgrad='KEY']")) {
    if (cell.dataset.live) continue;
    cell.dataset.live = "1";
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.setAttribute("title", "Backpropagation, step by step");
    frame.style.cssText = "width:100%;height:720px;border:1px solid #8884;border-radius:6px;resize:vertical";
    const theme = document.body.dataset.vscodeThemeKind;  // VS Code declares no color-scheme
    if (theme) frame.style.colorScheme = theme.endsWith("light") ? "light" : "dark";
    frame.srcdoc = page;
    cell.replaceChildren(frame);
  }
})();"""


def cell(plan: Plan, page: str) -> str:
    """The HTML of a cell."""
    key = sha256(page.encode("utf-8")).hexdigest()[:16]
    text = json.dumps(page).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    script = _SCRIPT.replace("KEY", key).replace("PAGE", text)
    return f'<div data-glassgrad="{key}">{_static(plan)}</div><script>{script}</script>'


def framed(plan: Plan, page: str) -> str:
    """The page in a frame that can reach nothing outside of it, without a script; and, for a host that removes frames,
    as marimo does until a cell is run, the pictures."""
    style = "width:100%;height:720px;border:1px solid #8884;border-radius:6px"
    title = "Backpropagation, step by step"
    frame = f'<iframe sandbox="allow-scripts" title="{title}" style="{style}" srcdoc="{xml(page)}"></iframe>'
    return f"{frame}<details><summary>The steps as pictures</summary>{_static(plan)}</details>"


def _static(plan: Plan) -> str:
    """The way back, a picture a step; the way forward is in the first of them."""
    stills = Stills(plan, bare=True)
    shown = [k for k, frame in enumerate(plan.frames) if frame.phase in (BACKWARD, END)]
    every = ceil(len(shown) * len(_image(stills, shown[0])) / _MOST)
    parts = []
    for place, k in enumerate(shown):
        if place % every == 0 or k == shown[-1]:
            title = xml(f"{k + 1}. {plan.title(plan.frames[k])}")
            opened = " open" if k in (shown[0], shown[-1]) else ""
            parts.append(f"<details{opened}><summary>{title}</summary>{_image(stills, k)}</details>")
    said = f"Backpropagation through {plan.derived.root.symbol.name.text}, step by step"
    left_out = f", one picture for {every} of them" if every > 1 else ""
    notes = f"<p>{xml(' '.join(plan.notes))}</p>" if plan.notes else ""
    return (
        f"<p>{xml(said)}{left_out}. In a notebook that is trusted, a page to step through.</p>{notes}{''.join(parts)}"
    )


def _image(stills: Stills, k: int) -> str:
    data = b64encode(stills.svg(k).encode("utf-8")).decode("ascii")
    said = xml(stills.plan.title(stills.plan.frames[k]))
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{said}" style="max-width:100%;height:auto">'
