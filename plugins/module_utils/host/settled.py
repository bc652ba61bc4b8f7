# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of an environment that stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Plan
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment, Found


def shown(release: str, packages: Mapping[str, str], drift: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a diff shows of an environment: the name of its release, the versions of its packages, and its drift."""
    return {"release": release, "packages": dict(packages), "drift": list(drift)}


def settled(environment: Environment, found: Found, plan: Plan) -> dict[str, Any]:
    """Return the result of a run that leaves an environment where it is, whatever the plan does beside it."""
    receipt = found.receipt
    return {
        "changed": plan.changed,
        "diff": plan.diff(environment.venv),
        "actions": plan.summary(),
        "release": found.name,
        "previous": found.name,
        "bundle_id": receipt.bundle if receipt else "",
        "packages": {"count": len(receipt.packages) if receipt else 0, "added": {}, "removed": {}, "changed": {}},
        "delivered": {"wheels": 0, "bytes": 0},
        "drift": [],
        "seconds": {},
    }
