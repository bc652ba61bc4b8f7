# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the history of a host."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.host.history import INTERRUPTED, STARTED, process_name
from ansible_collections.netdevops.python.plugins.module_utils.host.history_file import read_lines


def read_history(path: str, venv: str = "") -> list[dict[str, Any]]:
    """Return what was done, the oldest first: one entry for each piece of work, as its last line has it.

    Work that never ended, and whose process is gone, has the outcome ``interrupted``. Lines that are none are passed over.

    Args:
        path: The file. Those that were put aside are read before it.
        venv: Only what was done to this environment; all when it is ''.
    """
    found: dict[str, dict[str, Any]] = {}
    for line in read_lines(path):
        try:
            plain = json.loads(line)
            if not venv or plain["venv"] == venv:
                found[plain["id"]] = {**plain, "at": found.get(plain["id"], plain)["at"]}
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return [_ended(entry) for entry in found.values()]


def _ended(entry: dict[str, Any]) -> dict[str, Any]:
    if entry.get("outcome") != STARTED:
        return {key: value for key, value in entry.items() if key != "process"}
    process = str(entry.get("process"))
    is_at_work = process == process_name(process.partition(".")[0])
    return entry if is_at_work else {**entry, "outcome": INTERRUPTED}
