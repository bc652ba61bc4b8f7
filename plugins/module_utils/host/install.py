# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An install, from its plan to its result."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Plan
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.beside import check_release, settle, together
from ansible_collections.netdevops.python.plugins.module_utils.host.goal import Goal, read_manifest, set_goal
from ansible_collections.netdevops.python.plugins.module_utils.host.ground import find_ground
from ansible_collections.netdevops.python.plugins.module_utils.host.history import (
    INSTALL,
    PRUNE,
    Record,
    history_of,
    recorded,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import pointed
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.packages import compare
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import (
    Survey,
    drift_lines,
    install_plan,
    survey,
    versions,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.release import open_umask
from ansible_collections.netdevops.python.plugins.module_utils.host.sharing import find_same, places
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import sweep
from ansible_collections.netdevops.python.plugins.module_utils.host.takeover import check_takeover
from ansible_collections.netdevops.python.plugins.module_utils.host.wheels import Wheels
from ansible_collections.netdevops.python.plugins.module_utils.host.work import Content, Done, Work, prune_surplus


def needs(run: Runner, options: Options, seen: Survey) -> dict[str, Any]:
    """Return what the controller must know to deliver: the kind of host, and the wheels it can do without."""
    check_takeover(options, seen.found)
    interpreter, lacking = find_ground(run, options)
    return {
        "changed": False,
        "needs": {
            "target": interpreter.target.name,
            "python_version": interpreter.version,
            "have": sorted(places(options, seen, interpreter)),
            **({"interpreter": lacking} if lacking else {}),
        },
    }


def install(
    run: Runner, options: Options, seen: Survey, path: str, check_mode: bool, brought: bool = False
) -> dict[str, Any]:
    """Bring the environment to the bundle at ``path``. ``seen`` may be without drift, unless it is for check mode.

    Args:
        run: Starts programs.
        options: What is asked.
        seen: What was found.
        path: The bundle.
        check_mode: Write nothing.
        brought: Whether an interpreter that was lacking was installed; in check mode, whether it would be by now.

    Returns:
        The module's result, or ``needs`` where the interpreter is lacking.

    Raises:
        Refused: when anything is not as it must be; the environment is then what it was.
    """
    check_takeover(options, seen.found)
    manifest = read_manifest(run, options, path)
    ground = find_ground(run, options)
    goal, selection = set_goal(options, ground.interpreter, manifest)
    if ground.lacking and not (brought and check_mode):
        return {"changed": False, "needs": {"interpreter": ground.lacking, "bundle_id": manifest.id}}
    return reach(run, goal, seen, lambda _lock: Wheels(options, ground.interpreter, selection, path), check_mode)


class Looks(NamedTuple):
    """How a run looks at what is there.

    Attributes:
        survey: Looks at the environment.
        find_same: Returns the name of a release that is what is asked and intact, for what was found; '' without one.
        check: Is called under the lock before an environment is pointed at a release that is there already; may refuse. What was asked
            may be another thing by then.
    """

    survey: Callable[[Options], Survey] = survey
    find_same: Callable[[Goal, Survey], str] = lambda goal, _seen: find_same(goal.options, goal.release)
    check: Callable[[], None] = lambda: None


OWN_LOOKS = Looks()


def reach(
    run: Runner,
    goal: Goal,
    seen: Survey,
    content: Callable[[int], Content],
    check_mode: bool,
    looks: Looks = OWN_LOOKS,
) -> dict[str, Any]:
    """Bring the environment to a goal, whatever its release is filled with.

    Args:
        run: Starts programs.
        goal: What is to be reached.
        seen: What was found. It may be without drift, unless it is for check mode.
        content: Returns what the release is filled with, for the descriptor of the lock: a program that goes on writing into the
            release holds that as well.
        check_mode: Write nothing.
        looks: How it is looked at what is there.

    Returns:
        The module's result.

    Raises:
        Refused: when anything is not as it must be; the environment is then what it was.
    """
    options = goal.options
    if check_mode:
        return _result(goal, seen, _plan(goal, seen, looks.find_same(goal, seen)), None, {})
    stages = Stages()
    with open_umask(), locked(options.environment, options.lock_timeout, options.owner_ids(), stages) as lock:
        seen = looks.survey(options)
        if seen.converged:  # Another run was faster, or the interpreter alone was lacking.
            check_release(options, options.environment.release(seen.found.name))
            settle(options, stages)
            beside = seen.beside
            return _result(goal, seen, Plan(beside.before, beside.after, beside.actions), None, stages.seconds)
        same = looks.find_same(goal, seen)
        if same:
            looks.check()
        plan = _plan(goal, seen, same)
        work = Work(run, goal, seen, stages, lock)
        with _recorded(goal, seen, plan) as record:
            done = work.reuse(same) if same else work.build(plan.after["release"], content(lock))
    return record.told(_result(goal, seen, plan, done, stages.seconds))


def _recorded(goal: Goal, seen: Survey, plan: Plan) -> AbstractContextManager[Record]:
    options, receipt = goal.options, seen.found.receipt
    before = {"release": seen.found.name, "bundle": receipt.bundle if receipt else ""}
    after = {"release": plan.after["release"], "bundle": goal.bundle}
    return recorded(history_of(options._asdict()), INSTALL, options.environment.venv, before, after)


def _plan(goal: Goal, seen: Survey, same: str) -> Plan:
    name = same or goal.options.environment.free_name(goal.release)
    return install_plan(goal.options, seen, name, goal.versions(), is_there=bool(same))


def tidy_only(options: Options) -> dict[str, Any]:
    """Remove surplus releases and leftovers of an environment that is otherwise as asked; return that part of the result."""
    stages, side = Stages(), {"release": pointed(options.environment)}
    with locked(options.environment, options.lock_timeout, options.owner_ids(), stages):
        with recorded(history_of(options._asdict()), PRUNE, options.environment.venv, side, side) as record:
            with stages.stage("prune", options.environment.releases):
                swept = sweep(options.environment)
                pruned = prune_surplus(options)
            settle(options, stages)
    return record.told(pruned._replace(freed=pruned.freed + swept).result())


def _result(goal: Goal, seen: Survey, plan: Plan, done: Done | None, seconds: Mapping[str, float]) -> dict[str, Any]:
    kept = {"kept": done.kept, "kept_until": goal.options.legacy_until} if done and done.kept else {}
    steps = {
        "changed": plan.changed,
        "diff": plan.diff(goal.options.environment.venv),
        "actions": plan.summary(),
        "release": done.name if done else plan.after.get("release", seen.found.name),
        "previous": seen.found.name,
        "bundle_id": goal.bundle,
        "target": goal.target,
        "packages": compare(versions(seen), goal.versions()),
        "delivered": {"wheels": done.wheels if done else 0, "bytes": done.size if done else 0},
        "kept": "",
        "drift": drift_lines(seen.verdict.drift),
        "seconds": dict(seconds),
    }
    return together(steps, seen.beside.result(), kept, (done.pruned if done else seen.due.foretold()).result())
