# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing files so that a reader sees the old one or the new one, never a part."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.temporary import TEMPORARY_PREFIX


def write_atomic(
    path: str, data: bytes, mode: int = 0o644, aside: str = "", owner: tuple[int, int] | None = None
) -> None:
    """Replace the file at ``path`` by ``data``: owner and permissions first, then content, sync and rename.

    Args:
        path: The file.
        data: Its new content.
        mode: Its permission bits.
        aside: A folder of the same file system for the temporary file; the file's own when it is ''.
        owner: User and group id that it gets; those of this process when it is None.

    Raises:
        OSError: when it cannot be written; the old file is then untouched.
    """
    folder = os.path.dirname(path) or "."
    descriptor, temporary = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=aside or folder)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            if owner and owner != (os.geteuid(), os.getegid()):
                os.fchown(stream.fileno(), *owner)
            os.fchmod(stream.fileno(), mode)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    sync_folder(folder)


@contextlib.contextmanager
def declared_modes() -> Iterator[None]:
    """Let modes count as they are declared: under umask 077 nobody else could use what is made."""
    inherited = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(inherited)


def owner_of(path: str) -> tuple[int, int]:
    """Return user and group id of what is at ``path``."""
    found = os.stat(path)
    return found.st_uid, found.st_gid


def sync_folder(path: str) -> None:
    """Flush the entries of the folder at ``path``, so that a rename in it outlives a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(path: str) -> None:
    """Flush the file system that holds ``path``; all of them where the C library has no syncfs."""
    import ctypes  # few runs need it

    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if syncfs is None or syncfs(descriptor) != 0:
            os.sync()
    finally:
        os.close(descriptor)


def rename_exchange(one: str, other: str) -> bool:
    """Let two paths of one file system change places atomically (renameat2, Linux 3.15).

    Returns:
        False where the C library, the kernel or the file system cannot; nothing has changed then.
    """
    import ctypes  # few runs need it

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    at_fdcwd, exchange = -100, 2  # fcntl.h, linux/fs.h
    return bool(rename(at_fdcwd, os.fsencode(one), at_fdcwd, os.fsencode(other), exchange) == 0)
