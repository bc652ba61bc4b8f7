# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else may write to what an environment stands on."""

from __future__ import annotations

import os
import pathlib
import pwd
import struct
from collections.abc import Iterator

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit import writable
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


@pytest.mark.parametrize("path", ["app", "app/releases"])
def test_on_the_way_nobody_renames_what_is_another_ones(folder: pathlib.Path, path: str) -> None:
    (folder / path).chmod(0o1777)
    assert said(folder) == []


@pytest.mark.parametrize("path", ["app/releases/one", "app/releases/one/bin"])
def test_inside_anybody_adds_what_is_imported(folder: pathlib.Path, path: str) -> None:
    (folder / path).chmod(0o1777)
    assert said(folder) == [(path, "can be written by everybody (mode 1777)")]
    (folder / "app/.venv").unlink()
    (folder / path / "python3").touch(0o755)
    for one_ground in (
        Ground("", ME, (f"{folder}/{path}",)),
        Ground("", ME, (f"{folder}/{path}/python3",)),
        Ground("", ME, (f"{folder}/app/releases/one/bin/x",), f"{folder}/app/releases/one"),
    ):
        assert f"{folder}/{path}" in [one.subject for one in check_writable([one_ground], never)]


Entry = tuple[int, int, int]
OPEN: list[Entry] = [(1, 7, 0), (4, 5, 0), (0x10, 7, 0), (0x20, 5, 0)]


def share(path: pathlib.Path, kind: str, *more: Entry) -> None:
    """Give a path an access control list."""
    entries = sorted([*OPEN, *more])
    try:
        os.setxattr(path, f"system.posix_acl_{kind}", struct.pack("<I", 2) + b"".join(_packed(entries)))
    except OSError as error:
        pytest.skip(f"the file system of the test keeps no such lists: {error}")


def _packed(entries: list[Entry]) -> Iterator[bytes]:
    return (struct.pack("<HHI", tag, mode, number if tag in (2, 8) else 0xFFFFFFFF) for tag, mode, number in entries)


@pytest.mark.parametrize(
    ("entry", "who"),
    [
        ((2, 7, OTHER), f"user {OTHER}"),
        ((2, 5, OTHER), ""),
        ((2, 7, ME), ""),
        ((8, 7, OTHER), f"group {OTHER}"),
    ],
)
def test_an_access_control_list(folder: pathlib.Path, entry: Entry, who: str) -> None:
    venv = folder / "app/releases/one"
    share(venv / "bin", "access", entry)
    line = f"can be written by {who} (mode 0775)"
    assert said(folder) == ([("app/releases/one/bin", line)] if who else [])
    assert [one.evidence for one in check_tree(str(venv), ME, never)] == ([(f"bin {line}",)] if who else [])
    (venv / "bin").chmod(0o755)
    assert said(folder) == [], "that is the mask of all whom it names"


def test_a_list_for_what_is_made_later(folder: pathlib.Path) -> None:
    share(folder / "app", "default", (2, 7, OTHER))
    share(folder / "app/releases/one/bin", "default", (2, 7, OTHER))
    line = f"lets user {OTHER} write to what is made in it (default access control list)"
    assert said(folder) == [("app/releases/one/bin", line)]


def test_no_lists_at_all(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getxattr")
    (folder / "app/releases/one/bin").chmod(0o777)
    assert len(said(folder)) == 1


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


def test_one_with_too_many_files_is_no_finding_of_permissions(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writable, "MOST_ENTRIES", 2)
    missed: list[tuple[str, str]] = []
    for name in "abc":
        (folder / "app/releases/one/bin" / name).touch(0o644)
    found = check_tree(str(folder), ME, lambda path, error: missed.append((path, str(error.strerror))))
    assert not list(found)
    assert missed == [(str(folder), "more than 2 entries, and the rest was not looked at")]


@pytest.mark.skipif(ME == 0, reason="root may look into everything")
def test_a_folder_that_cannot_be_entered_is_told(folder: pathlib.Path) -> None:
    missed: list[str] = []
    (folder / "app/releases").chmod(0)
    assert not list(check_tree(str(folder / "app"), ME, lambda path, error: missed.append(path)))
    (folder / "app/releases").chmod(0o755)
    assert missed == [str(folder / "app/releases")]


@pytest.mark.skipif(ME != 0, reason="needs root to give files away")
def test_a_group_is_looked_up_once(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = pwd.getpwall

    def noted() -> list[pwd.struct_passwd]:
        asked.append(1)
        return real()

    monkeypatch.setattr(pwd, "getpwall", noted)
    for number in range(50):
        path = folder / f"app/releases/one/bin/{number}"
        path.touch()
        os.chown(path, OTHER, OTHER)
        path.chmod(0o664)
    [finding] = check_tree(str(folder / "app/releases/one"), OTHER, never)
    assert len(finding.evidence) == 50
    assert len(asked) <= 1


def test_what_cannot_be_looked_at_is_told(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missed: list[str] = []

    def refuse(path: str) -> os.stat_result:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "lstat", refuse)
    assert not list(check_tree(str(folder / "app/releases"), ME, lambda path, error: missed.append(path)))
    assert str(folder / "app/releases/one") in missed


def test_a_folder_that_is_not_there_is_no_trouble(tmp_path: pathlib.Path) -> None:
    told: list[str] = []
    (tmp_path / "file").touch()
    for name in ("gone", "file"):
        assert not list(check_tree(str(tmp_path / name), os.geteuid(), lambda path, error: told.append(path)))
    assert not told


def test_a_folder_that_cannot_be_listed_does_not_pass_for_clean(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    (tmp_path / "lib").mkdir()
    real = os.scandir

    def closed(path: str) -> object:
        if str(path).endswith("lib"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert not list(check_tree(str(tmp_path), os.geteuid(), lambda path, error: told.append(path)))
    assert told == [str(tmp_path / "lib")]
