# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import usage
from ansible_collections.netdevops.python.plugins.module_utils.host.usage import (
    Use,
    explain,
    find_users,
    look_at_processes,
    started_at,
)

OLD, NEW = "/opt/app/.venv.releases/aaaa", "/opt/app/.venv.releases/bbbb"
LIBRARY = f"{OLD}/lib/python3.11/site-packages/x.cpython-311-x86_64-linux-gnu.so"


class Proc:
    """A folder as the kernel shows processes."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.add(1, ["/sbin/init"])

    def add(self, pid: int, command: list[str], **signs: Any) -> None:
        folder = self.root / str(pid)
        (folder / "fd").mkdir(parents=True)
        (folder / "cmdline").write_bytes(b"".join(os.fsencode(word) + b"\0" for word in command))
        (folder / "maps").write_text("".join(_mapped(path) for path in signs.get("maps", ["/usr/lib/libc.so.6"])))
        (folder / "environ").write_bytes(
            b"".join(f"{name}={value}".encode() + b"\0" for name, value in signs.get("environ", {}).items())
        )
        os.symlink(signs.get("exe", "/usr/bin/python3.11"), folder / "exe")
        os.symlink(signs.get("cwd", "/"), folder / "cwd")
        for number, path in enumerate(signs.get("files", [])):
            os.symlink(path, folder / "fd" / str(number))

    def users(self, *folders: str) -> dict[str, list[Use]]:
        return find_users(folders or (OLD, NEW), str(self.root))


def _mapped(path: str) -> str:
    return f"7f61bea00000-7f61bea21000 r-xp 00000000 fe:00 1187                   {path}\n"


@pytest.fixture
def proc(tmp_path: pathlib.Path) -> Proc:
    return Proc(tmp_path / "proc")


@pytest.mark.parametrize(
    ("signs", "what", "detail"),
    [
        ({"exe": f"{OLD}/bin/tool"}, "executable", f"{OLD}/bin/tool"),
        ({"maps": ["/usr/lib/libc.so.6", LIBRARY]}, "mapped", LIBRARY),
        ({"maps": [f"{LIBRARY} (deleted)"]}, "mapped", LIBRARY),
        ({"cwd": OLD}, "working folder", OLD),
        ({"cwd": f"{OLD}/lib (deleted)"}, "working folder", f"{OLD}/lib"),
        ({"cwd": f"{OLD} (deleted)"}, "working folder", OLD),
        ({"files": ["/dev/null", f"{OLD}/data.db"]}, "open file", f"{OLD}/data.db"),
        ({"environ": {"HOME": "/srv/ada", "VIRTUAL_ENV": OLD}}, "search path", OLD),
        ({"environ": {"PYTHONPATH": f"/srv/lib:{OLD}/lib"}}, "environment", f"{OLD}/lib"),
    ],
)
def test_each_sign_of_use(proc: Proc, signs: dict[str, Any], what: str, detail: str) -> None:
    proc.add(7, ["python3", "-m", "app"], **signs)
    assert proc.users() == {OLD: [Use(7, what, detail)], NEW: []}


@pytest.mark.parametrize(
    "command",
    [
        [f"{OLD}/bin/python", "/opt/app/.venv/bin/app"],
        ["/usr/bin/python3", f"{OLD}/bin/app"],
        ["gunicorn", f"--config={OLD}/etc/app.conf"],
        ["sh", "-c", f"cd / && exec '{OLD}/bin/app'"],
        ["gunicorn: master", OLD],
    ],
)
def test_a_program_of_pure_python_is_known_by_its_command_line(proc: Proc, command: list[str]) -> None:
    proc.add(7, command)
    assert [use.what for use in proc.users()[OLD]] == ["command line"]


def test_what_was_started_by_a_relative_path(proc: Proc) -> None:
    proc.add(7, [".venv.releases/aaaa/bin/python", "-m", "app"], cwd="/opt/app")
    proc.add(8, ["python3", "./.venv.releases/../.venv.releases/bbbb/bin/app"], cwd="/opt/app")
    proc.add(9, ["python3", "app", ".venv.releases/aaaa/data"], cwd="/opt/app")
    assert proc.users() == {
        OLD: [Use(7, "command line", f"{OLD}/bin/python")],
        NEW: [Use(8, "command line", f"{NEW}/bin/app")],
    }


@pytest.mark.parametrize(
    "path",
    [
        f"{OLD}-2/bin/python",
        f"{OLD}0/bin/python",
        f"/mnt{OLD}/bin/python",
        f"{OLD}.kept/bin/python",
        "/opt/app/.venv.releases/.rubbish-aaaa/bin/python",
        "/opt/app/.venv/bin/python",
    ],
)
def test_a_longer_name_is_another_folder(proc: Proc, path: str) -> None:
    proc.add(7, [path], exe=path, cwd=path, maps=[path], files=[path], environ={"VIRTUAL_ENV": path})
    assert proc.users() == {OLD: [], NEW: []}


def test_variables_that_change_nothing_of_what_runs_are_no_use(proc: Proc) -> None:
    proc.add(7, ["bash"], environ={"OLDPWD": OLD, "NOTES": OLD, "MY_VIRTUAL_ENV": OLD, "PATH": f"{OLD}/bin:/bin"})
    assert proc.users()[OLD] == []


def test_a_process_counts_once_per_folder_with_its_strongest_sign(proc: Proc) -> None:
    proc.add(7, [f"{OLD}/bin/python"], maps=[LIBRARY, LIBRARY], cwd=OLD, files=[f"{NEW}/log"])
    proc.add(8, [f"{OLD}/bin/python"])
    assert proc.users() == {
        OLD: [Use(7, "mapped", LIBRARY), Use(8, "command line", f"{OLD}/bin/python")],
        NEW: [Use(7, "open file", f"{NEW}/log")],
    }


def test_secrets_of_a_command_line_are_not_told(proc: Proc) -> None:
    proc.add(7, ["sh", "-c", f"{OLD}/bin/app --password hunter2"])
    assert proc.users()[OLD] == [Use(7, "command line", f"{OLD}/bin/app")]


def test_the_kernel_tells_of_paths_without_links(proc: Proc, tmp_path: pathlib.Path) -> None:
    (tmp_path / "srv/app").mkdir(parents=True)
    (tmp_path / "opt").symlink_to("srv")
    asked, real = f"{tmp_path}/opt/app/r1", f"{tmp_path}/srv/app/r1"
    proc.add(7, ["app"], exe=f"{real}/bin/app")
    proc.add(8, [f"{asked}/bin/app"])
    assert proc.users(asked) == {
        asked: [Use(7, "executable", f"{real}/bin/app"), Use(8, "command line", f"{asked}/bin/app")]
    }


def test_a_link_stands_for_itself(proc: Proc, tmp_path: pathlib.Path) -> None:
    (tmp_path / "r1").mkdir()
    (tmp_path / "venv").symlink_to("r1")
    proc.add(7, ["app"], cwd=str(tmp_path / "r1"))
    proc.add(8, [f"{tmp_path}/venv/bin/app"])
    assert [use.pid for use in proc.users(f"{tmp_path}/venv")[f"{tmp_path}/venv"]] == [8]


def test_of_two_folders_the_inner_one_counts(proc: Proc) -> None:
    proc.add(7, [f"{OLD}/bin/app"])
    assert {folder: len(uses) for folder, uses in proc.users("/opt/app", OLD).items()} == {"/opt/app": 0, OLD: 1}


def test_parts_of_the_kernel_and_what_has_ended_use_nothing(proc: Proc) -> None:
    proc.add(7, [], exe=f"{OLD}/bin/app")
    (proc.root / "8").mkdir()
    (proc.root / "self").mkdir()
    look = look_at_processes([OLD], str(proc.root))
    assert look.users == {OLD: []} and look.unseen == 0


def test_no_folder_costs_no_look(tmp_path: pathlib.Path) -> None:
    assert look_at_processes([], str(tmp_path / "nowhere")) == ({}, 0)


def test_what_belongs_to_others_is_judged_by_its_command_line_and_counted(
    proc: Proc, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: str, mode: str) -> Any:
        if path.endswith("/maps"):
            raise PermissionError(13, "Permission denied", path)
        return open(path, mode)

    monkeypatch.setattr(usage, "open", closed, raising=False)
    proc.add(7, [f"{OLD}/bin/python", "-m", "app"])
    proc.add(8, [])
    look = look_at_processes([OLD], str(proc.root))
    assert [use.pid for use in look.users[OLD]] == [7]
    assert look.unseen == 2, "the first process and this one; a part of the kernel is none"


def test_where_processes_of_others_are_hidden_that_is_said(proc: Proc) -> None:
    proc.add(7, ["app"])
    os.rename(proc.root / "1", proc.root / "gone")
    assert look_at_processes([OLD], str(proc.root)).unseen == 1


def test_who_uses_it_in_few_words() -> None:
    one, other = Use(7, "mapped", LIBRARY), Use(8, "command line", f"{OLD}/bin/app")
    assert explain([]) == ""
    assert explain([one]) == f"in use by process 7 (mapped: {LIBRARY})"
    assert explain([other, one, one]) == f"in use by process 8 (command line: {OLD}/bin/app) and 2 more"


def test_a_real_process_and_when_it_started(tmp_path: pathlib.Path) -> None:
    before = time.time()
    code = "import sys; print(flush=True); sys.stdin.read()"
    process = subprocess.Popen(  # pylint: disable=ansible-bad-function  # it has to live while it is looked at
        [sys.executable, "-c", code], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout and process.stdout.readline()
        assert find_users([str(tmp_path)]) == {
            str(tmp_path): [Use(process.pid, "working folder", os.path.realpath(tmp_path))]
        }
        assert before - 0.5 <= started_at(process.pid) <= time.time() + 0.5
    finally:
        process.communicate()
    assert find_users([str(tmp_path)]) == {str(tmp_path): []}
    assert started_at(process.pid) == 0


@pytest.mark.parametrize("name", ["my app", "x" * 230])
def test_a_folder_is_shown_whole_whatever_its_name_is(proc: Proc, name: str) -> None:
    venv = f"/opt/{name}/.venv"
    proc.add(7, [f"{venv}/bin/python", "-m", "app"])
    proc.add(8, ["sh", "-c", f"{venv}/bin/app --token x"])
    assert proc.users(venv) == {
        venv: [Use(7, "command line", f"{venv}/bin/python"), Use(8, "command line", f"{venv}/bin/app")]
    }


@pytest.mark.parametrize("variables", [{"PATH": "/opt/app/.venv/bin:/bin"}, {"VIRTUAL_ENV": "/opt/app/.venv"}])
def test_a_python_that_was_started_by_name_was_found_by_its_search_path(proc: Proc, variables: dict[str, str]) -> None:
    proc.add(7, ["python", "-m", "app"], environ=variables, exe="/usr/bin/python3.11")
    proc.add(8, ["/usr/bin/python3", "-m", "app"], environ={"PATH": variables.get("PATH", "")})
    proc.add(9, ["bash"], environ={"PATH": variables.get("PATH", "")}, exe="/usr/bin/bash")
    [use] = proc.users("/opt/app/.venv")["/opt/app/.venv"]
    assert use[:2] == (7, "search path") and use.detail.startswith("/opt/app/.venv")
