"""`paths`: the sum over paths behind one entry of a gradient; and that entry's derivation, which `derive` gives."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Container, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..derivation.documents import Formula, Part, as_latex, as_markdown, as_text
from ..derivation.names import callers_variables
from ..derivation.scalars import report as path_report
from ..derivation.scalars.check import verify
from ..derivation.scalars.paths import LISTED, PathSum, path_sum
from ..derivation.verify import Verification
from ..drawing.document_page import notebook, page
from ..drawing.paths_scene import scene
from ..drawing.picture import Picture
from ..drawing.web import bundle
from ..files import save_by_suffix
from ..tensor import Tensor, label


def paths(result: Tensor, wrt: Tensor, index: Any = (), *, k: int = LISTED) -> Paths:
    """The paths behind one entry of a gradient: each a product of local derivatives, the entry their sum.

    A path leads from the entry through single entries of the values computed from it to the result. All are counted,
    exactly, and summed; the largest are listed. How many multiplications backpropagation saves is said as well. Bauer,
    "Computational graphs and rounding error" (SIAM Journal on Numerical Analysis 11, 1974).

    Parameters
    ----------
    result : Tensor
        A scalar of a real floating dtype. It need not have run `backward`.
    wrt : Tensor
        The Tensor whose gradient it is: a leaf with `requires_grad=True`, or a value on the way.
    index : int or tuple of int
        Which entry of `wrt`; () for a scalar. Negative numbers count from the end.
    k : int
        How many paths are listed at most, the largest by the size of their product.

    Returns
    -------
    Paths
        With `.paths`, `.count`, `.total`, …, and `.text()`, `.latex()`, `.html()`, `.svg()`, `.save("x.html")`.

    Raises
    ------
    TypeError
        `result` or `wrt` is no Tensor; `index` is not of whole numbers; there are complex numbers on the way.
    IndexError
        There is no such entry.
    ValueError
        `wrt` is not in the graph or requires no gradient; `result` is no scalar; `k` is negative; or there are more
        than millions of derivatives between the entry and the result.
    RuntimeError
        `result` depends on nothing that requires a gradient, a value was changed after it was used, or the products do
        not add up to what backpropagation gives, since a rule on the way is not linear in the arriving gradient.

    Examples
    --------
    >>> import autograd as ag
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> a = w * w
    >>> a.name = "a"
    >>> found = ag.paths(a.sum(), w, 1)
    >>> found.count, found.total
    (2, 4.0)
    >>> [path.product for path in found.paths]
    [2.0, 2.0]
    """
    return entry_sum(Paths, result, wrt, index, k, callers_variables(sys._getframe(1)))


class Paths(PathSum):
    """The paths behind one entry of a gradient, made by `ag.paths`. Printed, it is a table; a notebook typesets it."""

    __slots__ = ()

    def text(self) -> str:
        """In Unicode text."""
        return as_text(self._title().text, self._parts())

    def latex(self) -> str:
        """A LaTeX document that compiles as it stands."""
        return as_latex(self._title(), self._parts())

    def html(self) -> str:
        """A page of its own, without network or scripts: the picture, and the table."""
        return page(self._title(), self.svg(), self._parts())

    def svg(self, theme: str = "auto") -> str:
        """The picture of the paths, "light", "dark" or as the reader prefers. RuntimeError where no Graphviz works."""
        return self.picture().svg(theme)

    def picture(self) -> Picture:
        """The entries on the listed paths as a picture: the paths lit up, their products and the sum beside them."""
        return Picture(scene(self))

    def verify(self) -> Verification:
        """Each local derivative's printed formula evaluated from the values alone, against its number; their sum over
        the paths against backpropagation and central differences. `.ok` tells whether all agree."""
        return verify(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write .html, .md, .tex or .txt, by the path's suffix, or the picture: .svg, .dot, .png, .pdf; ValueError for
        another.

        Returns the path. Never half a file.
        """
        picture = self.picture()
        writers: dict[str, Callable[[], str | bytes]] = {
            ".html": self.html,
            ".md": lambda: as_markdown(self._title(), self._parts()),
            ".svg": picture.svg,
            ".dot": picture.dot,
            ".png": picture.png,
            ".pdf": picture.pdf,
            ".tex": self.latex,
            ".txt": self.text,
        }
        return save_by_suffix(path, "paths", writers)

    def _title(self) -> Formula:
        return Formula(f"The paths behind {self.name.text}", rf"\text{{The paths behind }}{self.name.latex}")

    def _parts(self) -> list[Part]:
        return path_report.table(self)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        count = path_report.whole(self.count).text
        return f"<{type(self).__name__} of {self.name.text}: {count} path{'' if self.count == 1 else 's'}>"

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        def html() -> str:
            image = self.picture()._repr_mimebundle_().get("text/html", "")
            return f"<div>{image}</div>{notebook(self._title(), self._parts())}"

        return bundle(self.text, html, include, exclude)


class EntryDerivation(Paths):
    """The derivation of one entry of a gradient in scalar terms; made by `derive` when it is given an index.

    The values on the way, the local derivatives, the paths with their products, and the sum.
    """

    __slots__ = ()

    def _title(self) -> Formula:
        return Formula(f"{self.name.text}, derived", rf"{self.name.latex}\text{{, derived}}")

    def _parts(self) -> list[Part]:
        return path_report.derivation(self)


def entry_sum(kind: type[Paths], result: Any, wrt: Any, index: Any, k: int, names: Mapping[str, Any]) -> Any:
    """The sum over paths as `kind`, which adds how it is shown."""
    if type(result) is not Tensor:
        raise TypeError(f"the first argument is the Tensor that was computed, e.g. a loss, not {label(result)}")
    found = path_sum(result, wrt, index, k, names)
    return kind(*(getattr(found, field.name) for field in fields(PathSum)))
