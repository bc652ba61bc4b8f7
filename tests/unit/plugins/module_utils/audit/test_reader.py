# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be read of a host, and what cannot."""

from __future__ import annotations

import os
import pathlib
from typing import Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.homes import find_homes
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import LARGEST, Reader

Put = Callable[..., pathlib.Path]


def test_what_is_not_there_is_no_trouble(reader: Reader) -> None:
    assert reader.text("/etc/pip.conf") is None
    assert reader.names("/srv") == []
    assert not reader.exists("/etc/x/y")
    assert not reader.unreadable


def test_what_is_there_and_cannot_be_read_is_remembered(reader: Reader, put: Put, root: pathlib.Path) -> None:
    os.mkfifo(root / "etc/pipe")
    put("/etc/large", "x" * (LARGEST + 1))
    assert reader.text("/etc/pipe") is None
    assert reader.text("/etc/large") is None
    assert set(reader.unreadable) == {"/etc/pipe", "/etc/large"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_one_may_not_read_is_remembered(reader: Reader, put: Put) -> None:
    put("/base/.profile").parent.chmod(0)
    put("/etc/secret").chmod(0)
    assert reader.text("/etc/secret") is None
    assert reader.names("/base") == []
    assert not reader.exists("/base/.profile")
    assert reader.unreadable["/etc/secret"] == "permission denied"
    assert set(reader.unreadable) == {"/etc/secret", "/base", "/base/.profile"}


def test_an_error_of_the_disk_is_remembered(reader: Reader, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("/etc/pip.conf")

    def fails(*_words: object, **_options: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "open", fails)
    assert reader.text("/etc/pip.conf") is None
    assert reader.unreadable == {"/etc/pip.conf": "input/output error"}


def test_a_configuration_that_is_turned_off(reader: Reader, root: pathlib.Path) -> None:
    (root / "etc/pip.conf").symlink_to("/dev/null")
    assert reader.text("/etc/pip.conf") is None
    assert not reader.unreadable


def test_a_link_is_followed_as_the_host_has_it(reader: Reader, put: Put, root: pathlib.Path) -> None:
    put("/etc/python3.11/sitecustomize.py")
    (root / "one").symlink_to("/etc/python3.11/sitecustomize.py")
    (root / "two").symlink_to("one")
    (root / "ring").symlink_to("ring")
    assert reader.target("/two") == "/etc/python3.11/sitecustomize.py"
    assert reader.target("/ring") == "/ring"


def test_homes(reader: Reader, put: Put) -> None:
    put(
        "/etc/passwd",
        "root:x:0:0::/base:/bin/sh\nada:x:1:1::/srv/ada:/bin/sh\nd:x:2:2::/:/bin/sh\ngone:x:3:3::/gone:\nbad\n",
    )
    for home in ("/base/x", "/srv/ada/x", "/home/of-the-directory/x"):
        put(home)
    put("/home/file")
    notes: list[str] = []
    assert find_homes(reader, notes, ()) == ["/base", "/home/of-the-directory", "/srv/ada"]
    assert find_homes(reader, notes, ("/", "/bas", "/srv/ada/x")) == ["/base", "/home/of-the-directory", "/srv/ada"]
    assert not notes
    assert not reader.unreadable


@pytest.mark.parametrize(
    ("mounted", "homes", "told"),
    [
        (["/home"], ["/base", "/srv/ada"], "/home"),
        (["/home/bob"], ["/base", "/home/eve", "/srv/ada"], "/home/bob"),
        (["/srv", "/home/eve"], ["/base", "/home/bob"], "/home/eve, /srv"),
        (["/net"], ["/base", "/home/bob", "/home/eve", "/srv/ada"], ""),
    ],
)
def test_homes_on_disks_of_others(
    reader: Reader, put: Put, monkeypatch: pytest.MonkeyPatch, mounted: list[str], homes: list[str], told: str
) -> None:
    put("/etc/passwd", "root:x:0:0::/base:/bin/sh\nada:x:1:1::/srv/ada:/bin/sh\nbob:x:2:2::/home/bob:/bin/sh\n")
    for home in ("/base/x", "/srv/ada/x", "/home/bob/x", "/home/eve/x"):
        put(home)
    touched, real, names = [], os.stat, os.listdir

    def watched(path: str, **options: bool) -> os.stat_result:
        touched.append(str(path)[len(reader.root) :])
        return real(path, **options)

    def listed(path: str) -> list[str]:
        touched.append(f"{path}/"[len(reader.root) :])
        return names(path)

    monkeypatch.setattr(os, "stat", watched)
    monkeypatch.setattr(os, "listdir", listed)
    notes: list[str] = []
    assert find_homes(reader, notes, mounted) == homes
    assert notes == ([f"homes on file systems of other machines were not looked at: {told}"] if told else [])
    assert not [path for path in touched for place in mounted if path.startswith(f"{place}/")]


def test_a_home_that_is_a_link_to_the_disk_of_others(reader: Reader, put: Put, root: pathlib.Path) -> None:
    put("/etc/passwd", "ada:x:1:1::/home/ada:/bin/sh\n")
    (root / "home").symlink_to("export/people")
    (root / "export").mkdir()
    (root / "export/people").symlink_to("/net/server/people")
    notes: list[str] = []
    assert find_homes(reader, notes, ["/net/server"]) == []
    assert notes == ["homes on file systems of other machines were not looked at: /net/server"]


@pytest.mark.skipif(not os.geteuid(), reason="root may enter everything")
def test_a_home_that_may_not_be_entered(reader: Reader, put: Put) -> None:
    home = put("/home/ada/x").parent
    put("/home/bob/x")
    home.chmod(0o600)
    try:
        assert find_homes(reader, [], ()) == ["/home/bob"]
    finally:
        home.chmod(0o700)
    assert reader.unreadable == {"/home/ada": "permission denied"}


def test_a_home_that_fails_is_told_once(reader: Reader, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("/home/ada/x")
    put("/home/bob/x")
    real = os.stat

    def stale(path: str, **options: bool) -> os.stat_result:
        if "/home/ada/" in str(path):
            raise PermissionError(13, "Permission denied")
        return real(path, **options)

    monkeypatch.setattr(os, "stat", stale)
    assert find_homes(reader, [], ()) == ["/home/bob"]
    assert reader.unreadable == {"/home/ada": "permission denied"}


def test_a_link_to_the_file_of_somebody_else_is_not_followed(
    reader: Reader, put: Put, root: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = put("/base/secret", "word")
    put("/home/eve/x").parent.joinpath(".profile").symlink_to(secret)
    (root / "home/eve/.config").symlink_to(root / "base")
    assert reader.text("/home/eve/.profile") == "word", "both belong to whoever runs this test"
    real = os.lstat

    def eves(path: str) -> os.stat_result:
        found = list(real(path))
        return os.stat_result([*found[:4], 4242, *found[5:]] if "/home/eve" in path else found)

    monkeypatch.setattr(os, "lstat", eves)
    assert reader.text("/home/eve/.profile") is None
    assert reader.text("/home/eve/.config/secret") is None
    assert reader.text("/base/secret") == "word"
    assert set(reader.unreadable) == {"/home/eve/.profile", "/home/eve/.config/secret"}
    assert "a link of user id 4242" in reader.unreadable["/home/eve/.profile"]


def test_roots_own_links_are_followed(
    reader: Reader, put: Put, root: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "etc/profile").symlink_to(put("/srv/profile", "word"))
    real = os.lstat
    monkeypatch.setattr(os, "lstat", lambda path: os.stat_result([*real(path)[:4], 0, *real(path)[5:]]))
    assert reader.text("/etc/profile") == "word"


def test_what_fails_while_it_is_read_is_remembered(reader: Reader, put: Put, root: pathlib.Path) -> None:
    put("/home/eve/x").parent.joinpath(".profile").symlink_to("/proc/self/mem")
    assert reader.text("/home/eve/.profile") is None
    assert reader.text("/a\0b") is None
    assert not reader.exists("/a\0b") and reader.names("/a\0b") == []
    assert set(reader.unreadable) == {"/home/eve/.profile", "/a\0b"}


def test_a_link_that_goes_meanwhile(
    reader: Reader, put: Put, root: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "etc/link").symlink_to("/etc/x")

    def gone(path: str) -> str:
        raise FileNotFoundError(2, "No such file or directory", path)

    monkeypatch.setattr(os, "readlink", gone)
    assert reader.target("/etc/link") == "/etc/link"
