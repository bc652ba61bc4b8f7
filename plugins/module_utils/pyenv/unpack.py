# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interpreter's archive, read with suspicion: only what stays inside of it gets onto the disk."""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import stat
import tarfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.known_file import Known, opened_known

TOP = "python"
COPY_AGAIN = "Copy the archive again, together with its description."
SUSPECT = "Do not use this archive; find out where it comes from."
CHUNK = 1 << 18
MOST_MEMBERS = 100_000
PLAIN_MODE, RUN_MODE = 0o644, 0o755
# What all headers and the padding may take; a real interpreter's take some 20 MB.
OVERHEAD = 512 << 20

FILE, FOLDER, LINK, HARD_LINK = "file", "folder", "symbolic link", "hard link"
_KINDS = {
    tarfile.REGTYPE: FILE,
    tarfile.AREGTYPE: FILE,
    tarfile.DIRTYPE: FOLDER,
    tarfile.SYMTYPE: LINK,
    tarfile.LNKTYPE: HARD_LINK,
}
_BLOCK = bytes(tarfile.BLOCKSIZE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
# Bytecode keeps its source's time in 32 bits; some file systems keep no more either.
_LATEST = (1 << 32) - 1


class Member(NamedTuple):
    """One entry of an archive, checked.

    Attributes:
        path: Relative to the top folder; '' for that folder itself.
        kind: ``file``, ``folder``, ``symbolic link`` or ``hard link``.
        target: What a link points to: the text of a symbolic one, the path of an earlier file for a hard one.
        size: Bytes of a file.
        is_executable: Whether anybody may run it.
        mtime: When it was changed, in seconds.
    """

    path: str
    kind: str
    target: str
    size: int
    is_executable: bool
    mtime: int


def opened(path: str, sha256: str, size: int | None = None) -> contextlib.AbstractContextManager[BinaryIO]:
    """Return the archive at ``path``, open at its beginning, when it has that digest and size (where it is known).

    What is read of it has that digest, or the end of the context refuses it: also when it was changed meanwhile.

    Raises:
        Refused: when it cannot be read, or is another file than the one that is expected.
    """
    return opened_known(Known(path, sha256, path, COPY_AGAIN, size))


class Reader:
    """An archive that is read once, from its beginning to its end.

    Args:
        stream: The file, at its beginning.
        subject: Its name in messages.
        unpacked: How many bytes its files may have together.
    """

    def __init__(self, stream: BinaryIO, subject: str, unpacked: int) -> None:
        self._subject, self._unpacked = subject, unpacked
        self._forward = _Forward(stream, unpacked + OVERHEAD)
        self._kinds: dict[str, str] = {"": FOLDER}
        self._declared: set[str] = set()
        self._left = 0
        self.total = 0

    def members(self) -> Iterator[Member]:
        """Yield every member; the content of a file is to be taken with :meth:`chunks` before the next one.

        Raises:
            Refused: at the first member that is not safe, and when the archive is damaged.
        """
        with self._whole(), tarfile.open(fileobj=self._forward, mode="r:") as archive:  # type: ignore[call-overload]
            for number, info in enumerate(archive):
                if number >= MOST_MEMBERS:
                    self._refuse(f"holds more than {MOST_MEMBERS} members")
                member = self._checked(info)
                self._left = member.size
                yield member
                archive.members.clear()  # tarfile keeps them all
        # tarfile takes any block that is no header for the end.
        if self._forward.last != _BLOCK:
            self._refuse("is damaged: what follows its last member is not the end of an archive", COPY_AGAIN)

    def chunks(self) -> Iterator[bytes]:
        """Yield the content of the file that :meth:`members` yielded last.

        Raises:
            Refused: when the archive is damaged.
        """
        while self._left:
            with self._whole():
                data = self._forward.read(min(self._left, CHUNK))
            if not data:
                self._refuse("is cut short", COPY_AGAIN)
            self._left -= len(data)
            yield data

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        try:
            yield
        except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, OverflowError, RecursionError) as error:
            if isinstance(error, OSError) and error.errno:
                raise  # of the disk
            self._refuse(f"is no whole .tar.gz archive: {error}", COPY_AGAIN)

    def _checked(self, info: tarfile.TarInfo) -> Member:
        kind = _KINDS.get(info.type)
        if kind is None or info.sparse is not None or any(key.startswith("GNU.sparse") for key in info.pax_headers):
            self._refuse(f"holds what is neither file, folder nor link: {info.name!r}")
        path = self._path(info.name)
        self._claim(path, kind)
        size = info.size if kind == FILE else 0
        self.total += size
        if info.size < 0 or self.total > self._unpacked:
            self._refuse(f"unpacks to more than the {self._unpacked} bytes that are declared")
        target = self._target(path, kind, info.linkname) if kind in (LINK, HARD_LINK) else ""
        mtime = min(max(int(info.mtime), 0), _LATEST)
        return Member(path, kind, target, size, bool(info.mode & 0o111), mtime)

    def _path(self, name: str) -> str:
        """Return the path below the top folder that ``name`` stands for."""
        if _CONTROL.search(name):
            self._refuse(f"a member has a name that no list of files can hold: {name!r}")
        parts = name.split("/")
        if parts[0] != TOP or any(part in ("", ".", "..") for part in parts):
            self._refuse(f"expected everything below {TOP}/, found {name!r}")
        return "/".join(parts[1:])

    def _claim(self, path: str, kind: str) -> None:
        if path in self._declared or (path in self._kinds and kind != FOLDER) or (not path and kind != FOLDER):
            self._refuse(f"holds one name twice: {path!r}")
        above = path
        while above:
            above = above.rpartition("/")[0]
            if self._kinds.setdefault(above, FOLDER) != FOLDER:
                self._refuse(f"holds {path!r} below a {self._kinds[above]}")
        self._kinds[path] = kind
        self._declared.add(path)

    def _target(self, path: str, kind: str, target: str) -> str:
        if kind == LINK:
            if not stays_inside(path, target):
                self._refuse(f"the symbolic link {path!r} points outside: {target!r}")
            return target
        inner = self._path(target)
        if self._kinds.get(inner) != FILE:
            self._refuse(f"the hard link {path!r} points to what is no earlier file: {target!r}")
        return inner

    def _refuse(self, message: str, next_step: str = SUSPECT) -> NoReturn:
        refuse(self._subject, f"{message}.", next_step)


