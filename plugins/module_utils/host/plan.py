# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would do to an environment: found against asked, nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.host.beside import NOTHING, Beside, look_beside
from ansible_collections.netdevops.python.plugins.module_utils.host.drift import Drift, Judge, Verdict, examine
from ansible_collections.netdevops.python.plugins.module_utils.host.due import find_due
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import (
    ABSENT,
    CURRENT,
    DANGLING,
    ELSEWHERE,
    FOLDER,
    Environment,
    Found,
    look,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.retention import Due
from ansible_collections.netdevops.python.plugins.module_utils.host.settled import shown


class Survey(NamedTuple):
    """An environment as it was found.

    Attributes:
        found: What stands at its path.
        verdict: How its release compares with its receipt.
        differs: The options and sources in which the release is not what is asked.
        due: What retention lets go; nothing where the environment is not all that is asked, since the run that
            makes it so asks afterwards.
        leftovers: Names of what interrupted runs left among the releases.
        beside: What it has outside of its releases.
    """

    found: Found
    verdict: Verdict
    differs: tuple[str, ...]
    due: Due = Due()
    leftovers: tuple[str, ...] = ()
    beside: Beside = NOTHING

    @property
    def converged(self) -> bool:
        """Whether the environment is all that is asked, but for releases that are due to go."""
        return self.found.state == CURRENT and not self.differs and not self.verdict.drift


def survey(options: Options, *, whole: bool = True, judge: Judge = examine) -> Survey:
    """Look at the environment; touches nothing.

    Args:
        options: What is asked.
        whole: Whether to look for drift too when the release is not what is asked anyway. The look costs as much
            as all else together, and who works on the environment looks again once it is locked.
        judge: Says how a release compares with its receipt.

    Raises:
        Refused: for what stands in the way and is not ours.
    """
    environment = options.environment
    found = look(environment)
    beside = look_beside(options, found)
    if found.receipt is None:
        _check_hold(options)
        turned = (Drift(f"{environment.venv} -> {found.target}", ELSEWHERE),) if found.state == ELSEWHERE else ()
        return Survey(found, Verdict(turned), (), beside=beside)
    differs = options.differs(found.receipt.asked)
    verdict = Verdict(())
    if whole or not differs:
        verdict = judge(environment.release(found.name), found.receipt, options.verify)
    seen = Survey(found, verdict, differs, leftovers=_leftovers(environment), beside=beside)
    if not seen.converged:
        _check_hold(options)
        return seen
    return seen._replace(due=find_due(environment, found.name, options.retention))


def _check_hold(options: Options) -> None:
    """Refuse names of releases that are not there before anything is built."""
    if options.retention.hold:
        from ansible_collections.netdevops.python.plugins.module_utils.host.held import resolve_held  # few runs need it

        resolve_held(options.environment, options.retention.hold)


def _leftovers(environment: Environment) -> tuple[str, ...]:
    if not environment.leftovers():
        return ()
    # Few runs need it.
    from ansible_collections.netdevops.python.plugins.module_utils.host.lock import is_free
    from ansible_collections.netdevops.python.plugins.module_utils.host.rubbish import rubbish

    # While another run is at work, it is that one's work.
    return tuple(rubbish(environment)) if is_free(environment) else ()


def tidy_actions(seen: Survey) -> tuple[Action, ...]:
    """Return the steps that hold releases, remove surplus ones and what interrupted runs left, and what is due beside them."""
    held = seen.due.held
    hold = () if held is None else (Action("hold", ", ".join(held) or "no release", "others are held than before"),)
    prune = tuple(Action("prune", name, "more releases than keep") for name in seen.due.go)
    sweep = tuple(Action("sweep", name, "left by an interrupted run") for name in seen.leftovers)
    return (*hold, *prune, *sweep, *seen.beside.actions)


def install_plan(
    options: Options, seen: Survey, release: str, packages: Mapping[str, str], is_there: bool = False
) -> Plan:
    """Return the plan that brings the environment to a release.

    Args:
        options: What is asked.
        seen: What was found.
        release: The release's name.
        packages: Name and version of what is in it.
        is_there: Whether the release exists and is intact, so that it only has to be switched to.
    """
    found = shown(seen.found.name, versions(seen), drift_lines(seen.verdict.drift))
    before = {**found, **seen.beside.before}
    if seen.converged:
        return Plan(before, {**found, **seen.beside.after}, tidy_actions(seen))
    after = {**shown(release, packages), **seen.beside.after}
    build = () if is_there else (Action("build", release, _why(seen)),)
    return Plan(before, after, (*build, _switch_action(options, seen, release), *seen.beside.actions))


def _switch_action(options: Options, seen: Survey, release: str) -> Action:
    reason = {
        FOLDER: "the folder that is there now is kept beside it",
        ELSEWHERE: f"it points to {seen.found.target}",
    }.get(seen.found.state, "")
    return Action("switch", f"{options.environment.venv} -> {release}", reason)


def _why(seen: Survey) -> str:
    if seen.found.state != CURRENT:
        return {
            ABSENT: "no environment yet",
            FOLDER: "an ordinary folder",
            DANGLING: "its release is gone",
            ELSEWHERE: "its link points elsewhere",
        }[seen.found.state]
    reasons = [f"another {key}" for key in seen.differs]
    if seen.verdict.drift:
        reasons.append(f"{len(seen.verdict.drift)} files drifted")
    return ", ".join(reasons)


def versions(seen: Survey) -> dict[str, str]:
    """Return name and version of each package that was found, also in an ordinary virtual environment."""
    return seen.found.receipt.versions() if seen.found.receipt else dict(seen.beside.packages)


def drift_lines(drift: Sequence[Drift], most: int = 20) -> list[str]:
    """Return the drift as short lines, at most ``most`` of them: a result must stay small."""
    lines = [f"{item.what}: {item.path}" for item in drift[:most]]
    return lines + ([f"and {len(drift) - most} more"] if len(drift) > most else [])
