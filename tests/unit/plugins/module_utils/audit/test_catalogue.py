# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of codes, and the page that explains them."""

from __future__ import annotations

import re

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.catalogue import (
    CATALOGUE,
    SEVERITIES,
)
from ansible_collections.netdevops.python.tests.unit.support.audit_table import PAGE, page_with


@pytest.mark.parametrize("code", CATALOGUE)
def test_each_code_says_everything(code: str) -> None:
    entry = CATALOGUE[code]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+|unreadable|leftovers", code)
    assert entry.severity in SEVERITIES
    assert all(entry)
    assert entry.means.endswith(".")
    assert entry.remedy.endswith(".")
    assert not entry.title.endswith(".")
    assert "|" not in "".join(entry), "it is a row of a table"


def test_the_gravest_is_the_last() -> None:
    assert list(SEVERITIES) == ["low", "medium", "high", "critical"]


def test_the_page_has_the_table_of_today() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page_with(text), f"run {PAGE.parents[1]}/tests/unit/support/audit_table.py"
