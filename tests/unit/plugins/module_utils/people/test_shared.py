# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as an interpreter of the shared tree, and whose tree may be shared."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.people.shared import read_shared
from ansible_collections.netdevops.python.plugins.module_utils.people.shims import stale, starts


def test_versions_are_those_with_a_receipt_in_order(jump: Any) -> None:
    for version in ("3.12.10", "3.12.9"):
        jump.install(version)
    (jump.shared / "versions/3.13.0").mkdir()
    (jump.shared / "versions/.aside-3.9.18-1").symlink_to("3.9.18")
    (jump.shared / ".builds/3.12.9").mkdir(parents=True)
    found = read_shared(str(jump.shared))
    assert found.versions == ("3.9.18", "3.11.7", "3.12.10")
    assert found.has_pyenv() and found.programs(["3.9.18", "none"]) == {"python", "pip", "python3.9"}


def test_what_no_program_is_has_no_shim(jump: Any) -> None:
    folder = jump.shared / "versions/3.9.18/bin"
    (folder / "__pycache__").mkdir()
    (folder / "notes.txt").write_text("")
    assert read_shared(str(jump.shared)).programs(["3.9.18"]) == {"python", "pip", "python3.9"}


@pytest.mark.parametrize("part", ["versions", "versions/3.11.7", "bin/pyenv"])
def test_a_tree_that_somebody_else_changes_is_not_shared(jump: Any, part: str) -> None:
    os.chmod(jump.shared / part, 0o777)
    with pytest.raises(Refused, match=f"{part}: can be written by everybody"):
        read_shared(str(jump.shared))


def test_a_tree_that_is_not_there_has_nothing(tmp_path: pathlib.Path) -> None:
    tmp_path.chmod(0o755)
    assert read_shared(str(tmp_path / "none")).versions == ()


def test_many_missing_shims_are_counted(tmp_path: pathlib.Path) -> None:
    assert stale(str(tmp_path), set("abcdef")) == "there is none for a, b, c and 3 more"


def test_a_pipe_in_place_of_a_shim_holds_nobody_up(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "python")
    assert starts(str(tmp_path / "python")) == ""
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert starts(str(tmp_path / "link")) == "" and stale(str(tmp_path), {"link"}) == ""
