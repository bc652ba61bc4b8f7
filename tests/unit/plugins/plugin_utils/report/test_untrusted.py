# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools

import pytest

from ansible_collections.netdevops.python.plugins.plugin_utils.report import untrusted
from ansible_collections.netdevops.python.tests.unit.support.fleets import NASTY


@pytest.mark.parametrize("text", NASTY)
def test_what_cannot_be_seen_is_written_as_an_escape(text: str) -> None:
    found = untrusted.legible(text)
    assert found.encode("utf-8").decode("utf-8") == found
    assert all(one in "\n\t" or one.isprintable() for one in found)
    assert untrusted.legible(found) == found, "what is legible stays as it is"


def test_every_character_that_is_no_xml_is_gone() -> None:
    # https://www.w3.org/TR/xml/#charsets, without the carriage return, which a parser turns into a line feed
    legal = {9, 10, *range(0x20, 0xD800), *range(0xE000, 0xFFFE), *range(0x10000, 0x110000)}
    wrong = [number for number in range(0x110000) if number not in legal]
    assert not [number for number in wrong if untrusted.legible(chr(number)) == chr(number)]


def test_people_may_write_as_they_do() -> None:
    for text in ("größer", "日本語", "🐍 ok", "עברית", "naïve…", "a\nb\tc", ""):
        assert untrusted.legible(text) == text
    assert untrusted.one_line("a\nb\tc") == "a\\nb c"


def test_a_long_text_is_cut() -> None:
    assert len(untrusted.legible("x" * 10_000_000)) == untrusted.LONGEST
    assert untrusted.legible("x" * 10_000_000).endswith("x…")
    assert untrusted.legible("x" * untrusted.LONGEST) == "x" * untrusted.LONGEST


@pytest.mark.parametrize("value", [None, True, [], {}, b"bytes", object()])
def test_what_is_no_text_is_none(value: object) -> None:
    assert untrusted.legible(value) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        (3.9, 3),
        (0, 0),
        (-1, None),
        (True, None),
        ("3", None),
        (None, None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_numbers(value: object, expected: int | None) -> None:
    assert untrusted.count_or_none(value) == expected
    assert untrusted.count(value) == (expected or 0)


def test_a_number_that_is_too_large_is_cut() -> None:
    assert untrusted.count(10**5000) == untrusted.LARGEST == untrusted.count(1e300)
    assert untrusted.legible(10**5000) == str(untrusted.LARGEST) and untrusted.seconds(10**5000) == untrusted.LARGEST
    assert (
        untrusted.seconds(1.2345) == 1.23
        and untrusted.seconds(2) == 2.0
        and untrusted.seconds(float("nan")) == 0.0 == untrusted.seconds("x")
    )


def test_names_in_the_order_in_which_people_count() -> None:
    names = ["Edge-10", "edge-2", "edge-9a", "edge", "core-1", "edge-02", "10.0.0.9", "10.0.0.10", "٣", ""]
    ordered = sorted(names, key=untrusted.natural)
    assert ordered.index("edge-2") < ordered.index("Edge-10") and ordered.index("10.0.0.9") < ordered.index("10.0.0.10")
    for shuffled in itertools.islice(itertools.permutations(names), 500):
        assert sorted(shuffled, key=untrusted.natural) == ordered
