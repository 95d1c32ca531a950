"""`play`: backpropagation step by step."""

from __future__ import annotations

import sys

from .derivation.names import callers_variables
from .derivation.steps import steps
from .drawing.playback import Playback
from .showing_picture import checked_tensor
from .tensor import Tensor


def play(result: Tensor) -> Playback:
    """Backpropagation step by step: each value waiting, ready or done, each gradient arriving, by which rule, and why.

    A notebook shows it by itself, as a page to step through where it is trusted, else as a sequence of pictures;
    `print` gives it as text. Parameters and errors are those of `draw`; more than 400 values are a ValueError.

    Returns
    -------
    Playback
        With `.html()`, `.svg()`, `.gif()`, `.text()`, and `.save("x.html")`, also `.svg`, animated, `.gif` and `.txt`.

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
    return Playback(steps(checked_tensor(result, "play"), callers_variables(sys._getframe(1))))
