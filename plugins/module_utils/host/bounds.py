# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping a result small: one of more than 700 kB is lost in AWX, all of it. What is cut says so."""

from __future__ import annotations

import json
from typing import Any

MOST_BYTES = 200_000
RESERVE = 500  # for what says that something was cut
# What can be asked for again for one environment alone goes first; what says how things stand never goes.
DETAILS = ("cyclonedx", "packages.wheels", "packages.versions", "processes.some", "drift.some", "releases", "commands")
LISTS = (("history", 0), ("unreadable", -1), ("interpreters", -1), ("environments", -1))


def bounded(told: dict[str, Any], most: int = MOST_BYTES) -> dict[str, Any]:
    """Return the result of ``environment_info`` with no more than ``most`` bytes as JSON.

    Details are left out kind by kind, from the last environments first, and named in ``cut`` of each of them. Where that is
    not enough, the oldest entries of the history go, and then whole entries of other lists; ``left_out`` counts them.
    """
    environments = [{**one, "cut": []} for one in told["environments"]]
    told = {**told, "environments": environments, "left_out": {}}
    surplus = size_of(told) + RESERVE - most
    for detail in DETAILS:
        for one in reversed(environments):
            if surplus > 0:
                surplus -= _cut(one, detail)
    for name, index in LISTS:
        rest = list(told[name])
        while rest and surplus > 0:
            surplus -= size_of(rest.pop(index))
        if len(rest) < len(told[name]):
            told["left_out"][name] = len(told[name]) - len(rest)
            told[name] = rest
    return told


def size_of(value: Any) -> int:
    """Return how many bytes a value has in a result."""
    return len(json.dumps(value)) + 2


def _cut(environment: dict[str, Any], detail: str) -> int:
    """Leave a detail out of an environment, and return how many bytes that saved."""
    name, _dot, part = detail.partition(".")
    value = environment.get(name)
    if not value or (part and not value.get(part)):
        return 0
    before = size_of(environment)
    empty: Any = type(value)()
    environment[name] = {key: item for key, item in value.items() if key != part} if part else empty
    environment["cut"].append(detail)
    return before - size_of(environment)
