# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for files whose digest is known: the right one, another one, and one that changes while it is read."""

from __future__ import annotations

import hashlib
import io
import os
import pathlib
import random
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import CHUNK
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.known_file import Known, opened_known

DATA = random.Random(7).randbytes(3 * CHUNK + 11)


@pytest.fixture
def known(tmp_path: pathlib.Path) -> Known:
    (tmp_path / "a").write_bytes(DATA)
    return Known(str(tmp_path / "a"), hashlib.sha256(DATA).hexdigest(), "the file", "Copy it again.", len(DATA))


READ: dict[str, Callable[[Any], bytes]] = {
    "at once": lambda stream: stream.read(),
    "in pieces": lambda stream: b"".join(iter(lambda: stream.read(1000), b"")),
    "line by line": b"".join,
    "as it comes": lambda stream: b"".join(iter(lambda: stream.read1(CHUNK + 7), b"")),
}


@pytest.mark.parametrize("way", READ)
def test_the_right_file_is_read_from_its_beginning(known: Known, way: str) -> None:
    with opened_known(known) as stream:
        assert READ[way](stream) == DATA
    with opened_known(known._replace(size=None)) as stream:
        assert stream.read(5) == DATA[:5]


def test_another_file_is_refused(known: Known, tmp_path: pathlib.Path) -> None:
    found = known.sha256
    for other, message in (
        (known._replace(size=8), f"the file: expected 8 bytes, found {len(DATA)}: it was cut short or changed. Copy"),
        (known._replace(sha256="0" * 64), f"the file: expected SHA-256 {'0' * 64}, found {found}."),
        (known._replace(path=str(tmp_path / "none")), "the file: cannot be read: No such file or directory."),
        (known._replace(path=str(tmp_path)), "the file: cannot be read: Is a directory."),
    ):
        with pytest.raises(Refused, match=message), opened_known(other):
            pass


def overwrite(path: str) -> None:
    with open(path, "r+b") as stream:
        stream.seek(2 * CHUNK)
        stream.write(b"EVIL")


CHANGES: dict[str, Callable[[str], None]] = {
    "overwritten": overwrite,
    "cut short": lambda path: os.truncate(path, CHUNK + 1),
    "grown": lambda path: pathlib.Path(path).write_bytes(DATA + b"x"),
}


@pytest.mark.parametrize("case", CHANGES)
@pytest.mark.parametrize("first", [0, 1, CHUNK])
@pytest.mark.parametrize("way", [*READ, "not to its end"])
def test_a_file_that_changes_in_its_place_is_refused(known: Known, case: str, first: int, way: str) -> None:
    """Its descriptor is open, and its digest was right."""

    def read() -> None:
        with opened_known(known) as stream:
            stream.read(first)
            CHANGES[case](known.path)
            READ.get(way, lambda stream: b"")(stream)

    with pytest.raises(Refused, match="the file: was changed while it was read"):
        read()


def test_another_file_that_takes_its_name_is_not_read(known: Known, tmp_path: pathlib.Path) -> None:
    (tmp_path / "b").write_bytes(b"evil")
    with opened_known(known) as stream:
        os.replace(tmp_path / "b", known.path)
        assert stream.read() == DATA


def test_it_is_read_forwards_alone(known: Known) -> None:
    with opened_known(known) as stream:
        stream.read(2 * CHUNK)
        assert not stream.seekable()
        with pytest.raises(io.UnsupportedOperation):
            stream.seek(0)


def test_an_error_of_the_reader_is_its_own(known: Known) -> None:
    with pytest.raises(KeyError), opened_known(known):
        raise KeyError("x")
