# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying retention to an environment."""

from __future__ import annotations

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.retention import (
    Due,
    Pruned,
    Retention,
    find_due,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import discard


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
        from ansible_collections.netdevops.python.plugins.module_utils.host.held import write_held

        write_held(environment, due.held)
    return Pruned(due.go, sum(discard(environment, name) for name in due.go), due.spared, due.unseen)
