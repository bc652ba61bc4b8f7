# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shared tree with two interpreters, and homes of people; all of it belongs to whoever runs the tests."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed
from ansible_collections.netdevops.python.plugins.module_utils.people.accounts import Person
from ansible_collections.netdevops.python.plugins.module_utils.people.converge import Edges, ensure
from ansible_collections.netdevops.python.plugins.module_utils.people.options import ARGUMENTS, asked
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import Receipt, write_receipt

RECEIPT = Receipt("", "cp311-manylinux_2_36_x86_64", {"kind": "adopted", "place": "", "sha256": ""}, (), {"x": "y"}, "")


class Jump:
    """A jump host."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.shared, self.homes = folder / "opt/pyenv", folder / "home"
        self.homes.mkdir()
        self.people: list[Person] = []
        self.calls: list[tuple[Sequence[str], Mapping[str, str]]] = []
        self.rc = 0
        for version in ("3.9.18", "3.11.7"):
            self.install(version)
        self.program(self.shared / "bin/pyenv")
        self.program(self.shared / "libexec/pyenv")
        self.add("ada")

    def program(self, path: pathlib.Path, text: str = "#!/bin/sh\n") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def install(self, version: str, *more: str) -> pathlib.Path:
        folder = self.shared / "versions" / version
        for name in ("python", "pip", f"python{version.rsplit('.', 1)[0]}", *more):
            self.program(folder / "bin" / name)
        write_receipt(str(folder), RECEIPT._replace(version=version))
        return folder

    def add(self, name: str) -> pathlib.Path:
        home = self.homes / name
        home.mkdir()
        self.people.append(Person(name, os.geteuid(), os.getegid(), str(home)))
        return home

    @property
    def tree(self) -> pathlib.Path:
        return self.homes / "ada/.pyenv"

    def ensure(self, check_mode: bool = False, rights: Any = None, **options: Any) -> dict[str, Any]:
        defaults = {name: one.get("default") for name, one in ARGUMENTS.items()}
        names = [person.name for person in self.people]
        params = {**defaults, "users": names, "shared": str(self.shared), "timeout": 5, **options}
        edges = Edges(lambda names, leaving: self.people, rights or self.directly, self.run)
        return ensure(asked(params), check_mode, edges)

    def directly(self, person: Person, work: Callable[[], Any], timeout: float) -> Any:
        """Stands in for the process with the person's rights: an error of the home is a refusal there."""
        try:
            return work()
        except OSError as error:
            raise Refused([Problem(str(error.filename), str(error.strerror))]) from error

    def run(self, argv: Sequence[str], *, env: Mapping[str, str], **options: Any) -> Completed:
        """Do what `pyenv rehash` does."""
        self.calls.append((tuple(argv), env))
        if not self.rc:
            root = pathlib.Path(env["PYENV_ROOT"])
            (root / "shims").mkdir(exist_ok=True)
            names = {path.name for path in root.glob("versions/*/bin/*")}
            for path in (root / "shims").iterdir():
                path.unlink()
            for name in names:
                text = f'#!/usr/bin/env bash\nexec "{self.shared}/libexec/pyenv" exec "$program" "$@"\n'
                self.program(root / "shims" / name, text)
        return Completed(tuple(argv), self.rc, "", "no space left")

    def files(self, home: str = "ada") -> dict[str, str]:
        """Return all that is in a home; shims by name alone."""
        found = {}
        for path in (self.homes / home).rglob("*"):
            text = f"-> {os.readlink(path)}" if path.is_symlink() else "/" if path.is_dir() else path.read_text()
            found[str(path.relative_to(self.homes / home))] = "shim" if "shims/" in str(path) else text
        return found


@pytest.fixture
def jump(tmp_path: pathlib.Path) -> Jump:
    tmp_path.chmod(0o755)
    return Jump(tmp_path)
