# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's edge: options in, result or refusal out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.netdevops.python.plugins.module_utils.checkout.options import ARGUMENTS, HANDOVER
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.modules import pyenv_checkout


def run(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    with patch_module_args(options), pytest.raises(SystemExit):
        pyenv_checkout.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_hands_on_options_and_check_mode(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def ensure(asked: Any, check_mode: bool) -> dict[str, Any]:
        seen.extend((asked, check_mode))
        return {"changed": True, "version": "2.6.30"}

    monkeypatch.setattr(pyenv_checkout, "ensure", ensure)
    options = {"archive": "pyenv.tar.gz", "sha256": "ab" * 32, "takeover": "yes", "_ansible_check_mode": True}
    assert run(capsys, **options)["version"] == "2.6.30"
    asked, check_mode = seen
    assert (check_mode, asked.root, asked.takeover, asked.timeout) == (True, "/opt/pyenv", True, 300)


def test_a_refusal_is_a_failure_with_its_problems(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ensure(asked: Any, check_mode: bool) -> dict[str, Any]:
        raise Refused([Problem("bash", "is not installed.", "Install it.")])

    monkeypatch.setattr(pyenv_checkout, "ensure", ensure)
    result = run(capsys, git="/srv/pyenv.git", commit="ab" * 20)
    assert result["failed"] and result["msg"] == "bash: is not installed. Install it."
    assert result["problems"] == [{"subject": "bash", "message": "is not installed.", "next_step": "Install it."}]


def test_bad_options_come_before_any_look_at_the_host(capsys: pytest.CaptureFixture[str]) -> None:
    assert "archive, git: expected one of them, found neither" in run(capsys)["msg"]


def test_the_documentation_says_what_the_code_does() -> None:
    yaml = pytest.importorskip("yaml", reason="ansible-test has none for the Pythons that only hosts have")
    documented = yaml.safe_load(pyenv_checkout.DOCUMENTATION)["options"]
    arguments = {**ARGUMENTS, **HANDOVER}
    assert set(documented) == set(arguments)
    for name, argument in arguments.items():
        assert documented[name].get("default") == argument.get("default"), name
