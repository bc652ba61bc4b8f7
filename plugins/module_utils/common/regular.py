# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what may be anything: a pipe or a device is not even opened, and an endless file does not fill the memory."""

from __future__ import annotations

import errno
import os
import stat
from typing import Callable

STEP = 1 << 16
DESCRIPTORS = "/proc/self/fd"
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def read_regular(
    path: str,
    most: int,
    *,
    follow: bool = True,
    folder: int | None = None,
    check: Callable[[os.stat_result], None] | None = None,
) -> tuple[bytes, os.stat_result] | None:
    """Return the beginning of a regular file, and what the file system says of it; None for anything else.

    Args:
        path: The file.
        most: How many bytes are read.
        follow: Whether a link at ``path`` itself is followed.
        folder: A descriptor of the folder that a relative path starts from.
        check: May raise for what the file system says, before the file is opened.

    Raises:
        OSError: when it cannot be opened or read; with ``follow`` off also for a link.
        ValueError: for a path with a NUL in it.
    """
    opened = open_regular(path, follow=follow, folder=folder, check=check)
    if opened is None:
        return None
    descriptor, found = opened
    try:
        # A buffer for all that may be read takes longer to get than most files to read.
        step = max(found.st_size + 1, STEP)
        data = b""
        while len(data) < most:
            more = os.read(descriptor, min(step, most - len(data)))
            if not more:
                break
            data += more
        return data, found
    finally:
        os.close(descriptor)


def open_regular(
    path: str,
    *,
    follow: bool = True,
    folder: int | None = None,
    check: Callable[[os.stat_result], None] | None = None,
) -> tuple[int, os.stat_result] | None:
    """Return a descriptor of a regular file, and what the file system says of it; None for anything else.

    To open a device can start it, a watchdog for one. So the kind is known before anything is opened (open(2), O_PATH).
    Arguments and errors are those of :func:`read_regular`.
    """
    place = os.open(path, os.O_PATH | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW), dir_fd=folder)
    try:
        found = os.fstat(place)
        if stat.S_ISLNK(found.st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        if not stat.S_ISREG(found.st_mode):
            return None
        if check is not None:
            check(found)
        return _reopened(place, found, path, folder), found
    finally:
        os.close(place)


def _reopened(place: int, found: os.stat_result, path: str, folder: int | None) -> int:
    try:
        return os.open(f"{DESCRIPTORS}/{place}", _READ)
    except FileNotFoundError:
        pass  # Nothing is mounted at /proc.
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    descriptor = os.open(path, _READ | os.O_NOFOLLOW, dir_fd=folder)
    if os.path.samestat(os.fstat(descriptor), found):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.ELOOP, "is another file than a moment ago", path)
