# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing an archive: the same files always give the same bytes, and a half of one never has its name."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import sync_folder
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import SUFFIX
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_select import Entry
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.unpack import (
    CHUNK,
    FILE,
    LINK,
    PLAIN_MODE,
    RUN_MODE,
    TOP,
)

# Level 9 takes three times as long for one percent.
LEVEL = 6

_TYPES = {FILE: tarfile.REGTYPE, LINK: tarfile.SYMTYPE}


class Written(NamedTuple):
    """An archive that is on the disk: its digest and its size in bytes."""

    sha256: str
    size: int


class _Packed:
    """Compresses what is written to it, and knows digest and size of what came of that.

    The gzip header that zlib itself writes has neither time nor name.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._zlib = stream, zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        self._position, self.digest, self.size = 0, hashlib.sha256(), 0

    def tell(self) -> int:
        return self._position

    def write(self, data: bytes) -> int:
        self._position += len(data)
        self._write(self._zlib.compress(data))
        return len(data)

    def finish(self) -> None:
        self._write(self._zlib.flush())

    def _write(self, data: bytes) -> None:
        self.digest.update(data)
        self.size += len(data)
        self._stream.write(data)


def write_archive(folder: str, entries: Sequence[Entry], changed: Mapping[str, bytes], path: str) -> Written:
    """Write the ``entries`` of ``folder`` into the archive ``path``, in their order, atomically.

    Owner and names of users are left out, modes are 0755 and 0644, times of files are cut to seconds (bytecode needs
    them), other times are 0, and the gzip header has neither time nor name.

    Args:
        folder: The interpreter.
        entries: What of it is packed.
        changed: What stands in the archive in place of a file's content.
        path: The archive.

    Raises:
        Refused: when another run writes it now, or a file is no longer what it was.
        OSError: when it cannot be written; an older archive is then untouched.
    """
    with _part(path) as stream:
        packed = _Packed(stream)
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
            archive.addfile(_info("", Entry("", "", True, 0, 0, ""), 0))
            for entry in entries:
                _add(archive, folder, entry, changed.get(entry.path))
        packed.finish()
    sync_folder(os.path.dirname(path))
    return Written(packed.digest.hexdigest(), packed.size)


def _add(archive: tarfile.TarFile, folder: str, entry: Entry, data: bytes | None) -> None:
    if entry.kind != FILE:
        archive.addfile(_info(entry.path, entry, 0))
    elif data is not None:
        archive.addfile(_info(entry.path, entry, len(data)), io.BytesIO(data))
    else:
        path = os.path.join(folder, entry.path)
        with open(path, "rb") as stream:
            found = os.fstat(stream.fileno())
            if (found.st_size, found.st_mtime_ns) != (entry.size, entry.mtime):
                refuse(path, "changed while it was packed.", "Run it again when nobody works on it.")
            archive.addfile(_info(entry.path, entry, entry.size), stream)


def _info(path: str, entry: Entry, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(f"{TOP}/{path}".rstrip("/"))
    info.type = _TYPES.get(entry.kind, tarfile.DIRTYPE)
    info.mode = RUN_MODE if entry.is_executable or entry.kind == LINK else PLAIN_MODE
    info.size, info.linkname = size, entry.target
    info.mtime = entry.mtime // 10**9
    return info


def copy_archive(source: BinaryIO, path: str) -> None:
    """Write what is left to read of ``source`` to ``path``, atomically.

    Raises:
        Refused: when another run writes it now.
        OSError: when it cannot be written; an older file is then untouched.
    """
    with _part(path) as stream:
        shutil.copyfileobj(source, stream, CHUNK)
    sync_folder(os.path.dirname(path))


@contextlib.contextmanager
def _part(path: str) -> Iterator[BinaryIO]:
    """Yield the file that becomes ``path`` in the end, which has no description then.

    What a killed run left of it is written over.
    """
    part = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, PLAIN_MODE)
    with os.fdopen(descriptor, "wb") as stream:
        _lock(descriptor, part, path)
        try:
            stream.truncate(0)
            os.fchmod(descriptor, PLAIN_MODE)
            yield stream
            stream.flush()
            os.fsync(descriptor)
            # An old description beside a new archive would be found, and the archive be taken for a damaged one.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path + SUFFIX)
            os.replace(part, path)
        except BaseException:
            os.unlink(part)
            raise


def _lock(descriptor: int, part: str, path: str) -> None:
    """Refuse when another run writes the file; it may also have given it its final name since we opened it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = os.path.samestat(os.fstat(descriptor), os.lstat(part))
    except (BlockingIOError, FileNotFoundError):
        is_ours = False
    if not is_ours:
        refuse(path, "is being written by another run.", "Run it again when that has ended.")
