# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time for one version; everybody else waits and then looks again."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from typing import Callable

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lease import always

POLL_SECONDS = 0.2


@contextlib.contextmanager
def locked(path: str, timeout: float, still_wanted: Callable[[], bool] = always) -> Iterator[int]:
    """Hold the lock file at ``path`` and give its descriptor; wait at most ``timeout`` seconds for it.

    A build inherits the descriptor: the lock is free when the last process of the build is gone, not before.

    Raises:
        Refused: when another run still holds it after ``timeout``, or when this one is no longer ``still_wanted``.
        OSError: when the file cannot be created.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, path, timeout, still_wanted)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: str, timeout: float, still_wanted: Callable[[], bool]) -> None:
    give_up = time.monotonic() + timeout
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up:
                refuse(
                    path,
                    f"another run holds this lock since {timeout:g} seconds or more.",
                    "Wait for it, or see what it does: fuser -v PATH.",
                )
            if not still_wanted():
                refuse(path, "waited for this lock, and the run that wants it is gone.", "Run it again.")
            time.sleep(POLL_SECONDS)
