# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project for unit tests: real folders, and a Poetry that is played."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Sequence
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import PROBE
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.poetry.arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.poetry.converge import converge
from ansible_collections.netdevops.python.plugins.module_utils.poetry.glance import glance
from ansible_collections.netdevops.python.tests.unit.support.hosts import SITE, FakeRunner

PYPROJECT = """\
[tool.poetry]
name = "app"
version = "0.1.0"

[tool.poetry.dependencies]
python = "3.11.7"
spam = "*"

[tool.ruff]
line-length = 120
"""


def distribution(site: pathlib.Path, name: str, version: str, text: str = "") -> None:
    """Put an installed distribution into a folder of packages."""
    stem = name.replace("-", "_")
    module, info = site / f"{stem}.py", site / f"{stem}-{version}.dist-info"
    info.mkdir(parents=True)
    module.write_text(text or f"VERSION = {version!r}\n")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n")
    (info / "INSTALLER").write_text("Poetry 2.5.1")
    rows = [module.name, *(f"{info.name}/{file}" for file in ("METADATA", "INSTALLER", "RECORD"))]
    (info / "RECORD").write_text("".join(f"{row},,\n" for row in rows))


class Poet(FakeRunner):
    """Answers as the programs of a host would, Poetry among them.

    Attributes:
        poetry: Its path.
        version: What it says of itself.
        packages: What the lock says.
        root: The project itself; None where it is not installed.
        installs: What it installs in truth, where that is something else.
        fails: Return code and output of an installation that fails.
        probes: What the interpreter at a path says otherwise.
        sources: What it says of the sources of the project.
        after: Is called with the release once all is installed.
    """

    def __init__(self, python: str, poetry: str) -> None:
        super().__init__(python)
        self.poetry = poetry
        self.version = "2.5.1"
        self.packages = {"spam": "1.0", "eggs": "2.0"}
        self.root: tuple[str, str] | None = ("app", "0.1.0")
        self.installs: dict[str, str] | None = None
        self.fails: tuple[int, str] | None = None
        self.probes: dict[str, dict[str, Any]] = {}
        self.after: Any = lambda release: None
        self.sources = ""

    def _answer(self, argv: list[str]) -> tuple[int, str]:
        if PROBE in argv and argv[0] in self.probes:
            return 0, json.dumps({**self.said, **self.probes[argv[0]]})
        if argv[0] != self.poetry:
            return super()._answer(argv)
        if "--version" in argv:
            return 0, f"Poetry (version {self.version})\n"
        if argv[-2:] == ["source", "show"]:
            return 0, self.sources
        venv = pathlib.Path(self.calls[-1].env["VIRTUAL_ENV"])
        is_only_root = "--only-root" in argv
        root = self.root if "--no-root" not in argv else None
        return self._plan(root) if "--dry-run" in argv else self._install(venv, root, is_only_root)

    def _plan(self, root: tuple[str, str] | None) -> tuple[int, str]:
        lines = ["Installing dependencies from lock file", ""]
        lines += [f"Package operations: {len(self.packages)} installs, 0 updates, 0 removals", ""]
        lines += [f"  - Installing {name} ({version})" for name, version in self.packages.items()]
        lines += ["", f"Installing the current project: {root[0]} ({root[1]})"] if root else []
        return 0, "\n".join(lines) + "\n"

    def _install(self, venv: pathlib.Path, root: tuple[str, str] | None, is_only_root: bool) -> tuple[int, str]:
        if self.fails:
            return self.fails
        wanted = {} if is_only_root else self.packages if self.installs is None else self.installs
        for name, version in [*wanted.items(), *([root] if root else [])]:
            distribution(venv / SITE, name, version)
        self.after(venv)
        return self._plan(root)


class Project:
    """A project of the user who runs the tests, with an interpreter and a Poetry that are played."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.folder = root / "netcheck"
        self.folder.mkdir()
        (self.folder / "pyproject.toml").write_text(PYPROJECT)
        self.lock("1")
        self.python = root / "python3.11"
        self.python.write_bytes(b"an interpreter")
        self.python.chmod(0o755)
        self.poetry = root / "poetry"
        self.poetry.write_text("#!/bin/false\n")
        self.poetry.chmod(0o755)
        self.run = Poet(str(self.python), str(self.poetry))

    def lock(self, text: str, **packages: str) -> None:
        """Have another lock; with ``packages``, Poetry says that it is these."""
        (self.folder / "poetry.lock").write_text(f"# a lock\n{text}\n")
        if packages:
            self.run.packages = packages

    def params(self, **changes: Any) -> dict[str, Any]:
        """Return the module's parameters."""
        log = self.root.with_name(f"{self.root.name}-log") / "history.jsonl"
        given = {
            "project": str(self.folder),
            "python": str(self.python),
            "poetry": str(self.poetry),
            "compile": False,
            "lock_timeout": 5,
            "history": str(log),
            **changes,
        }
        checked = ArgumentSpecValidator(ARGUMENTS).validate({key: value for key, value in given.items() if value != ""})
        assert not checked.error_messages, checked.error_messages
        validated: dict[str, Any] = checked.validated_parameters
        return validated

    def converge(self, check: bool = False, **changes: Any) -> dict[str, Any]:
        """Run the module's work once; what it starts is all that is remembered."""
        self.run.calls.clear()
        run: Runner = self.run
        return converge(self.params(**changes), check, run)

    def glance(self, **changes: Any) -> dict[str, Any] | None:
        """Take a glance."""
        return glance(self.params(**changes))

    def asked(self) -> list[Sequence[str]]:
        """Return the arguments of each run of Poetry."""
        return [call.argv[1:] for call in self.run.calls if call.argv[0] == str(self.poetry)]

    @property
    def venv(self) -> pathlib.Path:
        """The environment."""
        return self.folder / ".venv"

    @property
    def release(self) -> pathlib.Path:
        """The folder of the current release."""
        return self.folder / os.readlink(self.venv)

    @property
    def site(self) -> pathlib.Path:
        """The site-packages of the current release."""
        return self.release / SITE
