# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is approved, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.baseline import check_baseline, parse_baseline
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused

VENV, BUNDLE = "/opt/netops/app/.venv", "ab" * 32


def codes(version: str, bundle: str, *entries: dict[str, Any]) -> list[str]:
    return [finding.code for finding in check_baseline(VENV, version, bundle, parse_baseline(entries))]


def test_no_baseline_approves_everything() -> None:
    assert codes("3.11.7", BUNDLE) == []
    assert codes("3.11.7", BUNDLE, {"venv": "/srv/*", "versions": ["3.9.1"]}) == []


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"versions": ["3.11.7"]}, []),
        ({"versions": ["3.9.1", "3.11.*"], "venv": None}, []),
        ({"versions": ["3.11"]}, ["interpreter-not-approved"]),
        ({"bundles": [BUNDLE[:8].upper()]}, []),
        ({"bundles": ["0" * 64]}, ["bundle-not-approved"]),
        ({"bundles": [BUNDLE[1:9]]}, ["bundle-not-approved"]),
        ({"versions": ["3.9.1"], "bundles": ["0" * 8]}, ["interpreter-not-approved", "bundle-not-approved"]),
    ],
)
def test_versions_and_bundles(entry: dict[str, Any], expected: list[str]) -> None:
    assert codes("3.11.7", BUNDLE, entry) == expected


def test_what_nothing_says_is_not_approved() -> None:
    assert codes("", "", {"versions": ["3.11.*"], "bundles": ["0" * 8]}) == [
        "interpreter-not-approved",
        "bundle-not-approved",
    ]


def test_the_first_entry_that_fits_counts() -> None:
    special = {"venv": "/opt/netops/app/*", "versions": ["3.11.7"]}
    assert codes("3.11.7", BUNDLE, special, {"versions": ["3.9.1"]}) == []
    assert codes("3.11.7", BUNDLE, {"versions": ["3.9.1"]}, special) == ["interpreter-not-approved"]


def test_all_that_is_wrong_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        parse_baseline([{"venv": "/opt/*"}, {"bundles": ["abc", "not hex at all"]}])
    assert len(caught.value.problems) == 3
