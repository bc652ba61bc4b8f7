# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying retention to an environment."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.module_utils.host.due import find_due
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.retention import Due, Pruned, Retention
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import discard

MODE = 0o644


def prune_due(environment: Environment, current: str, retention: Retention) -> Pruned:
    """Apply retention; the caller holds the lock. ``current`` is what the environment points to.

    Raises:
        Refused: for held releases that are not there.
        OSError: when a release cannot be removed.
    """
    # Asked under the lock, since what another run left, and what is in use, may be other than it was.
    return apply_due(environment, find_due(environment, current, retention))


def apply_due(environment: Environment, due: Due) -> Pruned:
    """Do what was found to be due; the caller holds the lock, and found it under the lock."""
    if due.held is not None:
        write_held(environment, due.held)
    return Pruned(due.go, sum(discard(environment, name) for name in due.go), due.spared, due.unseen)


def write_held(environment: Environment, names: Sequence[str]) -> None:
    """Keep the names of held releases for the runs that say nothing; the caller holds the lock."""
    # Few runs need it.
    from ansible_collections.netdevops.python.plugins.module_utils.common.files import owner_of, write_atomic
    from ansible_collections.netdevops.python.plugins.module_utils.host.held import HELD_FILE
    from ansible_collections.netdevops.python.plugins.module_utils.host.rights import opened

    text = "".join(f"{name}\n" for name in names)
    with opened(environment) as folder:  # By path it could lead elsewhere by now, where root is to write nothing.
        here = f"/proc/self/fd/{folder}"
        write_atomic(os.path.join(here, HELD_FILE), text.encode(), MODE, owner=owner_of(here))
