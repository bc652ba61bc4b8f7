# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results that a controller can read, whatever bytes the names of files are made of."""

from __future__ import annotations

from typing import Any


def legible(value: Any) -> Any:
    """Return plain data in which each byte of a text that is no UTF-8 is written out.

    A name on a disk may be of any bytes. One such text makes a whole result one that nobody can decode.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {legible(key): legible(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [legible(item) for item in value]
    return value
