# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's edge: options in, facts or refusal out."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.netdevops.python.plugins.modules import pyenv_facts


def run(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    with patch_module_args(options), pytest.raises(SystemExit):
        pyenv_facts.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_a_host_without_interpreters_has_facts_too(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    file = tmp_path / "netdevops_python.fact"
    result = run(capsys, roots=str(tmp_path), path=str(file))
    assert result["changed"] and json.loads(file.read_text())["interpreters"] == []
    assert result["ansible_facts"] == {"ansible_local": {"netdevops_python": json.loads(file.read_text())}}


def test_check_mode_is_handed_on(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    file = tmp_path / "netdevops_python.fact"
    assert run(capsys, roots=[str(tmp_path)], path=str(file), _ansible_check_mode=True)["changed"]
    assert not file.exists()


def test_an_empty_path_writes_nothing(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    result = run(capsys, roots=[str(tmp_path)], path="")
    assert (result["changed"], result["fact_file"]) == (False, "")


def test_a_refusal_is_a_failure_with_its_problems(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, path="/etc/passwd")
    assert result["failed"] and result["problems"][0]["subject"] == "path"


def test_the_documentation_says_what_the_code_does() -> None:
    yaml = pytest.importorskip("yaml", reason="ansible-test has none for the Pythons that only hosts have")
    documented = yaml.safe_load(pyenv_facts.DOCUMENTATION)["options"]
    assert set(documented) == set(pyenv_facts.ARGUMENTS)
    for name, argument in pyenv_facts.ARGUMENTS.items():
        assert documented[name].get("default") == argument.get("default"), name
