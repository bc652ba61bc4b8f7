# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a report may take the place of the one that is there: not when that one is about other hosts.

All slices of a job have the same variables, so their reports have the same name; a run on a few hosts has the name of the one on all of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

_SOME = 5


def named_hosts(data: bytes) -> set[str]:
    """Return the hosts that a report in JSON is about; none where it is no report."""
    try:
        return {str(host["name"]) for host in json.loads(data)["hosts"]}
    except (ValueError, LookupError, TypeError, RecursionError):
        return set()


def check_hosts(path: str, before: Collection[str], after: Collection[str], inventory: Collection[str]) -> None:
    """Let hosts come, and hosts go that the inventory does not have any more, as long as they are not most of them.

    A slice does not have the hosts of other slices in its inventory. Of slices that write into one place, at most one has most of the hosts that
    are in the report, and the others are told.

    Args:
        path: The report in JSON.
        before: The hosts that it is about.
        after: Those that the new one is about.
        inventory: Those that this run knows.

    Raises:
        Refused: when the new one is about other hosts.
    """
    lost = sorted(set(before) - set(after))
    left_out = [name for name in lost if name in set(inventory)]
    if not left_out and len(lost) * 2 <= len(before):
        return
    told = left_out or lost
    some = ", ".join(told[:_SOME]) + (f" and {len(told) - _SOME} more" if len(told) > _SOME else "")
    refuse(
        path,
        f"expected the earlier report of these {len(set(after))} hosts, found one that is also about {some}.",
        "Give each slice, and each run on some of the hosts, a name of its own; with replace the new report takes its place.",
    )
