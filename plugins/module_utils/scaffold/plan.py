# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would do to the files of a repository, and which of them it leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.look import Found
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.options import Asked, Wanted
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.state import State

CREATE, UPDATE, OVERWRITE, ADOPT = "create", "update", "overwrite", "adopt"
REMOVE, FORGET, RECORD, MODE = "remove", "forget", "record", "chmod"
EDITED, FOREIGN = "edited", "foreign"


class Step(NamedTuple):
    """One file that is changed.

    Attributes:
        verb: What is done to it.
        path: Where it is, below the repository.
        reason: Why.
        before: What is there; None for nothing.
        after: What is to be there; None for nothing.
        is_saved: Whether a copy of what is there is kept.
    """

    verb: str
    path: str
    reason: str
    before: Found | None = None
    after: Wanted | None = None
    is_saved: bool = False

    @property
    def is_recorded(self) -> bool:
        """Whether what is there afterwards is ours. What is made once is the repository's own at once, so nothing ever removes it."""
        return self.after is not None and not self.after.once


class Kept(NamedTuple):
    """One file that is left alone: ours but ``edited``, or ``foreign``; and what it would have become."""

    path: str
    reason: str
    before: bytes
    after: bytes | None


class Drawn(NamedTuple):
    """The plan, its steps, what is left alone, and the state before and after."""

    plan: Plan
    steps: tuple[Step, ...]
    kept: tuple[Kept, ...]
    state: State
    after: State


def draw(asked: Asked, found: Mapping[str, Found], state: State) -> Drawn:
    """Return what brings a repository from what is ``found`` to what is ``asked``."""
    files = asked.files or {}
    steps: list[Step] = []
    kept: list[Kept] = []
    for path in sorted({*files, *state.files, *state.writing}):
        there, wanted = found.get(path), files.get(path)
        decided = _leave(asked, path, there, state) if wanted is None else _bring(asked, path, wanted, there, state)
        steps += [one for one in decided if isinstance(one, Step)]
        kept += [one for one in decided if isinstance(one, Kept)]
    after = State(_digests(state, steps))
    before_told = {path: digest_bytes(one.data) for path, one in found.items()}
    plan = Plan(before_told, _told(before_told, steps), tuple(Action(one.verb, one.path, one.reason) for one in steps))
    return Drawn(plan, tuple(steps), tuple(kept), state, after)


def _bring(asked: Asked, path: str, wanted: Wanted, there: Found | None, state: State) -> list[Step | Kept]:
    """Decide on a file that is to be there."""
    if there is None:
        return [Step(CREATE, path, "is not there", None, wanted)]
    if wanted.once:
        return _finished(path, there, state)
    if there.data == wanted.data:
        return _alike(asked, path, wanted, there, state)
    if state.is_ours(path, there.data):
        return [Step(UPDATE, path, "is as it was rendered before", there, wanted)]
    reason = _whose(path, state)
    if asked.may_overwrite(path):
        return [Step(OVERWRITE, path, f"is {reason}, and is to be overwritten", there, wanted, is_saved=True)]
    return [Kept(path, reason, there.data, wanted.data)]


def _alike(asked: Asked, path: str, wanted: Wanted, there: Found, state: State) -> list[Step | Kept]:
    """Decide on a file whose content is right. Somebody else's stays theirs: it would be removed as ours one day."""
    if not state.names(path):
        is_taken = asked.may_overwrite(path)
        return [Step(ADOPT, path, "is as it would be rendered", there, wanted)] if is_taken else []
    if there.executable != wanted.executable:
        what = "is to be" if wanted.executable else "is not to be"
        return [Step(MODE, path, f"{what} executable", there, wanted)]
    if state.files.get(path) != digest_bytes(there.data):
        return [Step(RECORD, path, "is as it is rendered now", there, wanted)]
    return []


def _finished(path: str, there: Found, state: State) -> list[Step | Kept]:
    """Decide on a file that is only made once, and is there: one that was always rendered before is let go."""
    return [Step(FORGET, path, "is the repository's own", there)] if state.names(path) else []


def _leave(asked: Asked, path: str, there: Found | None, state: State) -> list[Step | Kept]:
    """Decide on a file that was rendered once and is not asked for any more."""
    if there is None:
        return [Step(FORGET, path, "is not there any more")]
    if not asked.may_remove(path):
        return [Step(FORGET, path, "is nothing that is rendered", there), Kept(path, FOREIGN, there.data, None)]
    # The state is in the repository, and so anybody's word who may change that: a copy stays even of what it calls ours.
    if state.is_ours(path, there.data):
        return [Step(REMOVE, path, "is as it was rendered, and not asked for", there, is_saved=True)]
    if asked.may_overwrite(path):
        return [Step(REMOVE, path, "is edited, and is to be overwritten", there, is_saved=True)]
    return [Step(FORGET, path, "is edited, and not asked for", there), Kept(path, EDITED, there.data, None)]


def _whose(path: str, state: State) -> str:
    return EDITED if path in state.files else FOREIGN


def _digests(state: State, steps: list[Step]) -> dict[str, str]:
    """Return the digests of what is ours after the steps."""
    files = dict(state.files)
    for step in steps:
        files.pop(step.path, None)
        if step.after is not None and step.is_recorded:
            files[step.path] = digest_bytes(step.after.data)
    return files


def _told(before: Mapping[str, str], steps: list[Step]) -> dict[str, str]:
    told = dict(before)
    for step in steps:
        if step.after is not None:
            told[step.path] = digest_bytes(step.after.data)
        elif step.verb == REMOVE:
            told.pop(step.path, None)
    return told
