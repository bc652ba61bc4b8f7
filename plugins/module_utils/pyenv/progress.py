# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a build is, read from what it leaves lying about; the build itself knows nothing of it."""

from __future__ import annotations

import glob
import os
import re
import time
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import parse_version
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.closed import Room
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lease import is_alive, renew
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree

# Up to 3.11, setup.py finds out by itself which extension modules it compiles, and the Makefile knows nothing of them.
# Counted in builds of 3.11 with all libraries that the standard library has modules for, but those of dbm and tk.
SETUP_PY_OBJECTS = 94
LAST_SETUP_PY = (3, 11)

# Some commands are written over several lines; what all of them have on one is the object's name.
_COMPILED = re.compile(rb"\s-o\s+\S+\.o\b")
_CONFIGURED = re.compile(rb"^(\w[\w.]*: )?creating Makefile$", re.MULTILINE)
# Said before the first file is installed. Commands would mislead: make installs a file of gdb's while it compiles.
_INSTALLING = re.compile(rb"^Creating directory ", re.MULTILINE)
_OBJECT = re.compile(r"[\w.+-]+(?:/[\w.+-]+)+\.o\b")
_OPTIMIZED = re.compile(r"^(?:all:.*|bolt-opt:.*\n.*)\bprofile-opt\b", re.MULTILINE)
# The Makefile of an optimised build touches these: everything is compiled twice, and in between a training runs.
TRAINING, TRAINED = "profile-gen-stamp", "profile-run-stamp"


class Progress(NamedTuple):
    """How far a build is.

    Attributes:
        state: ``none``; ``busy`` (a run works on the version or waits for another, and does not build); ``building``;
            ``interrupted`` (a build was begun, and nobody works on it).
        stage: ``fetch``, ``unpack``, ``configure``, ``compile``, ``train``, ``install`` or ``prove``; '' when none is known.
        done: How many objects are compiled; 0 before that.
        total: How many there are about; never less than ``done``, 0 before it is known.
        seconds: How long ago the build began.
    """

    state: str
    stage: str = ""
    done: int = 0
    total: int = 0
    seconds: int = 0

    @property
    def text(self) -> str:
        """Return stage and count as a person wants to read them, such as ``compile 134 of 264``."""
        count = f" {self.done} of {self.total}" if self.stage == "compile" else ""
        return f"{self.stage}{count}" if self.state == "building" else self.state


class _Steps(NamedTuple):
    stage: str
    done: int = 0
    total: int = 0


def report(version: str, root: str, still_wanted: bool) -> dict[str, Any]:
    """Return how far the build of ``version`` below ``root`` is, as plain data.

    Args:
        version: The exact version.
        root: The folder that holds ``versions/``.
        still_wanted: Whether whoever asks waits for it: this renews the build's lease.

    Raises:
        Refused: when ``version`` is none, or when its build cannot be seen.
    """
    tree = Tree(os.path.normpath(root), parse_version(version, "version"))
    try:
        if still_wanted:
            renew(tree.lock)
        seen = look(tree)
    except OSError as error:
        why = f"cannot be looked at: {error.strerror or error}."
        raise Refused([Problem(str(error.filename or root), why, "Ask as the user that builds: become.")]) from error
    return {**seen._asdict(), "text": seen.text}


def look(tree: Tree, now: Callable[[], float] = time.time) -> Progress:
    """Return how far the build of a version is; writes nothing.

    Raises:
        OSError: when it cannot be seen, as by a user who may not read the build's files.
    """
    alive = is_alive(tree.lock)
    if not os.path.isdir(tree.work):
        return Progress("busy" if alive else "none")
    try:
        return Progress("building" if alive else "interrupted", *_steps(tree), seconds=_age(tree.work, now()))
    except FileNotFoundError:  # it came to its end while we looked
        return Progress("busy" if alive else "none")


def _age(work: str, now: float) -> int:
    # Other folders change while the build goes on; this one is filled once.
    first = Room(work).bin
    return max(0, int(now - os.stat(first if os.path.isdir(first) else work).st_mtime))


def _steps(tree: Tree) -> _Steps:
    room = Room(tree.work)
    logs = glob.glob(os.path.join(glob.escape(room.tmp), "python-build.*.log"))
    if not logs:
        return _Steps("fetch" if os.path.isdir(room.cache) else "unpack")
    with open(max(logs, key=os.path.getmtime), "rb") as stream:
        log = stream.read()
    sources = glob.glob(os.path.join(glob.escape(room.tmp), "python-build.*", "Python-*", ""))
    if not sources:
        # python-build deletes the sources when all is installed.
        return _Steps("prove" if _CONFIGURED.search(log) else "unpack")
    return _compiling(log, sources[0], tree.version)


def _compiling(log: bytes, source: str, version: str) -> _Steps:
    configured = _CONFIGURED.search(log)
    if not configured:
        return _Steps("configure" if b"\nchecking " in log else "unpack")
    done = _Count(log[configured.end() :], source)
    with open(os.path.join(source, "Makefile"), encoding="utf-8", errors="replace") as stream:
        total = expected_objects(stream.read(), version)
    return _Steps(done.stage, done.objects, max(total, done.objects))


class _Count:
    """What of compiling is done.

    Args:
        log: What make said.
        source: The folder of the sources.
    """

    def __init__(self, log: bytes, source: str) -> None:
        compiled = list(_COMPILED.finditer(log))
        last = compiled[-1].end() if compiled else 0
        self.objects = len(compiled) or _silent_objects(source)
        self.stage = "compile"
        if self._is_there(source, TRAINING) and not self._is_there(source, TRAINED):
            self.stage = "train"
        elif _INSTALLING.search(log, last):
            self.stage = "install"

    @staticmethod
    def _is_there(source: str, name: str) -> bool:
        return os.path.exists(os.path.join(source, name))


def _silent_objects(source: str) -> int:
    """Return how many objects lie there: with ``make -s`` the log does not say what was compiled."""
    return sum(name.endswith(".o") for _folder, _folders, names in os.walk(source) for name in names)


def expected_objects(makefile: str, version: str) -> int:
    """Return about how many objects a build compiles, from its Makefile."""
    objects = len(set(_OBJECT.findall(makefile)))
    if tuple(map(int, version.split(".")[:2])) <= LAST_SETUP_PY:
        objects += SETUP_PY_OBJECTS
    return objects * (2 if _OPTIMIZED.search(makefile) else 1)
