# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of ``pyenv_install``: it delivers an archive, or watches a build and shows how far it is."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from ansible.errors import AnsibleError
from ansible.utils.display import Display

from ansible_collections.netdevops.python.plugins.module_utils.pyenv.arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lease import DEFAULT_SECONDS
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt
from ansible_collections.netdevops.python.plugins.plugin_utils.acting import HostAction
from ansible_collections.netdevops.python.plugins.plugin_utils.delivery import refuse_lost_work
from ansible_collections.netdevops.python.plugins.plugin_utils.interpreters import open_stock, take
from ansible_collections.netdevops.python.plugins.plugin_utils.watch import Edges, Watch

MODULE = "netdevops.python.pyenv_install"
PROGRESS = "netdevops.python.pyenv_progress"
STATUS = "ansible.legacy.async_status"
# What Ansible adds to the result of a job.
OF_THE_JOB = (
    "ansible_job_id",
    "started",
    "finished",
    "results_file",
    "stdout",
    "stdout_lines",
    "stderr",
    "stderr_lines",
)


class ActionModule(HostAction):
    """Ask the host what it needs, and see that it gets it: one archive, or a build that survives the connection."""

    _supports_async = True

    def _converge(self) -> dict[str, Any]:
        arguments = self.validate_argument_spec(ARGUMENTS)[1]
        refuse_lost_work(self._connection.transport, arguments["allow_container"], os.path.exists)
        if self._task.async_val:
            return self._run_module(MODULE, self._task.args, wrap_async=True)
        stock = open_stock(arguments, self._local_path) if arguments["state"] == "present" else None
        offer = {} if stock is None else {"offered": [one.description.as_dict() for one in stock]}
        if self._task.check_mode or arguments["state"] == "absent":
            return self._module(**offer)
        answer = self._module(ask=True, **offer)
        if "needs" not in answer:
            return answer
        needs = answer["needs"]
        if "archive" in needs:
            return self._deliver(take(stock or [], needs["archive"]), offer)
        return self._build(answer, arguments, offer)

    def _deliver(self, archive: Prebuilt, offer: dict[str, Any]) -> dict[str, Any]:
        return self._module(delivery=self._deliver_file(archive.path, archive.description.file), **offer)

    def _build(self, answer: dict[str, Any], arguments: dict[str, Any], offer: dict[str, Any]) -> dict[str, Any]:
        """Run the module detached and watch it; the host's ``answer`` names the build's folder, hence root and version."""
        work = answer["needs"]["build"]
        root, version = os.path.dirname(os.path.dirname(work)), os.path.basename(work)
        subject = f"{self._task_vars.get('inventory_hostname', '')}: Python {version}"
        for action in answer.get("actions", ()):
            if action["verb"] == "build":
                self._say(f"{subject}: build {action['reason']}")
        lease = arguments["lease"] or DEFAULT_SECONDS
        # It may wait for another run before it builds, and each of both is limited by the module itself.
        with self._task_with(async_val=2 * arguments["timeout"] + lease):
            job = self._module(wrap_async=True, lease=lease, **offer)
        if "ansible_job_id" not in job:
            return {**job, "failed": True, "changed": False}
        watch = Watch(subject, lease, self._edges(job, {"root": root, "version": version}))
        # What is asked while it builds needs none of the task's environment, which -vvv would show each time.
        with self._task_with(environment=[]):
            result = watch.wait()
            with contextlib.suppress(AnsibleError):
                self._status(job, "cleanup")
        return {name: value for name, value in result.items() if name not in OF_THE_JOB}

    def _edges(self, job: dict[str, Any], place: dict[str, Any]) -> Edges:
        return Edges(
            progress=lambda: self._run_module(PROGRESS, {**place, "renew": True}),
            outcome=lambda: self._status(job, "status"),
            reconnect=self._reconnect,
            say=self._say,
        )

    def _say(self, text: str) -> None:
        if not self._task.no_log:
            Display().display(text)

    def _status(self, job: dict[str, Any], mode: str) -> dict[str, Any]:
        where = os.path.dirname(job["results_file"])
        return self._run_module(STATUS, {"jid": job["ansible_job_id"], "mode": mode, "_async_dir": where})

    def _reconnect(self) -> None:
        with contextlib.suppress(AnsibleError, AttributeError):
            self._connection.reset()

    @contextlib.contextmanager
    def _task_with(self, **attributes: Any) -> Iterator[None]:
        before = {name: getattr(self._task, name) for name in attributes}
        try:
            for name, value in attributes.items():
                setattr(self._task, name, value)
            yield
        finally:
            for name, value in before.items():
                setattr(self._task, name, value)

    def _module(self, wrap_async: bool = False, **private: Any) -> dict[str, Any]:
        return self._run_module(MODULE, {**self._task.args, **private}, wrap_async=wrap_async)
