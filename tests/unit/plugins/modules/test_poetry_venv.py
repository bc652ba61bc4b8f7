# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.modules import poetry_venv
from ansible_collections.netdevops.python.tests.unit.support.modules import run_module


@pytest.mark.parametrize("check", [False, True])
def test_arguments_reach_the_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: bool
) -> None:
    seen: list[Any] = []

    def converge(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
        seen.extend([params, check_mode])
        return {"changed": True, "warnings": ["mind the gap"]}

    monkeypatch.setattr(poetry_venv, "converge", converge)
    given = {"project": "/srv/app", "groups": "main,dev", "sync": "no", "by": {"login": "netops"}}
    said = run_module(monkeypatch, capsys, poetry_venv.main, **given, _ansible_check_mode=check)
    assert (said["changed"], seen[1]) == (True, check)
    assert "mind the gap" in str(said["warnings"])
    expected = {"only": ["main", "dev"], "sync": False, "root": True, "state": "present", "timeout": 900, "with": None}
    assert {name: seen[0][name] for name in expected} == expected and seen[0]["by"] == {"login": "netops"}
    assert seen[0]["interpreter_root"] == "/opt/pyenv"


def test_failures_are_told_and_not_traced(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(*arguments: Any) -> None:
        raise Refused([Problem("/srv/app", "is someone else's project.", "Name its owner.")])

    monkeypatch.setattr(poetry_venv, "converge", refused)
    said = run_module(monkeypatch, capsys, poetry_venv.main, project="/srv/app")
    assert said["failed"] is True and said["msg"] == "/srv/app: is someone else's project. Name its owner."


def test_a_password_is_shown_to_nobody(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(
        poetry_venv, "converge", lambda params, check: {"changed": False, "leak": str(params["sources"])}
    )
    source = {"name": "company", "user": "u", "password": "secret-1"}
    said = run_module(monkeypatch, capsys, poetry_venv.main, project="/srv/app", sources=[source])
    assert "secret-1" not in str(said) and "company" in said["leak"]
