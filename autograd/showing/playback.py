"""`play`: backpropagation step by step; `widget`: the same with sliders, everything computed again as they move."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..derivation.names import callers_variables
from ..derivation.steps import steps
from ..drawing.fold import view
from ..drawing.playback import Playback
from ..drawing.scopes import Scopes
from ..tensor import Tensor
from .picture import all_variables, checked_depth, checked_names, checked_scalar


def play(
    result: Tensor, *, depth: int | None = None, open: Iterable[str] | str = (), fold: Iterable[str] | str | bool = True
) -> Playback:
    """Backpropagation step by step: each value waiting, ready or done, each gradient arriving, by which rule, and why.

    A notebook shows it by itself, as a page to step through where it is trusted, else as a sequence of pictures;
    `print` gives it as text. A large graph folds by itself, as in `draw`: a part that is folded is one step, and what
    arrives there and what leaves is shown.

    Parameters
    ----------
    result : Tensor
        A scalar of a real floating dtype that depends on Tensors with `requires_grad=True`. It need not have run
        `backward`.
    depth, open, fold
        As for `draw`: how many levels of modules stand open; names to show, whatever else is folded; names to fold, or
        False for a step of its own for every value.

    Returns
    -------
    Playback
        With `.html()`, `.svg()`, `.gif()`, `.text()`, and `.save("x.html")`, also `.svg`, animated, `.gif` and `.txt`.

    Raises
    ------
    TypeError, RuntimeError, ValueError
        Those of `draw`; a ValueError as well for what would be more than 400 boxes, too many to follow.

    Examples
    --------
    >>> import autograd as ag
    >>> w = ag.Tensor(3.0, requires_grad=True, name="w")
    >>> L = (w * 2 - 1) ** 2
    >>> ag.play(L)
    <Playback of L: 5 steps>
    >>> print(ag.play(L))
    1. What is given
    2. Forward: L
       L = (2 · w − 1)² = 25
    3. Backward: ∂L/∂L
       ∂L/∂L = 1
       waiting: w for L
    4. Backward: ∂L/∂w
       ∂L/∂w = 4 · (2 · w − 1) = 20
    5. Every gradient is there
    <BLANKLINE>
    """
    variables = callers_variables(sys._getframe(1))
    scopes = Scopes(all_variables(sys._getframe(1)))
    derived = steps(checked_scalar(result, "play"), variables, scopes.apart)
    seen = view(
        derived.values,
        scopes,
        depth=checked_depth(depth),
        opened=checked_names("open", open),
        folded=() if isinstance(fold, bool) else checked_names("fold", fold),
        fold=fold is not False,
    )
    return Playback(derived, seen)


def widget(f: Callable[..., Tensor], *, ranges: Mapping[str, tuple[float, float]] | None = None, **inputs: Any) -> Any:
    """A graph with sliders: as they move, its values, gradients and formulas are computed and drawn again.

    For Jupyter, VS Code, Colab and marimo, by anywidget: `pip install 'glassgrad[widget]'`. Where there are no widgets,
    as on GitHub, the picture is shown as it was.

    Parameters
    ----------
    f : function
        Of Tensors of the names given in `inputs`; it gives a scalar. Called anew for each change.
    ranges : dict, optional
        From where to where a slider goes, by the input's name; by default, twice as far as its value, to both sides.
    inputs : numbers, arrays or Tensors
        Where the sliders start, one slider a number, up to 24. They are copied: nothing of yours is changed.

    Returns
    -------
    An anywidget.AnyWidget
        Its `numbers` may be set from Python as well; its `live.values` are the inputs now.

    Raises
    ------
    RuntimeError
        anywidget is not installed; or `f` gives what depends on none of the inputs.
    TypeError
        Inputs that are no real numbers; a function that gives no Tensor.
    ValueError
        No inputs or too many; a range of what is no input, or from high to low.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> shown = ag.widget(lambda x, w: np.sin(x * w) * x, x=2.0, w=-3.0)
    >>> shown.numbers
    [2.0, -3.0]
    """
    try:
        from ..drawing.live_widget import LiveWidget
    except ImportError as problem:
        raise RuntimeError(
            f"ag.widget() is made by anywidget: pip install 'glassgrad[widget]' ({problem}). ag.play() needs nothing"
        ) from problem
    return LiveWidget(f, inputs, ranges)
