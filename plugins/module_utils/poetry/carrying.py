# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was added by hand, carried into the next release: its files are copied, and its scripts name that release."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import stat
from collections.abc import Mapping, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import Survey
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import OWN_FILES
from ansible_collections.netdevops.python.plugins.module_utils.host.scripts import moved
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree, write_all
from ansible_collections.netdevops.python.plugins.module_utils.host.work import Content
from ansible_collections.netdevops.python.plugins.module_utils.poetry.extras import (
    Additions,
    Distribution,
    rows_of,
    source_of,
)

MOST_BYTES = 1 << 33
FILES_SHOWN = 3


class Carrying:
    """The content of a release, and with it what was added to the one before.

    Args:
        content: What the release is filled with first: all of that wins.
        additions: What is carried on.
        venv: The path of the environment, which scripts may name.

    Attributes:
        count: As that of the content.
        size: As that of the content.
        warnings: Files that are not carried on, once it is filled.
    """

    def __init__(self, content: Content, additions: Additions, venv: str) -> None:
        self._content = content
        self._additions = additions
        self._venv = venv
        self.count = self.size = 0
        self.warnings: list[str] = []

    def collect(self, seen: Survey, incoming: str, stages: Stages) -> None:
        """Have all at hand before the release is begun."""
        self._content.collect(seen, incoming, stages)

    def fill(self, tree: Tree) -> None:
        """Put it into the empty environment of a release.

        The receipt is to know nothing of what is carried on: it stays what was added by hand, whoever removes it later.
        """
        self._content.fill(tree)
        self.count, self.size = self._content.count, self._content.size
        for found in self._additions.kept:
            taken = carry(found, self._additions.root, tree, self._venv)
            if taken:
                names = ", ".join(taken[:FILES_SHOWN]) + (", ..." if len(taken) > FILES_SHOWN else "")
                self.warnings.append(
                    f"{found} was added by hand; of its files, {len(taken)} have a name that the lock's packages "
                    f"take, and are left out: {names}."
                )


def carry(found: Distribution, old_root: str, tree: Tree, venv: str) -> list[str]:
    """Copy a distribution from one release into another for the same Python.

    Args:
        found: What is carried on.
        old_root: The release that has it.
        tree: The one that is being built, all of whose own files are there.
        venv: The path of the environment.

    Returns:
        The files that are left out, since the release has another one of that name.

    Raises:
        OSError: when the disk fails.
    """
    site, put = tree.site_packages, _Put(tree, old_root)
    changed: dict[str, bytes] = {}
    for path in found.files:
        read = None if path in (*OWN_FILES, found.record) or source_of(path) else _read(f"{old_root}/{path}")
        if read is None:
            continue
        data = _moved(read[0], old_root, tree, venv) if path.startswith("bin/") else read[0]
        if data is not read[0]:
            changed[path] = data
        put.file(path, data, read[1])
    put.bytecode()
    record = _read(f"{old_root}/{found.record}")
    if record is not None:
        put.file(found.record, _rewritten(rows_of(old_root, found.record, site), changed), record[1])
    return put.taken


class _Put:
    """Creates files in a release, where their names are free."""

    def __init__(self, tree: Tree, old_root: str) -> None:
        self._tree = tree
        self._old_root = old_root
        self._made: list[str] = []
        self.taken: list[str] = []

    def file(self, path: str, data: bytes, status: os.stat_result) -> None:
        """Create a file; what has its name already and is the same is left alone."""
        try:
            self._tree.make_folder(os.path.dirname(path))
            mode = self._tree.file_mode(bool(status.st_mode & stat.S_IXUSR))
            descriptor = os.open(self._tree.path(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        except (Refused, FileExistsError, IsADirectoryError):  # Refused: a file has the name of its folder.
            there = _read(self._tree.path(path))
            if there is None or there[0] != data:
                self.taken.append(path)
            return
        try:
            write_all(descriptor, data)
            # Bytecode names the time of its source.
            os.utime(descriptor, ns=(status.st_mtime_ns, status.st_mtime_ns))
        finally:
            os.close(descriptor)
        self._made.append(path)

    def bytecode(self) -> None:
        """Take along what Python compiled of the files that were created, and of no others: the release compiles its own."""
        for source in [path for path in self._made if path.endswith(".py")]:
            folder = os.path.dirname(source)
            for entry in _names(f"{self._old_root}/{folder}/__pycache__"):
                path = f"{folder}/__pycache__/{entry}"
                read = _read(f"{self._old_root}/{path}") if source_of(path) == source else None
                if read is not None:
                    self.file(path, *read)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _read(path: str) -> tuple[bytes, os.stat_result] | None:
    try:
        return read_regular(path, MOST_BYTES, follow=False)
    except OSError:  # It is gone, or a link.
        return None


def _moved(data: bytes, old_root: str, tree: Tree, venv: str) -> bytes:
    """Return a script that names the earlier release, or the environment, as one that names this release."""
    if not data.startswith(b"#!"):
        return data
    major_minor = os.path.basename(os.path.dirname(tree.site_packages))
    for root in (old_root, venv):
        for name in ("python", "python3", major_minor):
            new = moved(data, f"{root}/bin/{name}", f"{tree.root}/bin/{name}")
            if new is not data:
                return new
    return data


def _rewritten(rows: Sequence[tuple[str, Sequence[str]]], changed: Mapping[str, bytes]) -> bytes:
    """Return a RECORD with the digests of the scripts that were rewritten."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for path, row in rows:
        writer.writerow(_row(row[0], changed[path]) if path in changed else row)
    return stream.getvalue().encode("utf-8")


def _row(name: str, data: bytes) -> tuple[str, str, int]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return name, f"sha256={digest}", len(data)
