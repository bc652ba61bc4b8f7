# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the history of a host is."""

from __future__ import annotations

import os

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

FOR_ROOT = "/var/log/netdevops-python/history.jsonl"


def check_history(path: str) -> str:
    """Return the path of a history; raises Refused for one that is not absolute."""
    if not os.path.isabs(path):
        refuse(f"history {path!r}", "expected an absolute path.", f"Name the file in full, for example {FOR_ROOT}.")
    return path
