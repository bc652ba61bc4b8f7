# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time works on an environment."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import IGNORE_FILE, Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages

LOCK_FILE = ".lock"
POLL_SECONDS = 0.1
# Who only looks holds the lock for some microseconds: a run that is not to wait is not refused for that.
GLANCE_SECONDS = 0.05
# The owner of the folder may have put a pipe there, which root would wait at for ever.
_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FOLDER_MODE = 0o755

# Which folder of releases this process holds the lock of: device and inode. Its path may lead elsewhere by now.
_HELD: dict[str, tuple[int, int]] = {}


@contextlib.contextmanager
def locked(environment: Environment, timeout: float, owner: tuple[int, int], stages: Stages) -> Iterator[int]:
    """Hold the lock of an environment in this process; the kernel lets go of it however the process ends.

    What is yielded is its descriptor. A program that holds it too keeps the next run waiting until it has ended: one that writes into a
    release goes on for a while when the run that started it is killed.

    Missing folders are made first, for ``owner``, and taken away again when the work left nothing in them.

    Args:
        environment: What to lock.
        timeout: Seconds to wait for another run.
        owner: User and group id for new folders.
        stages: Where the seconds of waiting are noted.

    Raises:
        Refused: when another run still holds it then, or the releases folder is somebody else's.
    """
    with stages.stage("lock", environment.releases):
        created: list[str] = []
        try:
            descriptor = _acquire(environment, timeout, owner, created)
        except BaseException:
            _remove_empty(created)
            raise
    try:
        yield descriptor
    finally:
        _HELD.pop(environment.releases, None)
        _tidy(environment, created)
        os.close(descriptor)


def held_folder(environment: Environment) -> tuple[int, int] | None:
    """Return device and inode of the folder of releases that this process has locked; None where it has not."""
    return _HELD.get(environment.releases)


def is_free(environment: Environment) -> bool:
    """Whether no run holds the lock just now; writes nothing. A lock that this user may not open counts as held."""
    try:
        descriptor = os.open(os.path.join(environment.releases, LOCK_FILE), os.O_RDONLY | _FLAGS)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        # Shared: two that look do not see each other.
        return stat.S_ISREG(os.fstat(descriptor).st_mode) and _try(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _make_folders(path: str, owner: tuple[int, int], created: list[str]) -> None:
    """Make ``path`` and what is missing above it; ``created`` gets each folder that was made."""
    missing = []
    while not os.path.lexists(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        try:
            os.mkdir(folder, FOLDER_MODE)
        except FileExistsError:  # Another first run made it this moment.
            continue
        if folder not in created:
            created.append(folder)
        os.chmod(folder, FOLDER_MODE)
        if owner != (os.geteuid(), os.getegid()):
            os.lchown(folder, *owner)


def _remove_empty(folders: list[str]) -> None:
    with contextlib.suppress(OSError):
        for folder in sorted(folders, key=len, reverse=True):  # the lowest first
            os.rmdir(folder)


def _acquire(environment: Environment, timeout: float, owner: tuple[int, int], created: list[str]) -> int:
    path = os.path.join(environment.releases, LOCK_FILE)
    end = time.monotonic() + max(timeout, GLANCE_SECONDS)
    while True:
        try:
            _make_folders(environment.releases, owner, created)
            descriptor, folder = _open(environment)
        except FileNotFoundError:  # The run before left nothing, and took its folders away this moment.
            if time.monotonic() >= end:
                raise
            time.sleep(POLL_SECONDS)
            continue
        if _try(descriptor) and _is_at(descriptor, path):
            _HELD[environment.releases] = folder
            return descriptor
        os.close(descriptor)
        if time.monotonic() >= end:
            refuse(
                environment.venv,
                f"is busy: another run has held {path} for {timeout:g} seconds.",
                "Wait for it, or raise lock_timeout.",
            )
        time.sleep(POLL_SECONDS if timeout > GLANCE_SECONDS else GLANCE_SECONDS / 10)


def _open(environment: Environment) -> tuple[int, tuple[int, int]]:
    """Return the descriptor of the lock, and device and inode of its folder."""
    try:
        above = os.open(environment.releases, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
    except OSError as error:
        if error.errno not in (errno.ENOTDIR, errno.ELOOP):
            raise
        refuse(
            environment.releases,
            "expected a folder of releases, found a file or a link.",
            "Move it away, or choose another path.",
        )
    try:
        folder = os.fstat(above)
        check_owner(environment, folder.st_uid)
        return _open_in(above, folder, environment.release(LOCK_FILE)), (folder.st_dev, folder.st_ino)
    finally:
        os.close(above)


def _open_in(above: int, folder: os.stat_result, path: str) -> int:
    try:
        descriptor = os.open(LOCK_FILE, os.O_RDWR | _FLAGS | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=above)
    except FileExistsError:
        try:
            descriptor = os.open(LOCK_FILE, os.O_RDWR | _FLAGS, dir_fd=above)
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            refuse(path, "expected a file to lock, found something else.", "Remove it, and run again.")
        return descriptor
    # The owner of the releases may roll back what root installed. What was there already is never given away.
    if os.geteuid() == 0:
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def check_owner(environment: Environment, uid: int) -> None:
    """Refuse releases that belong to another user than this one, which may work on them only as root."""
    if os.geteuid() not in (0, uid):
        refuse(
            environment.releases,
            f"belongs to user id {uid}, this run is of {os.geteuid()}.",
            "Run as its owner, or choose another path.",
        )


def _try(descriptor: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(descriptor: int, path: str) -> bool:
    """Whether the lock that was got is still the one at its path: its last holder may have taken it away."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _tidy(environment: Environment, created: list[str]) -> None:
    names = os.listdir(environment.releases)
    if not set(names) <= {LOCK_FILE, IGNORE_FILE}:
        return
    # The lock last: until then no other run begins.
    for name in sorted(names):
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(environment.releases, name))
    _remove_empty([environment.releases, *(folder for folder in created if folder != environment.releases)])
