# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The people of a host: accounts that somebody logs in with."""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

_NO_LOGIN = ("nologin", "false")


class Person(NamedTuple):
    """One account: its name, user and group id, and its home."""

    name: str
    uid: int
    gid: int
    home: str


def find_people(
    names: Sequence[str],
    account: Callable[[str], pwd.struct_passwd] = pwd.getpwnam,
    me: Callable[[], int] = os.geteuid,
    leaving: bool = False,
) -> list[Person]:
    """Return the people with these ``names``, each once, in order.

    Args:
        names: Their names.
        account: Looks one up; raises KeyError when there is none.
        me: Returns the user id of this run.
        leaving: Whether they are to have nothing any more: a name that is nobody's is passed over then, and an account that is
            closed has a home all the same.

    Raises:
        Refused: for each name that is nobody's, root's, or of an account that nobody logs in with; and when this run
            has not the right to work for one of them.
    """
    problems: list[Problem] = []
    people = []
    for name in dict.fromkeys(names):
        try:
            found = account(name)
        except (KeyError, ValueError):
            if leaving:
                continue
            problems.append(
                Problem(
                    f"user {name!r}", "this host knows no such user.", "Create the account first, or correct the name."
                )
            )
            continue
        problems += _flaws(found, me(), leaving)
        people.append(Person(found.pw_name, found.pw_uid, found.pw_gid, found.pw_dir))
    refuse_all(problems)
    return people


def _flaws(found: pwd.struct_passwd, me: int, leaving: bool) -> list[Problem]:
    subject = f"user {found.pw_name!r}"
    if found.pw_uid == 0:
        return [
            Problem(subject, "is root, and a personal tree is for people.", "Root names interpreters by their path.")
        ]
    if os.path.basename(found.pw_shell) in _NO_LOGIN and not leaving:
        return [
            Problem(
                subject,
                f"has the shell {found.pw_shell}: nobody logs in as it.",
                "Name the interpreter by its path instead.",
            )
        ]
    if not os.path.isabs(found.pw_dir) or not found.pw_dir.strip("/"):
        return [Problem(subject, f"has no home of its own, but {found.pw_dir!r}.", "Give the account a home.")]
    if me not in (0, found.pw_uid):
        return [
            Problem(
                subject,
                f"the module runs as user id {me}, which has no right to that home.",
                "Use become, or name yourself alone.",
            )
        ]
    return []
