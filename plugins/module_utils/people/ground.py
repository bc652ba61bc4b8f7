# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a path can be trusted: nobody but root and this run's user decides what is there."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Collection, Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

GROUPS = "/etc/group"
_MOST_LINKS = 40  # as the kernel counts (ELOOP)


def check_ground(path: str, lent: bool = False) -> None:
    """Check ``path`` and every folder and link on the way to it; what is not there yet is nobody's.

    Args:
        path: What is to be there.
        lent: Whether a group may write into the folder ``path`` itself, where what is in it is the group's own matter.

    Raises:
        Refused: when another user could put something else there.
    """
    end = os.path.realpath(path) if lent else ""
    refuse_all([problem for step in steps(path) for problem in _flaw(step, step == end)][:1])


def writers(found: os.stat_result, trusted: Collection[int]) -> str:
    """Return who may write beside the owner and the user ids ``trusted``: ``everybody``, ``group N``, or '' for nobody."""
    if found.st_mode & stat.S_IWOTH:
        return "everybody"
    if found.st_mode & stat.S_IWGRP and not _is_empty(found.st_gid, trusted):
        return f"group {_group_name(found.st_gid)}"
    return ""


def _is_empty(gid: int, trusted: Collection[int]) -> bool:
    """Whether nobody is in a group but root and ``trusted``.

    Such are a user's private group, and ``staff``, to which Debian gives /usr/local. Only of groups of the host itself is
    it known who is in them: a directory service does not list everybody whose primary group one is.
    """
    if not gid:
        return True
    try:
        group = grp.getgrgid(gid)
    except KeyError:
        return False
    if group.gr_name not in map(_user_name, trusted) and gid not in _groups_of_the_host():
        return False
    people = pwd.getpwall()
    named = {one.pw_name for one in people}
    inside = {one.pw_uid for one in people if one.pw_gid == gid or one.pw_name in group.gr_mem}
    return inside <= {0, *trusted} and named.issuperset(group.gr_mem)


def _groups_of_the_host() -> set[int]:
    with open(GROUPS, encoding="utf-8", errors="replace") as stream:
        fields = (line.split(":") for line in stream)
        return {int(field[2]) for field in fields if len(field) > 2 and field[2].isdigit()}


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def steps(path: str) -> Iterator[str]:
    """Yield each folder and link that the kernel meets on its way to ``path``."""
    left, here = [part for part in reversed(os.path.abspath(path).split("/")) if part], "/"
    links = 0
    yield here
    while left:
        part = left.pop()
        if part == "..":
            here = os.path.dirname(here)
            continue
        step = os.path.join(here, part)
        yield step
        if not os.path.islink(step):
            here = step
            continue
        links += 1
        if links > _MOST_LINKS:
            return
        target = os.readlink(step)
        here = "/" if target.startswith("/") else here
        left.extend(word for word in reversed(target.split("/")) if word not in ("", "."))


def _flaw(path: str, lent: bool) -> list[Problem]:
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return []
    if found.st_uid not in (0, os.geteuid()):
        return [
            Problem(
                path,
                f"belongs to user id {found.st_uid}, who could put something else there; this run is of {os.geteuid()}.",
                "Become that user, or choose another path.",
            )
        ]
    who = "" if stat.S_ISLNK(found.st_mode) or _is_sticky(found) else writers(found, {0, os.geteuid()})
    if not who or (lent and who != "everybody"):
        return []
    bits = "o-w" if who == "everybody" else "g-w"
    return [Problem(path, f"can be written by {who}.", f"Take that permission away: chmod {bits} {path}")]


def _is_sticky(found: os.stat_result) -> bool:
    """Whether it is a folder as /tmp is: nobody renames what is another one's."""
    return stat.S_ISDIR(found.st_mode) and bool(found.st_mode & stat.S_ISVTX)
