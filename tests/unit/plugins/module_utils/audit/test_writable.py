# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else may write to what an environment stands on."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.writable import Ground, check_tree, check_writable

ME = os.geteuid()
OTHER = 54321


def never(path: str, error: OSError) -> None:
    raise AssertionError(path) from error


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    tmp_path.chmod(0o755)
    (tmp_path / "app/releases/one/bin").mkdir(parents=True)
    for path in (tmp_path / "app").rglob("*"):
        path.chmod(0o755)
    (tmp_path / "app").chmod(0o755)
    (tmp_path / "app/.venv").symlink_to("releases/one")
    return tmp_path


def said(folder: pathlib.Path, owner: int = ME) -> list[tuple[str, str]]:
    grounds = [Ground(f"{folder}/app/.venv", owner, (f"{folder}/app/.venv", f"{folder}/app/.venv/bin"))]
    found = [one for one in check_writable(grounds, never) if one.subject.startswith(str(folder))]
    return [(os.path.relpath(one.subject, folder), one.evidence[0]) for one in found]


def test_nobody_else(folder: pathlib.Path) -> None:
    assert said(folder) == []


@pytest.mark.parametrize("path", ["app", "app/releases", "app/releases/one", "app/releases/one/bin"])
def test_everybody(folder: pathlib.Path, path: str) -> None:
    (folder / path).chmod(0o777)
    assert said(folder) == [(path, "can be written by everybody (mode 0777)")]
    (folder / path).chmod(0o1777)
    assert said(folder) == [], "nobody renames what is another one's"


@pytest.mark.skipif(ME != 0, reason="needs root to give files away")
def test_another_owner(folder: pathlib.Path) -> None:
    os.chown(folder / "app/releases", OTHER, OTHER)
    assert said(folder) == [("app/releases", f"belongs to user id {OTHER}")]
    assert said(folder, owner=OTHER) == [], "root and the owner may"
    os.lchown(folder / "app/.venv", OTHER + 1, OTHER)
    assert said(folder, owner=OTHER) == [("app/.venv", f"belongs to user id {OTHER + 1}")]


def test_environments_on_one_path_are_named(folder: pathlib.Path) -> None:
    (folder / "app").chmod(0o777)
    grounds = [Ground(venv, ME, (f"{folder}/app",)) for venv in ("/a", "/b")]
    [finding] = [one for one in check_writable(grounds, never) if one.subject == f"{folder}/app"]
    assert finding.venv == ""
    assert finding.evidence[1:] == ("on the way to /a", "on the way to /b")
    [alone] = [one for one in check_writable(grounds[:1], never) if one.subject == f"{folder}/app"]
    assert (alone.venv, len(alone.evidence)) == ("/a", 1)


def test_an_ordinary_environment(folder: pathlib.Path) -> None:
    venv = folder / "app/releases/one"
    assert not list(check_tree(str(venv), ME, never))
    (venv / "bin/open").touch()
    (venv / "bin/open").chmod(0o666)
    [finding] = check_tree(str(venv), ME, never)
    assert (finding.code, finding.subject) == ("writable-by-others", str(venv))
    assert finding.evidence == ("bin/open can be written by everybody (mode 0666)",)


def test_what_cannot_be_looked_at_is_told(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missed: list[str] = []

    def refuse(path: str) -> os.stat_result:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "lstat", refuse)
    assert not list(check_tree(str(folder / "app/releases"), ME, lambda path, error: missed.append(path)))
    assert str(folder / "app/releases/one") in missed
