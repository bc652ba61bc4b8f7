# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of ``wheelhouse_install``, which its module and its action plugin both check."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, dict[str, Any]] = {
    "venv": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["present", "rolled_back", "absent"], "default": "present"},
    "bundle": {"type": "path"},
    "bundle_id": {"type": "str"},
    "remote_src": {"type": "bool", "default": False},
    "requirements": {"type": "path"},
    "wheelhouse": {"type": "path"},
    "python": {"type": "path"},
    "interpreter_root": {"type": "path"},
    "groups": {"type": "list", "elements": "str"},
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
    "release": {"type": "str"},
    "leaving": {"type": "str"},
    "reason": {"type": "str"},
    "prove_again": {"type": "bool", "default": False},
    "commands": {"type": "list", "elements": "str"},
    "commands_path": {"type": "path", "default": "/usr/local/bin"},
    "legacy_until": {"type": "str"},
    "allowed_signers": {"type": "path"},
    "history": {"type": "path"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "str", "default": "0755"},
    "compile": {"type": "bool", "default": True},
    "verify": {"type": "str", "choices": ["receipt", "stat", "content"], "default": "stat"},
    "lock_timeout": {"type": "int", "default": 60},
    "allow_container": {"type": "bool", "default": False},
}

CONSTRAINTS: dict[str, Any] = {
    "mutually_exclusive": [
        ("bundle", "requirements"),
        ("requirements", "remote_src"),
        ("requirements", "interpreter_root"),
        ("requirements", "allowed_signers"),
    ],
    "required_together": [("requirements", "wheelhouse")],
    "required_if": [
        ("state", "present", ("python", "interpreter_root"), True),
        ("state", "present", ("bundle", "requirements"), True),
    ],
}
