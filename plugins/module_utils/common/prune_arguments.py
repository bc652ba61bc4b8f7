# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of ``wheelhouse_prune``, which its module and its action plugin both check."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, dict[str, Any]] = {
    "venv": {"type": "path"},
    "search": {"type": "list", "elements": "path"},
    "leave": {"type": "list", "elements": "path"},
    "keep": {"type": "int", "default": 3},
    "keep_days": {"type": "int", "default": 0},
    "hold": {"type": "list", "elements": "str"},
    "orphans": {"type": "bool", "default": False},
    "interpreter_root": {"type": "path"},
    "keep_interpreters": {"type": "list", "elements": "str"},
    "reason": {"type": "str"},
    "history": {"type": "path"},
    "lock_timeout": {"type": "int", "default": 60},
}

CONSTRAINTS: dict[str, Any] = {
    "mutually_exclusive": [("venv", "search"), ("venv", "leave")],
    "required_by": {"hold": ("venv",)},
}
