# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import types
from typing import Any

import pytest

pytest.importorskip("ansible.plugins.action", reason="action plugins run on controllers alone")

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.netdevops.python.plugins.action import pyenv_install
from ansible_collections.netdevops.python.plugins.action.pyenv_install import ActionModule
from ansible_collections.netdevops.python.plugins.plugin_utils import watch
from ansible_collections.netdevops.python.tests.unit.support.interpreters import make_archive

INSTALL, PROGRESS = "netdevops.python.pyenv_install", "netdevops.python.pyenv_progress"
STATUS = "ansible.legacy.async_status"
PRESENT = {"changed": False, "source": "present"}
FROM = {"verb": "build", "subject": "/opt/pyenv/versions/3.11.7", "reason": "from cache /srv/Python-3.11.7.tgz"}
BUILD = {"changed": False, "needs": {"build": "/opt/pyenv/.builds/3.11.7"}, "actions": [FROM]}
SAID = "h1: Python 3.11.7: build from cache /srv/Python-3.11.7.tgz"
JOB = {"ansible_job_id": "j1.2", "results_file": "/home/netops/.ansible_async/j1.2", "started": True, "finished": False}
NONE = {"state": "none", "stage": "", "done": 0, "total": 0, "text": "none", "seconds": 0}
INSTALLING = {"state": "building", "stage": "install", "done": 9, "total": 9, "text": "install", "seconds": 65}
BUILT = {"changed": True, "source": "cache", "finished": True, "started": True, "results_file": "x", "stdout": ""}
CLEANED = {"changed": False}


class Rig:
    """The action plugin with a real task; the host is a list of answers."""

    def __init__(self, root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.answers: list[Any] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.tasks: list[tuple[bool, int, Any]] = []
        self.sent: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.removed: list[Any] = []
        self.resets = 0
        self.monkeypatch = monkeypatch
        monkeypatch.setattr(watch.Edges.__new__, "__defaults__", (lambda: 1, lambda: 0.0, lambda seconds: None))
        monkeypatch.setattr(pyenv_install.Display, "display", lambda display, text: self.said.append(text))

    def action(self, check: bool = False, detached: int = 0, **arguments: Any) -> ActionModule:
        loader = DataLoader()
        loader.set_basedir(str(self.root))
        task = Task()
        task.check_mode = check
        task.async_val = detached
        task.environment = [{"TOKEN": "s3cret"}]
        task.args = {"version": "3.11.7", "allow_container": True, **arguments}
        task._ansible_internal_redirect_list = []
        shell = types.SimpleNamespace(tmpdir="/remote/tmp", join_path=os.path.join)
        connection = types.SimpleNamespace(transport="local", _shell=shell, reset=self.reset)
        self.task = task
        action = ActionModule(task, connection, None, loader, Templar(loader), None)
        for name, replacement in (
            ("_execute_module", self.execute),
            ("_transfer_file", lambda path, remote: self.sent.append((path, remote))),
            ("_fixup_perms2", lambda paths: None),
            ("_remove_tmp_path", self.removed.append),
        ):
            self.monkeypatch.setattr(action, name, replacement)
        return action

    def reset(self) -> None:
        self.resets += 1

    def execute(
        self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any], wrap_async: bool = False
    ) -> dict[str, Any]:
        self.asked.append((module_name, module_args))
        self.tasks.append((wrap_async, self.task.async_val, self.task.environment))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    def run(self, *answers: Any, **options: Any) -> dict[str, Any]:
        self.answers = list(answers)
        result = self.action(**options).run(None, {"inventory_hostname": "h1"})
        assert self.answers == []
        return result


