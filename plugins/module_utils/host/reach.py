# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether every user of a host may run a program, as the permissions say on the way to it."""

from __future__ import annotations

import os
import stat

MOST_LINKS = 40  # path_resolution(7)
PASS, RUN = stat.S_IXOTH, stat.S_IXOTH | stat.S_IROTH


def may_all_run(program: str) -> bool:
    """Whether everybody may pass all folders on the way to ``program``, and read and start it, also where links lead on.

    Args:
        program: Absolute path. What cannot be looked at by this user cannot be by everybody.
    """
    waiting, here, links = _parts(program), "/", 0
    try:
        found = os.lstat(here)
        while waiting and links <= MOST_LINKS:
            path = os.path.join(here, waiting.pop(0))
            found = os.lstat(path)
            if stat.S_ISLNK(found.st_mode):
                target = os.readlink(path)
                here, waiting, links = "/" if os.path.isabs(target) else here, _parts(target) + waiting, links + 1
            elif _is_open(found.st_mode):
                here = path
            else:
                return False
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode)


def _is_open(mode: int) -> bool:
    needed = PASS if stat.S_ISDIR(mode) else RUN
    return mode & needed == needed


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]
