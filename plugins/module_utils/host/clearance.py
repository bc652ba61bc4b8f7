# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clearing a host of what nothing needs: surplus releases, what interrupted runs left, and releases that lost their link.

Each environment is locked while it is worked on, and one that another run works on is passed over. Root takes away what
belongs to somebody with that person's rights: every folder of a home can become a link to somewhere else at any moment.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.common.search import PLACES
from ansible_collections.netdevops.python.plugins.module_utils.host import history
from ansible_collections.netdevops.python.plugins.module_utils.host.census import (
    KEPT,
    MANAGED,
    ORDINARY,
    ORPHANED,
    Standing,
    census,
    standing_at,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.due import find_due
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import (
    IGNORE_FILE,
    Environment,
    check_path,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.homes import Homes
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import is_free, locked
from ansible_collections.netdevops.python.plugins.module_utils.host.pruning import apply_due
from ansible_collections.netdevops.python.plugins.module_utils.host.retention import Due, Retention, parse_retention
from ansible_collections.netdevops.python.plugins.module_utils.host.rights import rights_of
from ansible_collections.netdevops.python.plugins.module_utils.host.rubbish import rubbish
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import measure, take_away

MOST_TEXT = 300
FOREIGN = "belongs to another user than the folder of releases"


class Asked(NamedTuple):
    """What is asked.

    Attributes:
        venv: One environment; '' for all below ``search``.
        search: Folders.
        leave: Environments below them that are not touched.
        retention: Which releases stay.
        orphans: Whether releases that have no link go.
        lock_timeout: Seconds to wait for another run.
        history: Where it is written down.
    """

    venv: str
    search: tuple[str, ...]
    leave: frozenset[str]
    retention: Retention
    orphans: bool
    lock_timeout: float
    history: history.History


class Cleared(NamedTuple):
    """What was done to one environment, or would be.

    Attributes:
        venv: Its path.
        release: The release that it points to; '' for an orphan.
        bundle: Id of the bundle of that.
        due: The releases that go or went, and those that were spared.
        swept: Names of what interrupted runs left.
        freed: Bytes of the disk.
    """

    venv: str
    release: str
    bundle: str
    due: Due
    swept: tuple[str, ...] = ()
    freed: int = 0

    def actions(self) -> tuple[Action, ...]:
        """Return the steps."""
        place, why = Environment(self.venv), "more releases than keep" if self.release else "no link leads to it"
        held = self.due.held
        hold = () if held is None else (Action("hold", ", ".join(held) or "no release", "others are held than before"),)
        prune = tuple(Action("prune", place.release(name), why) for name in self.due.go)
        sweep = tuple(Action("sweep", place.release(name), "left by an interrupted run") for name in self.swept)
        return (*hold, *prune, *sweep)

    def as_dict(self) -> dict[str, Any]:
        """Return what a result says of it."""
        return {
            "venv": self.venv,
            "release": self.release,
            "pruned": list(self.due.go),
            "swept": list(self.swept),
            "spared": dict(self.due.spared),
            "freed_bytes": self.freed,
        }


class Outcome:
    """What came of all environments.

    Attributes:
        cleared: Those that were looked at.
        passed_over: Why each of the others was not worked on.
        problems: What went wrong.
        warnings: What whoever reads the result should know.
        homes: Which environments were made from the interpreter of another one.
    """

    def __init__(self, homes: Homes) -> None:
        self.homes = homes
        self.cleared: list[Cleared] = []
        self.passed_over: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.warnings: list[str] = []


def asked_of(params: Mapping[str, Any]) -> Asked:
    """Return what the parameters of ``wheelhouse_prune`` ask for.

    Raises:
        Refused: for values that make no sense.
    """
    return Asked(
        venv=check_path(params["venv"]).venv if params.get("venv") else "",
        search=PLACES if params.get("search") is None else tuple(path for path in params["search"] if path),
        leave=frozenset(check_path(path).venv for path in params.get("leave") or () if path),
        retention=parse_retention(params),
        orphans=bool(params.get("orphans")),
        lock_timeout=params["lock_timeout"],
        history=history.history_of(params),
    )


def clear(asked: Asked, check_mode: bool) -> Outcome:
    """Clear one environment, or all that there are, of what retention lets go.

    Raises:
        Refused: when there is one environment and it cannot be done.
    """
    around = (*PLACES, os.path.dirname(asked.venv)) if asked.venv else asked.search
    outcome = Outcome(Homes(around))
    for standing in _standings(asked, outcome):
        try:
            reason = _passed_over(standing, asked)
            if reason:
                outcome.passed_over[standing.path] = reason
            else:
                _clear_one(standing, asked, check_mode, outcome)
        except Refused as refused:
            if asked.venv:
                raise
            _note(standing, refused, outcome)
        except OSError as error:
            subject = str(error.filename or standing.path)
            step = "See to it and run again; what belongs to no release is swept then."
            outcome.problems.append(Problem(subject, f"{error.strerror or error}.", step))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not keep the others from being cleared
            said = f"could not be cleared: {type(error).__name__}: {str(error)[:MOST_TEXT]}."
            outcome.problems.append(Problem(standing.path, said, "Look at what is in its folder of releases."))
    return outcome


def _note(standing: Standing, refused: Refused, outcome: Outcome) -> None:
    """A busy environment is for the next run; anything else is a problem."""
    if all("is busy" in problem.message for problem in refused.problems):
        outcome.passed_over[standing.path] = "is busy: another run is at work on it"
        outcome.warnings.append(f"{standing.path} was passed over: another run is at work on it.")
    else:
        outcome.problems += refused.problems


def _standings(asked: Asked, outcome: Outcome) -> list[Standing]:
    if not asked.venv:
        unreadable: list[str] = []
        found = census(asked.search, unreadable)
        outcome.passed_over.update(dict.fromkeys(unreadable, "may not be looked into"))
        leave = {_real(path) for path in asked.leave}
        return [one for one in found if _real(one.path) not in leave and one.kind not in (ORDINARY, KEPT)]
    standing = standing_at(asked.venv)
    if standing is None:
        outcome.passed_over[asked.venv] = "there is no environment"
    return [standing] if standing else []


def _real(path: str) -> str:
    """Return the one name of an environment's place, whatever links lead there; the environment is a link itself."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _passed_over(standing: Standing, asked: Asked) -> str:
    """Return why nothing is done to an environment; '' where something may be."""
    if standing.kind == ORPHANED and not asked.orphans:
        return standing.detail if standing.strangers else f"{standing.detail}; orphans=true removes them"
    if standing.strangers:  # Whose they are, nobody knows: the folder is left to a person.
        return standing.detail
    if standing.kind not in (MANAGED, ORPHANED):
        return standing.detail
    owner = os.lstat(Environment(standing.path).releases).st_uid
    if os.geteuid() not in (0, owner):
        return f"belongs to user id {owner}"
    return ""


def _clear_one(standing: Standing, asked: Asked, check_mode: bool, outcome: Outcome) -> None:
    environment = Environment(standing.path)
    seen = _look(standing, asked, outcome.homes, is_free(environment))
    if check_mode or not seen.actions():
        if seen.actions():
            names = (*seen.due.go, *seen.swept)
            seen = seen._replace(freed=measure(environment.release(name) for name in names))
        outcome.cleared.append(seen)
        return
    stages, owner = Stages(), _owner(environment)
    with locked(environment, asked.lock_timeout, owner, stages):
        again = standing_at(standing.path)
        if again is None or again.kind != standing.kind or again.strangers:
            outcome.passed_over[standing.path] = "another run changed it meanwhile"
            return
        seen = _look(again, asked, outcome.homes, True)
        if seen.actions():
            seen = _apply(environment, seen, asked, outcome)
        outcome.cleared.append(seen)


def _look(standing: Standing, asked: Asked, homes: Homes, is_idle: bool) -> Cleared:
    """Return what is to be done; what a run that is at work just now left is its own affair."""
    environment = Environment(standing.path)
    bundle = standing.receipt.bundle if standing.receipt else ""
    due = _due(environment, standing, asked)
    leftovers = rubbish(environment) if is_idle else ()
    foreign = _foreign(environment, (*due.go, *leftovers))
    users = {name: homes.user_of(environment.release(name)) for name in due.go if name not in foreign}
    based = {name: f"{user} was made from its interpreter" for name, user in users.items() if user}
    spared = {**due.spared, **based, **{name: FOREIGN for name in due.go if name in foreign}}
    due = due._replace(go=tuple(name for name in due.go if name not in spared), spared=spared)
    swept = tuple(name for name in leftovers if name not in foreign)
    return Cleared(standing.path, standing.release, bundle, due, swept)


def _due(environment: Environment, standing: Standing, asked: Asked) -> Due:
    if standing.kind == MANAGED:
        return find_due(environment, standing.release, asked.retention)
    # Nobody can go back to any of an orphan's. What is held or in use stays all the same.
    from ansible_collections.netdevops.python.plugins.module_utils.host.surplus import judge_orphan

    return judge_orphan(environment)


def _foreign(environment: Environment, names: Sequence[str]) -> set[str]:
    """Return what belongs to somebody else than the folder that it is in, and root would need root's rights to remove."""
    owner = _owner(environment)[0]
    if owner == 0:
        return set()
    return {name for name in names if os.lstat(environment.release(name)).st_uid != owner}


def _owner(environment: Environment) -> tuple[int, int]:
    found = os.lstat(environment.releases)
    return found.st_uid, found.st_gid


def _apply(environment: Environment, seen: Cleared, asked: Asked, outcome: Outcome) -> Cleared:
    side = {"release": seen.release, "bundle": seen.bundle}
    with history.recorded(asked.history, history.PRUNE, seen.venv, side, side) as record:
        with rights_of(*_owner(environment)):
            swept = take_away(environment, seen.swept) if seen.swept else 0
            pruned = apply_due(environment, seen.due)
        if not seen.release and not environment.names():
            _forget(environment)
        record.message = f"{len(pruned.releases)} releases removed, {swept + pruned.freed} bytes freed"
    outcome.warnings += [*record.warnings, *pruned.result().get("warnings", [])]
    return seen._replace(freed=swept + pruned.freed)


def _forget(environment: Environment) -> None:
    """Take away what is left of an environment that has no release any more: its commands, and what was written down of it."""
    from ansible_collections.netdevops.python.plugins.module_utils.host.commands import remove_commands
    from ansible_collections.netdevops.python.plugins.module_utils.host.held import HELD_FILE
    from ansible_collections.netdevops.python.plugins.module_utils.host.journal import JOURNAL_FILE

    remove_commands(environment)
    with rights_of(*_owner(environment)):
        for name in (HELD_FILE, JOURNAL_FILE, IGNORE_FILE):  # The lock goes with its holder.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(environment.release(name))


def told(outcome: Outcome) -> dict[str, Any]:
    """Return what a result says of an outcome."""
    plan = _plan(outcome.cleared)
    worth_telling = [one for one in outcome.cleared if one.actions() or one.due.spared]
    return {
        "changed": plan.changed,
        "diff": plan.diff("releases"),
        "actions": plan.summary(),
        "looked_at": len(outcome.cleared),
        "environments": [one.as_dict() for one in worth_telling],
        "pruned": [Environment(one.venv).release(name) for one in worth_telling for name in one.due.go],
        "spared": {
            Environment(one.venv).release(name): why for one in worth_telling for name, why in one.due.spared.items()
        },
        "freed_bytes": sum(one.freed for one in worth_telling),
        "passed_over": outcome.passed_over,
        **({"warnings": sorted(set(outcome.warnings))} if outcome.warnings else {}),
    }


def _plan(cleared: Sequence[Cleared]) -> Plan:
    actions = tuple(action for one in cleared for action in one.actions())
    changed = [one for one in cleared if one.actions()]
    after = {one.venv: _shown(one, gone=True) for one in changed}
    return Plan({one.venv: _shown(one, gone=False) for one in changed}, after, actions)


def _shown(one: Cleared, *, gone: bool) -> dict[str, Any]:
    left = [] if gone else [*one.due.go, *one.swept]
    stays = [name for name in (one.release, *one.due.spared) if name]
    return {"current": one.release, "others": sorted({*stays, *left} - {one.release})}
