# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a folder holds, so that "unchanged" is a comparison of two values."""

from __future__ import annotations

import hashlib
import os
import pathlib
import stat
from typing import NamedTuple


class Entry(NamedTuple):
    """One entry: its permission bits and kind, owner, and the digest of its content (of a link: its target)."""

    mode: int
    owner: tuple[int, int]
    content: str


def tree(folder: pathlib.Path) -> dict[str, Entry]:
    """Return every entry below a folder, and the folder itself, by relative path."""
    found = {".": _entry(folder)}
    for root, folders, files in os.walk(folder):
        for name in folders + files:
            path = pathlib.Path(root, name)
            found[str(path.relative_to(folder))] = _entry(path)
    return found


def _entry(path: pathlib.Path) -> Entry:
    seen = path.lstat()
    content = ""
    if stat.S_ISLNK(seen.st_mode):
        content = str(path.readlink()) if hasattr(path, "readlink") else os.readlink(path)
    elif stat.S_ISREG(seen.st_mode):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return Entry(seen.st_mode, (seen.st_uid, seen.st_gid), content)


def differences(before: dict[str, Entry], after: dict[str, Entry]) -> list[str]:
    """Return what differs between two snapshots, a line each."""
    names = sorted(before.keys() | after.keys())
    return [f"{name}: {before.get(name)} -> {after.get(name)}" for name in names if before.get(name) != after.get(name)]
