# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owner and permissions: what is looked at, and what is set."""

from __future__ import annotations

import os
import pathlib
import stat
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.access import (
    places,
    refuse_strangers,
    repairs,
    runs_as,
    settle,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree

VERSION = "3.11.2"
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def tree(host: Any) -> Tree:
    host.lay("bin/python", "bin/python3.11", "lib/python3.11/os.py")
    for name in ("bin/python", "lib/python3.11/os.py"):
        (host.version / name).chmod(0o644 if name.endswith(".py") else 0o755)
    (host.version / "lib").chmod(0o755)
    return Tree(str(host.root), VERSION)


def modes(folder: str) -> set[int]:
    paths = [pathlib.Path(folder), *pathlib.Path(folder).rglob("*")]
    return {stat.S_IMODE(path.lstat().st_mode) for path in paths if not path.is_symlink()}


def test_six_places_are_looked_at(tree: Tree) -> None:
    names = ("", "/bin", "/bin/python", "/bin/python3.11", "/lib", "/lib/python3.11")
    assert list(places(tree.folder, VERSION)) == [tree.folder + name for name in names]


def test_nothing_to_repair(tree: Tree) -> None:
    assert repairs(tree, None, 0o755) == ()
    assert repairs(tree, (os.geteuid(), os.stat(tree.folder).st_gid), 0o755) == ()


@pytest.mark.parametrize("name", ["", "bin", "bin/python3.11", "lib", "lib/python3.11"])
def test_a_mode_that_is_not_asked_for(tree: Tree, name: str) -> None:
    path = os.path.join(tree.folder, name).rstrip("/")
    os.chmod(path, 0o775)
    [action] = repairs(tree, None, 0o755)
    assert (action.verb, action.subject) == ("mode", tree.folder)
    assert action.reason == f"{path} has mode 0775, asked for is 0755"
    settle(tree.folder, None, 0o755)
    assert repairs(tree, None, 0o755) == ()


def test_what_a_link_of_ours_leads_to_gets_its_mode_and_owner(tree: Tree, tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine/versions").mkdir(parents=True)
    mine = Tree(str(tmp_path / "mine"), VERSION)
    os.symlink(tree.folder, mine.folder)
    os.chmod(os.path.join(tree.folder, "bin"), 0o775)
    os.chmod(os.path.join(tree.folder, "lib/python3.11/os.py"), 0o666)
    assert [action.verb for action in repairs(mine, None, 0o755)] == ["mode"]
    owner = (4242, 4243) if os.geteuid() == 0 else None
    settle(mine.folder, owner, 0o755)
    assert modes(tree.folder) == {0o755, 0o644}
    assert repairs(mine, owner, 0o755) == ()
    assert os.stat(os.path.join(tree.folder, "bin")).st_uid == (4242 if owner else os.geteuid())
    assert os.lstat(mine.folder).st_uid == os.geteuid()


@only_root
def test_a_link_that_leads_through_somebody_elses_folder(tree: Tree, tmp_path: pathlib.Path) -> None:
    for path in (tmp_path, tmp_path / "mine", tmp_path / "mine/versions", tmp_path / "theirs"):
        path.mkdir(exist_ok=True)
        path.chmod(0o755)
    os.rename(tree.folder, tmp_path / "theirs" / VERSION)
    mine = Tree(str(tmp_path / "mine"), VERSION)
    os.symlink(tmp_path / "theirs" / VERSION, mine.folder)
    refuse_strangers(mine, None)
    os.chown(tmp_path / "theirs", 4242, -1)
    with pytest.raises(Refused, match="theirs: belongs to user id 4242, who could put something else there"):
        refuse_strangers(mine, None)


def test_everything_gets_its_mode(tree: Tree, tmp_path: pathlib.Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("")
    outside.chmod(0o666)
    os.symlink(outside, os.path.join(tree.folder, "lib/link"))
    os.chmod(os.path.join(tree.folder, "lib/python3.11/os.py"), 0o666)
    settle(tree.folder, None, 0o750)
    assert modes(tree.folder) == {0o750, 0o640}
    assert outside.stat().st_mode & 0o777 == 0o666, "links are not followed"
    assert [action.verb for action in repairs(tree, None, 0o755)] == ["mode"]


def test_what_lies_elsewhere_is_not_its_own(tree: Tree, tmp_path: pathlib.Path) -> None:
    os.rename(os.path.join(tree.folder, "lib/python3.11"), tmp_path / "library")
    os.symlink(tmp_path / "library", os.path.join(tree.folder, "lib/python3.11"))
    settle(tree.folder, None, 0o750)
    assert repairs(tree, None, 0o750) == ()
    assert (tmp_path / "library").stat().st_mode & 0o777 == 0o755


def test_a_set_user_id_bit_goes(tree: Tree) -> None:
    os.chmod(os.path.join(tree.folder, "bin/python3.11"), 0o4755)
    assert repairs(tree, None, 0o755)[0].reason.endswith("has mode 4755, asked for is 0755")
    settle(tree.folder, None, 0o755)
    assert modes(tree.folder) == {0o755, 0o644}


@only_root
def test_everything_gets_its_owner(tree: Tree) -> None:
    os.symlink("python3.11", os.path.join(tree.folder, "bin/python3"))
    assert [action.verb for action in repairs(tree, (4242, 4243), 0o750)] == ["own", "mode"]
    settle(tree.folder, (4242, 4243), 0o750)
    found = [path.lstat() for path in [pathlib.Path(tree.folder), *pathlib.Path(tree.folder).rglob("*")]]
    assert {(one.st_uid, one.st_gid) for one in found} == {(4242, 4243)}
    assert modes(tree.folder) == {0o750, 0o640}, "giving a file away takes no bits off it in the end"
    assert repairs(tree, (4242, 4243), 0o750) == ()


@only_root
def test_the_owner_that_is_asked_for_runs_it(tree: Tree) -> None:
    assert runs_as(tree.folder, VERSION) is None
    os.chown(os.path.join(tree.folder, "bin/python3.11"), 4242, 4243)
    assert runs_as(tree.folder, VERSION) == (4242, 4243)
    refuse_strangers(tree, (4242, 4243))
    with pytest.raises(Refused, match=r"python3\.11: belongs to user 4242.*name that one in `owner`"):
        refuse_strangers(tree, None)
    with pytest.raises(Refused, match="belongs to user 4242"):
        refuse_strangers(tree, (4244, 4244))


@pytest.mark.parametrize("name", ["", "bin", "bin/python", "bin/python3.11", "lib", "lib/python3.11"])
def test_what_others_can_write_to_is_not_run(tree: Tree, name: str) -> None:
    refuse_strangers(tree, None)
    path = os.path.join(tree.folder, name).rstrip("/")
    os.chmod(path, 0o757)
    with pytest.raises(Refused, match=rf"{path}: can be written by everybody, .*\(chmod go-w {path}\)"):
        refuse_strangers(tree, None)


@only_root
def test_what_a_group_can_write_to_is_not_run(tree: Tree) -> None:
    path = os.path.join(tree.folder, "bin")
    os.chmod(path, 0o775)
    refuse_strangers(tree, None)
    assert [action.verb for action in repairs(tree, None, 0o755)] == ["mode"], "root's own group: repaired"
    os.chown(path, 0, 4343)
    with pytest.raises(Refused, match=rf"{path}: can be written by group 4343, who could"):
        refuse_strangers(tree, None)


@only_root
def test_where_the_program_leads_to_counts(tree: Tree, tmp_path: pathlib.Path) -> None:
    (tmp_path / "another").write_text("")
    (tmp_path / "another").chmod(0o777)
    os.unlink(os.path.join(tree.folder, "bin/python"))
    os.symlink(tmp_path / "another", os.path.join(tree.folder, "bin/python"))
    with pytest.raises(Refused, match="bin/python: can be written by everybody"):
        refuse_strangers(tree, None)
    (tmp_path / "another").chmod(0o755)
    os.chown(tmp_path / "another", 4242, -1)
    with pytest.raises(Refused, match="bin/python: belongs to user 4242"):
        refuse_strangers(tree, None)


@only_root
def test_what_is_a_file_elsewhere_too_is_not_given_away(tree: Tree, tmp_path: pathlib.Path) -> None:
    (tmp_path / "shadow").write_text("secret")
    os.chown(tmp_path / "shadow", 4242, 4242)
    os.link(tmp_path / "shadow", os.path.join(tree.folder, "lib/shadow"))
    with pytest.raises(Refused, match="holds shadow, which is a file outside of it as well"):
        settle(tree.folder, (4243, 4243), 0o755)
    assert (tmp_path / "shadow").stat().st_uid == 4242
    os.unlink(tmp_path / "shadow")
    settle(tree.folder, (4243, 4243), 0o755)


@only_root
def test_a_link_to_somebody_elses_is_only_judged(tree: Tree, tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine/versions").mkdir(parents=True)
    mine = Tree(str(tmp_path / "mine"), VERSION)
    os.symlink(tree.folder, mine.folder)
    os.chmod(tree.folder, 0o750)
    assert [action.verb for action in repairs(mine, None, 0o755)] == ["mode"], "root's own, behind root's link"
    os.chown(tree.folder, 4242, 4242)
    assert repairs(mine, None, 0o755) == ()
    refuse_strangers(mine, (4242, 4242))
    os.chmod(tree.folder, 0o775)
    with pytest.raises(Refused, match="is reached through a link, and can be written by others"):
        refuse_strangers(mine, (4242, 4242))
