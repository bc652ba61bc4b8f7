# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project for unit tests: real folders, and a Poetry that is played."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
from collections.abc import Mapping, Sequence
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


def wheel_name(name: str, version: str) -> str:
    """Return the name of a package's wheel."""
    return f"{name}-{version}-py3-none-any.whl"


def wheel_data(name: str, version: str) -> bytes:
    """Return the bytes of what passes for that wheel."""
    return f"the wheel of {name} {version}".encode()


def place_of(file: str) -> str:
    """Return the folder in which Poetry keeps a file that it downloaded."""
    key = hashlib.sha256(file.encode()).hexdigest()
    return f"{key[:2]}/{key[2:4]}/{key[4:6]}/{key[6:]}"


def lock_text(text: str, packages: Mapping[str, str]) -> str:
    """Return a lock of these packages as Poetry writes it, with ``text`` in a comment."""
    entries = [f"# {text}"]
    for name, version in packages.items():
        digest = hashlib.sha256(wheel_data(name, version)).hexdigest()
        file = f'    {{file = "{wheel_name(name, version)}", hash = "sha256:{digest}"}},'
        entries.append(f'\n[[package]]\nname = "{name}"\nversion = "{version}"\nfiles = [\n{file}\n]')
    return "\n".join([*entries, '\n[metadata]\nlock-version = "2.0"\n'])


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
        fetches: Files that it downloads beside, or in the place of others, by name.
        fetched: The files that it had not.
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
        self.fetched: list[str] = []
        self.fetches: dict[str, bytes] = {}

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
        if not is_only_root:
            self._fetch()
        for name, version in [*wanted.items(), *([root] if root else [])]:
            distribution(venv / SITE, name, version)
        self.after(venv)
        return self._plan(root)

    def _fetch(self) -> None:
        files = {wheel_name(name, version): wheel_data(name, version) for name, version in self.packages.items()}
        for file, data in {**files, **self.fetches}.items():
            folder = pathlib.Path(self.calls[-1].env["POETRY_CACHE_DIR"], "artifacts", place_of(file))
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / file).exists():
                (folder / file).write_bytes(data)
                self.fetched.append(file)


class Project:
    """A project of the user who runs the tests, with an interpreter and a Poetry that are played."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.folder = root / "netcheck"
        self.folder.mkdir()
        (self.folder / "pyproject.toml").write_text(PYPROJECT)
        self.python = root / "python3.11"
        self.python.write_bytes(b"an interpreter")
        self.python.chmod(0o755)
        self.poetry = root / "poetry"
        self.poetry.write_text("#!/bin/false\n")
        self.poetry.chmod(0o755)
        self.run = Poet(str(self.python), str(self.poetry))
        self.lock("1")

    def lock(self, text: str, **packages: str) -> None:
        """Have another lock; with ``packages``, Poetry says that it is these."""
        self.run.packages = packages or self.run.packages
        (self.folder / "poetry.lock").write_text(lock_text(text, self.run.packages))

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
            "cache": str(self.root / "cache"),
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
