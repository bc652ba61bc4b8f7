# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins have in common: a refusal is a failure with its problems, and nothing of theirs stays on the host."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.plugin_utils.who import who


class HostAction(ActionBase):  # type: ignore[misc]  # ansible-core has no type information
    """A task on one host, whose modules this controller starts; a subclass says which, in :meth:`_converge`."""

    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._task_vars = task_vars or {}
        try:
            result.update(self._converge())
        except Refused as refused:
            result.update(failed=True, changed=False, **refused.result())
        finally:
            # A connection that is gone must not hide why the task failed.
            with contextlib.suppress(AnsibleError):
                self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _converge(self) -> dict[str, Any]:
        """Return the result of the task."""
        raise NotImplementedError

    def _run_module(self, name: str, arguments: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Run a module on the host; ``options`` are those of ``_execute_module``."""
        answer: dict[str, Any] = self._execute_module(
            module_name=name, module_args=dict(arguments), task_vars=self._task_vars, **options
        )
        return answer

    def _deliver_file(self, path: str, name: str) -> str:
        """Copy a file to the host, where it has that name in a folder that goes when the task ends; return its path there."""
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        folder = str(self._connection._shell.tmpdir)
        remote = str(self._connection._shell.join_path(folder, name))
        self._transfer_file(path, remote)
        self._fixup_perms2((folder, remote))
        return remote

    def _local_path(self, path: str) -> str:
        """Return where Ansible finds a path on the controller."""
        return path if os.path.isabs(path) else str(self._find_needle("files", path))

    def _by(self) -> dict[str, str]:
        """Return who runs this, for the history of the host."""
        try:
            login = self._get_remote_user()
        except (AttributeError, KeyError):  # A connection that logs in nowhere.
            login = None
        return who(self._task_vars, login)
