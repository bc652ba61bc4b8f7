# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file whose digest is known beforehand: what is read of it has that digest, or is refused."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import CHUNK, digest_stream
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse


class Known(NamedTuple):
    """What is known of a file.

    Attributes:
        path: Where it is.
        sha256: Its digest, lower-case hex.
        subject: Its name in messages.
        next_step: What to do when it is another one.
        size: Its bytes; None when nobody said.
    """

    path: str
    sha256: str
    subject: str
    next_step: str
    size: int | None = None


@contextlib.contextmanager
def opened_known(known: Known) -> Iterator[BinaryIO]:
    """Yield the file, open at its beginning, when it is the one that is known. It can only be read forwards.

    It is read twice: once to see that it is the right one, and then by the caller. Whoever may write to it can change it in
    between, or while it is read; so the digest of what the caller read is compared as well. That happens at the end of the
    file, which is reached here when the caller stops before. Until this context has ended without an error, what was
    read is not to be trusted.

    Raises:
        Refused: when it cannot be read, is another file, or was changed while it was read.
    """
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(open(known.path, "rb", buffering=0))
            size = _check(stream, known)
        except OSError as error:
            refuse(known.subject, f"cannot be read: {error.strerror or error}.", known.next_step)
        stream.seek(0)
        reader = stack.enter_context(io.BufferedReader(_Checked(stream.fileno(), known, size), CHUNK))
        yield reader
        while reader.read(CHUNK):
            pass


def _check(stream: io.FileIO, known: Known) -> int:
    """Return the size of the right file."""
    size = os.fstat(stream.fileno()).st_size
    if known.size is not None and size != known.size:
        refuse(
            known.subject, f"expected {known.size} bytes, found {size}: it was cut short or changed.", known.next_step
        )
    digest = digest_stream(stream)
    if digest != known.sha256:
        refuse(known.subject, f"expected SHA-256 {known.sha256}, found {digest}.", known.next_step)
    return size


class _Checked(io.FileIO):
    """The descriptor of a file, which refuses at its end, and beyond ``size``, when what was read is not what is known."""

    def __init__(self, descriptor: int, known: Known, size: int) -> None:
        super().__init__(descriptor, "rb", closefd=False)
        self._known, self._left, self._digest = known, size, hashlib.sha256()

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer) or 0
        self._digest.update(memoryview(buffer)[:count])
        self._left -= count
        # One that somebody goes on writing to has no end.
        if self._left < 0 or (not count and self._digest.hexdigest() != self._known.sha256):
            refuse(
                self._known.subject,
                "was changed while it was read.",
                "Find out who can write to it, and put it where nobody else can.",
            )
        return count

    def seekable(self) -> bool:
        return False

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self.read(CHUNK), b""))

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return self.readall()
        buffer = bytearray(size)
        return bytes(buffer[: self.readinto(buffer)])

    def seek(self, position: int, whence: int = 0, /) -> int:
        raise io.UnsupportedOperation("it is read forwards")
