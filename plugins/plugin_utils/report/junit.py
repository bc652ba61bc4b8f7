# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet as JUnit XML, so that a CI system shows it as it shows tests.

A host is a test suite, each of its environments a test case, and so is the host itself. They are there in every audit, so that a case
turns red and green again. A suppressed finding is a case of its own that is skipped, with the reason: it stays in sight.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import Finding, Fleet, Host

HOST_WIDE = "host"


def render_junit(fleet: Fleet) -> bytes:
    """Return the fleet as JUnit XML."""
    root = ET.Element("testsuites", name=fleet.title)
    for host in fleet.hosts:
        root.append(_suite(host))
    _total(root, list(root))
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(host: Host) -> ET.Element:
    suite = ET.Element("testsuite", name=host.name, hostname=host.name)
    if host.audited_at:
        # Without the Z: schemas of JUnit want a time without a zone.
        suite.set("timestamp", host.audited_at.rstrip("Z"))
    for case in _cases(host):
        suite.append(case)
    counts = {name: len(suite.findall(f"testcase/{name}")) for name in ("failure", "error", "skipped")}
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(counts["failure"]))
    suite.set("errors", str(counts["error"]))
    suite.set("skipped", str(counts["skipped"]))
    suite.set("time", f"{host.seconds:.2f}")
    return suite


def _total(root: ET.Element, suites: Sequence[ET.Element]) -> None:
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.2f}")


def _cases(host: Host) -> list[ET.Element]:
    if not host.answered:
        case = _case(host, HOST_WIDE)
        ET.SubElement(case, "error", type="unanswered", message=f"no answer: {host.problem}")
        return [case]
    cases = []
    for venv in ("", *(environment.venv for environment in host.environments)):
        found = host.findings_of(venv)
        cases.append(_place(host, venv, [one for one in found if one.suppressed is None]))
        cases.extend(_skipped(host, venv, one) for one in found if one.suppressed is not None)
    return cases


def _case(host: Host, name: str) -> ET.Element:
    return ET.Element("testcase", classname=host.name, name=name, time="0")


def _place(host: Host, venv: str, findings: Sequence[Finding]) -> ET.Element:
    case = _case(host, venv or HOST_WIDE)
    if findings:
        worst = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        message = f"{worst.severity}: {worst.code}: {worst.message}{more}"
        ET.SubElement(case, "failure", type=worst.severity, message=message).text = "\n\n".join(map(_told, findings))
    return case


def _skipped(host: Host, venv: str, finding: Finding) -> ET.Element:
    case = _case(host, f"{venv or HOST_WIDE}: {finding.code}: {finding.subject}")
    if finding.suppressed is not None:
        message = f"suppressed until {finding.suppressed.until}: {finding.suppressed.reason}"
        ET.SubElement(case, "skipped", message=message).text = _told(finding)
    return case


def _told(finding: Finding) -> str:
    head = [f"{finding.severity}: {finding.code}: {finding.subject}", f"  {finding.message}"]
    return "\n".join([*head, *(f"  | {line}" for line in finding.evidence), f"  {finding.remedy}"])
