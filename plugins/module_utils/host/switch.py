# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pointing an environment at a release, in one step that no reader can see half of."""

from __future__ import annotations

import os
import time
from typing import Callable

from ansible_collections.netdevops.python.plugins.module_utils.common.files import rename_exchange, sync_folder
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import LINK_PREFIX, Environment

KEPT_TIME = "%Y%m%dT%H%M%S"  # UTC, as all times of ours


def switch(environment: Environment, name: str, keep: Callable[[str], None] | None = None) -> str:
    """Point the environment at its release ``name``.

    An ordinary folder that stands there is kept beside it: it changes places with the link in one step
    where kernel and file system can (renameat2), else in two renames.

    Args:
        environment: What is switched.
        name: The release.
        keep: Is told, before anything is moved, where such a folder is going to be.

    Returns:
        The path where such a folder is kept; '' where there was none.
    """
    if os.path.isdir(environment.venv) and not os.path.islink(environment.venv):
        kept = f"{environment.venv}.kept-{time.strftime(KEPT_TIME, time.gmtime())}"
        if keep:
            keep(kept)
        _replace_folder(environment.venv, environment.link_target(name), kept)
    else:
        kept = ""
        link = os.path.join(environment.releases, f"{LINK_PREFIX}{os.getpid()}")
        os.symlink(environment.link_target(name), link)
        try:
            os.replace(link, environment.venv)
        except BaseException:
            os.unlink(link)
            raise
    sync_folder(os.path.dirname(environment.venv))
    return kept


def _replace_folder(venv: str, target: str, kept: str) -> None:
    # The link is made under the name that the folder is to have: whenever this is cut short, the folder
    # has its old name or its new one, and never one that a later run would sweep.
    os.symlink(target, kept)
    if rename_exchange(kept, venv):
        return
    os.unlink(kept)
    os.rename(venv, kept)
    try:
        os.symlink(target, venv)
    except BaseException:
        os.rename(kept, venv)
        raise
