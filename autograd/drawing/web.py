"""What static pages and notebook cells share: the document, its colours, a formula as an element and as an image."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Container

from .typeset import Outlines, Piece, number, typeset, xml

SIZE = 17.0
"""Of formulas, in pixels."""
_SMALLEST = 0.62
"""So small a notebook or a page may show a picture: that of the 3-4-2 network is whole in a window of 1280 pixels."""
_SHEET = 800.0
"""So wide, in pixels, a picture may be to be printed upright."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #59636e; --line: #d5dae0; --page: #ffffff; --card: #f6f8fa;
  --alarm: #b35900; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --faint: #9aa5b1; --line: #3a424c; --page: #15181c; --card: #1e2329; --alarm: #e69f00; }
}
body { margin: 2rem auto; max-width: 76rem; padding: 0 1.25rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
figure { margin: 1.5rem calc(50% - 47vw); overflow-x: auto; }
figure > svg { display: block; margin: auto; }
.card { margin: 1rem 0; padding: .75rem 1rem; background: var(--card); border-radius: .5rem; overflow-x: auto; }
.formula { fill: currentColor; overflow: visible; }
table { border-collapse: collapse; } td, th { text-align: left; }
.equation td { padding: .3rem .35rem; vertical-align: baseline; }
@page picture { size: landscape; margin: 1cm }
@media print {
  figure { margin: 1.5rem 0 } figure > svg { min-width: 0 !important; max-height: 78vh }
  figure.landscape, :is(h1, h1 + p):has(~ figure.landscape) { page: picture; margin: 0 }
  .card { break-inside: avoid; background: none; border: 1px solid var(--line); }
}
"""

_DARK = "<style>@media(prefers-color-scheme:dark){.paper{fill:#15181c}.ink{fill:#e6e9ed}}</style>"


_VS_CODE = (
    "<style>[data-vscode-theme-kind] #root__description{color-scheme:dark}"
    "[data-vscode-theme-kind$=light] #root__description{color-scheme:light}</style>"
)
"""VS Code names its theme on a notebook's page, but does not tell images which one it is."""


NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'"
"""A page's policy: no script, no network."""


def head(title: str, style: str, policy: str = NOTHING_ELSE) -> str:
    """How every page begins, up to its body."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{xml(title)}</title>\n<style>{style}</style>\n</head>"
    )


class Page:
    """A page and the formulas in it, which share their outlines."""

    def __init__(self) -> None:
        self.outlines = Outlines("glyph")

    def formula(self, latex: str, text: str) -> str:
        """A formula that takes the text's colour and stands on its line."""
        return self.piece(typeset(latex, text, SIZE), text)

    def piece(self, piece: Piece, text: str) -> str:
        """What was set elsewhere, as an element like a formula's."""
        width, height, below = number(piece.width), number(piece.height), number(piece.baseline - piece.height)
        return (
            f'<svg class="formula" role="img" aria-label="{xml(text)}" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" style="vertical-align:{below}px">{self.outlines.draw(piece, 0, 0)}</svg>'
        )

    def document(self, title: str, style: str, body: list[str]) -> str:
        """A whole HTML document, without scripts or network; `body` holds the formulas that were set."""
        return "\n".join(
            [
                head(title, f"{_STYLE}{style}"),
                "<body>\n<main>",
                f'<svg width="0" height="0" style="position:absolute" aria-hidden="true">{self.outlines.defs()}</svg>',
                *body,
                "</main>\n</body>\n</html>\n",
            ]
        )


def figure(svg: str) -> str:
    """A picture, an SVG document of ours, as part of a page; printed, a wide one takes a sheet of its own."""
    styled = svg.replace("<svg ", f'<svg style="{fitted(svg)}" ', 1)
    return f'<figure class="{paper(svg)}">{styled}</figure>'


def fitted(svg: str) -> str:
    """The style of a picture: as wide as the cell or page, but not so small that nobody can read it: then that
    scrolls."""
    width = _size(svg)[0]
    return f"width: 100%; max-width: {width:.0f}px; min-width: {_SMALLEST * width:.0f}px; height: auto"


def paper(svg: str) -> str:
    """How a picture's paper lies: what is wider than a sheet, and than it is high, is printed along its long side."""
    width, height = _size(svg)
    return "landscape" if width > max(height, _SHEET) else "portrait"


def _size(svg: str) -> tuple[float, float]:
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    return (float(found[1]), float(found[2])) if found else (1000.0, 1000.0)


def image(latex: str, text: str) -> str:
    """A formula as an image that stands for itself."""
    return image_of(typeset(latex, text, SIZE), text)


def image_of(piece: Piece, text: str) -> str:
    """Pieces side by side, on one baseline.

    On a ground of its own, in the theme of the place where it stands: JupyterLab says there which one it has, and
    where nothing is said, as in a converted notebook, an image is told the system's.
    """
    outlines = Outlines("g")
    drawn = outlines.draw(piece, 4, 3)
    width, height = number(piece.width + 8), number(piece.height + 6)
    image = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'{_DARK}<rect class="paper" width="100%" height="100%" rx="4" fill="#ffffff"/>{outlines.defs()}'
        f'<g class="ink" fill="#1b1f24">{"".join(drawn)}</g></svg>'
    )
    data = b64encode(image.encode()).decode()
    # A host may have rules of its own for images, as marimo; or drop styles, as GitHub, which keeps `align`.
    style = "display:inline-block;vertical-align:middle;max-width:none"
    return f'<img alt="{xml(text)}" align="middle" style="{style}" src="data:image/svg+xml;base64,{data}">'


def bundle(
    text: Callable[[], str],
    html: Callable[[], str],
    include: Container[str] | None = None,
    exclude: Container[str] | None = None,
    **others: str,
) -> dict[str, str]:
    """What `_repr_mimebundle_` gives: a display never fails, so where no HTML can be made, the text says why.

    `others` by the second half of their kind: latex is text/latex.
    """
    shown = {"text/plain": text()} | {f"text/{kind}": content for kind, content in others.items()}
    try:
        shown["text/html"] = or_text(html(), shown["text/plain"])
    except Exception as problem:
        shown["text/plain"] += f"\n(shown as text: {problem})"
    return {
        kind: content
        for kind, content in shown.items()
        if (include is None or kind in include) and (exclude is None or kind not in exclude)
    }


def or_text(html: str, text: str) -> str:
    """HTML for a notebook, and the text in its place where markup is escaped rather than dropped.

    nbconvert's sanitize_html leaves few elements and, of attributes, class and id. It writes out every other element as
    text, whole images, but not what it drops of an element that it knows: so the HTML stands where the page's own rule
    hides it, which its style takes back. The text stands as the content of a style sheet of no language, which every
    reader skips and every other sanitiser drops whole; only where that element is written out are the tags in it tags.
    """
    opening, closing = '<div class="jp-FormGroup-content"><div id="root__description"', "</div></div>"
    return (
        f'{opening} style="display:block !important">{html}{_VS_CODE}'
        f'<style type="text/plain">{closing}<pre>{xml(text)}</pre>{opening}></style>{closing}'
    )
