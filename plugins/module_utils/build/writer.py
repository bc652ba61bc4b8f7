# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a bundle folder: aside first, then into place at once. A killed run leaves no bundle, or the old one."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Callable

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import CHUNK
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import (
    rename_exchange,
    sync_folder,
    write_atomic,
)

# Whatever the umask of the build: a bundle is for everyone who may reach it.
FOLDER_MODE = 0o755


def replace_folder(dest: str, fill: Callable[[str], None]) -> None:
    """Make the folder at ``dest`` what ``fill`` writes into an empty one.

    Whatever ``fill`` raises, ``dest`` stays what it was. Leftovers of killed runs are removed.

    Raises:
        OSError: when the folder beside it cannot be written.
    """
    parent, name = os.path.split(dest)
    os.makedirs(parent, exist_ok=True)
    with _staging(parent, f".{name}.staging-") as staging:
        fill(staging)
        sync_folder(staging)
        _switch(staging, dest)
        sync_folder(parent)


@contextlib.contextmanager
def _staging(parent: str, prefix: str) -> Iterator[str]:
    """Yield a folder that we hold locked; what is at its path in the end is removed."""
    with _locked(parent, fcntl.LOCK_EX):
        _sweep(parent, prefix)
        staging = tempfile.mkdtemp(prefix=prefix, dir=parent)
        os.chmod(staging, FOLDER_MODE)
        descriptor = _hold(staging)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        os.close(descriptor)


def _sweep(parent: str, prefix: str) -> None:
    """Remove the staging folders that no living run holds; the parent is locked, so none is being made."""
    for entry in os.listdir(parent):
        if not entry.startswith(prefix):
            continue
        path = os.path.join(parent, entry)
        with contextlib.suppress(OSError), _locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(path, ignore_errors=True)


def _hold(path: str) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


@contextlib.contextmanager
def _locked(path: str, operation: int) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, operation)
        yield
    finally:
        os.close(descriptor)


def _switch(staging: str, dest: str) -> None:
    """Put ``staging`` at ``dest``; the old folder is then at ``staging``."""
    if not os.path.lexists(dest):
        os.rename(staging, dest)
    elif not rename_exchange(staging, dest):
        aside = staging + ".old"
        os.rename(dest, aside)
        try:
            os.rename(staging, dest)
        except BaseException:
            os.rename(aside, dest)
            raise
        os.rename(aside, staging)


def write_file(folder: str, name: str, data: bytes) -> None:
    """Write ``data`` to ``folder``/``name``, making the folders between, readable for all."""
    path = os.path.join(folder, name)
    _make_folder(os.path.dirname(path))
    write_atomic(path, data)


def copy_checked(source: str, folder: str, name: str, sha256: str) -> None:
    """Copy a file to ``folder``/``name``, checking its digest on the way.

    Raises:
        Refused: when its digest is another.
    """
    path = os.path.join(folder, name)
    _make_folder(os.path.dirname(path))
    digest = hashlib.sha256()
    with open(source, "rb", buffering=0) as reader, open(path, "wb", buffering=0) as writer:
        for chunk in iter(lambda: reader.read(CHUNK), b""):
            digest.update(chunk)
            writer.write(chunk)
        os.fchmod(writer.fileno(), 0o644)
    if digest.hexdigest() != sha256:
        refuse(
            source,
            f"expected SHA-256 {sha256}, found {digest.hexdigest()}.",
            "It changed while it was copied: run again.",
        )


def _make_folder(path: str) -> None:
    if not os.path.isdir(path):
        os.mkdir(path)
        os.chmod(path, FOLDER_MODE)
