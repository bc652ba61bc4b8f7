# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Personal trees of several people: what can be known is refused first, then each person is on their own."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, run_process
from ansible_collections.netdevops.python.plugins.module_utils.people.accounts import Person, find_people
from ansible_collections.netdevops.python.plugins.module_utils.people.options import Asked
from ansible_collections.netdevops.python.plugins.module_utils.people.plan import Wish
from ansible_collections.netdevops.python.plugins.module_utils.people.rights import with_rights
from ansible_collections.netdevops.python.plugins.module_utils.people.shared import Shared, read_shared
from ansible_collections.netdevops.python.plugins.module_utils.people.work import converge

# Bytes of all that is told of single people at length, and what is told of everybody.
MOST_TOLD = 200_000
SHORT = ("changed", "root", "steps")


class Edges(NamedTuple):
    """What touches the world outside.

    Attributes:
        people: Looks up accounts.
        rights: Runs something with the rights of a person.
        run: Runs pyenv.
    """

    people: Callable[..., list[Person]] = find_people
    rights: Callable[[Person, Callable[[], Any], float], Any] = with_rights
    run: Runner = run_process


HERE = Edges()


class Failed(Refused):
    """Raised when some people could not be served; the others were.

    Args:
        problems: What is wrong, of all people.
        result: The module's result of those who were served.
    """

    def __init__(self, problems: Sequence[Problem], served: dict[str, Any]) -> None:
        super().__init__(problems)
        self.served = served

    def result(self) -> dict[str, object]:
        """Return what a module hands to ``fail_json``."""
        return {**self.served, **super().result()}


def ensure(asked: Asked, check_mode: bool, edges: Edges = HERE) -> dict[str, Any]:
    """Bring each person's tree to what is asked, or only tell what that would take; return the module's result.

    Raises:
        Refused: before anything is written, for what is wrong with the options, the accounts or the shared tree.
        Failed: for what is wrong in somebody's home, when everybody else was served.
    """
    people = edges.people(asked.users, leaving=asked.state == "absent")
    shared = read_shared(asked.shared)
    wish, warnings = _wish(asked, shared, check_mode)
    told, problems = {}, []
    for person in people:
        work = functools.partial(
            converge,
            person,
            asked.folder,
            wish,
            asked.state == "present",
            None if check_mode else edges.run,
            asked.timeout,
        )
        try:
            told[person.name] = edges.rights(person, work, asked.timeout)
        except Refused as refused:
            problems += [problem._replace(subject=f"{person.name}: {problem.subject}") for problem in refused.problems]
    if problems:
        raise Failed(problems, _result(told))
    return {**_result(told), "warnings": warnings}


def _wish(asked: Asked, shared: Shared, check_mode: bool) -> tuple[Wish, list[str]]:
    """Return what each person is to have; in check mode, what is missing may come before it is needed."""
    if asked.state == "absent":
        return Wish(shared, asked.versions, "", False, False), []
    versions = asked.versions if asked.versions is not None else shared.versions
    problems = _missing(asked, shared, versions)
    if check_mode:
        return Wish(shared, versions, asked.pin, asked.replace_pin, asked.rehash), [
            str(problem) for problem in problems
        ]
    refuse_all(problems)
    return Wish(shared, versions, asked.pin, asked.replace_pin, asked.rehash), []


def _missing(asked: Asked, shared: Shared, versions: Sequence[str]) -> list[Problem]:
    there = ", ".join(shared.versions) or "none"
    problems = [
        Problem(
            shared.target(name),
            f"is no finished interpreter; {shared.root} has {there}.",
            "Install it with pyenv_install, or adopt it.",
        )
        for name in dict.fromkeys((*versions, *([asked.pin] if asked.pin else [])))
        if name not in shared.versions
    ]
    if not versions:
        problems.append(
            Problem(shared.root, "has no interpreter with a receipt.", "Install one with pyenv_install, or adopt it.")
        )
    if asked.rehash and not shared.has_pyenv():
        problems.append(
            Problem(
                shared.pyenv,
                "is not there, and makes the shims.",
                "Deliver it with pyenv_checkout, or set rehash: false.",
            )
        )
    return problems


def _result(told: dict[str, Any]) -> dict[str, Any]:
    """Return the module's result. A controller loses one over 700 kB, so that of very many people some are told in short."""
    room, diffs, users = MOST_TOLD, [], {}
    for name, one in told.items():
        size = len(json.dumps(one))
        is_short = not one["changed"] or size > room
        users[name] = {key: value for key, value in one.items() if key in SHORT or (key != "diff" and not is_short)}
        if not is_short:
            room -= size
            diffs.append(one["diff"])
    more = sum(one["changed"] for one in told.values()) - len(diffs)
    if more:
        diffs.append({"prepared": f"There are changes for {more} more people, which are not shown.\n"})
    return {"changed": any(one["changed"] for one in told.values()), "users": users, "diff": diffs}
