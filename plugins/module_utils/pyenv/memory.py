# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a build can have, on this host and in its control group."""

from __future__ import annotations

import os

UNLIMITED = 1 << 60
CGROUP = "/sys/fs/cgroup"
# cgroup v2 (of a container, its own root), then v1.
LIMITS = (
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
)
# What a group uses counts the cache of the files that it read, which the kernel takes back when memory is short.
CACHE = ("active_file", "inactive_file")


def free_memory(meminfo: str = "/proc/meminfo", cgroup: str = CGROUP) -> int:
    """Return how many bytes a build can have: what is available and swap, or less where a control group limits it."""
    return min(_of_host(meminfo), _of_group(cgroup))


def _of_host(meminfo: str) -> int:
    try:
        with open(meminfo, encoding="ascii", errors="replace") as stream:
            pairs = (line.split() for line in stream)
            found = {words[0]: int(words[1]) for words in pairs if len(words) > 1 and words[1].isdigit()}
    except OSError:
        return UNLIMITED
    if "MemAvailable:" not in found:
        return UNLIMITED
    return (found["MemAvailable:"] + found.get("SwapFree:", 0)) * 1024


def _of_group(cgroup: str) -> int:
    for names in LIMITS:
        limit, usage, statistics = (os.path.join(cgroup, name) for name in names)
        most, now = _number(limit), _number(usage)
        if most is not None and now is not None:
            return max(0, most - max(0, now - _cached(statistics)))
    return UNLIMITED


def _cached(path: str) -> int:
    try:
        with open(path, encoding="ascii", errors="replace") as stream:
            pairs = (line.split() for line in stream)
            return sum(int(words[1]) for words in pairs if len(words) == 2 and words[0] in CACHE)
    except (OSError, ValueError):
        return 0


def _number(path: str) -> int | None:
    try:
        with open(path, encoding="ascii", errors="replace") as stream:
            text = stream.read().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
