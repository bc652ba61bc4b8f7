# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking releases away: the surplus, and what an interrupted run left. What that frees is counted."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import RUBBISH_PREFIX, Environment

BLOCK = 512  # stat(2): the unit of st_blocks, whatever the file system's own is


def sweep(environment: Environment) -> int:
    """Remove what no finished run leaves, and return how many bytes that freed.

    The caller holds the lock, so nobody is at work on any of it.
    """
    return sum(remove(environment.release(name)) for name in environment.leftovers())


def prune(environment: Environment, names: Sequence[str]) -> int:
    """Remove releases, and return how many bytes that freed."""
    return sum(discard(environment, name) for name in names)


def discard(environment: Environment, name: str) -> int:
    """Remove one release: it loses its name first, so that a half-removed one never passes for a release."""
    rubbish = environment.release(f"{RUBBISH_PREFIX}{name}-{os.getpid()}")
    os.rename(environment.release(name), rubbish)
    return remove(rubbish)


def remove(path: str) -> int:
    """Remove a file, a link or a folder with all that is in it; links are never followed.

    Returns:
        How many bytes of the disk that freed. A file that other releases have as well frees nothing.
    """
    return _remove(path, None)


def measure(paths: Iterable[str]) -> int:
    """Return how many bytes of the disk removing all of ``paths`` would free; removes nothing."""
    freed, links = 0, dict[tuple[int, int], int]()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        found = os.lstat(path)
        if stat.S_ISDIR(found.st_mode):
            waiting += [os.path.join(path, name) for name in os.listdir(path)]
        elif found.st_nlink > 1:
            file = (found.st_dev, found.st_ino)
            links[file] = links.get(file, 0) + 1
            if links[file] < found.st_nlink:
                continue
        freed += found.st_blocks * BLOCK
    return freed


def _remove(name: str, above: int | None) -> int:
    found = os.stat(name, dir_fd=above, follow_symlinks=False)
    if stat.S_ISDIR(found.st_mode):
        return _remove_folder(name, above) + found.st_blocks * BLOCK
    os.unlink(name, dir_fd=above)
    return found.st_blocks * BLOCK if found.st_nlink == 1 else 0


def _remove_folder(name: str, above: int | None) -> int:
    # By descriptors, as shutil.rmtree does it, with half of its work for each of the 2,000 folders of a release.
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    try:
        freed = sum(_remove(entry, descriptor) for entry in os.listdir(descriptor))
    finally:
        os.close(descriptor)
    os.rmdir(name, dir_fd=above)
    return freed
