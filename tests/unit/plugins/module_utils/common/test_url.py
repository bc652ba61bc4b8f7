# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.url import split_url


@pytest.mark.parametrize("url", ["https://host:port/", "https://host:0/", "https://host:70000/", "https://[host/"])
def test_what_is_no_url_has_no_parts(url: str) -> None:
    assert split_url(url) is None


def test_of_a_url_they_are_those_of_the_library() -> None:
    parts = split_url("https://index.example.net:8443/simple/")
    assert parts is not None
    assert (parts.scheme, parts.hostname, parts.port, parts.path) == ("https", "index.example.net", 8443, "/simple/")
