# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would do to markers and configurations: computed from what is there and what is asked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.guard.seal import (
    ABSENT,
    EDITED,
    FOREIGN,
    ODD,
    OURS,
    Found,
    sealed,
)

MAKE, KEEP, WRITE, REMOVE, RESTORE, RMDIR = "make folder", "keep", "write", "remove", "put back", "remove folder"
KEPT = ".before-pip-guard"


class Wish(NamedTuple):
    """One file, what it is to say, and what is there.

    Attributes:
        path: The file.
        text: What it is to say below its head; None when there is to be none of ours.
        found: What is there.
        is_marker: Whether it is a marker: a foreign one is then as good as ours.
        kept: Whether an original is kept beside it.
        is_same: Whether what is there is that original itself: a run was ended in between.
    """

    path: str
    text: str | None
    found: Found
    is_marker: bool
    kept: bool = False
    is_same: bool = False

    @property
    def original(self) -> str:
        """Where the file that it takes the place of is kept."""
        return self.path + KEPT


class Step(NamedTuple):
    """The actions for one file, what it is before and after, and what is in the way.

    Attributes:
        actions: In their order.
        after: ``absent``, ``ours`` or ``foreign``.
        data: The bytes to write, or none.
        problems: What is in the way.
        note: A sentence about what is left as it is, or ''.
    """

    actions: tuple[Action, ...] = ()
    after: str = ABSENT
    data: bytes = b""
    problems: tuple[Problem, ...] = ()
    note: str = ""


def step(wish: Wish, replace: bool) -> Step:
    """Return what is to be done for one file.

    Args:
        wish: The file.
        replace: Whether a configuration of somebody else's gives way, and what was edited is undone.
    """
    found = wish.found
    if found.kind == EDITED and not replace:
        return Step((), EDITED, problems=(_edited(wish.path),))
    if wish.text is None:
        return _gone(wish)
    if found.kind in (FOREIGN, ODD):
        if wish.is_marker:
            return Step((), FOREIGN)
        problem = _in_the_way(wish, replace)
        if problem:
            return Step((), FOREIGN, problems=(problem,))
    return _written(wish, wish.text)


def _written(wish: Wish, text: str) -> Step:
    found = wish.found
    if found.kind == OURS and found.text == text and not found.flaw:
        return Step((), OURS)
    made = missing_folders(wish.path)
    actions = [Action(MAKE, folder) for folder in made]
    if found.kind == FOREIGN and not wish.is_same:
        actions.append(Action(KEEP, wish.original, f"{wish.path} is somebody else's, and gives way"))
    reasons = {ABSENT: "it is not there", EDITED: "somebody edited it", FOREIGN: "the original is kept"}
    reason = reasons.get(found.kind) or found.flaw or "it says something else"
    actions.append(Action(WRITE, wish.path, reason))
    return Step(tuple(actions), OURS, sealed(text, found.folders + len(made)))


def _gone(wish: Wish) -> Step:
    """Return what takes away what is ours; an original comes back."""
    kind = wish.found.kind
    if kind in (FOREIGN, ODD) and not wish.is_same:
        note = f"{wish.path} is not ours and stays; {wish.original} is what it once was." if wish.kept else ""
        return Step((), FOREIGN, note=note)
    if wish.kept:
        return Step((Action(RESTORE, wish.path, f"{wish.original} is the original"),), FOREIGN)
    if kind == ABSENT:
        return Step()
    actions = [Action(REMOVE, wish.path)]
    folder = os.path.dirname(wish.path)
    for _count in range(wish.found.folders):
        actions.append(Action(RMDIR, folder, "it was made for it"))
        folder = os.path.dirname(folder)
    return Step(tuple(actions))


def missing_folders(path: str) -> list[str]:
    """Return the folders above ``path`` that are not there, the highest first."""
    missing: list[str] = []
    folder = os.path.dirname(path)
    while not os.path.lexists(folder):
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    return missing


def _edited(path: str) -> Problem:
    next_step = "Put what it has to say into the options of pip_guard, or undo it with replace: true."
    return Problem(path, "is ours, and somebody edited it since.", next_step)


def _in_the_way(wish: Wish, replace: bool) -> Problem | None:
    if wish.found.kind == ODD:
        return Problem(wish.path, "expected a file, found something else.", "Move it away.")
    if not replace:
        next_step = f"Move it away, or set replace: true, which keeps it as {wish.original} until state absent."
        return Problem(wish.path, "is somebody else's, and is not overwritten.", next_step)
    if wish.kept and not wish.is_same:
        return Problem(wish.original, "is kept already, from an earlier file at that place.", "Move one of them away.")
    return None


def whole(wishes: Sequence[Wish], steps: Sequence[Step]) -> Plan:
    """Return all steps as one plan; before and after show the lines of what is ours, and nothing of what others wrote."""
    pairs = [(wish, one) for wish, one in zip(wishes, steps) if one.actions]
    before: dict[str, Any] = {wish.path: _shown(wish.found.kind, wish.found.text) for wish, _one in pairs}
    after: dict[str, Any] = {wish.path: _shown(one.after, wish.text or "") for wish, one in pairs}
    for wish, _one in pairs:
        if wish.found.flaw:
            before[wish.path] = [f"({wish.found.flaw})", *before[wish.path]]
    for wish, one in pairs:
        verbs = {action.verb for action in one.actions}
        if KEEP in verbs or RESTORE in verbs:
            before[wish.original], after[wish.original] = ("absent", "kept") if KEEP in verbs else ("kept", "absent")
    return Plan(before, after, tuple(_ordered(steps)))


def _ordered(steps: Iterable[Step]) -> list[Action]:
    return [action for one in steps for action in one.actions]


def _shown(kind: str, text: str) -> Any:
    words = {ABSENT: "absent", EDITED: "ours, and edited since", FOREIGN: "somebody else's"}
    return words.get(kind) or text.splitlines()
