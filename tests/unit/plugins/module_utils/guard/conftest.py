# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host in a folder: a shared tree with interpreters that are nothing but their standard library, and an etc."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.guard.converge import ensure
from ansible_collections.netdevops.python.plugins.module_utils.guard.options import ARGUMENTS, asked


class Place:
    """A host."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder, self.root, self.etc = folder, folder / "opt/pyenv", folder / "etc"
        self.config, self.uv = self.etc / "pip.conf", self.etc / "uv/uv.toml"
        self.etc.mkdir()
        self.etc.chmod(0o755)

    def install(self, version: str = "3.12.1", pip: str = "23.2.1", prefix: str = "") -> pathlib.Path:
        """Make an interpreter and return its standard library."""
        name = "python" + ".".join(version.split(".")[:2])
        home = self.folder / prefix if prefix else self.root / "versions" / version
        library = home / "lib" / name
        (library / "site-packages").mkdir(parents=True)
        if pip:
            (library / f"site-packages/pip-{pip}.dist-info").mkdir()
        (library / "os.py").touch()
        (home / "bin").mkdir(exist_ok=True)
        (home / "bin" / name).touch()
        (home / "bin/python").symlink_to(name)
        for path in (library, *library.parents):
            if self.folder in path.parents:
                path.chmod(0o755)
        return library

    def ensure(self, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        defaults = {name: one.get("default") for name, one in ARGUMENTS.items()}
        paths = {"roots": [str(self.root)], "config": str(self.config), "uv_config": str(self.uv)}
        return ensure(asked({**defaults, **paths, **options}), check_mode)


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
    tmp_path.chmod(0o755)
    return Place(tmp_path)
