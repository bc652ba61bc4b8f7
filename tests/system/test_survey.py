# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host of which nothing is to be done is asked by a lean module, and nobody sees that in the result."""

from __future__ import annotations

import os
import pathlib
import tempfile
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.playing import Result, install_task, play

pytestmark = pytest.mark.system

SURVEY, INSTALL = "wheelhouse_survey", "wheelhouse_install"


def run(task: dict[str, Any], options: Sequence[str] = ()) -> tuple[Result, list[str]]:
    """Run a task, and return what it told a user, but for seconds, and which modules it sent to the host, each once, in order."""
    with tempfile.TemporaryDirectory(prefix="survey-") as folder:
        # Modules are left where they were put, which they only are where they are not piped.
        env = {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_PIPELINING": "0", "ANSIBLE_REMOTE_TMP": folder}
        [result] = play([task], options=options, env=env)["here"]
        sent = sorted(pathlib.Path(folder).rglob("AnsiballZ_*.py"), key=lambda path: path.stat().st_mtime_ns)
        names = [path.stem.partition("_")[2] for path in sent]
    return {name: value for name, value in result.items() if name not in ("invocation", "seconds")}, names


@pytest.mark.parametrize("options", [(), ("--check", "--diff")], ids=["plain", "check"])
def test_the_result_is_that_of_the_whole_run(tmp_path: pathlib.Path, options: tuple[str, ...]) -> None:
    venv, made = tmp_path / "app/.venv", str(bundles.small(tmp_path / "bundle"))
    as_installed = {"bundle": made, "keep": "2", "compile": "no", "mode": "0750"}
    first, names = run(install_task(venv, **as_installed))
    assert first["changed"] is True and names == [SURVEY, INSTALL]
    asked: dict[str, dict[str, Any]] = {
        "as it was": {},
        "of the receipt alone": {"verify": "receipt"},
        "nobody answered": {"groups": "", "commands": "", "legacy_until": "", "reason": "", "history": ""},
        "to be kept": {"hold": [], "keep_days": 3},
    }
    for name, more in asked.items():
        lean, names = run(install_task(venv, **as_installed, **more), options)
        assert names == [SURVEY], name
        # From a bundle that lies on the host, it is the whole run that answers.
        whole, names = run(install_task(venv, **as_installed, **more, remote_src=True), options)
        assert names == [INSTALL], name
        assert lean == whole and lean["changed"] is False, name


def test_a_host_that_needs_something_is_asked_again(tmp_path: pathlib.Path) -> None:
    venv, made = tmp_path / "app/.venv", str(bundles.small(tmp_path / "bundle"))
    task = install_task(venv, bundle=made)
    run(task)
    [package] = venv.glob("lib/python*/site-packages/alpha/__init__.py")
    package.write_text("EDITED = True\n")
    repaired, names = run(task)
    assert names == [SURVEY, INSTALL]
    assert repaired["changed"] is True and "edited" in repaired["drift"][0]
    again, names = run(task)
    assert names == [SURVEY] and again["changed"] is False
    os.utime(package.parent.resolve() / "__init__.py")
    read, names = run(task)  # Its content is right, and is read to see that: once.
    assert names == [SURVEY, INSTALL] and read == again
    assert run(task) == (again, [SURVEY])


@pytest.mark.parametrize("wrong", [{"mode": "0777"}, {"commands": ["../alpha"]}, {"venv": "app/.venv"}], ids=str)
def test_what_is_refused_is_said_once(tmp_path: pathlib.Path, wrong: dict[str, Any]) -> None:
    asked = {"venv": tmp_path / "app/.venv", "bundle": str(bundles.small(tmp_path / "bundle")), **wrong}
    result, names = run(install_task(**asked))
    assert names == [SURVEY, INSTALL] and result["failed"] and len(result["problems"]) == 1
