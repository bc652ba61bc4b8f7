# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of ``pyenv_install``, which its module and its action plugin both check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What people's programs fail without, and what a build leaves out silently when a header is missing.
MODULES = (
    "bz2",
    "ctypes",
    "curses",
    "ensurepip",
    "hashlib",
    "lzma",
    "readline",
    "sqlite3",
    "ssl",
    "uuid",
    "venv",
    "zlib",
)
# Where environments live on most hosts; the root itself is always looked at too.
SEARCH = ("/opt", "/srv", "/home", "/root", "/usr/local", "/var/lib")

ARGUMENTS: dict[str, dict[str, Any]] = {
    "version": {"type": "str"},
    "version_file": {"type": "path"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "root": {"type": "path", "default": "/opt/pyenv"},
    "source": {"type": "str", "choices": ["auto", "archive", "build"], "default": "auto"},
    "archive": {"type": "path"},
    "archive_sha256": {"type": "str"},
    "remote_src": {"type": "bool", "default": False},
    "pyenv": {"type": "path"},
    "cache": {"type": "path"},
    "mirror": {"type": "str"},
    "sha256": {"type": "str"},
    "offline": {"type": "bool", "default": True},
    "jobs": {"type": "int"},
    "configure_opts": {"type": "list", "elements": "str", "default": []},
    "make_opts": {"type": "list", "elements": "str", "default": []},
    "patches": {"type": "list", "elements": "path", "default": []},
    "modules": {"type": "list", "elements": "str", "default": list(MODULES)},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "str", "default": "0755"},
    "adopt": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "search": {"type": "list", "elements": "path", "default": list(SEARCH)},
    "going": {"type": "list", "elements": "path", "default": []},
    "global": {"type": "bool", "default": False},
    "local": {"type": "path"},
    "rehash": {"type": "bool", "default": False},
    "prune": {"type": "bool", "default": False},
    "keep": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "int", "default": 3600},
    "allow_container": {"type": "bool", "default": False},
    "offered": {"type": "list", "elements": "dict"},
    "delivery": {"type": "path"},
    "ask": {"type": "bool", "default": False},
    "lease": {"type": "int"},
}


def with_defaults(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``params`` with the default of every argument that they leave out; None where it has none."""
    return {name: params.get(name, rule.get("default")) for name, rule in ARGUMENTS.items()}
