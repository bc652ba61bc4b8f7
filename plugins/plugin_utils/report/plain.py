# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet as JSON, for whatever else shall read it."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import SCHEMA, Fleet
from ansible_collections.netdevops.python.plugins.plugin_utils.report.summary import summarise


def render_json(fleet: Fleet) -> bytes:
    """Return the fleet and its numbers as JSON with sorted keys."""
    told = {
        "schema": SCHEMA,
        "title": fleet.title,
        "audited_at": fleet.audited_at,
        "summary": _plain(summarise(fleet)),
        "hosts": _plain(fleet.hosts),
    }
    return (json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
