# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values from hosts, made safe to handle: a host is no authority on what a report may hold.

Every text passes here once, where it comes in. What writes HTML, XML or Prometheus text has its own escapes to do, and no others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

LONGEST = 2000
LARGEST = 1 << 53  # what JSON numbers hold everywhere
# Control characters (tab and line feed may stay), what HTML and XML forbid, and what turns the direction of the text around it.
_UNREADABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufdd0-\ufdef\ufeff\ufff9-\uffff\ud800-\udfff]"
    "|[" + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)) + "]"
)
_DIGITS = re.compile(r"(\d+)")


def legible(value: object) -> str:
    """Return a text that every form of the report can hold: what cannot be seen is written as an escape.

    It is cut after ``LONGEST`` characters. Anything but a text or a number becomes ''.
    """
    if isinstance(value, int):
        number = count_or_none(value)
        return "" if number is None else str(number)
    if not isinstance(value, str):
        return ""
    text = _UNREADABLE.sub(_escaped, value[: LONGEST + 1])
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _escaped(found: re.Match[str]) -> str:
    number = ord(found.group())
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def one_line(value: object) -> str:
    """Return a text like :func:`legible`, on one line."""
    return legible(value).replace("\n", "\\n").replace("\t", " ")


def lines(value: object) -> tuple[str, ...]:
    """Return the texts of a list, a line each."""
    return tuple(one_line(item) for item in sequence(value))


def sequence(value: object) -> list[Any]:
    """Return a list, or an empty one for whatever is none."""
    return list(value) if isinstance(value, (list, tuple)) else []


def mappings(value: object) -> list[Mapping[str, Any]]:
    """Return the mappings of a list."""
    return [item for item in sequence(value) if isinstance(item, Mapping)]


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping, or an empty one for whatever is none."""
    return value if isinstance(value, Mapping) else {}


def count(value: object) -> int:
    """Return a number that is not negative; 0 for whatever is none."""
    return count_or_none(value) or 0


def count_or_none(value: object) -> int | None:
    """Return a number that is not negative, or None."""
    # Compared and never converted: an integer may be too large for a float, and for a text.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        return None
    return int(min(value, LARGEST))


def seconds(value: object) -> float:
    """Return seconds, to the hundredth; 0 for whatever is none."""
    whole = count_or_none(value)
    return round(float(value), 2) if isinstance(value, float) and whole is not None else float(whole or 0)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return what sorts ``edge-2`` before ``edge-10``."""
    parts = _DIGITS.split(name.casefold())
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]
    return (*key, (2, 0, name))
