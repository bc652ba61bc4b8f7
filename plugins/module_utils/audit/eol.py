# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of life of interpreters: dates that somebody wrote down, and what today says to them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.day import parse_day
from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

_FEATURE = re.compile(r"([0-9]+\.[0-9]+)")


class Interpreter(NamedTuple):
    """An interpreter that counts.

    Attributes:
        folder: Its folder, as in ``/opt/pyenv/versions/3.11.7``.
        version: Its version as far as it is known without starting it, ``3.11.7`` or ``3.11``; '' where it is not.
        is_distribution: Whether the distribution ships it, and so looks after it.
        venvs: The environments that stand on it.
    """

    folder: str
    version: str
    is_distribution: bool = False
    venvs: tuple[str, ...] = ()


class Lifetime(NamedTuple):
    """The last day of support of a feature version such as 3.11, and who said so."""

    end: dt.date
    source: str


def parse_lifetimes(plain: Mapping[str, Any]) -> dict[str, Lifetime]:
    """Return the dates by feature version, from ``{"3.11": {"end_of_life": "2027-10-31", "source": "..."}}``.

    Raises:
        Refused: for all that are no versions, or no dates.
    """
    found: dict[str, Lifetime] = {}
    problems = []
    for version, said in plain.items():
        try:
            day, source = parse_day(said["end_of_life"]), str(said.get("source") or "")
        except (TypeError, KeyError, AttributeError):
            day, source = None, ""
        if day and _FEATURE.fullmatch(str(version)):
            found[str(version)] = Lifetime(day, source)
        else:
            problems.append(
                Problem(
                    f"end_of_life, {version!r}",
                    f"expected a version such as 3.11 with end_of_life as YYYY-MM-DD, found {said!r}.",
                    "Correct the list of dates.",
                )
            )
    refuse_all(problems)
    return found


def end_of(version: str, lifetimes: Mapping[str, Lifetime]) -> Lifetime | None:
    """Return the lifetime of a version; None where nobody wrote it down."""
    match = _FEATURE.match(version)
    return lifetimes.get(match.group(1)) if match else None


def check_lifetimes(
    interpreters: Sequence[Interpreter],
    lifetimes: Mapping[str, Lifetime],
    today: dt.date,
    warning_days: int,
    distribution: bool,
) -> Iterator[Finding]:
    """Yield a finding per interpreter that is past its end of life, near it, or not in the list.

    Args:
        interpreters: Those of the host.
        lifetimes: The list; where it is empty nothing is checked.
        today: The day of the audit.
        warning_days: How long before the end it is told.
        distribution: Whether those of the distribution count as well. It supports them longer than their makers do.
    """
    for one in interpreters if lifetimes else ():
        if not one.is_distribution or distribution:
            yield from _judge(one, end_of(one.version, lifetimes), today, warning_days)


def _judge(one: Interpreter, lifetime: Lifetime | None, today: dt.date, days: int) -> Iterator[Finding]:
    stands = [f"{venv} stands on it" for venv in one.venvs]
    venv = one.venvs[0] if len(one.venvs) == 1 else ""
    if lifetime is None:
        said = f"Python {one.version}" if one.version else "nothing says which version it is"
        yield Finding("interpreter-end-of-life-unknown", one.folder, (said, *stands), venv)
        return
    left = (lifetime.end - today).days
    source = f" ({lifetime.source})" if lifetime.source else ""
    if left < 0:
        said = f"Python {one.version}: supported until {lifetime.end}{source}"
        yield Finding("interpreter-end-of-life", one.folder, (said, *stands), venv)
    elif left < days:
        said = f"Python {one.version}: supported until {lifetime.end}, for {left} more days{source}"
        yield Finding("interpreter-end-of-life-soon", one.folder, (said, *stands), venv)
