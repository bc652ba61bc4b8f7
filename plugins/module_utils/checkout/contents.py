# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a checkout of pyenv, told in a way that shows any change."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping

from ansible_collections.netdevops.python.plugins.module_utils.checkout.receipt import RECEIPT
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file


def contents(folder: str) -> dict[str, str]:
    """Return by relative path: kind, permissions, and the digest of a file or the target of a link.

    Raises:
        OSError: when something cannot be read.
    """
    return dict(_walk(folder, ""))


def strangers(folder: str, owner: tuple[int, int]) -> Iterator[str]:
    """Yield the relative paths of what is not ``owner``'s (user and group id)."""
    for path in (folder, *_paths(folder)):
        found = os.lstat(path)
        if (found.st_uid, found.st_gid) != owner:
            yield os.path.relpath(path, folder)


def difference(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Return what was changed, is missing or was added, in order of the paths."""
    words = []
    for path in sorted({**expected, **found}):
        if path not in found:
            words.append(f"{path} is missing")
        elif path not in expected:
            words.append(f"{path} was added")
        elif expected[path] != found[path]:
            words.append(f"{path} was changed")
    return words


def _paths(folder: str) -> Iterator[str]:
    for above, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield os.path.join(above, name)


def _walk(folder: str, below: str) -> Iterator[tuple[str, str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = below + entry.name
            if path == RECEIPT:
                continue
            yield path, _describe(entry)
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, path + "/")


def _describe(entry: os.DirEntry[str]) -> str:
    mode = entry.stat(follow_symlinks=False).st_mode
    if stat.S_ISLNK(mode):
        return f"link {os.readlink(entry.path)}"
    bits = f"{stat.S_IMODE(mode):04o}"
    if stat.S_ISREG(mode):
        return f"file {bits} {digest_file(entry.path)}"
    return f"folder {bits}" if stat.S_ISDIR(mode) else f"special {bits}"
