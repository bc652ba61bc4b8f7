# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an environment has outside of its releases: launchers of its commands, and what it took the place of.

Most runs have neither, and load none of the knowledge of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import FOLDER, KEPT_RECORD, Found
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages

MOST_PROCESSES = 5  # that are named one by one


class Beside(NamedTuple):
    """What was found, and what is to be done about it once the environment points to what is asked.

    Attributes:
        actions: The steps.
        before: What a diff shows of it, before.
        after: The same, after.
        packages: Name and version of what is in the ordinary virtual environment that is to make room.
        kept: What a result says of folders that are kept: ``kept`` and ``kept_until``; empty without one.
        warnings: What a person should know of them.
    """

    actions: tuple[Action, ...] = ()
    before: Mapping[str, Any] = {}
    after: Mapping[str, Any] = {}
    packages: Mapping[str, str] = {}
    kept: Mapping[str, str] = {}
    warnings: tuple[str, ...] = ()

    def result(self) -> dict[str, Any]:
        """Return what the result of a run says of it."""
        return {**self.kept, **({"warnings": list(self.warnings)} if self.warnings else {})}


NOTHING = Beside()


def together(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a result as one; the warnings of all of them stay."""
    warnings = [text for part in parts for text in part.get("warnings", ())]
    whole = {name: value for part in parts for name, value in part.items()}
    return {**whole, "warnings": warnings} if warnings else whole


def look_beside(options: Options, found: Found) -> Beside:
    """Look at what stands beside an environment; writes nothing.

    Raises:
        Refused: for files that are in the way of launchers and not ours.
    """
    beside = NOTHING
    if options.commands is not None:
        beside = _with_commands(beside, options)
    if os.path.lexists(options.environment.release(KEPT_RECORD)):
        beside = _with_kept(beside, options)
    if found.state == FOLDER:
        beside = _with_ordinary(beside, options)
    return beside


def _with_commands(beside: Beside, options: Options) -> Beside:
    from ansible_collections.netdevops.python.plugins.module_utils.host import commands, exposure

    actions = commands.plan_commands(options)
    if not actions:
        return beside
    before, after = {"commands": exposure.standing(options)}, {"commands": sorted(exposure.wanted_commands(options))}
    return beside._replace(actions=actions, before=before, after=after)


def _with_kept(beside: Beside, options: Options) -> Beside:
    from ansible_collections.netdevops.python.plugins.module_utils.host.legacy import look_at_kept

    legacy = look_at_kept(options)
    return beside._replace(
        actions=(*beside.actions, *legacy.actions()), kept=legacy.result(), warnings=(*beside.warnings, *legacy.spared)
    )


def _with_ordinary(beside: Beside, options: Options) -> Beside:
    from ansible_collections.netdevops.python.plugins.module_utils.host import legacy
    from ansible_collections.netdevops.python.plugins.module_utils.host.day import is_over

    venv, until = options.environment.venv, options.legacy_until
    warnings = list(beside.warnings)
    if legacy.sees_system(venv):
        warnings.append(
            f"{venv} also imports the packages of its interpreter (system-site-packages); a release does not."
        )
    warnings += _still_running(venv)
    if is_over(until):
        warnings.append(f"legacy_until {until} has come already: the next run removes what is kept of {venv}.")
    return beside._replace(packages=legacy.packages_of(venv), warnings=tuple(warnings))


def _still_running(venv: str) -> list[str]:
    """Return what is to be said of the processes that run from an ordinary environment which is to make room."""
    from ansible_collections.netdevops.python.plugins.module_utils.host.usage import find_users

    # This very run may have the interpreter of that environment.
    uses = [use for use in find_users([venv])[venv] if use.pid not in (os.getpid(), os.getppid())]
    if not uses:
        return []
    some = ", ".join(f"process {use.pid} ({use.detail})" for use in uses[:MOST_PROCESSES])
    more = f" and {len(uses) - MOST_PROCESSES} more" if uses[MOST_PROCESSES:] else ""
    return [
        f"{venv} is in use by {some}{more}: from the switch on, what they import comes from the release. Restart them then."
    ]


def check_release(options: Options, root: str) -> None:
    """Check that the release in the folder ``root`` has the commands that launchers start.

    Raises:
        Refused: naming all that it lacks.
    """
    from ansible_collections.netdevops.python.plugins.module_utils.host.exposure import check_commands

    check_commands(options, root)


def settle(options: Options, stages: Stages, fresh: str = "") -> None:
    """Do what is to be done beside an environment that points to what is asked. The caller holds its lock.

    Args:
        options: What is asked.
        stages: Where the seconds are noted, where there is anything to do.
        fresh: The folder that this very run has kept, which stays at least until the next; '' without one.
    """
    environment = options.environment
    has_kept = os.path.lexists(environment.release(KEPT_RECORD))
    if options.commands is None and not has_kept:
        return
    with stages.stage("settle", environment.venv):
        if options.commands is not None:
            from ansible_collections.netdevops.python.plugins.module_utils.host.commands import apply_commands

            apply_commands(options)
        if has_kept:
            from ansible_collections.netdevops.python.plugins.module_utils.host.legacy import remove_due

            remove_due(options, fresh)
