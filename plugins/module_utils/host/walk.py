# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk over a release: the names of all files, and what ``stat`` says of each."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
from array import array
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import INDEX_FILE

DIGEST_BYTES = 128  # more than its line has
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class Stat(NamedTuple):
    """What of ``os.stat_result`` tells a file that changed: permissions and owner, size in bytes, times in nanoseconds.

    ``ctime`` is part of it: unlike mtime, a person cannot put it back. A folder has zeros after ``gid``: its
    size and times follow from its entries, which are looked at themselves.
    """

    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    ctime: int
    inode: int


class Seen:
    """What a walk over a release saw.

    Args:
        paths: Relative to the release, folders included.
        numbers: The fields of :class:`Stat` for each of them, one after the other.
        outside: The same for what the release stands on.
    """

    def __init__(self, paths: list[str], numbers: array[int], outside: array[int]) -> None:
        self.names = "\0".join(paths).encode("utf-8", "surrogateescape")
        self.numbers = numbers.tobytes()
        # One value over all of it.
        self.digest = hashlib.sha256(self.numbers + outside.tobytes() + self.names).hexdigest()

    def is_indexed(self, release: str) -> bool:
        """Whether the index of the release says the same: nothing happened since."""
        return self.digest == read_digest(release)

    @functools.cached_property
    def stats(self) -> dict[str, Stat]:
        """The stat of each path."""
        return stats_of(self.names, self.numbers)


def walk(release: str, interpreter: str) -> Seen:
    """Stat every file below ``release``, and the interpreter that it stands on."""
    paths: list[str] = []
    numbers, outside = array("q"), array("q")
    _walk_folder(None, release, "", paths, numbers)
    for path in (release, interpreter):
        outside.extend(_stable(os.stat(path)) if os.path.exists(path) else (-1,))
    return Seen(paths, numbers, outside)


def _walk_folder(above: int | None, folder: str, prefix: str, paths: list[str], numbers: array[int]) -> None:
    # A converged run spends its time here, on some 20,000 files. From the folder's descriptor the kernel finds a
    # name at once; objects that would be kept for each file cost half as much again as the stats.
    descriptor = os.open(folder, _FOLDER, dir_fd=above)
    below = []
    try:
        names = _names(descriptor, prefix)
        paths += [prefix + name for name in names]
        for name in names:
            found = _stable(os.stat(name, dir_fd=descriptor, follow_symlinks=False))
            numbers.extend(found)
            if stat.S_ISDIR(found[0]):
                below.append(name)
        for name in below:
            _walk_folder(descriptor, name, f"{prefix}{name}/", paths, numbers)
    finally:
        os.close(descriptor)


def _names(descriptor: int, prefix: str) -> list[str]:
    names = os.listdir(descriptor)
    if not prefix and INDEX_FILE in names:
        index = os.stat(INDEX_FILE, dir_fd=descriptor, follow_symlinks=False)
        # A folder of that name would hide what is in it.
        names = names if stat.S_ISDIR(index.st_mode) else [name for name in names if name != INDEX_FILE]
    names.sort()
    return names


def _stable(found: os.stat_result) -> tuple[int, ...]:
    mode = found.st_mode
    if stat.S_ISDIR(mode):
        return mode, found.st_uid, found.st_gid, 0, 0, 0, 0
    return mode, found.st_uid, found.st_gid, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def stats_of(names: bytes, numbers: bytes) -> dict[str, Stat]:
    """Return the stat of each path of a walk, from its names and numbers as bytes; raises ValueError where they do not fit."""
    paths = names.decode("utf-8", "surrogateescape").split("\0") if names else []
    fields = array("q")
    fields.frombytes(numbers)
    if len(fields) != len(paths) * len(Stat._fields):
        raise ValueError("not as many stats as names")
    one = iter(fields)
    return {path: Stat(*row) for path, row in zip(paths, zip(*[one] * len(Stat._fields)))}


def read_digest(release: str) -> str:
    """Return the first line of the index alone; '' where there is no index."""
    try:
        found = read_regular(os.path.join(release, INDEX_FILE), DIGEST_BYTES)
    except OSError:
        return ""
    return found[0].partition(b"\n")[0].decode("ascii", "replace") if found else ""
