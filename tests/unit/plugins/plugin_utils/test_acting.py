# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import types
from typing import Any

import pytest

pytest.importorskip("ansible.plugins.action", reason="action plugins run on controllers alone")

from ansible.errors import AnsibleConnectionFailure
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.plugin_utils.acting import HostAction


def make(monkeypatch: pytest.MonkeyPatch, converge: Any, **connection: Any) -> HostAction:
    loader = DataLoader()
    task = Task()
    task.async_val = 0
    task._ansible_internal_redirect_list = []
    shell = types.SimpleNamespace(tmpdir="/remote", join_path=os.path.join)
    action = HostAction(task, types.SimpleNamespace(_shell=shell, **connection), None, loader, Templar(loader), None)
    monkeypatch.setattr(action, "_converge", lambda: converge(action))
    monkeypatch.setattr(action, "_remove_tmp_path", lambda path: None)
    return action


def test_a_refusal_is_a_failure_with_its_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    result = make(monkeypatch, lambda action: refuse("x", "is wrong.", "Mend it.")).run(None, None)
    assert (result["failed"], result["changed"], result["msg"]) == (True, False, "x: is wrong. Mend it.")
    assert result["problems"][0]["subject"] == "x"


def test_a_result_is_not_lost_because_nothing_can_be_tidied(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str) -> None:
        raise AnsibleConnectionFailure("gone")

    action = make(monkeypatch, lambda action: {"changed": True})
    monkeypatch.setattr(action, "_remove_tmp_path", fail)
    assert action.run(None, None)["changed"] is True


def test_a_file_is_delivered_into_the_folder_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []
    action = make(monkeypatch, lambda action: {"where": action._deliver_file("/here/x.tar", "y.tar")})
    monkeypatch.setattr(action, "_transfer_file", lambda path, remote: done.append((path, remote)))
    monkeypatch.setattr(action, "_fixup_perms2", done.append)
    assert action.run(None, None)["where"] == "/remote/y.tar"
    assert done == [("/here/x.tar", "/remote/y.tar"), ("/remote", "/remote/y.tar")]


@pytest.mark.parametrize(
    ("connection", "login"),
    [({"get_option": lambda name: "netops"}, "netops"), ({"get_option": lambda name: None}, None), ({}, None)],
)
def test_who_logs_in_is_what_the_connection_says(
    monkeypatch: pytest.MonkeyPatch, connection: dict[str, Any], login: str | None
) -> None:
    action = make(monkeypatch, lambda action: {"by": action._by()}, **connection)
    assert action.run(None, {"awx_job_id": 5})["by"].get("login") == login


def test_what_a_task_does_is_said_by_its_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotImplementedError):
        HostAction._converge(make(monkeypatch, dict))
