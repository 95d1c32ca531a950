"""`derive`: the derivation of a graph's gradients, as its user holds it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, overload

import numpy as np

from ..backprop import seed
from ..derivation import report
from ..derivation.names import callers_variables
from ..derivation.steps import Derived, steps
from ..derivation.verify import Verification, verify
from ..drawing.board import board
from ..drawing.cell import notebook
from ..drawing.page import page
from ..files import save_by_suffix
from ..modes import EVERYTHING, record
from ..tensor import Tensor, label
from .paths import LISTED, EntryDerivation, entry_sum
from .picture import checked_scalar, checked_tensor


@overload
def derive(result: Tensor, *, gradient: Any = None) -> Derivation: ...
@overload
def derive(result: Tensor, wrt: Tensor, index: Any = ()) -> EntryDerivation: ...
def derive(result: Tensor, wrt: Tensor | None = None, index: Any = None, *, gradient: Any = None) -> Any:
    """The derivation of every gradient of a scalar, as backpropagation takes its steps; or of one entry of one.

    With `wrt` and `index`, as `ag.derive(loss, wrt=W, index=(0, 1))`, the gradient's entry is derived in scalar terms,
    as the sum over its paths; its parameters and errors are those of `paths`. Else, those of `draw`.

    What is derived may be a gradient itself, recorded by `create_graph=True`: so come second derivatives. As in
    `backward`, `gradient` is what arrives at a result that is no scalar; s = Σ(result ⊙ gradient) is derived then.

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
    variables = callers_variables(sys._getframe(1))
    if wrt is not None:
        if gradient is not None:
            raise TypeError("ag.derive(): gradient= is for whole gradients, wrt= for an entry of one; give one of them")
        if index is None and type(wrt) is Tensor and wrt.ndim:
            first = ", ".join("0" * wrt.ndim)
            raise ValueError(
                f"ag.derive(…, wrt=…) derives one entry of a gradient; {label(wrt)} has shape {wrt.shape}: say which, "
                f"e.g. index=({first}{',' * (wrt.ndim == 1)}). Without wrt=, all gradients are derived"
            )
        return entry_sum(EntryDerivation, result, wrt, () if index is None else index, LISTED, variables)
    if index is not None:
        raise TypeError("ag.derive(): an index is of one Tensor's gradient; give that Tensor, too: wrt=")
    if gradient is not None:
        result = _weighted(checked_tensor(result, "derive"), gradient)
    derived = steps(checked_scalar(result, "derive"), variables)
    return Derivation(derived.root, derived.values, derived.steps, derived.unreached)


class Derivation(Derived):
    """How backpropagation derives the gradients of one result; made by `derive`.

    `values` are the named values, inputs first; `steps` the gradients in the order of the reverse sweep, each with its
    formula, value and consumers; `root` is the result.
    """

    __slots__ = ()

    def text(self, depth: str | None = None, whole: bool = False) -> str:
        """In Unicode text, every value and gradient down to `depth`.

        `"rule"` has the rules alone, with local derivatives as symbols; `"written out"` also what these are;
        `"numbers"`, the default, also the numbers put in and the result. `"in full"` is the formula of each input's
        gradient, substituted down to the inputs. Of a large graph the middle is left out, unless `whole`.
        """
        return report.as_text(self, depth, whole)

    def latex(self, depth: str | None = None) -> str:
        """A LaTeX document that compiles as it stands; by default without numbers put in, which seldom fit a page."""
        return report.as_latex(self, depth)

    def markdown(self) -> str:
        """GitHub's Markdown, with formulas in its mathematics."""
        return report.as_markdown(self)

    def html(self) -> str:
        """A page of its own, without network or scripts: the picture, the derivation, its check."""
        return page(self)

    def svg(self) -> str:
        """One image: equation below equation, from the rule to the result."""
        return board(self)

    def verify(self) -> Verification:
        """Each printed formula evaluated from its values alone, against the engine's gradient, and that against central
        differences. `.ok` tells whether all agree; printed, it is a table."""
        return verify(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write .html, .md, .svg, .tex or .txt, by the path's suffix; ValueError for another.

        Returns the path. Never half a file.
        """
        writers: dict[str, Callable[[], str | bytes]] = {
            ".html": self.html,
            ".md": self.markdown,
            ".svg": self.svg,
            ".tex": self.latex,
            ".txt": self.text,
        }
        return save_by_suffix(path, "a derivation", writers)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Derivation of {self.root.symbol.name.text}: {len(self.steps)} gradients>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For notebooks: typeset HTML; LaTeX for readers that set it themselves; text."""
        shown = {"text/plain": self.text(), "text/latex": report.as_latex_fragment(self)}
        try:
            shown["text/html"] = notebook(self)
        except Exception as error:  # a notebook must show what there is, whatever a renderer does
            shown["text/plain"] += f"\n(no typeset view: {error})"
        return shown


def _weighted(result: Tensor, gradient: Any) -> Tensor:
    """The scalar whose gradients backpropagation of `gradient` from `result` computes."""
    seed(result, gradient)  # refuses what does not fit
    with record(EVERYTHING):
        weighted = (result * (gradient if hasattr(gradient, "shape") else np.array(gradient, result.dtype))).sum()
    weighted.name = "s"
    return weighted
