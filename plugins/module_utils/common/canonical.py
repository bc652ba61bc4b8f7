# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Canonical JSON and SHA-256: the one way in which identities are computed."""

from __future__ import annotations

import hashlib
import json
from typing import IO, Any

CHUNK = 1 << 20


def canonical_json(value: Any) -> bytes:
    """Return ``value`` as JSON with sorted keys, no spaces, UTF-8 and a final newline.

    The same value always gives the same bytes, so that a digest of them identifies the value.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8") + b"\n"


def digest_bytes(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def digest_value(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of ``value``."""
    return digest_bytes(canonical_json(value))


def digest_file(path: str) -> str:
    """Return the SHA-256 of the file at ``path``; raises OSError when it cannot be read."""
    with open(path, "rb", buffering=0) as stream:
        return digest_stream(stream)


def digest_stream(stream: IO[bytes]) -> str:
    """Return the SHA-256 of what is left to read of ``stream``."""
    digest = hashlib.sha256()
    for chunk in iter(lambda: stream.read(CHUNK), b""):
        digest.update(chunk)
    return digest.hexdigest()
