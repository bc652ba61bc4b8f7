# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked, and what is refused before any look at the host."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.guard.options import ARGUMENTS, Asked, asked, secrets

INDEX = "https://pypi.example.net/simple"


def ask(**options: Any) -> Asked:
    return asked({**{name: one.get("default") for name, one in ARGUMENTS.items()}, **options})


def test_an_empty_text_is_not_given() -> None:
    empty = ask(notice="", contact="", index_url="", extra_index_urls=[""], cert="", roots=[""], interpreters=[""])
    assert empty == ask(roots=[])
    assert ask(notice=None, contact=None, index_url=None, extra_index_urls=None, cert=None) == ask()
    assert ask(notice="a\r\nb\n").notice == "a\nb"


@pytest.mark.parametrize(
    ("url", "flaw"),
    [
        ("https://ada:hunter2@pypi.example.net/simple", "holds a user or a password"),
        ("https://ada@pypi.example.net/simple", "holds a user or a password"),
        ("file://ada:hunter2@/srv/simple", "holds a user or a password"),
        ("https://pypi.example.net/simple?key=hunter2", "has a part after"),
        ("https://pypi.example.net/simple#hunter2", "has a part after"),
        ("http://pypi.example.net/simple", "is not encrypted"),
        ("ftp://pypi.example.net/hunter2", "expected https, or file"),
        ("pypi.example.net/hunter2", "expected the URL of an index"),
        ("https:///hunter2", "expected the URL of an index"),
        ("https://[hunter2", "expected the URL of an index"),
        ("https://pypi.example.net/hunter2\n[install]", "expected the URL of an index"),
        ("https://pypi.example.net/hun ter2", "expected the URL of an index"),
        ("https://bücher.example/hunter2", "expected the URL of an index"),
    ],
)
def test_a_bad_url_is_refused_and_never_told(url: str, flaw: str) -> None:
    for options in ({"index_url": url}, {"index_url": INDEX, "extra_index_urls": [url]}):
        with pytest.raises(Refused, match=flaw) as caught:
            ask(**options)
        assert "hunter2" not in str(caught.value) and "example/" not in str(caught.value)
    assert secrets({"index_url": url}) == ({url} if "@" in url or "?" in url else set())


@pytest.mark.parametrize(
    "url", [INDEX, "file:///srv/simple", "http://localhost:8080/s", "http://127.0.0.1/s", "http://[::1]/s"]
)
def test_a_good_url_is_taken(url: str) -> None:
    assert ask(index_url=url, extra_index_urls=[INDEX, INDEX]).sources[:2] == (url, (INDEX,))


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Refused) as caught:
        ask(
            notice="one\x1b[31m",
            contact="two\nlines",
            no_index=True,
            index_url=INDEX,
            cert="certs.pem",
            timeout=-1,
            roots=["pyenv", "/"],
            interpreters=["python3"],
            config="pip.conf",
            uv_config="/etc/\nuv.toml",
        )
    assert [problem.subject for problem in caught.value.problems] == [
        *("notice", "contact", "no_index", "cert", "timeout"),
        *("roots", "roots", "interpreters", "config", "uv_config"),
    ]


def test_further_indexes_alone_would_leave_pypi_in() -> None:
    with pytest.raises(Refused, match="would stand beside PyPI"):
        ask(extra_index_urls=[INDEX])


@pytest.mark.parametrize("notice", ["fine\n  # gone", "; gone", "x" * 4001, "tab\there"])
def test_a_notice_that_would_not_be_shown_is_refused(notice: str) -> None:
    with pytest.raises(Refused, match="notice"):
        ask(notice=notice)
