# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that decide what runs in an environment, and that others than root and its owner can write to (CWE-732)."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import (
    INHERITED,
    access_list,
    listed_writer,
    steps,
    writers,
)

MOST_ENTRIES = 100_000


class Ground(NamedTuple):
    """What one environment stands on.

    Attributes:
        venv: Its path; '' of an interpreter that no environment stands on.
        owner: The user id that may write there beside root.
        paths: What runs and what is imported: each folder and link on the way to it counts.
        inside: The folder in which nobody else may add anything either, where that is not the environment.
    """

    venv: str
    owner: int
    paths: tuple[str, ...]
    inside: str = ""


def check_writable(grounds: Iterable[Ground], missed: Callable[[str, OSError], None]) -> Iterator[Finding]:
    """Yield a finding per path that somebody else can write to, once for all environments on it.

    Args:
        grounds: What the environments stand on.
        missed: Is told of a path that cannot be looked at.
    """
    seen: dict[str, tuple[list[str], list[str]]] = {}
    for ground in grounds:
        for step, is_way in _steps(ground).items():
            line = _flaw(step, ground.owner, missed, is_way=is_way)
            if line:
                lines, venvs = seen.setdefault(step, ([], []))
                lines += [line] if line not in lines else []
                venvs += [ground.venv] if ground.venv and ground.venv not in venvs else []
    for path, (lines, venvs) in seen.items():
        on_it = [f"on the way to {venv}" for venv in venvs] if len(venvs) > 1 else []
        yield Finding("writable-by-others", path, (*lines, *on_it), venvs[0] if len(venvs) == 1 else "")


def _steps(ground: Ground) -> dict[str, bool]:
    """Return each folder and link of a ground, and whether it only is on the way there."""
    top = os.path.realpath(ground.inside or ground.venv) if ground.inside or ground.venv else ""
    found: dict[str, bool] = {}
    for path in ground.paths:
        end = os.path.realpath(path)
        last = end if os.path.isdir(end) else os.path.dirname(end)
        for step in steps(path):
            is_inside = step in (end, last, top) or (bool(top) and step.startswith(f"{top}/"))
            found[step] = found.get(step, True) and not is_inside
    return found


def check_tree(
    top: str, owner: int, missed: Callable[[str, OSError], None], *, is_environment: bool = True
) -> Iterator[Finding]:
    """Yield one finding where files below a folder are open to others; of a release, its receipt tells.

    Args:
        top: The folder.
        owner: The user id that may write there beside root.
        missed: Is told of what cannot be looked at, and of the folder itself where it holds too much.
        is_environment: Whether the folder is an environment.
    """

    def unlisted(error: OSError) -> None:
        # What is not there is no trouble.
        if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
            missed(str(error.filename), error)

    lines, count = [], 0
    for folder, folders, files in os.walk(top, onerror=unlisted):
        for name in (*folders, *files):
            count += 1
            path = os.path.join(folder, name)
            line = _flaw(path, owner, missed)
            lines += [f"{os.path.relpath(path, top)} {line}"] if line else []
        if count > MOST_ENTRIES:
            missed(top, OSError(errno.E2BIG, f"more than {MOST_ENTRIES} entries, and the rest was not looked at"))
            break
    if lines:
        yield Finding("writable-by-others", top, tuple(lines), top if is_environment else "")


def _flaw(path: str, owner: int, missed: Callable[[str, OSError], None], *, is_way: bool = False) -> str:
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        missed(path, error)
        return ""
    is_folder = stat.S_ISDIR(found.st_mode)
    # In a folder as /tmp is, nobody renames what is another one's; but anybody adds what Python then imports.
    is_sticky = is_way and is_folder and found.st_mode & stat.S_ISVTX
    if found.st_uid not in (0, owner):
        return f"belongs to user id {found.st_uid}"
    # The bits of a link mean nothing.
    who = "" if stat.S_ISLNK(found.st_mode) or is_sticky else writers(found, {0, owner}, path)
    if who:
        return f"can be written by {who} (mode {stat.S_IMODE(found.st_mode):04o})"
    heir = listed_writer(access_list(path, INHERITED), None, {0, owner}) if is_folder and not is_way else ""
    return f"lets {heir} write to what is made in it (default access control list)" if heir else ""
