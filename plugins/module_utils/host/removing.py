# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing a tree by descriptors: no link is followed, however deep it is, and whoever moves things about meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

BLOCK = 512  # stat(2): the unit of st_blocks, whatever the file system's own is
# A descriptor for each folder on the way down, of which a process has 1,024.
DEEPEST = 200


class Limit(NamedTuple):
    """What root removes with rights of its own.

    Attributes:
        owners: Of whom a folder may be.
        mount: The number of the mount that it must be on.
    """

    owners: frozenset[int]
    mount: str


class _Folder(NamedTuple):
    name: str
    descriptor: int
    size: int
    entries: list[str]


class Removal:
    """Removes files, links and folders.

    Attributes:
        freed: How many bytes of the disk that freed. A file that others have as well frees nothing.
        limit: Which folders are entered; None for any.
    """

    def __init__(self) -> None:
        self.freed = 0
        self.limit: Limit | None = None

    def remove(self, name: str, above: int | None) -> int:
        """Remove what ``name`` is in the folder with the descriptor ``above``, and return all that was freed.

        Raises:
            OSError: when something cannot be removed; the rest of it is still there.
        """
        found = os.stat(name, dir_fd=above, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            self._remove_folder(name, above)
        else:
            self._unlink(name, above, found)
        return self.freed

    def _remove_folder(self, name: str, above: int | None) -> None:
        way = [self._enter(name, above)]
        try:
            while way:
                if way[-1].entries:
                    self._step(way, way[-1].entries.pop())
                    continue
                done = way.pop()
                os.close(done.descriptor)
                os.rmdir(done.name, dir_fd=way[-1].descriptor if way else above)
                self.freed += done.size
        finally:
            for folder in way:
                os.close(folder.descriptor)

    def _step(self, way: list[_Folder], name: str) -> None:
        top, here = way[0], way[-1]
        found = os.stat(name, dir_fd=here.descriptor, follow_symlinks=False)
        if not stat.S_ISDIR(found.st_mode):
            self._unlink(name, here.descriptor, found)
        elif len(way) < DEEPEST:
            way.append(self._enter(name, here.descriptor))
        else:
            nearer = f"deep-{os.urandom(8).hex()}"
            os.rename(name, nearer, src_dir_fd=here.descriptor, dst_dir_fd=top.descriptor)
            top.entries.append(nearer)

    def _unlink(self, name: str, above: int | None, found: os.stat_result) -> None:
        os.unlink(name, dir_fd=above)
        self.freed += found.st_blocks * BLOCK if found.st_nlink == 1 else 0

    def _enter(self, name: str, above: int | None) -> _Folder:
        descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
        try:
            found = os.fstat(descriptor)
            if self.limit and (found.st_uid not in self.limit.owners or mount_of(descriptor) != self.limit.mount):
                raise PermissionError(errno.EPERM, "belongs to somebody else, or is another file system", name)
            return _Folder(name, descriptor, found.st_blocks * BLOCK, os.listdir(descriptor))
        except BaseException:
            os.close(descriptor)
            raise


def mount_of(descriptor: int) -> str:
    """Return the number of the mount that a descriptor leads to (proc(5)): a mount of the same disk has another."""
    with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as stream:
        return next((line.split()[1] for line in stream if line.startswith("mnt_id:")), "")
