"""`derive`: the derivation of a graph's gradients, as its user holds it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Container, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, overload

import numpy as np

from ..backprop import seed
from ..derivation import report
from ..derivation.names import callers_variables
from ..derivation.scalars.paths import checked_wrt
from ..derivation.steps import Derived, steps
from ..derivation.verify import Verification, verify
from ..drawing.board import board
from ..drawing.cell import notebook
from ..drawing.page import page
from ..drawing.web import bundle
from ..files import save_by_suffix
from ..modes import EVERYTHING, record
from ..tensor import Tensor
from .paths import LISTED, EntryDerivation, entry_sum
from .picture import checked_scalar, checked_tensor


@overload
def derive(result: Tensor, wrt: Tensor | Iterable[Tensor] | None = None, *, gradient: Any = None) -> Derivation: ...
@overload
def derive(result: Tensor, wrt: Tensor, index: Any) -> EntryDerivation: ...
def derive(result: Tensor, wrt: Any = None, index: Any = None, *, gradient: Any = None) -> Any:
    """The derivation of a scalar's gradients, as backpropagation takes its steps; or of one entry of one.

    What is derived may be a gradient itself, recorded by `create_graph=True`: so come second derivatives.

    Parameters
    ----------
    result : Tensor
        What was computed, a scalar of a real floating dtype, as a loss. It need not have run `backward`.
    wrt : Tensor or iterable of Tensor, optional
        Whose gradients are derived, by the steps that they need and no others; without it, all are.
    index : int or tuple of int, optional
        With one Tensor `wrt`: the gradient's entry there is derived in scalar terms, as the sum over its paths.
    gradient : array_like, optional
        As in `backward`, what arrives at a result that is no scalar; s = Σ(result ⊙ gradient) is derived then.

    Returns
    -------
    Derivation, or with an index EntryDerivation
        With `.steps`, `.text()`, `.latex()`, `.verify()`, and `.save("x.html")`, also `.md`, `.svg`, `.tex` and `.txt`.

    Raises
    ------
    TypeError
        `result` or `wrt` is no Tensor, or an index is given without one.
    ValueError
        `result` is no scalar and no `gradient` is given; `wrt` is not in its graph, or requires no gradient.
    IndexError
        There is no such entry.
    RuntimeError
        `result` depends on nothing that requires a gradient, or a value was changed after it was used.

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
    if index is not None:
        if type(wrt) is not Tensor:
            raise TypeError("ag.derive(): an index is of one Tensor's gradient; give that Tensor, too: wrt=")
        if gradient is not None:
            raise TypeError(
                "ag.derive(): gradient= is for whole gradients, index= for an entry of one; give one of them"
            )
        return entry_sum(EntryDerivation, result, wrt, index, LISTED, variables)
    if gradient is not None:
        result = _weighted(checked_tensor(result, "derive"), gradient)
    checked_scalar(result, "derive")
    if wrt is None:
        derived = steps(result, variables)
    else:
        several = isinstance(wrt, Iterable) and not hasattr(wrt, "dtype")
        asked = {checked_wrt(result, x) for x in (wrt if several else (wrt,))}
        if not asked:
            raise ValueError("ag.derive(): wrt= has no Tensor in it; without wrt=, all gradients are derived")
        derived = steps(result, variables, lambda nodes: asked).towards(asked)
    return Derivation(*(getattr(derived, field.name) for field in fields(Derived)))


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

    def latex(self, depth: str | None = None, whole: bool = False) -> str:
        """A LaTeX document that compiles as it stands; by default without numbers put in, which seldom fit a page. Of a
        large graph the middle is left out, unless `whole`."""
        return report.as_latex(self, depth, whole)

    def markdown(self, whole: bool = False) -> str:
        """GitHub's Markdown, with formulas in its mathematics. Of a large graph the middle is left out, unless
        `whole`."""
        return report.as_markdown(self, whole)

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
        count = len(self.steps)
        return f"<Derivation of {self.root.symbol.name.text}: {count} gradient{'' if count == 1 else 's'}>"

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """For notebooks: typeset HTML; LaTeX for readers that set it themselves; text."""
        return bundle(self.text, lambda: notebook(self), include, exclude, latex=report.as_latex_fragment(self))

    def _mime_(self) -> tuple[str, str]:
        """For marimo, which beside typeset HTML would show LaTeX as it is written."""
        shown = self._repr_mimebundle_()
        kind = "text/html" if "text/html" in shown else "text/plain"
        return kind, shown[kind]


def _weighted(result: Tensor, gradient: Any) -> Tensor:
    """The scalar whose gradients backpropagation of `gradient` from `result` computes."""
    seed(result, gradient)  # refuses what does not fit
    with record(EVERYTHING):
        weighted = (result * (gradient if hasattr(gradient, "shape") else np.array(gradient, result.dtype))).sum()
    weighted.name = "s"
    return weighted
