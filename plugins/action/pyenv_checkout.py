# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of ``pyenv_checkout``: it delivers the archive to a host that lacks this pyenv."""

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.netdevops.python.plugins.module_utils.checkout.options import ARGUMENTS, asked
from ansible_collections.netdevops.python.plugins.module_utils.checkout.work import check_archive
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse

MODULE = "netdevops.python.pyenv_checkout"


class ActionModule(ActionBase):
    """Ask the host what it lacks, deliver that, and let the module do the rest."""

    TRANSFERS_FILES = True
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task on one host."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._task_vars = task_vars or {}
        try:
            result.update(self._converge())
        except Refused as refused:
            result.update(failed=True, changed=False, **refused.result())
        finally:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

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
        remote = self._connection._shell.join_path(self._remote_tmp(), "pyenv.tar")
        self._transfer_file(path, remote)
        self._fixup_perms2((self._remote_tmp(), remote))
        result = self._module(delivery=remote)
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
        arguments = {**self._task.args, **private}
        answer: dict[str, Any] = self._execute_module(
            module_name=MODULE, module_args=arguments, task_vars=self._task_vars
        )
        return answer

    def _remote_tmp(self) -> str:
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        return str(self._connection._shell.tmpdir)
