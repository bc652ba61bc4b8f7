# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive with a description beside it, as it is asked for: the plan, and its application."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.files import write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, run_process
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import (
    SUFFIX,
    Description,
    parse_description,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack import (
    UNKNOWN,
    Content,
    find_current,
    look,
    read_content,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_write import copy_archive, write_archive
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.standalone import describe_archive
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.unpack import RUN_MODE, opened


class Drawn(NamedTuple):
    """A plan, the description that is there or will be, and what is packed for it (None when nothing is)."""

    plan: Plan
    description: Description
    content: Content | None = None


def ensure(wanted: Wanted, check_mode: bool, run: Runner = run_process) -> dict[str, Any]:
    """Make the archive and its description, or only tell what that would take; return the module's result.

    Raises:
        Refused: when it cannot be done; what was there before is then still there.
    """
    try:
        drawn = _draw_given(wanted) if wanted.src else _draw_installed(wanted, run)
        description = drawn.description
        if drawn.plan.changed and not check_mode:
            _make_folder(wanted.dest)
            description = _pack(wanted, drawn.content) if drawn.content else _copy(wanted, drawn)
    except OSError as error:
        subject = str(error.filename or wanted.dest)
        step = "Free space, or correct the permissions; then run it again."
        raise Refused([Problem(subject, f"{error.strerror or error}.", step)]) from error
    return _result(wanted, drawn.plan, description)


def _draw_installed(wanted: Wanted, run: Runner) -> Drawn:
    origin = look(wanted, run)
    current = find_current(wanted, origin)
    if current:
        return Drawn(Plan(_shown(current), _shown(current)), current)
    content = read_content(wanted, origin)
    path = os.path.join(wanted.dest, content.description.file)
    before = _shown(_there(path))
    reason = "what is there was made of other files, or is damaged" if os.path.exists(path) else "none there"
    plan = Plan(before, _shown(content.description), (Action("pack", path, reason),))
    return Drawn(plan, content.description, content)


def _draw_given(wanted: Wanted) -> Drawn:
    """Return the plan for an archive that somebody else made; its description follows from its bytes alone."""
    described = describe_archive(wanted.src, wanted.src_sha256 or digest_file(wanted.src), wanted.optional_modules)
    path = os.path.join(wanted.dest, described.file)
    actions = []
    if not _holds(path, described):
        actions.append(Action("copy", path, f"from {wanted.src}"))
    there = _there(path)
    if there != described:
        actions.append(Action("describe", path + SUFFIX, "another description is there" if there else "none there"))
    return Drawn(Plan(_shown(there), _shown(described), tuple(actions)), described)


def _holds(path: str, described: Description) -> bool:
    return os.path.isfile(path) and os.stat(path).st_size == described.size and digest_file(path) == described.sha256


def _there(path: str) -> Description | None:
    try:
        with open(path + SUFFIX, "rb") as stream:
            return parse_description(stream.read(), path + SUFFIX)
    except (OSError, Refused):
        return None


def _shown(description: Description | None) -> dict[str, Any]:
    """Return a description as diffs show it, without what is not known before the archive is written."""
    plain = description.as_dict() if description else {}
    if plain.get("sha256") == UNKNOWN:
        del plain["sha256"], plain["size"]
    return plain


def _make_folder(path: str) -> None:
    missing = path
    while not os.path.lexists(os.path.dirname(missing)):
        missing = os.path.dirname(missing)
    made = not os.path.lexists(path)
    os.makedirs(path, exist_ok=True)
    while made:
        os.chmod(path, RUN_MODE)  # declared, not what the umask leaves of it
        made = path != missing
        path = os.path.dirname(path)


def _pack(wanted: Wanted, content: Content) -> Description:
    """Write the archive, then its description; in that order, since the description makes it one that is found."""
    path = os.path.join(wanted.dest, content.description.file)
    written = write_archive(content.origin.folder, content.origin.entries, content.changed, path)
    description = content.description._replace(sha256=written.sha256, size=written.size)
    write_atomic(path + SUFFIX, description.encode())
    return description


def _copy(wanted: Wanted, drawn: Drawn) -> Description:
    description = drawn.description
    path = os.path.join(wanted.dest, description.file)
    if any(action.verb == "copy" for action in drawn.plan.actions):
        with opened(wanted.src, description.sha256, description.size) as stream:
            copy_archive(stream, path)
    write_atomic(path + SUFFIX, description.encode())
    return description


def _result(wanted: Wanted, plan: Plan, description: Description) -> dict[str, Any]:
    archive = os.path.join(wanted.dest, description.file)
    is_known = description.sha256 != UNKNOWN
    return {
        "changed": plan.changed,
        "archive": archive,
        "description": archive + SUFFIX,
        "version": description.version,
        "target": description.target,
        "sha256": description.sha256 if is_known else "",
        "size": description.size if is_known else 0,
        "unpacked": description.unpacked,
        "libraries": list(description.libraries),
        "optional_libraries": list(description.optional),
        "before": plan.before,
        "after": _shown(description) if plan.changed else plan.before,
        "actions": plan.summary(),
        "diff": plan._replace(after=_shown(description)).diff(archive),
    }
