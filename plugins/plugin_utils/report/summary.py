# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is on which bundle: per path, how many hosts have which, and which of them stand apart."""

from __future__ import annotations

import collections
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import (
    NOT_APPROVED,
    Environment,
    Fleet,
    Host,
    by_severity,
)
from ansible_collections.netdevops.python.plugins.plugin_utils.report.untrusted import natural

# Where an environment stands among those of its path on other hosts.
APART, MOST, ALONE, UNAPPROVED, UNMANAGED = "apart", "most", "alone", "unapproved", "unmanaged"


class Share(NamedTuple):
    """How many hosts have a bundle at a path; '' for those that have none there."""

    bundle: str
    hosts: int
    unapproved: int


class Place(NamedTuple):
    """A path that environments have on several hosts, and their bundles: the most frequent first."""

    venv: str
    hosts: int
    shares: tuple[Share, ...]


class Summary(NamedTuple):
    """The numbers of a fleet."""

    hosts: int
    unanswered: int
    environments: int
    drifted: int
    apart: int
    unapproved: int
    findings: dict[str, int]
    suppressed: int
    places: tuple[Place, ...]


def summarise(fleet: Fleet) -> Summary:
    """Return the numbers of a fleet."""
    places = _places(fleet)
    every = [(host, environment) for host in fleet.hosts for environment in host.environments]
    found = collections.Counter(standing(host, environment, places) for host, environment in every)
    return Summary(
        hosts=len(fleet.hosts),
        unanswered=sum(not host.answered for host in fleet.hosts),
        environments=len(every),
        drifted=sum(environment.drift > 0 for _host, environment in every),
        apart=found[APART],
        unapproved=found[UNAPPROVED],
        findings=by_severity(fleet.findings),
        suppressed=sum(finding.suppressed is not None for finding in fleet.findings),
        places=tuple(places.values()),
    )


def standing(host: Host, environment: Environment, places: dict[str, Place]) -> str:
    """Return where an environment stands: not approved, as most hosts, apart from them, alone, or of no bundle."""
    if _is_unapproved(host, environment):
        return UNAPPROVED
    if not environment.bundle:
        return UNMANAGED
    place = places[environment.venv]
    if place.hosts == 1:
        return ALONE
    return MOST if environment.bundle == place.shares[0].bundle else APART


def by_path(summary: Summary) -> dict[str, Place]:
    """Return the places of a summary by their path."""
    return {place.venv: place for place in summary.places}


def _places(fleet: Fleet) -> dict[str, Place]:
    found: dict[str, dict[str, list[bool]]] = {}
    for host in fleet.hosts:
        for environment in host.environments:
            shares = found.setdefault(environment.venv, {})
            shares.setdefault(environment.bundle, []).append(_is_unapproved(host, environment))
    places = [_place(venv, shares) for venv, shares in found.items()]
    return {place.venv: place for place in sorted(places, key=lambda place: (-place.hosts, natural(place.venv)))}


def _place(venv: str, found: dict[str, list[bool]]) -> Place:
    shares = [Share(bundle, len(marks), sum(marks)) for bundle, marks in found.items()]
    # What is no bundle is never what most have: an environment of a bundle would stand apart from it.
    shares.sort(key=lambda share: (not share.bundle, -share.hosts, share.bundle))
    return Place(venv, sum(share.hosts for share in shares), tuple(shares))


def _is_unapproved(host: Host, environment: Environment) -> bool:
    return any(one.code == NOT_APPROVED and one.venv == environment.venv for one in host.findings)
