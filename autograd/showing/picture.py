"""`draw`: the picture of a graph, as boxes and arrows or as a network of units."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from operator import index
from typing import Any

from ..derivation.names import callers_variables
from ..derivation.steps import steps
from ..drawing.network import layer_nodes, network
from ..drawing.picture import Picture
from ..drawing.portray import scene
from ..drawing.scopes import Scopes
from ..tensor import Tensor, label


def draw(
    result: Tensor,
    *,
    backward: bool | None = None,
    depth: int | None = None,
    open: Iterable[str] | str = (),
    fold: Iterable[str] | str | bool = True,
    scalars: bool = False,
    neurons: bool | int = False,
) -> Picture:
    """The picture of how a scalar was computed, and of its gradients.

    A notebook shows it by itself, laid out for its width; `print` gives it as text. Values bear their own names, else
    those of your variables. What was computed in calls of modules, if a variable of yours holds them, stands in frames.
    A graph too large to be read folds by itself, and says so.

    Parameters
    ----------
    result : Tensor
        A scalar of a real floating dtype that depends on Tensors with `requires_grad=True`. It need not have run
        `backward`.
    backward : bool, optional
        Whether arrows lead back as well, with the local derivatives on them; by default, where there are few boxes.
        Between opened arrays each is the derivative of one entry by another; where they are many, it is said when they
        are pointed at.
    depth : int, optional
        How many levels of modules stand open; the parts below are folded into a box each.
    open : names
        Modules ("net.layers.0") and values ("z1") to show, whatever else is folded. An array is opened into its
        entries; "W1[0,1]" opens one.
    fold : names, or bool
        Modules to fold; False shows everything, however large.
    scalars : bool
        Open all arrays into their entries.
    neurons : bool or int
        Draw a chain of layers x W + b as columns of units with weights between them, for the first example of the
        batch, or for that of the number given.

    Returns
    -------
    Picture
        With `.svg()`, `.dot()`, `.text()`, and `.save("x.svg")`, also `.dot`, `.html`, `.png`, `.pdf` and `.txt`;
        `theme="dark"` gives the dark colours.

    Raises
    ------
    TypeError
        `result` is no Tensor; or `neurons` is given with what it has no use for.
    RuntimeError
        It depends on nothing that requires a gradient, or a value was changed after it was used.
    ValueError
        It is no scalar, or nothing in the picture has a name given in `open` or `fold`; or with `neurons` the graph is
        no chain of layers: the message says why; or there are more entries to show than a picture can hold.
    IndexError
        An array has no entry that `open` asks for.

    Examples
    --------
    >>> import autograd as ag
    >>> w = ag.Tensor(3.0, requires_grad=True, name="w")
    >>> ag.draw(w * w)
    <Picture: 2 boxes, 2 arrows>
    """
    variables = callers_variables(sys._getframe(1))
    scopes = Scopes(all_variables(sys._getframe(1)))
    checked_scalar(result, "draw")
    if neurons is not False:
        for name, differs in (
            ("backward", backward is not None),
            ("depth", depth is not None),
            ("open", open != ()),
            ("fold", fold is not True),
            ("scalars", scalars),
        ):
            if differs:
                raise TypeError(f"ag.draw(): columns of neurons have no {name}=; give {name}= or neurons=, not both")
        return Picture(network(steps(result, variables, layer_nodes), 0 if neurons is True else index(neurons)))
    derived = steps(result, variables, scopes.apart)
    return Picture(
        scene(
            derived,
            scopes,
            backward=backward,
            depth=checked_depth(depth),
            opened=checked_names("open", open),
            folded=() if isinstance(fold, bool) else checked_names("fold", fold),
            fold=fold is not False,
            scalars=scalars,
        )
    )


def all_variables(frame: Any) -> Iterator[tuple[str, Any]]:
    """The variables of the caller, of its caller, and so on: some function on the way may hold the modules."""
    yield from callers_variables(frame).items()
    while (frame := frame.f_back) is not None:
        yield from frame.f_locals.items()


def checked_depth(depth: Any) -> int | None:
    if depth is None or (isinstance(depth, int) and not isinstance(depth, bool) and depth >= 0):
        return depth
    raise ValueError(f"depth= is a number of levels, 0 or more, not {depth!r}")


def checked_names(option: str, given: Any) -> tuple[str, ...]:
    """Names given as one string or as several."""
    names = (given,) if isinstance(given, str) or not isinstance(given, Iterable) else tuple(given)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{option}= takes names, e.g. {option}=['net.layers.0'], not {label(name)}")
    return names


def checked_tensor(result: Any, asked: str) -> Tensor:
    """TypeError for what is no Tensor."""
    if type(result) is not Tensor:
        shape = f" of shape {result.shape}" if hasattr(result, "shape") else ""
        raise TypeError(
            f"ag.{asked}() takes the Tensor that was computed, e.g. a loss; this is {label(result)}{shape}. "
            "Compute it from Tensors that were created with requires_grad=True"
        )
    return result


def checked_scalar(result: Any, asked: str) -> Tensor:
    """TypeError for what is no Tensor, ValueError for one that is no scalar."""
    if checked_tensor(result, asked).shape and result.requires_grad:  # without a gradient that is said instead
        further = ", or give the gradient that arrives at it: ag.derive(t, gradient=…)" if asked == "derive" else ""
        raise ValueError(
            f"ag.{asked}() takes a scalar, but {label(result)} has shape {result.shape}: reduce it first, e.g. "
            f"np.sum(t), or take an entry, e.g. t{[0] * result.ndim}{further}"
        )
    return result
