# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a repository says of itself, for whoever renders files for it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ansible_collections.netdevops.python.plugins.module_utils.common.pin import PIN_FILE, parse_pin
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.look import Found

PROJECT_FILE = "pyproject.toml"
HEAD = ".git/refs/remotes/origin/HEAD"
_TABLE = re.compile(r"\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")
_NAME = re.compile(r"""name\s*=\s*(?:"([^"\\]+)"|'([^']+)')\s*(?:#.*)?""")
_MARK = "ref: refs/remotes/origin/"


def facts(repository: str, found: Mapping[str, Found]) -> dict[str, str]:
    """Return ``pin``, ``name`` and ``branch`` of a repository; '' for what it does not say.

    Raises:
        Refused: when ``.python-version`` holds anything else than a pin.
    """
    pin, project = (_text(found.get(path)) for path in (PIN_FILE, PROJECT_FILE))
    return {
        "pin": parse_pin(pin, os.path.join(repository, PIN_FILE)) if PIN_FILE in found else "",
        "name": _name(project),
        "branch": _branch(os.path.join(repository, HEAD)),
    }


def _branch(path: str) -> str:
    """Return the default branch of where the repository was cloned from. In a worktree ``.git`` is a file, which does not say it."""
    try:
        found = read_regular(path, 4096, follow=False)
    except OSError:
        return ""
    text = found[0].decode("utf-8", "replace").strip() if found else ""
    return text[len(_MARK) :] if text.startswith(_MARK) else ""


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
