# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what may be anything: a pipe or a device does not stop a run, and an endless file does not fill its memory."""

from __future__ import annotations

import os
import stat

STEP = 1 << 16


def read_regular(
    path: str, most: int, *, follow: bool = True, folder: int | None = None
) -> tuple[bytes, os.stat_result] | None:
    """Return the beginning of a regular file, and what the file system says of it; None for anything else.

    Args:
        path: The file.
        most: How many bytes are read.
        follow: Whether a link at ``path`` itself is followed.
        folder: A descriptor of the folder that a relative path starts from.

    Raises:
        OSError: when it cannot be opened or read; with ``follow`` off also for a link.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(path, flags, dir_fd=folder)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return None
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
