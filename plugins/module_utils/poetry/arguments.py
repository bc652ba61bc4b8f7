# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of ``poetry_venv``, which its module, the one that looks first, and the action plugin all check."""

from __future__ import annotations

from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import (
    ARGUMENTS as OF_A_RELEASE,
)

# What is asked of a release, whatever fills it.
_SHARED = (
    *("prove", "prove_timeout", "keep", "keep_days", "hold", "commands", "commands_path", "legacy_until", "history"),
    *("reason", "mode", "compile", "verify", "lock_timeout", "allow_container"),
)

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
    **{name: OF_A_RELEASE[name] for name in _SHARED},
}
