# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison of a release with its receipt, file by file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
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
    OWN_FILES,
    RECEIPT_FILE,
    Receipt,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.walk import Seen, Stat


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
    if index.receipt and digest_file(os.path.join(release, RECEIPT_FILE)) != index.receipt:
        yield Drift(RECEIPT_FILE, "edited")
    files = read_files(release, receipt)
    if files is None:
        yield Drift(FILES_FILE, "edited" if FILES_FILE in seen.stats else "deleted")
        return
    for file in files:
        if file.kind != FOLDER:
            yield from _file_drift(release, file, seen.stats.get(file.path), index, receipt.owner)
    yield from _folder_drift(files, seen, int(receipt.asked["mode"], 8), receipt.owner)
    yield from _added(files, seen)


def _interpreter_drift(receipt: Receipt) -> Iterator[Drift]:
    path = receipt.interpreter["path"]
    if not os.path.exists(path):
        yield Drift(path, "deleted")
    # The owner of a release may name a pipe or a device in its receipt, and root would read it for ever.
    elif not os.path.isfile(path) or digest_file(path) != receipt.interpreter["sha256"]:
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
    if file.kind == LINK:
        return os.readlink(path)
    if not stat.S_ISREG(found.mode) or found.size != file.size:
        return ""
    try:
        return digest_file(path)
    except OSError:
        return ""


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


def _added(files: Sequence[Installed], seen: Seen) -> Iterator[Drift]:
    known = {file.path for file in files}
    known.update(OWN_FILES, _folders(files))
    sources = {file.path for file in files if file.kind != BYTECODE and file.path.endswith(".py")}
    for path, found in seen.stats.items():
        if path not in known and not _is_byproduct(path, found, sources):
            yield Drift(path, "added")


def _is_byproduct(path: str, found: Stat, sources: set[str]) -> bool:
    """Whether it is bytecode that Python writes for an installed source when somebody who may imports it."""
    folder, _slash, name = path.rpartition("/")
    if name == "__pycache__":
        return stat.S_ISDIR(found.mode)
    package, _slash, cache = folder.rpartition("/")
    source = name.split(".", 1)[0] + ".py"
    return (
        cache == "__pycache__"
        and name.endswith(".pyc")
        and stat.S_ISREG(found.mode)
        and f"{package}/{source}" in sources
    )
