# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processes use a folder: by what the kernel says of each (proc(5)), in one pass for all folders.

A program of pure Python maps nothing of its environment, and its executable is the interpreter that the environment was made from.
Its command line is then all that names the folder, so that counts as well, and is readable for everybody.

Everything else about a process is told to its own user and to root alone. What belongs to somebody else is judged by its
command line, and counted (:attr:`Look.unseen`), so that whoever acts on the answer can say how far it goes.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

PROC = "/proc"
EXECUTABLE, MAPPED, WORKING_FOLDER = "executable", "mapped", "working folder"
COMMAND_LINE, SEARCH_PATH, OPEN_FILE, ENVIRONMENT = "command line", "search path", "open file", "environment"
# What an activated shell sets, and what else makes Python import from a folder.
VARIABLES = (b"VIRTUAL_ENV=", b"PYTHONPATH=", b"PYTHONHOME=")
# Where a Python was found that was started by its name alone.
FOUND_BY = (b"PATH=", b"VIRTUAL_ENV=")
# The program, and the script that it runs: only these are paths that the process itself went through.
STARTED_BY = 2
MOST_CHARACTERS = 200

_PATH = re.compile(rb"[^\0\n:]*")
_PYTHON = re.compile(rb"(?:python|pypy)[0-9.]*\b")


class Use(NamedTuple):
    """One process that uses a folder.

    Attributes:
        pid: Its number.
        what: The strongest sign: ``executable``, ``mapped``, ``working folder``, ``command line``, ``search path``,
            ``open file`` or ``environment``.
        detail: The path that shows it. The rest of a command line or of an environment can hold a secret, and is not told.
    """

    pid: int
    what: str
    detail: str


class Look(NamedTuple):
    """What one pass over all processes found.

    Attributes:
        users: Per folder, as it was given, the processes that use it; each process once.
        unseen: How many processes could be judged by their command line alone.
    """

    users: dict[str, list[Use]]
    unseen: int


def find_users(folders: Iterable[str], proc: str = PROC) -> dict[str, list[Use]]:
    """Return, per folder, the processes that use it or anything below it; see :func:`look_at_processes`."""
    return look_at_processes(folders, proc).users


def look_at_processes(folders: Iterable[str], proc: str = PROC) -> Look:
    """Look at every process once; writes nothing, and a process that ends meanwhile is no user.

    Args:
        folders: Absolute paths. Of two that are one below the other, the inner one counts. A symbolic link stands for
            itself: only what names the link uses it.
        proc: Where the kernel tells of processes.
    """
    named = _named(folders)
    users: dict[str, list[Use]] = {folder: [] for folder in named.values()}
    if not named:
        return Look(users, 0)
    pattern = _pattern(named)
    # Where processes of others are hidden (hidepid), not even the first one shows.
    pids = sorted(int(name) for name in os.listdir(proc) if name.isdigit())
    unseen = 0 if 1 in pids else 1
    for pid in pids:
        process = _Process(os.path.join(proc, str(pid)))
        for folder, use in _uses(pid, process, pattern, named):
            users[folder].append(use)
        unseen += process.is_closed
    return Look(users, unseen)


def started_at(pid: int, proc: str = PROC) -> float:
    """Return when a process started, in seconds since the epoch; 0 where it has ended. Exact to a tenth of a second."""
    try:
        with open(os.path.join(proc, str(pid), "stat"), "rb") as stream:
            # The second field is a name in parentheses, which can hold anything; the 22nd is the start.
            ticks = int(stream.read().rpartition(b")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0.0
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.time() - since_boot + ticks / os.sysconf("SC_CLK_TCK")


def explain(uses: Sequence[Use]) -> str:
    """Return in a few words who uses a folder; '' where nobody does."""
    if not uses:
        return ""
    first, more = uses[0], len(uses) - 1
    return f"in use by process {first.pid} ({first.what}: {first.detail})" + (f" and {more} more" if more else "")


class _Process:
    """What the kernel tells of one process; '' for what it does not have, or no longer."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.is_closed = False

    def link(self, name: str) -> bytes:
        try:
            return os.readlink(os.fsencode(os.path.join(self._path, name)))
        except OSError:  # a part of the kernel has none; of a closed one the maps say so
            return b""

    def read(self, name: str) -> bytes:
        try:
            with open(os.path.join(self._path, name), "rb") as stream:
                return stream.read()
        except PermissionError:
            self.is_closed = True
        except OSError:
            pass
        return b""

    def open_files(self) -> Iterator[bytes]:
        try:
            names = os.listdir(os.path.join(self._path, "fd"))
        except OSError:
            return
        for name in names:
            yield self.link(f"fd/{name}")


def _uses(
    pid: int, process: _Process, pattern: re.Pattern[bytes], named: dict[bytes, str]
) -> Iterator[tuple[str, Use]]:
    found = set()
    for what, said in _signs(process):
        for match in pattern.finditer(said):
            folder = named[match.group()]
            if folder not in found:
                found.add(folder)
                yield folder, Use(pid, what, _shown(said, match))


def _signs(process: _Process) -> Iterator[tuple[str, bytes]]:
    """Yield what shows a use, the strongest first."""
    command = process.read("cmdline")
    if not command:  # a part of the kernel, or one that has ended and waits for its parent
        return
    folder, program = process.link("cwd"), process.link("exe")
    yield EXECUTABLE, program
    yield MAPPED, process.read("maps")
    yield WORKING_FOLDER, folder
    yield COMMAND_LINE, command + b"\0" + b"\0".join(_relative(command, folder))
    if process.is_closed:
        return
    variables = process.read("environ").split(b"\0")
    if _PYTHON.match(command) and _PYTHON.match(os.path.basename(program)):
        yield SEARCH_PATH, b"\0".join(one for one in variables if one.startswith(FOUND_BY))
    for path in process.open_files():
        yield OPEN_FILE, path
    yield ENVIRONMENT, b"\0".join(one for one in variables if one.startswith(VARIABLES))


def _relative(command: bytes, folder: bytes) -> Iterator[bytes]:
    """Yield in full what was started by a path such as ``.venv/bin/python``."""
    for word in command.split(b"\0")[:STARTED_BY]:
        if folder and b"/" in word and not word.startswith(b"/"):
            yield os.path.normpath(os.path.join(folder, word))


def _named(folders: Iterable[str]) -> dict[bytes, str]:
    """Return the folders by each name that a process can have for them: the kernel tells of paths without links."""
    named: dict[bytes, str] = {}
    for folder in folders:
        above, name = os.path.split(folder)
        named[os.fsencode(folder)] = folder
        named.setdefault(os.fsencode(os.path.join(os.path.realpath(above), name)), folder)
    return named


def _pattern(named: Iterable[bytes]) -> re.Pattern[bytes]:
    """Return what finds one of these paths, whole: neither within another path, nor as the start of a longer name."""
    paths = b"|".join(re.escape(path) for path in sorted(named, key=len, reverse=True))
    return re.compile(rb"(?<![\w./-])(?:" + paths + rb")(?![\w.-])")


def _shown(said: bytes, match: re.Match[bytes]) -> str:
    """Return the folder, whatever its name is, and what follows of the path: a word may be another argument."""
    below = _PATH.match(said, match.end())
    return os.fsdecode(match.group() + (below.group().split(b" ", 1)[0] if below else b"")[:MOST_CHARACTERS])
