# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which dependency groups and extras a bundle is for, with Poetry's meaning of ``with``, ``without`` and ``only``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build.project import normalized
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import MAIN
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all


class Asked(NamedTuple):
    """The options as they were given."""

    with_: Sequence[str] = ()
    without: Sequence[str] = ()
    only: Sequence[str] = ()
    extras: Sequence[str] = ()


class Known(NamedTuple):
    """What there is: all groups, those wanted without being named, and all extras; normalized."""

    groups: AbstractSet[str]
    default: AbstractSet[str]
    extras: AbstractSet[str]


def active(asked: Asked, known: Known, subject: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the groups and the extras, each sorted.

    Raises:
        Refused: with all names that do not exist, and what there is.
    """
    groups = {*asked.with_, *asked.without, *asked.only}
    refuse_all(
        [
            *_unknown("group", groups, known.groups, subject),
            *_unknown("extra", asked.extras, known.extras, subject),
        ]
    )
    chosen = _names(asked.only) or (known.default | _names(asked.with_)) - _names(asked.without)
    return tuple(sorted(chosen)), tuple(sorted(_names(asked.extras)))


def _names(names: Iterable[str]) -> set[str]:
    return {normalized(name) for name in names}


def _unknown(kind: str, names: Iterable[str], known: AbstractSet[str], subject: str) -> list[Problem]:
    there = ", ".join(sorted(known, key=lambda name: (name != MAIN, name))) or "none"
    return [
        Problem(
            f"{kind} {name!r}",
            f"{subject} has no such {kind}; it has: {there}.",
            "Correct the name, or add it and run: poetry lock.",
        )
        for name in sorted(names)
        if normalized(name) not in known
    ]
