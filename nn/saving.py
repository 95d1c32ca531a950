"""Saving what a model has learned: its parameters in a .npz file, arrays only. Nothing is pickled, nothing executed."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from autograd.files import write_atomically

from .module import Module

_MODEL = "(model)"
"""The file's entry with the model's repr, for people and for messages: no attribute can have this name."""


def save(model: Module, path: str | os.PathLike[str]) -> Path:
    """Write a model's parameters to a .npz file, each under its dotted name; whole or not at all.

    It holds what `model.state_dict()` returns, which `np.load` reads as well, and, as "(model)", the model's repr.

    Parameters
    ----------
    model : Module
    path : str or path
        Ends in .npz.

    Returns
    -------
    The path written.

    Raises
    ------
    TypeError
        `model` is no Module.
    ValueError
        The path ends otherwise, or a parameter has a name that no file can hold.
    OSError
        It cannot be written; a file that was there stays.

    Examples
    --------
    >>> import nn, os, tempfile
    >>> net = nn.MLP(3, 4, 2, rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = nn.save(net, os.path.join(folder, "net.npz"))
    ...     nn.load(nn.MLP(3, 4, 2), path).state_dict()["b2"]
    array([0., 0.])
    """
    if not isinstance(model, Module):
        raise TypeError(f"save(model, path) takes a Module first, not a {type(model).__name__}")
    if Path(path).suffix.lower() != ".npz":
        raise ValueError(f"a model is saved as .npz, not as {os.fspath(path)!r}")
    state = model.state_dict()
    for name in state:
        if name == _MODEL or "/" in name or "\\" in name or "\0" in name:
            raise ValueError(f"a parameter is called {name!r}, which is no name in a .npz file; rename it")
    import zipfile  # some milliseconds that `import nn` need not take

    file = io.BytesIO()
    # np.savez takes names as keywords beside parameters of its own: a parameter of a model may be called `file`.
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in {_MODEL: np.array(repr(model)), **state}.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)
    return write_atomically(path, file.getvalue())


def load(model: Any, path: str | os.PathLike[str]) -> Any:
    """Set a model's parameters to those that `save` wrote; after any error, none of them. Returns the model.

    A file of `np.savez(path, **model.state_dict())` is read as well.

    Parameters
    ----------
    model : Module
        Of the same layers and sizes as the one saved.
    path : str or path

    Raises
    ------
    TypeError
        `model` is no Module.
    ValueError
        The file is no .npz archive of numbers, or holds other names, shapes or dtypes than the model; the message
        lists them, and says which model was saved.
    OSError
        The file is not there, or cannot be read.

    Examples
    --------
    See `save`.

    >>> import nn
    >>> nn.load(nn.MLP(3, 4, 2), "none.npz")
    Traceback (most recent call last):
      ...
    FileNotFoundError: [Errno 2] No such file or directory: 'none.npz'
    """
    if not isinstance(model, Module):
        raise TypeError(f"load(model, path) takes a Module first, not a {type(model).__name__}")
    about, state = contents(path)
    try:
        model.load_state_dict(state)
    except ValueError as error:
        saved = f"; it was saved from {about}" if about else ""
        raise ValueError(f"model file {os.fspath(path)!r}: {error}{saved}") from None
    return model


def contents(path: str | os.PathLike[str]) -> tuple[str, dict[str, np.ndarray]]:
    """What a model file holds: the saved model's repr ("" where there is none), and the arrays by name."""
    try:
        with open(path, "rb") as file:
            if file.read(2) != b"PK":  # the start of a zip archive; np.load would take the rest for a pickle
                raise ValueError("it is no .npz archive")
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                state = {name: archive[name] for name in archive.files}
    except OSError as error:
        if error.errno is not None:
            raise
        raise ValueError(f"model file {os.fspath(path)!r} cannot be read: {error}") from None
    except MemoryError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy each have errors of their own for a broken archive
        raise ValueError(f"model file {os.fspath(path)!r} cannot be read: {error or type(error).__name__}") from None
    about = state.pop(_MODEL, None)
    return ("" if about is None or about.dtype.kind != "U" else str(about)), state
