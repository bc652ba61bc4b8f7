# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time works on an environment."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages

LOCK_FILE = ".lock"
POLL_SECONDS = 0.1
FOLDER_MODE = 0o755


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
        _tidy(environment, created)
        os.close(descriptor)


def is_free(environment: Environment) -> bool:
    """Whether no run holds the lock just now; writes nothing. A lock that this user may not open counts as held."""
    try:
        descriptor = os.open(os.path.join(environment.releases, LOCK_FILE), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        return _try(descriptor)
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
    end = time.monotonic() + timeout
    while True:
        try:
            _make_folders(environment.releases, owner, created)
            descriptor = _open(environment, path)
        except FileNotFoundError:  # The run before left nothing, and took its folders away this moment.
            if time.monotonic() >= end:
                raise
            time.sleep(POLL_SECONDS)
            continue
        if _try(descriptor) and _is_at(descriptor, path):
            return descriptor
        os.close(descriptor)
        if time.monotonic() >= end:
            refuse(
                environment.venv,
                f"is busy: another run has held {path} for {timeout:g} seconds.",
                "Wait for it, or raise lock_timeout.",
            )
        time.sleep(POLL_SECONDS)


def _open(environment: Environment, path: str) -> int:
    folder = os.lstat(environment.releases)
    if not stat.S_ISDIR(folder.st_mode):
        refuse(
            environment.releases,
            "expected a folder of releases, found a file or a link.",
            "Move it away, or choose another path.",
        )
    check_owner(environment, folder.st_uid)
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
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


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
    if os.listdir(environment.releases) != [LOCK_FILE]:
        return
    with contextlib.suppress(OSError):
        os.unlink(os.path.join(environment.releases, LOCK_FILE))
    _remove_empty([environment.releases, *(folder for folder in created if folder != environment.releases)])
