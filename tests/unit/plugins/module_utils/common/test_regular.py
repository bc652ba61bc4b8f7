# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib

import pytest

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
