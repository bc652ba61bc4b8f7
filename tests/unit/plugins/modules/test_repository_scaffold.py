# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's edge: options in, result or refusal out."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.modules import repository_scaffold
from ansible_collections.netdevops.python.tests.unit.support.modules import run_module


def test_writes_tells_and_warns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "Makefile").write_text("mine:\n")
    files = [{"file": "a.sh", "content": "#!/bin/sh\n", "executable": True}, {"file": "Makefile", "content": "all:\n"}]
    given = {"repository": str(folder), "files": files}
    result = run_module(monkeypatch, capsys, repository_scaffold.main, **given)
    assert (result["changed"], result["files"]) == (True, ["a.sh"])
    assert [one["file"] for one in result["kept"]] == ["Makefile"] and "Makefile" in str(result["warnings"])
    assert not run_module(monkeypatch, capsys, repository_scaffold.main, **given)["changed"]


def test_refuses(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    result = run_module(
        monkeypatch, capsys, repository_scaffold.main, repository=str(tmp_path / "none"), state="absent"
    )
    assert result["failed"] and result["problems"][0]["subject"] == str(tmp_path / "none")
