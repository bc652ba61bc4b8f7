# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose tree is made, and whose is not."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.people.accounts import Person, find_people


class Account(NamedTuple):
    """What of ``pwd.struct_passwd`` is looked at."""

    pw_name: str
    pw_uid: int
    pw_gid: int
    pw_dir: str
    pw_shell: str


def entry(name: str, uid: int, home: str = "/home/x", shell: str = "/bin/bash") -> Account:
    return Account(name, uid, uid, home, shell)


ACCOUNTS: dict[str, Any] = {
    one.pw_name: one
    for one in (
        entry("ada", 1001, "/home/ada"),
        entry("grace", 1002, "/home/grace"),
        entry("root", 0, "/root"),
        entry("toor", 0, "/root"),
        entry("svc", 990, "/srv", "/usr/sbin/nologin"),
        entry("off", 1003, "/home/off", "/bin/false"),
        entry("slash", 1004, "/"),
        entry("bare", 1005, ""),
    )
}


def find(*names: str, me: int = 0) -> list[Person]:
    return find_people(names, ACCOUNTS.__getitem__, lambda: me)


def test_each_person_once_in_order() -> None:
    assert find("grace", "ada", "grace") == [
        Person("grace", 1002, 1002, "/home/grace"),
        Person("ada", 1001, 1001, "/home/ada"),
    ]


def test_everything_that_is_wrong_is_told_together() -> None:
    with pytest.raises(Refused) as caught:
        find("ada", "ghost", "root", "toor", "svc", "off", "slash", "bare")
    text = str(caught.value)
    assert len(caught.value.problems) == 7
    assert "user 'ghost': this host knows no such user" in text
    assert "user 'root': is root" in text and "user 'toor': is root" in text
    assert "user 'svc': has the shell /usr/sbin/nologin" in text and "user 'off': has the shell /bin/false" in text
    assert "user 'slash': has no home of its own" in text and "user 'bare': has no home of its own, but ''" in text


def test_who_leaves_may_be_gone_or_locked_out_already() -> None:
    names = ["ghost", "ada", "svc"]
    assert [one.name for one in find_people(names, ACCOUNTS.__getitem__, lambda: 0, leaving=True)] == ["ada", "svc"]
    with pytest.raises(Refused, match="user 'root': is root"):
        find_people(["root"], ACCOUNTS.__getitem__, lambda: 0, leaving=True)


def test_without_roots_rights_a_person_works_for_themselves() -> None:
    assert find("ada", me=1001)[0].name == "ada"
    with pytest.raises(Refused, match="user 'grace': the module runs as user id 1001"):
        find("ada", "grace", me=1001)


def test_a_name_with_a_zero_byte_is_nobodys() -> None:
    with pytest.raises(Refused, match="knows no such user"):
        find_people(["a\0b"])
