"""A playback as one page that needs nothing else: no network, and a policy that lets only its own code and styles run.

In a notebook it is static first: pictures and folded steps, which every viewer keeps; where scripts run, one puts the
page in their place.
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import Any

from ..in_numbers import Setter
from ..looks import LOOKS
from ..typeset import plain, xml
from ..web import head
from .panel import Panel
from .plan import BACKWARD, STATES, Plan
from .questions import TOLERANCE, folded_question, question
from .stage import Stage, with_style

_SIZE = 17.0

_ICONS = {
    "first": ("To the start (Home)", "M3 3h2v10H3zM13 3v10L6 8z"),
    "back": ("One step back (←)", "M12 3v10L4 8z"),
    "next": ("One step on (→)", "M4 3v10l8-5z"),
    "last": ("To the end (End)", "M11 3h2v10h-2zM3 3v10l7-5z"),
}
_SPEEDS = {4000: "½ ×", 2000: "1 ×", 1000: "2 ×", 400: "5 ×"}
"""Milliseconds that a frame stands."""

_CONTROLS = """
<div class="group">{first}{back}
<button id="play" title="Play or pause (space)">▶ Play</button>
{next}{last}</div>
<input id="slider" type="range" min="0" max="{end}" value="0" aria-label="Step">
<span id="where"></span>
<select id="speed" aria-label="Speed">{speeds}</select>
<div class="group" role="group" aria-label="Depth">
<button data-level="1" aria-pressed="false">rule</button>
<button data-level="2" aria-pressed="false">+ derivative</button>
<button data-level="3" aria-pressed="true">+ numbers</button></div>
<button id="predict" aria-pressed="false" title="Predict each number before it is shown (p)">Predict</button>
<button id="fit" aria-pressed="false" title="Whole graph or full size (f)">Full size</button>
"""

_PAGE = """{head}
<body class="{shape}">
<header><h1>{title}</h1>
<ul class="states" aria-label="States of a value"><li class="waiting">waiting</li><li class="ready">ready</li>\
<li class="now">now</li><li class="done">✓ done</li></ul></header>
<main>
<div id="stage">{picture}</div>
<div id="panel" data-depth="3" tabindex="0" role="region" aria-label="The step">
<p role="status"><span id="step"></span> <span id="said"></span></p>
<div id="node" hidden><p id="why" aria-live="polite"></p><button id="goto">Go to its step</button>\
<button id="close">Back to the step</button></div>
<div id="ask" hidden><label id="question" for="answer"></label>\
<input id="answer" autocomplete="off" spellcheck="false"><button id="check">Check</button>\
<button id="hint">Hint</button><button id="reveal">Reveal</button><span id="score"></span>\
<div id="verdict" role="alert"></div></div>
{sections}
</div>
</main>
<footer>{controls}</footer>
<svg width="0" height="0" aria-hidden="true" class="formula">{outlines}</svg>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


@lru_cache(maxsize=2)
def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")


def page(plan: Plan) -> str:
    """The whole HTML document."""
    stage, setter = Stage(plan), Setter("y", _SIZE, plan.large)
    drawn = with_style(stage.document(), stage.states())
    sections = "\n".join(Panel(plan, setter).sections())
    css, script = _file("page.css"), _file("page.js")
    picture_style = drawn.split("<style>", 1)[1].split("</style>", 1)[0]
    policy = (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; script-src {_hash(script)}; "
        f"style-src {_hash(css)} {_hash(picture_style)}"
    )
    width, height = (float(part) for part in drawn.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split())
    return _PAGE.format(
        head=head(stage.scene.title, css, policy),
        title=xml(stage.scene.title),
        shape="wide" if width > 1.15 * height else "tall",
        picture=drawn,
        sections=sections,
        controls=_controls(len(plan.frames) - 1),
        outlines=setter.defs(),
        data=_json(_data(plan, stage)),
        script=script,
    )


def _controls(end: int) -> str:
    buttons = {
        name: f'<button id="{name}" title="{said}" aria-label="{said}">'
        f'<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="{path}"/></svg></button>'
        for name, (said, path) in _ICONS.items()
    }
    speeds = "".join(
        f'<option value="{time}"{" selected" if time == 2000 else ""}>{said}</option>' for time, said in _SPEEDS.items()
    )
    return _CONTROLS.format(end=end, speeds=speeds, **buttons)


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode('utf-8')).digest()).decode()}'"


def _json(data: Any) -> str:
    """JSON that can stand in a page: nothing in it can end the element, and it has no NaN."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028")


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _data(plan: Plan, stage: Stage) -> dict[str, Any]:
    arriving = {plan.values[n].symbol.name.identifier: step.gradient.value for n, step in plan.steps.items()}
    questions = {}
    for k, frame in enumerate(plan.frames):
        if frame.phase != BACKWARD or not plan.consumers[frame.node]:
            continue
        step = plan.step(frame.node)
        asked = folded_question(plan, frame) if step is None else question(step, arriving)
        if asked is not None:
            questions[k] = {
                "asked": plain(asked.asked),
                "answer": _number(asked.answer),
                "mistakes": [{"number": each.number, "said": plain(each.said)} for each in asked.mistakes],
                "way": plain(asked.way),
            }
    return {
        "prefix": stage.prefix,
        "states": STATES,
        "nodes": [
            {
                "name": plain(item.name),
                "role": LOOKS[item.role].words or item.role,
                "inputs": plan.inputs[k],
                "consumers": plan.consumers[k],
            }
            for k, item in enumerate(plan.items)
        ],
        "links": len(plan.links),
        "sums": stage.sum_heads,
        "frames": [
            {
                "phase": frame.phase,
                "node": frame.node,
                "nodes": frame.nodes,
                "arrows": frame.arrows,
                "sums": stage.sums_of(frame),
                "title": plain(plan.title(frame)),
            }
            for frame in plan.frames
        ],
        "questions": questions,
        "tolerance": TOLERANCE,
    }
