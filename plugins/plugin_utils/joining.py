# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two modules, one result: the interpreter that was installed first, and the environment that stands on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def joined(result: Mapping[str, Any], brought: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of an environment with what was done about its interpreter before.

    An environment that then failed has changed the host all the same.

    Args:
        result: What ``wheelhouse_install`` said.
        brought: What ``wheelhouse_interpreter`` said; nothing of it is told when it changed nothing.
    """
    if not brought.get("changed"):
        return dict(result)
    whole = {**result, "changed": True, "interpreter": brought["interpreter"]}
    if result.get("failed"):
        return whole
    whole["actions"] = [*brought["actions"], *result["actions"]]
    whole["seconds"] = {**brought["seconds"], **result["seconds"]}
    diffs = [said["diff"] for said in (brought, result) if said.get("diff")]
    return {**whole, "diff": diffs} if diffs else whole
