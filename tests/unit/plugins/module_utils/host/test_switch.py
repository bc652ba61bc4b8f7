# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import calendar
import ctypes
import os
import pathlib
import re
import threading
import time
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.files import rename_exchange
from ansible_collections.netdevops.python.plugins.module_utils.host import switch as switch_module
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.switch import switch


@pytest.fixture
def environment(tmp_path: pathlib.Path) -> Environment:
    found = Environment(str(tmp_path / ".venv"))
    for name in ("r1", "r2"):
        os.makedirs(found.release(name))
        pathlib.Path(found.release(name), "name").write_text(name)
    return found


def folder(environment: Environment) -> None:
    os.mkdir(environment.venv)
    pathlib.Path(environment.venv, "name").write_text("mine")


def test_a_first_link_is_relative_and_leaves_nothing_else(environment: Environment) -> None:
    assert switch(environment, "r1") == ""
    assert os.readlink(environment.venv) == ".venv.releases/r1"
    assert sorted(os.listdir(environment.releases)) == ["r1", "r2"]


def test_a_link_is_replaced(environment: Environment) -> None:
    switch(environment, "r1")
    assert switch(environment, "r2") == ""
    assert pathlib.Path(environment.venv, "name").read_text() == "r2"


def test_no_reader_ever_sees_nothing(environment: Environment) -> None:
    switch(environment, "r1")
    seen, stop = set(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                seen.add(pathlib.Path(environment.venv, "name").read_text())
            except OSError as error:
                seen.add(str(error))

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(200):
        switch(environment, ("r1", "r2")[number % 2])
    stop.set()
    thread.join()
    assert seen <= {"r1", "r2"}


def test_a_folder_changes_places_with_the_link(environment: Environment) -> None:
    folder(environment)
    inode = os.stat(environment.venv).st_ino
    kept = switch(environment, "r1")
    assert re.fullmatch(re.escape(environment.venv) + r"\.kept-\d{8}T\d{6}", kept)
    assert os.stat(kept).st_ino == inode and not os.path.islink(kept)
    assert pathlib.Path(kept, "name").read_text() == "mine"
    assert os.readlink(environment.venv) == ".venv.releases/r1"


def test_the_time_in_its_name_is_that_of_all_hosts(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "XYZ-09")
    time.tzset()
    try:
        folder(environment)
        made = time.strptime(switch(environment, "r1")[-15:], "%Y%m%dT%H%M%S")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert abs(calendar.timegm(made) - time.time()) < 60


@pytest.fixture
def _no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switch_module, "rename_exchange", lambda one, other: False)


@pytest.mark.usefixtures("_no_exchange")
def test_without_the_exchange_two_renames_do_it(environment: Environment) -> None:
    folder(environment)
    kept = switch(environment, "r1")
    assert pathlib.Path(kept, "name").read_text() == "mine"
    assert os.readlink(environment.venv) == ".venv.releases/r1"


@pytest.mark.usefixtures("_no_exchange")
def test_when_the_second_step_fails_the_folder_is_back(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(environment)
    real = os.symlink

    def symlink(target: str, path: str) -> None:
        if path == environment.venv:
            raise OSError(28, "No space left on device")
        real(target, path)

    monkeypatch.setattr(os, "symlink", symlink)
    with pytest.raises(OSError, match="No space"):
        switch(environment, "r1")
    assert pathlib.Path(environment.venv, "name").read_text() == "mine"
    assert sorted(os.listdir(os.path.dirname(environment.venv))) == [".venv", ".venv.releases"]


def test_a_link_that_cannot_be_put_in_place_is_taken_away(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(environment, "r1")

    def replace(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="Input/output"):
        switch(environment, "r2")
    assert os.readlink(environment.venv) == ".venv.releases/r1"
    assert sorted(os.listdir(environment.releases)) == ["r1", "r2"]


class NoRename:
    """A C library of before 2018."""


class Refusing:
    """A file system that cannot exchange."""

    @staticmethod
    def renameat2(*_: Any) -> int:
        return -1


@pytest.mark.parametrize("library", [NoRename, Refusing])
def test_whoever_cannot_exchange_says_so_and_changes_nothing(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, library: Any
) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: library)
    assert rename_exchange(str(tmp_path / "a"), str(tmp_path / "b")) is False
    assert (tmp_path / "a").read_text() == "a"


def test_an_exchange_with_nothing_is_none(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").write_text("a")
    assert rename_exchange(str(tmp_path / "a"), str(tmp_path / "nothing")) is False
    assert os.listdir(tmp_path) == ["a"]
