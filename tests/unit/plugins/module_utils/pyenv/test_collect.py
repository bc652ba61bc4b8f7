# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpreters go with the last environment that stands on them."""

from __future__ import annotations

import contextlib
import os
import pathlib
import types
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import prune as prune_module
from ansible_collections.netdevops.python.plugins.module_utils.host.past import read_history
from ansible_collections.netdevops.python.plugins.module_utils.host.prune import prune
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import prune as versions_module
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import tree as trees
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.collect import Collected, collect
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree

VERSIONS = ("3.9.1", "3.10.1", "3.11.2")


@pytest.fixture
def tree(host: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    # Who is not root sees little of what else runs on this machine.
    monkeypatch.setattr(versions_module, "unseen_processes", lambda: 0)
    for version in VERSIONS:
        host.install_version(version)
        trees.prepare(Tree(str(host.root), version))
    host.lay(version="3.12.1")  # somebody else's, without a receipt
    host.environment("srv/app/.venv.releases/old", host.root / "versions/3.9.1/bin")
    return host


@contextlib.contextmanager
def noted(folder: str) -> Iterator[Any]:
    """Write nothing down."""
    yield types.SimpleNamespace()


def run(host: Any, check: bool = False, keep: Any = (), gone: Any = ()) -> Collected:
    return collect(str(host.root), keep, [str(host.folder / "srv")], gone, check, noted)


def test_what_a_release_of_any_age_stands_on_stays_and_what_nothing_stands_on_goes(tree: Any) -> None:
    foretold = run(tree, check=True)
    assert foretold.versions == ("3.10.1", "3.11.2") and foretold.freed > 0
    assert "3.10.1" in tree.names("versions")
    assert run(tree) == foretold
    assert tree.names("versions") == ["3.12.1", "3.9.1"]
    assert run(tree) == Collected()


def test_what_is_named_stays(tree: Any) -> None:
    assert run(tree, keep=["3.11.2", "3.7.7"]).versions == ("3.10.1",)


def test_a_check_counts_releases_as_gone_that_would_be_removed_before(tree: Any, tmp_path: pathlib.Path) -> None:
    release = tree.folder / "srv/app/.venv.releases/old"
    assert run(tree, check=True, gone=[str(release)]).versions == ("3.10.1", "3.11.2", "3.9.1")
    tmp_path.joinpath("link").symlink_to(tree.folder / "srv")
    assert len(run(tree, check=True, gone=[str(tmp_path / "link/app/.venv.releases/old")]).versions) == 3


def test_what_another_run_works_on_stays_and_that_is_said(tree: Any) -> None:
    with locked(Tree(str(tree.root), "3.10.1").lock, 0):
        said = run(tree)
    assert said.versions == ("3.11.2",) and said.stays == ("3.10.1: another run is at work on it",)


def test_what_a_killed_removal_left_is_deleted(tree: Any) -> None:
    left = tree.root / ".builds/.gone-3.8.1-1"
    (left / "bin").mkdir(parents=True)
    assert run(tree, check=True, keep=VERSIONS).swept == (str(left),)
    assert run(tree, keep=VERSIONS).swept == (str(left),) and not left.exists()


class TestOutOfSight:
    """What this user does not see may stand on an interpreter, so all stay."""

    def test_a_folder_that_may_not_be_looked_into(self, tree: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        closed = tree.folder / "srv/closed"
        closed.mkdir()

        def scandir(path: str) -> Any:
            if path == str(closed):
                raise PermissionError(13, "Permission denied", path)
            return real(path)

        real = os.scandir
        monkeypatch.setattr(os, "scandir", scandir)
        for check in (True, False):
            said = run(tree, check=check)
            assert said.versions == () and [one.partition(":")[0] for one in said.stays] == ["3.10.1", "3.11.2"]
            assert f"1 folders, such as {closed} may stand on it" in said.stays[0]
        assert tree.names("versions") == ["3.10.1", "3.11.2", "3.12.1", "3.9.1"]
        monkeypatch.setattr(os, "scandir", real)
        assert run(tree).versions == ("3.10.1", "3.11.2")

    def test_processes_of_others(self, tree: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(versions_module, "unseen_processes", lambda: 7)
        left = tree.root / ".builds/.gone-3.8.1-1"
        left.mkdir(parents=True)
        said = run(tree)
        assert said.versions == () and "something in 7 processes of others may stand on it" in said.stays[1]
        assert said.swept == (str(left),), "nothing stands on what is half removed"
        assert tree.names("versions") == ["3.10.1", "3.11.2", "3.12.1", "3.9.1"]


def test_a_root_that_is_not_there_holds_nothing(tmp_path: pathlib.Path) -> None:
    assert collect(str(tmp_path / "nowhere"), [], [], [], False, noted) == Collected()


@pytest.mark.parametrize("root", ["/", "relative", "/opt/py\nenv"])
def test_a_root_that_is_none(root: str) -> None:
    with pytest.raises(Refused, match="interpreter_root: expected an absolute path"):
        collect(root, [], [], [], True, noted)


@pytest.fixture
def nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine's own environments play no part."""
    monkeypatch.setattr(prune_module, "PLACES", ())


@pytest.mark.usefixtures("nowhere_else")
def test_the_module_tells_of_releases_and_interpreters_together(tree: Any) -> None:
    params = {
        "search": [str(tree.folder / "srv")],
        "keep": 3,
        "lock_timeout": 1,
        "history": str(tree.folder / "history"),
        "interpreter_root": f"{tree.root}/",
        "keep_interpreters": ["3.11.2", ""],
    }
    said = prune(params, True)
    assert said["interpreters"] == ["3.10.1"] and said["changed"] and said["freed_bytes"] > 0
    assert said["actions"] == [
        {"verb": "prune", "subject": str(tree.root / "versions/3.10.1"), "reason": "nothing stands on it"}
    ]
    with locked(Tree(str(tree.root), "3.10.1").lock, 0):
        busy = prune(params, False)
    assert not busy["changed"] and busy["warnings"] == ["3.10.1: another run is at work on it"]
    assert prune(params, False)["actions"] == said["actions"] and not prune(params, False)["changed"]
    stayed, went = read_history(str(params["history"]))
    assert [one["venv"] for one in (stayed, went)] == [str(tree.root / "versions/3.10.1")] * 2
    assert (went["what"], went["outcome"]) == ("prune", "done")
    assert went["message"] == f"interpreter removed, {said['freed_bytes']} bytes freed"
    assert stayed["message"] == "it stays: another run is at work on it"


@pytest.mark.usefixtures("nowhere_else")
def test_a_history_that_cannot_be_written_keeps_no_interpreter(tree: Any) -> None:
    (tree.folder / "file").touch()
    said = prune(
        {
            "search": [str(tree.folder / "srv")],
            "keep": 3,
            "lock_timeout": 1,
            "history": str(tree.folder / "file/history"),
            "interpreter_root": str(tree.root),
        },
        False,
    )
    assert said["interpreters"] == ["3.10.1", "3.11.2"] and "the history cannot be written" in said["warnings"][0]


def test_what_stands_on_an_interpreter_is_looked_for_beyond_what_is_pruned(
    tree: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prune_module, "PLACES", (str(tree.folder / "srv"),))
    params = {"search": [], "keep": 3, "lock_timeout": 1, "interpreter_root": str(tree.root)}
    said = prune(params, True)
    assert said["interpreters"] == ["3.10.1", "3.11.2"] and said["looked_at"] == 0


@pytest.mark.usefixtures("nowhere_else")
def test_a_check_foretells_what_goes_after_releases_that_would_go(tree: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old = str(tree.folder / "srv/app/.venv.releases/old")
    told = {"changed": True, "actions": [], "pruned": [old], "freed_bytes": 0}
    monkeypatch.setattr(prune_module, "told", lambda outcome: {**told, "actions": []})
    params = {"search": [str(tree.folder / "srv")], "keep": 3, "lock_timeout": 1, "interpreter_root": str(tree.root)}
    assert "3.9.1" in prune(params, True)["interpreters"]
    # For real it counts for as long as it is there.
    assert "3.9.1" not in prune(params, False)["interpreters"]


@pytest.mark.usefixtures("nowhere_else")
@pytest.mark.parametrize("option", ["leave", "venv"])
def test_what_is_named_anywhere_counts(tree: Any, option: str) -> None:
    venv = str(tree.folder / "srv/app/.venv")
    where = {"leave": [venv], "search": []} if option == "leave" else {"venv": venv}
    said = prune({**where, "keep": 3, "lock_timeout": 1, "interpreter_root": str(tree.root)}, True)
    assert said["interpreters"] == ["3.10.1", "3.11.2"]


@pytest.mark.usefixtures("nowhere_else")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_root_that_others_can_replace_is_refused_and_releases_are_told_of(tree: Any) -> None:
    os.chown(tree.root / "versions", 4242, 4242)
    params = {"venv": "/opt/no/.venv", "keep": 3, "lock_timeout": 1, "interpreter_root": str(tree.root)}
    said = prune(params, False)
    assert said["problems"] and "belongs to user 4242" in said["msg"] and said["looked_at"] == 0
