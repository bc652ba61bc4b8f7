# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The day from which on what is kept beside an environment may go."""

from __future__ import annotations

import datetime as dt
import re

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_day(text: str) -> str:
    """Return the day that ``legacy_until`` names.

    Raises:
        Refused: for anything but a day that exists, as ``YYYY-MM-DD``.
    """
    try:
        # By itself, fromisoformat takes weeks as well, from Python 3.11 on.
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    refuse(f"legacy_until {text!r}", "expected a day as YYYY-MM-DD.", "Write for example '2027-01-31', in quotes.")


def today() -> str:
    """Return the day, in UTC, as hosts of one play may be in several zones."""
    return dt.datetime.now(dt.timezone.utc).date().isoformat()


def is_over(day: str) -> bool:
    """Whether the day that ``legacy_until`` names has come; '' never does."""
    return bool(day) and today() >= day
