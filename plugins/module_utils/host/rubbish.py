# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be swept of what no finished run leaves: a release that lost its receipt looks the same, and may be running."""

from __future__ import annotations

import time

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment


def rubbish(environment: Environment) -> list[str]:
    """Return what no finished run leaves (:meth:`~.environment.Environment.leftovers`) and no process uses."""
    names = environment.leftovers()
    folders = [name for name in names if not name.startswith(".")]
    if not folders:
        return names
    # Few runs need it.
    from ansible_collections.netdevops.python.plugins.module_utils.host.surplus import find_used

    used = find_used(environment, dict.fromkeys(folders, time.time())).releases
    return [name for name in names if name not in used]
