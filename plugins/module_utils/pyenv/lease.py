# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a detached build lives on: it goes on as long as somebody asks about it, and ends soon after nobody does.

A build that a connection started and that outlives this connection must not outlive the wish for it: a cancelled job
cannot say so, since nothing of it runs any more. So each question about a build renews its lease, a file beside the
version's lock, and the build looks at that file. One file serves all runs of a version: whoever still waits for it keeps it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from typing import Callable

# Of the controller: long enough for a switch that restarts, short enough that nobody meets the rest of a cancelled job.
DEFAULT_SECONDS = 300

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def always() -> bool:
    """Say that the work is wanted: of a run that no lease limits, which ends with its connection."""
    return True


def lease_file(lock: str) -> str:
    """Return the path of the lease of the version whose lock file is ``lock``; as that one, it is never deleted."""
    return os.path.splitext(lock)[0] + ".lease"


class Lease:
    """A look at a lease file, again and again.

    Only that its time stamp changed counts, and when this was seen: neither a clock that is set nor the clock of a
    file server can end a build.

    Args:
        path: The lease file.
        seconds: How long the lease lasts after it was renewed.
        clock: Tells seconds.
    """

    def __init__(self, path: str, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._seconds, self._clock = path, seconds, clock
        self._stamp, self._seen = _stamp(path), clock()

    def still_wanted(self) -> bool:
        """Return whether somebody renewed the lease in time."""
        stamp, now = _stamp(self._path), self._clock()
        if stamp not in (self._stamp, 0):
            self._stamp, self._seen = stamp, now
        return now - self._seen <= self._seconds


@contextlib.contextmanager
def leased(lock: str, seconds: int) -> Iterator[Callable[[], bool]]:
    """Give the question whether work on the version is still wanted; while it lasts, :func:`is_alive` tells that somebody works.

    Args:
        lock: The version's lock file; its folder exists.
        seconds: How long the lease lasts; 0 for a run that ends with its connection, and needs none.

    Raises:
        OSError: when the lease file cannot be written.
    """
    if not seconds:
        yield always
        return
    path = lease_file(lock)
    descriptor = os.open(path, _FLAGS, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        renew(lock)
        yield Lease(path, seconds).still_wanted
    finally:
        os.close(descriptor)


def renew(lock: str) -> bool:
    """Renew the lease of the version whose lock file is ``lock``; return whether there is one.

    Raises:
        OSError: when it is there and cannot be renewed.
    """
    try:
        descriptor = os.open(lease_file(lock), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        os.utime(descriptor)
    finally:
        os.close(descriptor)
    return True


def is_alive(lock: str) -> bool:
    """Return whether a run works on the version, or waits to: one holds its lock, or its lease.

    Raises:
        OSError: when that cannot be seen, as by a user who may not read the files.
    """
    return _is_held(lock, fcntl.LOCK_SH) or _is_held(lease_file(lock), fcntl.LOCK_EX)


def _is_held(path: str, how: int) -> bool:
    # A lock that is got is given back at once. Who asks for it in that moment tries again, or waits: see `locked` and `leased`.
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _stamp(path: str) -> int:
    try:
        return os.stat(path, follow_symlinks=False).st_mtime_ns
    except FileNotFoundError:
        return 0
