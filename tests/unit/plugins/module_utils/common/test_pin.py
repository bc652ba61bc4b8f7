# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import parse_pin, parse_version, read_pin


@pytest.mark.parametrize("version", ["3.11.7", "3.9.0", "3.14.0rc1", "3.15.0a12", "3.0.1", "3.13.0b3"])
def test_an_exact_version_is_itself(version: str) -> None:
    assert parse_version(version, "there") == version


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3.11",
        "3",
        "2.7.18",
        "3.11.7 ",
        "3.11.7\n",
        "v3.11.7",
        "pypy3.10-7.3.12",
        "3.011.7",
        "3.11.07",
        "3.11.7-dev",
        "3.11.7rc",
        "3.11.7.1",
        "system",
        "٣.11.7",
    ],
)
def test_anything_else_is_refused_and_shown(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_version(text, "there")
    assert (
        str(caught.value)
        == f"there: expected an exact CPython version such as 3.11.7, found {text!r}. Write the three numbers."
    )


@pytest.mark.parametrize("text", ["3.11.7", "3.11.7\n", "\n  3.11.7  \r\n\n"])
def test_blank_lines_and_spaces_around_a_pin_are_nothing(text: str) -> None:
    assert parse_pin(text, "there") == "3.11.7"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "found nothing"),
        (" \n\n", "found nothing"),
        ("# ours\n3.11.7\n", "found a comment"),
        ("3.11.7 # ours\n", "found a comment"),
        ("3.11.7\n3.9.18\n", "found several: 3.11.7, 3.9.18"),
        ("3.11.7 3.9.18\n", "found several: 3.11.7, 3.9.18"),
        ("3.11\n", "found '3.11'"),
    ],
)
def test_what_is_no_pin_is_refused(text: str, found: str) -> None:
    with pytest.raises(Refused, match=found) as caught:
        parse_pin(text, "app/.python-version")
    assert caught.value.problems[0].subject == "app/.python-version"
    assert caught.value.problems[0].next_step


def test_a_pin_is_read_from_its_file_or_its_folder(tmp_path: pathlib.Path) -> None:
    pin = tmp_path / ".python-version"
    pin.write_text("3.11.7\n")
    assert read_pin(str(pin)) == read_pin(str(tmp_path)) == "3.11.7"


def test_a_missing_file_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Refused) as caught:
        read_pin(str(tmp_path))
    assert str(caught.value).startswith(f"{tmp_path}/.python-version: expected a pin file, found none.")


@pytest.mark.parametrize("data", [b"3.11.7\xff", b"\xfe\xff\x003"])
def test_a_file_that_is_no_text_is_refused(tmp_path: pathlib.Path, data: bytes) -> None:
    (tmp_path / "pin").write_bytes(data)
    with pytest.raises(Refused, match="cannot be read"):
        read_pin(os.path.join(str(tmp_path), "pin"))


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / ".python-version").mkdir()
    with pytest.raises(Refused, match="cannot be read"):
        read_pin(str(tmp_path))
