# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's edge: options in, result or refusal out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem
from ansible_collections.netdevops.python.plugins.module_utils.people.converge import Failed
from ansible_collections.netdevops.python.plugins.module_utils.people.options import ARGUMENTS
from ansible_collections.netdevops.python.plugins.modules import pyenv_users


def run(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    with patch_module_args(options), pytest.raises(SystemExit):
        pyenv_users.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_hands_on_options_and_check_mode(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def ensure(asked: Any, check_mode: bool) -> dict[str, Any]:
        seen.extend((asked, check_mode))
        return {"changed": False, "users": {}, "diff": [], "warnings": ["not there yet"]}

    said: list[str] = []
    monkeypatch.setattr(pyenv_users, "ensure", ensure)
    monkeypatch.setattr(pyenv_users.AnsibleModule, "warn", lambda module, text: said.append(text))
    run(capsys, users="ada,grace", versions=[], rehash="no", _ansible_check_mode=True)
    asked, check_mode = seen
    assert (check_mode, asked.users, asked.versions, asked.rehash) == (True, ("ada", "grace"), None, False)
    assert said == ["not there yet"]


def test_who_was_served_is_told_beside_who_was_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ensure(asked: Any, check_mode: bool) -> dict[str, Any]:
        served = {"changed": True, "users": {"ada": {"changed": True}}, "diff": []}
        raise Failed([Problem("grace: /home/grace", "is not there.", "Create it.")], served)

    monkeypatch.setattr(pyenv_users, "ensure", ensure)
    result = run(capsys, users=["ada", "grace"])
    assert result["failed"] and result["changed"] and list(result["users"]) == ["ada"]
    assert result["msg"] == "grace: /home/grace: is not there. Create it."


def test_bad_options_come_before_any_look_at_the_host(capsys: pytest.CaptureFixture[str]) -> None:
    assert "expected a folder below the home" in run(capsys, users=["ada"], folder="../x")["msg"]


def test_the_documentation_says_what_the_code_does() -> None:
    yaml = pytest.importorskip("yaml", reason="ansible-test has none for the Pythons that only hosts have")
    documented = yaml.safe_load(pyenv_users.DOCUMENTATION)["options"]
    assert set(documented) == set(ARGUMENTS)
    for name, argument in ARGUMENTS.items():
        assert documented[name].get("default") == argument.get("default"), name
