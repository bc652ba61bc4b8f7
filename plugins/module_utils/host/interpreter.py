# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interpreter that an environment stands on: the one that is there, or the one that the bundle brings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import (
    interpreter_files,
    read_description,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter, probe
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import (
    DESCRIPTION_SUFFIX,
    INTERPRETERS_FOLDER,
    REBUILD,
    Carried,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target
from ansible_collections.netdevops.python.plugins.module_utils.host.goal import Goal
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import remove


class Ground(NamedTuple):
    """What an environment is to stand on.

    Attributes:
        interpreter: What it says of itself; while it is lacking, what it will say.
        lacking: Why the bundle must bring it; '' where it is there.
    """

    interpreter: Interpreter
    lacking: str = ""


def find_ground(run: Runner, options: Options) -> Ground:
    """Return the interpreter of the options, which may still be lacking where the bundle can bring it.

    Raises:
        Refused: when the interpreter that is named in ``python`` is not there or does not work.
    """
    if not options.interpreter_root:
        return Ground(probe(run, options.python))
    # Loaded only where something is to be done below such a root.
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import wanted
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.state import inspect
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree

    # Which modules it must have is asked of the one that is installed; one that is there and works is not taken away.
    asked = wanted({"version": options.pin, "root": options.interpreter_root, "modules": []})
    found = inspect(run, Tree(options.interpreter_root, options.pin), asked)
    if found.said is None:
        return Ground(_expected(run, options), found.reason or f"it is not in {options.interpreter_root}")
    return Ground(found.said)


def _expected(run: Runner, options: Options) -> Interpreter:
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.machine import this_machine

    digits = "".join(options.pin.split(".")[:2])
    machine = this_machine(run)
    target = Target(f"cp{digits}", machine.libc, machine.libc_version, machine.arch)
    folder = os.path.dirname(os.path.dirname(options.python))
    return Interpreter(options.python, options.pin, "cpython", target, folder, folder, f"cpython-{digits}", {})


class Brought(NamedTuple):
    """What installing an interpreter did, or would do.

    Attributes:
        actions: The steps.
        before: What was there.
        after: What is there then.
        facts: What a result says of it.
    """

    actions: tuple[Action, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    facts: Mapping[str, Any]

    def joined(self, plan: Plan) -> Plan:
        """Return the plan of the environment with these steps before its own."""
        if not self.actions:
            return plan
        before, after = {**plan.before, "interpreter": self.before}, {**plan.after, "interpreter": self.after}
        return Plan(before, after, (*self.actions, *plan.actions))


NOTHING = Brought((), {}, {}, {})


class Supply(NamedTuple):
    """The interpreter of a bundle for this host: what the manifest says of its archive, and its description."""

    carried: Carried
    description: Mapping[str, Any]


def find_supply(goal: Goal, ground: Ground, path: str) -> Supply | None:
    """Return what the bundle at ``path`` brings for this host; None where nothing is lacking.

    Raises:
        Refused: when it carries none for this host, or the description is not the one that the manifest names.
    """
    if not ground.lacking:
        return None
    # Loaded only where an interpreter is lacking.
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import parse_description

    carried = goal.manifest.interpreter(goal.selection.target, ground.lacking)
    subject = carried.file + DESCRIPTION_SUFFIX
    said = parse_description(read_description(path, carried), subject)
    if (said.version, said.file, said.sha256, said.size) != (goal.manifest.pin, *carried[:3]):
        refuse(subject, "describes another archive than the manifest of the bundle.", REBUILD)
    return Supply(carried, said.as_dict())


def bring(goal: Goal, supply: Supply, path: str, aside: str) -> Brought:
    """Install the interpreter that the bundle at ``path`` carries.

    Args:
        goal: What is to be reached.
        supply: The interpreter.
        path: The bundle.
        aside: A new folder for what must be unpacked; it is taken away again.

    Raises:
        Refused: when it is not what its description says, does not run here, or cannot be installed; what was there
            before is then there again.
    """
    try:
        if os.path.lexists(aside):  # Left by a killed run that had the number of this process.
            remove(aside)
        archive = interpreter_files(path, supply.carried, aside)
        return _ensure(goal, supply.carried, {"archive": archive, "remote_src": True}, check_mode=False)
    finally:
        if os.path.lexists(aside):
            remove(aside)


def foretell(goal: Goal, supply: Supply | None) -> Brought:
    """Return what :func:`bring` would do; the archive need not be here.

    Raises:
        Refused: when it would not run here.
    """
    if supply is None:
        return NOTHING
    place = {"archive": supply.carried.file, "offered": [supply.description]}
    return _ensure(goal, supply.carried, place, check_mode=True)


def _ensure(goal: Goal, carried: Carried, place: Mapping[str, Any], check_mode: bool) -> Brought:
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.install import ensure
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import wanted

    version, root = goal.options.pin, goal.options.interpreter_root
    asked = {"version": version, "root": root, "source": "archive", "archive_sha256": carried.sha256, **place}
    try:
        result = ensure(wanted(asked), check_mode)
    except Refused as refused:
        raise Refused([_as_known_here(problem, carried) for problem in refused.problems]) from None
    if not result["changed"]:  # Another run was faster.
        return NOTHING
    actions = tuple(Action(**action) for action in result["actions"])
    facts = {"version": version, "executable": goal.options.python, "file": carried.file, "size": carried.size}
    return Brought(actions, result["before"], result["after"], facts)


def _as_known_here(problem: Problem, carried: Carried) -> Problem:
    """Return a problem in the words of this module: the archive is part of a bundle, and the root has another name."""
    subject = problem.subject
    if os.path.basename(subject) == carried.file:
        subject = f"{INTERPRETERS_FOLDER}/{carried.file}"
    return problem._replace(subject=subject, next_step=problem.next_step.replace("`root`", "`interpreter_root`"))
