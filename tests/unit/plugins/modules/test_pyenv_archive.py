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

from ansible_collections.netdevops.python.plugins.modules import pyenv_archive
from ansible_collections.netdevops.python.tests.unit.support.installations import make_install_only

NAME = "cpython-3.11.7+20240107-x86_64-unknown-linux-gnu-install_only.tar.gz"


def run(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    with patch_module_args(options), pytest.raises(SystemExit):
        pyenv_archive.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_hands_on_options_and_check_mode(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def ensure(wanted: Any, check_mode: bool) -> dict[str, Any]:
        seen.extend((wanted, check_mode))
        return {"changed": True, "version": wanted.version}

    monkeypatch.setattr(pyenv_archive, "ensure", ensure)
    options = {"version": "3.11.7", "dest": "/srv/archives", "without": "tests,caches", "_ansible_check_mode": True}
    assert run(capsys, **options)["changed"]
    wanted, check_mode = seen
    assert (check_mode, wanted.root, wanted.without) == (True, "/opt/pyenv", ("caches", "tests"))


def test_an_archive_is_described(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    src = make_install_only(tmp_path / NAME)
    result = run(capsys, src=str(src), dest=str(tmp_path / "archives"))
    assert (result["changed"], result["target"]) == (True, "cp311-manylinux_2_34_x86_64")
    assert result["description"] == f"{tmp_path}/archives/{NAME}.json"
    assert result["optional_libraries"] == ["libtk8.6.so"]


def test_a_refusal_is_a_failure_with_its_problems(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    result = run(capsys, version="3.11.7", root=str(tmp_path / "none"), dest=str(tmp_path))
    assert result["failed"]
    assert result["problems"][0]["subject"] == f"{tmp_path}/none/versions/3.11.7"


def test_bad_options_come_before_any_look_at_the_host(capsys: pytest.CaptureFixture[str]) -> None:
    assert "found none" in run(capsys, dest="/srv/archives")["msg"]
    assert "missing required arguments: dest" in run(capsys, version="3.11.7")["msg"]


def test_the_documentation_says_what_the_code_does() -> None:
    yaml = pytest.importorskip("yaml", reason="ansible-test has none for the Pythons that only hosts have")
    documented = yaml.safe_load(pyenv_archive.DOCUMENTATION)["options"]
    assert set(documented) == set(pyenv_archive.ARGUMENTS)
    for name, argument in pyenv_archive.ARGUMENTS.items():
        assert documented[name].get("default") == argument.get("default"), name
        assert documented[name].get("choices") == argument.get("choices"), name
