# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a repository: the options of ``repository_scaffold``, checked together."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

STATE_FILE = ".scaffold.json"
SAVED = ".scaffold.kept"
ALL = "all"
PRESENT, ABSENT = "present", "absent"

ARGUMENTS: dict[str, dict[str, Any]] = {
    "repository": {"type": "path", "required": True},
    "state": {"type": "str", "choices": [PRESENT, ABSENT], "default": PRESENT},
    "files": {
        "type": "list",
        "elements": "dict",
        "options": {
            "file": {"type": "str", "required": True},
            "content": {"type": "str", "required": True},
            "executable": {"type": "bool", "default": False},
            "once": {"type": "bool", "default": False},
        },
    },
    "overwrite": {"type": "list", "elements": "str", "default": []},
    "known": {"type": "list", "elements": "str"},
    "owner": {"type": "str"},
    "timeout": {"type": "int", "default": 60},
}


class Wanted(NamedTuple):
    """A file as it is to be.

    Attributes:
        data: Its content.
        executable: Whether it is a program.
        once: Whether it is only made where there is none.
    """

    data: bytes
    executable: bool = False
    once: bool = False

    @property
    def mode(self) -> int:
        """Its permission bits."""
        return 0o755 if self.executable else 0o644


class Asked(NamedTuple):
    """What is asked.

    Attributes:
        repository: Its folder; absolute.
        state: ``present`` or ``absent``.
        files: By path below the repository; None when it is only to be read.
        overwrite: The paths that are taken over, or :data:`ALL`.
        known: The paths that may be removed; None for all that were rendered.
        owner: The name of the person that the repository is of, or ''.
        timeout: Seconds that it may take, and that another run is waited for.
    """

    repository: str
    state: str
    files: Mapping[str, Wanted] | None
    overwrite: tuple[str, ...]
    known: tuple[str, ...] | None
    owner: str
    timeout: int

    def may_overwrite(self, path: str) -> bool:
        """Whether what somebody else wrote at ``path`` gives way."""
        return path in self.overwrite or ALL in self.overwrite

    def may_remove(self, path: str) -> bool:
        """Whether ``path`` is one that a run can have rendered."""
        return self.known is None or path in self.known


def asked(params: Mapping[str, Any]) -> Asked:
    """Return what the module's ``params`` ask for; an empty text counts as not given.

    Raises:
        Refused: with everything that is wrong with them.
    """
    listed, overwrite = params["files"] or [], tuple(path for path in params["overwrite"] if path)
    problems = _bad_repository(params["repository"]) + _bad_files([one["file"] for one in listed])
    problems += [problem for path in overwrite if path != ALL for problem in bad_path("overwrite", path)]
    if params["timeout"] < 1:
        problems.append(Problem("timeout", f"expected 1 or more, found {params['timeout']}."))
    refuse_all(problems)
    files = {one["file"]: Wanted(one["content"].encode(), one["executable"], one["once"]) for one in listed}
    is_read_only = params["files"] is None and params["state"] == PRESENT
    return Asked(
        repository=os.path.normpath(params["repository"]),
        state=params["state"],
        files=None if is_read_only else {} if params["state"] == ABSENT else files,
        overwrite=overwrite,
        known=None if params.get("known") is None else tuple(params["known"]),
        owner=params["owner"] or "",
        timeout=params["timeout"],
    )


def bad_path(subject: str, path: str) -> list[Problem]:
    """Return what is wrong with a path that is to be below the repository, git's own folder excepted."""
    parts = path.split("/")
    is_plain = path.isprintable() and "\\" not in path and not {"", ".", ".."} & set(parts)
    if is_plain and parts[0].lower() != ".git" and parts[0] not in (STATE_FILE, SAVED):
        return []
    message = f"expected a path below the repository, such as tools/lock-check.sh, found {path!r}."
    return [Problem(subject, message, f"Neither .git, {STATE_FILE} nor {SAVED} can be named.")]


def _bad_repository(path: str) -> list[Problem]:
    if os.path.isabs(path) and path.strip("/"):
        return []
    return [Problem("repository", f"expected an absolute path, found {path!r}.", "Name the folder of a checkout.")]


def _bad_files(paths: Sequence[str]) -> list[Problem]:
    problems = [problem for path in paths for problem in bad_path("files", path)]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    problems += [Problem("files", f"{path} is listed more than once.", "Keep one.") for path in twice]
    inside = sorted(path for path in set(paths) if any(other.startswith(f"{path}/") for other in paths))
    return problems + [Problem("files", f"{path} is a file and a folder.", "Keep one.") for path in inside]
