# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running processes of environments, and the variables that they were started with; read from /proc."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.variables import harmful_in

# `python`, an option and the script, or the script alone.
_WORDS = 4


def check_processes(
    environments: Sequence[str], approved: Sequence[str], proc: str = "/proc", spared: Collection[int] = ()
) -> Iterator[Finding]:
    """Yield a finding per environment with processes that have variables of that kind.

    What belongs to another user cannot be read by all; such a process is told as well.

    Args:
        environments: Their stable paths.
        approved: Hosts of approved indexes.
        proc: Where the kernel tells of processes.
        spared: Processes that are not looked at, such as the audit's own.
    """
    lines: dict[str, list[str]] = {}
    hidden: dict[str, list[str]] = {}
    for pid in sorted(int(name) for name in os.listdir(proc) if name.isdigit()):
        folder = f"{proc}/{pid}"
        venv = "" if pid in spared else _environment_of(folder, environments)
        if not venv:
            continue
        environ = _environ(folder)
        if environ is None:
            hidden.setdefault(venv, []).append(f"process {pid}: its variables may not be read")
            continue
        lines.setdefault(venv, []).extend(f"process {pid} {line}" for line in harmful_in(environ, approved))
    yield from (Finding("process-variable", venv, tuple(said), venv) for venv, said in lines.items() if said)
    yield from (Finding("unreadable", venv, tuple(said), venv) for venv, said in hidden.items())


def ancestors(pid: int, proc: str = "/proc") -> set[int]:
    """Return a process and all that it came from."""
    found = set()
    while pid > 0 and pid not in found:
        found.add(pid)
        try:
            with open(f"{proc}/{pid}/stat", encoding="utf-8", errors="replace") as stream:
                # The name of the program is in parentheses, and may hold some itself.
                pid = int(stream.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            break
    return found


def _environment_of(folder: str, environments: Sequence[str]) -> str:
    """Return the environment that a process is of, by its program and the first words of its command line."""
    words = _split(f"{folder}/cmdline") or []
    try:
        words = [os.readlink(f"{folder}/exe"), *words[:_WORDS]]
    except OSError:
        words = words[:_WORDS]
    for venv in environments:
        # Commands name the release they are of, and the environment's own python the link.
        if any(word.startswith((f"{venv}/", f"{venv}.releases/")) for word in words):
            return venv
    return ""


def _environ(folder: str) -> Mapping[str, str] | None:
    found = _split(f"{folder}/environ")
    pairs = [word.partition("=") for word in found or ()]
    return None if found is None else {name: value for name, _equals, value in pairs}


def _split(path: str) -> list[str] | None:
    try:
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8", "replace").split("\0")
    except PermissionError:
        return None
    except OSError:
        return []  # it ended meanwhile
