"""Writing a file whole or not at all. Whatever the project saves goes through here."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write `content` to `path`, so that a reader sees the old file or the new one, never a part of one.

    Text is written as UTF-8 with its line ends as they are. `~` is the home folder. A file that was there keeps its
    permissions, a new one gets the usual ones. A link is followed: the file it points to is replaced.

    Returns the path written. Raises what the operating system raises: FileNotFoundError where the folder is missing,
    NotADirectoryError, IsADirectoryError, PermissionError, …; nothing half-written stays behind.
    """
    target = Path(path).expanduser()
    data = content.encode("utf-8") if isinstance(content, str) else content
    if target.is_dir():
        raise IsADirectoryError(f"cannot write {target}: it is a folder")
    if not target.parent.is_dir():
        if target.parent.exists():
            raise NotADirectoryError(f"cannot write {target}: {target.parent} is a file, not a folder")
        raise FileNotFoundError(f"cannot write {target}: there is no folder {target.parent}")
    real = target.resolve()  # replacing a link by a file would cut it off from what it pointed to
    temporary = real.with_name(f".{real.name[:80]}.{secrets.token_hex(6)}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        if real.exists():
            temporary.chmod(real.stat().st_mode & 0o777)
        os.replace(temporary, real)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return target


def save_by_suffix(path: str | os.PathLike[str], what: str, writers: Mapping[str, Callable[[], str | bytes]]) -> Path:
    """Write what the writer for the path's suffix makes; return the path. ValueError for a suffix that has none."""
    suffix = Path(path).suffix.lower()
    if suffix not in writers:
        known = ", ".join(writers)
        raise ValueError(f"cannot save {what} as {suffix or 'a file without a suffix'!r}: use one of {known}")
    return write_atomically(path, writers[suffix]())
