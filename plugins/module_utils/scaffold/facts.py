# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a repository says of itself, for whoever renders files for it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.pin import PIN_FILE, parse_pin
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.look import Found
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.state import State

PROJECT_FILE = "pyproject.toml"
GIT = ".git"
HEAD = "refs/remotes/origin/HEAD"
# GitHub takes the first that is there of .github, the top and docs; GitLab of the top, docs and .gitlab.
OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_TABLE = re.compile(r"\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")
_NAME = re.compile(r"""name\s*=\s*(?:"([^"\\]+)"|'([^']+)')\s*(?:#.*)?""")
_GIT_FOLDER = "gitdir: "
_MARK = "ref: refs/remotes/origin/"


def facts(repository: str, found: Mapping[str, Found], state: State) -> dict[str, Any]:
    """Return ``pin``, ``name`` and ``branch`` of a repository, '' for what it does not say; whether it is the top of a checkout (``git``);
    and the ``owners``: its CODEOWNERS, those that people wrote first.

    Raises:
        Refused: when ``.python-version`` holds anything else than a pin.
    """
    pin, project = (_text(found.get(path)) for path in (PIN_FILE, PROJECT_FILE))
    return {
        "pin": parse_pin(pin, os.path.join(repository, PIN_FILE)) if PIN_FILE in found else "",
        "name": _name(project),
        "branch": _branch(os.path.join(_git_folder(repository), HEAD)),
        "git": os.path.lexists(os.path.join(repository, GIT)),
        "owners": sorted((path for path in OWNERS if os.path.lexists(os.path.join(repository, path))), key=state.names),
    }


def _git_folder(repository: str) -> str:
    """Return the folder that holds the branches. In a worktree ``.git`` is a file that names another, which names that of the clone."""
    git = os.path.join(repository, GIT)
    if os.path.isdir(git):
        return git
    own = _line(git)
    if not own.startswith(_GIT_FOLDER):
        return git
    own = os.path.join(repository, own[len(_GIT_FOLDER) :])
    return os.path.join(own, _line(os.path.join(own, "commondir")) or ".")


def _branch(path: str) -> str:
    """Return the default branch of where the repository was cloned from; '' where that is not written down, as after `git init`."""
    text = _line(path)
    return text[len(_MARK) :] if text.startswith(_MARK) else ""


def _line(path: str) -> str:
    """Return the text of one of git's small files; '' when there is none."""
    try:
        found = read_regular(path, 4096, follow=False)
    except (OSError, ValueError):
        return ""
    return found[0].decode("utf-8", "replace").strip() if found else ""


def _text(one: Found | None) -> str:
    return one.data.decode("utf-8", "replace") if one else ""


def _name(text: str) -> str:
    """Return the project's name; a host has no reader of TOML, and what a line does not say plainly is not read."""
    table = ""
    names: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        header, name = _TABLE.fullmatch(line), _NAME.fullmatch(line)
        if header or line.startswith("["):
            table = header.group(1) if header else ""
        elif name and table in ("project", "tool.poetry"):
            names.setdefault(table, name.group(1) or name.group(2))
    return names.get("project") or names.get("tool.poetry") or ""
