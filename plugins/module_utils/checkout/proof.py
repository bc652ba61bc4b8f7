# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pyenv proves itself by being started, in an environment that nobody else has touched."""

from __future__ import annotations

import os
import re
import shutil

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner

_SAYS = re.compile(r"pyenv (\S+)")
_VERSION = re.compile(r"3\.[0-9]+\.[0-9]+")
_ANOTHER = "Take another archive or commit of pyenv."
PYENV = "bin/pyenv"
BUILD = "plugins/python-build/bin/python-build"


def missing_shell(path: str) -> list[Problem]:
    """Return the problem that ``path`` (a PATH) has no bash; none when it has."""
    if shutil.which("bash", path=path):
        return []
    return [Problem("bash", "is not installed on this host, and pyenv is written in it.", "Install the package bash.")]


def prove(run: Runner, folder: str, path: str, timeout: float) -> str:
    """Start the pyenv in ``folder`` and its python-build; return the version that pyenv says it is.

    Raises:
        Refused: when one of them does not start, or knows no CPython.
    """
    said = _SAYS.match(_start(run, folder, path, timeout, PYENV, "--version").stdout)
    if said is None:
        refuse(PYENV, "does not say which version it is.", _ANOTHER)
    known = _start(run, folder, path, timeout, BUILD, "--definitions").stdout.split()
    if not any(map(_VERSION.fullmatch, known)):
        refuse(BUILD, "knows no version of CPython.", _ANOTHER)
    return said.group(1)


def _start(run: Runner, folder: str, path: str, timeout: float, program: str, word: str) -> Completed:
    # The repository that a root happens to be in is not pyenv's: `pyenv --version` would name its revision.
    env = {
        "PATH": path,
        "HOME": folder,
        "PYENV_ROOT": folder,
        "LC_ALL": "C.UTF-8",
        "GIT_CEILING_DIRECTORIES": os.path.dirname(folder),
    }
    done = run([os.path.join(folder, program), word], env=env, cwd=folder, timeout=timeout)
    if done.rc:
        refuse(program, f"{word} ended with {done.rc}: {done.tail()}", _ANOTHER)
    return done
