# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is there of an interpreter now; only its own word counts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter, probe
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree


class Found(NamedTuple):
    """What is there.

    Attributes:
        state: ``absent``, ``present`` or ``broken``; broken is everything that is there and not proven.
        reason: Why it is broken, or ''.
        unfinished: Whether a build of it never came to its end.
        leftovers: What interrupted runs left to be deleted.
    """

    state: str
    reason: str = ""
    unfinished: bool = False
    leftovers: tuple[str, ...] = ()


def inspect(run: Runner, tree: Tree, modules: Sequence[str]) -> Found:
    """Return what is there of the version; writes nothing.

    Raises:
        Refused: when the folder belongs to another user, whose program we must not run.
    """
    unfinished, leftovers = os.path.isdir(tree.work), tuple(tree.leftovers())
    if not os.path.lexists(tree.folder):
        return Found("absent", "", unfinished, leftovers)
    if unfinished:
        return Found("broken", "its build was interrupted, or is under way", True, leftovers)
    reason = flaw(run, tree, modules)
    return Found("broken" if reason else "present", reason, False, leftovers)


def flaw(run: Runner, tree: Tree, modules: Sequence[str]) -> str:
    """Return what is wrong with the interpreter at its place; '' when it proves itself."""
    _refuse_foreign(tree.folder)
    try:
        return _flaw(probe(run, tree.executable, modules), tree)
    except Refused as error:
        return error.problems[0].message.rstrip(".")


def _flaw(said: Interpreter, tree: Tree) -> str:
    if said.version != tree.version:
        return f"it says that it is {said.version}"
    home = os.path.realpath(tree.folder)
    if os.path.realpath(said.base_prefix) != home:
        return f"it lives in {said.base_prefix}, not in {tree.folder}"
    if said.broken:
        return "these modules do not import: " + "; ".join(
            f"{name} ({why})" for name, why in sorted(said.broken.items())
        )
    return ""


def describe(tree: Tree, found: Found) -> dict[str, Any]:
    """Return ``found`` as the plain data that results and diffs show."""
    plain: dict[str, Any] = {"version": tree.version, "state": found.state}
    if found.state != "absent":
        plain["executable"] = tree.executable
    if found.reason:
        plain["reason"] = found.reason
    if found.leftovers:
        plain["leftovers"] = list(found.leftovers)
    return plain


def _refuse_foreign(folder: str) -> None:
    try:
        owner = os.stat(folder).st_uid
    except OSError:
        return  # a dangling link: the probe says so
    if owner not in (0, os.geteuid()):
        refuse(
            folder,
            f"belongs to user {owner}, the task runs as user {os.geteuid()}.",
            "Become its owner, or choose another `root`.",
        )
