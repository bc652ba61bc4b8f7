# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking releases away: the surplus, and what an interrupted run left."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import RUBBISH_PREFIX, Environment


def sweep(environment: Environment) -> None:
    """Remove what no finished run leaves. The caller holds the lock, so nobody is at work on any of it."""
    for name in environment.leftovers():
        remove(environment.release(name))


def prune(environment: Environment, names: Sequence[str]) -> None:
    """Remove releases."""
    for name in names:
        discard(environment, name)


def discard(environment: Environment, name: str) -> None:
    """Remove one release: it loses its name first, so that a half-removed one never passes for a release."""
    rubbish = environment.release(f"{RUBBISH_PREFIX}{name}-{os.getpid()}")
    os.rename(environment.release(name), rubbish)
    remove(rubbish)


def remove(path: str) -> None:
    """Remove a file, a link or a folder with all that is in it; links are never followed."""
    _remove(path, None)


def _remove(name: str, above: int | None) -> None:
    try:
        os.unlink(name, dir_fd=above)
    except IsADirectoryError:
        _remove_folder(name, above)


def _remove_folder(name: str, above: int | None) -> None:
    # By descriptors, as shutil.rmtree does it, with half of its work for each of the 2,000 folders of a release.
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    try:
        for entry in os.listdir(descriptor):
            _remove(entry, descriptor)
    finally:
        os.close(descriptor)
    os.rmdir(name, dir_fd=above)
