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
    put("/root/.profile").parent.chmod(0)
    put("/etc/secret").chmod(0)
    assert reader.text("/etc/secret") is None
    assert reader.names("/root") == []
    assert not reader.exists("/root/.profile")
    assert reader.unreadable["/etc/secret"] == "permission denied"
    assert set(reader.unreadable) == {"/etc/secret", "/root", "/root/.profile"}


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
        "root:x:0:0::/root:/bin/sh\nada:x:1:1::/srv/ada:/bin/sh\nd:x:2:2::/:/bin/sh\ngone:x:3:3::/gone:\nbad\n",
    )
    for home in ("/root/x", "/srv/ada/x", "/home/of-the-directory/x"):
        put(home)
    put("/home/file")
    assert find_homes(reader) == ["/home/of-the-directory", "/root", "/srv/ada"]
