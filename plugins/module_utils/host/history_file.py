# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of lines that many processes add to at once, and that is put aside when it has become too long.

A line is one write to a file that is open for adding, so lines of two processes never mix, whoever puts the file aside meanwhile.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Iterator

MOST_BYTES, OLD_FILES = 1 << 20, 5
ROOTS_FILE, USERS_FILE = 0o644, 0o600
ROOTS_FOLDER, USERS_FOLDER = 0o755, 0o700
# Far beyond any line of ours, and still one write.
MOST_LINE = 16384

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def append(path: str, line: bytes) -> None:
    """Add a line to the file at ``path``, which is made with the folders above it where it is lacking.

    Raises:
        OSError: when it cannot be written, or a link stands in the way where others could have put it.
    """
    with _opened_folder(os.path.dirname(path)) as folder:
        name = os.path.basename(path)
        descriptor = _open(folder, name)
        try:
            found = os.fstat(descriptor)
            # A disk that was full left half a line. Where it is one that is being written, this adds an empty one.
            torn = found.st_size and os.pread(descriptor, 1, found.st_size - 1) != b"\n"
            data = b"\n" * bool(torn) + line[:MOST_LINE] + b"\n"
            if os.write(descriptor, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(descriptor)
        if found.st_size + len(data) > MOST_BYTES:
            _put_aside(folder, name)


def read_lines(path: str) -> Iterator[bytes]:
    """Yield the lines of the file and of those that were put aside, the oldest first; none where there is nothing to read."""
    for number in range(OLD_FILES, -1, -1):
        with contextlib.suppress(OSError), open(f"{path}.{number}" if number else path, "rb") as stream:
            yield from (line for line in stream if line.strip())


def _open(folder: int, name: str) -> int:
    mode = ROOTS_FILE if os.geteuid() == 0 else USERS_FILE
    try:
        descriptor = os.open(name, _FILE | os.O_CREAT | os.O_EXCL, mode, dir_fd=folder)
        os.fchmod(descriptor, mode)  # Whatever the umask is.
        return descriptor
    except FileExistsError:
        descriptor = os.open(name, _FILE, dir_fd=folder)
    found = os.fstat(descriptor)
    # A second name may be a file of the system, which somebody linked here to have root write into it.
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        os.close(descriptor)
        raise OSError(errno.EPERM, "it is no file with one name")
    return descriptor


def _put_aside(folder: int, name: str) -> None:
    """Give the file the number 1, those that have one the next, and let the oldest go; one process at a time does it."""
    # A file that nobody else may open: who can open one can hold its lock for ever.
    lock = os.open(f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, USERS_FILE, dir_fd=folder)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.stat(name, dir_fd=folder, follow_symlinks=False).st_size <= MOST_BYTES:
            return
        for number in range(OLD_FILES, 0, -1):
            old = f"{name}.{number - 1}" if number > 1 else name
            with contextlib.suppress(FileNotFoundError):
                os.rename(old, f"{name}.{number}", src_dir_fd=folder, dst_dir_fd=folder)
    except (BlockingIOError, FileNotFoundError):  # Another process does it, or just did.
        return
    finally:
        os.close(lock)


@contextlib.contextmanager
def _opened_folder(path: str) -> Iterator[int]:
    """Yield the folder, open. Missing ones are made; links are followed only where none but root and this user can put one."""
    descriptor = os.open("/", _FOLDER)
    try:
        for name in filter(None, path.split("/")):
            below = _below(descriptor, name)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


def _below(above: int, name: str) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=above)
    except FileNotFoundError:
        return _make(above, name)
    except OSError as error:
        # A link: ENOTDIR here, since it has to be a folder as well.
        if error.errno not in (errno.ELOOP, errno.ENOTDIR) or not _is_trusted(os.fstat(above)):
            raise
        return os.open(name, _FOLDER & ~os.O_NOFOLLOW, dir_fd=above)


def _make(above: int, name: str) -> int:
    mode = ROOTS_FOLDER if os.geteuid() == 0 else USERS_FOLDER
    try:
        os.mkdir(name, mode, dir_fd=above)
    except FileExistsError:  # Another process made it this moment.
        return os.open(name, _FOLDER, dir_fd=above)
    descriptor = os.open(name, _FOLDER, dir_fd=above)
    os.fchmod(descriptor, mode)
    return descriptor


def _is_trusted(folder: os.stat_result) -> bool:
    return folder.st_uid in (0, os.geteuid()) and not folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
