# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of life of interpreters."""

from __future__ import annotations

import datetime as dt
import json
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.eol import (
    Interpreter,
    check_lifetimes,
    end_of,
    parse_lifetimes,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused

DATES = {"3.8": {"end_of_life": "2024-10-07", "source": "somebody"}, "3.11": {"end_of_life": "2027-10-31"}}
ROLE = pathlib.Path(__file__).absolute().parents[5] / "roles/audit/files/end_of_life.json"


def said(version: str, today: str, distribution: bool = False, **more: Any) -> list[tuple[str, tuple[str, ...]]]:
    one = Interpreter("/opt/pyenv/versions/x", version, **more)
    day = dt.date.fromisoformat(today)
    found = check_lifetimes([one], parse_lifetimes(DATES), day, 180, distribution)
    return [(finding.code, finding.evidence) for finding in found]


@pytest.mark.parametrize(
    ("version", "today", "code"),
    [
        ("3.8.18", "2024-10-07", "interpreter-end-of-life-soon"),
        ("3.8.18", "2024-10-08", "interpreter-end-of-life"),
        ("3.8", "2024-10-08", "interpreter-end-of-life"),
        ("3.11.7", "2027-05-05", "interpreter-end-of-life-soon"),
        ("3.99.0", "2024-01-01", "interpreter-end-of-life-unknown"),
        ("", "2024-01-01", "interpreter-end-of-life-unknown"),
    ],
)
def test_by_day(version: str, today: str, code: str) -> None:
    assert [one for one, _lines in said(version, today)] == [code]


def test_in_time_nothing_is_said() -> None:
    assert said("3.11.7", "2027-05-04") == []


def test_evidence_names_day_source_and_environments() -> None:
    [(_code, lines)] = said("3.8.1", "2025-01-01", venvs=("/opt/a/.venv",))
    assert lines == ("Python 3.8.1: supported until 2024-10-07 (somebody)", "/opt/a/.venv stands on it")


def test_the_distribution_looks_after_its_own() -> None:
    assert said("3.8.10", "2025-01-01", is_distribution=True) == []
    assert len(said("3.8.10", "2025-01-01", distribution=True, is_distribution=True)) == 1


def test_without_a_list_nothing_is_judged() -> None:
    assert not list(check_lifetimes([Interpreter("/x", "2.7.18")], {}, dt.date(2030, 1, 1), 0, True))


def test_all_that_is_wrong_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        parse_lifetimes(
            {"3.9": "2025-10-31", "three": {"end_of_life": "2025-10-31"}, "3.1": {"end_of_life": "October"}, "3.2": {}}
        )
    assert len(caught.value.problems) == 4


def test_the_list_of_the_role() -> None:
    plain = json.loads(ROLE.read_text(encoding="utf-8"))
    lifetimes = parse_lifetimes(plain)
    assert {f"3.{minor}" for minor in range(6, 15)} <= lifetimes.keys()
    assert all(one.source.startswith("https://") for one in lifetimes.values())
    found = end_of("3.9.2", lifetimes)
    assert found is not None
    assert str(found.end) == "2025-10-31"
