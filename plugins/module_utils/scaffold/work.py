# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing what a plan says. The state is written before and after: what a killed run left is known as ours."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import declared_modes, write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.look import Found, read
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.options import SAVED, STATE_FILE, Wanted
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.plan import FORGET, RECORD, REMOVE, Drawn, Step
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.state import State

_PAUSE = 0.1


@contextlib.contextmanager
def alone(repository: str, timeout: float) -> Iterator[None]:
    """Keep other runs out of a repository; the lock is on its folder, and leaves nothing behind.

    Raises:
        Refused: when another run is still at work after ``timeout`` seconds.
    """
    descriptor = os.open(repository, os.O_RDONLY | os.O_DIRECTORY)
    end = time.monotonic() + timeout
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    refuse(repository, f"another run has been at work for {timeout:g} seconds.", "Wait for its end.")
                time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def apply(repository: str, drawn: Drawn) -> list[str]:
    """Make it so; return the copies of what was there, as paths below the repository.

    Raises:
        Refused: when somebody has changed a file since it was looked at; it is then left alone.
        OSError: when something cannot be written.
    """
    with declared_modes():
        writing = {one.path: digest_bytes(one.after.data) for one in drawn.steps if one.after and one.is_recorded}
        _write_state(repository, State(drawn.state.files, {**drawn.state.writing, **writing}))
        saved = [_save(repository, step) for step in drawn.steps if step.is_saved]
        for step in drawn.steps:
            _do(repository, step)
        _write_state(repository, drawn.after)
    return saved


def _do(repository: str, step: Step) -> None:
    if step.verb in (FORGET, RECORD):
        return
    if read(repository, step.path) != step.before:
        refuse(
            os.path.join(repository, step.path),
            "was changed while this run was looking.",
            "Run it again once nobody is working on it.",
        )
    if step.verb == REMOVE:
        _remove(repository, step.path)
    elif step.after is not None:
        _write(repository, step.path, step.after, step.before)


def _write(repository: str, path: str, wanted: Wanted, there: Found | None) -> None:
    full = os.path.join(repository, path)
    os.makedirs(os.path.dirname(full), mode=0o755, exist_ok=True)
    # The group of a shared checkout is kept; of a new file, the folder says it.
    owner = (os.geteuid(), there.gid) if there else None
    write_atomic(full, wanted.data, _mode(os.path.dirname(full), wanted, there), owner=owner)


def _mode(folder: str, wanted: Wanted, there: Found | None) -> int:
    """Return the permission bits of a file: who could read or write the one that is there, and nobody else."""
    if there is None:
        return wanted.mode
    shared = os.stat(folder).st_mode & stat.S_IWGRP
    bits = 0o600 | (there.mode & (0o044 | shared))
    return bits | (bits & 0o444) >> 2 if wanted.executable else bits


def _remove(repository: str, path: str) -> None:
    """Remove a file, and the folders that are empty then: git keeps none of these either."""
    os.unlink(os.path.join(repository, path))
    folder = os.path.dirname(path)
    with contextlib.suppress(OSError):
        while folder:
            os.rmdir(os.path.join(repository, folder))
            folder = os.path.dirname(folder)


def _save(repository: str, step: Step) -> str:
    """Keep a copy of what a file holds, where neither git nor others see it; one of the same content is kept once."""
    data = step.before.data if step.before else b""
    folder = os.path.join(repository, SAVED)
    name = f"{step.path.replace('/', '__')}.{digest_bytes(data)[:12]}"
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    if os.path.islink(folder) or not os.path.isdir(folder):
        refuse(folder, "expected a folder or nothing, found something else.", "Move it away.")
    write_atomic(os.path.join(folder, ".gitignore"), b"*\n")
    write_atomic(os.path.join(folder, name), data, 0o600)
    return f"{SAVED}/{name}"


def _write_state(repository: str, state: State) -> None:
    path = os.path.join(repository, STATE_FILE)
    there = read(repository, STATE_FILE)
    if not state.files and not state.writing:
        if there is not None:
            os.unlink(path)
    elif there is None or there.data != state.encode():
        write_atomic(path, state.encode(), owner=(os.geteuid(), there.gid) if there else None)
