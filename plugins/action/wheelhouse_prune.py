# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of ``wheelhouse_prune``: it says who runs it, for the history of the host."""

from __future__ import annotations

from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.prune_arguments import ARGUMENTS, CONSTRAINTS
from ansible_collections.netdevops.python.plugins.plugin_utils.acting import HostAction

MODULE = "netdevops.python.wheelhouse_prune"


class ActionModule(HostAction):
    """Run the module."""

    def _converge(self) -> dict[str, Any]:
        self.validate_argument_spec(ARGUMENTS, **CONSTRAINTS)
        return self._run_module(MODULE, {**self._task.args, "by": self._by()})
