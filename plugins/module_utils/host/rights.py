# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root at work in somebody else's folder of releases: with that person's rights, and by descriptor.

Whoever owns a folder can put a link to anywhere in the place of what is in it, at any moment.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import held_folder


@contextlib.contextmanager
def rights_of(uid: int, gid: int) -> Iterator[None]:
    """Let root work as somebody else for a while; everybody else, and root for itself, works as it is."""
    if os.geteuid() != 0 or uid == 0:
        yield
        return
    groups, own = os.getgroups(), os.getegid()
    os.setgroups([gid])
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(own)
        os.setgroups(groups)


@contextlib.contextmanager
def opened(environment: Environment) -> Iterator[int]:
    """Open the folder of releases, which leads to the same folder from then on.

    Raises:
        Refused: when it is not the folder that this process has locked.
        OSError: when it is none.
    """
    descriptor = os.open(environment.releases, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found, locked = os.fstat(descriptor), held_folder(environment)
        if locked and locked != (found.st_dev, found.st_ino):
            refuse(
                environment.releases,
                "expected the folder that this run locked, found another one.",
                "See who moved it, and run again.",
            )
        yield descriptor
    finally:
        os.close(descriptor)
