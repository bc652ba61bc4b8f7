# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking a tar of pyenv. Its digest was checked before; what is in it is believed nevertheless in nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from ansible_collections.netdevops.python.plugins.module_utils.checkout.members import ANOTHER, choose
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_stream
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

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


@contextlib.contextmanager
def opened(path: str, sha256: str, subject: str) -> Iterator[BinaryIO]:
    """Yield the tar at ``path``, open at its beginning, when it has that digest.

    It stays open from there on: what is unpacked is what was checked, also when another file takes its name meanwhile.

    Args:
        path: The tar.
        sha256: Its expected digest; '' for one that this run has just made.
        subject: How the user knows it.

    Raises:
        Refused: when it cannot be read, or is another one.
    """
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(open(path, "rb"))
            found = digest_stream(stream) if sha256 else ""
        except OSError as error:
            refuse(subject, f"cannot be read: {error.strerror or error}.", "Correct the path, and who may read it.")
        if found != sha256:
            next_step = "Fetch the archive again, or correct `sha256` after you know why it changed."
            refuse(subject, f"expected the SHA-256 {sha256}, found {found}.", next_step)
        stream.seek(0)
        yield stream


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