@pytest.fixture
def rig(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(tmp_path, monkeypatch)


def test_a_converged_host_is_asked_once(rig: Rig) -> None:
    result = rig.run(PRESENT)
    assert (result["changed"], result["source"]) == (False, "present")
    [(module, arguments)] = rig.asked
    assert module == INSTALL and arguments["ask"] is True
    assert not {"offered", "delivery", "lease"} & set(arguments)
    assert (rig.said, rig.sent, rig.removed) == ([], [], ["/remote/tmp"])


@pytest.mark.parametrize("options", [{"check": True}, {"state": "absent"}])
def test_a_plan_and_a_removal_are_one_plain_call(rig: Rig, options: dict[str, Any]) -> None:
    rig.run({"changed": True}, **options)
    assert "ask" not in rig.asked[0][1]


def test_in_check_mode_the_host_hears_what_there_is(rig: Rig) -> None:
    archive = make_archive(rig.root)
    rig.run({"changed": True}, check=True, archive=archive.path)
    assert rig.asked[0][1]["offered"] == [archive.description.as_dict()]


def test_a_task_with_its_own_async_goes_straight_through(rig: Rig) -> None:
    assert rig.run(JOB, detached=1000)["ansible_job_id"] == "j1.2"
    assert rig.asked == [(INSTALL, {"version": "3.11.7", "allow_container": True})]
    assert rig.tasks[0][:2] == (True, 1000)


def test_the_one_archive_that_fits_travels(rig: Rig) -> None:
    make_archive(rig.root / "store", target="cp311-manylinux_2_36_x86_64", data=b"new")
    archive = make_archive(rig.root / "store")
    needs = {"changed": False, "needs": {"archive": archive.description.file}}
    result = rig.run(needs, {"changed": True, "source": "archive"}, archive=str(rig.root / "store"))
    assert (result["changed"], result["source"], "needs" in result) == (True, "archive", False)
    remote = f"/remote/tmp/{archive.description.file}"
    assert rig.sent == [(archive.path, remote)]
    (_install, asked), (_again, told) = rig.asked
    assert len(asked["offered"]) == 2 and told["offered"] == asked["offered"]
    assert told["delivery"] == remote and "ask" not in told
    assert rig.tasks[1][0] is False


def test_a_folder_on_the_host_is_made_where_there_is_none_yet(rig: Rig) -> None:
    archive = make_archive(rig.root)
    action = rig.action(archive=archive.path)
    shell = action._connection._shell
    shell.tmpdir = None
    rig.monkeypatch.setattr(action, "_make_tmp_path", lambda: setattr(shell, "tmpdir", "/made"))
    rig.answers = [{"needs": {"archive": archive.description.file}}, PRESENT]
    action.run(None, None)
    assert rig.sent[0][1] == f"/made/{archive.description.file}"


def test_a_relative_archive_is_found_where_ansible_looks(rig: Rig) -> None:
    make_archive(rig.root / "files/store")
    rig.run(PRESENT, archive="store")
    assert len(rig.asked[0][1]["offered"]) == 1


def test_no_archive_is_refused_before_the_host_is_asked(rig: Rig) -> None:
    result = rig.run(archive=str(rig.root / "nothing"))
    assert result["failed"] is True and "found nothing" in result["msg"] and result["problems"]
    assert rig.asked == [] and rig.removed == ["/remote/tmp"]


def test_a_build_runs_detached_and_is_watched(rig: Rig) -> None:
    result = rig.run(BUILD, JOB, INSTALLING, NONE, BUILT, CLEANED, timeout="600")
    assert result["changed"] is True and result["source"] == "cache"
    assert not {"ansible_job_id", "finished", "started", "results_file", "stdout", "needs"} & set(result)
    assert [module for module, _arguments in rig.asked] == [INSTALL, INSTALL, PROGRESS, PROGRESS, STATUS, STATUS]
    asked = [arguments for _module, arguments in rig.asked]
    assert asked[1]["lease"] == 300 and "ask" not in asked[1]
    assert rig.tasks[1] == (True, 1500, [{"TOKEN": "s3cret"}]), "twice the time limit, and the lease"
    assert asked[2] == {"root": "/opt/pyenv", "version": "3.11.7", "renew": True}
    assert asked[4] == {"jid": "j1.2", "mode": "status", "_async_dir": "/home/netops/.ansible_async"}
    assert asked[5]["mode"] == "cleanup"
    assert rig.said == [SAID, "h1: Python 3.11.7: install (65 s)"]


def test_what_is_asked_meanwhile_carries_no_environment_and_the_task_stays_what_it_was(rig: Rig) -> None:
    rig.run(BUILD, JOB, NONE, BUILT, CLEANED)
    assert [environment for _async, _limit, environment in rig.tasks[2:]] == [[], [], []]
    assert (rig.task.async_val, rig.task.environment) == (0, [{"TOKEN": "s3cret"}])


def test_a_task_that_is_not_to_be_logged_says_nothing(rig: Rig) -> None:
    action = rig.action()
    rig.task.no_log = True
    rig.answers = [BUILD, JOB, INSTALLING, NONE, BUILT, CLEANED]
    assert action.run(None, {})["changed"] is True
    assert rig.said == []


def test_an_archive_that_does_not_fit_is_still_offered_to_the_build(rig: Rig) -> None:
    archive = make_archive(rig.root)
    rig.run(BUILD, JOB, NONE, BUILT, CLEANED, archive=archive.path)
    assert rig.asked[1][1]["offered"] == [archive.description.as_dict()]


def test_another_lease_may_be_asked_for(rig: Rig) -> None:
    rig.run(BUILD, JOB, NONE, BUILT, CLEANED, lease="30")
    assert rig.asked[1][1]["lease"] == 30


def test_a_failed_build_fails_the_task(rig: Rig) -> None:
    failed = {"failed": True, "changed": False, "msg": "out of paper", "finished": True}
    result = rig.run(BUILD, JOB, NONE, failed, CLEANED)
    assert result["failed"] is True and result["msg"] == "out of paper"


def test_a_build_that_does_not_start_fails_the_task(rig: Rig) -> None:
    result = rig.run(BUILD, {"failed": True, "msg": "could not create directory", "changed": True})
    assert (result["failed"], result["changed"], result["msg"]) == (True, False, "could not create directory")


def test_a_dropped_connection_is_made_anew(rig: Rig) -> None:
    assert rig.run(BUILD, JOB, AnsibleConnectionFailure("gone"), NONE, BUILT, CLEANED)["changed"] is True
    assert rig.resets == 1
    assert rig.said == [
        SAID,
        "h1: Python 3.11.7: no answer, trying again; the build goes on for 300 s",
        "h1: Python 3.11.7: connected again",
    ]


def test_a_result_is_not_lost_because_nothing_can_be_tidied(rig: Rig) -> None:
    action = rig.action()

    def fail(path: str) -> None:
        raise AnsibleConnectionFailure("gone")

    rig.monkeypatch.setattr(action, "_remove_tmp_path", fail)
    rig.answers = [BUILD, JOB, NONE, BUILT, AnsibleError("gone")]
    assert action.run(None, {})["changed"] is True


def test_a_container_that_is_thrown_away_is_no_host(rig: Rig) -> None:
    real = os.path.exists
    rig.monkeypatch.setattr(pyenv_install.os.path, "exists", lambda path: path == "/run/.containerenv" or real(path))
    result = rig.run(allow_container=False)
    assert result["failed"] is True and "this controller is a container (/run/.containerenv)" in result["msg"]
    assert rig.asked == []


def test_arguments_are_checked_on_the_controller(rig: Rig) -> None:
    with pytest.raises(AnsibleError, match="source must be one of"):
        rig.run(source="thin air")
