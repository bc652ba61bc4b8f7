# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's edge: options in, what there is or a refusal out."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.netdevops.python.plugins.modules import environment_info


def run(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    with patch_module_args(options), pytest.raises(SystemExit):
        environment_info.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


@pytest.mark.parametrize("check", [False, True])
def test_it_tells_the_same_in_check_mode(
    capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path, check: bool
) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/pyvenv.cfg").touch()
    result = run(capsys, search=str(tmp_path), _ansible_check_mode=check)
    assert (result["changed"], [one["venv"] for one in result["environments"]]) == (False, [str(tmp_path / "venv")])


def test_a_refusal_is_a_failure_with_its_problems(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, search=["opt"], history=-2)
    assert result["failed"] and [problem["subject"] for problem in result["problems"]] == ["search", "history"]


def test_the_documentation_says_what_the_code_does(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    yaml = pytest.importorskip("yaml", reason="ansible-test has none for the Pythons that only hosts have")
    documented = yaml.safe_load(environment_info.DOCUMENTATION)["options"]
    assert set(documented) == set(environment_info.ARGUMENTS)
    for name, argument in environment_info.ARGUMENTS.items():
        assert documented[name].get("default") == argument.get("default"), name
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/pyvenv.cfg").touch()
    result = run(capsys, search=[str(tmp_path)], cyclonedx=True)
    returned = yaml.safe_load(environment_info.RETURN)
    assert set(result) - {"changed", "invocation"} == set(returned) - {"problems"}
    assert set(result["environments"][0]) == set(returned["environments"]["contains"])
