# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback: an environment is pointed at a release that is still there, once every file of that has proven to be right.

It needs no bundle and no network, and deletes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import owner_of
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, run_process
from ansible_collections.netdevops.python.plugins.module_utils.host import history, journal
from ansible_collections.netdevops.python.plugins.module_utils.host.destination import Side, Way, find_way, others
from ansible_collections.netdevops.python.plugins.module_utils.host.drift import Drift, examine
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment, check_path
from ansible_collections.netdevops.python.plugins.module_utils.host.index import write_index
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import check_owner, locked
from ansible_collections.netdevops.python.plugins.module_utils.host.packages import compare
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.start import start
from ansible_collections.netdevops.python.plugins.module_utils.host.switch import switch

MOST_FILES = 10
STAYS = "The environment still is what it was."
UNDONE = "The next run that installs brings what the inventory asks for: change that too."


class Wish(NamedTuple):
    """What is asked.

    Attributes:
        environment: Where.
        release: The name of a release, or its first characters; '' for the one that was current before.
        leaving: The release or the bundle that is to be left, or its first characters; '' for whatever is current.
        prove_again: Whether what was declared to work in that release must work again; else its interpreter alone.
        prove_timeout: Seconds for each proof.
        lock_timeout: Seconds to wait for another run.
        history: Where it is written down.
    """

    environment: Environment
    release: str
    leaving: str
    prove_again: bool
    prove_timeout: float
    lock_timeout: float
    history: history.History


def roll_back(params: Mapping[str, Any], check_mode: bool, run: Runner = run_process) -> dict[str, Any]:
    """Bring an environment back to an earlier release, or forward to a later one, and return the module's result.

    Args:
        params: The parameters of ``wheelhouse_rollback``.
        check_mode: Write nothing.
        run: Starts programs.

    Raises:
        Refused: when there is no such release, or it is not what its receipt says; the environment then is what it was.
    """
    wish = _wish(params)
    environment, stages = wish.environment, Stages()
    with stages.stage("look", environment.venv):
        # Once before the lock, which would make the folders of an environment that is not there.
        way = find_way(environment, wish.release, wish.leaving)
        owner = owner_of(environment.releases)
        check_owner(environment, owner[0])
    if check_mode:
        if way.start.name != way.to.name:
            # Commands that were declared may do what a check must not: the interpreter alone is started.
            _check(wish._replace(prove_again=False), way, stages, run)
        return _result(environment, way, stages)
    with locked(environment, wish.lock_timeout, owner, stages):
        with stages.stage("look", environment.venv):
            way = find_way(environment, wish.release, wish.leaving)
        if way.start.name == way.to.name:
            return _result(environment, way, stages)
        record = _go(wish, way, stages, run)
    return record.told(_result(environment, way, stages))


def _wish(params: Mapping[str, Any]) -> Wish:
    return Wish(
        environment=check_path(params["venv"]),
        release=(params.get("release") or "").strip(),
        leaving=(params.get("leaving") or "").strip(),
        prove_again=bool(params.get("prove_again")),
        prove_timeout=params["prove_timeout"],
        lock_timeout=params["lock_timeout"],
        history=history.history_of(params),
    )


def _go(wish: Wish, way: Way, stages: Stages, run: Runner) -> history.Record:
    """Verify, prove and switch; return what was written down."""
    environment = wish.environment
    sides = [{"release": side.name, "bundle": side.bundle} for side in (way.start, way.to)]
    with history.recorded(wish.history, history.ROLLBACK, environment.venv, sides[0], sides[1]) as record:
        receipt, stale = _check(wish, way, stages, run)
        with stages.stage("switch", environment.venv), journal.noted(environment, way.to.name, journal.ROLLBACK):
            switch(environment, way.to.name)
        # A cache: without it the next run reads more, and a disk that is full fails nothing.
        with contextlib.suppress(OSError):
            if stale:
                mode = int(receipt.asked["mode"], 8) & 0o666
                write_index(environment.release(way.to.name), receipt.interpreter["path"], mode)
    return record


