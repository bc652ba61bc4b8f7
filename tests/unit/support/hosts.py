# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host for unit tests: real folders, and an interpreter that is real or a stand-in."""

from __future__ import annotations

import os
import sys


def base_interpreter() -> str:
    """Return the path of the interpreter that the tests' own environment stands on."""
    found = getattr(sys, "_base_executable", "") or sys.executable
    if os.path.realpath(sys.prefix) != os.path.realpath(sys.base_prefix) and found.startswith(sys.prefix + "/"):
        found = os.path.join(sys.base_prefix, "bin", f"python3.{sys.version_info[1]}")
    return found
