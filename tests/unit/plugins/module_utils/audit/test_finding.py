# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as the report has them."""

from __future__ import annotations

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding, counts, order, short_lines


def test_as_the_report_has_it() -> None:
    finding = Finding("environment-drifted", "/opt/a/.venv", ("edited: x",), "/opt/a/.venv", remark="known since May")
    said = finding.as_dict()
    assert list(said) == ["code", "severity", "subject", "venv", "message", "evidence", "remedy", "suppressed"]
    assert said["severity"] == "high"
    assert said["message"].endswith("; known since May")
    assert said["evidence"] == ["edited: x"]
    assert said["suppressed"] is None


def test_evidence_is_short() -> None:
    lines = short_lines([f"line {number}" for number in range(50)])
    assert (len(lines), lines[-1]) == (21, "and 30 more")
    assert len(short_lines(["x" * 1000])[0]) == 240
    assert short_lines(["a\udcff"]) == ["a\\udcff"]


def test_a_long_subject_keeps_both_ends() -> None:
    said = Finding("leftovers", "/opt" + "/n" * 2000 + "/end").as_dict()["subject"]
    assert len(said) == 400 and said.startswith("/opt/n") and said.endswith("/n/end") and "…" in said
    assert Finding("leftovers", "/" + "n" * 399).as_dict()["subject"] == "/" + "n" * 399


def test_the_gravest_comes_first_and_what_is_suppressed_does_not_count() -> None:
    known = {"reason": "so", "until": "2030-01-01"}
    low, high = Finding("leftovers", "/a"), Finding("pin-differs", "/b")
    assert sorted([low, high], key=order) == [high, low]
    assert counts([low, high, high._replace(suppressed=known)]) == {"critical": 0, "high": 1, "medium": 0, "low": 1}
    assert list(counts([])) == ["critical", "high", "medium", "low"]
