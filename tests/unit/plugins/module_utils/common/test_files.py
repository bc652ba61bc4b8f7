# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ctypes
import os
import pathlib
import stat
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common import files
from ansible_collections.netdevops.python.plugins.module_utils.common.files import (
    declared_modes,
    sync_file_system,
    sync_folder,
    write_atomic,
)


def test_a_file_is_replaced_with_its_declared_mode_under_any_umask(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    before = path.stat().st_ino
    umask = os.umask(0o077)
    try:
        write_atomic(str(path), b"new", 0o644)
    finally:
        os.umask(umask)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert path.stat().st_ino != before
    assert os.listdir(tmp_path) == ["file"]


def test_modes_count_as_declared_and_the_umask_comes_back(tmp_path: pathlib.Path) -> None:
    umask = os.umask(0o077)
    try:
        with declared_modes():
            os.makedirs(tmp_path / "one/two")
        with pytest.raises(FileExistsError), declared_modes():
            os.makedirs(tmp_path / "one/two")
        inherited = os.umask(0o077)
    finally:
        os.umask(umask)
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("one", "one/two")} == {0o755}
    assert inherited == 0o077


def test_a_relative_name_is_of_the_current_folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_atomic("file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_is_replaced_not_followed(tmp_path: pathlib.Path) -> None:
    (tmp_path / "target").write_bytes(b"theirs")
    (tmp_path / "link").symlink_to("target")
    write_atomic(str(tmp_path / "link"), b"ours")
    assert (tmp_path / "target").read_bytes() == b"theirs"
    assert not (tmp_path / "link").is_symlink()


def test_only_folders_are_synced_as_folders(tmp_path: pathlib.Path) -> None:
    sync_folder(str(tmp_path))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        sync_folder(str(tmp_path / "file"))


def test_content_is_on_the_disk_before_its_name_and_the_name_before_the_return(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = []
    real_sync, real_replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real_sync(descriptor)

    def replace(old: str, new: str) -> None:
        order.append("rename")
        real_replace(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_atomic(str(tmp_path / "file"), b"new")
    assert order == ["file", "rename", "folder"]


class Library:
    """A C library whose syncfs answers as a test says."""

    def __init__(self, answer: int) -> None:
        self.asked: list[int] = []
        self.answer = answer

    def syncfs(self, descriptor: int) -> int:
        self.asked.append(descriptor)
        return self.answer


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(os, "sync", lambda: found.append("all"))
    return found


def test_one_file_system_is_flushed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, synced: list[str]) -> None:
    library = Library(0)
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: library)
    before = len(os.listdir("/proc/self/fd"))
    sync_file_system(str(tmp_path))
    assert len(library.asked) == 1 and synced == []
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("library", [object(), Library(-1)], ids=["no syncfs", "syncfs fails"])
def test_all_are_flushed_where_one_cannot_be(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, synced: list[str], library: Any
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: library)
    sync_file_system(str(tmp_path))
    assert synced == ["all"]
