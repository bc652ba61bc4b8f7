# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and passwords of private indexes: handed over in variables, and shown nowhere."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Unheard
from ansible_collections.netdevops.python.plugins.module_utils.poetry.sources import (
    Scrubber,
    Source,
    collisions,
    environment,
    parse_sources,
)

PASSWORD = 's3c/r+t "pä\\s'
SOURCE = Source("my-company.eu", "ann", PASSWORD)


def given(name: Any = "internal", user: Any = "ann", password: Any = "s3cret") -> dict[str, Any]:
    return {"name": name, "user": user, "password": password}


def test_a_name_becomes_variables_as_poetry_makes_them() -> None:
    assert environment([SOURCE]) == {
        "POETRY_HTTP_BASIC_MY_COMPANY_EU_USERNAME": "ann",
        "POETRY_HTTP_BASIC_MY_COMPANY_EU_PASSWORD": PASSWORD,
    }


def test_they_are_read_in_order() -> None:
    assert parse_sources([given("b"), given("a", "__token__")]) == (
        Source("b", "ann", "s3cret"),
        Source("a", "__token__", "s3cret"),
    )
    assert parse_sources([]) == ()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([given(password=None)], "expected a password, found none"),
        ([given(user="", password="")], "expected a user and a password, found none"),
        ([given(name="")], "sources, number 1: expected a name"),
        ([given(user="a:b")], "without colons"),
        ([given(password="s3cret\n")], "a file that is read ends with one"),
        ([given(password="s3cret€")], "letters that Poetry cannot send"),
        ([given(name="a=b")], "found what can be none"),
        ([{**given(), "url": "https://ann:x@index.invalid/"}], "expected its url as http:// or https:// without user"),
        ([{**given(), "url": "ftp://index.invalid/"}], "expected its url as http:// or https:// without user"),
        ([given(), given()], "is given twice"),
        ([given("my.repo"), given("My-Repo")], "is the same to Poetry as 'my.repo'"),
        ([given(user=""), given("b", password="")], "2 problems"),
    ],
)
def test_what_cannot_be_used_is_refused_without_the_password(options: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_sources(options)
    assert words in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_two_names_of_one_variable_are_found() -> None:
    assert collisions(["a", "b", "a"]) == []
    assert [problem.subject for problem in collisions(["a.b", "c", "A-B", "a_b"])] == ["source 'A-B'", "source 'a_b'"]


def test_a_source_shows_no_password() -> None:
    assert PASSWORD not in f"{SOURCE!r} {[SOURCE]}"


@pytest.mark.parametrize(
    "form",
    [
        PASSWORD,
        quote(PASSWORD),
        quote(PASSWORD, safe=""),
        quote(PASSWORD, safe="").lower(),
        json.dumps(PASSWORD),
        json.dumps(PASSWORD, ensure_ascii=False),
        repr(PASSWORD),
        base64.b64encode(PASSWORD.encode()).decode(),
        base64.b64encode(f"ann:{PASSWORD}".encode()).decode(),
        base64.b64encode(f"ann:{PASSWORD}".encode("latin-1")).decode(),
        base64.urlsafe_b64encode(f"ann:{PASSWORD}".encode()).decode(),
        f"https://ann:{quote(PASSWORD, safe='')}@index.invalid/simple/",
    ],
)
def test_no_form_of_a_password_gets_through(form: str) -> None:
    clean = Scrubber([SOURCE]).text(f"before {form} after")
    assert clean.startswith("before ")
    assert clean.endswith(" after")
    left = (
        clean.replace("before ", "").replace(" after", "").replace("https://", "").replace("@index.invalid/simple/", "")
    )
    assert left.strip("\"'=") == "********"


def test_what_urls_hold_of_anybody_goes_too() -> None:
    clean = Scrubber([]).text("see https://bob:hunter2@x.invalid/a and ssh://git@y.invalid, mail a@b.invalid")
    assert clean == "see https://********@x.invalid/a and ssh://********@y.invalid, mail a@b.invalid"


@pytest.mark.parametrize(
    "url", ["https://bob:p@ss/w0rd@x.invalid/a", "https://p/w@rd@x.invalid/a", "https://b:p@:@x.invalid/a"]
)
def test_of_a_password_that_a_url_does_not_quote_nothing_is_left(url: str) -> None:
    assert (
        Scrubber([]).text(f"see '{url}', or ask b@c.invalid")
        == "see 'https://********@x.invalid/a', or ask b@c.invalid"
    )


def test_a_password_within_a_longer_one_leaves_no_rest() -> None:
    scrubber = Scrubber([Source("a", "u", "abc"), Source("b", "u", "abcdef")])
    assert scrubber.text("abcdef abc") == "******** ********"


def test_a_refusal_is_cleaned_and_stays_of_its_kind() -> None:
    clean = Scrubber([SOURCE]).refused(Unheard([Problem(PASSWORD, f"found {PASSWORD}", PASSWORD)]))
    assert isinstance(clean, Unheard)
    assert clean.problems == (Problem("********", "found ********", "********"),)
