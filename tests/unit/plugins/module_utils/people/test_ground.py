# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that somebody else has a say in."""

from __future__ import annotations

import grp
import os
import pathlib
import pwd
import struct
from typing import Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.people import ground
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground


@pytest.fixture(autouse=True)
def _folder(tmp_path: pathlib.Path) -> None:
    tmp_path.chmod(0o755)


def test_ground_of_ones_own_and_what_is_not_there_yet(tmp_path: pathlib.Path) -> None:
    check_ground("/")
    check_ground(str(tmp_path))
    check_ground(str(tmp_path / "not/yet"))
    (tmp_path / "link").symlink_to("not/../yet")
    check_ground(str(tmp_path / "link/x"))


def test_a_folder_that_everybody_writes_to(tmp_path: pathlib.Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(Refused, match="can be written by everybody"):
        check_ground(str(tmp_path / "x"))
    tmp_path.chmod(0o1777)  # as /tmp is: nobody renames what is another one's
    check_ground(str(tmp_path / "x"))


Host = Callable[..., None]


@pytest.fixture
def host(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Set the host's users (name, id, primary group) and the members of its group 4343, ``crew``; None for no such group."""

    def be(
        people: list[tuple[str, int, int]], members: list[str] | None, local: bool = True, name: str = "crew"
    ) -> None:
        users = [pwd.struct_passwd((*one[:1], "x", *one[1:], "", "/", "/bin/sh")) for one in people]

        known = {one.pw_uid: one for one in users}

        def group(gid: int) -> grp.struct_group:
            if members is None or gid != 4343:
                raise KeyError(gid)
            return grp.struct_group((name, "x", gid, members))

        monkeypatch.setattr(ground.pwd, "getpwall", lambda: users)
        monkeypatch.setattr(ground.pwd, "getpwuid", lambda uid: known[uid])
        monkeypatch.setattr(ground.grp, "getgrgid", group)
        (tmp_path / "group").write_text(f"root:x:0:\n{name}:x:4343:\n" if local else "root:x:0:\n+::::\n")
        monkeypatch.setattr(ground, "GROUPS", str(tmp_path / "group"))

    return be


ME = ("me", os.geteuid(), 4343)
ADA = ("ada", 4242, 4242)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to a group that it is not in")
@pytest.mark.parametrize(
    ("people", "members", "more", "fine"),
    [
        ([ADA], [], {}, True),  # as staff on Debian: nobody is in it
        ([ADA], ["ada"], {}, False),
        ([(*ADA[:2], 4343)], [], {}, False),
        ([ADA, ("me", os.geteuid(), 0)], ["me"], {}, True),
        ([ADA], ["nobody-knows"], {}, False),
        ([ADA], None, {}, False),
        ([ADA, ME], [], {"local": False}, False),  # of a directory: who is in it is not told
        ([ADA, ME], [], {"local": False, "name": "me"}, True),  # its private groups have the names of users
    ],
)
def test_a_folder_that_a_group_writes_to(
    tmp_path: pathlib.Path,
    host: Host,
    people: list[tuple[str, int, int]],
    members: list[str] | None,
    more: dict[str, object],
    fine: bool,
) -> None:
    host(people, members, **more)
    (tmp_path / "team").mkdir()
    os.chown(tmp_path / "team", -1, 4343)
    (tmp_path / "team").chmod(0o2775)
    if fine:
        check_ground(str(tmp_path / "team/x"))
        return
    with pytest.raises(Refused, match=rf"team: can be written by group .*: chmod g-w {tmp_path}/team"):
        check_ground(str(tmp_path / "team/x"))
    with pytest.raises(Refused, match="team: can be written by group"):
        check_ground(str(tmp_path / "team/x"), lent=True)
    check_ground(str(tmp_path / "team"), lent=True)
    (tmp_path / "team").chmod(0o3775)
    check_ground(str(tmp_path / "team/x"))


def test_a_folder_of_roots_own_group(tmp_path: pathlib.Path) -> None:
    if os.stat(tmp_path).st_gid:
        pytest.skip("it has another group here")
    tmp_path.chmod(0o775)
    check_ground(str(tmp_path / "x"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files of its own group")
@pytest.mark.parametrize(
    ("person", "members", "fine"),
    [
        (("sync", 5, 0), [], True),  # of the system, as on Red Hat
        (("eve", 1000, 0), [], False),
        (("eve", 1000, 1000), ["eve"], False),
        (("eve", 1000, 1000), ["root"], True),
    ],
)
def test_who_is_in_roots_own_group(
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    person: tuple[str, int, int],
    members: list[str],
    fine: bool,
) -> None:
    people = [("root", 0, 0), person]
    users = [pwd.struct_passwd((name, "x", uid, gid, "", "/", "/bin/sh")) for name, uid, gid in people]
    monkeypatch.setattr(ground.pwd, "getpwall", lambda: users)
    monkeypatch.setattr(ground.grp, "getgrgid", lambda gid: grp.struct_group(("root", "x", gid, members)))
    (tmp_path / "group").write_text("root:x:0:\n")
    monkeypatch.setattr(ground, "GROUPS", str(tmp_path / "group"))
    (tmp_path / "team").mkdir()
    os.chown(tmp_path / "team", 0, 0)
    (tmp_path / "team").chmod(0o775)
    if fine:
        check_ground(str(tmp_path / "team/x"))
        return
    with pytest.raises(Refused, match="team: can be written by group root"):
        check_ground(str(tmp_path / "team/x"))


def test_an_access_control_list_on_the_way(tmp_path: pathlib.Path) -> None:
    (tmp_path / "team").mkdir()
    nobody = 0xFFFFFFFF
    entries = [(1, 7, nobody), (2, 7, 54321), (4, 5, nobody), (16, 7, nobody), (32, 5, nobody)]
    data = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in entries)
    try:
        os.setxattr(tmp_path / "team", ground.ACCESS, data)
    except OSError as error:
        pytest.skip(f"the file system of the test keeps no such lists: {error}")
    with pytest.raises(Refused, match=r"can be written by user 54321.*: chmod g-w"):
        check_ground(str(tmp_path / "team/x"))
    (tmp_path / "team").chmod(0o755)
    check_ground(str(tmp_path / "team/x"))


def test_somebody_elses_folder_on_the_way(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs").mkdir()
    if os.geteuid() == 0:
        os.chown(tmp_path / "theirs", 4242, -1)
    else:
        monkeypatch.setattr(ground.os, "geteuid", lambda: 4242)
    with pytest.raises(Refused, match=r"belongs to user id .*, who could put something else there"):
        check_ground(str(tmp_path / "theirs/x"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link away")
def test_somebody_elses_link_and_where_a_link_of_ours_leads(tmp_path: pathlib.Path) -> None:
    (tmp_path / "good").mkdir()
    (tmp_path / "planted").symlink_to("good")
    os.lchown(tmp_path / "planted", 4242, -1)
    with pytest.raises(Refused, match="planted: belongs to user id 4242"):
        check_ground(str(tmp_path / "planted/x"))
    (tmp_path / "theirs/deep").mkdir(parents=True)
    os.chown(tmp_path / "theirs", 4242, -1)
    for number, target in enumerate(("theirs/deep", str(tmp_path / "theirs/deep"), "good/../theirs")):
        link = tmp_path / f"link{number}"
        link.symlink_to(target)
        with pytest.raises(Refused, match="/theirs: belongs to user id 4242"):
            check_ground(str(link))


def test_links_that_lead_in_circles_end(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    check_ground(str(tmp_path / "a/x"))
