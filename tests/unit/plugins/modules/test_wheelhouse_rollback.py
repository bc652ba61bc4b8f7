# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.modules import wheelhouse_install, wheelhouse_rollback
from ansible_collections.netdevops.python.tests.unit.support.modules import run_module


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: bool = False, **arguments: Any
) -> dict[str, Any]:
    """Run the module with these arguments and return what it prints."""
    given = {"venv": "/opt/app/.venv", **arguments, "_ansible_check_mode": check}
    return run_module(monkeypatch, capsys, wheelhouse_rollback.main, **given)


@pytest.mark.parametrize("check", [False, True])
def test_arguments_reach_the_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: bool
) -> None:
    seen: list[Any] = []

    def roll_back(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
        seen.extend([params, check_mode])
        return {"changed": True, "warnings": ["the history cannot be written"]}

    monkeypatch.setattr(wheelhouse_rollback, "roll_back", roll_back)
    result = run(monkeypatch, capsys, check, release="3f9c", prove_again="yes", by={"login": "ansible"})
    assert result["changed"] is True and "the history cannot be written" in json.dumps(result["warnings"])
    assert seen[0]["release"] == "3f9c" and seen[0]["prove_again"] is True and seen[0]["by"] == {"login": "ansible"}
    assert (seen[0]["lock_timeout"], seen[0]["prove_timeout"], seen[1]) == (60, 120, check)


def test_a_refusal_is_told_and_not_traced(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(*arguments: Any) -> None:
        raise Refused([Problem("/opt/app/.venv", "is busy.", "Wait.")])

    monkeypatch.setattr(wheelhouse_rollback, "roll_back", refused)
    result = run(monkeypatch, capsys)
    assert result["failed"] and result["msg"] == "/opt/app/.venv: is busy. Wait." and len(result["problems"]) == 1


def test_what_is_documented_is_what_is_taken() -> None:
    yaml = pytest.importorskip("yaml")
    documented = yaml.safe_load(wheelhouse_rollback.DOCUMENTATION)["options"]
    assert set(documented) == set(wheelhouse_rollback.ARGUMENTS)
    for name, option in wheelhouse_rollback.ARGUMENTS.items():
        assert documented[name].get("default") == option.get("default")


def test_what_the_installation_hands_on_is_what_it_takes() -> None:
    everything = {**ARGUMENTS, **wheelhouse_install.HANDOVER}
    assert {name: everything[name] for name in wheelhouse_rollback.ARGUMENTS} == wheelhouse_rollback.ARGUMENTS
