# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet, which is hosts by environments, out of the reports of an audit.

There is no clock in it: what is old is old as of the audit. Equal reports make an equal fleet, and equal files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit import catalogue
from ansible_collections.netdevops.python.plugins.plugin_utils.report import untrusted

SCHEMA = 1
# The gravest first, as people read them.
SEVERITIES = tuple(reversed(catalogue.SEVERITIES))
NOT_APPROVED = "bundle-not-approved"
ENDS_SOON = "interpreter-end-of-life-soon"


class Suppression(NamedTuple):
    """Why a finding does not count, and until which day."""

    reason: str
    until: str


class Finding(NamedTuple):
    """One thing that is wrong on a host, as its audit says it."""

    code: str
    severity: str
    subject: str
    venv: str
    message: str
    evidence: tuple[str, ...]
    remedy: str
    suppressed: Suppression | None


class Interpreter(NamedTuple):
    """An interpreter of a host; ``end_of_life`` is YYYY-MM-DD, or '' where it is not known."""

    folder: str
    version: str
    end_of_life: str


class Environment(NamedTuple):
    """An environment of a host. ``age_days`` and ``size`` (bytes) are None where they are not known."""

    venv: str
    kind: str
    release: str
    bundle: str
    lock: str
    python: str
    version: str
    built_at: str
    age_days: int | None
    packages: int
    drift: int
    drifted: tuple[str, ...]
    previous: str
    releases: int
    commands: tuple[str, ...]
    size: int | None


