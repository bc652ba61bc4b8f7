# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interpreters environments stand on, and what else does."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.search import find
from ansible_collections.netdevops.python.plugins.module_utils.host.census import take
from ansible_collections.netdevops.python.plugins.module_utils.host.footing import interpreters_of

VERSION = "3.11.2"


class Ground:
    """A root of pyenv, ordinary environments and releases, and processes that only a folder tells of."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.root = folder / "pyenv"
        self.home = self.python(self.root / "versions" / VERSION)
        self.proc = folder / "proc"
        self.proc.mkdir()

    def python(self, prefix: pathlib.Path) -> pathlib.Path:
        (prefix / "bin").mkdir(parents=True)
        (prefix / "bin/python3").touch()
        return prefix / "bin"

    def environment(self, path: str, home: pathlib.Path) -> str:
        folder = self.folder / path
        folder.mkdir(parents=True)
        (folder / "pyvenv.cfg").write_text(f"home = {home}\nversion = {VERSION}\n")
        return str(folder)

    def release(self, path: str, name: str, home: pathlib.Path) -> str:
        folder = self.environment(f"{path}.releases/{name}", home)
        pathlib.Path(folder, "receipt.json").write_text("{}")
        return folder

    def process(self, pid: int, program: pathlib.Path) -> None:
        (self.proc / str(pid)).mkdir()
        (self.proc / str(pid) / "exe").symlink_to(program)

    def look(self, venv: str = "", proc: str | None = None) -> list[dict[str, Any]]:
        finds = find([str(self.folder)])
        standings = [one for one in take(finds) if venv in ("", one.path)]
        return interpreters_of(standings, finds.environments, str(self.proc) if proc is None else proc)


@pytest.fixture
def ground(tmp_path: pathlib.Path) -> Ground:
    return Ground(tmp_path)


def test_each_interpreter_with_what_stands_on_it(ground: Ground) -> None:
    other = ground.python(ground.root / "versions/3.12.1")
    app = ground.environment("srv/app", ground.home)
    tool = ground.environment("srv/tool", other)
    first, second = ground.look()
    assert (first["home"], first["version"], first["ok"]) == (str(ground.home), VERSION, True)
    assert second["home"] == str(other)
    assert [[one["path"] for one in found["dependents"]["some"]] for found in (first, second)] == [[app], [tool]]
    assert first["dependents"]["some"][0]["kind"] == "environment"


def test_of_one_environment_its_interpreter_with_all_that_depends_on_it(ground: Ground) -> None:
    app = ground.environment("srv/app", ground.home)
    tool = ground.environment("srv/tool", ground.home)
    ground.environment("srv/else", ground.python(ground.folder / "usr"))
    ground.process(7, ground.home / "python3")
    ground.process(8, ground.folder / "usr/bin/python3")
    (ground.root / "version").write_text(f"{VERSION}\n")
    [found] = ground.look(venv=app)
    assert found["dependents"]["count"] == 4
    assert [(one["kind"], one["path"]) for one in found["dependents"]["some"]] == [
        ("environment", app),
        ("environment", tool),
        ("process", f"{ground.proc}/7"),
        ("global", f"{ground.root}/version"),
    ]
    [quiet] = ground.look(venv=app, proc="")
    assert [one["kind"] for one in quiet["dependents"]["some"]] == ["environment", "environment", "global"]


def test_the_python_of_a_host_has_environments_alone(ground: Ground) -> None:
    """Half of a host may run with it."""
    usr = ground.python(ground.folder / "usr")
    ground.process(7, usr / "python3")
    app = ground.environment("srv/app", usr)
    [found] = ground.look()
    assert [(one["kind"], one["path"]) for one in found["dependents"]["some"]] == [("environment", app)]


@pytest.mark.usefixtures("short_names")
def test_releases_have_their_stable_name(ground: Ground) -> None:
    old = ground.release("srv/app/.venv", "aaa", ground.home)
    ground.release("srv/app/.venv", "bbb", ground.home)
    stable = ground.folder / "srv/app/.venv"
    stable.symlink_to(".venv.releases/bbb")
    [found] = ground.look()
    assert [one["path"] for one in found["dependents"]["some"]] == [str(stable), old]


def test_one_interpreter_by_two_paths_is_one(ground: Ground) -> None:
    (ground.folder / "shared").symlink_to(ground.root)
    ground.environment("srv/app", ground.home)
    ground.environment("srv/tool", ground.folder / "shared/versions" / VERSION / "bin")
    [found] = ground.look()
    assert found["dependents"]["count"] == 2


def test_one_that_is_gone_is_not_ok(ground: Ground) -> None:
    ground.environment("srv/app", ground.folder / "gone/bin")
    ground.environment("srv/says-nothing", pathlib.Path())
    [found] = [one for one in ground.look() if "gone" in one["home"]]
    assert found["ok"] is False


def test_many_dependents_are_cut_with_a_count(ground: Ground) -> None:
    for number in range(30):
        ground.environment(f"srv/app{number:02}", ground.home)
    [found] = ground.look()
    assert (found["dependents"]["count"], len(found["dependents"]["some"])) == (30, 20)


def test_who_looks_is_no_dependent(ground: Ground) -> None:
    ground.environment("srv/app", ground.home)
    ground.process(os.getpid(), ground.home / "python3")
    ground.process(os.getpid() + 1, ground.home / "python3")
    assert [one["path"] for one in ground.look()[0]["dependents"]["some"]][1:] == [f"{ground.proc}/{os.getpid() + 1}"]
