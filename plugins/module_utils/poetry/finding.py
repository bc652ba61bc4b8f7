# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Poetry is meant: an absolute path, or a name that is looked for in a few places. A PATH may begin with shims."""

from __future__ import annotations

import os
import re
import shutil

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.host.launcher import MARKER
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground

NAME = "poetry"
PLACES = ("/usr/local/bin", "/opt/netops/poetry/.venv/bin", "/usr/bin")
OF_A_PERSON = ".local/bin"
_INSTALL = "Install one (role poetry does), or name its path in `poetry`."
_MOST_LINKS = 40  # as the kernel counts (ELOOP)
_MOST_SCRIPTS = 5  # as the kernel counts: the interpreter of a script may be one
_MOST_BYTES = 4096  # a shim has 300
# pyenv: exec "/.../pyenv" exec "$program"; asdf: exec [/.../]asdf exec "poetry"; rtx and mise are one program by many names.
_SHIM = re.compile(rb'(?m)^\s*(?:exec )?"?(?:/\S*/)?(pyenv|asdf|mise|rtx)"? (?:exec|x) ')
# What starts a script: our launcher of an environment, a shell that hands over to a Python with a long path, the first line.
_LAUNCHER = re.compile(rb"#!/bin/sh\n" + re.escape(MARKER.encode()) + rb"(/[^\n]+)\n")
_BY_SHELL = re.compile(rb"#!/bin/sh\n'''exec' (?:\"([^\"\n]+)\"|(\S+)) ")
_FIRST_LINE = re.compile(rb"#![ \t]*([^\s\0]+)([^\n]*)")
_HOME = re.compile(rb"(?m)^[ \t]*home[ \t]*=[ \t]*([^\r\n]*[^\s])")
_MANAGERS = ("mise", "rtx", "asdf", "pyenv")


def find_poetry(named: str, home: str = "") -> str:
    """Return the absolute path of Poetry; it is not started, see :attr:`.tool.Poetry.version`.

    Args:
        named: An absolute path, or a name that is looked for; ``poetry`` when it is ''.
        home: The home of who it runs as.

    Raises:
        Refused: when there is none, when it cannot be executed, is a shim, or others could change it or what it runs with.
    """
    name = named or NAME
    if os.path.isabs(name):
        path = name
        if not os.path.exists(path):
            refuse(path, "expected Poetry, found nothing.", _INSTALL)
    elif "/" in name:
        refuse(f"poetry {name!r}", "expected an absolute path, or a name alone.", "Name it in full.")
    else:
        path = _looked_for(name, [*PLACES, *([os.path.join(home, OF_A_PERSON)] if home else [])])
    if os.path.isdir(path) or not os.access(path, os.X_OK):
        refuse(path, "expected Poetry, found what cannot be executed.", _INSTALL)
    manager = shim_of(path)
    if manager:
        message = f"is a shim of {manager}: which Poetry it starts, if any, depends on folder and person."
        refuse(path, message, "Name the path of the Poetry itself in `poetry`.")
    check_program(path)
    return path


def check_program(path: str) -> None:
    """Check the ground of a program, of what its first line starts, and of what an environment is made from.

    Args:
        path: Its absolute path. What is not there is nobody's.

    Raises:
        Refused: when anybody but root and this run's user could put something else there.
    """
    for _unused in range(_MOST_SCRIPTS):
        check_ground(path)
        config = os.path.join(os.path.dirname(os.path.dirname(path)), "pyvenv.cfg")
        home = _HOME.search(_start_of(config))
        for other in (config, os.fsdecode(home.group(1)) if home else ""):
            if os.path.isabs(other):
                check_ground(other)
        path = _started_by(path)
        if not path:
            break


def _started_by(path: str) -> str:
    """Return the program that a script is run by; '' for what is no script."""
    start = _start_of(path)
    launched, by_shell, first = (one.match(start) for one in (_LAUNCHER, _BY_SHELL, _FIRST_LINE))
    if launched:
        return os.path.join(os.fsdecode(launched.group(1)), "bin", os.path.basename(path))
    if by_shell:
        return os.fsdecode(by_shell.group(1) or by_shell.group(2))
    if not first:
        return ""
    program, words = os.fsdecode(first.group(1)), os.fsdecode(first.group(2)).split()
    named = [word for word in words if not word.startswith("-") and "=" not in word]
    if os.path.basename(program) == "env" and named:
        program = shutil.which(named[0]) or ""
    return program if os.path.isabs(program) else ""


def _looked_for(name: str, folders: list[str]) -> str:
    paths = [os.path.join(folder, name) for folder in folders]
    found = [path for path in paths if os.path.exists(path)]
    if not found:
        refuse("poetry", f"expected {name!r} in one of {', '.join(folders)}; found none.", _INSTALL)
    # A shim in an early place must not hide the real one in a later one.
    return next((path for path in found if not shim_of(path)), found[0])


def shim_of(path: str) -> str:
    """Return the version manager that a program only stands for, by its folder or content; '' for a program itself."""
    for _unused in range(_MOST_LINKS):
        folder, name = os.path.split(path)
        if os.path.basename(folder) == "shims":
            return next((manager for manager in _MANAGERS if manager in folder), "a version manager")
        if name in _MANAGERS:
            return name
        if not os.path.islink(path):
            break
        path = os.path.normpath(os.path.join(folder, os.readlink(path)))
    found = _SHIM.search(_start_of(path))
    return found.group(1).decode() if found else ""


def _start_of(path: str) -> bytes:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            return stream.read(_MOST_BYTES)
    except OSError:
        return b""
