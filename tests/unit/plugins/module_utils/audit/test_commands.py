# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that environments put into folders for everybody."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.commands import check_commands
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.host.launcher import MODE, launcher

VENV, PATH = "/opt/app/.venv", "/usr/local/bin/app"


@pytest.fixture
def command(root: pathlib.Path) -> pathlib.Path:
    file = root / PATH.lstrip("/")
    file.parent.mkdir(parents=True)
    file.write_bytes(launcher(VENV, "app"))
    file.chmod(MODE)
    return file


def said(reader: Reader, owner: int = os.geteuid()) -> list[tuple[str, str]]:
    found = check_commands(reader, VENV, owner, {PATH: "app"})
    return [(one.code, one.subject) for one in found]


def test_as_it_was_written(reader: Reader, command: pathlib.Path) -> None:
    assert said(reader) == []


def test_gone(reader: Reader, command: pathlib.Path) -> None:
    command.unlink()
    assert said(reader) == [("command-gone", PATH)]


@pytest.mark.parametrize("text", ["#!/bin/sh\nexec /bin/true\n", ""])
def test_something_else_is_there(reader: Reader, command: pathlib.Path, text: str) -> None:
    command.write_text(text, encoding="utf-8")
    assert said(reader) == [("command-gone", PATH)]


def test_a_link_is_something_else(reader: Reader, command: pathlib.Path) -> None:
    command.rename(command.with_name("other"))
    command.symlink_to("other")
    assert said(reader) == [("command-gone", PATH)]


def test_edited(reader: Reader, command: pathlib.Path) -> None:
    command.write_bytes(command.read_bytes() + b"# x\n")
    assert said(reader) == [("command-edited", PATH)]


def test_another_mode(reader: Reader, command: pathlib.Path) -> None:
    command.chmod(0o777)
    assert said(reader) == [("command-edited", PATH)]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
def test_another_owner(reader: Reader, command: pathlib.Path) -> None:
    os.chown(command, 54321, 54321)
    assert said(reader) == [("command-edited", PATH)]
    assert said(reader, owner=54321) == []


def test_one_that_goes_meanwhile_is_remembered(
    reader: Reader, command: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.lstat

    def gone(path: str) -> os.stat_result:
        if path == str(command):
            command.unlink()
        return real(path)

    monkeypatch.setattr(reader, "data", lambda path: command.read_bytes())
    monkeypatch.setattr(os, "lstat", gone)
    assert said(reader) == []
    assert set(reader.unreadable) == {PATH}
