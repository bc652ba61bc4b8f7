# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import types
from typing import Any

import pytest

pytest.importorskip("ansible.plugins.action", reason="action plugins run on controllers alone")

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.netdevops.python.plugins.action import poetry_venv
from ansible_collections.netdevops.python.plugins.action.poetry_venv import ActionModule
from ansible_collections.netdevops.python.tests.unit.support.travels import packed, travels

SOURCE = {"name": "company", "user": "u", "password": "secret-1"}


class Rig:
    """The action plugin with a real task and connection; the host answers ``survey`` and then ``done``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.survey: dict[str, Any] = {"changed": False, "settled": False}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def execute(self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((module_name.rpartition(".")[2], module_args))
        return dict(self.survey) if module_name == poetry_venv.SURVEY else {"changed": True, "release": "r2"}

    def run(self, **arguments: Any) -> dict[str, Any]:
        loader, task = DataLoader(), Task()
        task.async_val = 0
        task.args = {"project": "~/app", "allow_container": True, **arguments}
        task._ansible_internal_redirect_list = []
        shell = types.SimpleNamespace(tmpdir="", join_path=os.path.join)
        connection = types.SimpleNamespace(transport="local", _shell=shell)
        action = ActionModule(task, connection, None, loader, Templar(loader), None)
        self.monkeypatch.setattr(action, "_execute_module", self.execute)
        self.monkeypatch.setattr(action, "_remove_tmp_path", lambda path: None)
        result: dict[str, Any] = action.run(None, {"awx_job_id": 7})
        return result


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(monkeypatch)


def test_a_settled_host_is_asked_once_and_hears_no_password(rig: Rig) -> None:
    rig.survey = {"changed": False, "settled": True, "release": "r1"}
    result = rig.run(only="main", sources=[SOURCE])
    assert (result["release"], result["changed"]) == ("r1", False) and "settled" not in result
    [(module, given)] = rig.asked
    # As the task says it: what a ~ stands for is known on the host.
    assert (module, given) == (
        "poetry_survey",
        {"asked": {"project": "~/app", "allow_container": True, "only": "main"}},
    )


@pytest.mark.parametrize("survey", [{"settled": False}, {"settled": True, "failed": True}])
def test_any_other_is_worked_on_and_told_who_does_it(rig: Rig, survey: dict[str, Any]) -> None:
    rig.survey = survey
    result = rig.run(sources=[SOURCE])
    assert result["release"] == "r2"
    assert [module for module, _given in rig.asked] == ["poetry_survey", "poetry_venv"]
    given = rig.asked[1][1]
    assert (given["sources"], given["by"]["awx_job_id"]) == ([SOURCE], "7")


@pytest.mark.parametrize("arguments", [{"state": "absent"}, {"verify": "content"}])
def test_what_no_glance_can_answer_is_asked_of_none(rig: Rig, arguments: dict[str, Any]) -> None:
    rig.survey = {"settled": True}
    rig.run(**arguments)
    assert [module for module, _given in rig.asked] == ["poetry_venv"]


def test_work_that_would_be_lost_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "exists", lambda path: True)
    result = rig.run(allow_container=False)
    assert result["failed"] is True and "container" in result["msg"]
    assert rig.asked == []


def test_what_a_glance_takes_to_a_host_is_little() -> None:
    # Who may write to a project is looked at here, and that takes people.ground.
    heavy = ("poetry.tool", "poetry.install", "poetry.converge", "host.plan", "host.work", "common.runner")
    names = travels("poetry_survey")
    assert "plugins.module_utils.host.walk" in names
    assert [name for name in heavy if f"plugins.module_utils.{name}" in names] == []
    assert packed("poetry_survey") < 53_000 < packed("poetry_venv") / 3
