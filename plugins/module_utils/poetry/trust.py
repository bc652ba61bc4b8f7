# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether root can run what is in a project: nobody else may be able to change any of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground
from ansible_collections.netdevops.python.plugins.module_utils.poetry.options import VENV
from ansible_collections.netdevops.python.plugins.module_utils.poetry.project import check_own

MOST_NAMED = 5
# Nothing that is built runs from there.
PASSED_OVER = (".git", VENV)


def check_tree(folder: str) -> None:
    """Check each folder, file and link of a project, but for its repository and its environments.

    Raises:
        Refused: when somebody else could change some of it; at most five of them are named, and how many there are.
    """
    found = list(_problems(folder))
    more = len(found) - MOST_NAMED
    if more > 0:
        found = [
            *found[:MOST_NAMED],
            Problem(folder, f"holds {more} more of that kind.", "Check it out again as root."),
        ]
    refuse_all(found)


def _problems(folder: str) -> Iterator[Problem]:
    for root, folders, files in os.walk(folder):
        if root == folder:
            folders[:] = [name for name in folders if name != PASSED_OVER[0] and not name.startswith(PASSED_OVER[1])]
        folders.sort()
        for name in sorted([*folders, *files]):
            try:
                _check(os.path.join(root, name))
            except FileNotFoundError:  # It went meanwhile, or a link that leads nowhere.
                continue
            except Refused as refused:
                yield from refused.problems


def _check(path: str) -> None:
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        found = os.stat(path)
        if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
            check_ground(path)
    else:
        check_own(path, found)
