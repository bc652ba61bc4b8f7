# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``audit_report``: the reports of all hosts, made on the controller into files of the host that the task runs on."""

from __future__ import annotations

import base64
import os
import pathlib
import tempfile
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse
from ansible_collections.netdevops.python.plugins.plugin_utils.acting import HostAction
from ansible_collections.netdevops.python.plugins.plugin_utils.delivery import CONTAINER_MARKS
from ansible_collections.netdevops.python.plugins.plugin_utils.report.files import FORMATS, file_name, plan, render
from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import Fleet, read_fleet
from ansible_collections.netdevops.python.plugins.plugin_utils.report.replacing import check_hosts, named_hosts
from ansible_collections.netdevops.python.plugins.plugin_utils.report.summary import summarise
from ansible_collections.netdevops.python.plugins.plugin_utils.report.untrusted import one_line

ARGUMENTS = {
    "reports": {"type": "dict", "required": True},
    "dest": {"type": "str", "required": True},
    "name": {"type": "str", "default": ""},
    "title": {"type": "str", "default": "Python environments"},
    "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": list(FORMATS)},
    "mode": {"type": "str", "default": "0640"},
    "replace": {"type": "bool", "default": False},
}
LOST = "this controller is a container (%s): %s is gone when the job ends, unless it is a volume. delegate_to a host that stays."


class ActionModule(HostAction):
    """Render the files, compare them with those that are there, and copy those that differ."""

    TRANSFERS_FILES = True

    def _converge(self) -> dict[str, Any]:
        options = self.validate_argument_spec(ARGUMENTS)[1]
        folder = options["dest"]
        if not folder.startswith(("/", "~")):
            refuse("dest", f"expected an absolute path, found {folder}.", "Name the folder from the root on.")
        fleet = read_fleet(options["reports"], options["title"])
        files = render(fleet, options["formats"], options["name"])
        found = {name: self._stat(os.path.join(folder, name)) for name in files}
        steps = plan(folder, files, options["mode"], found)
        if steps.changed and not options["replace"]:
            self._check_hosts(os.path.join(folder, file_name("json", options["name"])), fleet)
        if steps.changed and not self._task.check_mode:
            self._module("file", path=folder, state="directory", **self._folder_mode(folder))
            stale = {os.path.basename(action.subject) for action in steps.actions}
            self._write(folder, {name: data for name, data in files.items() if name in stale}, options["mode"])
        written = [os.path.join(folder, name) for name in files]
        result = {"changed": steps.changed, "files": written, "actions": steps.summary(), **_numbers(fleet)}
        return {**result, **self._warnings(folder), **({"diff": steps.diff(folder)} if self._task.diff else {})}

    def _check_hosts(self, path: str, fleet: Fleet) -> None:
        if not self._stat(path).get("isreg"):
            return
        before = named_hosts(base64.b64decode(self._module("slurp", path=path)["content"]))
        inventory = {one_line(str(name)) for name in self._task_vars.get("groups", {}).get("all", ())}
        check_hosts(path, before, {host.name for host in fleet.hosts}, inventory)

    def _folder_mode(self, folder: str) -> dict[str, str]:
        """Declare the mode of a folder that is made; one that is there keeps its own."""
        return {} if self._stat(folder).get("exists") else {"mode": "0755"}

    def _stat(self, path: str) -> dict[str, Any]:
        answer = self._module(
            "stat", path=path, checksum_algorithm="sha256", get_mime=False, get_attributes=False, follow=True
        )
        return dict(answer["stat"])

    def _write(self, folder: str, files: dict[str, bytes], mode: str) -> None:
        with tempfile.TemporaryDirectory(prefix="report-") as aside:
            for name, data in files.items():
                source = pathlib.Path(aside, name)
                source.write_bytes(data)
                self._copy(str(source), os.path.join(folder, name), mode)

    def _copy(self, source: str, path: str, mode: str) -> None:
        """Copy a file to the host; the module ``copy`` replaces the old one by a rename."""
        task = self._task.copy()
        task.args = {"src": source, "dest": path, "mode": mode, "decrypt": False}
        task.diff = False
        action = self._shared_loader_obj.action_loader.get(
            "ansible.legacy.copy",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        _succeeded(path, action.run(task_vars=self._task_vars))

    def _module(self, name: str, **arguments: Any) -> dict[str, Any]:
        return _succeeded(str(arguments["path"]), self._run_module(f"ansible.legacy.{name}", arguments))

    def _warnings(self, folder: str) -> dict[str, list[str]]:
        mark = next((mark for mark in CONTAINER_MARKS if os.path.exists(mark)), "")
        return {"warnings": [LOST % (mark, folder)]} if mark and self._connection.transport == "local" else {}


def _succeeded(subject: str, answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("failed"):
        message = f"cannot be read or written: {str(answer.get('msg', 'no reason given')).rstrip('.')}."
        raise Refused([Problem(subject, message, "Free space, or correct the permissions; then run it again.")])
    return answer


def _numbers(fleet: Fleet) -> dict[str, Any]:
    found = summarise(fleet)
    silent = [host.name for host in fleet.hosts if not host.answered]
    return {"hosts": found.hosts, "environments": found.environments, "unanswered": silent, "counts": found.findings}
