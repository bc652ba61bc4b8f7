# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree of interpreters that everybody runs, and that nobody but root or this run's user may change."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import read_receipt

BUILDS = ".builds"


class Shared(NamedTuple):
    """A shared tree.

    Attributes:
        root: Its folder.
        versions: The versions in it that are whole: they have a receipt, and no build of them is under way.
    """

    root: str
    versions: tuple[str, ...]

    @property
    def pyenv(self) -> str:
        """Its program ``pyenv``."""
        return os.path.join(self.root, "bin", "pyenv")

    def has_pyenv(self) -> bool:
        """Whether its pyenv is there."""
        return os.access(self.pyenv, os.X_OK)

    def target(self, version: str) -> str:
        """Return what a link to a version says."""
        return os.path.join(self.root, "versions", version)

    def programs(self, versions: Iterable[str]) -> set[str]:
        """Return the names of all programs of these versions; of one that is not there, none."""
        return {name for version in versions for name in programs_in(self.target(version))}


def programs_in(version: str) -> set[str]:
    """Return the names of the programs of the version in a folder."""
    folder = os.path.join(version, "bin")
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.is_file() and os.access(entry.path, os.X_OK)}
    except OSError:
        return set()


def read_shared(root: str) -> Shared:
    """Return the shared tree at ``root``; one that is not there has no versions.

    Raises:
        Refused: when somebody else could change what people run from it.
    """
    problems: list[Problem] = []
    folder = os.path.join(root, "versions")
    names = sorted(os.listdir(folder), key=_order) if os.path.isdir(folder) else []
    whole = [name for name in names if _is_whole(root, name)]
    for path in (os.path.join(root, "bin", "pyenv"), folder, *(os.path.join(folder, name) for name in whole)):
        try:
            check_ground(path)
        except Refused as refused:
            problems += [problem for problem in refused.problems if problem not in problems]
    refuse_all(problems)
    return Shared(root, tuple(whole))


def _is_whole(root: str, version: str) -> bool:
    folder = os.path.join(root, "versions", version)
    if version.startswith(".") or os.path.isdir(os.path.join(root, BUILDS, version)):
        return False
    return read_receipt(folder) is not None


def _order(version: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in version.split(".")]
