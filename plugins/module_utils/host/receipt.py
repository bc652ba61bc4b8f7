# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receipt: what was asked of a release, what was installed, and the digest of every file of it.

Two files at the root of the release: ``receipt.json`` is short and read on every run, ``receipt.files`` has
a line per file and is read when something looks different. The first names the digest of the second, and
is written last and synced: a folder without it is no release.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import canonical_json, digest_value
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular

SCHEMA = 1
RECEIPT_FILE = "receipt.json"
FILES_FILE = "receipt.files"
INDEX_FILE = "receipt.index"
MOST_BYTES = 64 << 20
OWN_FILES = (RECEIPT_FILE, FILES_FILE, INDEX_FILE)


class Receipt(NamedTuple):
    """What ``receipt.json`` holds.

    Attributes:
        release: The release id (64 hex digits).
        asked: The options and the source that the release answers to.
        bundle: Id of the bundle; of a plain wheelhouse, of the manifest compiled from it.
        interpreter: ``path``, ``version``, ``target`` and ``sha256`` of the executable.
        packages: ``[name, version, sha256 of the wheel]`` per package, sorted.
        owner: User and group id of every file.
        files: SHA-256 of ``receipt.files``.
        lock: SHA-256 of the lock that the bundle was compiled from; '' in receipts of before it was written down.
    """

    release: str
    asked: Mapping[str, Any]
    bundle: str
    interpreter: Mapping[str, str]
    packages: Sequence[Sequence[str]]
    owner: Sequence[int]
    files: str
    lock: str = ""

    def encode(self) -> bytes:
        """Return the bytes of ``receipt.json``."""
        return canonical_json({"schema": SCHEMA, **self._asdict()})

    def versions(self) -> dict[str, str]:
        """Return the version of each package by its name."""
        return {package[0]: package[1] for package in self.packages}


def release_id(asked: Mapping[str, Any], version: str, target: str, packages: Sequence[Sequence[str]]) -> str:
    """Return the id of the release of these wheels, for this interpreter and these options."""
    wanted = {"asked": dict(asked), "interpreter": [version, target], "packages": [list(p) for p in packages]}
    return digest_value(wanted)


def read_receipt(release: str) -> Receipt | None:
    """Return the receipt of the release in the folder ``release``; None where it has none that can be believed."""
    try:
        found = read_regular(os.path.join(release, RECEIPT_FILE), MOST_BYTES)
        plain = json.loads(found[0] if found else b"")
        if plain.pop("schema") != SCHEMA:
            return None
        receipt = Receipt(**plain)
        return receipt if _is_whole(receipt) else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return None


def _is_whole(receipt: Receipt) -> bool:
    """Whether a receipt has all parts and its id is that of its content; may raise for what is no receipt at all."""
    interpreter, asked = receipt.interpreter, receipt.asked
    computed = release_id(asked, interpreter["version"], interpreter["target"], receipt.packages)
    texts = [interpreter[key] for key in ("path", "version", "target", "sha256")]
    texts += [receipt.bundle, receipt.files, receipt.lock, asked["source"]]
    for name, version, sha256 in receipt.packages:
        texts += [name, version, sha256]
    uid, gid = receipt.owner
    return (
        computed == receipt.release
        and int(asked["mode"], 8) >= 0
        and all(isinstance(text, str) for text in texts)
        and "\0" not in "".join(texts)
        and all(isinstance(number, int) for number in (uid, gid))
    )
