# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which releases of an environment stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse


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
