# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The releases beyond those that are kept: which of them may go, and why the others may not."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.held import read_held, resolve_held
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import identity, previous
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.host.retention import Due, Retention
from ansible_collections.netdevops.python.plugins.module_utils.host.tenure import current_between, last_current
from ansible_collections.netdevops.python.plugins.module_utils.host.usage import (
    COMMAND_LINE,
    SEARCH_PATH,
    Look,
    explain,
    look_at_processes,
    started_at,
)

DAY = 86400
# A process is started a moment before it is seen, and clocks are read one after the other.
SLACK = 2


class Edges(NamedTuple):
    """What is outside: the processes, and the time."""

    look: Callable[[Iterable[str]], Look] = look_at_processes
    started: Callable[[int], float] = started_at
    now: Callable[[], float] = time.time


HERE = Edges()


class InUse(NamedTuple):
    """Releases that processes use.

    Attributes:
        releases: Why each one counts as used.
        unseen: How many processes could not be looked into.
    """

    releases: Mapping[str, str]
    unseen: int


def judge(environment: Environment, current: str, retention: Retention, edges: Edges = HERE) -> Due:
    """Return what :func:`~.due.find_due` does.

    Raises:
        Refused: for held releases that are not there.
    """
    before = read_held(environment)
    held = before if retention.hold is None else resolve_held(environment, retention.hold)
    changes = None if held == before else held
    times = last_current(environment)
    beyond = _ranked(environment, current, times)[retention.keep - 1 :]
    if not beyond:
        return Due(held=changes)
    spared = _spared(environment, current, retention, held, times, edges.now())
    open_to_question = [name for name in beyond if name not in spared]
    if not open_to_question:
        return Due((), {name: spared[name] for name in beyond}, held=changes)
    used = find_used(environment, times, edges)
    why = {**used.releases, **spared}
    return Due(
        tuple(name for name in open_to_question if name not in why),
        {name: why[name] for name in beyond if name in why},
        used.unseen,
        changes,
    )


def _ranked(environment: Environment, current: str, times: Mapping[str, float]) -> list[str]:
    """Return the releases but the current one, those first that are worth most.

    That is the one of each release id that was current last, the latest first. The others of these ids are what was repaired.
    They come after all that somebody may want to go back to, as do those whose receipt nobody believes.
    """
    latest = sorted((name for name in times if name != current), key=lambda name: times[name], reverse=True)
    first, last = dict[str, str](), []
    for name in latest:
        if identity(name) in (identity(current), *first) or read_receipt(environment.release(name)) is None:
            last.append(name)
        else:
            first[identity(name)] = name
    return [*first.values(), *last]


def judge_orphan(environment: Environment, edges: Edges = HERE) -> Due:
    """Return which releases may go of an environment that has no link: those that are neither held nor used."""
    times = last_current(environment)
    held = dict.fromkeys(read_held(environment), "is held")
    used = find_used(environment, times, edges) if set(times) - set(held) else InUse({}, 0)
    why = {**used.releases, **held}
    return Due(tuple(sorted(set(times) - set(why))), {name: why[name] for name in times if name in why}, used.unseen)


def _spared(
    environment: Environment,
    current: str,
    retention: Retention,
    held: Iterable[str],
    times: Mapping[str, float],
    now: float,
) -> dict[str, str]:
    """Return the releases that stay for another reason than that they are used, the strongest reason last."""
    youngest = now - retention.days * DAY
    recent = {
        name: f"was current {_days(now - at)} ago, and keep_days is {retention.days}"
        for name, at in times.items()
        if retention.days and at > youngest
    }
    before = previous(environment, current)
    back = {before: "a rollback goes back to it"} if before else {}
    return {**recent, **dict.fromkeys(held, "is held"), **back}


def _days(seconds: float) -> str:
    days = int(seconds // DAY)
    return "less than a day" if days < 1 else "1 day" if days == 1 else f"{days} days"


def find_used(environment: Environment, times: Mapping[str, float], edges: Edges = HERE) -> InUse:
    """Return the releases of an environment that processes use.

    A program of pure Python that was started through the link (``.venv/bin/python -m app``, or ``python`` as found
    by PATH) names no release. It counts as a user of the release that was current when it started.

    Args:
        environment: Where.
        times: When each release was current last.
        edges: What is outside.
    """
    folders = {environment.release(name): name for name in times}
    look = edges.look([*folders, environment.venv])
    used = {folders[folder]: explain(uses) for folder, uses in look.users.items() if uses and folder in folders}
    program = f"/{os.path.basename(environment.venv)}/bin/"
    known = {use.pid for folder in folders for use in look.users.get(folder, [])}
    for use in look.users.get(environment.venv, []):
        started = use.what == SEARCH_PATH or (use.what == COMMAND_LINE and program in use.detail)
        if not started or use.pid in known:
            continue
        start = edges.started(use.pid)
        for name in current_between(environment, start - SLACK, start + SLACK) if start else ():
            used.setdefault(name, f"{explain([use])}, which started while it was current")
    return InUse(used, look.unseen)
