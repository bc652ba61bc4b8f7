# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.modules import wheelhouse_prune
from ansible_collections.netdevops.python.tests.unit.support.modules import run_module


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: bool = False, **arguments: Any
) -> dict[str, Any]:
    """Run the module with these arguments and return what it prints."""
    given = {**arguments, "_ansible_check_mode": check}
    return run_module(monkeypatch, capsys, wheelhouse_prune.main, **given)


@pytest.mark.parametrize("check", [False, True])
def test_arguments_reach_the_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: bool
) -> None:
    seen: list[Any] = []

    def prune(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
        seen.extend([params, check_mode])
        return {"changed": True, "actions": []}

    monkeypatch.setattr(wheelhouse_prune, "prune", prune)
    said = run(monkeypatch, capsys, check, venv="/opt/app/.venv", hold=["abc"], by={"login": "netops"})
    assert said["changed"] is True and seen[1] is check
    expected = {"keep": 3, "keep_days": 0, "orphans": False, "lock_timeout": 60, "hold": ["abc"], "search": None}
    assert {name: seen[0][name] for name in expected} == expected and seen[0]["by"] == {"login": "netops"}


@pytest.mark.parametrize(
    "arguments", [{"hold": ["abc"]}, {"venv": "/a/b", "search": ["/a"]}, {"venv": "/a/b", "leave": ["/a/c"]}]
)
def test_what_does_not_go_together(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: Any
) -> None:
    assert run(monkeypatch, capsys, **arguments)["failed"] is True


def test_failures_are_told_and_not_traced(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem("/opt/app/.venv", "is busy.", "Wait.")

    def refused(*arguments: Any) -> None:
        raise Refused([problem])

    monkeypatch.setattr(wheelhouse_prune, "prune", refused)
    said = run(monkeypatch, capsys)
    assert said["failed"] is True and said["msg"] == "/opt/app/.venv: is busy. Wait."
    # One of several: what was done to the others is told all the same.
    partly = {"changed": True, "freed_bytes": 7, "warnings": ["one was busy"], **Refused([problem]).result()}
    monkeypatch.setattr(wheelhouse_prune, "prune", lambda *arguments: partly)
    said = run(monkeypatch, capsys)
    assert said["failed"] is True and said["freed_bytes"] == 7 and said["changed"] is True
    assert "one was busy" in json.dumps(said["warnings"])


@pytest.mark.parametrize("fails", [False, True])
def test_a_name_that_is_no_utf_8_is_legible(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fails: bool
) -> None:
    name = os.fsdecode(b"/opt/caf\xe9")

    def prune(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
        if fails:
            raise Refused([Problem(name, "is busy.", "Wait.")])
        return {"changed": True, "pruned": [name], "spared": {name: "is held"}}

    monkeypatch.setattr(wheelhouse_prune, "prune", prune)
    said = run(monkeypatch, capsys)
    assert "/opt/caf\\udce9" in (said["msg"] if fails else [*said["pruned"], *said["spared"]][0])
