# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second reader of receipts: it shares no code with the one that it judges."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import stat

OWN = ("receipt.json", "receipt.files", "receipt.index")
# What stands beside the releases of an environment.
OWN_STATE = (".lock", ".journal", ".held", ".commands", ".kept")


def mismatches(release: pathlib.Path) -> list[str]:
    """Return every way in which a release is not what its receipt says, computed from the bytes on the disk."""
    receipt = json.loads((release / "receipt.json").read_bytes())
    listing = (release / "receipt.files").read_bytes()
    wrong = (
        []
        if hashlib.sha256(listing).hexdigest() == receipt["files"]
        else ["receipt.files is not the one of the receipt"]
    )
    rows = [line.split("\t", 5) for line in listing.decode("utf-8", "surrogateescape").splitlines()]
    for kind, mode, size, sha256, _wheel, path in rows:
        wrong += _file(release / path, kind, int(mode, 8), int(size), sha256, receipt["owner"])
    listed = {row[5] for row in rows}
    there = {
        os.path.relpath(os.path.join(root, name), release)
        for root, _folders, names in os.walk(release)
        for name in names
    }
    links = {str(path.relative_to(release)) for path in release.rglob("*") if path.is_symlink()}
    return wrong + [f"{path}: not listed" for path in sorted((there | links) - listed - set(OWN))]


def _file(path: pathlib.Path, kind: str, mode: int, size: int, sha256: str, owner: list[int]) -> list[str]:
    try:
        seen = path.lstat()
    except FileNotFoundError:
        return [f"{path}: missing"]
    found = _content(path, kind)
    wrong = [] if found == (sha256, size) else [f"{path}: content {found}, receipt {sha256, size}"]
    if [seen.st_uid, seen.st_gid] != owner:
        wrong.append(f"{path}: owner")
    if kind != "link" and stat.S_IMODE(seen.st_mode) != mode:
        wrong.append(f"{path}: mode {seen.st_mode:o}, receipt {mode:o}")
    return wrong


def _content(path: pathlib.Path, kind: str) -> tuple[str, int]:
    if kind == "link":
        return os.readlink(path), 0
    if kind == "folder":
        return "", 0
    data = path.read_bytes()
    return hashlib.sha256(data).hexdigest(), len(data)
