# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for writing archives."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import io
import os
import pathlib
import shutil
import tarfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import pack_write
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_select import select
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_write import copy_archive, write_archive
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.unpack import unpack_archive
from ansible_collections.netdevops.python.tests.unit.support.installations import MTIME, install


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    return install(tmp_path / "one")


def packed(folder: pathlib.Path, path: pathlib.Path, **changed: bytes) -> bytes:
    written = write_archive(str(folder), select(str(folder), ()), changed, str(path))
    data = path.read_bytes()
    assert (written.sha256, written.size) == (hashlib.sha256(data).hexdigest(), len(data))
    return data


def test_the_same_tree_gives_the_same_bytes(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """At another place, with other modes, links to it, times of folders, fractions of seconds, and umask."""
    first = packed(folder, tmp_path / "a.tar.gz")
    copy = tmp_path / "deep/copy"
    shutil.copytree(folder, copy, symlinks=True)
    for path in copy.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o700 if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0o600)
            os.utime(path, ns=(MTIME * 10**9, MTIME * 10**9 + 123_456_789))
    os.utime(copy / "lib", (1, 1))
    old = os.umask(0o077)
    try:
        assert packed(copy, tmp_path / "b.tar.gz") == first
    finally:
        os.umask(old)
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o644


def test_nothing_of_the_build_box_is_in_it(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    data = packed(folder, tmp_path / "a.tar.gz")
    assert data[3:8] == bytes(5)  # no flags: no name; and no time
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        members = archive.getmembers()
    assert {(one.uid, one.gid, one.uname, one.gname) for one in members} == {(0, 0, "", "")}
    assert {one.mode for one in members} == {0o755, 0o644}
    assert {int(one.mtime) for one in members} == {0, MTIME}
    assert [one.name for one in members] == sorted(one.name for one in members)
    assert members[0].name == "python"
    assert members[0].isdir()


def test_what_was_packed_is_unpacked(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    data = packed(folder, tmp_path / "a.tar.gz", **{"lib/python3.11/os.py": b"# new\n"})
    size = sum(entry.size for entry in select(str(folder), ())) + len("# new\n") - len("# os\n")
    unpack_archive(io.BytesIO(data), str(tmp_path / "new"), "a", size)
    assert (tmp_path / "new/lib/python3.11/os.py").read_bytes() == b"# new\n"
    assert (folder / "lib/python3.11/os.py").read_bytes() == b"# os\n"
    (folder / "lib/python3.11/os.py").write_bytes(b"# new\n")
    os.utime(folder / "lib/python3.11/os.py", (MTIME, MTIME))

    def state(place: pathlib.Path) -> dict[str, Any]:
        return {
            str(path.relative_to(place)): os.readlink(path)
            if path.is_symlink()
            else (path.read_bytes(), path.stat().st_mtime)
            for path in place.rglob("*")
            if path.is_symlink() or path.is_file()
        }

    assert state(tmp_path / "new") == state(folder)


@pytest.mark.parametrize("change", ["size", "time"])
def test_a_tree_that_changes_meanwhile_is_refused(folder: pathlib.Path, tmp_path: pathlib.Path, change: str) -> None:
    entries = select(str(folder), ())
    if change == "size":
        (folder / "lib/python3.11/os.py").write_bytes(b"# os changed\n")
        os.utime(folder / "lib/python3.11/os.py", (MTIME, MTIME))
    else:
        os.utime(folder / "lib/python3.11/os.py", (MTIME, MTIME + 1))
    (tmp_path / "a.tar.gz").write_bytes(b"the old one")
    with pytest.raises(Refused, match="changed while it was packed"):
        write_archive(str(folder), entries, {}, str(tmp_path / "a.tar.gz"))
    assert (tmp_path / "a.tar.gz").read_bytes() == b"the old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "one"]


def test_a_full_disk_leaves_the_old_archive(
    folder: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Any, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.tar.gz").write_bytes(b"the old one")
    monkeypatch.setattr(pack_write._Packed, "_write", full)
    with pytest.raises(OSError, match="No space left"):
        write_archive(str(folder), select(str(folder), ()), {}, str(tmp_path / "a.tar.gz"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "one"]
    assert (tmp_path / "a.tar.gz").read_bytes() == b"the old one"


def test_what_a_killed_run_left_is_written_over(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / ".a.tar.gz.part").write_bytes(b"x" * 1_000_000)
    assert gzip.decompress(packed(folder, tmp_path / "a.tar.gz"))[:7] == b"python/"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "one"]


def test_two_runs_do_not_write_one_archive(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with open(tmp_path / ".a.tar.gz.part", "wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="is being written by another run"):
            packed(folder, tmp_path / "a.tar.gz")
        assert (tmp_path / ".a.tar.gz.part").exists()


def test_a_file_that_got_its_final_name_meanwhile_is_not_written_over(
    folder: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.flock

    def slow(descriptor: int, kind: int) -> None:
        os.replace(tmp_path / ".a.tar.gz.part", tmp_path / "a.tar.gz")
        (tmp_path / "a.tar.gz").write_bytes(b"the other run's")
        real(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", slow)
    with pytest.raises(Refused, match="is being written by another run"):
        packed(folder, tmp_path / "a.tar.gz")
    assert (tmp_path / "a.tar.gz").read_bytes() == b"the other run's"


def test_a_link_in_the_way_is_not_followed(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / ".a.tar.gz.part").symlink_to("victim")
    with pytest.raises(OSError, match="symbolic links"):
        packed(folder, tmp_path / "a.tar.gz")
    assert (tmp_path / "victim").read_text() == "precious"


def test_an_archive_is_copied_whole(tmp_path: pathlib.Path) -> None:
    copy_archive(io.BytesIO(b"x" * 600_000), str(tmp_path / "a.tar.gz"))
    assert (tmp_path / "a.tar.gz").read_bytes() == b"x" * 600_000
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]
