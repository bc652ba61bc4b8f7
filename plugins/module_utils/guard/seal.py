# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that say themselves whose they are: the first line holds the digest of all that follows."""

from __future__ import annotations

import os
import re
import stat
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular

MODE = 0o644
# Nobody's marker or configuration comes near to this.
MOST_BYTES = 1 << 18
ABSENT, OURS, EDITED, FOREIGN, ODD = "absent", "ours", "edited", "foreign", "no file"

_HEAD = "# Written by netdevops.python.pip_guard; what is changed here is refused or undone. SHA-256 of the rest: "
_FOLDERS = "# Folders that were made for it: "
_SEALED = re.compile(
    re.escape(_HEAD.encode()) + rb"([0-9a-f]{64})\n(" + re.escape(_FOLDERS.encode()) + rb"([0-9]{1,2})\n)?"
)


class Found(NamedTuple):
    """What is at a path.

    Attributes:
        kind: ``absent``; ``ours``, as it was written; ``edited``: ours, and changed since; ``foreign``: a file or a link of
            somebody else's; ``no file``: a folder or a device.
        text: What ours says below its head, else ''.
        folders: How many folders above it were made for it.
        flaw: What is wrong with its permissions or its owner, or ''.
    """

    kind: str
    text: str = ""
    folders: int = 0
    flaw: str = ""


def sealed(text: str, folders: int = 0) -> bytes:
    """Return the bytes of a file of ours that says ``text``; ``folders`` above it are made for it."""
    rest = (f"{_FOLDERS}{folders}\n" if folders else "") + text
    data = rest.encode()
    return f"{_HEAD}{digest_bytes(data)}\n".encode() + data


def look(path: str) -> Found:
    """Return what is at ``path``; a link is not followed.

    Raises:
        OSError: when it cannot be read.
    """
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return Found(ABSENT)
    if not stat.S_ISREG(mode):
        return Found(FOREIGN if stat.S_ISLNK(mode) else ODD)
    read = read_regular(path, MOST_BYTES, follow=False)
    return _judged(*read) if read else Found(ODD)


def _judged(data: bytes, status: os.stat_result) -> Found:
    head = _SEALED.match(data)
    if not head:
        return Found(FOREIGN)
    folders = int(head.group(3) or 0)
    rest = data[data.index(b"\n") + 1 :]
    if digest_bytes(rest) != head.group(1).decode():
        return Found(EDITED, "", folders)
    return Found(OURS, data[head.end() :].decode("utf-8", "replace"), folders, _flaw(status))


def _flaw(status: os.stat_result) -> str:
    mode = stat.S_IMODE(status.st_mode)
    if mode != MODE:
        return f"its mode is {mode:04o}, expected {MODE:04o}"
    return "" if status.st_uid in (0, os.geteuid()) else f"it belongs to user id {status.st_uid}"
