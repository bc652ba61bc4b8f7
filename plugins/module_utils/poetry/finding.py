# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Poetry is meant: an absolute path, or a name that is looked for in a few places. A PATH may begin with shims."""

from __future__ import annotations

import os
import re

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground

NAME = "poetry"
PLACES = ("/usr/local/bin", "/opt/netops/poetry/.venv/bin", "/usr/bin")
OF_A_PERSON = ".local/bin"
_INSTALL = "Install one (role poetry does), or name its path in `poetry`."
_MOST_LINKS = 40  # as the kernel counts (ELOOP)
_MOST_BYTES = 4096  # a shim has 300
# pyenv: exec "/.../pyenv" exec "$program"; asdf: exec [/.../]asdf exec "poetry"; rtx and mise are one program by many names.
_SHIM = re.compile(rb'(?m)^\s*(?:exec )?"?(?:/\S*/)?(pyenv|asdf|mise|rtx)"? (?:exec|x) ')
_MANAGERS = ("mise", "rtx", "asdf", "pyenv")


def find_poetry(named: str, home: str = "") -> str:
    """Return the absolute path of Poetry; it is not started, see :attr:`.tool.Poetry.version`.

    Args:
        named: An absolute path, or a name that is looked for; ``poetry`` when it is ''.
        home: The home of who it runs as.

    Raises:
        Refused: when there is none, when it cannot be executed, is a shim, or others could change it.
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
    check_ground(path)
    return path


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
