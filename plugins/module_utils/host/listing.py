# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of a release's files, ``receipt.files``: a line per file, read when something looks different."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.files import owner_of, write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import FILES_FILE, Receipt

MOST_BYTES = 1 << 28
# Between the digests of wheels that bring the same file.
SHARED = "+"
# Kinds of files. A script and a RECORD name their release, so they are made anew where others are linked.
FILE, SCRIPT, RECORD, LINK, BYTECODE, FOLDER = "file", "script", "record", "link", "bytecode", "folder"


class Installed(NamedTuple):
    """One file of a release.

    Attributes:
        path: Relative to the release.
        kind: One of the kinds above.
        mode: Permission bits.
        size: In bytes.
        sha256: Digest of the content; of a link, its target; of a folder (listed only when it is empty), ''.
        wheel: SHA-256 of the wheel that it came from, of all of them joined by ``+`` where several bring the
            same file; '' for what the environment itself consists of.
    """

    path: str
    kind: str
    mode: int
    size: int
    sha256: str
    wheel: str

    def wheels(self) -> list[str]:
        """Return the SHA-256 of each wheel that it came from."""
        return self.wheel.split(SHARED) if self.wheel else []


def encode_files(files: Sequence[Installed]) -> bytes:
    """Return the bytes of ``receipt.files``: a line of six tab-separated fields per file, sorted by path."""
    lines = [f"{f.kind}\t{f.mode:o}\t{f.size}\t{f.sha256}\t{f.wheel}\t{f.path}\n" for f in sorted(files)]
    return "".join(lines).encode("utf-8", "surrogateescape")


def decode_files(data: bytes) -> list[Installed]:
    """Return what :func:`encode_files` wrote; raises ValueError for anything else."""
    files = []
    for line in data.decode("utf-8", "surrogateescape").split("\n")[:-1]:
        kind, mode, size, sha256, wheel, path = line.split("\t", 5)
        files.append(Installed(path, kind, int(mode, 8), int(size), sha256, wheel))
    return files


def read_files(release: str, receipt: Receipt) -> list[Installed] | None:
    """Return the files of a release; None where the list is gone or is not the one that the receipt names."""
    try:
        found = read_regular(os.path.join(release, FILES_FILE), MOST_BYTES)
        return decode_files(found[0]) if found and digest_bytes(found[0]) == receipt.files else None
    except (OSError, ValueError):
        return None


def write_files(release: str, files: Sequence[Installed], mode: int) -> str:
    """Write ``receipt.files`` and return its digest."""
    data = encode_files(files)
    write_atomic(os.path.join(release, FILES_FILE), data, mode, owner=owner_of(release))
    return digest_bytes(data)
