# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose the files of a release are."""

from __future__ import annotations

import grp
import os
import pwd

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse


def find_owner(owner: str, group: str) -> tuple[int, int]:
    """Return the user and the group id for the names of an owner and a group, either of which may be ''.

    Raises:
        Refused: for a name that this host does not know, or an owner that this user cannot give files to.
    """
    try:
        user = pwd.getpwnam(owner) if owner else pwd.getpwuid(os.geteuid())
        uid, gid = user.pw_uid, user.pw_gid if owner else os.getegid()
    except KeyError:
        refuse(
            f"owner {owner or os.geteuid()!r}",
            "this host knows no such user.",
            "Create the account first, or name another one.",
        )
    try:
        gid = grp.getgrnam(group).gr_gid if group else gid
    except KeyError:
        refuse(f"group {group!r}", "this host knows no such group.", "Create it first, or name another one.")
    if os.geteuid() not in (0, uid):
        refuse(
            f"owner {owner!r}",
            f"the module runs as user id {os.geteuid()} and cannot give files away.",
            "Use become, or leave owner out.",
        )
    return uid, gid
