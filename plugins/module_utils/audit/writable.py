# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that decide what runs in an environment, and that others than root and its owner can write to (CWE-732)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import steps, writers

MOST_ENTRIES = 100_000


class Ground(NamedTuple):
    """What one environment stands on.

    Attributes:
        venv: Its path; '' of an interpreter that no environment stands on.
        owner: The user id that may write there beside root.
        paths: What runs and what is imported: each folder and link on the way to it counts.
    """

    venv: str
    owner: int
    paths: tuple[str, ...]


def check_writable(grounds: Iterable[Ground], missed: Callable[[str, OSError], None]) -> Iterator[Finding]:
    """Yield a finding per path that somebody else can write to, once for all environments on it.

    Args:
        grounds: What the environments stand on.
        missed: Is told of a path that cannot be looked at.
    """
    seen: dict[str, tuple[list[str], list[str]]] = {}
    for ground in grounds:
        for step in dict.fromkeys(step for path in ground.paths for step in steps(path)):
            line = _flaw(step, ground.owner, missed)
            if line:
                lines, venvs = seen.setdefault(step, ([], []))
                lines += [line] if line not in lines else []
                venvs += [ground.venv] if ground.venv and ground.venv not in venvs else []
    for path, (lines, venvs) in seen.items():
        on_it = [f"on the way to {venv}" for venv in venvs] if len(venvs) > 1 else []
        yield Finding("writable-by-others", path, (*lines, *on_it), venvs[0] if len(venvs) == 1 else "")


def check_tree(venv: str, owner: int, missed: Callable[[str, OSError], None]) -> Iterator[Finding]:
    """Yield one finding where files of an ordinary environment are open to others; of a release, its receipt tells."""
    lines, count = [], 0
    for folder, folders, files in os.walk(venv):
        for name in (*folders, *files):
            count += 1
            path = os.path.join(folder, name)
            line = _flaw(path, owner, missed)
            lines += [f"{os.path.relpath(path, venv)} {line}"] if line else []
        if count > MOST_ENTRIES:
            lines.append(f"more than {MOST_ENTRIES} entries, and the rest was not looked at")
            break
    if lines:
        yield Finding("writable-by-others", venv, tuple(lines), venv)


def _flaw(path: str, owner: int, missed: Callable[[str, OSError], None]) -> str:
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        missed(path, error)
        return ""
    if found.st_uid not in (0, owner):
        return f"belongs to user id {found.st_uid}"
    # In a folder as /tmp is, nobody renames what is another one's. The bits of a link mean nothing.
    sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
    who = "" if stat.S_ISLNK(found.st_mode) or sticky else writers(found, {0, owner})
    return f"can be written by {who} (mode {stat.S_IMODE(found.st_mode):04o})" if who else ""
