# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for the description beside an archive."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import canonical_json
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import (
    LARGEST,
    Description,
    description_from,
    is_archive_name,
    is_prefix,
    parse_description,
)
from ansible_collections.netdevops.python.tests.unit.support.interpreters import make_archive


@pytest.fixture
def described(tmp_path: pathlib.Path) -> Description:
    return make_archive(
        tmp_path,
        libraries=("libssl.so.3", "libz.so.1"),
        optional=("libtk8.6.so",),
        configure_opts=("--enable-shared", "--with-lto"),
        relocate=("bin/pip", "lib/pkgconfig/python3.pc"),
        without=("tests",),
        tree="a" * 64,
        patches=("b" * 64, "a" * 64),
    ).description


def refusal(plain: Any) -> str:
    with pytest.raises(Refused) as caught:
        description_from(plain, "a.json")
    assert caught.value.problems[0].subject == "a.json"
    return caught.value.problems[0].message


def test_a_description_is_read_as_it_was_written(described: Description) -> None:
    assert parse_description(described.encode(), "a.json") == described
    assert description_from(json.loads(json.dumps(described.as_dict())), "a.json") == described
    assert described.parsed_target.libc_version == (2, 28)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "3.11"),
        ("version", "3.11.7/../.."),
        ("implementation", "pypy"),
        ("target", "cp311-win_amd64"),
        ("arch", "riscv64"),
        ("libc", "uclibc"),
        ("libc_version", "2.x"),
        ("libc_version", 2.28),
        ("libraries", "libssl.so.3"),
        ("libraries", ["../libssl.so.3"]),
        ("libraries", ["libz.so.1", "libssl.so.3"]),
        ("libraries", ["libz.so.1", "libz.so.1"]),
        ("libraries", [f"lib{number:06}.so" for number in range(10_001)]),
        ("prefix", "opt"),
        ("prefix", "/"),
        ("prefix", "/opt/../etc"),
        ("prefix", "/opt/a b"),
        ("prefix", ""),
        ("configure_opts", ["a\nb"]),
        ("configure_opts", [1]),
        ("relocate", ["/etc/passwd"]),
        ("relocate", ["a/../../b"]),
        ("relocate", ["a\x00b"]),
        ("relocate", [""]),
        ("kind", "conda"),
        ("tree", "abc"),
        ("file", "../a.tar.gz"),
        ("file", "a/b.tar.gz"),
        ("file", ".a.tar.gz"),
        ("file", "a.tar.xz"),
        ("sha256", "A" * 64),
        ("size", 0),
        ("size", True),
        ("size", "12"),
        ("size", 1 << 41),
        ("unpacked", -1),
        ("patches", ["abc"]),
        ("version", None),
    ],
)
def test_a_field_that_it_cannot_be_is_refused(described: Description, field: str, value: Any) -> None:
    assert refusal({**described.as_dict(), field: value}).startswith(f"{field} cannot be ")


def test_a_refusal_shows_no_more_of_a_value_than_is_read(described: Description) -> None:
    assert len(refusal({**described.as_dict(), "prefix": "x" * 100_000})) < 120


@pytest.mark.parametrize(
    ("field", "value"),
    [("arch", "aarch64"), ("libc", "musl"), ("libc_version", "2.34"), ("version", "3.12.1")],
)
def test_fields_that_contradict_the_target_are_refused(described: Description, field: str, value: str) -> None:
    assert refusal({**described.as_dict(), field: value}).startswith("contradicts itself: its target is cp311-")


def test_missing_unknown_and_newer_fields_are_refused(described: Description) -> None:
    plain = described.as_dict()
    assert refusal({**plain, "colour": 1}) == "has fields missing or unknown: colour."
    assert refusal({key: plain[key] for key in plain if key != "size"}) == "has fields missing or unknown: size."
    assert refusal({**plain, "schema": 2}) == "has schema 2, this version reads 1."
    assert refusal([]) == refusal(None) == "is no description of an archive."


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b"[" * 100_000, b"null\n", b"[]\n", b'"x"\n', b" " * (LARGEST + 1)]
)
def test_what_is_no_description_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        parse_description(data, "a.json")


def test_an_edited_description_is_refused(described: Description) -> None:
    text = described.encode()
    for edited in (text + b"\n", text.replace(b":", b": "), text[:-1], b'{"schema":1,' + text[1:]):
        with pytest.raises(Refused, match=r"was edited|cut short"):
            parse_description(edited, "a.json")
    with pytest.raises(Refused, match="missing or unknown"):
        parse_description(canonical_json({"schema": 1}), "a.json")


@pytest.mark.parametrize("name", ["a.tar.gz", "cpython-3.11.7+20240107-x86_64-unknown-linux-gnu-install_only.tar.gz"])
def test_names_of_archives(name: str) -> None:
    assert is_archive_name(name)


@pytest.mark.parametrize(
    ("path", "fits"), [("/opt/py.3_1-x+", True), ("/opt/py/", False), ("/o\udcffx", False), (7, False)]
)
def test_prefixes(path: Any, fits: bool) -> None:
    assert is_prefix(path) is fits