def stays_inside(path: str, target: str) -> bool:
    """Whether the symbolic link at ``path``, with the text ``target``, cannot lead out of the top folder.

    ``..`` counts at the beginning only, where each step goes up from a real folder. After a name it could go up from
    wherever another link leads.
    """
    parts = [part for part in target.split("/") if part != "."]
    up = 0
    while up < len(parts) and parts[up] == "..":
        up += 1
    if _CONTROL.search(target) or "" in parts or ".." in parts[up:]:
        return False
    return up <= path.count("/") and bool(target)


def unpack_archive(stream: BinaryIO, folder: str, subject: str, unpacked: int) -> None:
    """Unpack the archive ``stream`` into the absent ``folder``; owner is who does it, modes are 0755 and 0644.

    Raises:
        Refused: when a member is not safe, or their sizes do not sum up to ``unpacked``.
        OSError: when it cannot be written.
    """
    reader = Reader(stream, subject, unpacked)
    links: list[Member] = []
    _make_folder(folder)
    for member in reader.members():
        path = os.path.join(folder, member.path)
        if member.kind == FOLDER:
            _make_folders(folder, member.path)
        elif member.kind == FILE:
            _make_folders(folder, os.path.dirname(member.path))
            _write(path, member, reader.chunks())
        else:
            links.append(member)
    if reader.total != unpacked:
        refuse(subject, f"expected {unpacked} bytes of files, found {reader.total}.", SUSPECT)
    # Links come last: nothing is ever written through one.
    for member in links:
        _make_link(folder, member)


def _make_link(folder: str, member: Member) -> None:
    _make_folders(folder, os.path.dirname(member.path))
    path = os.path.join(folder, member.path)
    if member.kind == LINK:
        os.symlink(member.target, path)
    else:
        os.link(os.path.join(folder, member.target), path, follow_symlinks=False)


def _make_folders(folder: str, inner: str) -> None:
    path = folder
    for part in inner.split("/") if inner else ():
        path = os.path.join(path, part)
        if not os.path.isdir(path):
            _make_folder(path)


def _make_folder(path: str) -> None:
    os.mkdir(path)
    os.chmod(path, RUN_MODE)


def _write(path: str, member: Member, chunks: Iterator[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "wb", buffering=0) as stream:
        for chunk in chunks:
            _write_all(stream, chunk)
        os.fchmod(descriptor, RUN_MODE if member.is_executable else PLAIN_MODE)
        os.utime(descriptor, (member.mtime, member.mtime))


def _write_all(stream: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[stream.write(view) :]


class _Forward:
    """A gzip file as tarfile wants to see it, that goes forward only and gives no more than was declared.

    tarfile itself believes what a header says: a name of a gigabyte is read into memory, a negative size makes
    it go back and meet the same member again, for ever.
    """

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._gzip = gzip.GzipFile(fileobj=stream)
        self._limit, self._position, self._again = limit, 0, b""
        self.last = b""

    def tell(self) -> int:
        return self._position - len(self._again)

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= CHUNK:
            raise ValueError(f"a header of {size} bytes")
        data = self._again + self._gzip.read(size - len(self._again))
        self._position += len(data) - len(self._again)
        self._again = b""
        if self._position > self._limit:
            raise ValueError(f"more than {self._limit} bytes")
        self.last = data
        return data

    def seek(self, position: int) -> None:
        # Before each header, tarfile looks whether the byte before it is there.
        if position == self.tell() - 1 and self.last:
            self._again = self.last[-1:]
            return
        if position < self.tell():
            raise ValueError("a header that leads back")
        while self.tell() < position and self.read(min(CHUNK, position - self.tell())):
            pass
