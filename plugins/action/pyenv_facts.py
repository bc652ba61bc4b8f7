# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of ``pyenv_facts``: it keeps the other local facts of the host."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

MODULE = "netdevops.python.pyenv_facts"
LOCAL = "ansible_local"


class ActionModule(ActionBase):
    """Run the module, and put its facts beside those that are there."""

    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task on one host."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        known = task_vars or {}
        result.update(self._execute_module(module_name=MODULE, task_vars=known))
        # Ansible takes a fact that a task returns in place of the old one, whole: ansible_local would lose every other file's facts.
        facts = result.get("ansible_facts", {})
        if LOCAL in facts:
            facts[LOCAL] = {**(known.get(LOCAL) or {}), **facts[LOCAL]}
        return result
