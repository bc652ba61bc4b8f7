# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking a tar of pyenv. Its digest was checked before; what is in it is believed nevertheless in nothing."""

from __future__ import annotations

import os
import shutil
import tarfile
import zlib
from collections.abc import Mapping
from typing import BinaryIO

from ansible_collections.netdevops.python.plugins.module_utils.checkout.members import ANOTHER, choose
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.known_file import Known, opened_known

try:  # An interpreter can be built without it, and then opens no such tar.
    from lzma import LZMAError
except ImportError:
    _LZMA_ERRORS: tuple[type[Exception], ...] = ()
else:
    _LZMA_ERRORS = (LZMAError,)

FOLDER_MODE = 0o755
PROGRAM_MODE = 0o755
FILE_MODE = 0o644
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_DAMAGED: tuple[type[Exception], ...] = (
    EOFError,
    tarfile.TarError,
    zlib.error,
    ValueError,
    OverflowError,
    RecursionError,
    *_LZMA_ERRORS,
)
_UNREADABLE: tuple[type[Exception], ...] = (OSError, *_DAMAGED)


def read_archive(path: str, sha256: str, subject: str) -> bytes:
    """Return the tar at ``path``, which has that digest.

    It is kept in memory: a tar is read to and fro, and its file could be changed between two readings.

    Args:
        path: The tar.
        sha256: Its expected digest.
        subject: How the user knows it.

    Raises:
        Refused: when it cannot be read, or is another one.
    """
    next_step = "Fetch the archive again, or correct `sha256` after you know why it changed."
    with opened_known(Known(path, sha256, subject, next_step)) as stream:
        return stream.read()


def unpack(stream: BinaryIO, folder: str, subject: str) -> None:
    """Unpack the pyenv in a tar into the absent ``folder``; modes are declared, owners are this user's.

    Args:
        stream: The tar, plain or compressed.
        folder: Where it goes.
        subject: How the user knows the tar.

    Raises:
        Refused: when it is damaged, is no pyenv, or holds a member that would leave its folder.
        OSError: when the host cannot hold it.
    """
    try:
        with tarfile.open(fileobj=stream) as archive:
            chosen = choose(archive, subject)
            os.mkdir(folder, FOLDER_MODE)
            _write(archive, chosen, folder)
    except _UNREADABLE as error:
        if isinstance(error, OSError) and error.errno:
            raise  # of the disk
        refuse(subject, f"is cut short, damaged or no tar: {error}.", ANOTHER)


def _write(archive: tarfile.TarFile, chosen: Mapping[str, tarfile.TarInfo], folder: str) -> None:
    links = []
    for path, member in chosen.items():
        target = os.path.join(folder, path)
        if member.isdir():
            os.makedirs(target, exist_ok=True)
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if member.issym():
            links.append((member.linkname, target))
        else:
            _write_file(archive, member, target)
    # Last: so nothing was ever written through one.
    for text, target in links:
        os.symlink(text, target)
    for above, _folders, _files in os.walk(folder):
        os.chmod(above, FOLDER_MODE)


def _write_file(archive: tarfile.TarFile, member: tarfile.TarInfo, target: str) -> None:
    source = archive.extractfile(member)
    if source is None:
        raise tarfile.ReadError(f"{member.name} has no content")
    with source, open(os.open(target, _CREATE, 0o600), "wb") as stream:
        shutil.copyfileobj(source, stream, 1 << 20)
        if stream.tell() != member.size:
            raise tarfile.ReadError(f"{member.name} is shorter than it says")
        os.fchmod(stream.fileno(), PROGRAM_MODE if member.mode & 0o100 else FILE_MODE)
