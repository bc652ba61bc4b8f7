# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A finding: one thing that is wrong, at one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.catalogue import CATALOGUE, SEVERITIES

MOST_LINES = 20
LONGEST_LINE = 240
# A path may have 4,096 bytes, and what somebody wrote into a receipt any number. The end of a path tells it from others.
LONGEST_SUBJECT, HEAD = 400, 100


class Finding(NamedTuple):
    """One finding.

    Attributes:
        code: A code of the catalogue.
        subject: The path that is wrong. Code and subject together tell a finding from all others of a host.
        evidence: What was seen, a line each. Never the value of a setting: it may hold a password.
        venv: The environment that it is about; '' where it is about none, or about several.
        suppressed: ``reason`` and ``until`` of the suppression that covers it; None where it counts.
        remark: What is to be said of it beside its title.
    """

    code: str
    subject: str
    evidence: tuple[str, ...] = ()
    venv: str = ""
    suppressed: dict[str, str] | None = None
    remark: str = ""

    @property
    def severity(self) -> str:
        """How grave it is."""
        return CATALOGUE[self.code].severity

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, as the report has it."""
        entry = CATALOGUE[self.code]
        return {
            "code": self.code,
            "severity": entry.severity,
            "subject": short_path(self.subject),
            "venv": short_path(self.venv),
            "message": f"{entry.title}; {self.remark}" if self.remark else entry.title,
            "evidence": short_lines(self.evidence),
            "remedy": entry.remedy,
            "suppressed": self.suppressed,
        }


def short_lines(lines: Iterable[str], most: int = MOST_LINES) -> list[str]:
    """Return at most ``most`` of the lines, each cut to a readable length, and how many more there were."""
    every = [line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…" for line in lines]
    # A name that is no UTF-8 would make a result that nobody can read.
    shown = [line.encode("utf-8", "backslashreplace").decode() for line in every[:most]]
    return [*shown, f"and {len(every) - most} more"] if len(every) > most else shown


def short_path(path: str) -> str:
    """Return a path that is not too long to read, with its beginning and its end."""
    return path if len(path) <= LONGEST_SUBJECT else f"{path[:HEAD]}…{path[HEAD + 1 - LONGEST_SUBJECT :]}"


def order(finding: Finding) -> tuple[int, str, str]:
    """Return what sorts the gravest first, then by code and subject."""
    return -SEVERITIES.index(finding.severity), finding.code, finding.subject


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many findings of each severity count: those that nothing suppresses."""
    open_ones = [finding.severity for finding in findings if finding.suppressed is None]
    return {severity: open_ones.count(severity) for severity in reversed(SEVERITIES)}
