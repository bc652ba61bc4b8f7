# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import read_fleet
from ansible_collections.netdevops.python.plugins.plugin_utils.report.junit import render_junit
from ansible_collections.netdevops.python.tests.unit.support.fleets import environment, finding, fleet, nasty, report

VENV = "/opt/netops/netcheck/.venv"
WHY = {"reason": "CHG0042", "until": "2027-01-31"}


def parsed(reports: dict[str, Any]) -> ET.Element:
    return ET.fromstring(render_junit(read_fleet(reports, "Fleet")))


def cases(suite: ET.Element) -> dict[str, str]:
    return {case.get("name", ""): case[0].tag if len(case) else "passed" for case in suite.findall("testcase")}


def test_a_suite_per_host_and_a_case_per_environment() -> None:
    found = [finding("environment-drifted", "high", VENV), finding("writable-by-others", "critical", VENV)]
    root = parsed({"a": report([environment(), environment("other")], found), "b": None})
    assert root.attrib == {
        "name": "Fleet",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "0",
        "time": "1.24",
    }
    first, second = root
    assert cases(first) == {"host": "passed", VENV: "failure", "/opt/netops/other/.venv": "passed"}
    assert first.get("timestamp") == "2026-11-20T17:00:00" and first.get("time") == "1.24"
    (failure,) = first.iter("failure")
    assert failure.get("type") == "critical"
    assert failure.get("message") == "critical: writable-by-others: about writable-by-others (and 1 more)"
    assert (
        failure.text
        and "  | a line\n  | another\n  Run the play" in failure.text
        and "environment-drifted" in failure.text
    )
    assert cases(second) == {"host": "error"} and second.get("timestamp") is None
    assert second[0][0].get("message") == "no answer: it sent no report"


def test_what_is_suppressed_is_skipped_with_its_reason() -> None:
    found = [
        finding("index-not-approved", "high", subject="/etc/pip.conf", suppressed=WHY),
        finding("x", "low", VENV, suppressed=WHY),
    ]
    (suite,) = parsed({"a": report([environment()], found)})
    skipped = {"host: index-not-approved: /etc/pip.conf": "skipped", f"{VENV}: x: {VENV}": "skipped"}
    assert cases(suite) == {"host": "passed", VENV: "passed", **skipped}
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "0", "2")
    assert [one.get("message") for one in suite.iter("skipped")] == ["suppressed until 2027-01-31: CHG0042"] * 2


def test_whatever_a_host_sends_is_xml() -> None:
    root = parsed(nasty())
    assert len(root) == len(nasty())
    assert {suite.get("name") for suite in root} >= {"</script><script>alert(1)</script>", "größer 日本 🐍"}


def test_the_same_fleet_gives_the_same_bytes() -> None:
    reports = fleet(60)
    other = dict(reversed(list(reports.items())))
    assert render_junit(read_fleet(reports, "x")) == render_junit(read_fleet(other, "x"))


def test_the_numbers_are_those_of_the_cases() -> None:
    root = parsed(fleet(200))
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(root.get(name, "")) == len(list(root.iter(tag))) > 0
        for suite in root:
            assert int(suite.get(name, "")) == len(list(suite.iter(tag)))
