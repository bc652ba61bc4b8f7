# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's edge: options in, result or refusal out."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.modules import pyenv_install


def run(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    with patch_module_args(options), pytest.raises(SystemExit):
        pyenv_install.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_hands_on_options_and_check_mode(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def ensure(wanted: Any, check_mode: bool) -> dict[str, Any]:
        seen.extend((wanted, check_mode))
        return {"changed": True, "version": wanted.version, "warnings": ["3.9.1 stays"]}

    said: list[str] = []
    monkeypatch.setattr(pyenv_install, "ensure", ensure)
    monkeypatch.setattr(pyenv_install.AnsibleModule, "warn", lambda module, text: said.append(text))
    options = {"version": "3.11.7", "offline": "no", "modules": "ssl,zlib", "_ansible_check_mode": True}
    assert run(capsys, **options)["version"] == "3.11.7"
    wanted, check_mode = seen
    assert (check_mode, wanted.root, wanted.offline, wanted.modules) == (True, "/opt/pyenv", False, ("ssl", "zlib"))
    assert said == ["3.9.1 stays"]


def test_a_refusal_is_a_failure_with_its_problems(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ensure(wanted: Any, check_mode: bool) -> dict[str, Any]:
        raise Refused([Problem("make", "expected this program.", "Install make.")])

    monkeypatch.setattr(pyenv_install, "ensure", ensure)
    result = run(capsys, version="3.11.7")
    assert result["failed"]
    assert result["msg"] == "make: expected this program. Install make."
    assert result["problems"] == [
        {"subject": "make", "message": "expected this program.", "next_step": "Install make."}
    ]


def test_bad_options_come_before_any_look_at_the_host(capsys: pytest.CaptureFixture[str]) -> None:
    assert "found neither" in run(capsys)["msg"]
    assert "expected an absolute path" in run(capsys, version="3.11.7", root="relative")["msg"]


def test_reads_a_pin_file_on_the_host(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    (tmp_path / ".python-version").write_text("3.11.7\n3.12.0\n")
    assert "found several: 3.11.7, 3.12.0" in run(capsys, version_file=str(tmp_path))["msg"]


def test_the_documentation_says_what_the_code_does() -> None:
    yaml = pytest.importorskip("yaml", reason="ansible-test has none for the Pythons that only hosts have")
    documented = yaml.safe_load(pyenv_install.DOCUMENTATION)["options"]
    assert set(documented) == set(pyenv_install.ARGUMENTS)
    for name, argument in pyenv_install.ARGUMENTS.items():
        assert documented[name].get("default") == argument.get("default"), name
