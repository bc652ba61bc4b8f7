# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part: the archive travels when the host lacks it, and only the right one."""

from __future__ import annotations

import hashlib
import os
import pathlib
import types
from typing import Any

import pytest

pytest.importorskip("ansible.plugins.action", reason="action plugins run on controllers alone")

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.netdevops.python.plugins.action.pyenv_checkout import ActionModule

NEEDS = {"changed": False, "needs": {"archive": "pyenv.tar.gz"}}
DONE = {"changed": True, "checkout": "r1"}


class Rig:
    """The action plugin with a real task; the host is a list of answers."""

    def __init__(self, root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.monkeypatch = root, monkeypatch
        self.archive = root / "files/pyenv.tar.gz"
        self.archive.parent.mkdir()
        self.archive.write_bytes(b"a pyenv")
        self.sha256 = hashlib.sha256(b"a pyenv").hexdigest()
        self.answers: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.sent: list[tuple[str, str]] = []
        self.removed: list[Any] = []

    def run(self, *answers: dict[str, Any], check: bool = False, tmpdir: str = "/remote/tmp", **more: Any) -> Any:
        loader = DataLoader()
        loader.set_basedir(str(self.root))
        task = Task()
        task.check_mode, task.async_val = check, 0
        task.args = {"archive": "pyenv.tar.gz", "sha256": self.sha256, **more}
        task.args = {name: value for name, value in task.args.items() if value is not None}
        task._ansible_internal_redirect_list = []
        shell = types.SimpleNamespace(tmpdir=tmpdir, join_path=os.path.join)
        connection = types.SimpleNamespace(transport="local", _shell=shell)
        action = ActionModule(task, connection, None, loader, Templar(loader), None)
        for name, replacement in (
            ("_execute_module", self.execute),
            ("_transfer_file", lambda path, remote: self.sent.append((path, remote))),
            ("_fixup_perms2", lambda paths: None),
            ("_make_tmp_path", lambda: setattr(shell, "tmpdir", "/made")),
            ("_remove_tmp_path", self.removed.append),
        ):
            self.monkeypatch.setattr(action, name, replacement)
        self.answers = list(answers)
        result = action.run(None, {"inventory_hostname": "h1"})
        assert self.answers == []
        return result

    def execute(self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        assert module_name == "netdevops.python.pyenv_checkout"
        self.asked.append(module_args)
        return dict(self.answers.pop(0))


@pytest.fixture
def rig(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(tmp_path, monkeypatch)


def test_a_converged_host_is_asked_once_and_the_archive_may_be_gone(rig: Rig) -> None:
    rig.archive.unlink()
    assert rig.run({"changed": False, "checkout": "r1"})["changed"] is False
    assert rig.asked[0]["ask"] is True and rig.sent == [] and rig.removed == ["/remote/tmp"]


def test_a_host_that_lacks_it_gets_it(rig: Rig) -> None:
    result = rig.run(NEEDS, DONE, tmpdir="")
    assert rig.sent == [(str(rig.archive), "/made/pyenv.tar")]
    assert rig.asked[1]["delivery"] == "/made/pyenv.tar" and "ask" not in rig.asked[1]
    assert (result["changed"], result["delivered"]) == (True, 7)
    assert rig.removed == ["/made"]


def test_in_check_mode_nothing_travels(rig: Rig) -> None:
    result = rig.run({**DONE, **NEEDS, "changed": True}, check=True)
    assert result["changed"] and "needs" not in result and rig.sent == []


@pytest.mark.parametrize("check", [True, False])
def test_a_wrong_archive_is_noticed_before_it_travels(rig: Rig, check: bool) -> None:
    rig.archive.write_bytes(b"another")
    result = rig.run(NEEDS, check=check)
    assert result["failed"] and not result["changed"] and "pyenv.tar.gz: expected SHA-256" in result["msg"]
    assert rig.sent == [] and rig.removed == ["/remote/tmp"]
    rig.archive.unlink()
    assert "is not on the controller" in rig.run(NEEDS, check=check)["msg"]


def test_a_failure_on_the_host_is_handed_on(rig: Rig) -> None:
    result = rig.run(NEEDS, {"failed": True, "msg": "disk full", "changed": False})
    assert result["failed"] and result["msg"] == "disk full" and "delivered" not in result


@pytest.mark.parametrize(
    "more",
    [
        {"remote_src": "yes"},
        {"state": "absent"},
        {"archive": None, "sha256": None, "git": "/srv/pyenv.git", "commit": "ab" * 20},
    ],
)
def test_what_concerns_the_host_alone_goes_straight_there(rig: Rig, more: dict[str, Any]) -> None:
    rig.run(DONE, **more)
    assert len(rig.asked) == 1 and "ask" not in rig.asked[0]
