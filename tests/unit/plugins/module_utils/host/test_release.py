# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import release
from ansible_collections.netdevops.python.plugins.module_utils.host.release import hand_over, open_umask
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host


def test_the_umask_is_open_for_the_work_and_back_afterwards() -> None:
    old = os.umask(0o027)
    try:
        seen = []
        with pytest.raises(ZeroDivisionError), open_umask():
            seen.append(os.umask(0) // 0)
        with open_umask():
            seen.append(os.umask(0))
        assert seen == [0]
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(old)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_tree_is_handed_over_whole_and_links_are_not_followed(tmp_path: pathlib.Path) -> None:
    (tmp_path / "theirs").write_text("")
    root = tmp_path / "r1"
    (root / "lib").mkdir(parents=True, mode=0o700)
    (root / "lib" / "file").write_text("")
    (root / "lib" / "link").symlink_to(tmp_path / "theirs")
    (root / "lib64").symlink_to("lib")
    hand_over(Tree(str(root), "lib/python3.11", 0o750), (4242, 4343))
    for path in (root, root / "lib", root / "lib" / "file", root / "lib" / "link", root / "lib64"):
        assert (path.lstat().st_uid, path.lstat().st_gid) == (4242, 4343)
    assert (tmp_path / "theirs").stat().st_uid == 0
    assert root.stat().st_mode & 0o777 == 0o750


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("swapped", ["link", "folder"])
def test_what_is_in_the_place_of_the_tree_that_was_made_is_not_given_away(tmp_path: pathlib.Path, swapped: str) -> None:
    root = tmp_path / "r1"
    root.mkdir(mode=0o700)
    tree = Tree(str(root), "lib/python3.11", 0o755)
    tree.made = root.lstat()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "shadow").write_text("")
    root.rename(tmp_path / "moved")
    if swapped == "link":
        root.symlink_to("theirs")
    else:
        (tmp_path / "theirs").rename(root)
    with pytest.raises(Refused, match="expected the folder that this run made"):
        hand_over(tree, (4242, 4343))
    assert (root / "shadow").stat().st_uid == 0 and root.stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root works in somebody else's folder")
def test_what_is_built_goes_into_the_release_that_was_made(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    (host.root / "theirs").mkdir()
    real = release.write_startup

    def swap(tree: Tree) -> None:
        os.rename(tree.root, host.root / "moved")
        os.symlink(host.root / "theirs", tree.root)
        real(tree)

    monkeypatch.setattr(release, "write_startup", swap)
    host.seal(host.wheel())
    with pytest.raises(Refused, match="expected the folder that this run made"):
        host.converge()
    assert list((host.root / "moved").rglob("spam/*.py"))
    assert os.listdir(host.root / "theirs") == [] and not host.venv.is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root works in somebody else's folder")
def test_a_receipt_is_written_into_the_release_that_was_made(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    (host.root / "theirs").mkdir()
    real = release.write_files

    def swap(root: str, *rest: Any) -> str:
        (made,) = [path for path in host.releases.iterdir() if not path.name.startswith(".")]
        made.rename(host.root / "moved")
        made.symlink_to(host.root / "theirs")
        return real(root, *rest)

    monkeypatch.setattr(release, "write_files", swap)
    host.seal(host.wheel())
    with pytest.raises(Refused):
        host.converge()
    assert (host.root / "moved" / "receipt.json").exists() and os.listdir(host.root / "theirs") == []
    assert not host.venv.is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_has_another_name_elsewhere_is_not_given_away(tmp_path: pathlib.Path) -> None:
    root = tmp_path / "r1"
    (root / "lib").mkdir(parents=True)
    (tmp_path / "system").write_text("")
    os.link(tmp_path / "system", root / "lib" / "file")
    with pytest.raises(Refused, match="would share the file file with an earlier release"):
        hand_over(Tree(str(root), "lib/python3.11", 0o755), (4242, 4343))
    assert (tmp_path / "system").stat().st_uid == 0
    os.lchown(tmp_path / "system", 4242, 4343)
    hand_over(Tree(str(root), "lib/python3.11", 0o755), (4242, 4343))
    assert root.stat().st_uid == 4242
