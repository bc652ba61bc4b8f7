# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that lost its receipt, or whose receipt cannot be believed: nobody can go back to it."""

from __future__ import annotations

import os
import time

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.host.surplus import HERE, Edges, find_used
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import discard


def discard_damaged(environment: Environment, name: str, edges: Edges = HERE) -> int:
    """Remove the release ``name``, which was current until now, where it is damaged and no process uses it.

    The caller holds the lock. One that is used goes with the surplus of a later run.

    Returns:
        How many bytes that freed.
    """
    folder = environment.release(name)
    if not name or not os.path.isdir(folder) or read_receipt(folder):
        return 0
    if find_used(environment, {name: time.time()}, edges).releases:
        return 0
    return discard(environment, name)
