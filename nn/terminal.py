"""The terminal and the browser: mathematics for any encoding, paths byte for byte, what to do where nobody reads."""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata

_PLAIN = {
    "∂": "d", "−": "-", "⊙": "*", "·": "*", "×": "x", "σ": "sigma", "Σ": "sum", "√": "sqrt", "ŷ": "y_hat", "→": "->",
    "←": "<-", "⇒": "=>", "≈": "~", "≤": "<=", "≥": ">=", "≠": "!=", "∈": "in", "∞": "inf", "…": "...", "—": "-",
    "–": "-", "δ": "delta",
}  # fmt: skip


def in_ascii(error: UnicodeError) -> tuple[str | bytes, int]:
    """Mathematics for a terminal that has ASCII only: ∂L/∂W₁ becomes dL/dW1, e⁻ˣ becomes e^-x.

    The bytes of a path, as `path_in_bytes` marks them, are written as they are.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = ""
    before = error.object[error.start - 1 : error.start]
    for end, c in enumerate(error.object[error.start : error.end], error.start):
        if "\udc80" <= c <= "\udcff":
            return (text, end) if text else (c.encode("ascii", "surrogateescape"), end + 1)
        ascii_part = "".join(d for d in unicodedata.normalize("NFKD", c).replace("−", "-") if d.isascii())
        text += "^" if _is_raised(c) and not _is_raised(before) else ""
        text += _PLAIN.get(c) or ascii_part or "?"
        before = c
    return text, error.end


def _is_raised(c: str) -> bool:
    return c != "" and unicodedata.decomposition(c).startswith("<super>")


def path_in_bytes(path: str) -> str:
    """A path for the output: where that lacks its characters, its very bytes, and not letters that look like them."""
    try:
        path.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        return path
    except UnicodeEncodeError:
        return os.fsencode(path).decode("ascii", "surrogateescape")


def write_to_any_terminal() -> None:
    """From here on, what stdout has no characters for is written by `in_ascii`."""
    codecs.register_error("nn.in_ascii", in_ascii)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="nn.in_ascii")


def drop_output() -> None:
    """Nobody reads: what is still buffered goes nowhere, so that Python's exit does not complain about it."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, AttributeError, ValueError):
        sys.stdout = None


def browse(address: str) -> bool:
    """Show an address in the user's browser; whether there is one. Never one of text mode, which would take the
    terminal: on Linux that is what is left where there is no desktop."""
    desktop = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in desktop):
        return False
    import webbrowser

    return webbrowser.open(address)
