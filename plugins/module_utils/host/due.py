# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What retention lets go."""

from __future__ import annotations

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.retention import Due, Retention, leaves_all


def find_due(environment: Environment, current: str, retention: Retention) -> Due:
    """Return what retention lets go while ``current`` is the current release; writes nothing.

    Where there are no more releases than are kept, and the same ones held, that is all that it looks at.

    Raises:
        Refused: for held releases that are not there.
    """
    if leaves_all(environment, retention):
        return Due()
    from ansible_collections.netdevops.python.plugins.module_utils.host.surplus import judge  # few runs need it

    return judge(environment, current, retention)
