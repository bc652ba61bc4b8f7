# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of files that are named by their SHA-256, shared by all builds of a user."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file


class WrongDigest(Exception):
    """What was stored is not what was announced; nothing was kept."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found


def default_folder(environ: Mapping[str, str]) -> str:
    """Return the cache of the user (XDG base directory specification)."""
    base = environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "netdevops-python")


class Cache:
    """Files by digest, below ``folder``; each is checked when it comes in and when it is found."""

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, "files")

    def path(self, sha256: str) -> str:
        """Return where the file of this digest is, or would be."""
        return os.path.join(self._folder, sha256[:2], sha256)

    def find(self, sha256: str) -> str:
        """Return the path of the file when it is there and whole, else ''."""
        path = self.path(sha256)
        try:
            return path if digest_file(path) == sha256 else ""
        except OSError:
            return ""

    def store(self, chunks: Iterable[bytes], sha256: str) -> int:
        """Keep a file while it streams by, and return its size in bytes.

        Raises:
            WrongDigest: when its digest is another.
            OSError: when the cache cannot be written.
        """
        path = self.path(sha256)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".tmp-", dir=os.path.dirname(path))
        try:
            with os.fdopen(descriptor, "wb") as stream:
                digest = hashlib.sha256()
                for chunk in chunks:
                    digest.update(chunk)
                    stream.write(chunk)
                size = stream.tell()
            if digest.hexdigest() != sha256:
                raise WrongDigest(digest.hexdigest())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        return size
