# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the little TOML that a lock needs; the standard library only reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def toml_value(value: Any) -> str:
    """Return ``value`` (text, bool, integer, list or mapping of these) on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key} = {toml_value(item)}" for key, item in value.items())
        return f"{{{pairs}}}"
    return "[" + ", ".join(toml_value(item) for item in value) + "]"


def toml_pairs(table: Mapping[str, Any]) -> list[str]:
    """Return one line per key; a list of mappings gets one line per item. Keys must be bare."""
    lines: list[str] = []
    for key, value in table.items():
        if isinstance(value, Sequence) and value and isinstance(value[0], Mapping):
            lines += [f"{key} = [", *(f"    {toml_value(item)}," for item in value), "]"]
        else:
            lines.append(f"{key} = {toml_value(value)}")
    return lines


def _string(text: str) -> str:
    # A basic string of TOML 1.0 takes JSON's escapes, except for DEL, which JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
