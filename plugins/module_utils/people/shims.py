# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shims of a personal tree: which are stale, and how pyenv itself makes them."""

from __future__ import annotations

import os
import re

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.people.rights import PATH
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.rehash import PROTOTYPE, run_rehash

SOURCE_PROTOTYPE = ".pyenv-source-shim"
_PROGRAM = re.compile(r'^exec "([^"]+)" exec ', re.MULTILINE)
_MOST = 4096  # bytes; a shim has 300


def stale(folder: str, programs: set[str]) -> str:
    """Return why the shims in ``folder`` do not serve ``programs``; '' when they do."""
    there = shims(folder)
    missing = sorted(programs - there)
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        return f"there is none for {', '.join(missing[:3])}{more}"
    for name in sorted(programs & there)[:1]:
        program = starts(os.path.join(folder, name))
        if program and not os.access(program, os.X_OK):
            return f"they start {program}, which is not there"
    return ""


def shims(folder: str) -> set[str]:
    """Return the names of the shims in a folder."""
    try:
        return {name for name in os.listdir(folder) if not name.startswith(".")}
    except OSError:
        return set()


def left_by_rehash(folder: str) -> list[str]:
    """Return the names of what a rehash that was killed left in a folder of shims."""
    return [name for name in (PROTOTYPE, SOURCE_PROTOTYPE) if os.path.lexists(os.path.join(folder, name))]


def starts(shim: str) -> str:
    """Return the pyenv that a shim starts; '' when it is none."""
    try:
        with open(
            os.open(shim, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), encoding="utf-8", errors="replace"
        ) as stream:
            found = _PROGRAM.search(stream.read(_MOST))
    except OSError:
        return ""
    return found.group(1) if found else ""


def rehash(run: Runner, pyenv: str, root: str, timeout: float) -> None:
    """Have ``pyenv`` make the shims of the tree ``root``.

    Raises:
        Refused: when it fails.
    """
    environ = {"PATH": PATH, "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}
    done = run_rehash(run, pyenv, root, environ, timeout)
    if done.rc:
        refuse(root, f"pyenv rehash ended with {done.rc}: {done.tail()}", "Read what it says, or set rehash: false.")
