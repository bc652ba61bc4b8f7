# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of ``poetry_venv``: a glance first, which is what most runs are; then the module, told who runs it."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.poetry.arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.plugin_utils.acting import HostAction
from ansible_collections.netdevops.python.plugins.plugin_utils.delivery import refuse_lost_work

MODULE = "netdevops.python.poetry_venv"
SURVEY = "netdevops.python.poetry_survey"
# What a glance has no use for, and passwords least of all.
NOT_FOR_A_GLANCE = frozenset(("sources",))


class ActionModule(HostAction):
    """Ask the host whether anything is to be done, and let the module do it."""

    def _converge(self) -> dict[str, Any]:
        arguments = self.validate_argument_spec(ARGUMENTS)[1]
        refuse_lost_work(self._connection.transport, arguments["allow_container"], os.path.exists)
        return self._settled(arguments) or self._run_module(MODULE, {**self._task.args, "by": self._by()})

    def _settled(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the result of an environment of which nothing is to be done; nothing where that is not certain."""
        if (
            arguments["state"] != "present" or arguments["verify"] == "content"
        ):  # To read all files is not for a glance.
            return {}
        asked = {name: value for name, value in self._task.args.items() if name not in NOT_FOR_A_GLANCE}
        answer = self._run_module(SURVEY, {"asked": asked})
        return answer if answer.pop("settled", False) and not answer.get("failed") else {}
