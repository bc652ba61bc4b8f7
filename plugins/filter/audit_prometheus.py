# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ``audit_prometheus``; what it does is told in ``audit_prometheus.yml`` beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import read_fleet
from ansible_collections.netdevops.python.plugins.plugin_utils.report.prometheus import render_prometheus


def audit_prometheus(report: Mapping[str, Any], host: str) -> str:
    """Return the report of a host as Prometheus text."""
    (found,) = read_fleet({host: report}, "").hosts
    if not found.answered:
        raise AnsibleFilterError(f"audit_prometheus: expected the report of an audit, found none: {found.problem}.")
    return render_prometheus(found)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"audit_prometheus": audit_prometheus}
