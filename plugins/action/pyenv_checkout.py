# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of ``pyenv_checkout``: it delivers the archive to a host that lacks this pyenv."""

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.netdevops.python.plugins.module_utils.checkout.options import ARGUMENTS, asked
from ansible_collections.netdevops.python.plugins.module_utils.checkout.work import check_archive
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.plugin_utils.acting import HostAction

MODULE = "netdevops.python.pyenv_checkout"


class ActionModule(HostAction):
    """Ask the host what it lacks, deliver that, and let the module do the rest."""

    TRANSFERS_FILES = True

    def _converge(self) -> dict[str, Any]:
        arguments = self.validate_argument_spec(ARGUMENTS)[1]
        if arguments["remote_src"] or arguments["state"] == "absent" or not arguments["archive"]:
            return self._module()
        answer = self._module(ask=True)
        if "needs" not in answer:
            return answer
        path = self._checked(arguments)
        if self._task.check_mode:
            return {name: value for name, value in answer.items() if name != "needs"}
        result = self._module(delivery=self._deliver_file(path, "pyenv.tar"))
        return result if result.get("failed") else {**result, "delivered": os.path.getsize(path)}

    def _checked(self, arguments: dict[str, Any]) -> str:
        """Return the archive's path here, when it is the right one: a wrong one need not travel."""
        try:
            path = str(self._find_needle("files", arguments["archive"]))
        except AnsibleError:
            refuse(arguments["archive"], "is not on the controller.", "Put it beside the playbook, or set remote_src.")
        check_archive(asked({**arguments, "ask": True, "delivery": path}))
        return path

    def _module(self, **private: Any) -> dict[str, Any]:
        return self._run_module(MODULE, {**self._task.args, **private})
