# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository as it is asked for: read, planned, and written with the rights of its owner.

Nothing of the collection is imported on the way: whoever has given up root's rights cannot read what Ansible unpacked for root.
"""

from __future__ import annotations

import functools
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import PIN_FILE
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.differences import differences, unified
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.facts import PROJECT_FILE, facts
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.look import check_repository, look
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.options import STATE_FILE, Asked
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.plan import Drawn, draw
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.state import State, decode
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.work import alone, apply


def _with_rights_of(owner: str, work: Callable[[], Any], timeout: float) -> Any:
    """Run ``work`` as the person ``owner``; as whoever runs this where it is ''."""
    if not owner:
        return work()
    from ansible_collections.netdevops.python.plugins.module_utils.people.accounts import find_people
    from ansible_collections.netdevops.python.plugins.module_utils.people.rights import with_rights

    return with_rights(find_people([owner])[0], work, timeout)


class Edges(NamedTuple):
    """What touches the world outside.

    Attributes:
        rights: Runs something with the rights of a person.
    """

    rights: Callable[[str, Callable[[], Any], float], Any] = _with_rights_of


HERE = Edges()


def ensure(asked: Asked, check_mode: bool, edges: Edges = HERE) -> dict[str, Any]:
    """Bring the repository to what is asked, or only tell what that would take; return the module's result.

    Raises:
        Refused: when it cannot be done.
    """
    work = functools.partial(_converge, asked, check_mode)
    result: dict[str, Any] = edges.rights(asked.owner, work, asked.timeout)
    return result


def _converge(asked: Asked, check_mode: bool) -> dict[str, Any]:
    try:
        check_repository(asked.repository)
        if asked.files is None:
            return {**_read(asked), "changed": False}
        if check_mode:
            return _result(asked, _drawn(asked), [])
        with alone(asked.repository, asked.timeout):
            drawn = _drawn(asked)
            saved = apply(asked.repository, drawn) if drawn.plan.changed else []
        return _result(asked, drawn, saved)
    except OSError as error:
        subject = str(error.filename or asked.repository)
        step = "Free space, or correct the permissions; then run it again."
        raise Refused([Problem(subject, f"{error.strerror or error}.", step)]) from error


def _drawn(asked: Asked) -> Drawn:
    state = _state(asked)
    return draw(asked, look(asked.repository, {*(asked.files or {}), *state.files, *state.writing}), state)


def _state(asked: Asked) -> State:
    there = look(asked.repository, [STATE_FILE]).get(STATE_FILE)
    return decode(there.data if there else None, f"{asked.repository}/{STATE_FILE}")


def _read(asked: Asked) -> dict[str, Any]:
    """Return what the repository says of itself."""
    found = look(asked.repository, [PIN_FILE, PROJECT_FILE])
    told = facts(asked.repository, found, _state(asked))
    return {"repository": asked.repository, "facts": told, "kept": [], "warnings": []}


def _result(asked: Asked, drawn: Drawn, saved: list[str]) -> dict[str, Any]:
    kept = [
        {"file": one.path, "reason": one.reason, "diff": unified(one.before, one.after, one.path)} for one in drawn.kept
    ]
    return {
        "changed": drawn.plan.changed,
        "repository": asked.repository,
        "actions": drawn.plan.summary(),
        "files": sorted(drawn.after.files),
        "kept": kept,
        "saved": saved,
        "diff": differences(drawn),
        "warnings": [_warning(one["file"], one["reason"], asked) for one in kept],
    }


def _warning(path: str, reason: str, asked: Asked) -> str:
    whose = "was edited since it was rendered" if reason == "edited" else "was not rendered by this module"
    if path not in (asked.files or {}):
        return f"{path} {whose}, so it stays, and is not of the scaffold any more."
    return f"{path} {whose}, so it is left alone. See the diff in `kept`; name it in `overwrite` to replace it."
