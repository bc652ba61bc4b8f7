# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings that are known, for a reason and until a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding, counts
from ansible_collections.netdevops.python.plugins.module_utils.audit.suppressions import parse_suppressions, suppress
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused

TODAY = dt.date(2026, 11, 20)
FINDING = Finding("environment-unmanaged", "/opt/legacy/venv")


def entry(**changes: Any) -> dict[str, Any]:
    plain = {
        "code": "environment-unmanaged",
        "subject": "/opt/legacy/*",
        "reason": "moves soon",
        "until": "2026-11-20",
        "host": None,
    }
    return {**plain, **changes}


def after(*entries: dict[str, Any], host: str = "ams-1") -> tuple[Finding, list[str]]:
    found, notes = suppress([FINDING], parse_suppressions(entries), host, TODAY)
    return found[0], notes


@pytest.mark.parametrize(
    "changes", [{}, {"subject": "/opt/legacy/venv"}, {"host": "ams-*"}, {"until": dt.date(2030, 1, 1)}]
)
def test_what_is_covered_stays_and_does_not_count(changes: dict[str, Any]) -> None:
    found, notes = after(entry(**changes))
    assert found.suppressed is not None
    assert found.suppressed["reason"] == "moves soon"
    assert not any(counts([found]).values())
    assert notes == []


@pytest.mark.parametrize("changes", [{"subject": "/opt/legacy"}, {"code": "pin-missing"}])
def test_what_covers_nothing_is_told(changes: dict[str, Any]) -> None:
    found, notes = after(entry(**changes))
    assert found.suppressed is None
    assert len(notes) == 1
    assert "covers nothing" in notes[0]


def test_one_of_another_host_is_not_told() -> None:
    found, notes = after(entry(host="fra-*"))
    assert (found.suppressed, notes) == (None, [])


def test_after_its_last_day_the_finding_counts_again_and_says_so() -> None:
    found, notes = after(entry(until="2026-11-19"))
    assert found.suppressed is None
    assert found.as_dict()["message"].endswith("its suppression ended on 2026-11-19 (moves soon)")
    assert counts([found])["medium"] == 1
    assert notes == []


def test_the_later_of_two_counts() -> None:
    found, _notes = after(entry(until="2026-01-01"), entry(until="2027-01-01", reason="longer"))
    assert found.suppressed == {"reason": "longer", "until": "2027-01-01"}


FOLDER = "/usr/local/lib/python3.11/dist-packages"


def with_evidence(*lines: str, known: list[list[str] | None], **changes: Any) -> Finding:
    same = {"code": "system-package-foreign", "subject": FOLDER, **changes}
    parsed = parse_suppressions([entry(evidence=lines, **same) for lines in known])
    found, notes = suppress([Finding("system-package-foreign", FOLDER, lines)], parsed, "ams-1", TODAY)
    assert notes == [], "it is about this finding"
    return found[0]


@pytest.mark.parametrize(
    "known",
    [[None], [[]], [["requests-*", "idna [[]old]"]], [["requests-2.31", "idna [old]"]], [["requests-*"], ["idna*"]]],
)
def test_evidence_that_is_known_is_covered(known: list[list[str] | None]) -> None:
    found = with_evidence("requests-2.31", "idna [old]", known=known)
    assert found.suppressed is not None


def test_evidence_beyond_what_is_known_counts_again_and_is_named() -> None:
    found = with_evidence("requests-2.31", "evil-1", "evil-2", known=[["requests-*"]])
    assert found.suppressed is None
    assert counts([found])["high"] == 1
    assert found.as_dict()["message"].endswith("; beyond its suppression: evil-1 and 1 more")
    assert with_evidence("evil-1", known=[["requests-*"], None]).suppressed is not None


def test_what_several_cover_together_is_over_with_the_first_of_them() -> None:
    parsed = parse_suppressions(
        [
            entry(evidence=["a"], until="2027-01-01", reason="one"),
            entry(evidence=["b"], until="2026-12-01", reason="two"),
        ]
    )
    [found], _notes = suppress([FINDING._replace(evidence=("a", "b"))], parsed, "ams-1", TODAY)
    assert found.suppressed == {"reason": "two", "until": "2026-12-01"}
    [found], _notes = suppress([FINDING._replace(evidence=("a", "b"))], parsed, "ams-1", dt.date(2026, 12, 24))
    assert found.suppressed is None and found.remark == "beyond its suppression: b"


def test_all_bad_ones_are_refused_together() -> None:
    bad = [
        entry(code="no-such"),
        entry(subject=" "),
        entry(reason=""),
        entry(until="soon"),
        entry(until="2026-02-30"),
        entry(),
    ]
    bad += [entry(until="20270101"), {}]
    with pytest.raises(Refused) as caught:
        parse_suppressions(bad)
    numbers = [problem.subject.rpartition(" ")[2] for problem in caught.value.problems]
    assert numbers == ["1", "2", "3", "4", "5", "7", "8", "8", "8", "8"]
