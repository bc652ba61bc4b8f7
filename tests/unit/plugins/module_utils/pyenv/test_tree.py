# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on its way in or out stands where pyenv does not look, and comes back from wherever it stands."""

from __future__ import annotations

import errno
import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.pyenv import tree as trees
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree

VERSION = "3.11.2"


@pytest.fixture
def tree(tmp_path: pathlib.Path) -> Tree:
    tree = Tree(str(tmp_path), VERSION)
    trees.prepare(tree)
    return tree


def lay(tree: Tree, name: str = "old") -> None:
    os.makedirs(os.path.join(tree.folder, name))


@pytest.fixture
def own_mount(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `versions` be a file system of its own."""
    rename = os.rename

    def within(source: str, target: str) -> None:
        if len({path.startswith(tree.versions + "/") for path in (source, target)}) == 2:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), source)
        rename(source, target)

    monkeypatch.setattr(os, "rename", within)


def test_nothing_stands_in_versions_that_pyenv_would_list(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "delete", lambda path: None)
    lay(tree)
    trees.set_aside(tree)
    lay(tree)
    trees.discard(tree)
    os.mkdir(tree.work)
    trees.end_work(tree)
    assert os.listdir(tree.versions) == []
    assert sorted(os.listdir(tree.builds)) == [f".aside-{VERSION}-1", f".gone-{VERSION}-1", f".gone-{VERSION}-2"]
    trees.put_back(tree)
    assert os.listdir(tree.folder) == ["old"]


@pytest.mark.usefixtures("own_mount")
def test_where_versions_is_a_mount_of_its_own_it_stays_there(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tree)
    trees.set_aside(tree)
    assert (os.listdir(tree.versions), os.listdir(tree.builds)) == ([f".aside-{VERSION}-1"], [])
    trees.put_back(tree)
    assert os.listdir(tree.folder) == ["old"]
    with monkeypatch.context() as patched:
        patched.setattr(trees, "delete", lambda path: None)
        trees.discard(tree)
    assert tree.leftovers() == [os.path.join(tree.versions, f".gone-{VERSION}-1")]


def test_another_fault_is_not_taken_for_a_mount(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: str, target: str) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), source)

    lay(tree)
    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(PermissionError):
        trees.set_aside(tree)


def test_the_oldest_comes_back_wherever_it_stands(tree: Tree) -> None:
    os.makedirs(os.path.join(tree.versions, f".aside-{VERSION}-1", "oldest"))
    os.makedirs(os.path.join(tree.builds, f".aside-{VERSION}-10", "newest"))
    lay(tree)
    trees.set_aside(tree)
    assert sorted(os.listdir(tree.builds)) == [f".aside-{VERSION}-10", f".aside-{VERSION}-11"]
    trees.put_back(tree)
    assert os.listdir(tree.folder) == ["oldest"]


def test_a_link_is_moved_and_what_it_leads_to_stays(tree: Tree, tmp_path: Any) -> None:
    (tmp_path / "shared").mkdir()
    os.symlink(tmp_path / "shared", tree.folder)
    trees.discard(tree)
    assert (os.listdir(tree.versions), os.listdir(tree.builds)) == ([], [])
    assert (tmp_path / "shared").is_dir()
