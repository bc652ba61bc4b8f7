# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The homes of a host: those of its accounts, and the folders where homes are."""

from __future__ import annotations

import os

from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader

# Accounts of a directory service are in no file of the host; their homes are here.
FOLDER = "/home"
# What many service accounts have in place of a home.
NO_HOMES = frozenset(
    ("/", "/bin", "/dev", "/etc", "/nonexistent", "/proc", "/run", "/sbin", "/sys", "/usr", "/var", "/var/empty")
)


def find_homes(reader: Reader) -> list[str]:
    """Return the home of each account in ``/etc/passwd``, and each folder in ``/home``; each once, sorted."""
    rows = [line.split(":") for line in (reader.text("/etc/passwd") or "").splitlines()]
    named = [os.path.normpath(row[5]) for row in rows if len(row) > 5 and row[5].startswith("/")]
    beside = [f"{FOLDER}/{name}" for name in reader.names(FOLDER)]
    found = {home for home in (*named, *beside) if home not in NO_HOMES}
    return sorted(home for home in found if reader.is_folder(home))
