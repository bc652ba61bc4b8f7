# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would do: computed first, applied afterwards, never both at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Action(NamedTuple):
    """One step of a plan: a verb, what it is done to, and why."""

    verb: str
    subject: str
    reason: str = ""


class Plan(NamedTuple):
    """The state found, the state wanted and the steps between them.

    ``changed`` is "there are steps"; nothing else in this collection decides it.
    """

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    actions: tuple[Action, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether applying the plan changes anything."""
        return bool(self.actions)

    def diff(self, header: str) -> dict[str, str]:
        """Return before and after in the form that Ansible's ``--diff`` prints."""
        return {
            "before_header": header,
            "after_header": header,
            "before": _readable(self.before),
            "after": _readable(self.after if self.changed else self.before),
        }

    def summary(self) -> list[dict[str, str]]:
        """Return the actions as plain data for a module's result."""
        return [action._asdict() for action in self.actions]


def _readable(state: Mapping[str, Any]) -> str:
    return json.dumps(state, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
