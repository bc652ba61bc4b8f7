# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import json
import os
import pathlib
import sys
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.modules import wheelhouse_install

BASE = {"venv": "/opt/app/.venv", "bundle": "/srv/bundle", "python": "/usr/bin/python3"}


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: bool = False, **arguments: Any
) -> dict[str, Any]:
    """Run the module with these arguments and return what it prints."""
    data = json.dumps(
        {"ANSIBLE_MODULE_ARGS": {**arguments, "_ansible_check_mode": check, "_ansible_remote_tmp": "/tmp"}}
    )
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", data.encode())
    if hasattr(basic, "_ANSIBLE_PROFILE"):
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(SystemExit):
        wheelhouse_install.main()
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_arguments_reach_the_work_with_their_types(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Any] = []

    def converge(params: Any, check_mode: bool) -> dict[str, Any]:
        seen.extend([params, check_mode])
        return {"changed": True, "release": "r1"}

    monkeypatch.setattr(wheelhouse_install, "converge", converge)
    result = run(
        monkeypatch, capsys, check=True, **BASE, keep="2", compile="no", groups="main,junos", source="bundle:x"
    )
    assert result["changed"] is True and result["release"] == "r1"
    params, check = seen
    assert check is True
    assert (params["keep"], params["compile"], params["groups"]) == (2, False, ["main", "junos"])
    assert (params["source"], params["delivery"], params["mode"], params["verify"]) == (
        "bundle:x",
        None,
        "0755",
        "stat",
    )


def test_a_refusal_is_a_failure_with_its_problems(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def converge(params: Any, check_mode: bool) -> dict[str, Any]:
        raise Refused([Problem("a.whl", "is damaged.", "Copy it."), Problem("b.whl", "is gone.")])

    monkeypatch.setattr(wheelhouse_install, "converge", converge)
    result = run(monkeypatch, capsys, **BASE)
    assert result["failed"] is True
    assert result["msg"] == "2 problems:\n- a.whl: is damaged. Copy it.\n- b.whl: is gone."
    assert [problem["subject"] for problem in result["problems"]] == ["a.whl", "b.whl"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bundle": "/b", "python": "/p"}, "missing required arguments: venv"),
        (
            {"venv": "/opt/a"},
            "state is present but all of the following are missing: python|state is present but any of the following are missing",
        ),
        (
            {"venv": "/opt/a", "python": "/p"},
            "state is present but any of the following are missing: bundle, requirements",
        ),
        (
            {"venv": "/opt/a", "bundle": "/b"},
            "state is present but any of the following are missing: python, interpreter_root",
        ),
        (
            {"venv": "/opt/a", "requirements": "r", "wheelhouse": "w", "interpreter_root": "/opt/pyenv"},
            "mutually exclusive: requirements|interpreter_root",
        ),
        ({**BASE, "requirements": "r", "wheelhouse": "w"}, "mutually exclusive: bundle|requirements"),
        ({"venv": "/opt/a", "python": "/p", "requirements": "r"}, "required together: requirements, wheelhouse"),
        ({**BASE, "verify": "never"}, "value of verify must be one of"),
        ({**BASE, "state": "latest"}, "value of state must be one of"),
        ({**BASE, "prove": {"shell": "x"}}, "Unsupported parameters"),
        ({**BASE, "lots": 1}, "Unsupported parameters"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], message: str
) -> None:
    result = run(monkeypatch, capsys, **arguments)
    assert result["failed"] is True
    assert any(part in result["msg"] for part in message.split("|"))


def test_absent_needs_a_path_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path
) -> None:
    result = run(monkeypatch, capsys, venv=str(tmp_path / ".venv"), state="absent")
    assert result["changed"] is False
    assert os.listdir(tmp_path) == []


def test_what_is_documented_is_what_is_taken() -> None:
    """The sanity tests compare types and defaults; they need a controller, and this runs wherever a host may."""
    yaml = pytest.importorskip("yaml")
    documented = yaml.safe_load(wheelhouse_install.DOCUMENTATION)["options"]
    assert set(documented) == set(ARGUMENTS) | set(wheelhouse_install.HANDOVER)
    for name, option in ARGUMENTS.items():
        assert documented[name]["type"] == option["type"]
        assert documented[name].get("default") == option.get("default")
        assert documented[name].get("required", False) == option.get("required", False)