class Host(NamedTuple):
    """What is known of a host.

    Attributes:
        name: Its name in the inventory.
        answered: Whether there is a report. A host without one is not clean: nothing is known of it.
        problem: Why there is no report.
        audited_at: When it was audited, in UTC.
        seconds: How long that took.
        environments: By path.
        interpreters: By version.
        findings: The gravest first.
        notes: What is to be said beside them.
    """

    name: str
    answered: bool
    problem: str = ""
    audited_at: str = ""
    seconds: float = 0.0
    environments: tuple[Environment, ...] = ()
    interpreters: tuple[Interpreter, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    def findings_of(self, venv: str) -> tuple[Finding, ...]:
        """Return the findings about an environment; those about none of the known ones with ''."""
        known = {environment.venv for environment in self.environments}
        return tuple(one for one in self.findings if (one.venv if one.venv in known else "") == venv)

    def end_of_life(self, version: str) -> str:
        """Return when a version of Python ends, as this host's audit says it."""
        return next((one.end_of_life for one in self.interpreters if one.version == version), "")

    def ends_soon(self, version: str) -> bool:
        """Return whether this host's audit says that a version ends soon, suppressed or not: only the audit knows what soon is."""
        folders = {one.folder for one in self.interpreters if one.version == version}
        return any(one.code == ENDS_SOON and one.subject in folders for one in self.findings)


class Fleet(NamedTuple):
    """All hosts of an audit, by name."""

    title: str
    hosts: tuple[Host, ...]

    @property
    def audited_at(self) -> str:
        """When the last of its hosts was audited; '' when none answered."""
        return max((host.audited_at for host in self.hosts), default="")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of all hosts."""
        return tuple(finding for host in self.hosts for finding in host.findings)


def read_fleet(reports: Mapping[str, Any], title: str) -> Fleet:
    """Return the fleet of the reports.

    Args:
        reports: By host, the report, or the result of the task that made it, or nothing for a host that did not answer.
        title: How people call it.
    """
    hosts = [_host(untrusted.one_line(str(name)), answer) for name, answer in reports.items()]
    return Fleet(untrusted.one_line(title), tuple(sorted(hosts, key=lambda host: untrusted.natural(host.name))))


def read_host(name: str, report: Mapping[str, Any]) -> Host:
    """Return what one report says. What it holds beyond that, and values of a wrong type, are not looked at."""
    environments = [_environment(raw) for raw in untrusted.mappings(report.get("environments"))]
    interpreters = [_interpreter(raw) for raw in untrusted.mappings(report.get("interpreters"))]
    findings = [_finding(raw) for raw in untrusted.mappings(report.get("findings"))]
    return Host(
        name=name,
        answered=True,
        audited_at=untrusted.one_line(report.get("audited_at")),
        seconds=untrusted.seconds(report.get("seconds")),
        environments=tuple(sorted(environments, key=lambda one: untrusted.natural(one.venv))),
        interpreters=tuple(sorted(interpreters, key=lambda one: (untrusted.natural(one.version), one.folder))),
        findings=tuple(sorted(findings, key=_gravest_first)),
        notes=untrusted.lines(report.get("notes")),
    )


def _host(name: str, answer: object) -> Host:
    report = untrusted.mapping(answer)
    if isinstance(report.get("audit"), Mapping):
        report = report["audit"]
    if report.get("schema") == SCHEMA:
        return read_host(name, report)
    return Host(name, answered=False, problem=_reason(answer, report))


def _reason(answer: object, report: Mapping[str, Any]) -> str:
    if "schema" in report:
        return f"its report is of schema {untrusted.one_line(report['schema'])}, and this page reads schema {SCHEMA}"
    told = untrusted.one_line(report.get("msg") or (answer if isinstance(answer, str) else ""))
    if report.get("unreachable"):
        return f"it could not be reached: {told}" if told else "it could not be reached"
    return told or "it sent no report"


def _environment(raw: Mapping[str, Any]) -> Environment:
    drift = untrusted.mapping(raw.get("drift"))
    text = {name: untrusted.one_line(raw.get(name)) for name in ("venv", "kind", "release", "bundle", "lock")}
    more = {name: untrusted.one_line(raw.get(name)) for name in ("python", "version", "built_at", "previous")}
    return Environment(
        **text,
        **more,
        age_days=untrusted.count_or_none(raw.get("age_days")),
        packages=untrusted.count(raw.get("packages")),
        drift=untrusted.count(drift.get("count")),
        drifted=untrusted.lines(drift.get("some")),
        releases=untrusted.count(raw.get("releases")),
        commands=untrusted.lines(raw.get("commands")),
        size=untrusted.count_or_none(raw.get("bytes")),
    )


def _interpreter(raw: Mapping[str, Any]) -> Interpreter:
    return Interpreter(*(untrusted.one_line(raw.get(name)) for name in Interpreter._fields))


def _finding(raw: Mapping[str, Any]) -> Finding:
    severity = raw.get("severity")
    suppressed = untrusted.mapping(raw.get("suppressed"))
    why = Suppression(*(untrusted.one_line(suppressed.get(name)) for name in Suppression._fields))
    text = {name: untrusted.one_line(raw.get(name)) for name in ("code", "subject", "venv", "message", "remedy")}
    return Finding(
        **text,
        # A severity that nobody knows must not go unseen.
        severity=severity if severity in SEVERITIES else SEVERITIES[0],
        evidence=untrusted.lines(raw.get("evidence")),
        suppressed=why if suppressed else None,
    )


def _gravest_first(finding: Finding) -> tuple[bool, int, str, str]:
    return finding.suppressed is not None, SEVERITIES.index(finding.severity), finding.code, finding.subject


def by_severity(findings: tuple[Finding, ...]) -> dict[str, int]:
    """Return how many findings of each severity count; the suppressed do not."""
    counted = [finding.severity for finding in findings if finding.suppressed is None]
    return {severity: counted.count(severity) for severity in SEVERITIES}


def days_left(end_of_life: str, audited_at: str) -> int | None:
    """Return how many days of support a version had left at the audit, or None where that is not known."""
    try:
        return (dt.date.fromisoformat(end_of_life) - dt.date.fromisoformat(audited_at[:10])).days
    except ValueError:
        return None
