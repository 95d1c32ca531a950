"""Data for training: a table in a CSV or .npz file as two arrays, inputs x and targets y; and the article's example."""

from __future__ import annotations

import csv
import os
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

__all__ = ["DataError", "article", "load"]


def __dir__() -> list[str]:
    return __all__


class DataError(ValueError):
    """A data file cannot be used; the message is one line that says why and where.

    >>> load("none.csv")
    Traceback (most recent call last):
      ...
    nn.data.DataError: data file 'none.csv': not found
    """


def article() -> tuple[np.ndarray, np.ndarray]:
    """The three examples that the 3-4-2 network learns: float64 x of shape (3, 3), y of shape (3, 2).

    >>> x, y = article()
    >>> y
    array([[0., 1.],
           [1., 0.],
           [1., 1.]])
    """
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    return x, np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def load(path: str | os.PathLike[str], outputs: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Read a table of examples.

    A .npz file holds two arrays, `x` and `y`, of two axes and equally many rows. A .csv file holds a row of numbers,
    separated by commas, for each example. If its first row is a header, the columns whose names begin with x are the
    inputs, those that begin with y the targets, and there are no others. Without a header (every cell of the first row
    is a number) the last `outputs` columns are the targets.

    Parameters
    ----------
    path : str or path
    outputs : int
        The number of targets in a CSV file without header.

    Returns
    -------
    x, y : ndarray of float64, shapes (rows, inputs) and (rows, outputs)

    Raises
    ------
    DataError
        The file is missing, no regular file, empty, of another kind or malformed; or a number is nan, infinite or too
        large.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "and.csv")
    ...     _ = path.write_text("x1,x2,y\\n0,1,0\\n1,1,1\\n")
    ...     load(path)
    (array([[0., 1.],
           [1., 1.]]), array([[0.],
           [1.]]))
    """
    shown = repr(os.fspath(path))
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    try:
        if not os.path.isfile(path):
            raise DataError(
                "is a folder" if os.path.isdir(path) else "is no regular file" if os.path.exists(path) else "not found"
            )
        if not os.path.getsize(path):
            raise DataError("is empty")
        if suffix not in (".csv", ".npz"):
            raise DataError("the name must end in .csv or .npz")
        return _read_csv(path, outputs) if suffix == ".csv" else _read_npz(path)
    except DataError as error:
        raise DataError(f"data file {shown}: {error}") from None
    except OSError as error:
        raise DataError(f"data file {shown}: {error.strerror or error}") from None


def _read_csv(path: Any, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    rows: list[list[float]] = []
    width, columns = 0, None
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                line = reader.line_num
                if columns is None:
                    width = len(cells)
                    if width == 1 and (mark := next((c for c in ";\t" if c in cells[0]), None)):
                        kind = "semicolons" if mark == ";" else "tabs"
                        raise DataError(f"line {line}: the columns are separated by {kind}; separate them by commas")
                    if not all(map(_is_number, cells)):
                        columns = _named_columns([cell.strip() for cell in cells], line)
                        continue
                    columns = _last_columns(width, outputs)
                if len(cells) != width:
                    raise DataError(f"line {line} has {len(cells)} columns, the lines before it {width}")
                rows.append([_number(cell, line, column) for column, cell in enumerate(cells, 1)])
    except UnicodeDecodeError:
        raise DataError("is no text in UTF-8") from None
    except csv.Error as error:
        raise DataError(f"line {reader.line_num}: {error}") from None
    if columns is None:
        raise DataError("holds blank lines only")
    if not rows:
        raise DataError("holds a header and no rows of numbers")
    table = np.array(rows)
    return table[:, columns.x], table[:, columns.y]


class _Columns(NamedTuple):
    """Which columns of a table are inputs, which targets."""

    x: list[int]
    y: list[int]


def _last_columns(width: int, outputs: int) -> _Columns:
    if width <= outputs:
        raise DataError(f"has {width} columns; without a header the last {outputs} are y, and none is left for x")
    return _Columns(list(range(width - outputs)), list(range(width - outputs, width)))


def _named_columns(header: list[str], line: int) -> _Columns:
    for column, name in enumerate(header, 1):
        if name[:1].lower() not in ("x", "y"):
            raise DataError(
                f"line {line}, column {column}: {_shortened(name)} is no number and no column name in x… or y…"
            )
    x, y = ([i for i, name in enumerate(header) if name[0].lower() == letter] for letter in "xy")
    if not x or not y:
        raise DataError(f"the header names no column that begins with {'y' if x else 'x'}")
    return _Columns(x, y)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python reads 1_000 as a number, no other program does


def _number(cell: str, line: int, column: int) -> float:
    where = f"line {line}, column {column}"
    if not cell.strip():
        raise DataError(f"{where} is empty")
    if not _is_number(cell):
        raise DataError(f"{where}: {_shortened(cell)} is no number")
    number = float(cell)
    if not isfinite(number):
        why = "is too large for a float64" if any(c.isdigit() for c in cell) else "is no finite number"
        raise DataError(f"{where}: {_shortened(cell)} {why}")
    return number


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _read_npz(path: Any) -> tuple[np.ndarray, np.ndarray]:
    try:
        with open(path, "rb") as file:
            if file.read(2) != b"PK":  # the start of a zip archive, which np.load goes by too
                raise DataError("is no .npz archive")
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                missing = [name for name in ("x", "y") if name not in archive.files]
                if missing:
                    raise DataError(
                        f"holds no array {' and no array '.join(missing)}; save it by np.savez(path, x=…, y=…)"
                    )
                x, y = (_checked(name, _member(archive, name)) for name in ("x", "y"))
    except DataError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy each have errors of their own for a broken archive
        if isinstance(error, OSError) and error.strerror:
            raise
        raise DataError("is a broken .npz archive") from None
    if len(x) != len(y):
        raise DataError(f"x has {len(x)} rows, y has {len(y)}; they must have equally many")
    return x, y


def _member(archive: Any, name: str) -> np.ndarray:
    try:
        return np.asarray(archive[name])
    except ValueError as error:
        if "pickle" in str(error).lower() or "object" in str(error).lower():
            raise DataError(f"{name} holds pickled Python objects, which are never loaded; save numbers") from None
        raise


def _checked(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} holds dtype {array.dtype}, not real numbers")
    if array.ndim != 2:
        way_out = f"; save {name}.reshape(-1, 1)" if array.ndim == 1 else ""
        raise DataError(f"{name} has shape {array.shape}; it must have two axes, rows and columns{way_out}")
    if not array.size:
        raise DataError(f"{name} has shape {array.shape}: there are no numbers in it")
    with np.errstate(over="ignore"):
        numbers = array.astype(np.float64)
    bad = np.argwhere(~np.isfinite(numbers))
    if len(bad):
        row, column = map(int, bad[0])
        finite = np.isfinite(array[row, column])
        why = "is too large for a float64" if finite else "is no finite number"
        raise DataError(f"{name}[{row}, {column}] = {array[row, column]} {why}")
    return numbers
