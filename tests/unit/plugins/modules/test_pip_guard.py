# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's edge: options in, result or refusal out."""

from __future__ import annotations

import json
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.guard.options import ARGUMENTS
from ansible_collections.netdevops.python.plugins.modules import pip_guard
from ansible_collections.netdevops.python.tests.unit.support.modules import run_module


def test_options_and_check_mode_get_through(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    tmp_path.chmod(0o755)
    asked = {
        "roots": str(tmp_path / "none"),
        "config": str(tmp_path / "pip.conf"),
        "uv_config": str(tmp_path / "uv.toml"),
    }
    for check_mode in (True, False):
        said = run_module(monkeypatch, capsys, pip_guard.main, **asked, no_index="yes", _ansible_check_mode=check_mode)
        assert said["changed"] and said["pip_config"] == "ours" and "is not there" in json.dumps(said["warnings"])
        assert (tmp_path / "pip.conf").exists() is not check_mode


def test_a_password_is_in_no_result(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {"index_url": "https://ada:hunter2@example.net", "extra_index_urls": ["https://x?key=hunter2"]}
    said = run_module(monkeypatch, capsys, pip_guard.main, **urls)
    assert said["failed"] and len(said["problems"]) == 2
    assert "hunter2" not in json.dumps(said)


def test_the_documentation_says_what_the_code_does() -> None:
    yaml = pytest.importorskip("yaml", reason="ansible-test has none for the Pythons that only hosts have")
    documented = yaml.safe_load(pip_guard.DOCUMENTATION)["options"]
    assert set(documented) == set(ARGUMENTS)
    for name, argument in ARGUMENTS.items():
        assert documented[name].get("default") == argument.get("default"), name
        assert documented[name].get("choices") == argument.get("choices"), name
