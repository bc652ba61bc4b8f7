# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard of a host: what is there is looked at, what is in the way is refused, then files are written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.guard.interpreters import Library, Seen, see
from ansible_collections.netdevops.python.plugins.module_utils.guard.options import Asked
from ansible_collections.netdevops.python.plugins.module_utils.guard.plan import Step, Wish, step, whole
from ansible_collections.netdevops.python.plugins.module_utils.guard.seal import look
from ansible_collections.netdevops.python.plugins.module_utils.guard.text import marker_text, pip_text, uv_text
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground


def ensure(asked: Asked, check_mode: bool) -> dict[str, Any]:
    """Bring the guard of this host to what is asked, or only tell what that would take; return the module's result.

    Raises:
        Refused: before anything is written, with all that is in the way; or when a file cannot be written.
    """
    try:
        return _ensure(asked, check_mode)
    except OSError as error:
        subject = os.fsdecode(error.filename) if error.filename else asked.config
        refuse(subject, f"{error.strerror or error}.", "Correct the permissions, or free space; then run it again.")


def _ensure(asked: Asked, check_mode: bool) -> dict[str, Any]:
    seen = see(asked.roots, asked.interpreters)
    wishes = _wishes(asked, seen)
    steps = [step(wish, asked.replace) for wish in wishes]
    plan = whole(wishes, steps)
    touched = [wish.path for wish, one in zip(wishes, steps) if one.actions]
    problems = [*_lacks(asked, seen, check_mode), *(problem for one in steps for problem in one.problems)]
    refuse_all([*problems, *_strange(touched), *_closed(touched)])
    if plan.changed and not check_mode:
        from ansible_collections.netdevops.python.plugins.module_utils.guard.work import apply  # few runs need it

        apply(list(zip(wishes, steps)))
    told = {} if not plan.changed else {"actions": plan.summary(), "diff": plan.diff("pip")}
    return {
        "changed": plan.changed,
        **told,
        **_state(seen, steps),
        "warnings": _warnings(asked, seen, steps, check_mode),
    }


def _wishes(asked: Asked, seen: Seen) -> list[Wish]:
    """Return what each file is to say; None, so that what is ours goes, where there is nothing to say."""
    marker = marker_text(asked.notice, asked.contact)
    pip = pip_text(asked.sources, asked.require_virtualenv)
    uv = uv_text(asked.sources) if asked.uv else ""
    texts = [(library.marker, marker, True) for library in seen.libraries]
    texts += [(asked.config, pip, False), (asked.uv_config, uv, False)]
    return [_wish(path, (text or None) if asked.present else None, is_marker) for path, text, is_marker in texts]


def _wish(path: str, text: str | None, is_marker: bool) -> Wish:
    wish = Wish(path, text, look(path), is_marker)
    kept = not is_marker and os.path.lexists(wish.original)
    return wish._replace(kept=kept, is_same=kept and _is_same(path, wish.original))


def _is_same(one: str, other: str) -> bool:
    return os.path.lexists(one) and os.path.samestat(os.lstat(one), os.lstat(other))


def _lacks(asked: Asked, seen: Seen, check_mode: bool) -> list[Problem]:
    """Return what is asked for and is not there. In check mode it may come before it is needed; what is to go is not needed."""
    if not asked.present:
        return []
    problems = list(seen.problems)
    cert = asked.sources.cert
    if not check_mode:
        problems += seen.missing
        if cert and not os.path.isfile(cert):
            problems.append(Problem(cert, "expected a file of certificates, found none.", "Put it there first."))
    return problems


def _strange(touched: Iterable[str]) -> list[Problem]:
    """Return what others could put something else in the place of, on the way to what is written or removed."""
    problems: dict[Problem, None] = {}
    for path in touched:
        try:
            check_ground(path)
        except Refused as refused:
            problems.update(dict.fromkeys(refused.problems))
    return list(problems)


def _closed(touched: Iterable[str]) -> list[Problem]:
    """Return the folders that this user would have to write into, and may not."""
    folders: dict[str, None] = {}
    for path in touched:
        folder = os.path.dirname(path)
        while not os.path.lexists(folder):
            folder = os.path.dirname(folder)
        folders[folder] = None
    return [
        Problem(folder, "cannot be written by the user that the task runs as.", "Use become.")
        for folder in folders
        if not os.access(folder, os.W_OK | os.X_OK)
    ]


def _state(seen: Seen, steps: list[Step]) -> dict[str, Any]:
    markers, (pip, uv) = steps[: len(seen.libraries)], steps[len(seen.libraries) :]
    interpreters = [
        {"library": library.folder, "marker": one.after, "pip": library.pip}
        for library, one in zip(seen.libraries, markers)
    ]
    return {"interpreters": interpreters, "pip_config": pip.after, "uv_config": uv.after}


def _warnings(asked: Asked, seen: Seen, steps: list[Step], check_mode: bool) -> list[str]:
    warnings = [*(one.note for one in steps if one.note), *seen.notes]
    if not asked.present:  # What was not looked at may have a marker still.
        return [*warnings, *map(str, (*seen.missing, *seen.problems))]
    warnings += [f"{root}/versions is not there: no interpreter of it was looked at." for root in seen.lacking]
    warnings += [str(problem) for problem in seen.missing if check_mode]
    deaf = [library for library in seen.libraries if library.is_deaf]
    if deaf and not asked.require_virtualenv:
        warnings.append(_deaf(deaf))
    return warnings


def _deaf(deaf: list[Library]) -> str:
    names = ", ".join(f"{library.folder} (pip {library.pip})" for library in deaf)
    return (
        f"pip looks at a marker from 23.0 on, so that nothing refuses an installation into {names}: "
        "set require_virtualenv, or bring a newer pip there."
    )
