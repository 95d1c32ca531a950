"""Writing files: whole or not at all."""

from __future__ import annotations

import os
import stat
import sys

import pytest

from autograd import files
from autograd.files import write_atomically


def test_text_is_written_as_utf8_with_its_line_ends(tmp_path):
    path = write_atomically(tmp_path / "a.txt", "∂L/∂x\n1\r\n")
    assert path == tmp_path / "a.txt"
    assert path.read_bytes() == "∂L/∂x\n1\r\n".encode()


def test_bytes_are_written_as_they_are(tmp_path):
    assert write_atomically(str(tmp_path / "a.bin"), b"\x00\xff").read_bytes() == b"\x00\xff"


def test_a_file_that_was_there_is_replaced(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("a long old text")
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert write_atomically("~/a.txt", "x") == tmp_path / "a.txt"


@pytest.mark.parametrize("step", ["replace", "open"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    if step == "replace":
        monkeypatch.setattr(files.os, "replace", fail)
    else:
        monkeypatch.setattr("builtins.open", fail)
    with pytest.raises(OSError, match="the disk is full"):
        write_atomically(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_text_that_is_no_unicode_touches_nothing(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        write_atomically(tmp_path / "a.txt", "\ud800")
    assert not os.listdir(tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*missing"):
        write_atomically(tmp_path / "missing" / "a.txt", "x")


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotADirectoryError, match="is a file, not a folder"):
        write_atomically(tmp_path / "file" / "a.txt", "x")


def test_a_folder_is_not_replaced(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write_atomically(tmp_path, "x")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions as POSIX has them")
def test_permissions_are_the_usual_ones_or_those_that_were(tmp_path):
    old = os.umask(0o027)
    try:
        new = write_atomically(tmp_path / "new.txt", "x")
        assert stat.S_IMODE(new.stat().st_mode) == 0o640
        new.chmod(0o604)
        write_atomically(new, "y")
        assert stat.S_IMODE(new.stat().st_mode) == 0o604
    finally:
        os.umask(old)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_keeps_pointing(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to("real.txt")
    assert write_atomically(link, "new") == link
    assert link.is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"
