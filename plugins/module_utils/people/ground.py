# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a path can be trusted: nobody but root and this run's user decides what is there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

_MOST_LINKS = 40  # as the kernel counts (ELOOP)


def check_ground(path: str) -> None:
    """Check ``path`` and every folder and link on the way to it; what is not there yet is nobody's.

    Raises:
        Refused: when another user could put something else there.
    """
    refuse_all([problem for step in _steps(path) for problem in _flaw(step)][:1])


def _steps(path: str) -> Iterator[str]:
    """Yield each folder and link that the kernel meets on its way to ``path``."""
    left, here = [part for part in reversed(os.path.abspath(path).split("/")) if part], "/"
    links = 0
    yield here
    while left:
        part = left.pop()
        if part == "..":
            here = os.path.dirname(here)
            continue
        step = os.path.join(here, part)
        yield step
        if not os.path.islink(step):
            here = step
            continue
        links += 1
        if links > _MOST_LINKS:
            return
        target = os.readlink(step)
        here = "/" if target.startswith("/") else here
        left.extend(word for word in reversed(target.split("/")) if word not in ("", "."))


def _flaw(path: str) -> list[Problem]:
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return []
    if found.st_uid not in (0, os.geteuid()):
        return [
            Problem(
                path,
                f"belongs to user id {found.st_uid}, who could put something else there; this run is of {os.geteuid()}.",
                "Become that user, or choose another path.",
            )
        ]
    everybody = found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX
    if everybody and not stat.S_ISLNK(found.st_mode):
        return [Problem(path, "can be written by everybody.", "Take that permission away: chmod o-w.")]
    return []
