# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index of a release: what ``stat`` said of every file when its content was last known to be right.

It is to the receipt what git's index is to its objects: a cache that may be lost or stale at no harm. Its
first line is one digest over everything, so that a converged run compares one value and parses nothing.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.files import owner_of, write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import INDEX_FILE, RECEIPT_FILE
from ansible_collections.netdevops.python.plugins.module_utils.host.walk import Seen, Stat, stats_of, walk

MOST_BYTES = 1 << 28


class Index(NamedTuple):
    """What ``receipt.index`` holds: the digest of a walk, that of ``receipt.json``, and the stats by path."""

    digest: str
    receipt: str
    stats: dict[str, Stat]


def read_index(release: str) -> Index:
    """Return the whole index; an empty one where it is missing or cannot be read."""
    try:
        found = read_regular(os.path.join(release, INDEX_FILE), MOST_BYTES)
        digest, receipt, length, rest = (found[0] if found else b"").split(b"\n", 3)
        names, numbers = rest[: int(length)], rest[int(length) :]
        return Index(digest.decode("ascii"), receipt.decode("ascii"), stats_of(names, numbers))
    except (OSError, ValueError):
        return Index("", "", {})


def write_index(release: str, interpreter: str, mode: int) -> None:
    """Walk the release and keep what was seen. The content must just have been proven right.

    After three lines (the digest of the walk, that of ``receipt.json``, the length of the names) come the
    names and the numbers as they are: writing 20,000 lines took as long as the walk.
    """
    seen = walk(release, interpreter)
    head = f"{seen.digest}\n{digest_file(os.path.join(release, RECEIPT_FILE))}\n{len(seen.names)}\n"
    # A run that is killed here leaves a file beside the release, not in it, where it would be drift.
    path, aside = os.path.join(release, INDEX_FILE), os.path.dirname(release)
    data = head.encode("ascii") + seen.names + seen.numbers
    write_atomic(path, data, mode, aside=aside, owner=owner_of(release))


def changes(before: Seen, after: Seen) -> list[str]:
    """Return what happened between two walks, a line each; bytecode that Python wrote is nothing that happened."""
    lines = [f"deleted: {path}" for path in before.stats if path not in after.stats]
    for path, found in after.stats.items():
        if path not in before.stats:
            lines += [] if _is_cache(path) else [f"added: {path}"]
        elif found != before.stats[path]:
            lines.append(f"edited: {path}")
    return lines


def _is_cache(path: str) -> bool:
    return "__pycache__" in path.split("/")[-2:]