def _check(wish: Wish, way: Way, stages: Stages, run: Runner) -> tuple[Receipt, bool]:
    """Verify and prove the release to go to; return its receipt, and whether its index is stale."""
    root, receipt = wish.environment.release(way.to.name), way.to.receipt
    if receipt is None:
        refuse(root, "has no receipt that can be believed.", f"Install its bundle again; else {_else(wish, way)}")
    with stages.stage("verify", root):
        verdict = examine(root, receipt, "content")
    if verdict.drift:
        refuse(
            root,
            f"expected each file as its receipt has it, found {len(verdict.drift)} otherwise: {_some(verdict.drift)}.",
            f"Install its bundle {receipt.bundle} again, which repairs it; else {_else(wish, way)}",
        )
    with stages.stage("prove", root):
        _prove(wish, way, receipt, run)
    return receipt, verdict.stale


def _prove(wish: Wish, way: Way, receipt: Receipt, run: Runner) -> None:
    root, interpreter = wish.environment.release(way.to.name), receipt.interpreter["path"]
    uid, gid = _runs_as(wish.environment, receipt)
    if not wish.prove_again:
        start(run, root, wish.prove_timeout, (uid, gid), f"See what changed on the host; else {_else(wish, way)}")
        return
    from ansible_collections.netdevops.python.plugins.module_utils.host.proof import parse_proofs
    from ansible_collections.netdevops.python.plugins.module_utils.host.proving import prove_unchanged

    try:
        proofs = parse_proofs(receipt.asked.get("prove"))
        prove_unchanged(run, root, interpreter, proofs, wish.prove_timeout, (uid, gid))
    except Refused as refused:
        step = f"See what changed on the host; else {_else(wish, way)}"
        raise Refused([_of_release(problem, way.to.name, step) for problem in refused.problems]) from None


def _runs_as(environment: Environment, receipt: Receipt) -> tuple[int, int]:
    """Return as whom programs of a release are started.

    Whoever owns the folder of releases can write any receipt there, and in a moment any program: never more than that person's rights.
    """
    uid, gid = owner_of(environment.releases)
    named = (int(receipt.owner[0]), int(receipt.owner[1]))
    return named if uid == 0 else (uid, gid)


def _of_release(problem: Any, name: str, step: str) -> Any:
    return problem._replace(message=problem.message.replace("the new release", f"release {name}"), next_step=step)


def _else(wish: Wish, way: Way) -> str:
    return f"{others(wish.environment, way)}. {STAYS}"


def _some(drift: Sequence[Drift]) -> str:
    some = ", ".join(f"{item.what}: {item.path}" for item in drift[:MOST_FILES])
    return some + (f" and {len(drift) - MOST_FILES} more" if drift[MOST_FILES:] else "")


def _result(environment: Environment, way: Way, stages: Stages) -> dict[str, Any]:
    plan = _plan(environment, way)
    name = way.to.name
    at = f"{environment.venv} is at {f'release {name}' if name else 'none of its releases'}"
    return {
        "changed": plan.changed,
        "msg": f"{at}. {UNDONE}" if plan.changed else _stays(at, way),
        "diff": plan.diff(environment.venv),
        "actions": plan.summary(),
        "release": name,
        "previous": way.start.name,
        "bundle_id": way.to.bundle,
        "packages": compare(way.start.packages, way.to.packages),
        "seconds": dict(stages.seconds),
    }


def _stays(at: str, way: Way) -> str:
    return f"{at}, and has left the one that `leaving` says already." if way.has_left else f"{at} already."


def _plan(environment: Environment, way: Way) -> Plan:
    before, after = (_shown(side) for side in (way.start, way.to))
    if way.start.name == way.to.name:
        return Plan(before, before)
    was = f"it points to {way.elsewhere}" if way.elsewhere else ""
    was += ", which is none of its releases" if was and not way.start.name else ""
    return Plan(before, after, (Action("switch", f"{environment.venv} -> {way.to.name}", was),))


def _shown(side: Side) -> dict[str, Any]:
    return {"release": side.name, "bundle": side.bundle, "packages": side.packages}
