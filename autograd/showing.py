"""What is shown of a graph, on top of all rooms: `derive`, the derivation of its gradients, and the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, overload

from .derivation import report
from .derivation.names import callers_variables
from .derivation.steps import Derived, steps
from .derivation.verify import Verification, verify
from .drawing.page import notebook, page
from .files import write_atomically
from .showing_paths import LISTED, EntryDerivation, entry_sum, paths
from .showing_picture import checked_tensor, draw
from .showing_playback import play, widget
from .tensor import Tensor

__all__ = ["Derivation", "derive", "draw", "paths", "play", "widget"]


@overload
def derive(result: Tensor) -> Derivation: ...
@overload
def derive(result: Tensor, wrt: Tensor, index: Any = ()) -> EntryDerivation: ...
def derive(result: Tensor, wrt: Tensor | None = None, index: Any = None) -> Any:
    """The derivation of every gradient of a scalar, as backpropagation takes its steps; or of one entry of one.

    With `wrt` and `index`, as `ag.derive(loss, wrt=W, index=(0, 1))`, the gradient's entry is derived in scalar terms,
    as the sum over its paths; its parameters and errors are those of `paths`. Else, those of `draw`.

    Returns
    -------
    Derivation, or EntryDerivation
        With `.steps`, `.text()`, `.latex()`, `.verify()`, and `.save("x.html")`, also `.tex` and `.txt`.

    Examples
    --------
    >>> import autograd as ag
    >>> w = ag.Tensor(3.0, requires_grad=True, name="w")
    >>> L = (w * 2 - 1) ** 2
    >>> print(ag.derive(L))
    Forward
    <BLANKLINE>
      w = 3   parameter
    <BLANKLINE>
      L = (2 · w − 1)²
        = (2 · 3 − 1)²
        = 25
    <BLANKLINE>
    <BLANKLINE>
    Backward
    <BLANKLINE>
      ∂L/∂L = 1
    <BLANKLINE>
      ∂L/∂w = 4 · (2 · w − 1)
            = 4 · (2 · 3 − 1)
            = 20
    <BLANKLINE>
    """
    if wrt is not None:
        entry = () if index is None else index
        return entry_sum(EntryDerivation, result, wrt, entry, LISTED, callers_variables(sys._getframe(1)))
    if index is not None:
        raise TypeError("ag.derive(): an index is of one Tensor's gradient; give that Tensor, too: wrt=")
    derived = steps(checked_tensor(result, "derive"), callers_variables(sys._getframe(1)))
    return Derivation(derived.root, derived.values, derived.steps)


class Derivation(Derived):
    """How backpropagation derives the gradients of one result; made by `derive`.

    `values` are the named values, inputs first; `steps` the gradients in the order of the reverse sweep, each with its
    formula, value and consumers; `root` is the result.
    """

    __slots__ = ()

    def text(self) -> str:
        """Rule, numbers and result of every value and gradient, in Unicode text."""
        return report.as_text(self)

    def latex(self) -> str:
        """A LaTeX document that compiles as it stands."""
        return report.as_latex(self)

    def html(self) -> str:
        """A page of its own, without network or scripts: the picture, the derivation, its check."""
        return page(self)

    def verify(self) -> Verification:
        """Each printed formula evaluated from its values alone, against the engine's gradient, and that against central
        differences. `.ok` tells whether all agree; printed, it is a table."""
        return verify(self)

    def save(self, path: str | Path) -> None:
        """Write a .html, .tex or .txt file, by the path's suffix; ValueError for another. Never half a file."""
        writers: dict[str, Callable[[], str]] = {".html": self.html, ".tex": self.latex, ".txt": self.text}
        suffix = Path(path).suffix.lower()
        if suffix not in writers:
            raise ValueError(
                f"a derivation is saved as {', '.join(writers)}, not as {suffix or 'a file without suffix'!r}"
            )
        write_atomically(path, writers[suffix]())

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Derivation of {self.root.symbol.name.text}: {len(self.steps)} gradients>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        shown = {"text/plain": self.text()}
        try:
            shown["text/html"] = notebook(self)
        except Exception as error:  # a notebook must show what there is, whatever a renderer does
            shown["text/plain"] += f"\n(no typeset view: {error})"
        return shown
