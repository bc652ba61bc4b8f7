# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A day as people write it: ``YYYY-MM-DD``."""

from __future__ import annotations

import datetime as dt
import re

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_day(text: object) -> dt.date | None:
    """Return the day that ``text`` says; None where it says none. YAML may have made a date of it already."""
    if not _DAY.fullmatch(str(text)):
        return None
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        return None
