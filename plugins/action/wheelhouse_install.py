# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of ``wheelhouse_install``: it knows the bundle, and delivers what a host lacks."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS, CONSTRAINTS
from ansible_collections.netdevops.python.plugins.plugin_utils.acting import HostAction
from ansible_collections.netdevops.python.plugins.plugin_utils.delivery import Offer, open_offer, refuse_lost_work
from ansible_collections.netdevops.python.plugins.plugin_utils.joining import joined
from ansible_collections.netdevops.python.plugins.plugin_utils.misplaced import OF_A_ROLLBACK, refuse_misplaced

MODULE = "netdevops.python.wheelhouse_install"
SURVEY = "netdevops.python.wheelhouse_survey"
ROLLBACK = "netdevops.python.wheelhouse_rollback"
INTERPRETER = "netdevops.python.wheelhouse_interpreter"


class ActionModule(HostAction):
    """Ask the host what it has, deliver the rest in one transfer, and let the module install it."""

    TRANSFERS_FILES = True

    def _converge(self) -> dict[str, Any]:
        arguments = self.validate_argument_spec(ARGUMENTS, **CONSTRAINTS)[1]
        refuse_misplaced(arguments["state"], self._task.args)
        refuse_lost_work(self._connection.transport, arguments["allow_container"], os.path.exists)
        if arguments["state"] == "rolled_back":
            return self._roll_back()
        if arguments["state"] == "absent":
            return self._module()
        if arguments["remote_src"]:
            answer = self._module()
            if "needs" not in answer:
                return answer
            needs = answer["needs"]
            return self._on_ground(needs, self._task.args["bundle"], needs["bundle_id"], {})
        offer = open_offer(arguments, self._local_path)
        # The pin names the interpreter's place; who names its path himself needs none, and the manifest is not parsed.
        handover = {"source": offer.source, **({"pin": offer.pin} if arguments["interpreter_root"] else {})}
        answer = self._settled(arguments, handover) or self._module(**handover)
        if "needs" not in answer:
            return answer
        return self._deliver(offer, handover, answer["needs"])

    def _settled(self, arguments: dict[str, Any], handover: dict[str, str]) -> dict[str, Any]:
        """Return the result of an environment of which nothing is to be done; nothing where that is not certain.

        A module of its own, and the first, because that is what most runs find: it takes a fifth of an installation to the host.
        """
        if arguments["verify"] == "content":  # To read all files is what that module does not do.
            return {}
        answer = self._run_module(SURVEY, {"asked": dict(self._task.args), **handover})
        return answer if answer.pop("settled", False) and not answer.get("failed") else {}

    def _roll_back(self) -> dict[str, Any]:
        # A module of its own: it is a quarter of what an installation takes to the host.
        asked = {name: value for name, value in self._task.args.items() if name in OF_A_ROLLBACK}
        return self._run_module(ROLLBACK, {**asked, "by": self._by()})

    def _deliver(self, offer: Offer, handover: dict[str, str], needs: dict[str, Any]) -> dict[str, Any]:
        with offer.pack(needs, wheels=not self._task.check_mode) as package:
            remote = self._deliver_file(package.path, "delivery.tar")
            bundle_id = offer.source.partition(":")[2]
            result = self._on_ground(needs, remote, bundle_id, {**handover, "delivery": remote})
            if "delivered" in result and not self._task.check_mode:
                result["delivered"] = {"wheels": package.wheels, "bytes": package.size}
        return result

    def _on_ground(
        self, needs: dict[str, Any], bundle: str, bundle_id: str, handover: dict[str, Any]
    ) -> dict[str, Any]:
        """Install the interpreter where that is lacking, and then the environment, from what lies on the host."""
        if "interpreter" not in needs:
            return _grounded(self._module(**handover))
        # As the task says it: what a ~ stands for is known on the host.
        asked = {"bundle": bundle, "bundle_id": bundle_id, "root": self._task.args["interpreter_root"]}
        if self._task.args.get("allowed_signers"):
            asked["allowed_signers"] = self._task.args["allowed_signers"]
        brought = self._run_module(INTERPRETER, {**asked, "reason": needs["interpreter"]})
        if brought.get("failed"):
            return brought
        return joined(_grounded(self._module(**handover, brought=True)), brought)

    def _module(self, **private: Any) -> dict[str, Any]:
        return self._run_module(MODULE, {**self._task.args, "by": self._by(), **private})


def _grounded(result: dict[str, Any]) -> dict[str, Any]:
    if "needs" not in result:
        return result
    why = result["needs"]["interpreter"]
    problem = Problem("interpreter_root", f"the interpreter is lacking again: {why}.", "See what removes it.")
    return {"failed": True, "changed": False, **Refused([problem]).result()}
