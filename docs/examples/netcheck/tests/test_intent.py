# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories: from a file, from a source of truth, and those that are refused."""

from pathlib import Path

import httpx
import pytest
from conftest import edit

from netcheck.errors import Unreadable
from netcheck.intent import fetch, load


def test_a_misspelt_key_is_refused(sample: Path) -> None:
    edit(sample / "intent.yml", "min_prefixes: 1000", "min_prefix: 1000")
    with pytest.raises(Unreadable, match="min_prefix"):
        load(str(sample / "intent.yml"))


def test_a_source_of_truth_is_asked() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=request.url.path))
    assert fetch("https://cmdb.example/intent.yml", transport) == "/intent.yml"


def test_its_refusal_is_told() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(403))
    with pytest.raises(Unreadable, match=r"https://cmdb\.example/intent\.yml: .*403"):
        fetch("https://cmdb.example/intent.yml", transport)
