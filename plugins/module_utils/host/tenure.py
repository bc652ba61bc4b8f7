# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When each release was current, as the journal has it."""

from __future__ import annotations

import math
import os
import time

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import pointed, read_journal
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import RECEIPT_FILE


def last_current(environment: Environment) -> dict[str, float]:
    """Return when each release was last current, in seconds since the epoch; for the current one, that is now.

    One that never was, as far as is known, has the time of its receipt.
    """
    names, current = environment.names(), pointed(environment)
    left = read_journal(environment, names).state(current).left
    times = {name: left[name] if name in left else _built(environment, name) for name in names}
    return {**times, **({current: time.time()} if current in times else {})}


def current_between(environment: Environment, first: float, last: float) -> set[str]:
    """Return the releases that were current at some moment of a time, or may have been where that is not known any more.

    Args:
        environment: Where.
        first: The start of the time, in seconds since the epoch.
        last: Its end.
    """
    names = environment.names()
    base, entries = read_journal(environment, names)
    if not entries and not base.left:
        return set(names)
    ends = [(entry.at, entry.start) for entry in entries] + [(math.inf, pointed(environment))]
    begins = [-math.inf] + [entry.at for entry in entries]
    spans = [(begin, end, name) for begin, (end, name) in zip(begins, ends)]
    spans += [(-math.inf, at, name) for name, at in base.left.items()]
    return {name for begin, end, name in spans if begin <= last and end >= first and name in names}


def current_since(environment: Environment) -> float:
    """Return when the current release became current, in seconds since the epoch; 0 where nobody wrote it down."""
    current = pointed(environment)
    entries = read_journal(environment, environment.names()).entries
    return next((entry.at for entry in reversed(entries) if current and entry.to == current), 0.0)


def _built(environment: Environment, name: str) -> float:
    try:
        return os.stat(os.path.join(environment.release(name), RECEIPT_FILE)).st_mtime
    except OSError:
        return 0.0
