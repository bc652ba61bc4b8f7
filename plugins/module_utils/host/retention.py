# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which releases of an environment stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment


class Retention(NamedTuple):
    """What is asked of retention.

    Attributes:
        keep: How many releases stay, the current one included.
        days: Releases that were current within so many days stay as well.
        hold: Names of releases that stay, or their first characters; None where what was said last goes on.
    """

    keep: int
    days: int = 0
    hold: tuple[str, ...] | None = None


class Pruned(NamedTuple):
    """What was removed, or would be.

    Attributes:
        releases: Names of the releases.
        freed: Bytes of the disk.
        spared: Releases beyond those that are kept which stay all the same, and why.
        unseen: How many processes could not be looked into when it was asked which releases are in use.
    """

    releases: tuple[str, ...] = ()
    freed: int = 0
    spared: Mapping[str, str] = {}
    unseen: int = 0

    def result(self) -> dict[str, Any]:
        """Return the part of a module's result."""
        result = {"pruned": list(self.releases), "freed_bytes": self.freed, "spared": dict(self.spared)}
        if self.unseen and self.releases:
            said = f"Releases go without a look into all processes: of {self.unseen}, this user sees the command line alone."
            result["warnings"] = [said]
        return result


class Due(NamedTuple):
    """What retention lets go.

    Attributes:
        go: Names of the releases that go, the one that was current last first.
        spared: Releases beyond those that are kept which stay all the same, and why.
        unseen: How many processes could not be looked into when it was asked which releases are in use.
        held: The releases that are to be held from now on, where they are others than before; None where nothing changes.
    """

    go: tuple[str, ...] = ()
    spared: Mapping[str, str] = {}
    unseen: int = 0
    held: tuple[str, ...] | None = None

    def foretold(self) -> Pruned:
        """Return what applying it comes to; how many bytes that frees is not known before."""
        return Pruned(self.go, 0, self.spared, self.unseen)


def parse_retention(params: Mapping[str, Any]) -> Retention:
    """Return what a module's parameters say.

    Raises:
        Refused: for numbers that make no sense.
    """
    keep, days, hold = params["keep"], params.get("keep_days") or 0, params.get("hold")
    if keep < 1:
        refuse(f"keep {keep}", "expected at least 1: the current release stays.", "Write 2 to be able to go back.")
    if days < 0:
        refuse(f"keep_days {days}", "expected 0 or more.", "Write 0 for no limit by age.")
    return Retention(keep, days, None if hold is None else tuple(sorted({name for name in hold if name})))


def leaves_all(environment: Environment, retention: Retention) -> bool:
    """Whether retention certainly lets nothing go and holds what it held: there are no more releases than are kept.

    Raises:
        Refused: for held releases that are not there.
    """
    if len(environment.names()) > retention.keep:
        return False
    if retention.hold is None:
        return True
    # Few runs need it.
    from ansible_collections.netdevops.python.plugins.module_utils.host.held import read_held, resolve_held

    return resolve_held(environment, retention.hold) == read_held(environment)
