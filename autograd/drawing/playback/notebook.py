"""A playback in a notebook's cell: static first, the page in its place where scripts run.

What an untrusted notebook, GitHub and nbconvert keep: <details>, and pictures as data. A script at the end, which only
a trusted notebook runs, puts the whole page in place of them, in a frame that can reach nothing outside of it.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from math import ceil
from zlib import compress

from ..typeset import xml
from .plan import BACKWARD, END, Plan
from .stills import Stills
from .text import text

_MOST = 700_000
"""Bytes of pictures: they stay in the notebook's file for good. Of more, some steps are left out, and that is said."""

_SCRIPT = """(async () => {
  const packed = Uint8Array.from(atob("PAGE"), letter => letter.charCodeAt(0));
  const page = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  for (const cell of document.querySelectorAll("[data-glassgrad='KEY']")) {
    if (cell.dataset.live) continue;
    cell.dataset.live = "1";
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.setAttribute("title", "Backpropagation, step by step");
    frame.style.cssText = "width:100%;height:720px;border:1px solid #8884;border-radius:6px;resize:vertical";
    frame.srcdoc = page;
    cell.replaceChildren(frame);
  }
})();"""


def cell(plan: Plan, page: str) -> str:
    """The HTML of a cell."""
    key = sha256(page.encode("utf-8")).hexdigest()[:16]
    packed = b64encode(compress(page.encode("utf-8"), 9)).decode("ascii")
    script = _SCRIPT.replace("KEY", key).replace("PAGE", packed)
    return f'<div data-glassgrad="{key}">{_static(plan)}</div><script>{script}</script>'


def framed(plan: Plan, page: str) -> str:
    """The page in a frame that can reach nothing outside of it, without a script; and, for a host that removes frames,
    as marimo does until a cell is run, the pictures."""
    style = "width:100%;height:720px;border:1px solid #8884;border-radius:6px"
    title = "Backpropagation, step by step"
    frame = f'<iframe sandbox="allow-scripts" title="{title}" style="{style}" srcdoc="{xml(page)}"></iframe>'
    return f"{frame}<details><summary>The steps, without a script</summary>{_static(plan)}</details>"


def _static(plan: Plan) -> str:
    """The steps; and, where they are folded, how to see more of them."""
    said = xml(f"Backpropagation through {plan.derived.root.symbol.name.text}, step by step")
    if plan.large:
        steps, left_out = f"<details><summary>The steps as text</summary><pre>{xml(text(plan))}</pre></details>", ""
    else:
        steps, left_out = _pictures(plan)
    notes = f"<p>{xml(' '.join(plan.notes))}</p>" if plan.notes else ""
    return f"<p>{said}{left_out}. In a notebook that is trusted, a page to step through.</p>{notes}{steps}"


def _pictures(plan: Plan) -> tuple[str, str]:
    """The way back, a picture a step; the way forward is in the first of them. And how many steps share one."""
    stills = Stills(plan, bare=True)
    shown = [k for k, frame in enumerate(plan.frames) if frame.phase in (BACKWARD, END)]
    every = ceil(len(shown) * len(_image(stills, shown[0])) / _MOST)
    parts = []
    for place, k in enumerate(shown):
        if place % every == 0 or k == shown[-1]:
            title = xml(f"{k + 1}. {plan.title(plan.frames[k])}")
            opened = " open" if k in (shown[0], shown[-1]) else ""
            parts.append(f"<details{opened}><summary>{title}</summary>{_image(stills, k)}</details>")
    return "".join(parts), f", one picture for {every} of them" if every > 1 else ""


def _image(stills: Stills, k: int) -> str:
    data = b64encode(stills.svg(k).encode("utf-8")).decode("ascii")
    said = xml(stills.plan.title(stills.plan.frames[k]))
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{said}" style="max-width:100%;height:auto">'
