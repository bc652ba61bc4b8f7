# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison of a release with its receipt, file by file."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import CHUNK
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import open_regular, read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.drift import Drift
from ansible_collections.netdevops.python.plugins.module_utils.host.index import Index, read_index
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import (
    BYTECODE,
    FOLDER,
    LINK,
    Installed,
    read_files,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import (
    FILES_FILE,
    MOST_BYTES,
    OWN_FILES,
    RECEIPT_FILE,
    Receipt,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.walk import Seen, Stat

_HEADER = 16  # bytes: magic number, flags, time and size of the source
_WORD = 0xFFFFFFFF
# Many times what a Python of any kind has; a file of a wheel is never as large as its limit.
LARGEST_INTERPRETER, LARGEST_FILE = 1 << 28, 1 << 33
# From so many bytes on, a file of which less than this part is on the disk holds nothing but holes.
DENSE_FROM, DENSE_PART = 1 << 28, 64
BLOCK = 512  # of st_blocks, whatever the file system has (stat(2))


def compare(release: str, receipt: Receipt, seen: Seen, *, trust_index: bool) -> Iterator[Drift]:
    """Yield each difference.

    Args:
        release: The folder.
        receipt: Its receipt.
        seen: A walk over it.
        trust_index: Whether a file whose stat is as in the index is taken as unchanged; else all are read.
    """
    index = read_index(release)
    if not trust_index:
        index = index._replace(stats={})  # What the receipt was is known by nobody else.
    yield from _interpreter_drift(receipt)
    if index.receipt and digest_bounded(os.path.join(release, RECEIPT_FILE), MOST_BYTES) != index.receipt:
        yield Drift(RECEIPT_FILE, "edited")
    files = read_files(release, receipt)
    if files is None:
        yield Drift(FILES_FILE, "edited" if FILES_FILE in seen.stats else "deleted")
        return
    for file in files:
        if file.kind != FOLDER:
            yield from _file_drift(release, file, seen.stats.get(file.path), index, receipt.owner)
    yield from _folder_drift(files, seen, int(receipt.asked["mode"], 8), receipt.owner)
    yield from _added(release, files, seen, receipt, look_inside=not trust_index)


def _interpreter_drift(receipt: Receipt) -> Iterator[Drift]:
    path = receipt.interpreter["path"]
    if not os.path.exists(path):
        yield Drift(path, "deleted")
    # The owner of a release may name anything in its receipt, and root would read it for ever.
    elif digest_bounded(path, LARGEST_INTERPRETER) != receipt.interpreter["sha256"]:
        yield Drift(path, "replaced")


def _file_drift(
    release: str, file: Installed, found: Stat | None, index: Index, owner: Sequence[int]
) -> Iterator[Drift]:
    if found is None:
        yield Drift(file.path, "deleted", file.wheel)
        return
    if found == index.stats.get(file.path):
        return
    if stat.S_ISLNK(found.mode) != (file.kind == LINK):
        yield Drift(file.path, "kind", file.wheel)
        return
    if (found.uid, found.gid) != tuple(owner):
        yield Drift(file.path, "owner", file.wheel)
    if file.kind != LINK and stat.S_IMODE(found.mode) != file.mode:
        yield Drift(file.path, "mode", file.wheel)
    if _content(os.path.join(release, file.path), file, found) != file.sha256:
        yield Drift(file.path, "edited", file.wheel)


def _content(path: str, file: Installed, found: Stat) -> str:
    if file.kind != LINK and (not stat.S_ISREG(found.mode) or found.size != file.size):
        return ""
    try:
        if file.kind == LINK:
            return os.readlink(path)
        return digest_bounded(path, LARGEST_FILE, follow=False)
    except OSError:
        return ""


def digest_bounded(path: str, most: int, *, follow: bool = True) -> str:
    """Return the SHA-256 of a regular file; '' for anything else, for one of more than ``most`` bytes, and for one of holes.

    No more is read than it has bytes when it is opened: it may grow for ever, and files of the kernel have none.

    Args:
        path: The file.
        most: In bytes.
        follow: Whether a link is followed.

    Raises:
        OSError: when it cannot be read.
    """
    opened = open_regular(path, follow=follow)
    if opened is None:
        return ""
    descriptor, found = opened
    try:
        left, digest = found.st_size, hashlib.sha256()
        if left > most or (left > DENSE_FROM and found.st_blocks * BLOCK * DENSE_PART < left):
            return ""
        while left > 0:
            data = os.read(descriptor, min(CHUNK, left))
            if not data:
                break
            left -= len(data)
            digest.update(data)
        return digest.hexdigest()
    finally:
        os.close(descriptor)


def _folders(files: Sequence[Installed]) -> set[str]:
    folders = {file.path for file in files if file.kind == FOLDER}
    for file in files:
        folder = os.path.dirname(file.path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = os.path.dirname(folder)
    return folders


def _folder_drift(files: Sequence[Installed], seen: Seen, mode: int, owner: Sequence[int]) -> Iterator[Drift]:
    for folder in sorted(_folders(files)):
        found = seen.stats.get(folder)
        if found is None or not stat.S_ISDIR(found.mode):
            yield Drift(folder, "deleted")
            continue
        if stat.S_IMODE(found.mode) != mode:
            yield Drift(folder, "mode")
        if (found.uid, found.gid) != tuple(owner):
            yield Drift(folder, "owner")


def _added(
    release: str, files: Sequence[Installed], seen: Seen, receipt: Receipt, *, look_inside: bool
) -> Iterator[Drift]:
    known = {file.path for file in files}
    known.update(OWN_FILES, _folders(files))
    sources = {file.path for file in files if file.kind != BYTECODE and file.path.endswith(".py")}
    mode = int(receipt.asked["mode"], 8)
    for path, found in seen.stats.items():
        if path in known:
            continue
        source = _source_of(path, found)
        is_byproduct = (source in sources or _is_cache(path, found)) and _is_closed(found, mode, receipt.owner)
        if is_byproduct and source and look_inside:
            is_byproduct = _is_made_from(os.path.join(release, path), seen.stats.get(source))
        if not is_byproduct:
            yield Drift(path, "added")


def _is_cache(path: str, found: Stat) -> bool:
    return os.path.basename(path) == "__pycache__" and stat.S_ISDIR(found.mode)


def _source_of(path: str, found: Stat) -> str:
    """Return the source that Python writes a file of this name for when somebody who may imports it; '' for no bytecode."""
    folder, _slash, name = path.rpartition("/")
    package, _slash, cache = folder.rpartition("/")
    is_bytecode = cache == "__pycache__" and name.endswith(".pyc") and stat.S_ISREG(found.mode)
    return f"{package}/{name.split('.', 1)[0]}.py" if is_bytecode else ""


def _is_closed(found: Stat, mode: int, owner: Sequence[int]) -> bool:
    """Whether only root and the release's owner could have written it, and the group where that may write to all.

    Python imports bytecode without a look at its source but for time and size, so who writes it decides what runs. Under
    umask 002 the group of a file is its user's own.
    """
    if found.uid not in (0, owner[0]) or found.mode & stat.S_IWOTH:
        return False
    is_lent = mode & stat.S_IWGRP and found.gid == owner[1]
    return bool(not found.mode & stat.S_IWGRP or found.gid in (0, found.uid) or is_lent)


def _is_made_from(path: str, source: Stat | None) -> bool:
    """Whether bytecode names time and size of its source, as all does that an import writes (PEP 552)."""
    try:
        read = read_regular(path, _HEADER, follow=False)
    except OSError:
        return False
    if read is None or source is None or len(read[0]) < _HEADER:
        return False
    flags, *numbers = (int.from_bytes(read[0][at : at + 4], "little") for at in (4, 8, 12))
    return flags == 0 and numbers == [source.mtime // 10**9 & _WORD, source.size & _WORD]
