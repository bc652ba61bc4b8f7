# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pin and lock beside an environment."""

from __future__ import annotations

import hashlib
import os
import pathlib
from typing import Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.locks import check_lock, check_pin
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader

Put = Callable[..., pathlib.Path]
VENV = "/opt/app/.venv"


def pins(reader: Reader, is_ordinary: bool = False, version: str = "3.11.7") -> list[str]:
    return [finding.code for finding in check_pin(reader, VENV, version, is_ordinary)]


def test_a_release_has_its_pin_from_its_bundle(reader: Reader) -> None:
    assert pins(reader) == []


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "poetry.lock", "uv.lock", "pylock.toml", "setup.py", "requirements.txt"]
)
def test_a_project_needs_a_pin(reader: Reader, put: Put, name: str) -> None:
    put(f"/opt/app/{name}")
    [finding] = check_pin(reader, VENV, "3.11.7", False)
    assert (finding.code, finding.subject, finding.venv) == ("pin-missing", "/opt/app/.python-version", VENV)


def test_an_ordinary_environment_needs_a_pin(reader: Reader) -> None:
    assert pins(reader, is_ordinary=True) == ["pin-missing"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.11.7\n", []),
        ("3.11\n", ["pin-unreadable"]),
        ("3.11.7 3.9.1\n", ["pin-unreadable"]),
        ("", ["pin-unreadable"]),
        ("3.11.8\n", ["pin-differs"]),
    ],
)
def test_a_pin_that_is_there(reader: Reader, put: Put, text: str, expected: list[str]) -> None:
    put("/opt/app/.python-version", text)
    assert pins(reader) == expected


def test_of_an_unknown_version_nothing_differs(reader: Reader, put: Put) -> None:
    put("/opt/app/.python-version", "3.11.7\n")
    assert pins(reader, version="") == pins(reader, version="3.11") == []


def test_a_pin_that_cannot_be_read_is_not_missing(reader: Reader, put: Put, root: pathlib.Path) -> None:
    put("/opt/app/pyproject.toml")
    os.mkfifo(root / "opt/app/.python-version")
    assert pins(reader) == []
    assert "/opt/app/.python-version" in reader.unreadable


def test_lock(reader: Reader, put: Put) -> None:
    digest = hashlib.sha256(b"lock").hexdigest()
    assert not list(check_lock(reader, VENV, digest)), "there is none"
    put("/opt/app/poetry.lock", "lock")
    assert not list(check_lock(reader, VENV, digest))
    assert not list(check_lock(reader, VENV, "")), "an old receipt does not say"
    [finding] = check_lock(reader, VENV, "0" * 64)
    assert (finding.code, finding.subject) == ("lock-differs", "/opt/app/poetry.lock")
    put("/opt/app/uv.lock", "another")
    assert not list(check_lock(reader, VENV, digest)), "one of the two is it"


@pytest.mark.parametrize(
    "text", ["root:$y$secret:1:\ndaemon:*:1:\n", "hunter2", "3.11.7 hunter2", "12345678", "#hunter2"]
)
def test_nothing_of_a_file_that_is_no_pin_is_told(reader: Reader, put: Put, text: str) -> None:
    put("/opt/app/.python-version", text)
    [finding] = check_pin(reader, VENV, "3.11.7", True)
    assert not any(word in line for line in finding.evidence for word in ("secret", "hunter2", "root", "12345678"))
    count = len(text.split())
    assert finding.evidence[0].endswith(f"found {count} word{'' if count == 1 else 's'}")


def test_a_prefix_is_told(reader: Reader, put: Put) -> None:
    put("/opt/app/.python-version", "3.11\n")
    [finding] = check_pin(reader, VENV, "3.11.7", True)
    assert finding.evidence == ("expected one exact version such as 3.11.7, found 3.11",)
