# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step from the old environment to the new one: no reader sees anything between, and a folder is kept."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys

import pytest

from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.playing import (
    BASE_PYTHON,
    REPOSITORY,
    environment,
    here,
    install_task,
    succeeded,
)
from ansible_collections.netdevops.python.tests.system.snapshot import differences, tree

pytestmark = pytest.mark.system

# Looks as fast as it can, until it is told to end, and counts how often there was nothing.
READER = """
import os, signal, sys
looks = missing = 0
go = True
def stop(*_):
    global go
    go = False
signal.signal(signal.SIGTERM, stop)
print("looking", flush=True)
while go:
    looks += 1
    try:
        os.stat(sys.argv[1])
    except FileNotFoundError:
        missing += 1
print(looks, missing)
"""
INSTALL = """
import sys
from ansible_collections.netdevops.python.tests.system import direct
direct.install(sys.argv[1], sys.argv[2])
"""
# The way that is left where the kernel or the file system has no exchange.
WITHOUT_EXCHANGE = """
from ansible_collections.netdevops.python.plugins.module_utils.host import switch
switch.rename_exchange = lambda *_: False
"""
CALLS = "rename,renameat,renameat2,symlink,symlinkat,unlink,unlinkat"


def ordinary(venv: pathlib.Path) -> None:
    venv.parent.mkdir(parents=True)
    subprocess.run([BASE_PYTHON, "-I", "-m", "venv", "--without-pip", str(venv)], env=environment(), check=True)
    (venv / "bin/notes.txt").write_text("mine\n", encoding="utf-8")


def looks_during(venv: pathlib.Path, bundle: bundles.Made, code: str) -> tuple[int, int]:
    """Install while a reader looks; each step on the disk is made to last, so that what is between can be seen."""
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(venv / "pyvenv.cfg")], stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout
    reader.stdout.readline()
    slow = ["strace", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e", f"inject={CALLS}:delay_exit=30000"]
    command = [*slow, sys.executable, "-c", code, str(venv), str(bundle)]
    env = environment(PYTHONPATH=str(REPOSITORY / ".collections"))
    try:
        subprocess.run(command, env=env, check=True)
    finally:
        reader.send_signal(signal.SIGTERM)
        looks, missing = map(int, reader.communicate()[0].split())
    assert looks > 1000
    return looks, missing


def test_nobody_sees_a_folder_become_a_link(tmp_path: pathlib.Path) -> None:
    venv = tmp_path / "opt/app/.venv"
    ordinary(venv)
    assert looks_during(venv, bundles.small(tmp_path / "bundle"), INSTALL)[1] == 0
    assert venv.is_symlink()


def test_the_reader_would_see_it(tmp_path: pathlib.Path) -> None:
    """The control: two renames in the place of one exchange."""
    venv = tmp_path / "opt/app/.venv"
    ordinary(venv)
    assert looks_during(venv, bundles.small(tmp_path / "bundle"), WITHOUT_EXCHANGE + INSTALL)[1] > 0
    assert venv.is_symlink()


def test_nobody_sees_one_release_become_another(tmp_path: pathlib.Path) -> None:
    venv = tmp_path / "opt/app/.venv"
    direct.install(venv, bundles.small(tmp_path / "one", "1.0"))
    assert looks_during(venv, bundles.small(tmp_path / "two", "2.0"), INSTALL)[1] == 0
    assert bundles.says(venv) == "alpha 2.0 beta 2.0\n"


def test_an_ordinary_folder_is_kept(tmp_path: pathlib.Path) -> None:
    venv = tmp_path / "opt/app/.venv"
    ordinary(venv)
    before = tree(venv)
    task = install_task(venv, bundle=str(bundles.small(tmp_path / "bundle")))
    foretold, first, second = here([{**task, "check_mode": True}, task, task])
    assert "kept" in succeeded(foretold)["actions"][-1]["reason"]
    assert succeeded(first)["changed"] and not succeeded(second)["changed"]
    kept = pathlib.Path(first["kept"])
    assert kept.parent == venv.parent and kept.name.startswith(".venv.kept-")
    assert not differences(before, tree(kept))
    assert venv.is_symlink()
    [gone] = here([install_task(venv, state="absent", python=None)])
    assert succeeded(gone)["changed"]
    assert not differences(before, tree(kept)), "what was somebody's own stays, also when the environment goes"


def test_an_empty_folder_is_taken(tmp_path: pathlib.Path) -> None:
    venv = tmp_path / "opt/app/.venv"
    venv.mkdir(parents=True)
    assert direct.install(venv, bundles.small(tmp_path / "bundle"))["changed"]
    assert venv.is_symlink()
