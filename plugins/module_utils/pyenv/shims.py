# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pyenv's shims, for login shells of people; only pyenv itself makes them."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.closed import host_environment
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.rehash import run_rehash

SCRIPTS = ("libexec/pyenv", "bin/pyenv")
SECONDS = 120  # half of it is for another rehash


def missing_shims(root: str) -> list[str]:
    """Return the programs of the versions below ``root`` for which there is no shim, sorted."""
    there = set(_names(os.path.join(root, "shims")))
    return sorted(_programs(root) - there)


def _programs(root: str) -> set[str]:
    versions = os.path.join(root, "versions")
    # A dot name is no interpreter of anybody's. pyenv makes shims of it all the same, and nobody misses them.
    folders = [os.path.join(versions, name, "bin") for name in _names(versions) if not name.startswith(".")]
    return {name for folder in folders for name in _names(folder)}


def _names(folder: str) -> list[str]:
    return os.listdir(folder) if os.path.isdir(folder) else []


def find_pyenv(wanted: Wanted) -> str:
    """Return the pyenv that makes the shims.

    Raises:
        Refused: when there is none, or when it is someone else's, who could make us run what they like.
    """
    paths = [os.path.join(folder, name) for folder in wanted.pyenv for name in SCRIPTS]
    path = next((os.path.realpath(path) for path in paths if os.path.isfile(path)), "")
    if not path:
        refuse("rehash", f"expected a pyenv below one of: {', '.join(wanted.pyenv)}; found none.", "Put one there.")
    if os.stat(path).st_uid not in (0, os.geteuid()):
        refuse(path, "belongs to another user, who can change what it does.", "Use one that root or this user owns.")
    return path


def rehash(pyenv: str, root: str, run: Runner, environ: Mapping[str, str]) -> None:
    """Let pyenv make the shims of the versions below ``root``.

    Raises:
        Refused: when it fails.
    """
    done = run_rehash(run, pyenv, root, clean_environment(host_environment(environ)), SECONDS)
    if done.rc:
        refuse(
            os.path.join(root, "shims"), f"pyenv rehash failed (exit {done.rc}): {done.tail()}.", "Correct it there."
        )
