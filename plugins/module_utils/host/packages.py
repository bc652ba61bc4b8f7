# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of one release against those of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Any]:
    """Return the packages that a change adds, removes and changes, with their versions."""
    changed = {name: [before[name], version] for name, version in after.items() if before.get(name, version) != version}
    return {
        "count": len(after),
        "added": {name: version for name, version in after.items() if name not in before},
        "removed": {name: version for name, version in before.items() if name not in after},
        "changed": changed,
    }
