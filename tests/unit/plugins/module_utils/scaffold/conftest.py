# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository in a folder of the test."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.scaffold.converge import ensure
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.options import asked

GIVEN: dict[str, Any] = {"state": "present", "files": None, "overwrite": [], "owner": None, "timeout": 5}


class Repository:
    """What the tests do with it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def ensure(self, *files: Any, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        """Run the module's work; a file is its path and content, or a whole dictionary."""
        listed = [one if isinstance(one, dict) else {"file": one[0], "content": one[1]} for one in files]
        full = [{"executable": False, "once": False, **one} for one in listed]
        given = {**GIVEN, "repository": str(self.folder), "files": full, **options}
        return ensure(asked(given), check_mode)

    def write(self, path: str, text: str) -> pathlib.Path:
        full = self.folder / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
        return full

    def files(self) -> dict[str, str]:
        """Return the text of each file, without those that the module keeps for itself."""
        found = {str(path.relative_to(self.folder)): path for path in self.folder.rglob("*") if path.is_file()}
        return {name: path.read_text() for name, path in found.items() if not name.startswith(".scaffold")}

    def mode(self, path: str) -> str:
        return oct(os.stat(self.folder / path).st_mode & 0o777)


@pytest.fixture
def repository(tmp_path: pathlib.Path) -> Repository:
    folder = tmp_path / "repository"
    folder.mkdir()
    return Repository(folder)
