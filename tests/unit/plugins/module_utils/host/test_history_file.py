# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import fcntl
import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import history_file
from ansible_collections.netdevops.python.plugins.module_utils.host.history_file import append, read_lines

WRITERS, LINES = 20, 150


@pytest.fixture
def path(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "log" / "deep" / "history.jsonl")


def write_at_once(path: str) -> None:
    """Have real processes add lines, all at the same time."""
    children = []
    for number in range(WRITERS):
        child = os.fork()
        if not child:
            code = 1
            try:
                for count in range(LINES):
                    append(path, f"{number} {count} ".encode().ljust(200, b"x"))
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * WRITERS


def test_lines_of_many_processes_are_whole_and_none_is_lost(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    size = WRITERS * LINES * 201
    monkeypatch.setattr(history_file, "MOST_BYTES", size // 4)
    write_at_once(path)
    lines = list(read_lines(path))
    assert {len(line) for line in lines} == {201}
    assert sorted(tuple(map(int, line.split()[:2])) for line in lines) == [
        (number, count) for number in range(WRITERS) for count in range(LINES)
    ]
    assert len(os.listdir(os.path.dirname(path))) >= 4, "it was put aside meanwhile"


def test_it_is_bounded_and_the_oldest_go_first(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_file, "MOST_BYTES", 100)
    for number in range(100):
        append(path, f"{number:09}".encode())
    files = sorted(os.listdir(os.path.dirname(path)))
    assert files == ["history.jsonl", *(f"history.jsonl.{number}" for number in range(1, 6)), "history.jsonl.lock"]
    found = [int(line) for line in read_lines(path)]
    assert found == list(range(found[0], 100)) and 50 <= len(found) <= 66


def test_what_another_process_just_put_aside_is_not_put_aside_twice(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(descriptor: int, operation: int) -> None:
        os.rename(path, path + ".1")
        with open(path, "wb") as stream:
            stream.write(b"new\n")

    monkeypatch.setattr(history_file, "MOST_BYTES", 5)
    monkeypatch.setattr(fcntl, "flock", flock)
    append(path, b"0123456789")
    assert not os.path.exists(path + ".2")
    assert list(read_lines(path)) == [b"0123456789\n", b"new\n"]


def test_half_a_line_spoils_no_other(path: str) -> None:
    append(path, b"one")
    with open(path, "ab") as stream:
        stream.write(b"ha")
    append(path, b"two")
    assert list(read_lines(path)) == [b"one\n", b"ha\n", b"two\n"]


def test_a_write_that_falls_short_is_an_error(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda descriptor, data: len(data) - 1)
    with pytest.raises(OSError, match="No space left"):
        append(path, b"one")


@pytest.mark.parametrize(("uid", "file", "folder"), [(0, 0o644, 0o755), (1000, 0o600, 0o700)])
def test_modes_are_declared(
    path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, uid: int, file: int, folder: int
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    for umask in (0o077, 0):
        old = os.umask(umask)
        try:
            append(f"{path}-{umask}", b"one")
        finally:
            os.umask(old)
        assert os.stat(f"{path}-{umask}").st_mode & 0o777 == file
    assert os.stat(tmp_path / "log").st_mode & 0o777 == folder
    assert os.stat(tmp_path / "log" / "deep").st_mode & 0o777 == folder


class TestStranger:
    """What somebody put in the way who may write to a folder above."""

    def test_a_link_in_the_place_of_the_file(self, path: str, tmp_path: pathlib.Path) -> None:
        theirs = tmp_path / "theirs"
        theirs.write_text("theirs")
        os.makedirs(os.path.dirname(path))
        os.symlink(theirs, path)
        with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
            append(path, b"one")
        assert theirs.read_text() == "theirs"

    def test_a_second_name_of_another_file(self, path: str, tmp_path: pathlib.Path) -> None:
        theirs = tmp_path / "theirs"
        theirs.write_text("theirs")
        os.makedirs(os.path.dirname(path))
        os.link(theirs, path)
        with pytest.raises(OSError, match="no file with one name"):
            append(path, b"one")
        assert theirs.read_text() == "theirs"

    def test_a_pipe_is_not_waited_for(self, path: str) -> None:
        os.makedirs(os.path.dirname(path))
        os.mkfifo(path)
        with pytest.raises(OSError, match="no file with one name"):
            append(path, b"one")

    @pytest.mark.parametrize(("mode", "followed"), [(0o777, False), (0o1777, False), (0o775, False), (0o755, True)])
    def test_a_link_in_the_place_of_a_folder(self, tmp_path: pathlib.Path, mode: int, followed: bool) -> None:
        (tmp_path / "var").mkdir()
        (tmp_path / "var").chmod(mode)
        (tmp_path / "else").mkdir()
        (tmp_path / "var" / "log").symlink_to(tmp_path / "else")
        path = str(tmp_path / "var/log/history.jsonl")
        if followed:
            append(path, b"one")
        else:
            with pytest.raises(OSError, match=r"Not a directory|Too many"):
                append(path, b"one")
        assert os.listdir(tmp_path / "else") == ["history.jsonl"] * followed

    def test_one_who_holds_the_lock_stops_nobody(self, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(history_file, "MOST_BYTES", 10)
        append(path, b"0123456789")
        with open(path + ".lock", "rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            append(path, b"0123456789")
            append(path, b"0123456789")
            assert not os.path.exists(path + ".2"), "who holds it is at that work"
        assert len(list(read_lines(path))) == 3
        assert os.stat(path + ".lock").st_mode & 0o777 == 0o600


def test_nothing_to_read_is_nothing(path: str) -> None:
    assert list(read_lines(path)) == []
