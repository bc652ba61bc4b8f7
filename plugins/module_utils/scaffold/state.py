# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file ``.scaffold.json``: the digests of what was rendered, so that ours unchanged is told from edited.

It is committed with the files. So it holds no time and no host, and what it says is read as somebody else's word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.options import STATE_FILE, bad_path

SCHEMA = 1
_DIGEST = re.compile("[0-9a-f]{64}")
_KEYS = {"schema", "files", "writing"}


class State(NamedTuple):
    """What was rendered.

    Attributes:
        files: SHA-256 by path, as it was written.
        writing: The same, of what an interrupted run was about to write.
    """

    files: Mapping[str, str]
    writing: Mapping[str, str] = {}

    def names(self, path: str) -> bool:
        """Whether a run wrote a file at ``path``, or was about to."""
        return path in self.files or path in self.writing

    def is_ours(self, path: str, data: bytes) -> bool:
        """Whether ``data`` was written by a run. What git did to the ends of lines (core.autocrlf) is nobody's edit."""
        digests = (digest_bytes(data), digest_bytes(data.replace(b"\r\n", b"\n")))
        return any(digest in (self.files.get(path), self.writing.get(path)) for digest in digests)

    def encode(self) -> bytes:
        """Return the file; one line each, for people who merge it."""
        value = {
            "schema": SCHEMA,
            "files": dict(self.files),
            **({"writing": dict(self.writing)} if self.writing else {}),
        }
        return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"


def decode(data: bytes | None, subject: str) -> State:
    """Return the state in a file's ``data``; an empty one when there is no file.

    Raises:
        Refused: when it is anything else than what :meth:`State.encode` writes.
    """
    if data is None:
        return State({})
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA or not set(value) <= _KEYS:
        _refuse(subject)
    return State(_digests(value.get("files"), subject), _digests(value.get("writing", {}), subject))


def _digests(value: Any, subject: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(
        isinstance(one, str) and _DIGEST.fullmatch(one) for one in value.values()
    ):
        _refuse(subject)
    if any(bad_path(subject, path) for path in value):
        _refuse(subject)
    return dict(value)


def _refuse(subject: str) -> NoReturn:
    step = f"Take the file of one side where a merge left both; or remove {STATE_FILE}: then all files count as edited."
    refuse(subject, "expected the digests that a run wrote, found something else.", step)
