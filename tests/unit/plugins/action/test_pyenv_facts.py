# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other local facts of a host outlive this module's."""

from __future__ import annotations

import types
from typing import Any

import pytest

pytest.importorskip("ansible.plugins.action", reason="action plugins run on controllers alone")

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.netdevops.python.plugins.action.pyenv_facts import ActionModule

MINE = {"netdevops_python": {"interpreters": [], "without_receipt": []}}


def run(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], task_vars: dict[str, Any] | None = None
) -> dict[str, Any]:
    loader, task = DataLoader(), Task()
    task._ansible_internal_redirect_list = []
    connection = types.SimpleNamespace(transport="ssh", _shell=types.SimpleNamespace(tmpdir=None))
    action = ActionModule(task, connection, None, loader, Templar(loader), None)
    monkeypatch.setattr(action, "_execute_module", lambda module_name, task_vars: answer)
    result: dict[str, Any] = action.run(None, task_vars)
    return result


def test_other_facts_stay_and_an_old_one_of_ours_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"ansible_local": {"site": {"rack": 4}, "netdevops_python": {"interpreters": ["old"]}}}
    result = run(monkeypatch, {"changed": True, "ansible_facts": {"ansible_local": MINE}}, known)
    assert result["changed"] is True
    assert result["ansible_facts"]["ansible_local"] == {"site": {"rack": 4}, **MINE}
    assert known["ansible_local"]["netdevops_python"] == {"interpreters": ["old"]}, "what was handed in is not ours"


@pytest.mark.parametrize("known", [None, {}, {"ansible_local": {}}, {"ansible_local": None}])
def test_a_host_without_other_facts(monkeypatch: pytest.MonkeyPatch, known: dict[str, Any] | None) -> None:
    result = run(monkeypatch, {"ansible_facts": {"ansible_local": MINE}}, known)
    assert result["ansible_facts"]["ansible_local"] == MINE


def test_a_failure_has_no_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, {"failed": True, "msg": "no"})
    assert result["failed"] and "ansible_facts" not in result
