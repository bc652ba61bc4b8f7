# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Suppressions: findings that somebody knows of, for a reason and until a day."""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.catalogue import CATALOGUE
from ansible_collections.netdevops.python.plugins.module_utils.audit.day import parse_day
from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding, short_lines
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all


class Suppression(NamedTuple):
    """One suppression.

    Attributes:
        code: The code that it covers.
        subject: A pattern of subjects; ``*`` stands for anything, slashes as well.
        host: A pattern of names of hosts.
        reason: Why.
        until: The last day on which it holds.
        evidence: Patterns of the lines that are known; none where it covers whatever is found there.
    """

    code: str
    subject: str
    host: str
    reason: str
    until: dt.date
    evidence: tuple[str, ...] = ()

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this finding, whatever the day and whatever was seen."""
        return self.code == finding.code and fnmatch.fnmatchcase(finding.subject, self.subject)

    def knows(self, line: str) -> bool:
        """Whether a line of evidence is among what is known."""
        return not self.evidence or any(line == one or fnmatch.fnmatchcase(line, one) for one in self.evidence)

    def __str__(self) -> str:
        return f"{self.code} of {self.subject}"


def parse_suppressions(entries: Sequence[Mapping[str, Any]]) -> tuple[Suppression, ...]:
    """Return the suppressions.

    Raises:
        Refused: for all entries with a code that there is not, without subject or reason, or without a last day.
    """
    problems = [
        Problem(f"suppressions, entry {number}", *flaw)
        for number, entry in enumerate(entries, 1)
        for flaw in _flaws(entry)
    ]
    refuse_all(problems)
    return tuple(_parse(entry) for entry in entries)


def _parse(entry: Mapping[str, Any]) -> Suppression:
    code, subject, reason = (str(entry[name]).strip() for name in ("code", "subject", "reason"))
    # What has no day was refused; a suppression without an end would be one for ever.
    until = parse_day(entry["until"]) or dt.date.min
    evidence = tuple(map(str, entry.get("evidence") or ()))
    return Suppression(code, subject, entry.get("host") or "*", reason, until, evidence)


def _flaws(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    flaws = []
    if entry.get("code") not in CATALOGUE:
        flaws.append((f"expected a code of the audit, found {entry.get('code')!r}.", "Take it from the finding."))
    for name, why in (("subject", "which path it is about"), ("reason", "why it is all right")):
        if not str(entry.get(name) or "").strip():
            flaws.append((f"expected {name}, found none.", f"Write {why}."))
    if parse_day(entry.get("until")) is None:
        flaws.append(
            (f"expected until as YYYY-MM-DD, found {entry.get('until')!r}.", "Write the last day on which it holds.")
        )
    return flaws


def suppress(
    findings: Iterable[Finding], suppressions: Sequence[Suppression], host: str, today: dt.date
) -> tuple[list[Finding], list[str]]:
    """Return the findings, those that are covered marked, and a note for each suppression of this host that covers nothing.

    One that ended covers nothing any more: its finding counts again, and says so. So does one with evidence beyond what is
    known.
    """
    here = [one for one in suppressions if fnmatch.fnmatchcase(host, one.host)]
    marked, used = [], set()
    for finding in findings:
        covering = [one for one in here if one.covers(finding)]
        used.update(covering)
        marked.append(_mark(finding, covering, today))
    return marked, [f"the suppression of {one} covers nothing: {one.reason}" for one in here if one not in used]


def _mark(finding: Finding, covering: Sequence[Suppression], today: dt.date) -> Finding:
    if not covering:
        return finding
    holding = [one for one in covering if one.until >= today]
    if not holding:
        latest = max(covering, key=_until)
        return finding._replace(remark=f"its suppression ended on {latest.until} ({latest.reason})")
    beyond = [line for line in finding.evidence if not any(one.knows(line) for one in holding)]
    if beyond:
        more = f" and {len(beyond) - 1} more" if len(beyond) > 1 else ""
        return finding._replace(remark=f"beyond its suppression: {short_lines(beyond)[0]}{more}")
    alone = [one for one in holding if all(map(one.knows, finding.evidence))]
    # Where it takes several, it is over with the first of them.
    first = max(alone, key=_until) if alone else min(holding, key=_until)
    return finding._replace(suppressed={"reason": first.reason, "until": str(first.until)})


def _until(one: Suppression) -> dt.date:
    return one.until
