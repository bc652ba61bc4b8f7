# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit import audit
from ansible_collections.netdevops.python.plugins.module_utils.audit.catalogue import CATALOGUE
from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import (
    ENDS_SOON,
    NOT_APPROVED,
    SCHEMA,
    SEVERITIES,
    Fleet,
    by_severity,
    days_left,
    read_fleet,
)
from ansible_collections.netdevops.python.plugins.plugin_utils.report.plain import render_json
from ansible_collections.netdevops.python.plugins.plugin_utils.report.summary import (
    ALONE,
    APART,
    MOST,
    UNAPPROVED,
    UNMANAGED,
    by_path,
    standing,
    summarise,
)
from ansible_collections.netdevops.python.tests.unit.support.fleets import (
    environment,
    finding,
    fleet,
    identifier,
    nasty,
    report,
)

VENV = "/opt/netops/netcheck/.venv"


def read(**reports: Any) -> Fleet:
    return read_fleet(reports, "Test")


def test_a_report_is_read_as_it_is_and_out_of_the_result_of_a_task() -> None:
    own = report([environment()], [finding("environment-drifted", "high", VENV)])
    plain, wrapped = read(a=own, b={"changed": False, "audit": own}).hosts
    assert plain.answered and plain._replace(name="b") == wrapped
    (found,) = plain.environments
    assert (found.venv, found.bundle, found.age_days, found.size) == (VENV, identifier("netcheck", 7), 19, 73_400_320)
    assert plain.findings_of(VENV) == plain.findings and plain.findings_of("") == ()
    assert plain.end_of_life("3.11.7") == "2027-10-31" and plain.end_of_life("2.7.18") == ""


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, "it sent no report"),
        ("", "it sent no report"),
        ("it was switched off", "it was switched off"),
        ({}, "it sent no report"),
        ({"failed": True, "msg": "sudo: a password is required"}, "sudo: a password is required"),
        ({"unreachable": True, "msg": "timed out"}, "it could not be reached: timed out"),
        ({"unreachable": True}, "it could not be reached"),
        ({"schema": 2}, "its report is of schema 2, and this page reads schema 1"),
        ({"changed": False, "audit": {"schema": "1"}}, "its report is of schema 1, and this page reads schema 1"),
        ([1, 2], "it sent no report"),
        (7, "it sent no report"),
    ],
)
def test_a_host_without_an_answer_is_not_clean(answer: Any, problem: str) -> None:
    (host,) = read(a=answer).hosts
    assert not host.answered and host.problem == problem
    assert summarise(read(a=answer)).unanswered == 1


def test_hosts_and_environments_by_name_findings_by_gravity() -> None:
    found = [
        finding("d", "low"),
        finding("c", "critical", suppressed={"reason": "r", "until": "u"}),
        finding("b", "critical"),
        finding("a", "critical"),
        finding("e", "nobody knows this"),
    ]
    read_in = read(**{"e-10": report(findings=found), "e-2": report([environment("p-10"), environment("p-9")])})
    assert [host.name for host in read_in.hosts] == ["e-2", "e-10"]
    assert [one.venv.split("/")[3] for one in read_in.hosts[0].environments] == ["p-9", "p-10"]
    assert [one.code for one in read_in.hosts[1].findings] == ["a", "b", "e", "d", "c"]
    assert by_severity(read_in.findings) == {"critical": 3, "high": 0, "medium": 0, "low": 1}


def test_a_finding_about_an_unknown_environment_is_the_hosts() -> None:
    (host,) = read(a=report([environment()], [finding("x", "low", "/elsewhere")])).hosts
    assert [one.code for one in host.findings_of("")] == ["x"]


def test_whatever_a_host_sends_is_read() -> None:
    assert len(read_fleet(nasty(), "</title>").hosts) == len(nasty())


@pytest.mark.parametrize(
    ("day", "at", "left"),
    [
        ("2026-11-21", "2026-11-20T17:00:00Z", 1),
        ("2026-11-20", "2026-11-20T17:00:00Z", 0),
        ("2025-11-20", "2026-11-20", -365),
        ("", "2026-11-20", None),
        ("soon", "2026-11-20", None),
        ("2026-11-20", "", None),
    ],
)
def test_days_left(day: str, at: str, left: int | None) -> None:
    assert days_left(day, at) == left


def test_who_is_on_which_bundle() -> None:
    old, new = environment(number=6), environment(number=7)
    own = environment("own")
    ordinary = environment("ordinary", kind="ordinary", bundle="")
    hosts = read(
        a=report([new, own]),
        b=report([new]),
        c=report([old]),
        d=report([old, ordinary], [finding("bundle-not-approved", "high", VENV)]),
        e=report([new]),
    )
    found = summarise(hosts)
    (first, *_others) = found.places
    assert first.venv == VENV
    assert [(share.bundle, share.hosts, share.unapproved) for share in first.shares] == [
        (new["bundle"], 3, 0),
        (old["bundle"], 2, 1),
    ]
    assert (found.environments, found.apart, found.unapproved) == (7, 1, 1)
    stands = [standing(host, one, by_path(found)) for host in hosts.hosts for one in host.environments]
    assert stands == [MOST, ALONE, MOST, APART, UNAPPROVED, UNMANAGED, MOST]


def test_what_is_no_bundle_is_never_what_most_have() -> None:
    none = environment(kind="ordinary", bundle="")
    hosts = read(a=report([none]), b=report([none]), c=report([environment()]))
    found = summarise(hosts)
    assert [share.hosts for share in found.places[0].shares] == [1, 2] and found.apart == 0


def test_the_numbers_of_a_fleet() -> None:
    found = summarise(read_fleet(fleet(500), "x"))
    assert (found.hosts, found.unanswered, found.environments) == (500, 6, 1490)
    assert (found.drifted, found.apart, found.unapproved, found.suppressed) == (14, 0, 13, 17)
    assert found.findings == {"critical": 24, "high": 45, "medium": 8, "low": 46}


def test_json_is_what_was_read_in_an_order_of_its_own() -> None:
    reports = fleet(50)
    once = render_json(read_fleet(reports, "Fleet"))
    assert once == render_json(read_fleet(dict(reversed(list(reports.items()))), "Fleet"))
    told = json.loads(once)
    assert told["schema"] == 1 and told["title"] == "Fleet" and told["audited_at"] == "2026-11-20T17:00:00Z"
    assert told["summary"]["hosts"] == 50 == len(told["hosts"])
    silent = [host for host in told["hosts"] if not host["answered"]]
    assert [host["name"] for host in silent] == ["par-edge-3"] and silent[0]["problem"]
    assert told["hosts"][0]["environments"][0]["bundle"] == identifier("bgp-linter", 7)


def test_json_of_whatever_a_host_sends() -> None:
    told = json.loads(render_json(read_fleet(nasty(), "x")).decode("utf-8"))
    assert len(told["hosts"]) == len(nasty())


def test_a_fleet_without_hosts() -> None:
    assert json.loads(render_json(read_fleet({}, "")))["hosts"] == [] and read_fleet({}, "").audited_at == ""


def test_what_the_report_knows_of_the_audit_is_what_the_audit_says() -> None:
    assert SCHEMA == audit.SCHEMA
    assert {ENDS_SOON, NOT_APPROVED} <= set(CATALOGUE)
    assert SEVERITIES[0] == "critical" and {entry.severity for entry in CATALOGUE.values()} <= set(SEVERITIES)
