# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a path can be trusted: nobody but root and this run's user decides what is there."""

from __future__ import annotations

import functools
import grp
import os
import pwd
import stat
import struct
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

GROUPS = "/etc/group"
PEOPLE = "/etc/passwd"
ACCESS = "system.posix_acl_access"
INHERITED = "system.posix_acl_default"
_MOST_LINKS = 40  # as the kernel counts (ELOOP)
_FIRST_PERSON = 1000  # UID_MIN of login.defs(5)
_WRITE = 2
_USER, _OWN_GROUP, _GROUP, _MASK, _OTHERS = 0x02, 0x04, 0x08, 0x10, 0x20


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


def writers(found: os.stat_result, trusted: Collection[int], path: str = "") -> str:
    """Return who may write beside root, the owner and the user ids ``trusted``; '' for nobody.

    Args:
        found: What the file system says.
        trusted: User ids.
        path: Where its access control list is read; '' where that does not matter.

    Returns:
        ``everybody``, ``group N`` or ``user N``.
    """
    if found.st_mode & stat.S_IWOTH:
        return "everybody"
    # Where there is a list, these are the bits of its mask (acl(5)): without them it lets nobody else write either.
    if not found.st_mode & stat.S_IWGRP:
        return ""
    entries = access_list(path, ACCESS) if path else ()
    if not entries:
        return "" if _is_empty(found.st_gid, trusted) else f"group {_group_name(found.st_gid)}"
    return listed_writer(entries, found.st_gid, trusted)


def access_list(path: str, name: str) -> tuple[tuple[int, int, int], ...]:
    """Return tag, permissions and id of each entry of a list that a file system keeps (Linux, posix_acl_xattr.h); often none."""
    try:
        data = os.getxattr(path, name, follow_symlinks=False)
    except (OSError, AttributeError):  # no list, a file system without any, or a system without the call
        return ()
    return tuple(struct.iter_unpack("<HHI", data[4:])) if len(data) % 8 == 4 else ()


def listed_writer(entries: Collection[tuple[int, int, int]], gid: int | None, trusted: Collection[int]) -> str:
    """Return who of an access control list may write, as :func:`writers` does; ``gid`` is the group of the file."""
    mask = next((permissions for tag, permissions, _id in entries if tag == _MASK), _WRITE)
    for tag, permissions, number in entries:
        if tag == _OTHERS and permissions & _WRITE:
            return "everybody"
        if not permissions & mask & _WRITE:
            continue
        if tag == _USER and number not in (0, *trusted):
            return f"user {_user_name(number) or number}"
        group = {_OWN_GROUP: gid, _GROUP: number}.get(tag)
        if group is not None and not _is_empty(group, trusted):
            return f"group {_group_name(group)}"
    return ""


class _Group(NamedTuple):
    """A group: its name, the user ids in it, whether the host itself has it, and whether all its members are known."""

    name: str
    inside: frozenset[int]
    is_local: bool
    is_whole: bool


def _is_empty(gid: int, trusted: Collection[int]) -> bool:
    """Whether nobody is in a group but root and ``trusted``.

    Such are a user's private group, and ``staff``, to which Debian gives /usr/local. Only of groups of the host itself is
    it known who is in them: a directory service does not list everybody whose primary group one is.
    """
    group = _group(gid, (GROUPS, *map(_stamp, (GROUPS, PEOPLE))))
    if group is None or not (group.is_local or group.name in map(_user_name, trusted)):
        return False
    return group.is_whole and group.inside <= {0, *trusted}


def _stamp(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=256)
def _group(gid: int, _stamps: tuple[str, int, int]) -> _Group | None:
    """Return what is known of a group; it takes milliseconds, and environments have thousands of files of one group."""
    people = pwd.getpwall()
    try:
        group = grp.getgrgid(gid)
    except KeyError:
        if gid:
            return None
        group = grp.struct_group(("root", "x", 0, []))
    # Red Hat and Alpine have accounts of the system, such as sync and halt, in the group of root, where nobody logs in.
    inside = {one.pw_uid for one in people if one.pw_gid == gid and (gid or one.pw_uid >= _FIRST_PERSON)}
    inside |= {one.pw_uid for one in people if one.pw_name in group.gr_mem}
    is_whole = {one.pw_name for one in people}.issuperset(group.gr_mem)
    return _Group(group.gr_name, frozenset(inside), not gid or gid in _groups_of_the_host(), is_whole)


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
    who = "" if stat.S_ISLNK(found.st_mode) or _is_sticky(found) else writers(found, {0, os.geteuid()}, path)
    if not who or (lent and who != "everybody"):
        return []
    # Of a list the bits of the group are the mask: they take it from all whom it names.
    bits = "o-w" if who == "everybody" else "g-w"
    return [Problem(path, f"can be written by {who}.", f"Take that permission away: chmod {bits} {path}")]


def _is_sticky(found: os.stat_result) -> bool:
    """Whether it is a folder as /tmp is: nobody renames what is another one's."""
    return stat.S_ISDIR(found.st_mode) and bool(found.st_mode & stat.S_ISVTX)
