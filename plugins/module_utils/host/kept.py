# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of the folders that are kept beside an environment since a release took their place."""

from __future__ import annotations

import calendar
import json
import math
import os
import re
import stat
import time
from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import KEPT_RECORD, Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.switch import KEPT_TIME

_SUFFIX = re.compile(r"\.kept-[0-9]{8}T[0-9]{6}")
LENGTH = len("20261120T101500")
_MOST_BYTES = 1 << 20


class Kept(NamedTuple):
    """A folder that is kept beside an environment.

    Attributes:
        folder: Its absolute path.
        day: When it made room, ``YYYY-MM-DD`` (UTC).
        packages: How many packages are in it.
        inode: Its number in the file system. What was put under its name later is somebody else's.
    """

    folder: str
    day: str
    packages: int
    inode: int

    def moved_at(self) -> float:
        """Return when it made room, in seconds since the epoch, as its name says; without end where that is no time."""
        try:
            return calendar.timegm(time.strptime(self.folder[-LENGTH:], KEPT_TIME))
        except ValueError:
            return math.inf


def kept_folders(environment: Environment) -> tuple[Kept, ...]:
    """Return the folders that were recorded and are there, the oldest first."""
    return tuple(one for one in recorded(environment) if is_there(one))


def told(folders: Sequence[str], until: str) -> dict[str, str]:
    """Return what a result says of the folders that stay, the oldest first, until a day; nothing where there are none."""
    return {"kept": folders[-1], "kept_until": until} if folders else {}


def recorded(environment: Environment) -> list[Kept]:
    """Return what the record says, as far as it speaks of folders that this collection would have kept."""
    try:
        said = json.loads(_text(environment.release(KEPT_RECORD)) or "[]")
        found = [Kept(str(one["folder"]), str(one["day"]), int(one["packages"]), int(one["inode"])) for one in said]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return []
    # It lies with the owner of the environment, who must not have root remove any other folder.
    start = len(environment.venv)
    return [one for one in found if one.folder[:start] == environment.venv and _SUFFIX.fullmatch(one.folder[start:])]


def is_there(kept: Kept) -> bool:
    """Whether it is the folder that was recorded, and no other that came to its name."""
    try:
        found = os.lstat(kept.folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_ino == kept.inode


def _text(path: str) -> str:
    try:
        read = read_regular(path, _MOST_BYTES)
    except OSError:
        return ""
    return read[0].decode("utf-8", "replace") if read else ""
