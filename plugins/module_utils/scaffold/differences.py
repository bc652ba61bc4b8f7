# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each file becomes, line by line, no longer than a controller can take, and without the passwords that somebody left in one."""

from __future__ import annotations

import re

from ansible_collections.netdevops.python.plugins.module_utils.scaffold.plan import Drawn, Step

MOST_LINES = 60  # of one file: the lists of hashes have thousands
MOST_TOLD = 200_000  # bytes of all files
_LOGIN = re.compile(r"//[^/\s]+@")
# Of a line that is somebody's; what is rendered names secrets, and holds none.
_SAID = re.compile(r"(?i)([\w-]*(?:passw(?:or)?d|secret|token|api[_-]?key)[\w-]*[\"']?\s*[:=]+\s*)\S.*")


def differences(drawn: Drawn) -> list[dict[str, str]]:
    """Return the steps in the form that Ansible's ``--diff`` prints; each names its file."""
    told, room = [], MOST_TOLD
    for step in drawn.steps:
        text = f"{step.verb} {step.path}: {step.reason}\n" + _step(step)
        room -= len(text)
        told.append({"prepared": text if room > 0 else f"{step.verb} {step.path}: {step.reason}\n"})
    return told


def unified(before: bytes | None, after: bytes | None, path: str) -> str:
    """Return the lines that differ between two contents of a file."""
    import difflib  # few runs need it

    old, new = (_lines(data) for data in (before, after))
    was, will = (path if data is not None else "/dev/null" for data in (before, after))
    lines = list(difflib.unified_diff(old, new, was, will, lineterm=""))
    more = len(lines) - MOST_LINES
    return "".join(f"{_scrubbed(line)}\n" for line in lines[:MOST_LINES]) + (
        f"... and {more} more lines\n" if more > 0 else ""
    )


def _scrubbed(line: str) -> str:
    """Return a line of a diff without its passwords; after the comparison, so that one that differs is told."""
    line = _LOGIN.sub("//***@", line)
    return line if line.startswith("+") else _SAID.sub(r"\1***", line)


def _lines(data: bytes | None) -> list[str]:
    return [] if data is None else data.decode("utf-8", "backslashreplace").splitlines()


def _step(step: Step) -> str:
    if step.after is None and step.verb != "remove":
        return ""
    before, after = step.before, step.after
    return unified(before.data if before else None, after.data if after else None, step.path)
