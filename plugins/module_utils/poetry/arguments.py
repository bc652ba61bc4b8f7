# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of ``poetry_venv``, which its module, the one that looks first, and the action plugin all check."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, dict[str, Any]] = {
    "project": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "python": {"type": "path"},
    "interpreter_root": {"type": "path", "default": "/opt/pyenv"},
    "only": {"type": "list", "elements": "str", "aliases": ["groups"]},
    "with": {"type": "list", "elements": "str"},
    "without": {"type": "list", "elements": "str"},
    "extras": {"type": "list", "elements": "str"},
    "all_extras": {"type": "bool", "default": False},
    "root": {"type": "bool", "default": True},
    "sync": {"type": "bool", "default": True},
    "poetry": {"type": "path"},
    "sources": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"type": "str", "required": True},
            "user": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "url": {"type": "str"},
        },
    },
    "wheelhouse": {"type": "path"},
    "cache": {"type": "path"},
    "timeout": {"type": "int", "default": 900},
    "owner": {"type": "str"},
    "prove": {
        "type": "dict",
        "options": {
            "imports": {"type": "list", "elements": "str"},
            "commands": {"type": "list", "elements": "raw"},
        },
    },
    "prove_timeout": {"type": "int", "default": 120},
    "keep": {"type": "int", "default": 3},
    "keep_days": {"type": "int", "default": 0},
    "hold": {"type": "list", "elements": "str"},
    "commands": {"type": "list", "elements": "str"},
    "commands_path": {"type": "path", "default": "/usr/local/bin"},
    "legacy_until": {"type": "str"},
    "history": {"type": "path"},
    "reason": {"type": "str"},
    "mode": {"type": "str", "default": "0755"},
    "compile": {"type": "bool", "default": True},
    "verify": {"type": "str", "choices": ["receipt", "stat", "content"], "default": "stat"},
    "lock_timeout": {"type": "int", "default": 60},
    "allow_container": {"type": "bool", "default": False},
}
