# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running processes of environments."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit import processes
from ansible_collections.netdevops.python.plugins.module_utils.audit.processes import ancestors, check_processes

VENV = "/opt/app/.venv"


def process(proc: pathlib.Path, pid: int, exe: str, words: list[str], environ: dict[str, str]) -> pathlib.Path:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    (folder / "exe").symlink_to(exe)
    (folder / "cmdline").write_text("\0".join([*words, ""]), encoding="utf-8")
    (folder / "environ").write_text("".join(f"{name}={value}\0" for name, value in environ.items()), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("exe", "words"),
    [
        ("/opt/python/bin/python3.11", [f"{VENV}/bin/python", "-m", "app"]),
        ("/opt/python/bin/python3.11", [f"{VENV}.releases/ab/bin/python", f"{VENV}.releases/ab/bin/app"]),
        (f"{VENV}.releases/ab/bin/tool", ["tool"]),
    ],
)
def test_a_process_of_an_environment(tmp_path: pathlib.Path, exe: str, words: list[str]) -> None:
    process(tmp_path, 7, exe, words, {"PYTHONPATH": "/srv", "A": "1"})
    [finding] = check_processes([VENV], (), str(tmp_path))
    assert (finding.code, finding.subject) == ("process-variable", VENV)
    assert finding.evidence == ("process 7 sets PYTHONPATH",)
    assert not list(check_processes([VENV], (), str(tmp_path), {7}))


def test_others_and_harmless_ones(tmp_path: pathlib.Path) -> None:
    process(tmp_path, 7, "/usr/bin/python3", ["python3", "x", f"{VENV}x/bin/app"], {"PYTHONPATH": "/srv"})
    process(tmp_path, 8, "/opt/python/bin/python3", [f"{VENV}/bin/python"], {"PATH": "/bin"})
    (tmp_path / "9").mkdir()
    (tmp_path / "self").mkdir()
    assert not list(check_processes([VENV], (), str(tmp_path)))


def test_what_may_not_be_read_is_told(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process(tmp_path, 7, "/x", [f"{VENV}/bin/python"], {"PYTHONPATH": "/srv"})
    real = processes._split
    monkeypatch.setattr(processes, "_split", lambda path: None if path.endswith("environ") else real(path))
    assert [one.code for one in check_processes([VENV], (), str(tmp_path))] == ["unreadable"]


def test_a_real_one(tmp_path: pathlib.Path) -> None:
    link = tmp_path / ".venv/bin"
    link.mkdir(parents=True)
    (link / "python").symlink_to(sys.executable)
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [str(link / "python"), "-c", "print(flush=True); input()"]
    running = subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert running.stdout
        running.stdout.readline()
        found = [one for one in check_processes([str(tmp_path / ".venv")], ()) if one.code == "process-variable"]
        assert [one.evidence for one in found] == [(f"process {running.pid} sets PYTHONPATH",)]
        assert {running.pid, os.getpid()} <= ancestors(running.pid)
    finally:
        running.communicate(b"\n", timeout=20)
