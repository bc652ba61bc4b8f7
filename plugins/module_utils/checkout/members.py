# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which members of a tar make up a pyenv, and which of them nobody should unpack."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable, Mapping
from typing import NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.unpack import stays_inside

MARK = "libexec/pyenv"
# A pyenv has 1,500 files and 11 MB. Beyond this it is something else.
MOST_MEMBERS = 50_000
MOST_BYTES = 1 << 30
ANOTHER = "Take the archive of a tag of pyenv, such as https://github.com/pyenv/pyenv/archive/refs/tags/v2.6.30.tar.gz."

# What a pyenv gathers in use: history, interpreters, shims, downloads, a program compiled for one machine.
_IN_USE = (".git", "versions", "shims", "version", "cache", "sources", ".pyenv", ".pyenv.checkouts")
_COMPILED = ".dylib"
_SHOWN = 10


def choose(members: Iterable[tarfile.TarInfo], subject: str) -> dict[str, tarfile.TarInfo]:
    """Return what is to be unpacked, by path relative to the pyenv, folders before what is in them.

    Args:
        members: Those of the tar; read one by one, so that an endless tar is noticed.
        subject: How the user knows the tar.

    Raises:
        Refused: when there is no pyenv in it, or a member that would leave its folder.
    """
    named = _by_name(members, subject)
    top = _top(named, subject)
    inside = {path[len(top) :]: member for path, member in named.items() if path.startswith(top) and path != top}
    outside = [path for path in named if not path.startswith(top) and path + "/" != top]
    chosen = {path: inside[path] for path in sorted(inside) if not _is_left_out(path)}
    problems = [Problem(subject, f"its member {path} is beside the folder {top}.", ANOTHER) for path in outside]
    problems += [problem for path in chosen for problem in _flaws(path, chosen, subject)]
    refuse_all(problems[:_SHOWN])
    return chosen


def _by_name(members: Iterable[tarfile.TarInfo], subject: str) -> dict[str, tarfile.TarInfo]:
    named: dict[str, tarfile.TarInfo] = {}
    size = 0
    for number, member in enumerate(members):
        size += member.size
        if number >= MOST_MEMBERS or size > MOST_BYTES:
            refuse(subject, f"holds more than {MOST_MEMBERS} members or {MOST_BYTES >> 20} MB.", ANOTHER)
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        if member.name.startswith("/") or ".." in parts:
            refuse(subject, f"its member {member.name!r} would leave the folder.", ANOTHER)
        path = "/".join(parts)
        if path and path in named and not (member.isdir() and named[path].isdir()):
            refuse(subject, f"holds {path!r} twice.", ANOTHER)
        if path:
            named[path] = member
    return named


def _top(named: Mapping[str, tarfile.TarInfo], subject: str) -> str:
    """Return the folder that the pyenv is in, with its slash; '' when it is at the top."""
    if MARK in named:
        return ""
    tops = [path[: -len(MARK)] for path in named if path.endswith("/" + MARK) and path.count("/") == 2]
    if len(tops) != 1:
        _refuse_other(subject)
    return tops[0]


def _refuse_other(subject: str) -> NoReturn:
    refuse(subject, f"expected a pyenv: {MARK}, at the top or in one folder; found none.", ANOTHER)


def _is_left_out(path: str) -> bool:
    return path.split("/", maxsplit=1)[0] in _IN_USE or path.endswith(_COMPILED)


def _flaws(path: str, chosen: Mapping[str, tarfile.TarInfo], subject: str) -> list[Problem]:
    member = chosen[path]
    flaws = []
    above = os.path.dirname(path)
    while above:
        if above in chosen and not chosen[above].isdir():
            flaws.append(f"its member {path!r} is below {above!r}, which is no folder.")
        above = os.path.dirname(above)
    if member.issym():
        if not stays_inside(path, member.linkname):
            flaws.append(f"its link {path!r} to {member.linkname!r} would leave the folder.")
    elif not (member.isreg() or member.isdir()):
        flaws.append(f"its member {path!r} is neither a file, a folder nor a symbolic link.")
    return [Problem(subject, flaw, ANOTHER) for flaw in flaws]
