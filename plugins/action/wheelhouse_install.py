# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of ``wheelhouse_install``: it knows the bundle, and delivers what a host lacks."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS, CONSTRAINTS
from ansible_collections.netdevops.python.plugins.plugin_utils.delivery import Offer, open_offer, refuse_lost_work

MODULE = "netdevops.python.wheelhouse_install"


class ActionModule(ActionBase):
    """Ask the host what it has, deliver the rest in one transfer, and let the module install it."""

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
        arguments = self.validate_argument_spec(ARGUMENTS, **CONSTRAINTS)[1]
        refuse_lost_work(self._connection.transport, arguments["allow_container"], os.path.exists)
        if arguments["remote_src"] or arguments["state"] == "absent":
            return self._module()
        offer = open_offer(arguments, self._local_path)
        # The pin names the interpreter's place; who names its path himself needs none, and the manifest is not parsed.
        handover = {"source": offer.source, **({"pin": offer.pin} if arguments["interpreter_root"] else {})}
        answer = self._module(**handover)
        if "needs" not in answer:
            return answer
        return self._deliver(offer, handover, answer["needs"])

    def _deliver(self, offer: Offer, handover: dict[str, str], needs: dict[str, Any]) -> dict[str, Any]:
        remote = self._connection._shell.join_path(self._remote_tmp(), "delivery.tar")
        with offer.pack(needs, wheels=not self._task.check_mode) as package:
            self._transfer_file(package.path, remote)
            self._fixup_perms2((self._remote_tmp(), remote))
            result = self._module(**handover, delivery=remote)
            if "delivered" in result and not self._task.check_mode:
                result["delivered"] = {"wheels": package.wheels, "bytes": package.size}
        return result

    def _module(self, **private: str) -> dict[str, Any]:
        arguments = {**self._task.args, **private}
        answer: dict[str, Any] = self._execute_module(
            module_name=MODULE, module_args=arguments, task_vars=self._task_vars
        )
        return answer

    def _remote_tmp(self) -> str:
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        return str(self._connection._shell.tmpdir)

    def _local_path(self, path: str) -> str:
        return path if os.path.isabs(path) else str(self._find_needle("files", path))
