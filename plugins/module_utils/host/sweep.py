# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking releases away: the surplus, and what an interrupted run left. What that frees is counted."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import RUBBISH_PREFIX, Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.removing import BLOCK, Limit, Removal, mount_of
from ansible_collections.netdevops.python.plugins.module_utils.host.rights import opened, rights_of
from ansible_collections.netdevops.python.plugins.module_utils.host.rubbish import rubbish


def sweep(environment: Environment) -> int:
    """Remove what no finished run leaves, and return how many bytes that freed.

    The caller holds the lock, so nobody is at work on any of it.
    """
    names = rubbish(environment)
    return take_away(environment, names) if names else 0


def prune(environment: Environment, names: Sequence[str]) -> int:
    """Remove releases, and return how many bytes that freed."""
    return sum(discard(environment, name) for name in names)


def discard(environment: Environment, name: str) -> int:
    """Remove one release: it loses its name first, so that a half-removed one never passes for a release."""
    rubbish = f"{RUBBISH_PREFIX}{name}-{os.getpid()}"
    with opened(environment) as folder:
        os.rename(name, rubbish, src_dir_fd=folder, dst_dir_fd=folder)
    return take_away(environment, (rubbish,))


def take_away(environment: Environment, names: Iterable[str]) -> int:
    """Remove what is in the folder of releases under these names, and return how many bytes that freed."""
    freed = 0
    with opened(environment) as folder:
        for name in names:
            try:
                freed += _take(name, folder)
            except OSError as error:  # It names what was in some folder within.
                raise OSError(error.errno, error.strerror, environment.release(name)) from None
    return freed


def _take(name: str, folder: int) -> int:
    """Remove it with the rights of whom the folder belongs to, and as root only what these do not reach.

    Its owner can move any folder of theirs in here, with what others have in it. A killed run of root's left it with root.
    """
    owner, removal = os.fstat(folder), Removal()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return removal.remove(name, folder)
    try:
        with rights_of(owner.st_uid, owner.st_gid):
            return removal.remove(name, folder)
    except PermissionError:
        removal.limit = Limit(frozenset((0, owner.st_uid)), mount_of(folder))
        return removal.remove(name, folder)


def remove(path: str) -> int:
    """Remove a file, a link or a folder with all that is in it; links are never followed.

    Returns:
        How many bytes of the disk that freed. A file that other releases have as well frees nothing.
    """
    return Removal().remove(path, None)


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
