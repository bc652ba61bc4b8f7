# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of personal trees: the options of ``pyenv_users``, checked together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import parse_version

ARGUMENTS: dict[str, dict[str, Any]] = {
    "users": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "shared": {"type": "path", "default": "/opt/pyenv"},
    "folder": {"type": "str", "default": ".pyenv"},
    "versions": {"type": "list", "elements": "str"},
    "global": {"type": "str"},
    "replace_global": {"type": "bool", "default": False},
    "rehash": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 60},
}


class Asked(NamedTuple):
    """What is asked.

    Attributes:
        users: Names of accounts.
        state: ``present`` or ``absent``.
        shared: The shared tree; absolute.
        folder: The personal tree, relative to the home.
        versions: The versions to link to; None for all that the shared tree has.
        pin: The version that ``global`` asks for, or ''.
        replace_pin: Whether a person's own global version gives way to it.
        rehash: Whether shims are made.
        timeout: Seconds for each person.
    """

    users: tuple[str, ...]
    state: str
    shared: str
    folder: str
    versions: tuple[str, ...] | None
    pin: str
    replace_pin: bool
    rehash: bool
    timeout: int


def asked(params: Mapping[str, Any]) -> Asked:
    """Return what the module's ``params`` ask for; an empty text counts as not given.

    Raises:
        Refused: with everything that is wrong with them.
    """
    versions, pin = params["versions"] or None, params["global"] or ""
    problems = _bad_folder(params["folder"]) + _bad_shared(params["shared"])
    for version in (*(versions or ()), *([pin] if pin else [])):
        try:
            parse_version(version, "versions, global")
        except Refused as refused:
            problems += refused.problems
    if pin and versions and pin not in versions:
        problems.append(Problem("global", f"{pin} is not among the versions {', '.join(versions)}.", "Add it to them."))
    if params["timeout"] < 1:
        problems.append(Problem("timeout", f"expected 1 or more, found {params['timeout']}."))
    refuse_all(problems)
    return Asked(
        users=tuple(name for name in params["users"] if name),
        state=params["state"],
        shared=os.path.normpath(params["shared"]),
        folder=os.path.normpath(params["folder"]),
        versions=tuple(dict.fromkeys(versions)) if versions else None,
        pin=pin,
        replace_pin=params["replace_global"],
        rehash=params["rehash"],
        timeout=params["timeout"],
    )


def _bad_folder(folder: str) -> list[Problem]:
    parts = folder.split("/")
    if folder and not os.path.isabs(folder) and ".." not in parts and os.path.normpath(folder) != ".":
        return []
    return [
        Problem(
            "folder",
            f"expected a folder below the home, found {folder!r}.",
            "Write it without the home, such as .pyenv.",
        )
    ]


def _bad_shared(shared: str) -> list[Problem]:
    if os.path.isabs(shared) and shared.strip("/"):
        return []
    return [
        Problem("shared", f"expected an absolute path, found {shared!r}.", "Name the shared tree, such as /opt/pyenv.")
    ]
