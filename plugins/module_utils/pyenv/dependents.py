# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on an interpreter: environments, running processes, and the global pin."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.search import CONFIG, RELEASES, find, home_of


class Dependent(NamedTuple):
    """Something that stops to work when the interpreter goes.

    Attributes:
        kind: ``environment``, ``process`` or ``global``.
        path: The environment (of a release in use: its stable path), the folder of the process below /proc, or the pin.
        detail: What it has to do with the interpreter.
    """

    kind: str
    path: str
    detail: str


class Environment(NamedTuple):
    """An environment, and the ``bin`` folder of the interpreter that it was made from."""

    path: str
    home: str


def find_dependents(folder: str, search: Sequence[str], proc: str = "/proc") -> list[Dependent]:
    """Return everything that stands on the interpreter in ``folder``; writes nothing.

    Args:
        folder: ``<root>/versions/X.Y.Z``. Of a link, only what goes through the link stands on it.
        search: The folders in which environments are looked for; what cannot be read there is not looked at.
        proc: Where the kernel tells of processes.
    """
    return dependents_of(folder, find_environments(search), proc)


def dependents_of(folder: str, environments: Iterable[Environment], proc: str = "/proc") -> list[Dependent]:
    """Return which of ``environments`` stand on the interpreter in ``folder``, and what else does.

    Processes are left out where ``proc`` is ''.
    """
    standing = [named(one) for one in environments if _is_below(one.home, folder)]
    return sorted(standing) + (_processes(folder, proc) if proc else []) + _pins(folder)


def find_environments(search: Sequence[str], unreadable: list[str] | None = None) -> list[Environment]:
    """Return all environments in the folders ``search``, without following links.

    A file system of another machine is left out where it is mounted somewhere below, and not where it is named.
    ``unreadable`` gets the folders that this user may not look into, and the environments that it may not read.
    """
    finds = find(search)
    homes = {path: home_of(path) for path in finds.environments}
    if unreadable is not None:
        closed = [path for path, home in homes.items() if not home and _is_closed(os.path.join(path, CONFIG))]
        unreadable += sorted({*finds.unreadable, *closed})
    return [Environment(path, home) for path, home in homes.items() if home]


def unseen_processes(proc: str = "/proc") -> int:
    """Return of how many processes this user cannot see what they run; a lower bound where those of others are hidden.

    Root sees all. Where a container takes that from it, the first process alone can be closed to it for good.
    """
    if os.geteuid() == 0:
        return 0
    names = [name for name in os.listdir(proc) if name.isdigit()]
    # Where processes of others are hidden (hidepid), not even the first one shows.
    return sum(_is_unseen(os.path.join(proc, name)) for name in names) + ("1" not in names)


def _is_unseen(process: str) -> bool:
    try:
        os.readlink(os.path.join(process, "exe"))
    except PermissionError:
        return bool(_command_line(process))  # a part of the kernel has none
    except OSError:
        pass
    return False


def _command_line(process: str) -> list[str]:
    try:
        with open(os.path.join(process, "cmdline"), "rb") as stream:
            return [word for word in os.fsdecode(stream.read()).split("\0") if word]
    except OSError:
        return []


def _is_closed(path: str) -> bool:
    return os.path.lexists(path) and not os.access(path, os.R_OK) and os.path.exists(path)


def _is_below(path: str, folder: str) -> bool:
    lexical = os.path.normpath(path).startswith(folder + "/")
    if os.path.islink(folder):
        return lexical
    return lexical or os.path.realpath(path).startswith(os.path.realpath(folder) + "/")


def named(environment: Environment) -> Dependent:
    """Return the dependent under the name that people know; of a release, that is the link to it."""
    path, said = environment.path, f"its {CONFIG} names {environment.home}"
    above = os.path.dirname(path)
    if not above.endswith(RELEASES):
        return Dependent("environment", path, said)
    stable = above[: -len(RELEASES)]
    if os.path.realpath(stable) == os.path.realpath(path):
        return Dependent("environment", stable, said)
    return Dependent("environment", path, f"{said}; it is an earlier release of {stable}")


def _processes(folder: str, proc: str) -> list[Dependent]:
    if os.path.islink(folder):
        return []  # what runs is behind the link, and stays there
    start = os.path.realpath(folder) + "/"
    found = []
    for name in sorted((name for name in os.listdir(proc) if name.isdigit()), key=int):
        path = os.path.join(proc, name)
        try:
            program = os.readlink(os.path.join(path, "exe"))
        except PermissionError:
            # Another user's. Everybody may read which words it was started with.
            program = next((word for word in _command_line(path) if word.startswith((start, folder + "/"))), "")
            program = program and os.path.realpath(program)
        except OSError:
            continue  # ended meanwhile, or a part of the kernel
        if program.startswith(start):
            found.append(Dependent("process", path, f"it runs {program}"))
    return found


def _pins(folder: str) -> list[Dependent]:
    versions, version = os.path.split(folder)
    path = os.path.join(os.path.dirname(versions), "version")
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            lines = [line.partition("#")[0] for line in stream]
    except OSError:
        return []
    pinned = version in [word for line in lines for word in line.split()]
    return [Dependent("global", path, f"it pins {version} for everybody")] if pinned else []
