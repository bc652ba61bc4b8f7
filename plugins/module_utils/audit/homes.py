# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The homes of a host: those of its accounts, and the folders where homes are."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader

# Accounts of a directory service are in no file of the host; their homes are here.
FOLDER = "/home"
MOST_PLACES = 10  # that a note names
# What many service accounts have in place of a home.
NO_HOMES = frozenset(
    ("/", "/bin", "/dev", "/etc", "/nonexistent", "/proc", "/run", "/sbin", "/sys", "/usr", "/var", "/var/empty")
)


def find_homes(reader: Reader, notes: list[str], mounted: Collection[str]) -> list[str]:
    """Return the home of each account in ``/etc/passwd``, and each folder in ``/home``; each once, sorted.

    A home that may not be entered is told once, here, and left out.

    Args:
        reader: Reads the host.
        notes: Gets one more where homes are on disks of other machines, which are left out: one may be dead, or there
            are as many as the company has people.
        mounted: Where file systems of other machines are mounted.
    """
    rows = [line.split(":") for line in (reader.text("/etc/passwd") or "").splitlines()]
    found = {os.path.normpath(row[5]) for row in rows if len(row) > 5 and row[5].startswith("/")}
    abroad = {_mount_of(reader, FOLDER, mounted)}
    if abroad == {""}:
        found.update(f"{FOLDER}/{name}" for name in reader.names(FOLDER))
    places = {home: _mount_of(reader, home, mounted) for home in sorted(found - NO_HOMES)}
    abroad.update(places.values())
    abroad.discard("")
    if abroad:
        notes.append(f"homes on file systems of other machines were not looked at: {_listed(sorted(abroad))}")
    return [home for home, place in places.items() if not place and _can_be_entered(reader, home)]


def _mount_of(reader: Reader, path: str, mounted: Collection[str]) -> str:
    """Return where the file system of another machine is mounted that a path is on, without touching it; '' for none.

    A host that has everything from another machine has its homes there as well: ``/`` never counts.
    """
    done = ""
    for part in path.split("/")[1:]:
        done = reader.target(f"{done}/{part}")
        if done in mounted:
            return done
    # A link may lead to the middle of one.
    return next((place for place in mounted if done.startswith(f"{place}/")), "")


def _can_be_entered(reader: Reader, home: str) -> bool:
    try:
        os.stat(f"{reader.real(home)}/.")
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        reader.missed(home, error)
        return False
    return True


def _listed(places: Sequence[str]) -> str:
    more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
    return ", ".join(places[:MOST_PLACES]) + more
