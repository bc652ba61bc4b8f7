# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's own tree, as the person who looks at it finds it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.people.accounts import Person
from ansible_collections.netdevops.python.plugins.module_utils.people.shared import Shared
from ansible_collections.netdevops.python.plugins.module_utils.people.shims import shims

_MOST = 4096  # bytes of a version file


class Tree(NamedTuple):
    """The places of a personal tree in ``home``; ``root`` is what the person's ``PYENV_ROOT`` is."""

    home: str
    root: str

    @property
    def versions(self) -> str:
        """The folder of versions: links to shared ones, and the person's own."""
        return os.path.join(self.root, "versions")

    @property
    def shims(self) -> str:
        """The folder of shims."""
        return os.path.join(self.root, "shims")

    @property
    def pin(self) -> str:
        """The file that holds the global version."""
        return os.path.join(self.root, "version")

    def version(self, name: str) -> str:
        """Return the place of a version."""
        return os.path.join(self.versions, name)


class Found(NamedTuple):
    """What is there.

    Attributes:
        links: The links into the shared tree that this collection makes, by version; each with whether it leads somewhere.
        own: What else is among the versions.
        pin: The words of the version file; None when there is none.
        shims: The names of all shims.
    """

    links: Mapping[str, bool]
    own: tuple[str, ...]
    pin: tuple[str, ...] | None
    shims: frozenset[str]


def look(person: Person, tree: Tree, shared: Shared) -> Found:
    """Return what is there; writes nothing. Runs with the rights of ``person``.

    Raises:
        Refused: when the home is not there or not the person's, or when a link leads out of it.
        OSError: when something cannot be read.
    """
    _check_home(person)
    refuse_all(
        [problem for path in (tree.root, tree.versions, tree.shims) for problem in _flaws(path, tree.home, person)]
    )
    names = sorted(os.listdir(tree.versions)) if os.path.isdir(tree.versions) else []
    ours = [name for name in names if _is_ours(tree, shared, name)]
    return Found(
        links={name: os.path.exists(tree.version(name)) for name in ours},
        own=tuple(name for name in names if name not in ours),
        pin=_read_pin(tree.pin),
        shims=frozenset(shims(tree.shims)),
    )


def _check_home(person: Person) -> None:
    try:
        found = os.stat(person.home)
    except FileNotFoundError:
        refuse(
            person.home, f"the home of {person.name} is not there.", "Create it: mkhomedir_helper, or a first login."
        )
    if not stat.S_ISDIR(found.st_mode):
        refuse(person.home, f"the home of {person.name} is no folder.", "Correct the account.")
    if found.st_uid != person.uid:
        refuse(
            person.home,
            f"the home of {person.name} belongs to user id {found.st_uid}.",
            f"Give it to its person: chown {person.name} {person.home}.",
        )


def _flaws(path: str, home: str, person: Person) -> list[Problem]:
    if not os.path.lexists(path):
        return []
    real = os.path.realpath(path)
    if not real.startswith(os.path.realpath(home) + "/"):
        next_step = f"It has to stay in the home of {person.name}: remove the link, or name another folder."
        return [Problem(path, f"is a link that leads out of the home, to {real}.", next_step)]
    if not os.path.isdir(path):
        return [Problem(path, "expected a folder, found something else.", "Move it away, or name another folder.")]
    if os.stat(path).st_uid != person.uid:
        next_step = f"Give it back: chown -hR {person.name} {path}."
        return [Problem(path, f"belongs to user id {os.stat(path).st_uid}, not to {person.name}.", next_step)]
    return []


def _is_ours(tree: Tree, shared: Shared, name: str) -> bool:
    path = tree.version(name)
    return os.path.islink(path) and os.readlink(path) == shared.target(name)


def _read_pin(path: str) -> tuple[str, ...] | None:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8", errors="replace") as stream:
            return tuple(stream.read(_MOST).split())
    except FileNotFoundError:
        return () if os.path.lexists(path) else None
