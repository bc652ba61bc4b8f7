# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One person's tree, brought to what is wished. All of it runs with that person's rights."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.files import write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.people.accounts import Person
from ansible_collections.netdevops.python.plugins.module_utils.people.plan import (
    CREATE,
    LINK,
    PIN,
    REHASH,
    REMOVE,
    RMDIR,
    UNLINK,
    Wish,
    cut,
    plan_absent,
    plan_present,
)
from ansible_collections.netdevops.python.plugins.module_utils.people.shims import rehash
from ansible_collections.netdevops.python.plugins.module_utils.people.tree import Tree, look

FOLDER_MODE = 0o755
FILE_MODE = 0o644
# What is told of one person's steps.
MOST_STEPS = 60
LONGEST_TEXT = 200


def converge(
    person: Person, folder: str, wish: Wish, present: bool, run: Runner | None, timeout: float
) -> dict[str, Any]:
    """Bring a tree to what is wished, and tell what that took.

    Args:
        person: Whose tree it is.
        folder: Its place, relative to the home.
        wish: What is wished.
        present: Whether the tree is to be there.
        run: Runs pyenv; None to write nothing.
        timeout: Seconds for pyenv.

    Raises:
        Refused: when the home is not as it should be.
        OSError: when something cannot be written.
    """
    tree = Tree(person.home, os.path.join(person.home, folder))
    found = look(person, tree, wish.shared)
    if present:
        _check_reach(person, wish)
    plan = (plan_present if present else plan_absent)(tree, found, wish)
    if run is not None:
        for action in plan.actions:
            _apply(action, tree, wish, run, timeout)
    return _told(plan, tree, person)


def _check_reach(person: Person, wish: Wish) -> None:
    """See that the person gets at what the links lead to."""
    known = set(wish.shared.versions)
    closed = [
        name for name in wish.versions or () if name in known and not programs_reachable(wish.shared.target(name))
    ]
    next_step = "Let everybody read the shared tree, and enter every folder above it."
    refuse_all([Problem(wish.shared.target(name), f"{person.name} may not read it.", next_step) for name in closed])


def programs_reachable(version: str) -> bool:
    """Whether this process may run the interpreter of a version."""
    return os.access(os.path.join(version, "bin", "python"), os.R_OK | os.X_OK)


def _told(plan: Plan, tree: Tree, person: Person) -> dict[str, Any]:
    told: dict[str, Any] = {"changed": plan.changed, "root": tree.root}
    if not plan.changed:
        return told
    steps = [{name: cut(text, LONGEST_TEXT) for name, text in step.items()} for step in plan.summary()[:MOST_STEPS]]
    return {
        **told,
        "steps": len(plan.actions),
        "before": plan.before,
        "after": plan.after,
        "actions": steps,
        "diff": plan.diff(f"{tree.root} of {person.name}"),
    }


def _apply(action: Action, tree: Tree, wish: Wish, run: Runner, timeout: float) -> None:
    verb, path = action.verb, action.subject
    if verb == CREATE:
        os.makedirs(path, mode=FOLDER_MODE, exist_ok=True)
    elif verb == LINK:
        _link(wish.shared.target(os.path.basename(path)), path)
    elif verb == PIN:
        write_atomic(path, wish.pin.encode() + b"\n", FILE_MODE)
    elif verb == REHASH:
        rehash(run, wish.shared.pyenv, tree.root, timeout)
    elif verb in (UNLINK, REMOVE):
        os.unlink(path)
    elif verb == RMDIR:
        with contextlib.suppress(OSError):  # the person has just put something there
            os.rmdir(path)


def _link(target: str, path: str) -> None:
    try:
        os.symlink(target, path)
    except FileExistsError:  # another run was faster
        if not os.path.islink(path) or os.readlink(path) != target:
            raise
