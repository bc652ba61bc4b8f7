# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common import regular
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular


def test_of_a_file_the_beginning_is_read(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    for most, expected in ((4, b"0123"), (10, b"0123456789"), (100, b"0123456789")):
        read = read_regular(str(path), most)
        assert read and read[0] == expected and read[1].st_size == 10


def test_anything_else_is_none_and_nothing_waits(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    count = len(os.listdir("/proc/self/fd"))
    for path in (str(tmp_path), str(tmp_path / "pipe"), "/dev/zero"):
        assert read_regular(path, 10) is None
    assert len(os.listdir("/proc/self/fd")) == count


def test_links_are_followed_where_they_may_be(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    read = read_regular(str(tmp_path / "link"), 10)
    assert read and read[0] == b"text"
    with pytest.raises(OSError, match="symbolic links"):
        read_regular(str(tmp_path / "link"), 10, follow=False)
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        read = read_regular("file", 10, follow=False, folder=descriptor)
    finally:
        os.close(descriptor)
    assert read and read[0] == b"text"


def test_what_is_not_there_is_an_error(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_regular(str(tmp_path / "none"), 10)


def test_the_kind_is_known_before_anything_is_opened(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/null")
    opened: list[int] = []
    real = os.open

    def watched(path: str, flags: int, **options: int | None) -> int:
        opened.append(flags)
        return real(path, flags, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", watched)
    for path in (str(tmp_path / "pipe"), str(tmp_path / "link"), "/dev/zero"):
        assert read_regular(path, 10) is None
    assert len(opened) == 3 and all(flags & os.O_PATH for flags in opened)


def test_what_the_file_system_says_may_be_refused_before(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_bytes(b"text")

    def refuses(found: os.stat_result) -> None:
        raise ValueError(f"{found.st_size} bytes")

    count = len(os.listdir("/proc/self/fd"))
    with pytest.raises(ValueError, match="4 bytes"):
        read_regular(str(tmp_path / "file"), 10, check=refuses)
    assert len(os.listdir("/proc/self/fd")) == count


def test_without_proc_no_link_is_followed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regular, "DESCRIPTORS", str(tmp_path / "none"))
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    read = read_regular(str(tmp_path / "file"), 10)
    assert read and read[0] == b"text"
    with pytest.raises(OSError, match="symbolic links"):
        read_regular(str(tmp_path / "link"), 10)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_named(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch(0)
    with pytest.raises(PermissionError) as caught:
        read_regular(str(tmp_path / "file"), 10)
    assert caught.value.filename == str(tmp_path / "file")
