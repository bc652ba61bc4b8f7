# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking an environment away: its launchers first, then the link, then its releases. What was kept beside it stays."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.host.commands import remove_commands, withdrawal_plan
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import (
    ABSENT,
    FOLDER,
    Environment,
    Found,
    check_path,
    look,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.history import REMOVE, Record, history_of, recorded
from ansible_collections.netdevops.python.plugins.module_utils.host.kept import kept_folders, told
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import LOCK_FILE, locked
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import prune, take_away

MOST_NAMES = 5


def absent(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Remove the environment that the parameters name, and return the module's result.

    Raises:
        Refused: when an ordinary folder stands there, which this collection did not make.
    """
    environment = check_path(params["venv"])
    found = look(environment)
    if found.state == FOLDER:
        refuse(
            params["venv"],
            "is an ordinary folder, which this module did not make.",
            "Remove it by hand if nobody needs it.",
        )
    _refuse_strangers(environment)
    plan = _plan(environment, found.state != ABSENT, found.name)
    result = {
        "changed": plan.changed,
        "diff": plan.diff(params["venv"]),
        "actions": plan.summary(),
        "release": "",
        "previous": found.name,
        **_kept(environment),
    }
    return _remove(environment, found, params).told(result) if plan.changed and not check_mode else result


def _kept(environment: Environment) -> dict[str, Any]:
    """Return what a result says of the folders that are kept: the record of them goes, and nothing removes them any more."""
    folders = [one.folder for one in kept_folders(environment)]
    if not folders:
        return {}
    said = f"No run removes {', '.join(folders)} any more. Remove that by hand once nobody needs it."
    return {**told(folders, ""), "warnings": [said]}


def _refuse_strangers(environment: Environment) -> None:
    names = environment.strangers()
    if names:
        some = ", ".join(names[:MOST_NAMES]) + (f" and {len(names) - MOST_NAMES} more" if names[MOST_NAMES:] else "")
        refuse(
            environment.releases,
            f"expected releases of {environment.venv} alone, found {some}.",
            "Move away what is not of this environment; nothing was removed.",
        )


def _remove(environment: Environment, found: Found, params: Mapping[str, Any]) -> Record:
    stages, owner = Stages(), (os.geteuid(), os.getegid())
    before = {"release": found.name, "bundle": found.receipt.bundle if found.receipt else ""}
    with locked(environment, params["lock_timeout"], owner, stages):
        with recorded(history_of(params), REMOVE, environment.venv, before, {}) as record:
            with stages.stage("remove", environment.releases):
                remove_commands(environment)
                if os.path.islink(environment.venv):
                    os.unlink(environment.venv)
                names = sorted(set(os.listdir(environment.releases)) - {LOCK_FILE})
                # A killed run leaves no half of one that passes for a release.
                prune(environment, [name for name in names if not name.startswith(".")])
                take_away(environment, [name for name in names if name.startswith(".")])
    return record


def _plan(environment: Environment, has_link: bool, name: str) -> Plan:
    actions = list(withdrawal_plan(environment))
    if has_link:
        actions.append(Action("unlink", environment.venv))
    if os.path.isdir(environment.releases):
        actions.append(Action("remove", environment.releases))
    return Plan(
        {"release": name, "state": "present" if actions else "absent"},
        {"release": "", "state": "absent"},
        tuple(actions),
    )
